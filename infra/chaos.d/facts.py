"""What was seen of a run: written by many threads while it lasts, read by the reconciliation afterwards."""
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Status:
    """A status message."""

    instance: str
    incarnation: int
    version: int
    partition: int
    epoch: int
    sequence: int
    said_at: float  # on the clock of time.monotonic()
    type: str
    body: object


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
    # Whether an operator has made the hub hold up status messages, and let some go.
    statuses_were_held_up: bool = False
    # (instance id, incarnation, version) of what was let go, and no one can tell any more.
    untold: set = field(default_factory=set)
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
    # By instance id and incarnation: how often it failed as an operator had its tasks thrown away, and was rewound.
    rescued: dict = field(default_factory=dict)
    # Garbage that was planted before an operator threw messages away, and may be a dead letter or not.
    forgotten: set = field(default_factory=set)
    # Orchestrations whose signals, for which no one waits, may have been thrown away too.
    unsure_signals: set = field(default_factory=set)
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
        # Told of each plan that has ended, when someone has an order for it then.
        self.has_ended = lambda plan: None
        # Told of each plan that has failed as an operator made it fail, and how often it has.
        self.has_fallen = lambda plan, times: None
        # When tasks could be thrown away, on the clock of time.monotonic().
        self._task_losses = []
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
                self.facts.accepted.setdefault(each.id, BY_PARENT)

    def refused(self, text):
        with self.lock:
            self.facts.refused.append(text)

    def surprise(self, text):
        with self.lock:
            self.facts.surprises.append(text)

    def tasks_may_be_lost(self):
        """From now on an operator has tasks thrown away; call what is returned when he does so no more."""
        window = [time.monotonic(), float("inf")]
        with self.lock:
            self._task_losses.append(window)

        def end():
            window[1] = time.monotonic() + NEWS_OF_LOSSES

        return end

    def statuses_may_be_lost(self):
        """From now on an operator makes the hub let status messages go; what is missing is to be asked for."""
        with self.lock:
            self.facts.statuses_were_held_up = True

    def garbage_may_be_lost(self):
        """What was planted so far, and is not known to be a dead letter."""
        with self.lock:
            facts = self.facts
            unread = facts.planted.keys() - {tag for letter in facts.dead for tag in letter.tags}
            facts.forgotten |= unread
            for tag in unread:
                del facts.planted[tag]

    def messages_were_lost(self):
        """What the broker had confirmed and no one had read is gone."""
        self.garbage_may_be_lost()
        with self.lock:
            facts = self.facts
            facts.unsure_signals |= {id for id in facts.accepted if facts.plans[id].kind == "paying"}

    def was_never_born(self, plan):
        """A child whose start the broker forgot; its parent has ended, so that no one sends that again."""
        with self.lock:
            if plan.id.rsplit(".", 1)[0] not in self.facts.ended:
                return False
            self.facts.accepted.pop(plan.id, None)
            return True

    def late_event(self, message_id):
        with self.lock:
            self.facts.late_events.add(message_id)

    def planted(self, tag, kind):
        with self.lock:
            self.facts.planted[tag] = kind

    def heard(self, arrival, status):
        """A status message; repeats are expected, contradictions are not."""
        with self.lock:
            # A queue gives again what was not acked when its connection was lost.
            place = (status.partition, status.epoch, status.sequence)
            if place not in self._heard:
                self._heard.add(place)
                self.facts.timeline.append((arrival, status.partition, status.epoch, status.said_at))
            said = (status.type, status.body)
            tell = self._note(status.instance, status.incarnation, status.version, said, arrival, status.said_at)
        tell()

    def told(self, id, incarnation, after, changes, newest):
        """What a partition answered: type and body by version; and which version is the newest, if there is no more."""
        now = time.monotonic()
        with self.lock:
            tell = [self._note(id, incarnation, version, said, now, now) for version, said in sorted(changes.items())]
            incarnations = self.facts.versions.setdefault(id, {})
            # Of a life that is news all is asked for from now on.
            incarnations.setdefault(incarnation, {})
            for former in incarnations.keys() - {incarnation}:
                self._let_go(id, former, 1, max(incarnations[former], default=0))
            if newest is not None:
                # Of an orchestration only what came before it continued as new can be missing.
                end = newest + 1 if id.startswith("@") else min(changes, default=newest + 1)
                self._let_go(id, incarnation, after + 1, end - 1)
        for each in tell:
            each()

    def is_unknown(self, id):
        """A partition says that there is no such instance: it was not yet started, or it was purged."""
        root = id.split(".")[0]
        with self.lock:
            facts = self.facts
            plan = facts.plans.get(id)
            said = {type for versions in facts.versions.get(root, {}).values() for type, _ in versions.values()}
            if plan is None or not plan.is_purged or said.isdisjoint(ENDS):
                return
            facts.ended.add(id)
            for incarnation, versions in facts.versions.get(id, {}).items():
                self._let_go(id, incarnation, 1, max(versions, default=0))

    def missing(self, patience):
        """The instances of which something was let go, as far as one can see."""
        with self.lock:
            if not self.facts.statuses_were_held_up:
                return []
            facts, before = self.facts, time.monotonic() - patience
            quiet = [id for id in {*facts.versions, *facts.accepted} if facts.last_heard.get(id, 0) < before]
            return [
                id
                for id in quiet
                if id in facts.accepted and id not in facts.ended
                or any(gaps(id, *of, facts.untold) for of in facts.versions.get(id, {}).items())
            ]

    def heard_up_to(self, id):
        """The version of its present life up to which nothing is missing."""
        with self.lock:
            incarnations = self.facts.versions.get(id)
            if not incarnations:
                return 0
            versions = incarnations[max(incarnations)]
            missed = gaps(id, max(incarnations), versions, self.facts.untold)
            return missed[0] - 1 if missed else max(versions, default=0)

    def _let_go(self, id, incarnation, first, last):
        known = self.facts.versions.get(id, {}).get(incarnation, {})
        self.facts.untold |= {(id, incarnation, version) for version in range(first, last + 1) if version not in known}

    def _note(self, id, incarnation, version, said, arrival, said_at):
        """Returns whom to tell, once no one holds the lock any more."""
        facts = self.facts
        versions = facts.versions.setdefault(id, {}).setdefault(incarnation, {})
        is_new = version not in versions
        before = versions.setdefault(version, said)
        if before != said:
            facts.conflicts.append(f"{id} version {version}: {before}, then {said}")
        facts.last_heard[id] = arrival
        plan = facts.plans.get(id)
        is_end = said[0] in ENDS
        if is_end and self._is_excused(plan, said, said_at):
            if is_new:
                times = facts.rescued.setdefault(id, {})
                times[incarnation] = times.get(incarnation, 0) + 1
                # Rewinding a parent rewinds its children with it.
                if facts.accepted.get(id) != BY_PARENT:
                    total = sum(times.values())
                    return lambda: self.has_fallen(plan, total)
            return lambda: None
        # The end of a former life may be heard again.
        lives = [life for life, of in facts.versions[id].items() if of]
        if incarnation == max(lives) and (is_end if plan is None else plan.is_over(said[0], len(lives))):
            facts.ended.add(id)
        if plan is not None and plan.order is not None and is_end:
            # What an operator made fail first may have nothing of its own to fail of any more.
            if plan.order != "rewind" or said[0] == "OrchestrationFailed":
                return lambda: self.has_ended(plan)
        return lambda: None

    def _is_excused(self, plan, said, said_at):
        if plan is None or said[0] != "OrchestrationFailed" or not tells_of_lost_task(said[1]):
            return False
        # A poison task is to end so, and would do its worst again.
        if plan.kind == "poison" and plan.expected.status == "Failed":
            return False
        return any(began <= said_at <= ended for began, ended in self._task_losses)

    def unfinished(self):
        with self.lock:
            return len(self.facts.plans) - len(self.facts.ended & self.facts.plans.keys())

    def not_ended(self):
        with self.lock:
            return [id for id in self.facts.accepted if id not in self.facts.ended]

    def unfinished_plans(self):
        """Those that were accepted and have not come to their end; with the door, and whether it has said a word."""
        with self.lock:
            facts = self.facts
            return [
                (facts.plans[id], door, id in facts.versions)
                for id, door in facts.accepted.items()
                if id not in facts.ended
            ]


ENDS = {
    "OrchestrationCompleted": "Completed",
    "OrchestrationFailed": "Failed",
    "OrchestrationCanceled": "Canceled",
    "OrchestrationTerminated": "Terminated",
}
PURGED = "OrchestrationPurged"
# The door through which children come.
BY_PARENT = "its parent"
# How long it may take until the hub has heard of a task that was thrown away.
NEWS_OF_LOSSES = 90


def gaps(id, incarnation, versions, untold):
    """The versions of one life that never came, though others after them did."""
    missing = set(range(1, max(versions, default=0) + 1)) - versions.keys()
    return sorted(version for version in missing if (id, incarnation, version) not in untold)


def tells_of_lost_task(failure):
    """Whether it, or what caused it, is that no worker answered."""
    while isinstance(failure, dict):
        if failure.get("type") == "ActivityWorkerLost":
            return True
        failure = failure.get("cause")
    return False
