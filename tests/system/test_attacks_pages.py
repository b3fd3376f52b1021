"""test_attacks_pages.py - the daemon's own pages are attacked: events go on being acknowledged and
deadlines pass in time, and who asks for a page properly gets it.
"""
import pathlib
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PAGES, PATIENCE, Rig, wait_for  # noqa: E402
from siege import Siege  # noqa: E402

SLOW = 200          # connections that send a byte now and then
ATTACK_S = 6        # more than a slow one may stay where it is crowded
FLOOD = 2000        # connections, one after the other
SLOWEST_S = 2.0     # an acknowledgement under attack, on a machine that does nothing else
HEAD = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class AttacksPagesTest(unittest.TestCase):
    def setUp(self):
        rig = Rig(webhook=True)
        rig.write_settings(http=PAGES)
        self.siege = Siege(rig)
        self.addCleanup(self.siege.close)
        self.rig = self.siege.rig
        self.port = int(self.rig.status()["pages"].rpartition(":")[2])

    def connect(self):
        one = socket.socket()
        one.settimeout(PATIENCE)
        one.connect(("127.0.0.1", self.port))
        return one

    def say(self, request):
        """The first line of what is answered; nothing where the connection just ends."""
        with self.connect() as one:
            try:
                one.sendall(request)
                return one.recv(4096).partition(b"\r\n")[0].decode()
            except OSError:
                return ""

    def page_comes(self):
        """A proper request is answered within some tries: where it is crowded one may be ended."""
        return wait_for(lambda: self.say(HEAD + b"\r\n").endswith(" 200 OK"), "the page comes")

    def slow_ones(self):
        """Each sends a byte four times a second, and is opened anew when it was ended."""
        began, ended, pages, ones = time.monotonic(), 0, 0, []
        # So long, and on a slow machine until as many were ended as are wanted.
        while time.monotonic() - began < ATTACK_S or (
                ended <= SLOW and time.monotonic() - began < 10 * ATTACK_S):
            while len(ones) < SLOW:
                ones.append(self.connect())
            for one in list(ones):
                try:
                    one.setblocking(False)
                    one.send(b"X")
                    try:
                        gone = one.recv(1) == b""
                    except BlockingIOError:
                        gone = False
                except OSError:
                    gone = True
                if gone:
                    ones.remove(one)
                    one.close()
                    ended += 1
            self.page_comes()
            pages += 1
            self.siege.watch.closing.wait(0.25)
        for one in ones:
            one.close()
        self.assertGreater(ended, SLOW, "slow ones stay")
        return f"{SLOW} slow connections, {ended} ended, {pages} pages meanwhile"

    def flood(self):
        """Connections that say nothing, half a request, or a whole one that is not waited for."""
        whole = [b"", HEAD, HEAD + b"\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
        for number in range(FLOOD):
            with self.connect() as one:
                try:
                    one.sendall(whole[number % len(whole)])
                except OSError:
                    pass  # ended already, where it is crowded
        self.page_comes()
        return f"{FLOOD} connections"

    def shapes(self):
        """What is too large, or no request: refused with its code, or ended."""
        form = b"Content-Type: application/x-www-form-urlencoded\r\n"
        post = b"POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n" + form
        rows = [
            (HEAD + b"X: " + b"x" * 100000 + b"\r\n\r\n", ("431", "")),
            (HEAD + b"".join(b"X%d: y\r\n" % i for i in range(20000)) + b"\r\n", ("431", "")),
            (b"GET /" + b"x" * 5000 + HEAD[12:] + b"\r\n", ("414",)),
            (b"GET /" + b"x" * 100000 + HEAD[12:] + b"\r\n", ("414", "")),
            (post + b"Content-Length: 4097\r\n\r\n" + b"x" * 4097, ("413", "")),
            (post + b"Content-Length: 99999999999\r\n\r\n", ("413",)),
            (post + b"Transfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" * 1000, ("411", "")),
            (b"DELETE /metrics" + HEAD[12:] + b"\r\n", ("405",)),
            (b"PROPFIND /" + HEAD[12:] + b"\r\n", ("405",)),
            (b"GET /../../../../etc/passwd" + HEAD[12:] + b"\r\n", ("404",)),
            (b"GET /..%2f..%2fetc%2fpasswd" + HEAD[12:] + b"\r\n", ("400",)),
            (b"GET /metrics%00.html" + HEAD[12:] + b"\r\n", ("400",)),
            (b"GET /metrics HTTP/1.1\r\nHost: rebound.example\r\n\r\n", ("421",)),
            (b"\x16\x03\x01\x02\x00" * 1000, ("4", "")),
            (b"\0" * 50000, ("4", "")),
            (b"GET /metrics HTTP/9.9\r\n\r\n", ("505", "400", "")),
            (b"\r\n" * 40000, ("4", "")),
        ]
        for request, wanted in rows:
            line = self.say(request)
            code = line.split(" ")[1] if " " in line else ""
            self.assertTrue(any(code.startswith(one) if one else code == "" for one in wanted),
                            f"{request[:60]}: {line}")
            self.page_comes()
        return f"{len(rows)} shapes refused"

    def test_attacks(self):
        for name, attack in (("slow pages", self.slow_ones), ("a flood of pages", self.flood),
                             ("shapes of requests", self.shapes)):
            resident = self.siege.resident_mib()
            began = time.time()
            self.siege.under(name, attack)
            stall, load = self.siege.watch.worst(began, time.time())
            self.assertLess(self.siege.slowest, SLOWEST_S * load + stall, name)
            # The sanitizer keeps what was freed, up to 256 MiB.
            self.assertLess(self.siege.resident_mib(), resident + 300, name)
        wait_for(lambda: self.siege.descriptors() < 100, "connections are closed")
        self.assertEqual(self.siege.lift(), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
