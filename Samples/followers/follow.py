#!/usr/bin/env python3
"""Follows an instance over HTTP and prints each change as a line: its id, a tab, its JSON. Python's own library only.

    python3 Samples/followers/follow.py http://127.0.0.1:7071 trip-1 [--after ID]

Whatever breaks is tried again from the last change seen, so that none is missed and none comes twice; the last id is
all that has to be remembered to go on another day (--after). Ends when the instance has ended.
"""

import argparse
import http.client
import sys
import time
import urllib.parse


def events(answer):
    """The id and the data of each whole event; an event that breaks off is none."""
    last, data, kind = None, None, None
    for line in answer:
        line = line.decode().rstrip("\n")
        if line.startswith("id: "):
            last = line[4:]
        elif line.startswith("data: "):
            data = line[6:]
        elif line.startswith("event: "):
            kind = line[7:]
        elif not line:
            # Those with a name are for who asks for them.
            if data is not None and kind is None:
                yield last, data
            data, kind = None, None


def follow(gateway, instance, last):
    address = urllib.parse.urlsplit(gateway)
    path = "/runtime/webhooks/durabletask/instances/" + urllib.parse.quote(instance, safe="")
    while True:
        # Longer than a stream is silent: what says nothing for so long is dead.
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=40)
        try:
            headers = {"Accept": "text/event-stream"}
            if last:
                headers["Last-Event-ID"] = last
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            if answer.status == 204:
                return
            if answer.status == 200:
                for last, data in events(answer):
                    print(last, data, sep="\t", flush=True)
            elif answer.status < 500:
                sys.exit(f"the gateway says {answer.status}: {answer.read().decode()}")
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Follow an instance.")
    arguments.add_argument("gateway")
    arguments.add_argument("instance")
    arguments.add_argument("--after", help="the id of the last change seen")
    chosen = arguments.parse_args()
    follow(chosen.gateway, chosen.instance, chosen.after)
