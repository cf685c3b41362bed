"""What schemathesis does with each request that it made up, before it is sent."""
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives the request an idempotency key of its own.

    The made-up ones repeat. A delete under a key that its instance has seen is answered as it was the first time and
    deletes nothing, and the next read would be taken for one of a deleted instance. A key that is refused stays.
    """
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 1 <= len(key) <= 255 and all("!" <= character <= "~" for character in key):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
