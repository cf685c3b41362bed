"""The programs under test: started, struck and watched by their own ids."""
import os
import signal
import subprocess

import proc

# What a program may take to say that it is ready; the broker may be starting meanwhile.
READY_WITHIN = 120


class Program:
    """A process that is meant to run, with a log of its own; started again it keeps name, log and data."""

    def __init__(self, name, command, environment, log, ready):
        self.name = name
        self.log = log
        self._command = command
        self._environment = environment
        self._ready = ready.encode()
        self._process = None
        self._log_start = 0
        self._is_meant_to_run = False

    def start(self):
        with open(self.log, "ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                # The kernel ends it with this suite, even when that is killed.
                ["setpriv", "--pdeathsig", "KILL", *self._command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._is_meant_to_run = True

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def is_ready(self):
        if not self.is_running:
            return False
        with open(self.log, "rb") as log:
            log.seek(self._log_start)
            return self._ready in log.read()

    def kill(self):
        """kill -9, and gone."""
        self._is_meant_to_run = False
        if self.is_running:
            self._process.kill()
            self._process.wait()

    def terminate(self):
        """Asks it to stop; `is_running` tells when it has."""
        self._is_meant_to_run = False
        self._signal(signal.SIGTERM)

    def freeze(self):
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        if self.is_running:
            os.kill(self._process.pid, number)

    def unexpected_end(self):
        """Its exit code, once, when it has ended though no one has asked for that."""
        if not self._is_meant_to_run or self.is_running:
            return None
        self._is_meant_to_run = False
        return self._process.returncode

    def peak_memory(self):
        """In bytes, of its present life."""
        try:
            return proc.status(self._process.pid, "VmHWM")[0]
        except (OSError, KeyError, AttributeError):
            return 0

    def last_words(self, lines=25):
        with open(self.log, "rb") as log:
            text = log.read().decode(errors="replace")
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
