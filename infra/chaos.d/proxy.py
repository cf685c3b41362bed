"""A TCP proxy in front of the broker, with a door of its own for every program, that can be told to misbehave.

    node-1 ──► door ──┐
    node-2 ──► door ──┼──► broker        cut · cut after n bytes · hold (both ways, or one)
    worker ──► door ──┘

It runs in a process of its own, so that the suite's threads do not slow the traffic down.
"""
import asyncio
import multiprocessing
import socket
import struct
import time

CHUNK = 65536


class Proxy:
    """The suite's end: opens doors and gives orders."""

    def __init__(self, broker_port, names):
        # Before any thread is started: a fork keeps only the one that calls it.
        fork = multiprocessing.get_context("fork")
        self._orders, theirs = fork.Pipe()
        listeners = {name: socket.create_server(("127.0.0.1", 0), backlog=128) for name in names}
        self.ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
        self._process = fork.Process(target=_serve, args=(broker_port, listeners, theirs), daemon=True)
        self._process.start()
        for listener in listeners.values():
            listener.close()

    def url(self, name):
        return f"amqp://guest:guest@127.0.0.1:{self.ports[name]}"

    def cut(self, name):
        """Resets every connection of the door."""
        self._orders.send(("cut", name))

    def cut_after(self, name, count):
        """Resets the connection that carries the next `count` bytes, in the middle of whatever that is."""
        self._orders.send(("cut_after", name, count))

    def hold(self, name, directions):
        """Carries nothing on in these directions ("up", "down") until `release`, and lets no one new in."""
        self._orders.send(("hold", name, directions))

    def release(self, name):
        self._orders.send(("release", name))

    def cuts(self):
        """(door, time) of the cuts since the last call."""
        while self._orders.poll():
            yield self._orders.recv()

    def close(self):
        self._process.kill()
        self._process.join()


class _Door:
    def __init__(self, name, broker_port, report):
        self.name = name
        self.broker_port = broker_port
        self.report = report
        self.writers = set()
        self.budget = None
        self.open = {"up": asyncio.Event(), "down": asyncio.Event()}
        self.release()

    def hold(self, directions):
        for direction in directions:
            self.open[direction].clear()

    def release(self):
        for event in self.open.values():
            event.set()

    def cut(self):
        self.budget = None
        self.report(self.name)
        for writer in list(self.writers):
            _reset(writer)

    async def welcome(self, reader, writer):
        self.writers.add(writer)
        try:
            await asyncio.gather(*(event.wait() for event in self.open.values()))
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.broker_port, limit=CHUNK)
        except OSError:
            self.writers.discard(writer)
            return _reset(writer)
        self.writers.add(up_writer)
        try:
            flows = [
                asyncio.create_task(self._carry(reader, up_writer, "up")),
                asyncio.create_task(self._carry(up_reader, writer, "down")),
            ]
            # The end of one direction is the end of both, as AMQP has no half-open connections.
            await asyncio.wait(flows, return_when=asyncio.FIRST_COMPLETED)
            for flow in flows:
                flow.cancel()
            await asyncio.gather(*flows, return_exceptions=True)
        finally:
            for each in (writer, up_writer):
                self.writers.discard(each)
                _close(each)

    async def _carry(self, reader, writer, direction):
        try:
            while data := await reader.read(CHUNK):
                await self.open[direction].wait()
                if self.budget is not None and direction == "up":
                    self.budget -= len(data)
                    if self.budget < 0:
                        writer.write(data[: self.budget])
                        await writer.drain()
                        return self.cut()
                writer.write(data)
                await writer.drain()
            # The news that one side has gone is held up like everything else.
            await self.open[direction].wait()
        except OSError:
            pass


def _reset(writer):
    """Without a farewell, as a cable that is pulled and a peer that is gone."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()


def _close(writer):
    if not writer.is_closing():
        writer.close()


def _serve(broker_port, listeners, orders):
    # Ctrl-C is for the suite, which then ends this process.
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(_run(broker_port, listeners, orders))


async def _run(broker_port, listeners, orders):
    def report(name):
        orders.send((name, time.monotonic()))

    doors = {name: _Door(name, broker_port, report) for name in listeners}
    for name, listener in listeners.items():
        await asyncio.start_server(doors[name].welcome, sock=listener, limit=CHUNK)
    loop = asyncio.get_running_loop()
    while True:
        readable = asyncio.Event()
        loop.add_reader(orders.fileno(), readable.set)
        await readable.wait()
        loop.remove_reader(orders.fileno())
        while orders.poll():
            try:
                verb, name, *arguments = orders.recv()
            except EOFError:
                return
            door = doors[name]
            if verb == "cut":
                door.cut()
            elif verb == "cut_after":
                door.budget = arguments[0]
            elif verb == "hold":
                door.hold(arguments[0])
            elif verb == "release":
                door.release()
