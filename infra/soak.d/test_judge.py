"""What is judged to have grown, and what is a neighbor's doing."""
import unittest

from judge import MEMORY_LUMP, MOST_DISK, judge
from meter import Slice

SIZE = 1000
QUEUES = {"intake": 0, "dead": 0}


def level(number):
    """A slice of a hub that stays as it is."""
    return Slice(
        number=number,
        orchestrations=SIZE,
        seconds=10,
        cpu={"node": [5.0, 5.0], "worker": [1.0, 1.0], "gateway": [2.0, 2.0], "broker": [3.0, 3.0]},
        resident={"node": 80_000_000, "worker": 40_000_000, "gateway": 80_000_000, "broker": 200_000_000},
        own_memory={"node": 40_000_000, "worker": 5_000_000, "gateway": 20_000_000},
        open_files={"node": 30, "worker": 12, "gateway": 35},
        threads={"node": 13, "worker": 7, "gateway": 12, "broker": 30},
        disk={"journals": 50_000_000, "log": 100_000_000, "readModel": 70_000_000},
        kept=500,
        unconfirmed=20,
        troubles=[],
        queues=dict(QUEUES),
    )


def slices(change=lambda one: None):
    run = [level(number) for number in range(1, 11)]
    for one in run:
        change(one)
    return run


class JudgeTests(unittest.TestCase):
    def test_a_level_run_is_right(self):
        self.assertEqual(judge(slices()), [])

    def test_what_is_filled_once_fills_in_the_first_slice(self):
        def change(one):
            if one.number == 1:
                one.own_memory["gateway"] -= 15_000_000
                one.cpu["node"] = [3.0, 3.0]

        self.assertEqual(judge(slices(change)), [])

    def test_a_node_that_slows_down_by_a_little_each_time_is_found(self):
        def change(one):
            one.cpu["node"] = [5.0 + 0.1 * one.number, 5.05 + 0.1 * one.number]

        found = judge(slices(change))
        self.assertEqual(len(found), 1, found)
        self.assertIn(
            "the node used 5.22 ms of CPU for each orchestration in slice 2 and 6.00 ms in slice 10", found[0]
        )

    def test_a_neighbor_in_half_of_the_last_slice_is_none_of_our_doing(self):
        def change(one):
            if one.number == 10:
                one.cpu["node"] = [9.0, 5.2]

        self.assertEqual(judge(slices(change)), [])

    def test_memory_that_grows_by_a_kilobyte_each_is_found(self):
        def change(one):
            one.own_memory["node"] += 1000 * SIZE * (one.number - 1)

        found = judge(slices(change))
        self.assertEqual(len(found), 1, found)
        self.assertIn("the node's own memory grew from 41.0 MB in slice 2 to 49.0 MB in slice 10: 1000 bytes", found[0])

    def test_a_cache_that_fills_until_the_middle_of_the_run_is_found(self):
        def change(one):
            one.own_memory["gateway"] += 3_000_000 * min(one.number, 6)

        self.assertIn("the gateway's own memory grew", judge(slices(change))[0])

    def test_a_lump_is_none_of_it(self):
        def change(one):
            if one.number > 6:
                one.own_memory["node"] += MEMORY_LUMP

        self.assertEqual(judge(slices(change)), [])

    def test_files_may_grow_until_as_much_is_purged_as_is_begun(self):
        def change(one):
            one.disk["journals"] += 4_000_000 * min(one.number, 6)
            one.disk["readModel"] += 4_000_000 * min(one.number, 6)

        self.assertEqual(judge(slices(change)), [])

    def test_a_write_ahead_log_may_be_cut_off_at_any_time(self):
        def change(one):
            if one.number in (6, 8):
                one.disk["journals"] -= 20_000_000

        self.assertEqual(judge(slices(change)), [])

    def test_files_that_grow_for_ever_are_found(self):
        def change(one):
            one.disk["readModel"] += 2 * MOST_DISK * SIZE * one.number

        found = judge(slices(change))
        self.assertEqual(len(found), 1, found)
        self.assertIn(
            f"the read model grew by {2 * MOST_DISK} bytes for each orchestration from slice 7 to 9", found[0]
        )

    def test_descriptors_and_threads_that_are_never_given_back_are_found(self):
        def change(one):
            one.open_files["gateway"] += one.number
            one.threads["node"] += 2 * one.number

        found = judge(slices(change))
        self.assertEqual(
            found,
            [
                "the gateway had 37 open files in slice 2 and 45 in slice 10",
                "the node had 17 threads in slice 2 and 33 in slice 10",
            ],
        )
