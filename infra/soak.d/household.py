"""Everything that runs: a RabbitMQ, a node, a worker and a gateway, each a process of its own."""
import json
import os
import subprocess
import time

from broker import STATE, Broker
from cluster import free_port
from processes import Program

HUB = "soak"
# One: what grows with a partition's work then shows soonest.
PARTITIONS = 1
# For what no one purges by command. Carried out once a minute.
RETENTION = "completed=120s"


class Household:
    def __init__(self, programs, broker_name, home):
        self.home = home
        self.broker_name = broker_name
        self.broker = Broker(broker_name, home / "broker-script.log")
        self.gateway_port = free_port()
        self._programs = programs
        self.node = self.worker = self.gateway = None

    @property
    def programs(self):
        return {"node": self.node, "worker": self.worker, "gateway": self.gateway}

    def start(self):
        self.broker.begin_start()
        self._wait("the broker has started", self.broker.has_started, 150)
        self.node = self._node("node", "orchestrations")
        self.worker = self._node("worker", "activities")
        command = ["gateway", "--port", str(self.gateway_port), "--data", str(self._data("gateway"))]
        self.gateway = self._program("gateway", [str(self._programs / "reprise"), *command], {}, "gateway ready")
        # The node first: it makes the hub.
        for program in self.programs.values():
            program.start()
            self._wait(f"the {program.name} is ready", program.is_ready, 60)

    def _node(self, name, roles):
        environment = {"REPRISE_ROLES": roles, "REPRISE_DATA": str(self._data(name)), "REPRISE_NODE": name}
        return self._program(name, [str(self._programs / "reprise-samples")], environment, "node ready")

    def _program(self, name, command, environment, ready):
        return Program(name, command, self._environment() | environment, self.home / f"{name}.log", ready)

    def _environment(self):
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("REPRISE_")}
        return inherited | {
            "REPRISE_AMQP_URL": self.broker.url,
            "REPRISE_HUB": HUB,
            "REPRISE_PARTITIONS": str(PARTITIONS),
            "REPRISE_RETENTION": RETENTION,
        }

    def _data(self, name):
        return self.home / "data" / name

    def doctor(self):
        """What `reprise doctor` finds."""
        command = [str(self._programs / "reprise"), "doctor", "--json"]
        done = subprocess.run(
            command, env=self._environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode not in (0, 1) or not done.stdout:
            raise RuntimeError(f"reprise doctor ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def queues(self):
        """Every queue of the broker: how many messages it holds, and how many bytes of memory."""
        command = ["-q", "list_queues", "name", "type", "messages", "memory", "--formatter", "json"]
        return json.loads(self.broker.ask_ctl(*command))

    def bytes_on_disk(self):
        return {
            "journals": _size(self._data("node")),
            "log": sum(_size(path) for path in (STATE / "broker" / self.broker_name / "mnesia").glob("*/stream")),
            "readModel": _size(self._data("gateway")),
        }

    def ended_by_itself(self):
        """Who is not there any more though no one has asked for that, and its last words."""
        for program in self.programs.values():
            code = program.unexpected_end()
            if code is not None:
                return f"the {program.name} ended by itself, with exit code {code}:\n{program.last_words()}"
        return None

    def end(self, keep_logs):
        for program in self.programs.values():
            if program is not None:
                program.kill()
        self.broker.remove(keep_log_in=self.home if keep_logs else None)

    def _wait(self, what, condition, limit):
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                words = [program.last_words() for program in self.programs.values() if program and program.log.exists()]
                raise TimeoutError("\n".join([f"it did not come about within {limit} s that {what}", *words]))
            time.sleep(0.05)


def _size(directory):
    """In bytes, of all files below it; one may vanish meanwhile."""
    total = 0
    for root, _, files in os.walk(directory):
        for name in files:
            try:
                total += os.stat(os.path.join(root, name)).st_size
            except FileNotFoundError:
                continue
    return total
