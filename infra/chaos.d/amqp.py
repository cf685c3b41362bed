"""A connection that is made again whenever it is lost, for the suite's own threads."""
import threading

import pika
from pika.exceptions import AMQPError

LOST = (AMQPError, OSError)
PAUSE = 0.3


class Reconnecting(threading.Thread):
    """Runs `serve(channel)` again and again until it is told to stop."""

    def __init__(self, name, url):
        super().__init__(name=name, daemon=True)
        self.url = url
        self.stopping = threading.Event()
        self.failure = None

    def serve(self, connection):
        raise NotImplementedError

    def run(self):
        while not self.stopping.is_set():
            connection = self._connect()
            if connection is None:
                self.stopping.wait(PAUSE)
                continue
            try:
                with connection:
                    self.serve(connection)
            except LOST:
                self.stopping.wait(PAUSE)
            except Exception as error:  # A mistake of the suite must fail the run, and not end a thread unseen.
                self.failure = error
                return

    def _connect(self):
        parameters = pika.URLParameters(self.url)
        parameters.heartbeat = 5
        parameters.socket_timeout = 5
        parameters.stack_timeout = 10
        parameters.connection_attempts = 1
        try:
            return pika.BlockingConnection(parameters)
        except (*LOST, ValueError):  # This too is what pika says of a connection that is reset at once.
            return None

    def stop(self):
        self.stopping.set()
        self.join(20)
