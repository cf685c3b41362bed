"""What operators have at hand: the broker's own commands, and AMQP."""
import json
import subprocess
import threading
import time

import pika

from amqp import LOST, PAUSE
from cluster import HUB, PARTITIONS


def policy(pattern, definition):
    """The command that lays one on the queues whose names fit."""
    return "set_policy", "operators", pattern, json.dumps(definition), "--apply-to", "queues"


def until_empty(stage, queues):
    """Tells when nothing is in the queues, nor with anyone who took it from there."""
    broker = stage.cluster.broker

    def wait(_):
        while not are_empty(messages(broker, f"reprise.{HUB}."), queues):
            time.sleep(1)

    return persistently(broker.url, wait)


def are_empty(listed, queues):
    """A queue that is not listed may be full: a broker that has just started lists none."""
    return all(listed.get(name) == 0 for name in queues)


def messages(broker, prefix):
    """By the names of queues that begin so: what is in each, including what a consumer has taken."""
    listed = broker.ask_ctl("-q", "list_queues", "--no-table-headers", "name", "messages").splitlines()
    return {name: int(number) for name, number in map(str.split, listed) if name.startswith(prefix)}


def times_said(stage, text):
    return sum(node.log.read_text(errors="replace").count(text) for node in stage.cluster.nodes)


def must_be_said(stage, text, times_before):
    """What an operator took away, a node's log must name."""
    if times_said(stage, text) == times_before:
        stage.record.surprise(f"no node's log says '{text}'")


def until_all_owned(broker):
    """Tells when every partition has its owner."""

    def wait(channel):
        while not all(consumers(channel, f"owner.{partition}") for partition in range(PARTITIONS)):
            time.sleep(PAUSE)

    return persistently(broker.url, wait)


def consumers(channel, name):
    return channel.queue_declare(f"reprise.{HUB}.{name}", passive=True).method.consumer_count


def persistently(url, work):
    """Does `work` on a channel, in a thread of its own, until the broker has let it; tells when it has."""
    failures = []

    def run():
        while True:
            try:
                parameters = pika.URLParameters(url)
                parameters.heartbeat = 0  # Some wait for long between two commands.
                with pika.BlockingConnection(parameters) as connection:
                    return work(connection.channel())
            except (*LOST, subprocess.CalledProcessError):
                time.sleep(PAUSE)
            except Exception as error:  # A mistake of the suite must fail the run, and not end a thread unseen.
                return failures.append(error)

    thread = threading.Thread(target=run, name="operator", daemon=True)
    thread.start()

    def is_done():
        if failures:
            raise RuntimeError("the suite's own thread 'operator' failed") from failures[0]
        return not thread.is_alive()

    return is_done
