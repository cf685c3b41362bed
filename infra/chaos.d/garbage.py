"""Messages that cannot be processed. Each must be found again as a dead letter, except those that say otherwise."""
import queue
import struct

import pika
from pika.exceptions import ChannelClosedByBroker, NackError, UnroutableError

from amqp import PAUSE, Reconnecting
from facts import DeadLetter

HEADER = "chaos-garbage"


class Kind:
    """Where it is published, with what; `fate` is dead, or dropped (counted by no one), or refused (by the broker)."""

    def __init__(self, name, key, body=b"null", fate="dead", exchange=None, headers=None, **properties):
        self.name, self.key, self.body, self.fate = name, key, body, fate
        self.exchange = exchange
        self.headers = headers or {}
        self.properties = properties

    def message(self, tag):
        properties = {"content_type": "application/json", "delivery_mode": 2, "message_id": tag, "correlation_id": tag}
        properties |= self.properties
        return pika.BasicProperties(headers=self.headers | {HEADER: tag}, **properties)


class NestedHeaders(Kind):
    """A header table so deep that a recursive reader needs megabytes of stack; pika cannot write one."""

    def __init__(self, depth):
        super().__init__(f"headers nested {depth} deep", "start.Unheard")
        self._depth = depth

    def message(self, tag):
        return _Encoded(self._depth, tag)


class _Encoded(pika.BasicProperties):
    def __init__(self, depth, tag):
        super().__init__(message_id=tag, delivery_mode=2)
        self._depth = depth

    def encode(self):
        table = b""
        for _ in range(self._depth):
            table = b"\x01aF" + struct.pack(">I", len(table)) + table
        id = self.message_id.encode()
        flags = 1 << 13 | 1 << 12 | 1 << 7  # headers, delivery_mode, message_id
        return [struct.pack(">H", flags), struct.pack(">I", len(table)), table, b"\x02", bytes([len(id)]), id]


DEFAULT_EXCHANGE = ""
STALE_TOKEN = "1.1.1." + "0" * 32


def kinds(hub):
    inbox, activity = f"reprise.{hub}.inbox.0", f"reprise.{hub}.activity.Work"
    return [
        Kind("empty routing key", ""),
        Kind("unknown command", "frobnicate.Chain"),
        Kind("start without a name", "start."),
        Kind("truncated JSON", "start.Chain", b'{"steps": 3, "val'),
        Kind("not UTF-8", "start.Chain", b'"\xff\xfe"'),
        Kind("NaN", "start.Chain", b'{"steps": NaN}'),
        Kind("deep JSON", "start.Chain", b"[" * 400_000 + b"]" * 400_000),
        Kind("two values", "start.Chain", b"1 2"),
        Kind("wrong content type", "start.Chain", content_type="text/plain"),
        Kind("compressed", "start.Chain", content_encoding="gzip"),
        Kind("unknown orchestrator", "start.Unheard"),
        Kind("no message id, unknown orchestrator", "start.Unheard", message_id=None),
        Kind("longest message id, unknown orchestrator", "start.Unheard", message_id="x" * 255),
        Kind("instance id of the wrong type", "start.Chain", headers={"reprise-instance": 7}),
        Kind("forbidden instance id", "start.Chain", correlation_id="a/b"),
        Kind("overlong instance id", "start.Chain", headers={"reprise-instance": "x" * 300}),
        Kind("terminate without instance", "terminate", correlation_id=None),
        Kind("terminate an unknown instance", "terminate"),
        Kind("event for an unknown instance", "event.Go", b"1"),
        Kind("body of 1 MiB and a byte", "start.Chain", b'"' + b"x" * (1 << 20) + b'"'),
        Kind("body of 5 MiB", "start.Chain", b'"' + b"x" * (5 << 20) + b'"', fate="refused"),
        NestedHeaders(15_000),
        Kind("inbox: unknown type", inbox, exchange=DEFAULT_EXCHANGE, type="ActivityForgotten"),
        Kind("inbox: no type", inbox, exchange=DEFAULT_EXCHANGE),
        Kind("inbox: answer without token", inbox, exchange=DEFAULT_EXCHANGE, type="ActivityCompleted"),
        Kind(
            "inbox: answer with a token of another make",
            inbox,
            exchange=DEFAULT_EXCHANGE,
            type="ActivityCompleted",
            headers={"reprise-token": "+1.1.1.zz"},
        ),
        Kind(
            "inbox: answer to a task that no one has given",
            inbox,
            fate="dropped",
            exchange=DEFAULT_EXCHANGE,
            type="ActivityCompleted",
            headers={"reprise-token": STALE_TOKEN},
        ),
        Kind("activity queue: no task", activity, exchange=DEFAULT_EXCHANGE),
        Kind("activity queue: no token", activity, exchange=DEFAULT_EXCHANGE, reply_to=inbox),
    ]


class Vandal(Reconnecting):
    """Publishes garbage when it is told to, each piece until it is confirmed."""

    def __init__(self, url, hub, record):
        super().__init__("vandal", url)
        self.kinds = kinds(hub)
        self._commands = f"reprise.{hub}"
        self._record = record
        self._jobs = queue.Queue()
        self._job = None
        self._number = 0

    def plant(self, kind):
        self._number += 1
        self._jobs.put((kind, f"garbage-{self._number}"))

    @property
    def is_settled(self):
        return self._jobs.empty() and self._job is None

    def serve(self, connection):
        channel = connection.channel()
        channel.confirm_delivery()
        while not self.stopping.is_set():
            if self._job is None:
                try:
                    self._job = self._jobs.get(timeout=0.1)
                except queue.Empty:
                    connection.process_data_events()
                    continue
            try:
                channel = self._publish(connection, channel, *self._job)
            except (NackError, UnroutableError):
                self.stopping.wait(PAUSE)
                continue
            self._job = None

    def _publish(self, connection, channel, kind, tag):
        exchange = self._commands if kind.exchange is None else kind.exchange
        try:
            channel.basic_publish(exchange, kind.key, kind.body, kind.message(tag), mandatory=True)
        except ChannelClosedByBroker as error:
            if kind.fate != "refused" or error.reply_code != 406:
                raise
            channel = connection.channel()
            channel.confirm_delivery()
        if kind.fate == "dead":
            self._record.planted(tag, kind.name)
        self._record.count("pieces of garbage")
        return channel


def read_dead_letters(channel, hub):
    """Takes every dead letter off its queue."""
    while True:
        delivery, properties, _ = channel.basic_get(f"reprise.{hub}.dead", auto_ack=False)
        if delivery is None:
            return
        headers = properties.headers or {}
        message_id = headers.get("reprise-message-id")
        tags = {headers.get(HEADER), properties.correlation_id, message_id}
        yield DeadLetter(headers.get("reprise-code"), headers.get("reprise-reason"), message_id, frozenset(tags))
        channel.basic_ack(delivery.delivery_tag)
