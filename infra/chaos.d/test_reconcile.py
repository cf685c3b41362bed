"""Every kind of damage is found, and a run without damage is right."""
import copy
import unittest

from facts import DeadLetter, Facts
from plans import Event, Expectation, Plan
from reconcile import count, reconcile, reruns

PLAN = Plan(
    "chain-1",
    "chain",
    "Chain",
    {},
    "amqp",
    Expectation("Completed", 7, 2, {("Work", "step-1"): 1, ("Work", "step-2"): 2}, timers_fired=1, events=(1, 1)),
    Event("Go", 1, None, "amqp"),
)


def run(step, attempt, phase, key=None):
    key = key or f"key-{step}"
    return {"phase": phase, "key": key, "instance": PLAN.id, "activity": "Work", "step": step, "attempt": attempt}


def event(type, second, **more):
    return {"EventType": type, "Timestamp": f"2026-01-01T00:00:0{second}.000Z"} | more


def task(type, second, step):
    return event(type, second, FunctionName="Work", Input={"step": step})


def sound():
    """The facts of one instance that went as it should."""
    return copy.deepcopy(
        Facts(
            plans={PLAN.id: PLAN},
            accepted={PLAN.id: "amqp"},
            ended={PLAN.id},
            versions={
                PLAN.id: {
                    5: {
                        1: ("OrchestrationStarted", {}),
                        2: ("CustomStatusSet", 1),
                        3: ("CustomStatusSet", 2),
                        4: ("OrchestrationCompleted", 7),
                    }
                }
            },
            reads=[{PLAN.id: {"runtimeStatus": "Completed", "customStatus": 2, "output": 7}}] * 2,
            histories={
                PLAN.id: [
                    event("ExecutionStarted", 0),
                    event("EventRaised", 1),
                    task("TaskCompleted", 2, "step-1"),
                    task("TaskFailed", 3, "step-2"),
                    event("TimerFired", 5, FireAt="2026-01-01T00:00:04.500Z"),
                    task("TaskCompleted", 6, "step-2"),
                    event("ExecutionCompleted", 7),
                ]
            },
            runs=[
                run("step-1", 1, "began"),
                run("step-1", 1, "completed"),
                run("step-2", 1, "began"),
                run("step-2", 1, "failed"),
                run("step-2", 2, "began"),
                run("step-2", 2, "completed"),
            ],
            dead=[DeadLetter("Invalid", "no JSON", None, frozenset(["garbage-1"]))],
            planted={"garbage-1": "truncated JSON"},
            left_in_queues={"intake": 0},
        )
    )


class ReconcileTests(unittest.TestCase):
    def setUp(self):
        self.facts = sound()
        self.versions = self.facts.versions[PLAN.id][5]
        self.history = self.facts.histories[PLAN.id]

    def assertFound(self, *checks):
        found = {check for check, number in count(reconcile(self.facts)).items() if number}
        self.assertEqual(found, set(checks), reconcile(self.facts))

    def test_a_sound_run_is_right(self):
        self.assertFound()

    # What was accepted

    def test_a_start_that_nobody_knows_is_lost(self):
        self.facts.ended.clear()
        self.facts.versions.clear()
        self.facts.histories[PLAN.id] = None
        self.facts.runs.clear()
        self.assertFound("lost")

    def test_an_instance_that_does_not_end_is_stuck(self):
        self.facts.ended.clear()
        del self.versions[4]
        del self.history[-1]
        self.assertFound("stuck")

    def test_what_was_never_accepted_may_be_missing(self):
        self.facts.plans["chain-2"] = PLAN
        self.assertFound()

    def test_an_instance_that_nobody_started(self):
        self.facts.versions["stranger"] = {1: {1: ("OrchestrationStarted", None)}}
        self.assertFound("twice")

    # What came of it

    def test_a_wrong_output(self):
        self.versions[4] = ("OrchestrationCompleted", 8)
        for read in self.facts.reads:
            read[PLAN.id]["output"] = 8
        self.assertFound("wrong")

    def test_a_failure_that_nobody_foresaw(self):
        self.versions[4] = ("OrchestrationFailed", {"message": "no"})
        for read in self.facts.reads:
            read[PLAN.id]["runtimeStatus"] = "Failed"
        self.assertFound("wrong")

    def test_two_ends(self):
        self.versions[5] = ("OrchestrationCompleted", 7)
        self.assertIn("twice", {finding.check for finding in reconcile(self.facts)})

    def test_two_lives_of_one_start(self):
        self.facts.versions[PLAN.id][6] = self.versions
        self.assertFound("twice")

    # Versions

    def test_a_version_that_never_came(self):
        del self.versions[3]
        for read in self.facts.reads:
            read[PLAN.id]["customStatus"] = 1
        self.assertFound("gap")

    def test_a_version_too_many(self):
        self.versions[5] = self.versions.pop(4)
        self.versions[4] = ("CustomStatusSet", 2)
        self.assertFound("gap")

    def test_one_version_with_two_contents(self):
        self.facts.conflicts.append("chain-1 version 2")
        self.assertFound("gap")

    def test_an_owner_that_goes_on_beside_its_successor(self):
        self.facts.timeline = [(1, 0, 7, 1.0), (2, 0, 8, 2.0), (3, 0, 7, 2.5)]
        self.assertFound("zombie")

    def test_a_successor_that_repeats_what_its_predecessor_said(self):
        self.facts.timeline = [(1, 0, 7, 1.0), (2, 1, 9, 1.5), (3, 0, 8, 1.0), (4, 0, 8, 3.0)]
        self.assertFound()

    # History

    def test_a_task_completed_twice(self):
        self.history.insert(3, task("TaskCompleted", 2, "step-1"))
        self.assertIn("twice", {finding.check for finding in reconcile(self.facts)})

    def test_a_task_that_was_skipped(self):
        del self.history[2]
        self.assertFound("history")

    def test_a_task_left_open(self):
        self.history.insert(3, event("TaskScheduled", 2, Name="Work"))
        self.assertFound("history")

    def test_an_event_taken_twice(self):
        self.history.insert(2, event("EventRaised", 1))
        self.assertFound("history")

    def test_a_time_that_goes_back(self):
        self.history[1]["Timestamp"] = "2026-01-01T00:00:06.500Z"
        self.assertFound("history")

    def test_a_timer_that_fires_early(self):
        self.history[4]["FireAt"] = "2026-01-01T00:00:05.001Z"
        self.assertFound("early")

    def test_two_ends_in_history(self):
        self.history.append(event("ExecutionCompleted", 8))
        self.assertFound("twice")

    # The ledger

    def test_a_rerun_with_the_same_key_is_no_damage(self):
        self.facts.runs += [run("step-1", 1, "began"), run("step-1", 1, "began")]
        self.assertFound()
        self.assertEqual(reruns(self.facts), 2)

    def test_a_rerun_with_another_key(self):
        self.facts.runs.append(run("step-1", 1, "began", key="another"))
        self.assertFound("ledger")

    def test_one_key_for_two_tasks(self):
        for entry in self.facts.runs:
            entry["key"] = "the same"
        self.assertFound("ledger")

    def test_a_result_without_a_run(self):
        self.facts.runs = [entry for entry in self.facts.runs if entry["attempt"] == 1]
        self.assertFound("ledger")

    def test_a_run_that_nobody_scheduled(self):
        self.facts.runs.append(run("step-9", 1, "began"))
        self.assertFound("ledger")

    # The read model

    def test_a_gateway_that_shows_something_else(self):
        behind = {"runtimeStatus": "Running", "customStatus": 2, "output": None}
        self.facts.reads = [self.facts.reads[0], {PLAN.id: behind}]
        self.assertFound("model")

    def test_a_gateway_that_does_not_list_an_instance(self):
        self.facts.reads = [self.facts.reads[0], {}]
        self.assertFound("model")

    # Dead letters

    def test_an_innocent_dead_letter(self):
        self.facts.dead.append(DeadLetter("UnknownInstance", "", "event-chain-1"))
        self.assertFound("dead")

    def test_an_event_that_waited_too_long_for_its_start(self):
        self.facts.dead.append(DeadLetter("UnknownInstance", "", "event-chain-1"))
        self.facts.late_events.add("event-chain-1")
        self.assertFound()

    def test_garbage_that_vanished(self):
        self.facts.dead.clear()
        self.assertFound("swallowed")

    def test_garbage_twice_among_the_dead_is_no_damage(self):
        self.facts.dead *= 2
        self.assertFound()

    # The rest

    def test_messages_left_in_a_queue(self):
        self.facts.left_in_queues["intake"] = 3
        self.assertFound("left")

    def test_a_process_that_died_by_itself(self):
        self.facts.surprises.append("node-1 ended by itself")
        self.assertFound("surprise")

    def test_a_request_refused(self):
        self.facts.refused.append("Start chain-1: 400")
        self.assertFound("refused")


if __name__ == "__main__":
    unittest.main()
