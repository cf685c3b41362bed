"""Everything that runs: broker, proxy, nodes, workers, gateways."""
import os
import random
import socket
from pathlib import Path

import clock
from broker import Broker
from disk import SmallDisk
from processes import Program
from proxy import Proxy

HUB = "chaos"
PARTITIONS = 4


class Cluster:
    def __init__(self, settings, home):
        self.settings = settings
        self.home = Path(home)
        self.nodes, self.workers, self.gateways = [], [], []
        self.gateway_ports = []
        self.data = {}
        self.clocks = {}  # of those programs whose wall clock is to be wrong at times
        self.disk = None
        self.proxy = None
        self.ledger = self.home / "ledger"
        self.ledger.mkdir(parents=True)
        self.broker = Broker(settings.broker_name, self.home / "broker-script.log")

    @property
    def programs(self):
        return self.nodes + self.workers + self.gateways

    def prepare(self):
        """Once the broker is there: doors in the proxy, directories, commands. Starts nothing."""
        names = [f"node-{n}" for n in range(1, self.settings.nodes + 1)]
        workers, gateways = ["worker-1", "worker-2"], ["gateway-1", "gateway-2"]
        self.proxy = Proxy(self.broker.port, [*names, *workers, *gateways, "load"])
        # The node that is listed last has the small disk; with several nodes the others are not touched by that.
        for name in names:
            self.data[name] = self.home / "data" / name
            self.data[name].mkdir(parents=True)
        if clock.LIBRARY is not None:
            faults = self.settings.faults
            for name in (names if clock.LEAP in faults else []) + (gateways if clock.BEHIND in faults else []):
                self.clocks[name] = clock.Clock(self.home / f"{name}.clock")
        self.disk = SmallDisk(self.data[names[-1]], self.settings.disk_megabytes)
        for name in names:
            self.nodes.append(self._node(name, "orchestrations", self.data[name]))
        for name in workers:
            self.workers.append(self._node(name, "activities", self.home / "data" / name))
        for name in gateways:
            self.gateways.append(self._gateway(name))

    def _node(self, name, roles, data):
        environment = self._environment(name) | {
            "REPRISE_ROLES": roles,
            "REPRISE_DATA": str(data),
            "CHAOS_LEDGER": str(self.ledger),
        }
        command = [str(self.settings.programs / "reprise-chaos")]
        return Program(name, command, environment, self.home / f"{name}.log", "node ready")

    def _gateway(self, name):
        port = free_port()
        self.gateway_ports.append(port)
        data = self.home / "data" / name
        data.mkdir(parents=True)
        command = [str(self.settings.programs / "reprise"), "gateway", "--port", str(port), "--data", str(data)]
        return Program(name, command, self._environment(name), self.home / f"{name}.log", "gateway ready")

    def _environment(self, name):
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("REPRISE_")}
        if name in self.clocks:
            inherited |= self.clocks[name].environment
        return inherited | {
            "REPRISE_AMQP_URL": self.proxy.url(name),
            "REPRISE_HUB": HUB,
            "REPRISE_PARTITIONS": str(PARTITIONS),
            "REPRISE_NODE": name,
            "REPRISE_LOG": self.settings.log,
            "REPRISE_STANDBY": self.settings.standby,
            # What writes a backtrace keeps a dead node's connections open meanwhile, and with them its partitions.
            "SWIFT_BACKTRACE": "enable=no",
            "REPRISE_HEARTBEAT": str(self.settings.heartbeat),
        }

    def end(self, keep_logs):
        """Leaves nothing behind that runs, and no mount."""
        for program in self.programs:
            program.kill()
        if self.proxy is not None:
            self.proxy.close()
        self.broker.remove(keep_log_in=self.home if keep_logs else None)


def free_port():
    """One that the kernel gives to no outgoing connection: it must be free again after a restart."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port between 20000 and 32000 on this machine")
