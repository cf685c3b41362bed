"""How long partitions were away, and through which fault: a pure function over what the observer has heard.

Whoever takes a partition raises its epoch. So the first message of a new epoch tells when a partition was back, and
the last one of the epoch before tells since when it was silent: the fault that struck in between is the cause. An
epoch that follows another without a fault between them is a hand-over, such as a node that comes back causes.
"""
from collections import defaultdict

# What an owner says of the time of its death may be a little later than the fault's own time.
GRACE = 0.5


def recoveries(faults, timeline):
    """By kind of fault: seconds from the fault to the first message under a new owner, one per partition.

    `faults` have `kind`, `began`, `speaks_until` and `is_clean`; only those that can cost a partition its owner belong
    here. A partition that a second fault struck before it was back is counted for the first.
    """
    seconds = defaultdict(list)
    hand_overs = 0
    faults = sorted(faults, key=lambda fault: fault.began)
    for messages in _by_partition(timeline).values():
        for spoke_last, back in _changes(messages):
            cause = _cause(faults, spoke_last, back)
            if cause is None:
                hand_overs += 1
                continue
            since = max(cause.began, spoke_last) if cause.is_clean else cause.began
            seconds[cause.kind].append(back - since)
    return dict(seconds), hand_overs


def _cause(faults, spoke_last, back):
    """The last fault before the silence; or, where no one happened to speak before it, the first one in it."""
    possible = [fault for fault in faults if fault.began <= back and spoke_last <= fault.speaks_until + GRACE]
    before = [fault for fault in possible if fault.began <= spoke_last + GRACE]
    return before[-1] if before else next(iter(possible), None)


def _by_partition(timeline):
    partitions = defaultdict(list)
    for arrival, partition, epoch, said_at in timeline:
        partitions[partition].append((arrival, epoch, said_at))
    return partitions


def _changes(messages):
    """Per rise of the epoch: when the old owner spoke last, and when the new one was heard first.

    The old one's messages may be heard much later, from a queue that was away with its broker: hence the time at which
    they were said.
    """
    highest = None
    for arrival, epoch, _ in sorted(messages):
        if highest is not None and epoch > highest:
            yield max(said for _, old, said in messages if old == highest and said <= arrival), arrival
        highest = epoch if highest is None else max(epoch, highest)
