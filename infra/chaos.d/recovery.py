"""How long partitions were away, and through which fault: a pure function over what the observer has heard.

Whoever takes a partition raises its epoch. So the first message of a new epoch tells when a partition was back, and
the last one of the epoch before tells since when it was silent: the fault that struck in between is the cause. An
epoch that follows another without a fault between them is a hand-over, such as a node that comes back causes.
"""
from collections import defaultdict

# The messages of a dying owner may be heard a little after its death.
GRACE = 0.5
# Who is asked to stop goes on until it has handed over.
CLEAN_GRACE = 15.0


def recoveries(faults, timeline):
    """By kind of fault: seconds from the fault to the first message under a new owner, one per partition.

    `faults` have `kind`, `began` and `is_clean`; only those that can cost a partition its owner belong here. A partition
    that a second fault struck before it was back is counted for the first.
    """
    seconds = defaultdict(list)
    hand_overs = 0
    faults = sorted(faults, key=lambda fault: fault.began)
    for messages in _by_partition(timeline).values():
        for last_heard, back in _changes(messages):
            cause = next((fault for fault in faults if _explains(fault, last_heard, back)), None)
            if cause is None:
                hand_overs += 1
                continue
            since = max(cause.began, last_heard) if cause.is_clean else cause.began
            seconds[cause.kind].append(back - since)
    return dict(seconds), hand_overs


def _explains(fault, last_heard, back):
    grace = CLEAN_GRACE if fault.is_clean else GRACE
    return last_heard - grace <= fault.began <= back


def _by_partition(timeline):
    partitions = defaultdict(list)
    for arrival, partition, epoch in timeline:
        partitions[partition].append((arrival, epoch))
    return partitions


def _changes(messages):
    """Per rise of the epoch: when the old one was heard last, and the new one first."""
    messages = sorted(messages)
    highest, last_heard = None, None
    for arrival, epoch in messages:
        if highest is None or epoch == highest:
            highest, last_heard = epoch, arrival
        elif epoch > highest:
            yield last_heard, arrival
            highest, last_heard = epoch, arrival
