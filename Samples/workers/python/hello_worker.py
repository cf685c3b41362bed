#!/usr/bin/env python3
"""An activity worker in Python: serves E1_SayHello.   hello_worker.py   (Debian: python3-pika, or: pip install pika)

    reprise.<hub>.activity.E1_SayHello ──task──► this ──result──► the queue that the task names in reply_to

Start as many as you like, beside or instead of those in Swift: RabbitMQ hands each task to one of them.
"""
import json, logging, os, random, time
import pika
from pika.exceptions import AMQPError, UnroutableError

ACTIVITY = "E1_SayHello"
BROKERS = os.environ.get("REPRISE_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672").split(",")
QUEUE = f"reprise.{os.environ.get('REPRISE_HUB', 'default')}.activity.{ACTIVITY}"
log = logging.getLogger(ACTIVITY)


class NonRetriable(Exception):
    """Trying again cannot help."""


def say_hello(city):
    if not isinstance(city, str):
        raise NonRetriable(f"the input is not the name of a city but {type(city).__name__}")
    return f"Hello {city}!"


def perform(body):
    """The type and the value of the answer to a task."""
    try:
        return "ActivityCompleted", say_hello(json.loads(body or b"null"))
    except Exception as error:
        return "ActivityFailed", {
            "type": type(error).__name__,
            "message": str(error),
            "details": None,
            "nonRetriable": isinstance(error, (NonRetriable, ValueError)),
        }


def answer(channel, task, kind, value):
    """Returns when the broker has the answer. What identifies the task goes back as it came."""
    channel.basic_publish(
        exchange="",
        routing_key=task.reply_to or "",
        body=json.dumps(value),
        properties=pika.BasicProperties(
            type=kind,
            correlation_id=task.correlation_id,
            headers={k: v for k, v in (task.headers or {}).items() if k in ("reprise-token", "reprise-instance")},
            content_type="application/json",
            delivery_mode=2,  # persistent
        ),
        mandatory=True,
    )


def serve(connection):
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_declare(QUEUE, passive=True)  # the hub made it; an error here means: no such hub, or no such activity
    channel.basic_qos(prefetch_count=10)
    log.info("serving %s", QUEUE)
    # One task after the other. Work that takes minutes belongs on a thread, so that heartbeats go on.
    for delivery, task, body in channel.consume(QUEUE):
        try:
            answer(channel, task, *perform(body))
        except UnroutableError:
            log.warning("nobody waits for the answer to %s at %s", task.correlation_id, task.reply_to)
            channel.basic_reject(delivery.delivery_tag, requeue=False)
            continue
        # Only now: a worker that dies before this line leaves the task to another, one that dies after it has answered.
        channel.basic_ack(delivery.delivery_tag)


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    pause = 1
    while True:
        try:
            random.shuffle(BROKERS)  # the workers of a cluster spread over its brokers
            with pika.BlockingConnection([pika.URLParameters(url) for url in BROKERS]) as connection:
                pause = 1
                serve(connection)
        except (AMQPError, OSError) as error:
            log.warning("%r; trying again in %d s", error, pause)
        time.sleep(pause)
        pause = min(2 * pause, 30)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
