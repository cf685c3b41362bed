"""Which fault cost which partition its owner, and for how long."""
import unittest
from dataclasses import dataclass

from recovery import recoveries


@dataclass
class Struck:
    kind: str
    began: float
    ended: float | None = None
    is_clean: bool = False

    @property
    def speaks_until(self):
        return self.ended or self.began


def messages(partition, epoch, *arrivals, late=0):
    """Said at these times, and heard so much later."""
    return [(arrival + late, partition, epoch, arrival) for arrival in arrivals]


class RecoveryTests(unittest.TestCase):
    def test_from_the_fault_to_the_first_message_of_the_new_owner(self):
        timeline = messages(0, 1, 8.0, 9.9, 10.1) + messages(0, 2, 11.5, 12.0)
        self.assertEqual(recoveries([Struck("kill", 10.0)], timeline), ({"kill": [1.5]}, 0))

    def test_a_partition_that_went_on_was_not_struck(self):
        timeline = messages(0, 1, 8.0, 9.9) + messages(0, 2, 11.5) + messages(1, 1, 8.0, 9.9, 10.5, 11.0, 12.0)
        self.assertEqual(recoveries([Struck("kill", 10.0)], timeline), ({"kill": [1.5]}, 0))

    def test_a_change_long_after_a_fault_is_a_hand_over(self):
        timeline = messages(0, 1, 9.0, 13.9) + messages(0, 2, 14.0)
        self.assertEqual(recoveries([Struck("kill", 10.0)], timeline), ({}, 1))

    def test_the_first_of_two_faults_is_the_cause(self):
        timeline = messages(0, 1, 9.9) + messages(0, 2, 13.0)
        faults = [Struck("freeze", 11.0), Struck("kill", 10.0)]
        self.assertEqual(recoveries(faults, timeline), ({"kill": [3.0]}, 0))

    def test_who_stops_in_order_is_away_from_its_last_message_on(self):
        timeline = messages(0, 1, 9.9, 12.0) + messages(0, 2, 12.5)
        self.assertEqual(recoveries([Struck("stop", 10.0, ended=13.0, is_clean=True)], timeline), ({"stop": [0.5]}, 0))

    def test_an_owner_that_has_not_noticed_yet(self):
        timeline = messages(0, 1, 9.9, 13.0) + messages(0, 2, 21.0)
        self.assertEqual(recoveries([Struck("hold up", 10.0, ended=20.0)], timeline), ({"hold up": [11.0]}, 0))

    def test_a_fault_that_has_cost_nothing_is_not_the_cause(self):
        timeline = messages(0, 1, 9.9, 14.9) + messages(0, 2, 16.0)
        faults = [Struck("hold up", 10.0, ended=20.0), Struck("kill", 15.0)]
        self.assertEqual(recoveries(faults, timeline), ({"kill": [1.0]}, 0))

    def test_late_messages_of_an_old_owner_change_nothing(self):
        timeline = messages(0, 1, 9.9) + messages(0, 2, 11.0, 12.0) + messages(0, 1, 11.5)
        self.assertEqual(recoveries([Struck("kill", 10.0)], timeline), ({"kill": [1.0]}, 0))

    def test_a_queue_that_was_away_tells_late_of_the_old_owner(self):
        timeline = messages(0, 1, 9.0, 9.9, late=5) + messages(0, 2, 16.0)
        self.assertEqual(recoveries([Struck("kill the broker", 10.0)], timeline), ({"kill the broker": [6.0]}, 0))


if __name__ == "__main__":
    unittest.main()
