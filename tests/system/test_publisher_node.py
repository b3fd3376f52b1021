"""test_publisher_node.py - the Node.js publisher keeps what every publisher of ours promises."""
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from publisher_contract import SOURCE, PublisherContract  # noqa: E402


def setUpModule():
    subprocess.run([SOURCE / "tests/install-npm", "clients/node"], check=True)


class NodePublisherTest(PublisherContract, unittest.TestCase):
    command = ["node", pathlib.Path(__file__).with_name("publish_node.js")]
    example = ["node", SOURCE / "clients/node/example.js"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
