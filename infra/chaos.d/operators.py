"""What operators and other programs do to a broker that others use too: alarms, policies, queues of their own.
Queues that they purge and delete are in removals.py. Faults as in faults.py, and in its catalogue.
"""
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import clock
import plans
from amqp import PAUSE
from cluster import HUB
from faults import OWNER_LIVES_ON, Client, anyone, broker, fault, gateways, nodes
from gateway import Unreachable
from hands import persistently, policy, until_empty

# What infra/broker sets (see its rabbitmq.conf), in bytes.
MEMORY_MARK = 1_000_000_000
DISK_LIMIT = 500_000_000

STATUS = f"reprise.{HUB}.status"


# ---------------------------------------------------------------------------------------------------------------------
# Alarms: the broker takes nothing from anyone who publishes


@fault("raise a memory alarm", "the high-water mark at 1 MB for 2 to 8 s", 2, broker, **OWNER_LIVES_ON)
def memory_alarm(stage, broker, strike):
    yield broker.ctl("set_vm_memory_high_watermark", "absolute", "1000000")
    yield stage.dice.uniform(2, 8)
    yield broker.ctl("set_vm_memory_high_watermark", "absolute", f"{MEMORY_MARK}")


@fault("raise a disk alarm", "the free-space limit above the disk for 2 to 8 s", 2, broker, **OWNER_LIVES_ON)
def disk_alarm(stage, broker, strike):
    yield broker.ctl("set_disk_free_limit", "900000000000000")
    yield stage.dice.uniform(2, 8)
    yield broker.ctl("set_disk_free_limit", f"{DISK_LIMIT}")


# ---------------------------------------------------------------------------------------------------------------------
# Policies


ACTIVITY_QUEUES = rf"^reprise\.{HUB}\.(activity|suspects)\."


@fault("lay a policy on activity queues", "max-length 2 for 3 to 8 s: they refuse", 2, broker)
def tight_activity_queues(stage, broker, strike):
    yield from _policy(stage, broker, ACTIVITY_QUEUES, {"max-length": 2})


@fault("have activity queues drop tasks", "max-length 2 and drop-head for 3 to 8 s, workers cut off; rewind", 2, broker)
def dropping_activity_queues(stage, broker, strike):
    # Of a quorum queue's own arguments and a policy the policy's overflow counts.
    yield from _throw_tasks_away(stage, broker, {"max-length": 2, "overflow": "drop-head"})


@fault("let tasks expire", "message-ttl 300 ms on activity queues for 3 to 8 s, workers cut off; rewind", 2, broker)
def expiring_tasks(stage, broker, strike):
    yield from _throw_tasks_away(stage, broker, {"message-ttl": 300})


@fault("limit deliveries", "delivery-limit 1 on activity queues for 3 to 8 s, workers cut off; rewind", 2, broker)
def limited_deliveries(stage, broker, strike):
    yield from _throw_tasks_away(stage, broker, {"delivery-limit": 1})


def _throw_tasks_away(stage, broker, definition):
    """What waited for such a task fails with a reason that says so, and people rewind it (see load.py)."""
    stop_excusing = stage.record.tasks_may_be_lost()
    yield broker.ctl(*policy(ACTIVITY_QUEUES, definition))
    end = time.monotonic() + stage.dice.uniform(3, 8)
    while time.monotonic() < end:
        for worker in stage.cluster.workers:
            stage.cluster.proxy.cut(worker.name)
        yield stage.dice.uniform(0.5, 1.5)
    yield broker.ctl("clear_policy", "operators")
    stop_excusing()


@fault("lay a policy on inboxes", "max-length 2 for 3 to 8 s", 2, broker)
def tight_inboxes(stage, broker, strike):
    yield from _policy(stage, broker, rf"^reprise\.{HUB}\.(inbox\.\d+|intake)$", {"max-length": 2})


@fault("lay a policy on all queues", "expires after 5 s without a consumer, for 3 to 8 s", 2, broker, by_default=False)
def expiring_queues(stage, broker, strike):
    yield from _policy(stage, broker, rf"^reprise\.{HUB}\.", {"expires": 5000})


def _policy(stage, broker, pattern, definition):
    yield broker.ctl(*policy(pattern, definition))
    yield stage.dice.uniform(3, 8)
    yield broker.ctl("clear_policy", "operators")


# ---------------------------------------------------------------------------------------------------------------------
# Other programs


@fault("subscribe and be full", "a queue of one message on the status exchange that rejects, for 3 to 10 s", 2, anyone)
def full_subscriber(stage, _, strike):
    yield from _subscribe(stage, "a-full-subscriber", {"x-max-length": 1, "x-overflow": "reject-publish"})


@fault("subscribe and hang", "a queue on the status exchange confirms nothing for 80 s", 2, broker, by_default=False)
def hanging_subscriber(stage, broker, strike):
    name = "a-subscriber-that-hangs"
    queue = f'rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"{name}">>))'

    def tell(what):
        return broker.ctl("eval", f"{{ok, Q}} = {queue}, sys:{what}(amqqueue:get_pid(Q)).")

    def subscribe(channel):
        channel.queue_declare(name, durable=True)
        channel.queue_bind(name, STATUS, "#")

    yield persistently(broker.url, subscribe)
    # Ours misses by it what is let go, and asks for that (see gaps.py).
    stage.record.statuses_may_be_lost()
    yield tell("suspend")
    # By then every window of publications is full of what it does not confirm; the hub is to go on all the same. What
    # is not confirmed holds a window up for 30 s.
    yield 40
    ended = len(stage.facts.ended)
    yield 40
    if len(stage.facts.ended) == ended and stage.record.unfinished():
        stage.record.surprise("nothing ended for 40 s while a subscriber confirmed nothing")
    yield tell("resume")
    yield persistently(broker.url, lambda channel: channel.queue_delete(name))


def _subscribe(stage, name, arguments):
    url = stage.cluster.broker.url

    def subscribe(channel):
        channel.queue_declare(name, durable=True, arguments=arguments)
        channel.queue_bind(name, STATUS, "#")

    yield persistently(url, subscribe)
    yield stage.dice.uniform(3, 10)
    yield persistently(url, lambda channel: channel.queue_delete(name))


def client(stage):
    return [Client]


@fault("ask for answers at nonsense addresses", "those who start orchestrations, for 3 to 8 s", 3, client)
def nonsense_reply_addresses(stage, _, strike):
    stage.load.reply_addresses = [
        "amq.rabbitmq.reply-to.AAAA.BBBB",
        "amq.rabbitmq.reply-to.g1h2AA5yZXBseUAxNzY4MTg3OQAAAAAAAAAAAAAAAA==.AAAA",
        f"reprise.{HUB}.inbox.0",
        f"reprise.{HUB}.owner.0",
        f"reprise.{HUB}.reply.of-nobody",
        "there is no such queue",
        "x" * 255,
    ]
    yield stage.dice.uniform(3, 8)
    stage.load.reply_addresses = [None]


# ---------------------------------------------------------------------------------------------------------------------
# Poison: what kills every node that touches it is given up after a while, and no other is


@fault("feed a poison task", "which kills its worker, among six of its activity that do not", 1, anyone)
def poison_task(stage, _, strike):
    plan = plans.poisoned_task(f"poison-{int(strike.began * 1000)}", innocents=6)
    # Sent again by `reprise resend`, it is there several times, and each is given up for itself.
    queues = [f"reprise.{HUB}.{kind}.Taste" for kind in ("activity", "suspects")]
    yield from _feed(stage, plan, stage.cluster.workers, [-signal.SIGKILL], until=lambda: until_empty(stage, queues))


@fault("feed a poison orchestrator", "which traps, on all nodes", 1, anyone, by_default=False, **OWNER_LIVES_ON)
def poison_orchestrator(stage, _, strike):
    plan, before = plans.poisoned_orchestrator(f"poison-{int(strike.began * 1000)}"), stage.deaths
    yield from _feed(stage, plan, stage.cluster.nodes, [-signal.SIGILL, -signal.SIGTRAP])
    if stage.deaths - before > 6:
        stage.record.surprise(f"a poison orchestrator took down {stage.deaths - before} nodes, and not six at most")


def _feed(stage, fed, eaters, codes, until=None):
    ids = {plan.id for plan in fed}
    stage.excused |= {program.name: codes for program in eaters}
    for plan in fed:
        stage.load.start(plan)
    yield lambda: ids <= stage.facts.ended
    if until is not None:
        yield until()
    for program in eaters:
        stage.excused.pop(program.name, None)


# ---------------------------------------------------------------------------------------------------------------------
# Clocks


def with_clocks(programs):
    """Those of them that were given a clock of their own."""
    return lambda stage: [program for program in programs(stage) if program.name in stage.cluster.clocks]


@fault(clock.LEAP, "by 1 to 8 hours, back after 5 to 10 s", 3, with_clocks(nodes), by_default=False, **OWNER_LIVES_ON)
def leap(stage, node, strike):
    stage.cluster.clocks[node.name].lead(stage.dice.choice([-1, 1]) * stage.dice.randint(1, 8) * 3600)
    yield stage.dice.uniform(5, 10)
    stage.cluster.clocks[node.name].lead(0)


@fault(clock.BEHIND, "by 20 s to an hour, until it was asked for something", 3, with_clocks(gateways), by_default=False)
def behind(stage, gateway, strike):
    stage.cluster.clocks[gateway.name].lead(-stage.dice.choice([20, 60, 3600]))
    yield 3
    here = stage.cluster.gateways.index(gateway)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(_takes_commands, stage.gateways[number]) for number in (here, 1 - here)]
        yield lambda: all(answer.done() for answer in asked)
    if [answer.result() for answer in asked] == [False, True]:
        stage.record.surprise(f"{gateway.name} takes no commands while its clock is behind, and its neighbor does")
    stage.cluster.clocks[gateway.name].lead(0)


def _takes_commands(gateway):
    """Whether it has an answer, be it that no one knows the instance, within a few tries."""
    for _ in range(3):
        try:
            return gateway.terminate("nobody") == 404
        except Unreachable:
            time.sleep(PAUSE)
    return False
