"""Whether a hub stayed as it was: a pure function from slices to findings.

The first slice is for whatever is filled once. What a neighbor on the same machine does shows in single halves of
slices, and what grows with the work shows in all that follow: so the first measure is an average and the last one the
best of several.
"""

# The last slice's CPU for each orchestration, compared with the second's.
MOST_CPU = 1.10
# Memory of a process's own, in bytes for each orchestration after the first slice.
MOST_MEMORY = 100
# And what comes and goes in lumps, whatever was done before: a snapshot of the log on its way out.
MEMORY_LUMP = 3_000_000
# Journals and read model, in bytes for each orchestration of the second half, when as much is purged as is begun: ids
# are remembered for a week.
MOST_DISK = 600
MOST_FILES = 4
MOST_THREADS = 8
REPRISE = ("node", "worker", "gateway")


def judge(slices):
    """What grew or slowed down."""
    return [*_slower(slices), *_larger(slices), *_fuller(slices), *_more(slices)]


def cpu(one, names=REPRISE):
    """Milliseconds for each orchestration."""
    return sum(sum(one.cpu[name]) / 2 for name in names)


def _best_cpu(one, names):
    return min(sum(one.cpu[name][half] for name in names) for half in (0, 1))


def _slower(slices):
    second, last = slices[1], slices[-1]
    for what, names in [("all three", REPRISE), ("the node", ("node",))]:
        before, after = cpu(second, names), _best_cpu(last, names)
        if after > MOST_CPU * before:
            yield (
                f"{what} used {before:.2f} ms of CPU for each orchestration in slice 2 and {after:.2f} ms in slice"
                f" {last.number}, {after / before:.2f} times as much; at most {MOST_CPU} is right"
            )


def _larger(slices):
    second, last = slices[1], slices[-1]
    # Both are the least of their slice, which is about its beginning.
    done = sum(one.orchestrations for one in slices[1:-1])
    for name in REPRISE:
        grown = last.own_memory[name] - second.own_memory[name]
        if grown > MOST_MEMORY * done + MEMORY_LUMP:
            yield (
                f"the {name}'s own memory grew from {_megabytes(second.own_memory[name])} MB in slice 2 to"
                f" {_megabytes(last.own_memory[name])} MB in slice {last.number}: {grown // done} bytes for each"
                f" orchestration; at most {MOST_MEMORY} is right"
            )


def _fuller(slices):
    # SQLite cuts its write-ahead logs off from time to time: the most about the middle, and the least in the end.
    middle = len(slices) // 2
    first, last = slices[middle - 1 : middle + 2], slices[-2:]
    done = sum(one.orchestrations for one in slices[middle + 2 : -1])
    for name, what in [("journals", "the journals"), ("readModel", "the read model")]:
        grown = min(one.disk[name] for one in last) - max(one.disk[name] for one in first)
        if grown > MOST_DISK * done:
            yield (
                f"{what} grew by {grown // done} bytes for each orchestration from slice {first[-1].number} to"
                f" {last[0].number}, though as much is purged as is begun"
            )


def _more(slices):
    second, last = slices[1], slices[-1]
    for what, most, of in [
        ("open files", MOST_FILES, lambda one: one.open_files),
        ("threads", MOST_THREADS, lambda one: one.threads),
    ]:
        for name in REPRISE:
            before, after = of(second)[name], of(last)[name]
            if after > before + most:
                yield f"the {name} had {before} {what} in slice 2 and {after} in slice {last.number}"


def _megabytes(bytes):
    return round(bytes / 1_000_000, 1)
