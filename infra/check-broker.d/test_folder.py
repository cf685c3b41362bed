"""How the folder of another RabbitMQ is made, with a debootstrap that only plays at it."""
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from brokers import REPOSITORY, VERSION

SCRIPT = REPOSITORY / "infra" / "broker.d" / "make-rabbitmq"

# Its arguments in one line of `calls`, then a folder, half at first.
PLAY = """#!/bin/bash
echo "$*" >>"$PLAY/calls"
for target; do [[ $target != */rabbitmq-* ]] || break; done
mkdir -p "$target/etc" "$target/usr/lib/rabbitmq/lib/rabbitmq_server-$MADE"
while [[ -e $PLAY/wait ]]; do sleep 0.05; done
[[ ! -e $PLAY/fail ]] || { echo 'E: no such suite'; exit 1; }
touch "$target/whole"
"""


@unittest.skipIf(VERSION, "the same for all versions")
@unittest.skipUnless(os.geteuid() == 0, "takes root")
class FolderTests(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.cache = Path(scratch.name, "cache")
        self.play = Path(scratch.name, "play")
        self.play.mkdir()
        debootstrap = self.play / "debootstrap"
        debootstrap.write_text(PLAY)
        debootstrap.chmod(0o755)
        self.calls = self.play / "calls"

    def begin(self, version="4.0", made="4.0.5", **more):
        environment = os.environ | {
            "PATH": f"{self.play}:{os.environ['PATH']}",
            "PLAY": str(self.play),
            "MADE": made,
            "INFRA_CACHE": str(self.cache),
            "DEBIAN_MIRROR": "http://mirror.example/debian",
        }
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([SCRIPT, version], env=environment | more, stdin=subprocess.DEVNULL, **pipes)

    def end(self, maker, code=0):
        out, errors = maker.communicate(timeout=120)
        self.assertEqual(maker.returncode, code, errors)
        return out.strip() if code == 0 else errors

    def wait_for_a_call(self):
        deadline = time.monotonic() + 60
        while not self.calls.exists():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def what_is_made(self):
        return sorted(each.name for each in self.cache.glob("rabbitmq-*") if each.is_dir())

    def test_it_is_made_once(self):
        folder = self.end(self.begin())
        self.assertEqual(folder, str(self.cache / "rabbitmq-4.0"))
        self.assertTrue(Path(folder, "whole").exists())
        self.assertIn("localhost", Path(folder, "etc", "hosts").read_text())
        self.assertEqual(self.end(self.begin()), folder)
        call = self.calls.read_text().split("\n")
        self.assertEqual(len(call), 2)
        self.assertIn(" trixie ", call[0])
        self.assertIn(" http://mirror.example/debian ", call[0])

    def test_two_that_want_it_at_once_make_it_once(self):
        (self.play / "wait").touch()
        first = self.begin()
        self.wait_for_a_call()
        second = self.begin()
        self.assertIn("waiting for another", second.stderr.readline())
        (self.play / "wait").unlink()
        self.assertEqual(self.end(first), self.end(second))
        self.assertEqual(self.calls.read_text().count("\n"), 1)

    def test_half_a_folder_is_never_used(self):
        (self.play / "wait").touch()
        killed = self.begin()
        self.wait_for_a_call()
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        self.assertEqual(len(self.what_is_made()), 1)
        (self.play / "wait").unlink()
        self.assertTrue(Path(self.end(self.begin()), "whole").exists())
        self.assertEqual(self.what_is_made(), ["rabbitmq-4.0"])

    def test_who_is_interrupted_leaves_nothing(self):
        (self.play / "wait").touch()
        maker = self.begin()
        self.wait_for_a_call()
        maker.send_signal(signal.SIGTERM)
        self.end(maker, 143)
        self.assertEqual(self.what_is_made(), [])

    def test_a_failure_says_what_to_do(self):
        (self.play / "fail").touch()
        errors = self.end(self.begin(), 1)
        for words in ("E: no such suite", "DEBIAN_MIRROR", "http://mirror.example/debian", "rabbitmq-4.0.log"):
            self.assertIn(words, errors)
        self.assertEqual(self.what_is_made(), [])

    def test_a_debian_that_has_another_by_now_is_not_taken(self):
        self.assertIn("Debian's trixie has rabbitmq 4.1.2 now, not 4.0", self.end(self.begin(made="4.1.2"), 1))
        self.assertEqual(self.what_is_made(), [])

    def test_a_version_that_no_debian_has_is_refused(self):
        self.assertIn("4.0 (trixie)", self.end(self.begin("5.0"), 1))
        self.assertFalse(self.calls.exists())

    def test_unless_told_it_takes_the_mirror_of_this_machine(self):
        self.end(self.begin(DEBIAN_MIRROR=""))
        self.assertRegex(self.calls.read_text(), r" (https?|file):\S+/debian/? ")
