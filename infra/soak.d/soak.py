"""One run: build up, warm up, ten slices, and what is left when all has ended."""
import math
import time

import mixture
from gateway import Gateway
from household import HUB, Household
from judge import judge
from meter import Meter
from work import Stuck, Work

SLICES = 10
# What grows with the work grows on: when the tenth slice looks bad, so many more are measured.
MORE_SLICES = 2
# Fills what is filled once: caches of the read model (8 MB) and of the journals.
STOCK, STOCK_BYTES = 40, 300_000
WARM_UP = 300
# What bulky inputs take in all between the first slice and the middle of the run, in megabytes: files grow by that.
BULK = 16
# So many say how quick the hub is.
SAMPLE = 1_000
# So long may the last publications take to be confirmed.
RETRY_PATIENCE = 40


class Soak:
    def __init__(self, settings, home, progress):
        self.settings = settings
        self.progress = progress
        self.household = Household(settings.programs, settings.broker_name, home)
        self.slices, self.findings = [], []
        self.queues = []

    def perform(self):
        self.progress.show("starting a broker, a node, a worker and a gateway")
        self.household.start()
        gateway = Gateway(self.household.gateway_port)
        self.work = Work(self.household.broker.url, HUB, self.household.gateway_port, self.settings.concurrency)
        self.meter = Meter(self.household, self.work, gateway)
        try:
            self._measure(self._warm_up())
            self._finish()
        except Stuck as stuck:
            self.findings.append(str(stuck))
        self.findings += self.work.mistakes
        self.work.close()

    def _warm_up(self):
        """How many orchestrations a slice takes."""
        self.work.set_bulk(STOCK_BYTES, kept_for=math.inf)
        self.work.stock(STOCK)
        self._advance(STOCK + WARM_UP, "warming up")
        count = self.settings.count
        if count is None:
            # The first ones have found everything cold.
            began = time.monotonic()
            self._advance(SAMPLE, "seeing how many that is")
            count = int(SAMPLE / (time.monotonic() - began) * 60 * self.settings.minutes)
        period = len(mixture.PERIOD)
        return max(2 * period, count // SLICES // period * period)

    def _measure(self, size):
        self.work.set_bulk(mixture.bulk(SLICES * size // 2, BULK), kept_for=SLICES * size // 2)
        for number in range(1, SLICES + MORE_SLICES + 1):
            if number > SLICES and not judge(self.slices):
                break
            self.meter.begin()
            self._advance(size // 2, f"slice {number} of {SLICES}", size)
            self.meter.half()
            self._advance(size - size // 2, f"slice {number} of {SLICES}", size, size // 2)
            self.slices.append(self.meter.end(number, size))
            self.progress.line(self.slices[-1])
        self.findings += judge(self.slices)

    def _advance(self, count, what, of=None, done_before=0):
        first = self.work.ended

        def tick():
            self.meter.look()
            self._look_after()
            self.progress.show(f"{what}: {done_before + self.work.ended - first} of {of or count} orchestrations")

        self.work.until_ended(first + count, tick)

    def _look_after(self):
        gone = self.household.ended_by_itself()
        if gone is not None:
            raise Stuck(gone)

    def _finish(self):
        """All that was begun ends, what has ended can be purged, and nothing goes round any more."""
        self.progress.show("waiting for what has not ended")
        self.work.finish(self._look_after)
        self.work.purge_rest(self._look_after)
        self.progress.show("waiting until nothing is sent again any more")
        end = time.monotonic() + RETRY_PATIENCE
        while (left := self._left()) and time.monotonic() < end:
            time.sleep(0.5)
            self._look_after()
        self.findings += [f"{what}, {RETRY_PATIENCE} s after all had ended" for what in left]
        bad = [finding for finding in self.household.doctor() if finding["state"] == "bad"]
        self.findings += [f"doctor: {finding['subject']}: {finding['text']}" for finding in bad]
        self.queues = self.household.queues()

    def _left(self):
        unconfirmed, troubles = self.meter.cluster()
        left = [f"{unconfirmed} publications are not confirmed"] if unconfirmed else []
        left += [f"a node complains: {trouble}" for trouble in troubles]
        for name, messages in self.meter.queues().items():
            if messages:
                left.append(f"the queue {name} holds {messages} messages")
        return left

    def end(self, keep_logs):
        self.household.end(keep_logs)
