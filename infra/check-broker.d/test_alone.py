"""A broker alone."""
import unittest

from brokers import PREFIX, Client, broker, can_connect, expected_version, start, take

NAME = f"{PREFIX}-alone"


class AloneTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(broker, "stop", NAME, "--wipe")
        cls.url = start(NAME)

    def test_is_of_the_version_asked_for(self):
        with Client(self.url) as client:
            self.assertTrue(client.version.startswith(expected_version()), client.version)

    def test_keeps_port_and_messages_when_it_is_killed(self):
        with Client(self.url) as client:
            client.declare("kept")
            client.publish("kept", "here")
        broker("kill", NAME)
        self.assertFalse(can_connect(self.url))
        # Without a word about the version: it stays what it was.
        self.assertEqual(broker("start", NAME), self.url)
        with Client(self.url) as client:
            self.assertTrue(client.version.startswith(expected_version()), client.version)
        self.assertEqual(take(self.url, "kept"), "here")

    def test_answers_nobody_while_it_is_frozen(self):
        broker("freeze", NAME)
        self.addCleanup(broker, "thaw", NAME)
        self.assertFalse(can_connect(self.url, seconds=3))
        broker("thaw", NAME)
        self.assertTrue(can_connect(self.url))
