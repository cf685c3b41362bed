"""An activity worker that gives every answer more than once, and keeps the ledger as the others do."""
import json
import time

import pika
from pika.exceptions import NackError, UnroutableError

from amqp import PAUSE, Reconnecting
from plans import worked

ACTIVITY = "Stutter"


class StutteringWorker(Reconnecting):
    def __init__(self, url, hub, ledger, record):
        super().__init__("stuttering worker", url)
        self._queue = f"reprise.{hub}.activity.{ACTIVITY}"
        self._dead_letters_to = f"reprise.{hub}.intake"
        self._ledger = open(ledger / "stuttering-worker.jsonl", "ab", buffering=0)
        self._record = record

    def serve(self, connection):
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare(
            self._queue,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": 10,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": self._dead_letters_to,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )
        channel.basic_qos(prefetch_count=4)
        for delivery, task, body in channel.consume(self._queue, inactivity_timeout=0.2):
            if delivery is None:
                if self.stopping.is_set():
                    return
                continue
            given = json.loads(body)
            self._note("began", task, given)
            result = worked(given["value"])
            self._note("completed", task, given)
            for _ in range(2 + given["value"] % 2):
                self._answer_until_taken(connection, channel, task, result)
                self._record.count("answers given again")
            self._record.count("answers given again", -1)
            channel.basic_ack(delivery.delivery_tag)

    def _answer_until_taken(self, connection, channel, task, result):
        """The inbox may refuse for a while; a task that is given back too often is given up."""
        while True:
            try:
                return self._answer(channel, task, result)
            except (NackError, UnroutableError):
                connection.sleep(PAUSE)

    def _answer(self, channel, task, result):
        channel.basic_publish(
            exchange="",
            routing_key=task.reply_to,
            body=json.dumps(result),
            properties=pika.BasicProperties(
                type="ActivityCompleted",
                correlation_id=task.correlation_id,
                headers={name: task.headers[name] for name in ("reprise-token", "reprise-instance")},
                content_type="application/json",
                delivery_mode=2,
            ),
            mandatory=True,
        )

    def _note(self, phase, task, given):
        entry = {
            "phase": phase,
            "key": task.message_id,
            "instance": task.headers["reprise-instance"],
            "activity": ACTIVITY,
            "step": given["step"],
            "attempt": task.headers["reprise-attempt"],
            "time": int(time.time() * 1000),
        }
        self._ledger.write((json.dumps(entry) + "\n").encode())
