"""test_pages.py - the daemon's own pages: health and readiness, where they are, who may ask."""
import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PAGES, Rig, raised  # noqa: E402


class PagesTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def start(self, http=PAGES, **settings):
        self.rig.write_settings(http=http, **settings)
        return self.rig.start()

    def test_health_and_readiness(self):
        daemon = self.start()
        for path, text in (("/health", "alive\n"), ("/ready", "ready\n")):
            status, headers, said = self.rig.page(path)
            self.assertEqual((status, said), (200, text))
            self.assertEqual(headers["Content-Type"], "text/plain; charset=utf-8")
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(self.rig.page(path, "HEAD")[::2], (200, ""))
            self.assertEqual(self.rig.page(path, "POST", "a=b", **{
                "Content-Type": "application/x-www-form-urlencoded"})[0], 405)
        self.assertEqual(self.rig.page("/nothing")[0], 404)
        self.assertEqual(self.rig.page("/health", Host="evil.example")[0], 421)
        self.assertIn(f"pages at {self.rig.status()['pages']}", daemon.said())
        self.assertIn("pages at", self.rig.ctl("status").stdout)
        self.assertEqual(daemon.stop(), 0)

    def test_host_of_a_reverse_proxy(self):
        self.start(http_hosts="concern.board.example other.board.example")
        self.assertEqual(self.rig.page("/health", Host="other.board.example:443")[0], 200)
        self.assertEqual(self.rig.page("/health", Host="third.board.example")[0], 421)

    def test_readiness_goes_on(self):
        """The echo of the dispatcher is asked for and seen, again and again, beside deliveries."""
        self.start()
        client = self.rig.client()
        for number in range(5):
            self.assertEqual(client.ask("EVENT", raised(f"D-{number}"))[0], "ACK")
            self.assertEqual(self.rig.page("/ready")[0], 200)

    def test_nowhere(self):
        daemon = self.start(http="none")
        self.assertIsNone(self.rig.status()["pages"])
        self.assertNotIn("pages", daemon.said())

    def test_a_place_that_is_taken(self):
        """The daemon does not start, and says what would help."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            place = "127.0.0.1:%d" % other.getsockname()[1]
            self.rig.write_settings(http=place)
            daemon = self.rig.daemon()
            self.assertEqual(daemon.wait(), 1)
        self.assertIn(f"another program is at http://{place}", daemon.said())
        self.assertIn("set `http`", daemon.said())

    def test_a_wrong_address(self):
        for wrong in ("localhost:9570", "127.0.0.1", "unix:relative"):
            self.rig.write_settings(http=wrong)
            daemon = self.rig.daemon()
            self.assertEqual(daemon.wait(), 1)
            self.assertIn(f'no address for pages: "{wrong}"', daemon.said())

    def test_an_address_others_reach_is_warned_of(self):
        self.assertIn("without encryption", self.start(http="0.0.0.0:0").said())

    def test_socket_file(self):
        path = self.rig.folder / "run/http"
        daemon = self.start(http=f"unix:{path}")
        for name in ("any.example", "localhost"):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(60)
                client.connect(str(path))
                client.sendall(f"GET /health HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
                answer = b"".join(iter(lambda: client.recv(4096), b""))
            self.assertEqual(answer[9:12], b"200" if name == "localhost" else b"421")
        daemon.kill()
        self.assertTrue(path.exists())
        daemon = self.rig.start()  # what a killed one left is replaced
        self.assertEqual(self.rig.status()["pages"], f"unix:{path}")
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(path.exists())


if __name__ == "__main__":
    unittest.main(verbosity=1)
