"""A program's wall clock, which can be made to leap: Debian's libfaketime, put before the program."""
import os
from pathlib import Path

# The faults that need one.
LEAP, BEHIND = "make a node's clock leap", "put a gateway's clock behind"
LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


class Clock:
    def __init__(self, file):
        self._file = Path(file)
        self.lead(0)

    @property
    def environment(self):
        """Only the wall clock goes by the file, which is read again every second."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def lead(self, seconds):
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        os.replace(draft, self._file)
