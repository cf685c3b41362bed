"""The chaos suite; infra/chaos builds the programs and runs this."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import report
from broker import SCRIPT, STATE
from run import Run
from schedule import CATALOGUE

FAILED = STATE / "failed-chaos"
KINDS = ", ".join(f"{fault.kind}{'' if fault.by_default else ' *'}" for fault in CATALOGUE)


def named(text):
    """Faults by their names, or by parts of names."""
    names, kinds = set(), {fault.kind for fault in CATALOGUE}
    for word in map(str.strip, text.split(",")):
        found = kinds & {word} or {kind for kind in kinds if word in kind}
        if not found:
            raise argparse.ArgumentTypeError(f"there is no fault '{word}'; there are {KINDS}")
        names |= found
    return names


def arguments():
    parser = argparse.ArgumentParser(
        prog="infra/chaos",
        description="Runs a hub of real processes on a real RabbitMQ under load, strikes it with faults for a time, "
        "lets it heal, and compares what was promised with what is there. The exit code is 0 when all is right.",
    )
    add = parser.add_argument
    add("--seconds", type=int, default=180, metavar="N", help="how long faults strike (default: %(default)s)")
    add("--seed", type=int, default=random.randrange(1_000_000), metavar="S", help="of load and faults (default: any)")
    add("--json", type=Path, metavar="FILE", help="write the figures there")
    add("--nodes", type=int, default=3, metavar="K", help="(default: %(default)s)")
    add("--rate", type=float, default=20, metavar="R", help="orchestrations per second (default: %(default)s)")
    add("--most-unfinished", type=int, default=200, metavar="N", help="at a time (default: %(default)s)")
    add("--heartbeat", type=int, default=2, metavar="S", help="seconds (default: %(default)s)")
    add("--log", choices=["on", "off"], help="the partitions' log on the broker (default: on with several nodes)")
    add("--standby", choices=["on", "off"], default="on", help="(default: %(default)s)")
    add(
        "--faults",
        metavar="A,B,…",
        type=named,
        default={fault.kind for fault in CATALOGUE if fault.by_default},
        help="only these; by default all that are not marked with * here: " + KINDS,
    )
    add("--patience", type=int, default=120, metavar="S", help="for all to end, once healed (default: %(default)s)")
    add("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    add("--broker-name", default=f"chaos-{os.getpid()}", help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if settings.log is None:
        settings.log = "on" if settings.nodes > 1 else "off"
    # What the journals of the whole run take, and as much again for the small disk to be filled quickly.
    settings.disk_megabytes = 96 + settings.seconds // 3
    return settings


def say(text):
    print(text, file=sys.stderr, flush=True)


def wipe_what_dead_runs_left():
    """A run that was killed could not tidy up."""
    for directory in STATE.glob("chaos-*"):
        owner = directory.name.removeprefix("chaos-")
        if not owner.isdigit() or Path(f"/proc/{owner}").exists():
            continue
        name = directory / "broker-name"
        if name.exists():
            subprocess.run([SCRIPT, "stop", "--wipe", "--name", name.read_text()], stdin=subprocess.DEVNULL)
        for mount in directory.glob("data/*"):
            subprocess.run(["umount", "-l", str(mount)], capture_output=True)
        shutil.rmtree(directory, ignore_errors=True)


def stop_on(number, _):
    # Once: what follows is the tidying up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main():
    settings = arguments()
    wipe_what_dead_runs_left()
    home = STATE / f"chaos-{os.getpid()}"
    home.mkdir(parents=True)
    (home / "broker-name").write_text(settings.broker_name)
    signal.signal(signal.SIGINT, stop_on)
    signal.signal(signal.SIGTERM, stop_on)
    say(f"chaos: {settings.seconds} s, {settings.nodes} nodes, log {settings.log}, seed {settings.seed}")

    run = Run(settings, home, say)
    is_right, has_failed = False, True
    try:
        run.perform()
        is_right = not run.findings
        has_failed = not is_right
        figures = report.figures(run)
        print(report.text(figures), flush=True)
        if settings.json is not None:
            settings.json.write_text(json.dumps(figures, indent=2) + "\n")
    except SystemExit:
        has_failed = False
        raise
    except Exception:
        traceback.print_exc()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        run.end(keep_logs=has_failed)
        if has_failed:
            keep(home)
        if run.cluster.disk is not None:
            run.cluster.disk.remove()
        shutil.rmtree(home, ignore_errors=True)
    if not is_right:
        for finding in run.findings[:20]:
            say(f"  {finding.check}: {finding.text.splitlines()[0]}")
        say(f"not all is right (seed {settings.seed}); logs, ledger and journals: {FAILED}")
        sys.exit(1)
    say("all is right")


def keep(home):
    shutil.rmtree(FAILED, ignore_errors=True)
    # Copied: a small disk is a mount, which cannot be moved.
    shutil.copytree(home, FAILED, ignore=shutil.ignore_patterns("ballast"))


main()
