"""What is noted while status messages come in, and what is excused when an operator threw something away."""
import time
import unittest
from dataclasses import replace

from facts import DeadLetter, Record, Status, gaps
from plans import Expectation, Plan, poisoned_task

PLAN = Plan("chain-1", "chain", "Chain", {}, "amqp", Expectation("Completed", 7, 1))
PURGED = Plan("purged-1", "purged", "Family", {}, "amqp", Expectation("Completed", 7, 1), order="purge", is_purged=True)
LOST = {"type": "SubOrchestrationFailed", "message": "no", "cause": {"type": "ActivityWorkerLost", "message": "no"}}


class RecordTests(unittest.TestCase):
    def setUp(self):
        self.record = Record()
        self.facts = self.record.facts
        self.fallen = []
        self.record.has_fallen = lambda plan, times: self.fallen.append((plan.id, times))
        self.sequence = 0
        for plan in (PLAN, PURGED):
            self.record.wanted(plan)
            self.record.accepted(plan, "amqp")

    def hear(self, version, type, body=None, id=PLAN.id, incarnation=5):
        self.sequence += 1
        now = time.monotonic()
        self.record.heard(now, Status(id, incarnation, version, 0, 1, self.sequence, now, type, body))

    # Tasks that an operator had thrown away

    def test_a_poison_task_that_is_given_up_is_not_rewound(self):
        deadly = poisoned_task("p", innocents=1)[0]
        self.record.wanted(deadly)
        self.record.accepted(deadly, "amqp")
        self.record.tasks_may_be_lost()
        self.hear(1, "OrchestrationStarted", id=deadly.id)
        self.hear(2, "OrchestrationFailed", LOST, id=deadly.id)
        self.assertEqual(self.fallen, [])
        self.assertIn(deadly.id, self.facts.ended)

    def test_a_lost_task_is_no_end_while_tasks_are_thrown_away(self):
        stop = self.record.tasks_may_be_lost()
        self.hear(1, "OrchestrationStarted")
        self.hear(2, "OrchestrationFailed", LOST)
        self.hear(2, "OrchestrationFailed", LOST)
        stop()
        self.hear(3, "OrchestrationRewound")
        self.hear(4, "OrchestrationFailed", LOST)
        self.assertEqual(self.fallen, [(PLAN.id, 1), (PLAN.id, 2)])
        self.assertEqual(self.facts.rescued, {PLAN.id: {5: 2}})
        self.assertEqual(self.facts.ended, set())
        self.hear(5, "OrchestrationCompleted", 7)
        self.assertEqual(self.facts.ended, {PLAN.id})

    def test_what_an_operator_made_fail_is_not_rewound_once_it_is_well(self):
        plan = replace(PLAN, id="mended-1", order="rewind", expected=replace(PLAN.expected, rewinds=1))
        self.record.wanted(plan)
        self.record.accepted(plan, "amqp")
        ordered = []
        self.record.has_ended = lambda plan: ordered.append(plan.id)
        self.record.tasks_may_be_lost()
        self.hear(1, "OrchestrationFailed", LOST, id="mended-1")
        self.hear(2, "OrchestrationCompleted", 7, id="mended-1")
        self.assertEqual((ordered, self.fallen, self.facts.ended), ([], [("mended-1", 1)], {"mended-1"}))
        self.hear(3, "OrchestrationFailed", {"type": "Broke"}, id="mended-1")
        self.assertEqual(ordered, ["mended-1"])

    def test_a_lost_task_is_an_end_at_any_other_time(self):
        self.hear(2, "OrchestrationFailed", LOST)
        self.record.tasks_may_be_lost()
        self.assertEqual((self.fallen, self.facts.ended), ([], {PLAN.id}))

    def test_another_failure_is_an_end(self):
        self.record.tasks_may_be_lost()
        self.hear(2, "OrchestrationFailed", {"type": "Broke", "message": "no"})
        self.assertEqual((self.fallen, self.facts.ended), ([], {PLAN.id}))

    # Status messages that were let go

    def test_nothing_is_asked_for_unless_messages_were_let_go(self):
        self.hear(1, "OrchestrationStarted")
        self.hear(3, "OrchestrationCompleted", 7)
        self.assertEqual(self.record.missing(0), [])
        self.record.statuses_may_be_lost()
        self.assertEqual(sorted(self.record.missing(0)), [PLAN.id, PURGED.id])
        self.assertEqual(self.record.missing(60), [PURGED.id])
        self.assertEqual(self.record.heard_up_to(PLAN.id), 1)

    def test_an_answer_fills_the_gap(self):
        self.record.statuses_may_be_lost()
        self.hear(1, "OrchestrationStarted")
        self.record.told(PLAN.id, 5, 1, {2: ("CustomStatusSet", 1), 3: ("OrchestrationCompleted", 7)}, 3)
        self.assertEqual(self.facts.ended, {PLAN.id})
        self.assertEqual(gaps(PLAN.id, 5, self.facts.versions[PLAN.id][5], self.facts.untold), [])
        self.hear(2, "CustomStatusSet", 2)
        self.assertEqual(len(self.facts.conflicts), 1)

    def test_only_what_came_before_all_that_is_told_may_be_gone(self):
        self.record.told(PLAN.id, 5, 0, {3: ("OrchestrationStarted", None), 5: ("OrchestrationCompleted", 7)}, 5)
        self.assertEqual(gaps(PLAN.id, 5, self.facts.versions[PLAN.id][5], self.facts.untold), [4])

    def test_the_end_of_a_former_life_is_none_of_the_next(self):
        plan = replace(PLAN, id="again-1", order="restart")
        self.record.wanted(plan)
        self.record.accepted(plan, "amqp")
        self.hear(1, "OrchestrationCompleted", 7, id="again-1", incarnation=5)
        self.hear(1, "OrchestrationStarted", id="again-1", incarnation=6)
        self.hear(1, "OrchestrationCompleted", 7, id="again-1", incarnation=5)
        self.assertEqual(self.facts.ended, set())
        self.hear(2, "OrchestrationCompleted", 7, id="again-1", incarnation=6)
        self.assertEqual(self.facts.ended, {"again-1"})

    def test_a_former_life_cannot_be_told(self):
        self.hear(3, "OrchestrationCompleted", 7)
        self.record.told(PLAN.id, 6, 3, {}, 2)
        self.assertEqual(self.record.heard_up_to(PLAN.id), 0)
        self.assertEqual(gaps(PLAN.id, 5, self.facts.versions[PLAN.id][5], self.facts.untold), [])

    def test_who_is_unknown_was_purged_only_if_it_had_ended(self):
        self.record.is_unknown(PURGED.id)
        self.assertEqual(self.facts.ended, set())
        self.hear(1, "OrchestrationCompleted", 7, id=PURGED.id)
        self.record.is_unknown(PURGED.id)
        self.assertEqual(self.facts.ended, {PURGED.id})


class LossTests(unittest.TestCase):
    """What an operator threw away."""

    def setUp(self):
        self.record = Record()
        self.facts = self.record.facts

    def test_garbage_that_was_not_yet_read_may_be_lost(self):
        self.facts.planted = {"garbage-1": "a", "garbage-2": "b"}
        self.facts.dead = [DeadLetter("Invalid", "no JSON", None, frozenset(["garbage-1"]))]
        self.record.garbage_may_be_lost()
        self.assertEqual((set(self.facts.planted), self.facts.forgotten), ({"garbage-1"}, {"garbage-2"}))

    def test_a_child_may_be_unborn_only_once_its_parent_has_ended(self):
        child = Plan("guarding-1.captive", "captive", "Captive", {}, "amqp", Expectation("Terminated", None, 0))
        self.record.wanted(child)
        self.record.accepted(child, "its parent")
        self.assertFalse(self.record.was_never_born(child))
        self.facts.ended.add("guarding-1")
        self.assertTrue(self.record.was_never_born(child))
        self.assertEqual(self.facts.accepted, {})


if __name__ == "__main__":
    unittest.main()
