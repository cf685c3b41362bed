"""When queues count as empty."""
import unittest

from hands import are_empty


class EmptyTests(unittest.TestCase):
    def test_a_queue_that_is_not_listed_may_be_full(self):
        self.assertFalse(are_empty({}, ["a", "b"]))
        self.assertFalse(are_empty({"a": 0}, ["a", "b"]))
        self.assertFalse(are_empty({"a": 0, "b": 2}, ["a", "b"]))
        self.assertTrue(are_empty({"a": 0, "b": 0, "c": 7}, ["a", "b"]))


if __name__ == "__main__":
    unittest.main()
