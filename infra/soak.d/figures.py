"""The figures of a run, for people and as JSON."""
import sys
from dataclasses import asdict

from judge import REPRISE, cpu

# Of each column: what stands over it, and how wide it is. Processes are in the order of REPRISE, then the broker.
COLUMNS = [
    ("slice", 5),
    ("orch./s", 8),
    ("CPU ms", 7),
    ("n / w / g / broker", 20),
    ("resident MB, n / w / g / broker", 32),
    ("own MB, n / w / g", 19),
    ("files", 10),
    ("threads", 10),
    ("MB of journals / log / model", 29),
    ("kept", 6),
    ("B for each", 11),
    ("to confirm", 11),
    ("dead", 5),
    ("queued", 7),
]


class Progress:
    """A line for each slice, and between them one that is redrawn on a terminal and written once elsewhere."""

    def __init__(self):
        self._last = None
        self._has_head = False

    def show(self, text):
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        elif self._last != text.split(":")[0]:
            self._last = text.split(":")[0]
            if not self._last.startswith("slice"):
                print(text, file=sys.stderr, flush=True)

    def clear(self):
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def line(self, one):
        self.clear()
        if not self._has_head:
            self._has_head = True
            print(_row(head for head, _ in COLUMNS), flush=True)
        print(_line(one), flush=True)


def _line(one):
    every = (*REPRISE, "broker")
    cells = [
        one.number,
        f"{one.rate:.0f}",
        f"{cpu(one):.2f}",
        _each(f"{cpu(one, [name]):.2f}" for name in every),
        _each(_megabytes(one.resident[name]) for name in every),
        _each(_megabytes(one.own_memory[name]) for name in REPRISE),
        _each(one.open_files[name] for name in REPRISE),
        _each(one.threads[name] for name in REPRISE),
        _each(_megabytes(one.disk[name]) for name in ("journals", "log", "readModel")),
        one.kept,
        sum(one.disk.values()) // max(1, one.kept),
        one.unconfirmed,
        one.queues["dead"],
        sum(one.queues.values()) - one.queues["dead"],
    ]
    return _row(cells)


def _row(cells):
    return "".join(str(cell).rjust(width) for cell, (_, width) in zip(cells, COLUMNS))


def _each(values):
    return " ".join(str(value) for value in values)


def _megabytes(bytes):
    return f"{bytes / 1_000_000:.1f}"


def figures(soak):
    return {
        "slices": [
            asdict(one) | {"orchestrationsPerSecond": one.rate, "cpuMilliseconds": cpu(one)} for one in soak.slices
        ],
        "queues": soak.queues,
        "findings": soak.findings,
    }


def text(soak):
    memory = sum(queue["memory"] for queue in soak.queues)
    lines = (
        [f"  the broker's {len(soak.queues)} queues hold {_megabytes(memory)} MB of memory in the end"]
        if soak.queues
        else []
    )
    return "\n".join([*lines, *(f"  {finding}" for finding in soak.findings)])
