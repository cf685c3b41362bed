"""What is started, and what must come of it: every output can be computed from the input alone.

The orchestrators are in Tests/Programs/Chaos.
"""
import random
import time
from dataclasses import dataclass, field, replace

from facts import ENDS, PURGED


@dataclass(frozen=True)
class Event:
    """An external event, sent `delay` seconds after the start was accepted, or before it when that is None."""

    name: str
    value: object
    delay: float | None
    door: str  # amqp or http
    times: int = 1


@dataclass(frozen=True)
class Expectation:
    status: str
    output: object
    custom_statuses: int
    # (activity, step): how many attempts it takes.
    tasks: dict = field(default_factory=dict)
    timers_fired: int = 0
    # Least and most of EventRaised in the history; HTTP has no key for events, so a repeat there is another event.
    events: tuple = (0, 0)
    # What generations before the last one had done, of which no history tells any more; and how many there were.
    former_tasks: dict = field(default_factory=dict)
    generations: int = 0
    # How often it fails, and is rewound, before its end.
    rewinds: int = 0
    # How often it is told to clean up.
    cancellations: int = 0
    # How many sub-orchestrations it hears the end of.
    results_of_children: int = 0
    # Timeouts may cost attempts: there are at least so many, and timers between them.
    is_impatient: bool = False
    # The custom status in the end, where it is not only a count.
    custom_status: object = None
    # Put down for later, unless the time had come when it was read.
    is_for_later: bool = False

    @property
    def versions(self):
        """Those that the end may have: one for the start, one for the end, one per custom status and generation, and
        two for each failure that was not the end. Being told to clean up is one, too.
        """
        versions = self.custom_statuses + self.generations + self.cancellations + 2 * self.rewinds + 2
        return (versions, versions + 1) if self.is_for_later else (versions,)


@dataclass(frozen=True)
class Plan:
    id: str
    kind: str
    orchestrator: str
    input: object
    door: str
    expected: Expectation
    event: Event | None = None
    # The plans of the sub-orchestrations that it calls: no one else starts them.
    children: tuple = ()
    # It is not to begin before; ISO 8601.
    start_at: str | None = None
    # Someone terminates it and its children, or cancels it, so many seconds after its start was accepted.
    stopped_after: float | None = None
    # How often it changes an account.
    changes: int = 0
    # What someone tells it once it has ended: rewind, restart (in place), or purge (with the children).
    order: str | None = None
    # No one is to know it in the end.
    is_purged: bool = False

    @property
    def lives(self):
        return 2 if self.order == "restart" else 1

    def is_over(self, type, incarnations):
        """Whether a status message of this type is the last that is expected, after so many incarnations."""
        if self.is_purged:
            return type == PURGED
        if self.order is None:
            return type in ENDS
        return ENDS.get(type) == self.expected.status and incarnations >= self.lives

    def with_descendants(self):
        yield self
        for child in self.children:
            yield from child.with_descendants()


def worked(value):
    """What the activity Work makes of a number."""
    return (value * 31 + 7) % 1_000_003


def plan(seed, number):
    """The same for the same seed and number, whatever happens meanwhile; times are counted from now."""
    dice = random.Random(f"{seed}/{number}")
    kinds = list(KINDS)
    kind = dice.choices(kinds, [KINDS[name][0] for name in kinds])[0]
    door = dice.choice(["amqp", "http"])
    id = f"{kind}-{number}"
    if kind in COMPANY:
        return COMPANY[kind](id, dice, door)
    orchestrator, given, expected, event = KINDS[kind][1](dice, door)
    return Plan(id, kind, orchestrator, given, door, expected, event)


def _chain(dice, door):
    steps, value = dice.randint(3, 5), dice.randrange(1_000_000)
    given = {"steps": steps, "value": value, "milliseconds": dice.choice([0, 10, 100])}
    for _ in range(steps):
        value = worked(value)
    tasks = {("Work", f"step-{step}"): 1 for step in range(1, steps + 1)}
    return "Chain", given, Expectation("Completed", value, steps, tasks), None


def _spread(dice, door):
    width, value = 10, dice.randrange(1_000_000)
    given = {"width": width, "value": value, "milliseconds": dice.choice([0, 10, 100])}
    output = sum(worked(value + branch) for branch in range(width))
    tasks = {("Work", f"branch-{branch}"): 1 for branch in range(width)}
    return "Spread", given, Expectation("Completed", output, width, tasks), None


def _persisting(dice, door):
    failures = dice.randint(1, 3)
    tasks = {("Flaky", "flaky"): failures + 1}
    expected = Expectation("Completed", failures + 1, 2, tasks, timers_fired=failures)
    return "Persisting", {"failures": failures}, expected, None


def _awaiting(dice, door):
    value, brought = dice.randrange(500_000), dice.randrange(500_000)
    event = Event("Go", brought, dice.choice([None, 0.0, 0.5, 1.5]), "amqp", dice.choice([1, 1, 2]))
    expected = Expectation("Completed", worked(value + brought), 3, {("Work", "after"): 1}, events=(1, 1))
    return "Awaiting", {"value": value}, expected, event


def _sleeping(dice, door):
    pauses = [dice.randint(1000, 3000) for _ in range(dice.randint(1, 2))]
    expected = Expectation("Completed", len(pauses), len(pauses), timers_fired=len(pauses))
    return "Sleeping", {"milliseconds": pauses}, expected, None


def _approved(dice, door):
    answer = dice.choice(["yes", "no"])
    # So long that no fault can let the timeout win.
    event = Event("Decision", answer, dice.uniform(0, 1.5), door)
    expected = Expectation("Completed", answer, 2, events=(1, 1 if door == "amqp" else None))
    return "Approval", {"seconds": 600}, expected, event


def _expired(dice, door):
    expected = Expectation("Completed", "timeout", 2, timers_fired=1)
    return "Approval", {"seconds": dice.randint(1, 2)}, expected, None


def _stuttering(dice, door):
    value = dice.randrange(1_000_000)
    tasks = {("Stutter", "step-1"): 1, ("Stutter", "step-2"): 1}
    return "Stuttering", {"value": value}, Expectation("Completed", worked(worked(value)), 2, tasks), None


def _misfit(dice, door):
    """An input that the orchestrator cannot read: accepted, and failed."""
    return "Chain", dice.choice(["text", None, [1], {"steps": "three"}]), Expectation("Failed", None, 0), None


def _family(id, dice, door):
    return _relative(id, door, dice.randint(1, 2), dice.randint(1, 2), dice.randrange(1_000_000))


def _relative(id, door, children, depth, value):
    given = {"children": children, "depth": depth, "value": value}
    parts = tuple(
        _relative(f"{id}.{child}", door, children, depth - 1, value + child)
        for child in range(children if depth > 0 else 0)
    )
    output = worked(value) + sum(part.expected.output for part in parts)
    expected = Expectation("Completed", output, 0, {("Work", "own"): 1}, results_of_children=len(parts))
    return Plan(id, "family", "Family", given, door, expected, children=parts)


def _cycling(id, dice, door):
    laps, value = dice.randint(3, 12), dice.randrange(1_000_000)
    given = {"laps": laps, "value": value}
    for _ in range(laps):
        value = worked(value)
    former = {("Work", f"lap-{lap}"): 1 for lap in range(1, laps)}
    last = {("Work", f"lap-{laps}"): 1}
    expected = Expectation("Completed", value, laps, last, former_tasks=former, generations=laps - 1)
    return Plan(id, "cycling", "Cycling", given, door, expected)


def _patching(id, dice, door):
    cycling = _cycling(id, dice, door)
    laps, value = cycling.input["laps"], cycling.expected.output
    shown = {"from": cycling.input["value"], "lap": laps, f"value-{laps % 2}": value}
    return replace(
        cycling, kind="patching", orchestrator="Patching", expected=replace(cycling.expected, custom_status=shown)
    )


def _transferring(id, dice, door):
    source, target = dice.sample(ACCOUNTS, 2)
    times = dice.randint(1, 2)
    given = {"from": source, "to": target, "amount": dice.randint(1, 100), "times": times}
    expected = Expectation("Completed", times, times)
    return Plan(id, "transferring", "Transferring", given, door, expected, changes=2 * times)


def _paying(id, dice, door):
    plan = _transferring(id, dice, door)
    expected = Expectation("Completed", plan.input["times"], 0)
    return Plan(id, "paying", "Paying", plan.input, door, expected, changes=plan.changes)


def _guarding(id, dice, door):
    expected = Expectation("Terminated", None, 0)
    captive = Plan(f"{id}.captive", "captive", "Captive", {}, door, expected)
    after = dice.uniform(0, 2)
    return Plan(id, "guarding", "Guarding", {}, door, expected, children=(captive,), stopped_after=after)


def _renouncing(id, dice, door):
    expected = Expectation("Canceled", None, 1, {("Work", "undo"): 1}, cancellations=1)
    given = {"value": dice.randrange(1_000_000)}
    return Plan(id, "renouncing", "Renouncing", given, door, expected, stopped_after=dice.uniform(0, 2))


def _hurrying(id, dice, door):
    dawdles = dice.randint(0, 2)
    # An attempt that took too long counts all the same when no one was there to hear of its begin before its end.
    expected = Expectation("Completed", "done", 1, {("Dawdle", "dawdle"): 1}, is_impatient=True)
    return Plan(id, "hurrying", "Hurrying", {"dawdles": dawdles}, door, expected)


def _later(id, dice, door):
    value = dice.randrange(1_000_000)
    given = {"steps": 1, "value": value, "milliseconds": 0}
    expected = Expectation("Completed", worked(value), 1, {("Work", "step-1"): 1}, is_for_later=True)
    moment = int((time.time() + dice.uniform(0, 4)) * 1000)
    start_at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000)) + f".{moment % 1000:03}Z"
    return Plan(id, "later", "Chain", given, door, expected, start_at=start_at)


def _mended(id, dice, door):
    value = dice.randrange(1_000_000)
    tasks = {("Repair", "repair"): 1, ("Work", "after"): 1}
    expected = Expectation("Completed", worked(worked(value)), 3, tasks, rewinds=1)
    return Plan(id, "mended", "Mending", {"value": value}, door, expected, order="rewind")


def _again(id, dice, door):
    orchestrator, given, expected, _ = _chain(dice, door)
    return Plan(id, "again", orchestrator, given, door, expected, order="restart")


def _purged(id, dice, door):
    family = _relative(id, door, dice.randint(1, 2), dice.randint(1, 2), dice.randrange(1_000_000))

    def purged(plan):
        return replace(plan, kind="purged", is_purged=True, children=tuple(map(purged, plan.children)))

    return replace(purged(family), order="purge")


def step(id, value):
    """The least that there is to do."""
    expected = Expectation("Completed", worked(value), 1, {("Work", "step-1"): 1})
    return Plan(id, "step", "Chain", {"steps": 1, "value": value, "milliseconds": 0}, "amqp", expected)


def poisoned_task(name, innocents):
    """One whose task kills its worker, and others with tasks of the same activity."""
    tasks = {("Taste", "taste"): 1}
    # No ledger tells of a worker that is gone.
    failed = Expectation("Failed", None, 0, tasks, is_impatient=True)
    plans = [Plan(f"{name}-deadly", "poison", "Tasting", {"value": 0, "isDeadly": True}, "amqp", failed)]
    for number in range(innocents):
        given = {"value": number, "isDeadly": False}
        completed = Expectation("Completed", worked(number), 1, tasks)
        plans.append(Plan(f"{name}-innocent-{number}", "poison", "Tasting", given, "amqp", completed))
    return plans


def poisoned_orchestrator(name):
    """One that takes down each node that takes its turn."""
    return [Plan(f"{name}-tripping", "poison", "Tripping", {"divisor": 0}, "amqp", Expectation("Failed", None, 0))]


# The accounts that all transfers share: few enough that transfers meet, and enough that they do not only queue.
ACCOUNTS = [f"{number}" for number in range(24)]

# Those that need more than an orchestrator and an input, by name.
COMPANY = {
    "family": _family,
    "cycling": _cycling,
    "patching": _patching,
    "transferring": _transferring,
    "paying": _paying,
    "guarding": _guarding,
    "renouncing": _renouncing,
    "hurrying": _hurrying,
    "later": _later,
    "mended": _mended,
    "again": _again,
    "purged": _purged,
}

# By name: how often, and how one is made.
KINDS = {
    "chain": (6, _chain),
    "spread": (3, _spread),
    "persisting": (3, _persisting),
    "awaiting": (4, _awaiting),
    "sleeping": (3, _sleeping),
    "approved": (3, _approved),
    "expired": (2, _expired),
    "stuttering": (2, _stuttering),
    "misfit": (1, _misfit),
    "family": (2, _family),
    "cycling": (2, _cycling),
    "patching": (1, _patching),
    "transferring": (2, _transferring),
    "paying": (1, _paying),
    "guarding": (1, _guarding),
    "renouncing": (2, _renouncing),
    "hurrying": (1, _hurrying),
    "later": (2, _later),
    "mended": (2, _mended),
    "again": (1, _again),
    "purged": (1, _purged),
}
