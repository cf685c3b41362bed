"""Every kind of damage is found, and a run without damage is right."""
import copy
import unittest
from dataclasses import replace

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

    def test_a_failure_that_an_operator_caused_and_somebody_rewound(self):
        """With another key, and a timer and an attempt more."""
        self.versions[4] = ("OrchestrationFailed", {"type": "ActivityWorkerLost"})
        self.versions[5] = ("OrchestrationRewound", "chaos")
        self.versions[6] = ("OrchestrationCompleted", 7)
        self.facts.runs.append(run("step-1", 1, "began", key="another"))
        self.history.insert(-1, task("TaskCompleted", 6, "step-1"))
        self.assertFound("twice", "ledger", "wrong", "gap")
        self.facts.rescued[PLAN.id] = {5: 1}
        self.assertFound()

    def test_an_attempt_that_no_worker_made(self):
        self.facts.runs = [run for run in self.facts.runs if (run["step"], run["attempt"]) != ("step-2", 1)]
        self.assertFound("ledger")
        self.history[3]["FailureDetails"] = {"ErrorType": "ActivityWorkerLost"}
        self.assertFound()

    def test_a_custom_status_that_was_patched_wrongly(self):
        self.facts.plans[PLAN.id] = replace(PLAN, expected=replace(PLAN.expected, custom_status={"lap": 2}))
        self.assertFound("wrong")
        self.versions[3] = ("CustomStatusSet", {"lap": 2})
        for read in self.facts.reads:
            read[PLAN.id]["customStatus"] = {"lap": 2}
        self.assertFound()

    def test_a_gap_that_nobody_can_fill_any_more(self):
        del self.versions[2]
        self.assertFound("gap")
        self.facts.untold = {(PLAN.id, 5, 2)}
        self.assertFound()

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

    def test_a_predecessor_whose_words_were_held_up(self):
        self.facts.statuses_were_held_up = True
        self.facts.timeline = [(1, 0, 7, 1.0), (3, 0, 8, 2.5), (4, 0, 7, 2.0)]
        self.assertFound()
        self.facts.timeline.append((5, 0, 7, 3.5))
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


class CompanyTests(unittest.TestCase):
    """Children, generations, accounts and what begins later."""

    def setUp(self):
        child = Plan("p.0", "family", "Family", {}, "amqp", Expectation("Completed", 1, 0))
        self.plan = Plan(
            "p",
            "family",
            "Family",
            {},
            "amqp",
            Expectation(
                "Completed",
                7,
                0,
                {("Work", "lap-2"): 1},
                former_tasks={("Work", "lap-1"): 1},
                generations=1,
                results_of_children=1,
                is_for_later=True,
            ),
            children=(child,),
            changes=2,
        )
        end = event("ExecutionCompleted", 7)
        self.facts = Facts(
            plans={plan.id: plan for plan in self.plan.with_descendants()},
            accepted={"p": "amqp", "p.0": "its parent"},
            ended={"p", "p.0"},
            versions={
                "p": {
                    5: {
                        1: ("OrchestrationStarted", {}),
                        2: ("OrchestrationContinuedAsNew", {}),
                        3: ("OrchestrationCompleted", 7),
                    }
                },
                "p.0": {6: {1: ("OrchestrationStarted", {}), 2: ("OrchestrationCompleted", 1)}},
                "@account@0": {7: {1: ("EntityChanged", {}), 2: ("EntityChanged", {})}},
            },
            histories={
                "p": [
                    event("ExecutionStarted", 1, ScheduledStartTime="2026-01-01T00:00:01.000Z"),
                    task("TaskCompleted", 2, "lap-2"),
                    event("SubOrchestrationInstanceCompleted", 3),
                    end,
                ],
                "p.0": [event("ExecutionStarted", 1), end],
            },
            runs=[
                {"phase": phase, "key": step, "instance": "p", "activity": "Work", "step": step, "attempt": 1}
                for step in ("lap-1", "lap-2")
                for phase in ("began", "completed")
            ],
            accounts={"0": {"amount": -5, "changes": 1}, "1": {"amount": 5, "changes": 1}},
        )

    def assertFound(self, *checks):
        found = {check for check, number in count(reconcile(self.facts)).items() if number}
        self.assertEqual(found, set(checks), reconcile(self.facts))

    def test_a_sound_run_is_right(self):
        self.assertFound()

    def test_a_start_that_was_put_down_first_has_one_version_more(self):
        versions = self.facts.versions["p"][5]
        versions[4] = versions[3]
        versions[3] = ("OrchestrationContinuedAsNew", {})
        self.assertFound()

    def test_a_child_that_nobody_knows_is_lost(self):
        self.facts.histories["p.0"] = None
        self.facts.ended.discard("p.0")
        self.assertFound("lost")

    def test_a_child_heard_of_twice(self):
        self.facts.histories["p"].insert(2, event("SubOrchestrationInstanceCompleted", 3))
        self.assertFound("twice")

    def test_a_former_generation_that_never_worked(self):
        self.facts.runs = [run for run in self.facts.runs if run["step"] != "lap-1"]
        self.assertFound("ledger")

    def test_money_out_of_nowhere(self):
        self.facts.accounts["1"]["amount"] = 6
        self.assertFound("accounts")

    def test_a_change_that_was_made_twice(self):
        self.facts.accounts["1"]["changes"] = 2
        self.assertFound("accounts")

    def test_an_entity_whose_versions_have_a_gap(self):
        del self.facts.versions["@account@0"][7][1]
        self.assertFound("gap")

    def test_a_begin_before_its_time(self):
        self.facts.histories["p"][0]["ScheduledStartTime"] = "2026-01-01T00:00:01.001Z"
        self.assertFound("early")

    def test_an_impatient_one_may_try_more_often(self):
        expected = Expectation("Completed", 1, 0, {("Work", "step-1"): 1}, is_impatient=True)
        self.facts.plans["p.0"] = Plan("p.0", "hurrying", "Hurrying", {}, "amqp", expected)
        self.facts.histories["p.0"][1:1] = [
            task("TaskFailed", 2, "step-1"),
            event("TimerFired", 3, FireAt="2026-01-01T00:00:02.500Z"),
            task("TaskCompleted", 4, "step-1"),
        ]
        self.assertFound()


class OrderTests(unittest.TestCase):
    """What is rewound, restarted in place, or purged with its children once it has ended."""

    def facts_of(self, plan, *lives):
        """With a history and a row in the read models, but for what was purged."""
        plans = {each.id: each for each in plan.with_descendants()}
        end = [event("ExecutionStarted", 1), event("ExecutionCompleted", 2)]
        row = {"runtimeStatus": "Completed", "customStatus": None, "output": 7}
        return Facts(
            plans=plans,
            accepted={id: "amqp" for id in plans},
            ended=set(plans),
            versions={id: {n: self.numbered(types) for n, types in enumerate(lives, 1)} for id in plans},
            histories={id: None if plans[id].is_purged else end for id in plans},
            reads=[{id: row for id in plans if not plans[id].is_purged}],
        )

    @staticmethod
    def numbered(types):
        return {version: (type, 7) for version, type in enumerate(types, 1)}

    def assertFound(self, facts, *checks):
        found = {check for check, number in count(reconcile(facts)).items() if number}
        self.assertEqual(found, set(checks), reconcile(facts))

    STARTED, FAILED, REWOUND = "OrchestrationStarted", "OrchestrationFailed", "OrchestrationRewound"
    COMPLETED, PURGED = "OrchestrationCompleted", "OrchestrationPurged"

    def mended(self, *types):
        expected = Expectation("Completed", 7, 0, rewinds=1)
        return self.facts_of(Plan("m", "mended", "Mending", {}, "amqp", expected, order="rewind"), types)

    def test_one_that_was_rewound_ends_twice(self):
        self.assertFound(self.mended(self.STARTED, self.FAILED, self.REWOUND, self.COMPLETED))

    def test_one_that_was_rewound_ends_no_third_time(self):
        facts = self.mended(self.STARTED, self.FAILED, self.REWOUND, self.COMPLETED, self.COMPLETED)
        self.assertFound(facts, "twice", "gap")

    def test_one_that_was_rewound_had_failed(self):
        facts = self.mended(self.STARTED, self.COMPLETED, self.REWOUND, self.COMPLETED)
        self.assertFound(facts, "wrong")

    def again(self, *lives):
        expected = Expectation("Completed", 7, 0)
        return self.facts_of(Plan("a", "again", "Chain", {}, "amqp", expected, order="restart"), *lives)

    def test_one_that_was_restarted_lives_twice(self):
        self.assertFound(self.again([self.STARTED, self.COMPLETED], [self.STARTED, self.COMPLETED]))

    def test_one_that_was_restarted_does_not_live_three_times(self):
        self.assertFound(self.again(*[[self.STARTED, self.COMPLETED]] * 3), "twice")

    def test_the_second_life_is_looked_at_too(self):
        self.assertFound(self.again([self.STARTED, self.COMPLETED], [self.STARTED, self.FAILED]), "wrong", "model")

    def purged(self):
        expected = Expectation("Completed", 7, 0)
        child = Plan("p.0", "purged", "Family", {}, "amqp", expected, is_purged=True)
        plan = Plan("p", "purged", "Family", {}, "amqp", expected, children=(child,), order="purge", is_purged=True)
        return self.facts_of(plan, [self.STARTED, self.COMPLETED, self.PURGED])

    def test_nobody_knows_what_was_purged(self):
        self.assertFound(self.purged())

    def test_a_child_that_the_purge_has_left(self):
        facts = self.purged()
        facts.ended.discard("p.0")
        self.assertFound(facts, "lost")

    def test_one_that_was_purged_and_is_back(self):
        facts = self.purged()
        facts.histories["p"] = [event("ExecutionStarted", 1), event("ExecutionCompleted", 2)]
        self.assertFound(facts, "back")

    def test_a_gateway_that_still_lists_what_was_purged(self):
        facts = self.purged()
        facts.reads[0]["p.0"] = {"runtimeStatus": "Completed", "customStatus": None, "output": 7}
        self.assertFound(facts, "model")


if __name__ == "__main__":
    unittest.main()
