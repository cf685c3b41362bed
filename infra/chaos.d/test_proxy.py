"""The proxy carries what it is given, and misbehaves as it is told."""
import socket
import unittest

from proxy import Proxy


class ProxyTests(unittest.TestCase):
    def setUp(self):
        self.broker = socket.create_server(("127.0.0.1", 0))
        self.proxy = Proxy(self.broker.getsockname()[1], ["node-1", "node-2"])
        self.addCleanup(self.broker.close)
        self.addCleanup(self.proxy.close)

    def connect(self, door):
        client = socket.create_connection(("127.0.0.1", self.proxy.ports[door]), timeout=10)
        server, _ = self.broker.accept()
        server.settimeout(10)
        self.addCleanup(client.close)
        self.addCleanup(server.close)
        return client, server

    def test_carries_both_ways(self):
        client, server = self.connect("node-1")
        client.sendall(b"question")
        self.assertEqual(server.recv(100), b"question")
        server.sendall(b"answer")
        self.assertEqual(client.recv(100), b"answer")

    def test_the_end_of_one_side_is_the_end_of_the_other(self):
        client, server = self.connect("node-1")
        server.close()
        self.assertEqual(client.recv(100), b"")

    def test_a_cut_resets_both_sides_of_one_door_only(self):
        client, server = self.connect("node-1")
        neighbor, neighbors_server = self.connect("node-2")
        self.proxy.cut("node-1")
        for end in (client, server):
            with self.assertRaises(ConnectionResetError):
                end.recv(100)
        neighbor.sendall(b"still here")
        self.assertEqual(neighbors_server.recv(100), b"still here")

    def test_a_cut_in_mid_message_tells_when_it_was(self):
        client, server = self.connect("node-1")
        self.proxy.cut_after("node-1", 4)
        # The order travels beside the data, and may be the slower of the two: hence not once.
        with self.assertRaises(ConnectionError):
            while True:
                client.sendall(b"12345678")
                server.recv(8)
        self.assertEqual([name for name, _ in self.proxy.cuts()], ["node-1"])

    def test_what_is_held_up_comes_after_the_release(self):
        client, server = self.connect("node-1")
        self.proxy.hold("node-1", ["up"])
        client.sendall(b"late")
        server.sendall(b"other way")
        self.assertEqual(client.recv(100), b"other way")
        self.proxy.release("node-1")
        self.assertEqual(server.recv(100), b"late")


if __name__ == "__main__":
    unittest.main()
