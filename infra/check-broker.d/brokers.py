"""infra/broker for these tests, and what AMQP says of the brokers that it started."""
import json
import os
import re
import subprocess
import time
from pathlib import Path

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException

REPOSITORY = Path(__file__).resolve().parent.parent.parent
BROKERS = REPOSITORY / ".reprise" / "broker"
PREFIX = os.environ.get("CHECK_BROKER_PREFIX", f"check-{os.getpid()}")
VERSION = os.environ.get("CHECK_BROKER_VERSION", "")


def broker(command, name, *arguments):
    """Runs infra/broker and returns what it prints."""
    call = [REPOSITORY / "infra" / "broker", command, "--name", name, *arguments]
    done = subprocess.run(call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"infra/broker {command} {name} ended with {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def start(name, *arguments):
    return broker("start", name, *arguments, *(["--rabbitmq", VERSION] if VERSION else []))


def expected_version():
    own = next(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*")).name.split("-")[1]
    return VERSION + "." if VERSION else own


def peers(name):
    """The nodes that a broker is connected to, or None while it does not serve. Hangs for no one who is frozen."""
    try:
        answer = broker("ctl", name, "--", "-q", "eval", "{rabbit:is_running(), nodes()}.")
    except RuntimeError:
        return None
    return sorted(re.findall(r"reprise-[^']+", answer)) if answer.startswith("{true") else None


def members(name):
    """The nodes of a cluster that runs."""
    status = broker("ctl", name, "--", "-q", "cluster_status", "--formatter", "json")
    return sorted(json.loads(status[status.index("{") :])["running_nodes"])


def eventually(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {condition.__name__}")
        time.sleep(0.5)


class Client:
    """A connection with a channel that waits for confirms."""

    def __init__(self, url, seconds=20):
        parameters = pika.URLParameters(url)
        parameters.socket_timeout = parameters.blocked_connection_timeout = parameters.stack_timeout = seconds
        self._connection = pika.BlockingConnection(parameters)
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._connection.is_open:
            self._connection.close()

    @property
    def version(self):
        return self._connection._impl.server_properties["version"]

    def declare(self, *queues):
        for queue in queues:
            self._channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        # A broker that is killed sooner may have forgotten that it has a replica: it is then never a member again.
        self._connection.sleep(6)

    def publish(self, queue, text, seconds=60):
        """Until it is accepted: a queue that has just lost its leader refuses."""
        properties = pika.BasicProperties(delivery_mode=2)
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._channel.basic_publish("", queue, text.encode(), properties, mandatory=True)
                return
            except pika.exceptions.NackError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def take(self, queue):
        method, _, body = self._channel.basic_get(queue)
        if method is None:
            return None
        self._channel.basic_ack(method.delivery_tag)
        return body.decode()


def take(url, queue, seconds=60):
    """Takes one message, once the queue has a leader."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with Client(url) as client:
                return client.take(queue)
        except pika.exceptions.AMQPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def can_connect(url, seconds=20):
    try:
        with Client(url, seconds):
            return True
    except (pika.exceptions.AMQPError, AMQPConnectorException, OSError):
        return False


def processes_of(directory):
    """The ids of a broker's processes, by the environment that they were started with."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"RABBITMQ_PID_FILE={directory}/node.pid".encode() in environment:
            found.append(int(process.name))
    return found
