"""Three brokers, and the programs of a hub. Those that are struck do not hold the partitions' locks."""
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from brokers import REPOSITORY, broker, eventually, peers, start

NAME = os.environ["CHECK_CLUSTER_NAME"]
ONE, TWO, THREE = (f"{NAME}-{number}" for number in (1, 2, 3))
PROGRAMS = Path(os.environ["CHECK_CLUSTER_PROGRAMS"])
SCRATCH = REPOSITORY / ".reprise" / NAME
HEARTBEAT = 2
# Three heartbeats of silence, a login in vain, and what a busy machine adds.
SECONDS_TO_MOVE = 15
# Its library hears of a frozen broker after two heartbeats of 5 s, and may then try it again for 15 s.
SECONDS_IN_PYTHON = 60


class Program:
    def __init__(self, name, command, urls, **environment):
        self.name = name
        self.log = SCRATCH / f"{name}.log"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("REPRISE_")}
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                env=inherited | settings(urls) | {"REPRISE_DATA": str(SCRATCH / name)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, text, seconds=60):
        def it_says_so():
            if self._process.poll() is not None:
                raise AssertionError(f"{self.name} ended: {self.log.read_text()[-2000:]}")
            return text in self.log.read_text()

        eventually(it_says_so, seconds)

    def ports(self):
        """Of the brokers that it is connected to."""
        sockets = set()
        for descriptor in Path(f"/proc/{self._process.pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(descriptor).removeprefix("socket:[").removesuffix("]"))
            except OSError:
                continue
        found = set()
        for line in Path(f"/proc/{self._process.pid}/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "01" and fields[9] in sockets:
                found.add(int(fields[2].split(":")[1], 16))
        return found

    def end(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def settings(urls):
    return {
        "REPRISE_AMQP_URL": ",".join(urls),
        "REPRISE_HUB": "three",
        "REPRISE_BROKERS": "cluster",
        "REPRISE_PARTITIONS": "2",
        "REPRISE_HEARTBEAT": str(HEARTBEAT),
    }


def port_of(url):
    return int(url.rsplit(":", 1)[1])


class MovingTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(broker, "stop", NAME, "--wipe")
        cls.urls = start(NAME, "--cluster", "3").split(",")
        SCRATCH.mkdir(parents=True, exist_ok=True)
        samples = [PROGRAMS / "reprise-samples"]
        # The locks and the records of partitions are classic queues on the broker over which the hub is made.
        maker = Program("maker", samples, cls.urls[:1])
        try:
            maker.wait_for("node ready")
            # A broker that is killed sooner may have forgotten that it has a replica.
            time.sleep(6)
        finally:
            maker.end()
        cls.others = cls.urls[1:]
        cls.node = cls.program("node", samples, REPRISE_ROLES="orchestrations")
        cls.worker = cls.program("worker", samples, REPRISE_ROLES="activities")
        cls.gateway = cls.program("gateway", [PROGRAMS / "reprise", "gateway", "--port", "0"])
        script = REPOSITORY / "Samples" / "workers" / "python" / "hello_worker.py"
        cls.python = cls.program("python", [sys.executable, script])
        cls.node.wait_for("node ready")
        cls.worker.wait_for("node ready")
        cls.gateway.wait_for("gateway ready")
        cls.python.wait_for("serving")

    @classmethod
    def program(cls, name, command, **environment):
        program = Program(name, command, cls.others, **environment)
        cls.addClassCleanup(program.end)
        return program

    def all_are_together(self):
        nodes = {name: f"reprise-{name}@localhost" for name in (ONE, TWO, THREE)}
        return all(peers(name) == sorted(set(nodes.values()) - {nodes[name]}) for name in nodes)

    def reprise(self, *arguments, seconds=60):
        command = [PROGRAMS / "reprise", *arguments]
        environment = os.environ | settings(self.others)
        environment.pop("REPRISE_GATEWAY", None)
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
        self.assertEqual(done.returncode, 0, f"reprise {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def runs(self, instance):
        # In doubt it may be sent again: the same instance runs once.
        self.reprise("start", "E1_HelloSequence", "--id", instance)
        return self.reprise("wait", instance)

    def strike(self, how, verb, mend):
        self.runs(f"before-{verb}")
        port = next(iter(self.node.ports() & {port_of(url) for url in self.others}))
        struck = (TWO, THREE)[[port_of(url) for url in self.others].index(port)]
        programs = [self.node, self.worker, self.gateway, self.python]
        began = time.monotonic()
        self.addCleanup(broker, mend, struck)
        broker(verb, struck)
        moved = {}
        while len(moved) < len(programs):
            waited = time.monotonic() - began
            for program in programs:
                ports = program.ports()
                if program not in moved and ports and port not in ports:
                    moved[program] = waited
            self.assertLess(waited, SECONDS_IN_PYTHON, f"these have not moved: {[p.name for p in programs if p not in moved]}")
            time.sleep(0.1)
        print(f"{how}:", ", ".join(f"{program.name} {seconds:.1f} s" for program, seconds in moved.items()), file=sys.stderr)
        for program, seconds in moved.items():
            if program is not self.python:
                self.assertLess(seconds, SECONDS_TO_MOVE, program.name)
        self.assertIn("Hello Tokyo!", self.runs(f"after-{verb}"))
        self.doCleanups()
        eventually(self.all_are_together)

    def test_1_a_broker_is_killed(self):
        self.strike("kill -9", "kill", "start")

    def test_2_a_broker_is_stopped(self):
        self.strike("SIGTERM", "stop", "start")

    def test_3_a_broker_is_frozen(self):
        self.strike("SIGSTOP", "freeze", "thaw")
