"""One run: build up, load and strike, heal, wait, read everything."""
import itertools
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pika

import clock
from cluster import HUB, PARTITIONS, Cluster
from facts import Record
from garbage import Vandal, read_dead_letters
from gateway import Gateway, Unreachable
from load import Load
from observer import Observer
from plans import ACCOUNTS
from reconcile import count, reconcile, reruns
from recovery import recoveries
from schedule import LIMIT, Schedule
from stutter import ACTIVITY as STUTTER
from stutter import StutteringWorker

TICK = 0.02


class Run:
    """Also the stage on which faults play: `cluster`, `load`, `vandal`, `dice`, `settings`."""

    def __init__(self, settings, home, say):
        self.settings = settings
        self.say = say
        self.dice = random.Random(f"{settings.seed}/details")
        self.record = Record()
        self.facts = self.record.facts
        self.cluster = Cluster(settings, home)
        self.cuts = {}  # by door: when
        self.skipped = []
        # Programs that may end by themselves just now, and are started again without a word; the numbers they exit with.
        self.excused = {}
        self.deaths = 0  # of such
        self.schedule = None
        self.load = None
        self._threads = []
        self.strikes, self.findings, self.counts, self.totals = [], [], {}, {}
        self.recoveries, self.hand_overs = {}, 0

    def perform(self):
        self._build_up()
        self._strike_and_load()
        self._heal()
        self._settle()
        self._read()
        self._judge()

    # -----------------------------------------------------------------------------------------------------------------

    def _build_up(self):
        cluster = self.cluster
        cluster.broker.begin_start()
        self._wait("the broker has started", cluster.broker.has_started, 150)
        cluster.prepare()
        if cluster.disk.refusal:
            self.skipped.append(f"a full disk: no tmpfs here ({cluster.disk.refusal})")
        if self.settings.log != "on" or self.settings.nodes == 1:
            self.skipped.append("a lost disk: takes several nodes, and the log")
        if {clock.LEAP, clock.BEHIND} & self.settings.faults and clock.LIBRARY is None:
            self.skipped.append("a clock that is wrong: there is no libfaketime here (infra/install libfaketime)")
        # The first creates the hub.
        for program in cluster.nodes[:1]:
            program.start()
            self._wait(f"{program.name} is ready", program.is_ready, 60)
        for program in cluster.programs:
            if not program.is_running:
                program.start()
        for program in cluster.programs:
            self._wait(f"{program.name} is ready", program.is_ready, 60)

        self.gateways = [Gateway(port) for port in cluster.gateway_ports]
        url = cluster.broker.url
        self.observer = Observer(url, HUB, self.record, cluster.home / "statuses.jsonl")
        self.vandal = Vandal(url, HUB, self.record)
        self.garbage = itertools.cycle(self.vandal.kinds)
        self.stutterer = StutteringWorker(url, HUB, cluster.ledger, self.record)
        self._threads = [self.observer, self.vandal, self.stutterer]
        for thread in self._threads:
            thread.start()
        self._wait("the observer listens", lambda: self.observer.is_listening, 30)
        self.load = Load(
            self.settings.seed,
            self.settings.rate,
            self.settings.most_unfinished,
            cluster.proxy.url("load"),
            HUB,
            self.gateways,
            self.record,
        )

    def _strike_and_load(self):
        began = time.monotonic()

        def announce(strike):
            self.say(f"{time.monotonic() - began:5.0f} s  {strike.kind}: {strike.target}")

        def never_healed(strike):
            self._broken(f"{strike.target} has not come back after '{strike.kind}'", strike.target)

        self.schedule = Schedule(self, self.settings.seed, self.settings.faults, announce, never_healed)
        self.strikes = self.schedule.strikes
        self.load.begin()
        end = began + self.settings.seconds
        while time.monotonic() < end:
            self._tick(may_begin=True)
        self.load.stop_starting()
        self.elapsed = time.monotonic() - began

    def _heal(self):
        self._wait("every fault has healed", lambda: self.schedule.is_idle, 2 * LIMIT)
        for program in self.cluster.programs:
            if not self._await(program.is_ready, 60):
                self._broken(f"{program.name} is not ready", program.name)
        self.healed = time.monotonic()

    def _settle(self):
        """Everything that was begun must now end; what does not is a finding, and not an error of the suite."""
        patience = self.settings.patience
        settled = self._await(lambda: self.load.is_settled and self.vandal.is_settled, patience)
        if not settled:
            self.record.surprise(f"a client still waits for its start or event to be accepted after {patience} s")
        else:
            self._await(lambda: not self.record.not_ended(), patience)
        self.settled_after = time.monotonic() - self.healed

    # -----------------------------------------------------------------------------------------------------------------

    def _read(self):
        self._wait_for_models()
        ids = sorted(self.facts.accepted)
        with ThreadPoolExecutor(6) as pool:
            histories = pool.map(self._history, ids, itertools.cycle(self.gateways))
            self.facts.histories = dict(zip(ids, histories))
        self._read_accounts()
        self._read_broker()
        self.load.end()
        for thread in self._threads:
            thread.stop()
        self.facts.runs = list(self._runs())

    def _wait_for_models(self):
        def have_caught_up():
            try:
                if any(gateway.lag() for gateway in self.gateways):
                    return False
                self.facts.reads = [gateway.list() for gateway in self.gateways]
            except Unreachable:
                return False
            return not any(finding.check == "model" for finding in reconcile(self.facts))

        self._await(have_caught_up, 30)

    def _history(self, id, gateway):
        for _ in range(10):
            try:
                return gateway.history(id)
            except Unreachable:
                time.sleep(1)
        self.record.surprise(f"the history of {id} cannot be read")
        return []

    def _read_accounts(self):
        """The last payments are due a little after the instances that made them have ended."""

        def are_settled():
            try:
                held = {key: self.gateways[0].account(key) for key in ACCOUNTS}
            except Unreachable:
                return False
            self.facts.accounts = {key: account for key, account in held.items() if account is not None}
            return not any(finding.check == "accounts" for finding in reconcile(self.facts))

        self._await(are_settled, 30)

    def _read_broker(self):
        with pika.BlockingConnection(pika.URLParameters(self.cluster.broker.url)) as connection:
            channel = connection.channel()

            def all_garbage_is_dead():
                self.facts.dead += read_dead_letters(channel, HUB)
                return self.facts.planted.keys() <= {tag for letter in self.facts.dead for tag in letter.tags}

            # An event for an unknown instance waits half a minute before it is one.
            self._await(all_garbage_is_dead, 45)
            inboxes = [f"inbox.{partition}" for partition in range(PARTITIONS)]
            names = ["intake", *inboxes, "activity.Work", "activity.Flaky", "activity.Dawdle", "activity.Repair"]
            names.append(f"activity.{STUTTER}")

            def nothing_is_left():
                self.facts.left_in_queues = {
                    name: channel.queue_declare(f"reprise.{HUB}.{name}", passive=True).method.message_count
                    for name in names
                }
                return not any(self.facts.left_in_queues.values())

            self._await(nothing_is_left, 10)

    def _runs(self):
        for path in sorted(self.cluster.ledger.glob("*.jsonl")):
            with open(path) as lines:
                yield from (json.loads(line) for line in lines)

    def _judge(self):
        self.findings = reconcile(self.facts)
        self.counts = count(self.findings)
        moving = [strike for strike in self.strikes if strike.moves_partitions]
        self.recoveries, self.hand_overs = recoveries(moving, self.facts.timeline)
        began = sum(run["phase"] == "began" for run in self.facts.runs)
        counts = self.record.counts
        self.totals = {
            "orchestrations started": len(self.facts.accepted),
            "orchestrations ended": len(self.facts.ended & self.facts.accepted.keys()),
            "started over AMQP": counts.get("starts over amqp", 0),
            "started over HTTP": counts.get("starts over http", 0),
            "orchestrations per second": round(len(self.facts.ended) / self.elapsed, 1),
            "status messages": len(self.facts.timeline),
            "sub-orchestrations": sum(door == "its parent" for door in self.facts.accepted.values()),
            "reports of progress": counts.get("reports of progress", 0),
            "changes of accounts": sum(account["changes"] for account in self.facts.accounts.values()),
            "activity runs": began,
            "of these reruns": reruns(self.facts),
            "faults": len(self.strikes),
            "rewound": counts.get("orders: rewind", 0),
            "failures by an operator's policy": counts.get("failures by an operator's policy", 0),
            "restarted in place": counts.get("orders: restart", 0),
            "purged with their children": counts.get("orders: purge", 0),
            "starts and events sent again": counts.get("starts and events sent again", 0),
            "answers given again": counts.get("answers given again", 0),
            "questions for what was missed": counts.get("questions for what was missed", 0),
            "pieces of garbage": counts.get("pieces of garbage", 0),
            "dead letters": len(self.facts.dead),
            "HTTP requests sent again": counts.get("HTTP requests sent again", 0),
            "seconds from healing to the last end": round(self.settled_after, 1),
            "peak memory of a node in MB": max(node.peak_memory() for node in self.cluster.nodes) >> 20,
        }

    # -----------------------------------------------------------------------------------------------------------------

    def _tick(self, may_begin=False):
        """What goes on whatever we wait for."""
        if self.schedule is not None:
            self.schedule.step(may_begin)
            for program in self.cluster.programs:
                self._look_after(program)
        for thread in [*self._threads, *(self.load.senders if self.load else [])]:
            if thread.failure is not None:
                raise RuntimeError(f"the suite's own thread '{thread.name}' failed") from thread.failure
        if self.cluster.proxy is not None:
            for name, at in self.cluster.proxy.cuts():
                self.cuts.setdefault(name, []).append(at)
        time.sleep(TICK)

    def _look_after(self, program):
        code = program.unexpected_end()
        if code is None:
            return
        if code in self.excused.get(program.name, ()):
            self.deaths += 1
            program.start()
            return
        self._broken(f"{program.name} ended by itself, with exit code {code}", program.name)
        program.start()

    def _broken(self, what, name):
        words = [program.last_words() for program in self.cluster.programs if program.name == name]
        text = "\n".join([f"{what}; its last words:", *words])
        self.say(text)
        self.record.surprise(text)

    def _await(self, condition, limit):
        """False when it did not come about in time."""
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                return False
            self._tick()
        return True

    def _wait(self, what, condition, limit):
        if not self._await(condition, limit):
            words = [p.last_words() for p in self.cluster.programs if p.name in what and p.log.exists()]
            raise TimeoutError("\n".join([f"it did not come about within {limit} s that {what}", *words]))

    def end(self, keep_logs):
        if self.load is not None:
            self.load.stop_quietly()
        for thread in self._threads:
            thread.stopping.set()
        self.cluster.end(keep_logs)
