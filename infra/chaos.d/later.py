"""Things to do after a while."""
import heapq
import itertools
import threading
import time


class Later(threading.Thread):
    def __init__(self):
        super().__init__(name="later", daemon=True)
        self._heap, self._numbers = [], itertools.count()
        self._changed = threading.Condition()
        self._is_stopping = False

    def add(self, delay, action):
        with self._changed:
            heapq.heappush(self._heap, (time.monotonic() + delay, next(self._numbers), action))
            self._changed.notify()

    def stop(self):
        with self._changed:
            self._is_stopping = True
            self._changed.notify()

    def run(self):
        while True:
            with self._changed:
                if self._is_stopping:
                    return
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, action = heapq.heappop(self._heap)
            action()
