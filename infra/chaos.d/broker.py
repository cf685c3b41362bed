"""A RabbitMQ of this run's own, through infra/broker."""
import os
import shutil
import signal
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "broker"
STATE = SCRIPT.parent.parent / ".reprise"


class Broker:
    name = "the broker"

    def __init__(self, instance, log):
        self._instance = instance
        self._log = log
        self._job = None
        self._pid = None

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    @property
    def url(self):
        return self._ask("url")

    @property
    def pid(self):
        return self._pid

    @property
    def is_running(self):
        try:
            # What is dead and not yet buried has no command line.
            return self._pid is not None and Path(f"/proc/{self._pid}/cmdline").read_bytes() != b""
        except OSError:
            return False

    def begin_start(self):
        """Starts it in the background; `has_started` tells when it serves."""
        self._begin("start")

    def begin_stop(self):
        self._begin("stop")

    def has_started(self):
        if not self._job_ended("start"):
            return False
        self._pid = int(self._ask("pid"))
        return True

    def has_stopped(self):
        return self._job_ended("stop")

    def _job_ended(self, verb):
        code = self._job.poll()
        if code is None:
            return False
        if code != 0:
            raise RuntimeError(f"infra/broker {verb} failed with exit code {code}; see {self._log}")
        return True

    def wipe(self):
        """Forgets everything, once it has stopped; it keeps its ports."""
        shutil.rmtree(STATE / "broker" / self._instance / "mnesia")

    def kill(self):
        os.kill(self._pid, signal.SIGKILL)

    def freeze(self):
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self):
        if self.is_running:
            os.kill(self._pid, signal.SIGCONT)

    def ctl(self, *arguments):
        """Runs rabbitmqctl in the background; what is returned tells when it has done as told."""
        self._begin("ctl", "--", *arguments)
        return lambda: self._job_ended("ctl")

    def remove(self, keep_log_in=None):
        """Stops it and deletes its directory."""
        if self._job is not None and self._job.poll() is None:
            self._job.terminate()
            self._job.wait()
        if self.is_running:
            self.kill()
        log = STATE / "broker" / self._instance / "log" / "broker.log"
        if keep_log_in is not None and log.exists():
            shutil.copy(log, keep_log_in)
        with open(self._log, "ab") as out:
            command = [SCRIPT, "stop", "--wipe", "--name", self._instance]
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def _begin(self, verb, *arguments):
        with open(self._log, "ab") as out:
            self._job = subprocess.Popen(
                [SCRIPT, verb, "--name", self._instance, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def ask_ctl(self, *arguments):
        """What rabbitmqctl says."""
        return self._output("ctl", "--", *arguments)

    def _ask(self, what):
        return self._output(what).split()[-1]

    def _output(self, verb, *arguments):
        command = [SCRIPT, verb, "--name", self._instance, *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
