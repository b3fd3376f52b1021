"""test_publisher_python.py - the Python publisher keeps what every publisher of ours promises."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from publisher_contract import SOURCE, PublisherContract  # noqa: E402


class PythonPublisherTest(PublisherContract, unittest.TestCase):
    command = [sys.executable, pathlib.Path(__file__).with_name("publish_python.py")]
    example = [sys.executable, SOURCE / "clients/python/example.py"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
