"""What is started, and what must come of it: every output can be computed from the input alone.

The orchestrators are in Tests/Programs/Chaos.
"""
import random
from dataclasses import dataclass, field


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

    @property
    def versions(self):
        """One for the start, one for the end, and one per custom status."""
        return self.custom_statuses + 2


@dataclass(frozen=True)
class Plan:
    id: str
    kind: str
    orchestrator: str
    input: object
    door: str
    expected: Expectation
    event: Event | None = None


def worked(value):
    """What the activity Work makes of a number."""
    return (value * 31 + 7) % 1_000_003


def plan(seed, number):
    """The same for the same seed and number, whatever happens meanwhile."""
    dice = random.Random(f"{seed}/{number}")
    kinds = list(KINDS)
    kind = dice.choices(kinds, [KINDS[name][0] for name in kinds])[0]
    door = dice.choice(["amqp", "http"])
    orchestrator, given, expected, event = KINDS[kind][1](dice, door)
    return Plan(f"{kind}-{number}", kind, orchestrator, given, door, expected, event)


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
    # So long that no fault can let the time-out win.
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
}
