"""Queues that operators purge and delete, and a broker that they wipe. Faults as in faults.py, and in its catalogue.

What lies in a queue cannot be saved. So either nothing is in it, or it can be sent again: by whoever sent it, or at the
word `reprise resend`.
"""
import random
import re
import subprocess
import time

import plans
from amqp import PAUSE
from cluster import HUB, PARTITIONS
from faults import OWNER_LIVES_ON, broker, fault
from garbage import read_dead_letters
from hands import messages, must_be_said, persistently, policy, times_said, until_all_owned
from load import EVENT_PATIENCE
from observer import QUEUE as OBSERVER
from stutter import ACTIVITY as STUTTER


@fault("delete a lock's queue", "that of any partition", 3, broker, **OWNER_LIVES_ON)
def delete_lock(stage, broker, strike):
    name = f"reprise.{HUB}.owner.{stage.dice.randrange(PARTITIONS)}"
    yield persistently(broker.url, lambda channel: channel.queue_delete(name))


@fault("delete the intake", "which rejects until nothing is in it, nor taken from it; commands again", 3, broker)
def delete_intake(stage, broker, strike):
    name = f"reprise.{HUB}.intake"

    def delete(channel):
        while not _is_deleted_empty(broker, channel, name):
            time.sleep(3)

    yield persistently(broker.url, delete)
    # A quorum queue takes a message or two before it knows that it is full: what was confirmed, and deleted with it.
    yield 2
    stage.record.garbage_may_be_lost()
    stage.load.begin_again()


@fault("delete an inbox", "which rejects all until nothing is in it, nor taken from it", 3, broker, **OWNER_LIVES_ON)
def delete_inbox(stage, broker, strike):
    name = f"reprise.{HUB}.inbox.{stage.dice.randrange(PARTITIONS)}"

    def delete(channel):
        # An event waits for its start up to half a minute, so that the start must not be held up for long.
        while not _is_deleted_empty(broker, channel, name):
            time.sleep(3)

    yield persistently(broker.url, delete)
    if time.monotonic() - strike.began > EVENT_PATIENCE:
        stage.load.raise_again()


def _is_deleted_empty(broker, channel, name):
    broker.ask_ctl(*policy(f"^{re.escape(name)}$", {"max-length": 0}))
    try:
        end = time.monotonic() + 6
        while time.monotonic() < end:
            if messages(broker, name).get(name) == 0:
                channel.queue_delete(name)
                return True
        return False
    finally:
        broker.ask_ctl("clear_policy", "operators")


@fault("delete the dead letters' queue", "once they have been read", 2, broker)
def delete_dead_letters(stage, broker, strike):
    def delete(channel):
        for letter in read_dead_letters(channel, HUB):
            stage.facts.dead.append(letter)
        channel.queue_delete(f"reprise.{HUB}.dead")
        # What came in between, or is still on its way.
        stage.record.garbage_may_be_lost()

    yield persistently(broker.url, delete)


def with_log(stage):
    return broker(stage) if stage.settings.log == "on" else []


ALONE = OWNER_LIVES_ON | {"is_alone": True}
# Only by name: after it signals may be lost, and so no one can tell any more whether one was lost without a cause.
LOSING = OWNER_LIVES_ON | {"by_default": False}


@fault("delete a partition's log", "all its streams, while all nodes are well", 3, with_log, **ALONE)
def delete_log(stage, broker, strike):
    """What it held is in the owner's journal, from which a new one is begun."""
    partition = stage.dice.randrange(PARTITIONS)
    prefix = f"reprise.{HUB}.log.{partition}."
    yield lambda: all(node.is_ready() for node in stage.cluster.nodes)
    yield until_all_owned(broker)
    before = times_said(stage, f"the log of partition {partition} is lost")

    def delete(channel):
        for name in messages(broker, prefix):
            channel.queue_delete(name)

    yield persistently(broker.url, delete)

    def seeded(_):
        while not any(messages(broker, prefix).values()):
            time.sleep(PAUSE)

    # Its owner finds out when it commits something, which it may have no cause to any more when the load has ended.
    is_seeded, number = persistently(broker.url, seeded), 0
    while not is_seeded():
        for _ in range(4):
            number += 1
            stage.load.start(plans.step(f"nudge-{int(strike.began * 1000)}-{number}", number))
        yield 3
    must_be_said(stage, f"the log of partition {partition} is lost", before)


@fault("wipe the broker", "stopped, emptied, started; commands again", 2, with_log, is_alone=True, **LOSING)
def wipe_broker(stage, broker, strike):
    """The nodes make the hub again from their journals; what only the broker knew is lost."""
    yield lambda: all(node.is_ready() for node in stage.cluster.nodes)
    yield until_all_owned(broker)
    before = times_said(stage, "it was wiped")
    broker.begin_stop()
    yield broker.has_stopped
    broker.wipe()
    broker.begin_start()
    yield broker.has_started
    yield until_all_owned(broker)
    must_be_said(stage, "it was wiped", before)
    stage.record.statuses_may_be_lost()
    _send_again(stage)


@fault("purge intake or inbox", "nodes cut off; commands and `reprise resend` again", 2, broker, **LOSING)
def purge_commands(stage, broker, strike):
    names = ["intake"] * 2 + [f"inbox.{partition}" for partition in range(PARTITIONS)]
    name = f"reprise.{HUB}.{stage.dice.choice(names)}"
    for _ in range(3):
        # What they have taken, and not yet committed, comes back.
        for node in stage.cluster.nodes:
            stage.cluster.proxy.cut(node.name)
        yield persistently(broker.url, lambda channel: channel.queue_purge(name))
        yield stage.dice.uniform(0, 1)
    # What was confirmed before is by then known to be accepted.
    yield 2
    _send_again(stage)
    yield from _resend(stage, broker)


@fault("let commands expire", "message-ttl 100 ms on intake and inboxes for 3 to 8 s; all again", 2, broker, **LOSING)
def expiring_commands(stage, broker, strike):
    yield broker.ctl(*policy(rf"^reprise\.{HUB}\.(inbox\.\d+|intake)$", {"message-ttl": 100}))
    end = time.monotonic() + stage.dice.uniform(3, 8)
    while time.monotonic() < end:
        for node in stage.cluster.nodes:
            stage.cluster.proxy.cut(node.name)
        yield stage.dice.uniform(0.5, 1.5)
    yield broker.ctl("clear_policy", "operators")
    yield 2
    _send_again(stage)
    yield from _resend(stage, broker)


def _send_again(stage):
    """What the broker had confirmed, and no partition had read, is gone: senders repeat it, with its keys."""
    stage.record.messages_were_lost()
    stage.load.begin_again()


@fault("delete a gateway's queue", "with the status messages in it", 3, broker)
def delete_gateway_queue(stage, broker, strike):
    dice = random.Random(stage.dice.random())

    def delete(channel):
        listed = broker.ask_ctl("-q", "list_queues", "--no-table-headers", "name").split()
        names = sorted(name for name in listed if name.startswith(f"reprise.{HUB}.gateway."))
        if names:
            channel.queue_delete(dice.choice(names))

    yield persistently(broker.url, delete)


@fault("delete the status exchange", "our queue is bound again; gateways see to theirs", 1, broker, by_default=False)
def delete_status_exchange(stage, broker, strike):
    """What is said before our queue is bound again we ask for, as gateways do by themselves."""
    exchange = f"reprise.{HUB}.status"
    before = times_said(stage, "that were missing are made again")
    stage.record.statuses_may_be_lost()
    yield persistently(broker.url, lambda channel: channel.exchange_delete(exchange))
    # Nodes find out when they have something to say.
    is_bound, number = persistently(broker.url, lambda channel: channel.queue_bind(OBSERVER, exchange, "#")), 0
    while not is_bound():
        number += 1
        stage.load.start(plans.step(f"word-{int(strike.began * 1000)}-{number}", number))
        yield 3
    # Said when all else is there, too.
    yield 2
    must_be_said(stage, "that were missing are made again", before)


@fault("delete an exchange", "commands', nodes', withdrawals' or the size: all are back by themselves", 2, broker)
def delete_exchange(stage, broker, strike):
    """Senders are refused meanwhile, and send again."""
    kind = stage.dice.choice(["", ".nodes", ".withdrawals", f".size.{PARTITIONS}"])
    exchange = f"reprise.{HUB}{kind}"
    yield persistently(broker.url, lambda channel: channel.exchange_delete(exchange))
    yield persistently(broker.url, lambda channel: channel.exchange_declare(exchange, passive=True))


@fault("purge an activity queue", "and say `reprise resend`, twice", 2, broker)
def purge_activity_queue(stage, broker, strike):
    name = f"reprise.{HUB}.activity.{stage.dice.choice(['Work', 'Flaky', 'Dawdle'])}"
    yield persistently(broker.url, lambda channel: channel.queue_purge(name))
    yield from _resend(stage, broker)


@fault("delete an activity queue", "with its tasks, and say `reprise resend`, twice", 2, broker)
def delete_activity_queue(stage, broker, strike):
    yield from _delete_tasks(stage, broker, "activity", ["Work", "Flaky", "Dawdle", "Repair", STUTTER])


@fault("delete a suspects' queue", "with its tasks, and say `reprise resend`, twice", 1, broker)
def delete_suspects(stage, broker, strike):
    yield from _delete_tasks(stage, broker, "suspects", ["Work", "Flaky", "Dawdle", "Repair", "Taste"])


def _delete_tasks(stage, broker, kind, activities):
    name = f"reprise.{HUB}.{kind}.{stage.dice.choice(activities)}"
    yield persistently(broker.url, lambda channel: channel.queue_delete(name))
    # A worker of it makes it again before anyone can send it anything.
    yield persistently(broker.url, lambda channel: channel.queue_declare(name, passive=True))
    yield from _resend(stage, broker)


def _resend(stage, broker):
    # The second time finds whatever was on its way to the queue, and came too late for it, while the first one asked.
    for _ in range(2):
        yield 2
        left = list(range(PARTITIONS))
        while left:
            commands = {partition: _begin_resend(stage, broker, partition) for partition in left}
            yield lambda: all(command.poll() is not None for command in commands.values())
            # A partition without an owner does not answer; people ask it again then.
            left = [partition for partition, command in commands.items() if command.returncode != 0]


def _begin_resend(stage, broker, partition):
    words = ["resend", "--partition", str(partition), "--hub", HUB, "--amqp-url", broker.url]
    with open(stage.cluster.home / "resend.log", "ab") as log:
        return subprocess.Popen(
            [stage.settings.programs / "reprise", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
