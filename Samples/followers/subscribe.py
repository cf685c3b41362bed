#!/usr/bin/env python3
"""Follows an instance over AMQP and prints each change as a line: its version, a tab, its type, a tab, its JSON. With pika.

    REPRISE_AMQP_URL=amqp://… python3 Samples/followers/subscribe.py trip-1

Binds a queue of its own to the hub's status exchange. What was said before it came, or while its connection was lost, is a gap
in the versions: it asks the instance's partition for that. Ends when the instance has ended.
"""

import json
import os
import sys
import time
import uuid

import pika

BROKERS = os.environ.get("REPRISE_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672").split(",")
HUB = os.environ.get("REPRISE_HUB", "default")
ENDS = {
    "OrchestrationCompleted", "OrchestrationFailed", "OrchestrationCanceled", "OrchestrationTerminated",
    "OrchestrationPurged",
}


class Follower:
    def __init__(self, instance):
        self.instance = instance
        self.seen = (0, 0)
        self.is_over = False

    def tell(self, incarnation, version, kind, body):
        if (incarnation, version) <= self.seen:
            return
        print(version, kind, json.dumps(json.loads(body or "null")), sep="\t", flush=True)
        self.seen = (incarnation, version)
        self.is_over = kind in ENDS

    def ask(self):
        """What was said after the last version seen, a page at a time; its answer comes to our queue like any other."""
        properties = pika.BasicProperties(
            correlation_id=self.instance,
            message_id=str(uuid.uuid4()),
            reply_to=self.queue,
            headers={"reprise-after": self.seen[1]},
        )
        self.channel.basic_publish(f"reprise.{HUB}", "statuses", b"", properties, mandatory=True)

    def take(self, properties, body):
        if properties.type == "rejected":
            sys.exit(json.loads(body)["reason"])
        if properties.type == "statuses":
            page = json.loads(body)
            if page["incarnation"] != self.seen[0] and self.seen[1] > 0:
                self.seen = (page["incarnation"], 0)
                return self.ask()
            for change in page["changes"]:
                self.tell(page["incarnation"], change["statusVersion"], change["type"], json.dumps(change["body"]))
            if page["next"] is not None:
                self.ask()
            return
        headers = properties.headers or {}
        if headers.get("reprise-instance") != self.instance or "reprise-status-version" not in headers:
            return
        incarnation, version = headers["reprise-incarnation"], headers["reprise-status-version"]
        expected = self.seen[1] + 1 if incarnation == self.seen[0] else 1
        if version > expected:
            self.ask()
        else:
            self.tell(incarnation, version, properties.type, body)

    def run(self):
        while not self.is_over:
            try:
                with pika.BlockingConnection([pika.URLParameters(url) for url in BROKERS]) as connection:
                    self.channel = connection.channel()
                    self.queue = self.channel.queue_declare("", exclusive=True).method.queue
                    self.channel.queue_bind(self.queue, f"reprise.{HUB}.status", "#")
                    self.ask()
                    for _, properties, body in self.channel.consume(self.queue, auto_ack=True, inactivity_timeout=10):
                        if properties is None:
                            # Nothing for a while: a question may have been lost with a node.
                            self.ask()
                        else:
                            self.take(properties, body)
                        if self.is_over:
                            return
            except pika.exceptions.AMQPError:
                time.sleep(0.5)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Follower(sys.argv[1]).run()
