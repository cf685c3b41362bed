"""Three brokers as one cluster."""
import shutil
import unittest

from brokers import (
    BROKERS,
    PREFIX,
    Client,
    broker,
    can_connect,
    eventually,
    expected_version,
    members,
    peers,
    processes_of,
    start,
    take,
)

NAME = f"{PREFIX}-three"
ONE, TWO, THREE = (f"{NAME}-{number}" for number in (1, 2, 3))

ALL = {ONE, TWO, THREE}


def nodes(*names):
    return sorted(f"reprise-{name}@localhost" for name in names)


class ClusterTests(unittest.TestCase):
    """In this order: each test leaves the three together, and the last one deletes them."""

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(broker, "stop", NAME, "--wipe")
        cls.urls = start(NAME, "--cluster", "3").split(",")
        with Client(cls.urls[0]) as client:
            client.declare("survives", "majority", "remembered", "lasts")

    def setUp(self):
        # A test that failed may have left them apart.
        start(NAME)
        eventually(self.all_are_together)

    def all_are_together(self):
        return all(peers(name) == nodes(*ALL - {name}) for name in ALL)

    def test_1_is_three_brokers_of_the_version_asked_for(self):
        self.assertEqual(len(set(self.urls)), 3)
        self.assertEqual(broker("url", NAME).split(","), self.urls)
        for url in self.urls:
            with Client(url) as client:
                self.assertTrue(client.version.startswith(expected_version()), client.version)
        self.assertEqual(members(ONE), nodes(*ALL))

    def test_2_a_quorum_queue_survives_the_kill_of_any_broker(self):
        for number, name in enumerate((ONE, TWO, THREE)):
            with Client(self.urls[number]) as client:
                client.publish("survives", name)
            broker("kill", name)
            self.assertFalse(can_connect(self.urls[number]))
            self.assertEqual(take(self.urls[number - 1], "survives"), name)
            self.assertEqual(broker("start", name), self.urls[number])
        eventually(self.all_are_together)

    def test_3_a_frozen_broker_is_missed_and_comes_back(self):
        broker("freeze", TWO)
        self.addCleanup(broker, "thaw", TWO)

        def it_is_missed():
            return peers(ONE) == nodes(THREE)

        eventually(it_is_missed)
        broker("thaw", TWO)
        eventually(self.all_are_together)

    def test_4_a_broker_that_is_cut_off_is_alone_until_that_is_healed(self):
        broker("cut", ONE)
        self.addCleanup(broker, "heal", ONE)

        def it_is_alone():
            # RabbitMQ pauses a minority until 4.2.
            return peers(ONE) == ([] if expected_version().startswith("4.3") else None) and all(
                peers(name) == nodes(*ALL - {ONE, name}) for name in (TWO, THREE)
            )

        eventually(it_is_alone)
        with Client(self.urls[1]) as client:
            client.publish("majority", "goes on")
        broker("heal", ONE)
        eventually(self.all_are_together)
        self.assertEqual(take(self.urls[0], "majority"), "goes on")

    def test_5_a_forgotten_broker_comes_back_as_a_new_one(self):
        with Client(self.urls[0]) as client:
            client.publish("remembered", "by two")
        broker("forget", THREE)
        self.assertEqual(members(ONE), nodes(ONE, TWO))
        self.assertFalse((BROKERS / THREE / "mnesia").exists())
        self.assertEqual(broker("start", THREE), self.urls[2])
        eventually(self.all_are_together)
        self.assertEqual(members(THREE), nodes(*ALL))
        broker("queues", THREE, "--", "grow", nodes(THREE)[0], "all")
        # One of the two that knew of it may go now.
        broker("kill", ONE)
        self.assertEqual(take(self.urls[2], "remembered"), "by two")
        broker("start", ONE)
        eventually(self.all_are_together)

    def test_6_a_broker_without_its_data_joins_anew(self):
        broker("kill", TWO)
        shutil.rmtree(BROKERS / TWO / "mnesia")
        self.assertEqual(broker("start", TWO), self.urls[1])
        eventually(self.all_are_together)
        self.assertEqual(members(TWO), nodes(*ALL))

    def test_7_all_may_be_killed_at_once(self):
        with Client(self.urls[0]) as client:
            client.publish("lasts", "longer")
        broker("kill", NAME)
        self.assertEqual(start(NAME).split(","), self.urls)
        eventually(self.all_are_together)
        self.assertEqual(take(self.urls[1], "lasts"), "longer")

    def test_8_wiped_it_leaves_nothing(self):
        directories = [BROKERS / name for name in (NAME, ONE, TWO, THREE)]
        self.assertEqual([len(processes_of(each)) > 0 for each in directories], [True] * 4)
        broker("stop", NAME, "--wipe")
        self.assertEqual([each for each in directories if each.exists()], [])

        def no_process_is_left():
            return not any(processes_of(each) for each in directories)

        eventually(no_process_is_left, seconds=10)  # those that were killed last may still be dying
