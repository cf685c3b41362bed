"""The load: starts, events, signals and purges, so many at a time, and every end heard and looked at.

    number ──► start ──► its end is heard ──► purged, some orchestrations later
                  └──► event, some starts later
"""
import collections
import http.client
import json
import math
import time
import uuid

import pika

import mixture

BASE = "/runtime/webhooks/durabletask"
# Further starts before an instance that waits gets its event, and further ends before what has ended is purged.
EVENT_AFTER = 100
PURGE_AFTER = 200
# So long without an end means that nothing works any more.
PATIENCE = 60
END_TYPES = {"OrchestrationCompleted", "OrchestrationFailed", "OrchestrationCanceled", "OrchestrationTerminated"}


class Stuck(Exception):
    pass


class Work:
    def __init__(self, url, hub, gateway_port, concurrency):
        self.started = self.ended = self.purged = 0
        self.mistakes = []
        self._hub = hub
        self._concurrency = concurrency
        self._run = uuid.uuid4().hex[:8]
        self._expected = {}  # by id, of those that have not ended
        self._waiting = collections.deque()  # (due when so many are started, id, event)
        self._done = collections.deque()  # (due when so many have ended, id)
        self._done_bulky = collections.deque()
        self._kept = []
        self._asleep = 0
        self._bulk, self._bulky_kept = "", 0
        self._last_end = time.monotonic()
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self._connection.channel()
        self.channel.add_on_return_callback(self._returned)
        self._http = http.client.HTTPConnection("127.0.0.1", gateway_port, timeout=30)
        queue = self.channel.queue_declare("", exclusive=True).method.queue
        for type in [*END_TYPES, "OrchestrationPurged"]:
            self.channel.queue_bind(queue, f"reprise.{hub}.status", f"#.{type}")
        self.channel.basic_consume(queue, self._heard, auto_ack=True)

    def set_bulk(self, bytes, kept_for):
        """How large bulky inputs are from now on, and for how many ends they are kept; infinity is until the end."""
        self._bulk, self._bulky_kept = "x" * bytes, kept_for

    def stock(self, count):
        """Starts so many bulky ones out of turn."""
        for number in range(count):
            self._start(f"stock-{self._run}-{number}", mixture.BULKY)

    def until_ended(self, count, tick):
        """Goes on until so many have ended in all; calls `tick` about every tenth of a second."""
        while self.ended < count:
            self._raise_due_events(self.started)
            # Those that wait and those that sleep are not what keeps a hub busy.
            while len(self._expected) - len(self._waiting) - self._asleep < self._concurrency:
                self._start_next()
            self._listen(tick)

    def finish(self, tick):
        """Starts nothing more, and waits for all to end."""
        self._raise_due_events(math.inf)
        while self._expected:
            self._listen(tick)

    def purge_rest(self, tick):
        """All that has ended and is not left to the retention; waits until they are gone."""
        rest = [id for _, id in [*self._done, *self._done_bulky]] + self._kept
        wanted, before = len(rest), self.purged
        for id in rest:
            self._purge(id)
        end = time.monotonic() + PATIENCE
        while self.purged - before < wanted:
            if time.monotonic() > end:
                raise Stuck(f"of {wanted} purges {self.purged - before} were carried out within {PATIENCE} s")
            self._connection.process_data_events(0.1)
            tick()

    def messages_in(self, queue):
        return self.channel.queue_declare(queue, passive=True).method.message_count

    def close(self):
        self._http.close()
        self._connection.close()

    # -----------------------------------------------------------------------------------------------------------------

    def _start_next(self):
        number = self.started
        self.started += 1
        id = f"soak-{self._run}-{number}"
        kind = mixture.kind(number)
        self._start(id, kind)
        if kind.event is not None:
            self._waiting.append((self.started + EVENT_AFTER, id, kind.event))
        if number % mixture.SIGNAL_EVERY == 0:
            counter = f"{number // mixture.SIGNAL_EVERY % mixture.COUNTERS}"
            self._publish("entity.Counter", counter, f"signal-{id}", 1, {"reprise-name": "add"})
        self._raise_due_events(self.started)

    def _start(self, id, kind):
        self._expected[id] = kind
        given = self._bulk if kind.is_bulky else kind.input
        headers = None
        if kind.later is not None:
            headers = {"reprise-start-at": int((time.time() + kind.later) * 1000)}
            self._asleep += 1
        if kind.is_over_http:
            self._start_over_http(id, kind, given)
        else:
            self._publish(f"start.{kind.orchestrator}", id, f"start-{id}", given, headers)

    def _start_over_http(self, id, kind, given):
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"start-{id}"}
        self._http.request("POST", f"{BASE}/orchestrators/{kind.orchestrator}/{id}", json.dumps(given), headers)
        response = self._http.getresponse()
        text = response.read()
        if response.status != 202:
            raise Stuck(f"a start over HTTP was answered with {response.status}: {text[:200]}")

    def _raise_due_events(self, started):
        while self._waiting and self._waiting[0][0] <= started:
            _, id, (name, value) = self._waiting.popleft()
            self._publish(f"event.{name}", id, f"event-{id}", value)

    def _purge(self, id):
        self._publish("purge", id, f"purge-{id}", None)

    def _publish(self, key, id, message_id, value, headers=None):
        self.channel.basic_publish(
            exchange=f"reprise.{self._hub}",
            routing_key=key,
            body=json.dumps(value),
            properties=pika.BasicProperties(
                correlation_id=id,
                message_id=message_id,
                headers=headers,
                content_type="application/json",
                delivery_mode=2,
            ),
            mandatory=True,
        )

    def _returned(self, channel, method, properties, body):
        raise Stuck(f"the broker sent a message back ({method.routing_key}): {method.reply_text}")

    def _listen(self, tick):
        self._connection.process_data_events(0.1)
        if time.monotonic() - self._last_end > PATIENCE:
            some = ", ".join(sorted(self._expected)[:5])
            raise Stuck(f"nothing has ended for {PATIENCE} s; {len(self._expected)} are open, such as {some}")
        tick()

    def _heard(self, channel, method, properties, body):
        id, type = properties.headers["reprise-instance"], properties.type
        if type == "OrchestrationPurged":
            self.purged += 1
            return
        kind = self._expected.pop(id, None)
        if kind is None:
            return  # said before: messages may come twice
        self._last_end = time.monotonic()
        if kind.later is not None:
            self._asleep -= 1
        if type != kind.end or (type == mixture.COMPLETED and json.loads(body) != kind.output):
            self.mistakes.append(f"{id} ({kind.name}) ended with {type} {body[:200].decode(errors='replace')}")
        self.ended += 1
        self._schedule_purge(id, kind)

    def _schedule_purge(self, id, kind):
        if kind.is_bulky and self._bulky_kept == math.inf:
            self._kept.append(id)
        elif kind.is_bulky:
            self._done_bulky.append((self.ended + self._bulky_kept, id))
        elif not kind.is_left:
            self._done.append((self.ended + PURGE_AFTER, id))
        for done in (self._done, self._done_bulky):
            while done and done[0][0] <= self.ended:
                self._purge(done.popleft()[1])
