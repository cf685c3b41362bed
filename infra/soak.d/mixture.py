"""What is started, by its number: the same proportions in every period, so that every slice has the same work."""
import random
from dataclasses import dataclass

CITIES = ["Hello Tokyo!", "Hello Seattle!", "Hello London!"]
COMPLETED, FAILED = "OrchestrationCompleted", "OrchestrationFailed"


@dataclass(frozen=True)
class Kind:
    name: str
    orchestrator: str
    input: object
    end: str
    output: object = None
    # The external event that it waits for.
    event: tuple | None = None
    # Not to begin before so many seconds have passed.
    later: float | None = None
    is_over_http: bool = False
    # Its input is large, and kept for half of the run.
    is_bulky: bool = False
    # No one purges it: that is left to the retention.
    is_left: bool = False


HELLO = Kind("hello", "E1_HelloSequence", None, COMPLETED, CITIES)
HELLO_OVER_HTTP = Kind("hello over HTTP", "E1_HelloSequence", None, COMPLETED, CITIES, is_over_http=True)
CHOOSING = Kind("waiting", "CityRecommender", 1, COMPLETED, "Tokyo", event=("CitySelected", "Tokyo"))
# With a timer of a minute, which the event makes needless.
BOOKING = Kind("waiting beside a timer", "ReserveTicket", 7, COMPLETED, True, event=("BookingConfirmed", True))
LATER = Kind("timer", "E1_HelloSequence", None, COMPLETED, CITIES, later=1.5, is_left=True)
# An input that the orchestrator cannot read: it is kept all the same, and shown.
BULKY = Kind("bulky", "CityRecommender", None, FAILED, is_bulky=True)

PERIOD = [HELLO] * 38 + [HELLO_OVER_HTTP] * 2 + [CHOOSING] * 2 + [BOOKING] * 2 + [LATER] * 3 + [BULKY] * 3
random.Random(1).shuffle(PERIOD)
# How often in a period an entity gets a signal, and how many of them there are.
SIGNAL_EVERY = 5
COUNTERS = 20


def kind(number):
    return PERIOD[number % len(PERIOD)]


def bulk(orchestrations, megabytes):
    """How large an input must be for the bulky ones among so many to have so much in all."""
    bulky = orchestrations * PERIOD.count(BULKY) / len(PERIOD)
    return min(400_000, max(1, int(megabytes * 1_000_000 / bulky)))
