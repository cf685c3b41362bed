"""Times changes on their way to followers; started by infra/bench-follow."""

import asyncio
import json
import sys
import time
from datetime import datetime

BASE = "/runtime/webhooks/durabletask"
PORT, GATEWAY, CHANGES, RATE, FOLLOWERS = (int(text) for text in sys.argv[1:])


class Connection:
    """HTTP/1.1 on one connection, one request after the other."""

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 20)
        return self

    def send(self, method, path, body=b"", headers=()):
        lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}", *headers]
        if body:
            lines.append("Content-Type: application/json")
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def head(self):
        status = int((await self.reader.readline()).split()[1])
        headers = {}
        while (line := (await self.reader.readline()).strip()):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers

    async def ask(self, method, path, body=b"", headers=()):
        self.send(method, path, body, headers)
        status, found = await self.head()
        return status, found, await self.reader.readexactly(int(found.get("content-length", 0)))


def age(change):
    told = datetime.fromisoformat(change["time"].replace("Z", "+00:00")).timestamp()
    return (time.time() - told) * 1000


async def stream(instance, ages, last, ready=None):
    """Follows by server-sent events, up to the version `last`."""
    connection = await Connection().open()
    connection.send("GET", f"{BASE}/instances/{instance}", headers=["Accept: text/event-stream", "Last-Event-ID: 1"])
    await connection.head()
    if ready:
        ready.release()
    while True:
        line = await connection.reader.readline()
        if not line.startswith(b"data: "):
            if not line:
                sys.exit("a stream ended early")
            continue
        change = json.loads(line[6:])
        ages.append(age(change))
        if change["version"] >= last:
            break
    connection.writer.close()


async def poll(instance, ages, last):
    """Follows by long poll: each answer names the version that the next one is to pass."""
    connection = await Connection().open()
    after = 1
    while after < last:
        path = f"{BASE}/instances/{instance}/statuses?after={after}"
        _, _, body = await connection.ask("GET", path, headers=["Prefer: wait=30"])
        now = json.loads(body)
        ages.extend(age(change) for change in now["changes"])
        after = now["version"]
    connection.writer.close()


async def track(instance):
    connection = await Connection().open()
    status, _, body = await connection.ask("POST", f"{BASE}/orchestrators/TrackParcel/{instance}", b'"p"')
    if status != 202:
        sys.exit(f"the start was answered {status}: {body.decode()}")
    return connection


async def change(connection, instance, count, pause):
    for number in range(count):
        path = f"{BASE}/instances/{instance}/raiseEvent/Stage"
        status, _, body = await connection.ask("POST", path, b'"%d"' % number)
        if status != 202:
            sys.exit(f"an event was answered {status}: {body.decode()}")
        await asyncio.sleep(pause)


async def load(rate, started):
    """Starts orchestrations at a steady rate."""
    free = asyncio.Queue()
    for _ in range(32):
        free.put_nowait(await Connection().open())
    begun = time.monotonic()

    async def start():
        connection = await free.get()
        status, _, _ = await connection.ask("POST", f"{BASE}/orchestrators/E1_HelloSequence")
        started.append(status)
        free.put_nowait(connection)

    tasks = set()
    for number in range(1 << 30):
        await asyncio.sleep(max(0, begun + number / rate - time.monotonic()))
        task = asyncio.create_task(start())
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def line(name, ages):
    ages = sorted(ages)
    at = lambda part: ages[min(len(ages) - 1, int(part * len(ages)))]
    print(f"{name:34} | {len(ages):7} | {at(0.5):7.1f} ms | {at(0.99):7.1f} ms | {ages[-1]:7.1f} ms", flush=True)


def memory():
    with open(f"/proc/{GATEWAY}/status") as status:
        return next(int(row.split()[1]) // 1024 for row in status if row.startswith("VmRSS"))


async def timed(label, pause):
    """One follower of each kind while one parcel moves on."""
    instance = f"parcel-{label}".replace(" ", "-")
    connection = await track(instance)
    streamed, polled = [], []
    followers = [
        asyncio.create_task(stream(instance, streamed, CHANGES + 1)),
        asyncio.create_task(poll(instance, polled, CHANGES + 1)),
    ]
    await asyncio.sleep(0.3)
    await change(connection, instance, CHANGES, pause)
    await asyncio.wait_for(asyncio.gather(*followers), 60)
    line(f"server-sent events, {label}", streamed)
    line(f"long poll, {label}", polled)


async def crowd():
    """Many streams of one parcel."""
    instance = "parcel-crowd"
    connection = await track(instance)
    before = memory()
    ages, ready = [], asyncio.Semaphore(0)
    count = max(1, CHANGES // 10)
    followers = [asyncio.create_task(stream(instance, ages, count + 1, ready)) for _ in range(FOLLOWERS)]
    for _ in range(FOLLOWERS):
        await ready.acquire()
    await asyncio.sleep(1)
    await change(connection, instance, count, 0.2)
    during = memory()
    await asyncio.wait_for(asyncio.gather(*followers), 120)
    line(f"{FOLLOWERS} streams at a time", ages)
    print(f"the gateway's memory: {before} MB before, {during} MB with {FOLLOWERS} streams")


async def main():
    print(f"{'':34} | {'changes':>7} | {'median':>10} | {'p99':>10} | {'most':>10}")
    await timed("idle", 0.01)
    started = []
    loading = asyncio.create_task(load(RATE, started))
    await asyncio.sleep(2)
    begun, count = time.monotonic(), len(started)
    await timed(f"{RATE} starts a second", 0.01)
    rate = (len(started) - count) / (time.monotonic() - begun)
    loading.cancel()
    refused = sum(status != 202 for status in started)
    print(f"the load was {rate:.0f} orchestrations a second, {refused} refused")
    await asyncio.sleep(5)
    await crowd()


asyncio.run(main())
