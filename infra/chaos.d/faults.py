"""What is done to the cluster. Each fault is a generator: it yields seconds to wait, or a condition to wait for, and
leaves everything healed behind it.
"""
import time
from dataclasses import dataclass, field

from disk import empty

CATALOGUE = []


@dataclass(frozen=True)
class Fault:
    kind: str
    how: str
    weight: float
    targets: object  # of the stage: what it may strike now
    run: object
    # A partition can lose its owner by it.
    moves_partitions: bool = False
    # An owner struck by it lives on, and may speak for a while: until it has handed over, or has noticed.
    owner_lives_on: bool = False
    # It hands over in order, and is not missing before its last word.
    is_clean: bool = False
    # Takes what a second fault at the same time would make a loss of: begins when no other lasts, and none begins.
    is_alone: bool = False
    # Strikes without being named.
    by_default: bool = True


@dataclass
class Strike:
    """One fault that happened."""

    fault: Fault
    target: str
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    kind = property(lambda self: self.fault.kind)
    is_clean = property(lambda self: self.fault.is_clean)

    @property
    def moves_partitions(self):
        return self.fault.moves_partitions and self.target.startswith(("node", "the broker"))

    @property
    def speaks_until(self):
        return self.ended if self.fault.owner_lives_on and self.ended is not None else self.began


def fault(kind, how, weight, targets, **traits):
    def enlist(run):
        CATALOGUE.append(Fault(kind, how, weight, targets, run, **traits))
        return run

    return enlist


OWNER_DIES = {"moves_partitions": True}
OWNER_LIVES_ON = {"moves_partitions": True, "owner_lives_on": True}


def nodes(stage):
    return stage.cluster.nodes


def workers(stage):
    return stage.cluster.workers


def gateways(stage):
    return stage.cluster.gateways


class Client:
    """Who starts orchestrations and raises events over AMQP."""

    name = "load"


def connected(stage):
    return [*stage.cluster.programs, Client]


def broker(stage):
    return [stage.cluster.broker]


def nodes_that_others_can_replace(stage):
    """Those with a log to rebuild from, while another node is up."""
    if stage.settings.log != "on":
        return []
    ready = [node for node in stage.cluster.nodes if node.is_ready()]
    return stage.cluster.nodes if len(ready) > 1 else []


def nodes_with_a_small_disk(stage):
    return [] if stage.cluster.disk.refusal else [stage.cluster.nodes[-1]]


class Anyone:
    """The target of faults that strike no one in particular."""

    name = "the hub"


def anyone(stage):
    return [Anyone]


# ---------------------------------------------------------------------------------------------------------------------
# Processes


@fault("kill a node", "kill -9, started again after 0 to 5 s", 6, nodes, **OWNER_DIES)
def kill_node(stage, node, strike):
    yield from _kill_and_start_again(stage, node)


@fault("stop a node", "SIGTERM, started again after 0 to 3 s", 3, nodes, **OWNER_LIVES_ON, is_clean=True)
def stop_node(stage, node, strike):
    node.terminate()
    yield lambda: not node.is_running
    yield stage.dice.uniform(0, 3)
    node.start()
    yield node.is_ready


@fault("freeze a node", "SIGSTOP for over 3 heartbeats, then SIGCONT", 4, nodes, **OWNER_DIES)
def freeze_node(stage, node, strike):
    yield from _freeze(node, 3 * stage.settings.heartbeat + stage.dice.uniform(1, 4))


@fault("freeze a node briefly", "SIGSTOP for less than a heartbeat", 2, nodes, **OWNER_DIES)
def freeze_node_briefly(stage, node, strike):
    yield from _freeze(node, stage.settings.heartbeat * stage.dice.uniform(0.3, 0.8))


@fault("lose a node's disk", "kill -9, rm -rf of its data, started again", 4, nodes_that_others_can_replace, **OWNER_DIES)
def lose_disk(stage, node, strike):
    node.kill()
    empty(stage.cluster.data[node.name])
    yield stage.dice.uniform(0, 5)
    node.start()
    yield node.is_ready


@fault("fill a node's disk", "no byte free on a small tmpfs for 4 to 10 s", 3, nodes_with_a_small_disk, **OWNER_LIVES_ON)
def fill_disk(stage, node, strike):
    stage.cluster.disk.fill()
    yield stage.dice.uniform(4, 10)
    stage.cluster.disk.clear()
    yield 1


@fault("kill a worker", "kill -9, started again after 0 to 5 s", 4, workers)
def kill_worker(stage, worker, strike):
    yield from _kill_and_start_again(stage, worker)


@fault("freeze a worker", "SIGSTOP for over 3 heartbeats, then SIGCONT", 3, workers)
def freeze_worker(stage, worker, strike):
    yield from _freeze(worker, 3 * stage.settings.heartbeat + stage.dice.uniform(1, 4))


@fault("kill a gateway", "kill -9, started again after 0 to 5 s", 3, gateways)
def kill_gateway(stage, gateway, strike):
    yield from _kill_and_start_again(stage, gateway)


def _kill_and_start_again(stage, program):
    program.kill()
    yield stage.dice.choice([0, stage.dice.uniform(0, 5)])
    program.start()
    yield program.is_ready


def _freeze(program, seconds):
    program.freeze()
    yield seconds
    program.thaw()


# ---------------------------------------------------------------------------------------------------------------------
# The broker


@fault("kill the broker", "kill -9, started again after 0 to 3 s", 3, broker, **OWNER_LIVES_ON)
def kill_broker(stage, broker, strike):
    broker.kill()
    yield lambda: not broker.is_running
    yield stage.dice.choice([0, stage.dice.uniform(0, 3)])
    broker.begin_start()
    yield broker.has_started


@fault("restart the broker", "SIGTERM, started again", 2, broker, **OWNER_LIVES_ON)
def restart_broker(stage, broker, strike):
    broker.begin_stop()
    yield broker.has_stopped
    broker.begin_start()
    yield broker.has_started


@fault("freeze the broker", "SIGSTOP for 2 to 10 s, then SIGCONT", 2, broker, **OWNER_LIVES_ON)
def freeze_broker(stage, broker, strike):
    broker.freeze()
    yield stage.dice.uniform(2, 10)
    broker.thaw()


# ---------------------------------------------------------------------------------------------------------------------
# Connections, through the proxy


@fault("cut connections", "RST on all of a program's connections", 4, connected, **OWNER_LIVES_ON)
def cut(stage, program, strike):
    stage.cluster.proxy.cut(program.name)
    yield 0.5


@fault("cut in mid-message", "RST after up to 20,000 bytes", 3, connected, **OWNER_LIVES_ON)
def cut_after(stage, program, strike):
    cuts = stage.cuts.setdefault(program.name, [])
    before = len(cuts)
    stage.cluster.proxy.cut_after(program.name, stage.dice.randrange(20_000))
    limit = time.monotonic() + 20
    yield lambda: len(cuts) > before or time.monotonic() > limit
    if len(cuts) > before:
        strike.began = cuts[-1]
    else:
        stage.cluster.proxy.cut(program.name)


@fault("hold up a connection", "nothing passes for over 3 heartbeats", 2, connected, **OWNER_LIVES_ON)
def hold(stage, program, strike):
    yield from _hold(stage, program, ["up", "down"])


@fault("hold up one way", "nothing passes one way for over 3 heartbeats", 2, connected, **OWNER_LIVES_ON)
def hold_one_way(stage, program, strike):
    yield from _hold(stage, program, [stage.dice.choice(["up", "down"])])


def _hold(stage, program, directions):
    stage.cluster.proxy.hold(program.name, directions)
    yield 3 * stage.settings.heartbeat + stage.dice.uniform(1, 3)
    stage.cluster.proxy.release(program.name)


# ---------------------------------------------------------------------------------------------------------------------
# Messages


@fault("deliver twice", "10 accepted starts, and their events, sent again with their keys", 4, anyone)
def duplicate(stage, _, strike):
    stage.load.duplicate(10)
    yield 0.1


@fault("deliver garbage", "10 messages that no one can use", 4, anyone)
def garbage(stage, _, strike):
    # Every kind in turn: one run of a few minutes sees them all.
    for _ in range(10):
        stage.vandal.plant(next(stage.garbage))
    yield 0.1
