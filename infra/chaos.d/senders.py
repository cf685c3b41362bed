"""Carry out the load's jobs through the two doors, each until it is accepted."""
import itertools
import json
import queue
import random
import threading

import pika
from pika.exceptions import NackError, UnroutableError

from amqp import PAUSE, Reconnecting
from gateway import Unreachable, start_key


class Start:
    def __init__(self, plan, is_repeat=False):
        self.plan = plan
        self.is_repeat = is_repeat
        self.event_sent_at = None

    routing_key = property(lambda self: f"start.{self.plan.orchestrator}")
    message_id = property(lambda self: start_key(self.plan))
    value = property(lambda self: self.plan.input)
    headers = property(lambda self: {"reprise-start-at": self.plan.start_at} if self.plan.start_at else None)


class Stop:
    """The end of an instance: with its children, or after a clean-up."""

    def __init__(self, plan, is_child=False):
        self.plan = plan
        self.is_child = is_child


class Order:
    """To rewind an instance that has failed, or to restart or purge one that has ended."""

    def __init__(self, plan, what, number=0):
        self.plan = plan
        self.what = what
        self._number = number

    routing_key = property(lambda self: self.what)
    message_id = property(lambda self: f"{self.what}-{self._number}-{self.plan.id}")
    value = property(lambda self: "chaos" if self.what == "rewind" else None)
    headers = property(lambda self: {"reprise-children": True} if self.what == "purge" else None)


class Raise:
    """An event; with `then`, the start that it goes ahead of."""

    def __init__(self, plan, then=None, is_repeat=False):
        self.plan = plan
        self.then = then
        self.is_repeat = is_repeat

    routing_key = property(lambda self: f"event.{self.plan.event.name}")
    message_id = property(lambda self: event_key(self.plan))
    value = property(lambda self: self.plan.event.value)
    headers = None


def event_key(plan):
    return f"event-{plan.id}"


class AMQPSender(Reconnecting):
    def __init__(self, number, url, load):
        super().__init__(f"AMQP sender {number}", url)
        self._load = load
        self._job = None  # kept over a lost connection, and sent again

    def serve(self, connection):
        channel = connection.channel()
        channel.confirm_delivery()
        while not self.stopping.is_set():
            if self._job is None:
                try:
                    self._job = self._load.amqp_jobs.get(timeout=0.1)
                except queue.Empty:
                    connection.process_data_events()
                    continue
            try:
                self._publish(channel, self._job)
            except (NackError, UnroutableError):
                self._load.record.count("publications that the broker refused")
                self.stopping.wait(PAUSE)
                continue
            job, self._job = self._job, None
            if isinstance(job, Start):
                self._load.start_accepted(job, "amqp")
            elif isinstance(job, Order):
                self._load.ordered(job)
            else:
                self._load.event_sent(job)

    def _publish(self, channel, job):
        channel.basic_publish(
            exchange=self._load.exchange,
            routing_key=job.routing_key,
            body=json.dumps(job.value),
            properties=pika.BasicProperties(
                correlation_id=job.plan.id,
                message_id=job.message_id,
                headers=job.headers,
                reply_to=random.choice(self._load.reply_addresses),
                content_type="application/json",
                delivery_mode=2,
            ),
            mandatory=True,
        )


class HTTPSender(threading.Thread):
    def __init__(self, number, load):
        super().__init__(name=f"HTTP sender {number}", daemon=True)
        self._load = load
        self._number = number
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.stopping.is_set():
                try:
                    job = self._load.http_jobs.get(timeout=0.1)
                except queue.Empty:
                    continue
                self._until_answered(job)
        except Exception as error:  # A mistake of the suite must fail the run, and not end a thread unseen.
            self.failure = error

    def stop(self):
        self.stopping.set()
        self.join(25)

    def _until_answered(self, job):
        gateways = itertools.cycle(self._load.gateways[self._number % 2 :] + self._load.gateways[: self._number % 2])
        for gateway in gateways:
            if self.stopping.is_set():
                return
            try:
                if isinstance(job, Start):
                    code = gateway.start(job.plan)
                    taken = (202, 409)
                elif isinstance(job, Stop):
                    cleans_up = job.plan.expected.cancellations > 0
                    code = (gateway.cancel if cleans_up else gateway.terminate)(job.plan.id)
                    # Its start was confirmed by the broker, and no partition has read it yet.
                    if code == 404 and not (job.is_child and self._load.record.was_never_born(job.plan)):
                        self.stopping.wait(PAUSE)
                        continue
                    taken = (202, 404, 410)
                else:
                    code = gateway.raise_event(job.plan.id, job.plan.event)
                    # Gone: an earlier try, whose answer was lost, has ended it.
                    taken = (202, 410)
            except Unreachable:
                self._load.record.count("HTTP requests sent again")
                self.stopping.wait(PAUSE)
                continue
            if code not in taken:
                self._load.record.refused(f"{type(job).__name__} {job.plan.id} over HTTP: {code}")
            if isinstance(job, Start):
                self._load.start_accepted(job, "http")
            elif isinstance(job, Stop):
                self._load.stopped(job)
            else:
                self._load.event_sent(job)
            return
