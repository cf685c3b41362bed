"""Starts orchestrations at a steady rate through both doors, as a careful client does: in doubt again, same key.

    pace ──► job ──► AMQP senders ──► confirmed ──► accepted ──► its event, later
                └──► HTTP senders ──► 202, 409  ──┘
"""
import itertools
import queue
import random
import threading
import time

import plans
from facts import BY_PARENT
from later import Later
from senders import AMQPSender, HTTPSender, Order, Raise, Start, Stop, event_key

# An event waits 30 s for its start. After this long without an accepted one it is sent again.
EVENT_PATIENCE = 10


class Load:
    def __init__(self, seed, rate, most_unfinished, amqp_url, hub, gateways, record):
        self.record = record
        self.gateways = gateways
        self.exchange = f"reprise.{hub}"
        self.amqp_jobs, self.http_jobs = queue.Queue(), queue.Queue()
        # Where AMQP senders want answers, one after another, though no one there has asked for any.
        self.reply_addresses = [None]
        self._seed, self._rate, self._most = seed, rate, most_unfinished
        self._pacing = threading.Event()
        self._dice = random.Random(f"{seed}/duplicates")
        self._open_jobs = 0
        self._lost_at = 0  # when messages were thrown away last, on the clock of time.monotonic()
        self._ordered = set()
        self._lock = threading.Lock()
        self._later = Later()
        self.senders = [AMQPSender(n, amqp_url, self) for n in (1, 2)] + [HTTPSender(n, self) for n in range(1, 9)]
        self._pace = threading.Thread(target=self._run_pace, name="pace", daemon=True)

    def begin(self):
        self.record.has_ended = self._has_ended
        self.record.has_fallen = self._has_fallen
        self._later.start()
        for sender in self.senders:
            sender.start()
        self._pace.start()

    def stop_starting(self):
        self._pacing.set()
        self._pace.join()

    @property
    def is_settled(self):
        """Everything that was begun has been accepted."""
        with self._lock:
            return self._open_jobs == 0

    def stop_quietly(self):
        """Without waiting for anyone."""
        self._pacing.set()
        self._later.stop()
        for sender in self.senders:
            sender.stopping.set()

    def end(self):
        self._later.stop()
        for sender in self.senders:
            sender.stop()

    def start(self, plan):
        """Out of turn."""
        self._begin(plan)

    def duplicate(self, count):
        """Sends starts and events that were accepted before again; returns how many."""
        with self.record.lock:
            accepted = [id for id, door in self.record.facts.accepted.items() if door != "its parent"]
            chosen = [self.record.facts.plans[id] for id in self._dice.sample(accepted, min(count, len(accepted)))]
        for plan in chosen:
            # Often through the other door: there too it is the same start.
            jobs = self._dice.choice([self.amqp_jobs, self.http_jobs])
            self._add(jobs, Start(plan, is_repeat=True))
            if plan.event is not None and plan.event.door == "amqp":
                self._add(self.amqp_jobs, Raise(plan, is_repeat=True))
        self.record.count("starts and events sent again", len(chosen))
        return len(chosen)

    def raise_again(self):
        """Events that came ahead of their starts, where these were held up: they may have been given up meanwhile."""
        for plan, _, _ in self.record.unfinished_plans():
            if plan.event is not None and plan.event.delay is None:
                self.record.late_event(event_key(plan))
                self._add(self.amqp_jobs, Raise(plan, is_repeat=True))

    def begin_again(self):
        """Sends again what the broker had confirmed, and may have lost before a partition read it.

        Not what a partition has answered or spoken of: that must still be there.
        """
        plans = self.record.unfinished_plans()
        self._lost_at = time.monotonic()
        for plan, door, has_spoken in plans:
            if door == "amqp" and not has_spoken:
                self._add(self.amqp_jobs, Start(plan, is_repeat=True))
            if plan.event is not None and plan.event.door == "amqp":
                self._add(self.amqp_jobs, Raise(plan, is_repeat=True))
            self._order_again(plan, is_child=door == BY_PARENT)
        self.record.count("sent again after messages were lost", len(plans))

    def _order_again(self, plan, is_child):
        """To children too, since what a parent that has ended told them may be lost."""
        root = plan.id.split(".")[0]
        with self.record.lock:
            is_over = root in self.record.facts.ended
            failures = sum(self.record.facts.rescued.get(plan.id, {}).values())
        if plan.expected.status in ("Canceled", "Terminated") and (is_over or not is_child):
            self._add_later(5 if is_child else 0, self.http_jobs, Stop(plan, is_child))
        with self._lock:
            orders = [("purge" if plan.is_purged else plan.order, 0)] if root in self._ordered else []
        if not is_child:
            orders += [("rewind", number) for number in range(1, failures + 1)]
        for what, number in orders:
            order = Order(plan, what, number)
            # Where it was carried out before, and the instance is gone, no one knows it any more.
            self.record.late_event(order.message_id)
            self._add_later(10 if is_child else 0, self.amqp_jobs, order)

    # What senders say

    def done(self):
        with self._lock:
            self._open_jobs -= 1

    def start_accepted(self, job, door):
        plan, event = job.plan, job.plan.event
        if not job.is_repeat:
            self.record.accepted(plan, door)
            self.record.count(f"starts over {door}")
            if event is not None:
                self._send_event_after(job, plan, event)
            if plan.stopped_after is not None:
                self._add_later(plan.stopped_after, self.http_jobs, Stop(plan))
        self.done()

    def stopped(self, job):
        self.record.count("cancellations" if job.plan.expected.cancellations else "terminations")
        self.done()

    def ordered(self, job):
        self.record.count(f"orders: {job.what}")
        self.done()

    def _has_ended(self, plan):
        with self._lock:
            is_new = plan.id not in self._ordered
            self._ordered.add(plan.id)
        if is_new:
            self._add_later(self._dice.uniform(0, 2), self.amqp_jobs, Order(plan, plan.order))

    def _has_fallen(self, plan, times):
        """As people do with what has failed by no fault of its own."""
        self.record.count("failures by an operator's policy")
        self._add_later(self._dice.uniform(0, 2), self.amqp_jobs, Order(plan, "rewind", times))

    def event_sent(self, job):
        if job.then is not None:
            job.then.event_sent_at = time.monotonic()
            self._add(self._jobs_of(job.plan.door), job.then)
        self.done()

    def _send_event_after(self, start, plan, event):
        if event.delay is not None:
            for _ in range(event.times):
                self._add_later(event.delay, self._jobs_of(event.door), Raise(plan))
        elif time.monotonic() - start.event_sent_at > EVENT_PATIENCE or start.event_sent_at < self._lost_at:
            self.record.late_event(event_key(plan))
            self._add(self.amqp_jobs, Raise(plan))

    # Work

    def _run_pace(self):
        began = time.monotonic()
        for number in itertools.count(1):
            due = began + number / self._rate
            while not self._pacing.is_set() and (time.monotonic() < due or self.record.unfinished() >= self._most):
                self._pacing.wait(0.02)
            if self._pacing.is_set():
                return
            # What the cap held back is not made up for: that would be a burst.
            began = max(began, time.monotonic() - (number + 2) / self._rate)
            self._begin(plans.plan(self._seed, number))

    def _begin(self, plan):
        self.record.wanted(plan)
        start = Start(plan)
        if plan.event is not None and plan.event.delay is None:
            for _ in range(plan.event.times - 1):
                self._add(self.amqp_jobs, Raise(plan))
            self._add(self.amqp_jobs, Raise(plan, then=start))
        else:
            self._add(self._jobs_of(plan.door), start)

    def _jobs_of(self, door):
        return self.amqp_jobs if door == "amqp" else self.http_jobs

    def _add(self, jobs, job):
        with self._lock:
            self._open_jobs += 1
        jobs.put(job)

    def _add_later(self, delay, jobs, job):
        with self._lock:
            self._open_jobs += 1
        self._later.add(delay, lambda: jobs.put(job))
