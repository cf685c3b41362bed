"""Compares what was promised with what is there: a pure function from facts to findings.

The invariants are those of the design: every accepted start ends once with the right output, histories have one
completion per task, status versions have no gaps, activities ran as often as history says or more, accounts have
neither won nor lost anything, and what nobody could use is a dead letter and nothing else is.
"""
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from facts import ENDS, gaps

# What a run is judged by, in the order of the report. Each must be 0.
CHECKS = {
    "lost": "lost starts",
    "stuck": "stuck instances",
    "wrong": "wrong outputs",
    "twice": "duplicate completions",
    "back": "purged instances that are there",
    "gap": "version gaps",
    "zombie": "partitions whose former owner went on",
    "history": "histories that differ from what was asked",
    "early": "timers that fired early",
    "accounts": "accounts that do not add up",
    "ledger": "ledger entries that history does not explain, or lacks",
    "model": "differences between read models and status messages",
    "dead": "dead letters of the innocent",
    "swallowed": "garbage without a dead letter",
    "refused": "requests refused without cause",
    "left": "messages left in queues",
    "surprise": "things that broke by themselves",
}


@dataclass(frozen=True)
class Finding:
    check: str
    subject: str
    text: str


def reconcile(facts):
    """All findings, in a stable order."""
    findings = []
    for id in sorted(facts.accepted):
        plan = facts.plans[id]
        findings += _presence(plan, facts)
        findings += _statuses(plan, facts.versions.get(id, {}), facts.rescued.get(id, {}), facts.untold)
        findings += _history(plan, facts.histories.get(id), is_rescued=id in facts.rescued)
    findings += _strangers(facts)
    findings += _zombies(facts)
    findings += _ledger(facts)
    findings += _accounts(facts)
    findings += _models(facts)
    findings += _dead_letters(facts)
    findings += [Finding("refused", "", text) for text in facts.refused]
    findings += [Finding("gap", "", f"one version, two messages: {text}") for text in facts.conflicts]
    findings += [Finding("surprise", "", text) for text in facts.surprises]
    findings += [Finding("left", queue, f"{queue} holds {n}") for queue, n in sorted(facts.left_in_queues.items()) if n]
    return findings


def count(findings):
    """How many subjects each check found; 0 is right."""
    subjects = {check: set() for check in CHECKS}
    for number, finding in enumerate(findings):
        subjects[finding.check].add(finding.subject or number)
    return {check: len(found) for check, found in subjects.items()}


def reruns(facts):
    """Activity runs beyond one for each attempt: what crashes and repeats have cost."""
    began = Counter((run["key"], run["attempt"]) for run in facts.runs if run["phase"] == "began")
    return sum(began.values()) - len(began)


def _presence(plan, facts):
    ended = plan.id in facts.ended
    known = facts.histories.get(plan.id) is not None
    if plan.is_purged and ended:
        if known:
            yield Finding("back", plan.id, f"{plan.id} was purged, and is still there")
    elif not known and not ended:
        yield Finding("lost", plan.id, f"{plan.id} was accepted ({facts.accepted[plan.id]}), and nobody knows it")
    elif not known:
        yield Finding("lost", plan.id, f"{plan.id} ended, and nobody knows it any more")
    elif not ended:
        yield Finding("stuck", plan.id, f"{plan.id} did not end")


def _statuses(plan, incarnations, rescued, untold):
    if len(incarnations) > plan.lives:
        yield Finding("twice", plan.id, f"{plan.id} ran {len(incarnations)} times: incarnations {sorted(incarnations)}")
    for incarnation, versions in incarnations.items():
        yield from _gaps(plan.id, incarnation, versions, untold)
        ends = sorted(version for version, (type, _) in versions.items() if type in ENDS)
        others = rescued.get(incarnation, 0)
        # One that others made fail may not have failed by itself.
        rewinds = others if others and len(ends) == 1 + others else plan.expected.rewinds + others
        if len(ends) > 1 + rewinds:
            yield Finding("twice", plan.id, f"{plan.id} ended {len(ends)} times: versions {ends}")
        for version in ends[:rewinds]:
            if versions[version][0] != "OrchestrationFailed":
                yield Finding("wrong", plan.id, f"{plan.id} was to fail first: {versions[version][0]}")
        for version in ends[rewinds:]:
            yield from _outcome(plan, versions[version], version, rewinds - plan.expected.rewinds)
        shown = _heard(versions)[1]
        if ends and plan.expected.custom_status not in (None, shown):
            yield Finding("wrong", plan.id, f"{plan.id} shows {shown} and not {plan.expected.custom_status}")


def _gaps(id, incarnation, versions, untold):
    missing = gaps(id, incarnation, versions, untold)
    if missing:
        yield Finding("gap", id, f"{id}: versions {missing} of {max(versions)} never came")


def _outcome(plan, said, version, rescued):
    type, body = said
    if ENDS[type] != plan.expected.status:
        yield Finding("wrong", plan.id, f"{plan.id} is {ENDS[type]} and not {plan.expected.status}: {str(body)[:300]}")
    elif plan.expected.status == "Completed" and body != plan.expected.output:
        yield Finding("wrong", plan.id, f"{plan.id} gave {str(body)[:100]} and not {plan.expected.output}")
    elif version - 2 * rescued not in plan.expected.versions:
        yield Finding("gap", plan.id, f"{plan.id} ended with version {version} and not {plan.expected.versions}")


def _history(plan, events, is_rescued):
    if events is None:
        return
    types = Counter(event["EventType"] for event in events)
    if types["ExecutionStarted"] != 1 or events[0]["EventType"] != "ExecutionStarted":
        yield Finding("history", plan.id, f"{plan.id} has {types['ExecutionStarted']} beginnings")
    if types["ExecutionCompleted"] > 1:
        yield Finding("twice", plan.id, f"{plan.id} has {types['ExecutionCompleted']} ends in its history")
    if types["ExecutionCompleted"] == 0:
        return  # It is stuck, and told so.
    if events[-1]["EventType"] != "ExecutionCompleted":
        yield Finding("history", plan.id, f"{plan.id} goes on after its end")
    times = [event["Timestamp"] for event in events]
    if times != sorted(times):
        yield Finding("history", plan.id, f"the time of {plan.id} goes back: {times}")
    # Begun again, a call with a retry policy has all its attempts again.
    is_loose = is_rescued or plan.expected.is_impatient
    yield from _tasks(plan, events, is_loose)
    yield from _waiting(plan, events, types, is_loose)


def _tasks(plan, events, is_loose):
    done, open_tasks = Counter(), 0
    for event in events:
        if event["EventType"] in ("TaskCompleted", "TaskFailed"):
            done[(event.get("FunctionName"), step_of(event))] += 1
        elif event["EventType"] == "TaskScheduled":
            open_tasks += 1
    for task in sorted(done.keys() | plan.expected.tasks.keys(), key=str):
        found, wanted = done[task], plan.expected.tasks.get(task, 0)
        if found != wanted and not (is_loose and found > wanted > 0):
            check = "twice" if found > wanted > 0 else "history"
            yield Finding(check, plan.id, f"{plan.id}: {task} has {found} completions and not {wanted}")
    if open_tasks:
        yield Finding("history", plan.id, f"{plan.id} ended with {open_tasks} tasks open")


def _waiting(plan, events, types, is_loose):
    fired, wanted = types["TimerFired"], plan.expected.timers_fired
    if fired != wanted and not (is_loose and fired > wanted):
        yield Finding("history", plan.id, f"{plan.id}: {fired} timers fired, and not {wanted}")
    heard = types["SubOrchestrationInstanceCompleted"]
    if heard != plan.expected.results_of_children:
        text = f"{plan.id} heard of {heard} children, and not of {plan.expected.results_of_children}"
        yield Finding("twice" if heard > plan.expected.results_of_children else "history", plan.id, text)
    least, most = plan.expected.events
    if types["EventRaised"] < least or (most is not None and types["EventRaised"] > most):
        yield Finding("history", plan.id, f"{plan.id} took {types['EventRaised']} events, and not {least}")
    for event in events:
        if event["EventType"] == "TimerFired" and _time(event["Timestamp"]) < _time(event["FireAt"]):
            yield Finding("early", plan.id, f"{plan.id}: due {event['FireAt']}, fired {event['Timestamp']}")
        due = event.get("ScheduledStartTime")
        if due is not None and _time(event["Timestamp"]) < _time(due):
            yield Finding("early", plan.id, f"{plan.id} was to begin at {due}, and began at {event['Timestamp']}")


def _is_lost(event):
    """Whether it says that no worker has done the task."""
    return (event.get("FailureDetails") or {}).get("ErrorType") == "ActivityWorkerLost"


def step_of(event):
    given = event.get("Input")
    return given.get("step") if isinstance(given, dict) else None


def _time(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _strangers(facts):
    """Instances that no one has asked for. Entities come about by being used."""
    for id in sorted(facts.versions.keys() - facts.plans.keys()):
        if id.startswith("@"):
            for incarnation, versions in facts.versions[id].items():
                yield from _gaps(id, incarnation, versions, facts.untold)
            continue
        yield Finding("twice", id, f"{id} runs, and was never started")


def _zombies(facts):
    """A predecessor says nothing after its successor's first message; what was held up may come after it."""
    highest, began = {}, {}
    for arrival, partition, epoch, said_at in facts.timeline:
        began.setdefault((partition, epoch), arrival)
        former = highest.setdefault(partition, epoch)
        if epoch < former and not (facts.statuses_were_held_up and said_at < began[partition, former]):
            text = f"partition {partition} spoke in epoch {epoch} after {highest[partition]} had begun"
            yield Finding("zombie", f"partition {partition}", text)
        highest[partition] = max(epoch, highest[partition])


def _ledger(facts):
    keys, attempts, owners = {}, {}, {}
    for run in facts.runs:
        task = (run["instance"], run["activity"], run["step"])
        keys.setdefault(task, set()).add(run["key"])
        owners.setdefault(run["key"], set()).add(task)
        if run["phase"] in ("completed", "failed"):
            attempts.setdefault(task, set()).add(run["attempt"])
        plan = facts.plans.get(run["instance"])
        if plan is None or task[1:] not in plan.expected.tasks | plan.expected.former_tasks:
            yield Finding("ledger", run["key"], f"nobody has scheduled {task}")
    for task, used in sorted(keys.items()):
        rescues = sum(facts.rescued.get(task[0], {}).values())
        if len(used) > _keys_of(facts.plans.get(task[0]), task[1:]) + rescues:
            yield Finding("ledger", str(task), f"{task} ran with {len(used)} keys: {sorted(used)}")
    for key, tasks in sorted(owners.items()):
        if len(tasks) > 1:
            yield Finding("ledger", key, f"one key for {len(tasks)} tasks: {sorted(tasks)}")
    for id in sorted(facts.ended & facts.accepted.keys()):
        for task in facts.plans[id].expected.former_tasks:
            if not attempts.get((id, *task)):
                yield Finding("ledger", f"{id} {task}", f"{id} has ended, and {task} of an earlier generation never ran")
    for id, events in sorted(facts.histories.items()):
        done, lost = Counter(), Counter()
        if id in facts.plans and facts.plans[id].expected.is_impatient or id in facts.rescued:
            continue  # A run that no one waited for may have been cut short; attempts may have begun again.
        for event in events or []:
            if event["EventType"] in ("TaskCompleted", "TaskFailed"):
                done[(id, event.get("FunctionName"), step_of(event))] += 1
                lost[(id, event.get("FunctionName"), step_of(event))] += _is_lost(event)
        for task, number in sorted(done.items(), key=str):
            if len(set(range(1, number + 1)) - attempts.get(task, set())) > lost[task]:
                text = f"history has {number} results of {task}, the ledger attempts {sorted(attempts.get(task, []))}"
                yield Finding("ledger", str(task), text)


def _keys_of(plan, task):
    """Under how many idempotency keys a task may run: one, and another for each life and each failure taken back."""
    if plan is None:
        return 1
    return plan.lives + (plan.expected.rewinds if task[0] == "Repair" else 0)


def _accounts(facts):
    """Whatever one account gave another has got, and each change was made once."""
    unsure = [facts.plans[id] for id in facts.unsure_signals]
    sum_of_amounts = sum(account["amount"] for account in facts.accounts.values())
    if abs(sum_of_amounts) > sum(plan.input["amount"] * plan.changes for plan in unsure):
        yield Finding("accounts", "sum", f"the accounts sum up to {sum_of_amounts}: {facts.accounts}")
    made = sum(account["changes"] for account in facts.accounts.values())
    wanted = sum(facts.plans[id].changes for id in facts.accepted.keys() & facts.ended)
    if not wanted - sum(plan.changes for plan in unsure) <= made <= wanted:
        yield Finding("accounts", "changes", f"the accounts were changed {made} times, and not {wanted}")


def _models(facts):
    for number, read in enumerate(facts.reads, 1):
        for id in sorted(facts.accepted):
            incarnations = facts.versions.get(id)
            if not incarnations or id not in facts.ended:
                continue
            shown = read.get(id)
            if facts.plans[id].is_purged:
                if shown is not None:
                    yield Finding("model", id, f"gateway {number} lists {id}, which was purged")
                continue
            if shown is None:
                yield Finding("model", id, f"gateway {number} does not list {id}")
                continue
            heard = _heard(incarnations[max(incarnations)])
            seen = (shown["runtimeStatus"], shown["customStatus"])
            if seen != heard[:2] or (heard[0] == "Completed" and shown["output"] != heard[2]):
                yield Finding("model", id, f"gateway {number} shows {id} as {seen}, the status messages say {heard}")


def _heard(versions):
    """Runtime status, custom status and output after the newest version."""
    status, custom, output = None, None, None
    for version in sorted(versions):
        type, body = versions[version]
        if type == "CustomStatusSet":
            custom = body
        elif type in ENDS:
            status, output = ENDS[type], body
    return status, custom, output


def _dead_letters(facts):
    found = set()
    for letter in facts.dead:
        planted = letter.tags & (facts.planted.keys() | facts.forgotten)
        if planted:
            found |= planted
        elif letter.message_id not in facts.late_events:
            yield Finding("dead", letter.message_id or "", f"{letter.code}: {letter.reason} ({letter.message_id})")
    for tag, kind in sorted(facts.planted.items()):
        if tag not in found:
            yield Finding("swallowed", tag, f"'{kind}' ({tag}) is in no queue")
