"""Chooses faults by a seed, and carries them out side by side on one thread."""
import random
import time

import operators  # noqa: F401 - its faults are in the catalogue too
import removals  # noqa: F401
from faults import CATALOGUE, Strike

PAUSE = (2, 6)
AT_ONCE = 2
# A fault that has not healed by then never will.
LIMIT = 180


class Schedule:
    def __init__(self, stage, seed, names, announce, never_healed):
        self.strikes = []
        self._stage = stage
        self._dice = random.Random(f"{seed}/faults")
        self.faults = [fault for fault in CATALOGUE if fault.kind in names]
        self._announce = announce
        self._never_healed = never_healed
        self._running = []
        self._next_at = time.monotonic() + self._dice.uniform(*PAUSE)

    @property
    def is_idle(self):
        return not self._running

    def step(self, may_begin):
        now = time.monotonic()
        if may_begin and now >= self._next_at:
            self._next_at = now + self._dice.uniform(*PAUSE)
            if len(self._running) < AT_ONCE:
                self._begin()
        for running in self._running[:]:
            if running.advance(now):
                self._running.remove(running)
            elif now > running.limit:
                self._running.remove(running)
                self._never_healed(running.strike)

    def _begin(self):
        struck = {running.target.name for running in self._running}
        if any(running.strike.fault.is_alone for running in self._running):
            return
        choices = []
        for fault in self.faults:
            if fault.is_alone and self._running:
                continue
            targets = [target for target in fault.targets(self._stage) if target.name not in struck]
            if targets:
                choices.append((fault, targets))
        if not choices:
            return
        runs = [sum(strike.fault is fault for strike in self.strikes) for fault, _ in choices]
        # Whatever has had few turns is due: a short run too shall see every kind.
        weights = [fault.weight / (1 + ran) ** 3 for (fault, _), ran in zip(choices, runs)]
        fault, targets = self._dice.choices(choices, weights)[0]
        target = self._dice.choice(targets)
        strike = Strike(fault, target.name)
        self.strikes.append(strike)
        self._announce(strike)
        self._running.append(_Running(strike, target, fault.run(self._stage, target, strike)))


class _Running:
    def __init__(self, strike, target, steps):
        self.strike = strike
        self.target = target
        self._steps = steps
        self._until = None
        self.limit = time.monotonic() + LIMIT

    def advance(self, now):
        """True when it is over."""
        while self._until is None or self._until(now):
            try:
                wait = next(self._steps)
            except StopIteration:
                self.strike.ended = time.monotonic()
                return True
            self._until = self._condition(wait, now)
        return False

    @staticmethod
    def _condition(wait, now):
        if callable(wait):
            return lambda _: wait()
        return lambda later: later >= now + wait
