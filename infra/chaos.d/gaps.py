"""What a subscriber was not given, it asks the instances' partitions for: see `statuses` in AMQP-Protocol.md."""
import itertools
import json
import time

import pika

# A message may be on its way for so long.
PATIENCE = 3
# A question may be lost: it is asked again after so long.
AGAIN = 5
# So many questions in each second.
AT_ONCE = 50


class Gaps:
    def __init__(self, hub, record):
        self._commands = f"reprise.{hub}"
        self._record = record
        self._asked = {}  # by instance: when
        self._questions = {}  # by id: instance and version
        self._numbers = itertools.count(1)
        self._next_at = 0

    def open(self, connection):
        self._channel = connection.channel()
        self._answers = self._channel.queue_declare("", exclusive=True).method.queue
        self._asked, self._questions = {}, {}

    def step(self):
        """Takes answers, and asks for what is missing."""
        while self._questions:
            delivery, properties, body = self._channel.basic_get(self._answers, auto_ack=True)
            if delivery is None:
                break
            self._take(properties, json.loads(body))
        now = time.monotonic()
        if now < self._next_at:
            return
        self._next_at = now + 1
        due = (id for id in self._record.missing(PATIENCE) if self._asked.get(id, 0) < now - AGAIN)
        for id in itertools.islice(due, AT_ONCE):
            self._ask(id, self._record.heard_up_to(id))

    def _ask(self, id, version):
        question = f"gap-{next(self._numbers)}"
        self._asked[id] = time.monotonic()
        self._questions[question] = id, version
        properties = pika.BasicProperties(
            correlation_id=id,
            message_id=question,
            reply_to=self._answers,
            headers={"reprise-instance": id, "reprise-after": version},
        )
        self._channel.basic_publish(self._commands, "statuses", b"", properties)
        self._record.count("questions for what was missed")

    def _take(self, properties, page):
        id, after = self._questions.pop(properties.correlation_id, (None, None))
        if id is None:
            return
        if properties.type == "rejected":
            return self._record.is_unknown(id)
        changes = {change["version"]: (change["type"], change["body"]) for change in page["changes"]}
        self._record.told(id, page["incarnation"], after, changes, None if page["next"] else page["version"])
        if page["next"]:
            self._ask(id, page["next"])
