"""Hears every status message, as anyone can: a durable queue on the status exchange."""
import json
import time
from dataclasses import asdict

from amqp import Reconnecting
from facts import Status
from gaps import Gaps

QUEUE = "chaos.observer"
# Between the clock of messages and that of this suite; taken once, so that it keeps their order.
WALL_CLOCK_LEAD = time.time() - time.monotonic()


class Observer(Reconnecting):
    def __init__(self, url, hub, record, notes):
        super().__init__("observer", url)
        # For people who look into a run that has failed.
        self._notes = open(notes, "a")
        self._exchange = f"reprise.{hub}.status"
        self._record = record
        self._gaps = Gaps(hub, record)
        self.is_listening = False

    def serve(self, connection):
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_bind(QUEUE, self._exchange, "#")
        channel.basic_qos(prefetch_count=1000)
        self._gaps.open(connection)
        self.is_listening = True
        tag = None
        for delivery, properties, body in channel.consume(QUEUE, inactivity_timeout=0.2):
            if delivery is not None:
                # Progress of activities is not a change of the instance, and has no version.
                if properties.type == "ActivityProgress":
                    self._record.count("reports of progress")
                else:
                    self._take(_read(properties, body), time.monotonic())
                tag = delivery.delivery_tag
            if tag is not None and (delivery is None or tag % 50 == 0):
                channel.basic_ack(tag, multiple=True)
                tag = None
            self._gaps.step()
            if self.stopping.is_set() and delivery is None:
                return

    def _take(self, status, arrival):
        self._record.heard(arrival, status)
        self._notes.write(json.dumps({"arrival": arrival} | asdict(status)) + "\n")


def _read(properties, body):
    headers = properties.headers
    return Status(
        instance=headers["reprise-instance"],
        incarnation=headers["reprise-incarnation"],
        version=headers["reprise-version"],
        partition=headers["reprise-partition"],
        epoch=headers["reprise-epoch"],
        sequence=headers["reprise-sequence"],
        said_at=headers["reprise-time"] / 1000 - WALL_CLOCK_LEAD,
        type=properties.type,
        body=json.loads(body or b"null"),
    )
