"""What was seen of a run: written by many threads while it lasts, read by the reconciliation afterwards."""
import threading
from dataclasses import dataclass, field


@dataclass
class DeadLetter:
    code: str
    reason: str
    message_id: str | None  # the original's
    # Whatever may say which piece of garbage it was: on its way a message can lose what the hub does not know.
    tags: frozenset = frozenset()


@dataclass
class Facts:
    # What was wanted, and what was promised: by instance id.
    plans: dict = field(default_factory=dict)
    accepted: dict = field(default_factory=dict)  # the door that accepted
    refused: list = field(default_factory=list)
    # By instance id, incarnation and version: type and body of the status message.
    versions: dict = field(default_factory=dict)
    conflicts: list = field(default_factory=list)
    # (arrival, partition, epoch, when it was said) of every status message, in the order of the observer's queue.
    timeline: list = field(default_factory=list)
    ended: set = field(default_factory=set)
    last_heard: dict = field(default_factory=dict)
    # By gateway: instance id to what its list says.
    reads: list = field(default_factory=list)
    # By instance id; None where it is unknown.
    histories: dict = field(default_factory=dict)
    runs: list = field(default_factory=list)
    dead: list = field(default_factory=list)
    # Garbage by tag: its kind, for what must become a dead letter.
    planted: dict = field(default_factory=dict)
    # Message ids of events that waited too long for their start: these may be dead letters, and were sent again.
    late_events: set = field(default_factory=set)
    # What broke that no fault explains.
    surprises: list = field(default_factory=list)
    left_in_queues: dict = field(default_factory=dict)
    # By key: what each account holds in the end.
    accounts: dict = field(default_factory=dict)


class Record:
    """The facts while they come in."""

    def __init__(self):
        self.facts = Facts()
        self.lock = threading.Lock()
        self.counts = {}
        # Told of each plan that has ended, when somebody has an order for it then.
        self.has_ended = lambda plan: None
        self._heard = set()

    def count(self, what, by=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + by

    def wanted(self, plan):
        with self.lock:
            self.facts.plans |= {each.id: each for each in plan.with_descendants()}

    def accepted(self, plan, door):
        """With a start all that it starts in turn is promised."""
        with self.lock:
            self.facts.accepted.setdefault(plan.id, door)
            for each in plan.with_descendants():
                self.facts.accepted.setdefault(each.id, "its parent")

    def refused(self, text):
        with self.lock:
            self.facts.refused.append(text)

    def surprise(self, text):
        with self.lock:
            self.facts.surprises.append(text)

    def late_event(self, message_id):
        with self.lock:
            self.facts.late_events.add(message_id)

    def planted(self, tag, kind):
        with self.lock:
            self.facts.planted[tag] = kind

    def heard(self, arrival, status):
        """A status message; repeats are expected, contradictions are not."""
        facts = self.facts
        with self.lock:
            # A queue gives again what was not acked when its connection was lost.
            place = (status.partition, status.epoch, status.sequence)
            if place not in self._heard:
                self._heard.add(place)
                facts.timeline.append((arrival, status.partition, status.epoch, status.said_at))
            versions = facts.versions.setdefault(status.instance, {}).setdefault(status.incarnation, {})
            said = (status.type, status.body)
            before = versions.setdefault(status.version, said)
            if before != said:
                facts.conflicts.append(f"{status.instance} version {status.version}: {before}, then {said}")
            facts.last_heard[status.instance] = arrival
            plan = facts.plans.get(status.instance)
            is_end = status.type in ENDS
            if is_end if plan is None else plan.is_over(status.type, len(facts.versions[status.instance])):
                facts.ended.add(status.instance)
        if plan is not None and plan.order is not None and is_end:
            self.has_ended(plan)

    def unfinished(self):
        with self.lock:
            return len(self.facts.plans) - len(self.facts.ended & self.facts.plans.keys())

    def not_ended(self):
        with self.lock:
            return [id for id in self.facts.accepted if id not in self.facts.ended]


ENDS = {
    "OrchestrationCompleted": "Completed",
    "OrchestrationFailed": "Failed",
    "OrchestrationTerminated": "Terminated",
}
PURGED = "OrchestrationPurged"
