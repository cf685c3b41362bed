"""The soak; infra/soak builds the programs and runs this."""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import figures
from broker import SCRIPT, STATE
from soak import Soak

# What grows with each commit or confirm grows slowest where many are made at once.
FEW = "how many run at a time; few are bundled little, which shows sooner what grows (default: %(default)s)"
FAILED = STATE / "failed-soak"


def arguments():
    parser = argparse.ArgumentParser(
        prog="infra/soak",
        description="Runs hellos, mixed with instances that wait, entities, timers, large inputs and purges, through "
        "real processes in ten slices, and compares the last ones with the first. The exit code is 0 when the hub neither "
        "slowed down nor grew, and nothing is left in the end.",
    )
    add = parser.add_argument
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--count", type=int, metavar="N", help="orchestrations in all ten slices")
    length.add_argument("--minutes", type=float, metavar="M", help="about so long instead (default: 10)")
    add("--json", type=Path, metavar="FILE", help="write the figures there")
    add("--concurrency", type=int, default=8, metavar="N", help=FEW)
    add("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    add("--broker-name", default=f"soak-{os.getpid()}", help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if settings.count is None and settings.minutes is None:
        settings.minutes = 10
    return settings


def wipe_what_dead_runs_left():
    """A run that was killed could not tidy up."""
    for directory in STATE.glob("soak-*"):
        owner = directory.name.removeprefix("soak-")
        if not owner.isdigit() or Path(f"/proc/{owner}").exists():
            continue
        name = directory / "broker-name"
        if name.exists():
            subprocess.run([SCRIPT, "stop", "--wipe", "--name", name.read_text()], stdin=subprocess.DEVNULL)
        shutil.rmtree(directory, ignore_errors=True)


def stop_on(number, _):
    # Once: what follows is the tidying up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main():
    settings = arguments()
    wipe_what_dead_runs_left()
    home = STATE / f"soak-{os.getpid()}"
    home.mkdir(parents=True)
    (home / "broker-name").write_text(settings.broker_name)
    signal.signal(signal.SIGINT, stop_on)
    signal.signal(signal.SIGTERM, stop_on)

    progress = figures.Progress()
    soak = Soak(settings, home, progress)
    has_failed = True
    try:
        soak.perform()
        has_failed = bool(soak.findings)
        progress.clear()
        print(figures.text(soak), flush=True)
        if settings.json is not None:
            settings.json.write_text(json.dumps(figures.figures(soak), indent=2) + "\n")
    except SystemExit:
        has_failed = False
        raise
    except Exception:
        traceback.print_exc()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        soak.end(keep_logs=has_failed)
        if has_failed:
            shutil.rmtree(FAILED, ignore_errors=True)
            shutil.copytree(home, FAILED)
        shutil.rmtree(home, ignore_errors=True)
    if has_failed:
        print(f"not all is right; logs and journals: {FAILED}", file=sys.stderr)
        sys.exit(1)
    print("all is right", file=sys.stderr)


main()
