"""The figures of a run, for people and for programs."""
import statistics

from reconcile import CHECKS

LIFE = ("lost", "stuck", "wrong", "twice", "gap")


def figures(run):
    """Everything that is reported, as one JSON object."""
    by_kind = {fault.kind: fault for fault in run.schedule.faults}
    losses = _losses(run)
    table = []
    for kind, fault in by_kind.items():
        runs = sum(strike.kind == kind for strike in run.strikes)
        row = {"fault": kind, "how": fault.how, "runs": runs, "lost": losses.get(kind, 0)}
        table.append(row | _spread(run.recoveries.get(kind, [])))
    return {
        "seconds": run.settings.seconds,
        "seed": run.settings.seed,
        "nodes": run.settings.nodes,
        "log": run.settings.log,
        "heartbeat": run.settings.heartbeat,
        "is_right": not run.findings,
        "checks": run.counts,
        "faults": table,
        "recovery": _spread([seconds for each in run.recoveries.values() for seconds in each]),
        "hand_overs": run.hand_overs,
        "totals": run.totals,
        "skipped": run.skipped,
        "findings": [{"check": f.check, "subject": f.subject, "text": f.text} for f in run.findings[:200]],
    }


def _spread(seconds):
    return {
        "recoveries": len(seconds),
        "median": round(statistics.median(seconds), 2) if seconds else None,
        "max": round(max(seconds), 2) if seconds else None,
    }


def _losses(run):
    """What went wrong with an instance is laid at the door of the fault before its last sign of life."""
    losses = {}
    for subject in {finding.subject for finding in run.findings if finding.check in LIFE}:
        heard = run.facts.last_heard.get(subject)
        if heard is None:
            continue
        before = [strike for strike in run.strikes if strike.began <= heard + 1]
        if before:
            kind = max(before, key=lambda strike: strike.began).kind
            losses[kind] = losses.get(kind, 0) + 1
    return losses


def text(figures):
    lines = [""]
    lines += _table(
        ["fault", "how injected", "runs", "lost", "recoveries", "median", "max"],
        [
            [row[name] for name in ("fault", "how", "runs", "lost", "recoveries")]
            + [_seconds(row["median"]), _seconds(row["max"])]
            for row in figures["faults"]
        ],
    )
    lines.append("")
    lines += [f"  skipped: {reason}" for reason in figures["skipped"]]
    lines += [f"  {name}: {value}" for name, value in figures["totals"].items()]
    recovery = figures["recovery"]
    lines.append(
        f"  recovery of a partition: median {_seconds(recovery['median'])}, maximum {_seconds(recovery['max'])},"
        f" of {recovery['recoveries']}; hand-overs: {figures['hand_overs']}"
    )
    lines.append("")
    lines += [f"  {CHECKS[check]}: {number}" for check, number in figures["checks"].items()]
    if figures["findings"]:
        lines.append("")
        lines += [f"  {finding['check']}: {finding['text']}" for finding in figures["findings"][:40]]
        if len(figures["findings"]) > 40:
            lines.append("  … (more in the JSON)")
    return "\n".join(lines)


def _seconds(value):
    return "–" if value is None else f"{value:.2f} s"


def _table(head, rows):
    rows = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
