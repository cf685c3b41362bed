"""Reads, slice by slice, what the processes use and what lies on disks and in the broker."""
import time
from dataclasses import dataclass

import proc
from gateway import Unreachable
from household import HUB

# Between two looks at the memory; the least of a slice is what counts.
PAUSE = 0.5
QUEUES = ["intake", "inbox.0", "dead", "activity.E1_SayHello", "activity.CalculateDiscount"]


@dataclass
class Slice:
    number: int
    orchestrations: int
    seconds: float
    # By process: milliseconds of CPU for each orchestration, in the first and in the second half.
    cpu: dict
    # By process, in bytes: all that is resident, and the least of the process's own.
    resident: dict
    own_memory: dict
    open_files: dict
    threads: dict
    # In bytes: journals, log, readModel.
    disk: dict
    # Instances that no one has purged yet.
    kept: int
    unconfirmed: int
    troubles: list
    # By queue: messages.
    queues: dict

    @property
    def rate(self):
        return self.orchestrations / self.seconds


class Meter:
    def __init__(self, household, work, gateway):
        self._household, self._work, self._gateway = household, work, gateway
        self._pids = {name: program.pid for name, program in household.programs.items()}
        self._looked_at = 0.0
        self._least = {}

    def look(self):
        """From time to time, while a slice lasts."""
        if time.monotonic() - self._looked_at < PAUSE:
            return
        self._looked_at = time.monotonic()
        for name, pid in self._pids.items():
            own = proc.status(pid, "RssAnon")[0]
            self._least[name] = min(own, self._least.get(name, own))

    def begin(self):
        self._least, self._looked_at = {}, 0.0
        self._began, self._marks = time.monotonic(), [self._cpu()]

    def half(self):
        self._marks.append(self._cpu())

    def end(self, number, orchestrations):
        self.half()
        seconds = time.monotonic() - self._began
        self._looked_at = 0.0
        self.look()
        resident, threads = {}, {}
        for name, pid in {**self._pids, "broker": self._household.broker.pid}.items():
            resident[name], threads[name] = proc.status(pid, "VmRSS", "Threads")
        unconfirmed, troubles = self.cluster()
        return Slice(
            number=number,
            orchestrations=orchestrations,
            seconds=seconds,
            cpu={name: self._halves(name, orchestrations / 2) for name in self._marks[0]},
            resident=resident,
            own_memory=dict(self._least),
            open_files={name: proc.open_files(pid) for name, pid in self._pids.items()},
            threads=threads,
            disk=self._household.bytes_on_disk(),
            kept=self._work.ended - self._work.purged,
            unconfirmed=unconfirmed,
            troubles=troubles,
            queues=self.queues(),
        )

    def queues(self):
        """How many messages wait in each."""
        return {name: self._work.messages_in(f"reprise.{HUB}.{name}") for name in QUEUES}

    def _cpu(self):
        pids = {**self._pids, "broker": self._household.broker.pid}
        return {name: proc.cpu_seconds(pid) for name, pid in pids.items()}

    def _halves(self, name, orchestrations):
        before, middle, after = (mark[name] for mark in self._marks)
        return [(middle - before) * 1000 / orchestrations, (after - middle) * 1000 / orchestrations]

    def cluster(self):
        """Publications that the owners are not rid of yet, and what nodes complain of."""
        report = self._gateway.cluster()
        if report is None:
            raise Unreachable("the gateway does not say who owns what")
        partitions = report["partitions"]
        troubles = [trouble["text"] for partition in partitions for trouble in partition["troubles"]]
        return sum(partition["unconfirmed"] or 0 for partition in partitions), troubles
