"""test_pages.py - the daemon's own pages: what they say, where they are, who may ask.

The metrics are read by Prometheus's own client library.
"""
import html.parser
import json
import pathlib
import socket
import sys
import time
import unittest

from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PAGES, PEOPLE, Rig, raised, wait_for  # noqa: E402

TRIAL = ("--clock", "2026-12-18T16:59:00Zx20000")


class Outline(html.parser.HTMLParser):
    """The rows of tables, by the heading before; and which elements are left open."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.open, self.heading, self.names = {}, [], "", set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.names |= {tag} | {f"{tag}.{name}" for name, _ in attributes}
        if tag != "meta":
            self.open.append(tag)
        if tag == "h2":
            self.heading = ""
        if tag == "tr":
            self.rows.setdefault(self.heading, []).append([])
        if tag in ("td", "th"):
            self.rows[self.heading][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open[-1:] == ["h2"]:
            self.heading += data
        if "td" in self.open or "th" in self.open:
            self.rows[self.heading][-1][-1] += data


class Pages(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def start(self, http=PAGES, arguments=(), **settings):
        self.rig.write_settings(http=http, **settings)
        return self.rig.start(*arguments)

    def figures(self):
        """{name: value} and {(name, label, ...): value}, as Prometheus reads them."""
        status, headers, text = self.rig.page("/metrics")
        self.assertEqual((status, headers["Content-Type"]),
                         (200, "text/plain; version=0.0.4; charset=utf-8"))
        figures = {}
        for family in text_string_to_metric_families(text):
            self.assertRegex(family.name, "^concernd_[a-z_]+$")
            self.assertIn(family.type, ("gauge", "counter"), family.name)
            self.assertTrue(family.documentation, family.name)
            self.assertEqual(text.count(f"# TYPE {family.name} ") +
                             text.count(f"# TYPE {family.name}_total "), 1)
            for sample in family.samples:
                self.assertEqual(sample.name.endswith("_total"), family.type == "counter")
                key = (sample.name.removeprefix("concernd_"), *sample.labels.values())
                self.assertNotIn(key, figures)
                figures[key] = sample.value
        return figures

    def figure(self, *key):
        return self.figures().get(key)

    def nobody_in(self, text):
        for person in PEOPLE + ["board-unit", ".example", "Invented"]:
            self.assertNotIn(person, text)


class MetricsTest(Pages):
    def test_they_say_what_status_says(self):
        self.start()
        client = self.rig.client()
        client.publish(raised("D-1"))
        client.publish(raised("D-2"))
        self.assertEqual(client.ask("EVENT", raised("D-3", source="urn:other:one"))[0], "NACK")
        self.rig.wait_delivered()
        wait_for(lambda: self.figure("events_refused_total", "403.1"), "the refusal is counted")
        # A page is kept for a second: one that was made after the last line of the record.
        wait_for(lambda: self.figure("record_lines_total") == self.rig.status()["record"],
                 "the page is as new as the record")
        figures, status = self.figures(), self.rig.status()
        for name, wanted in (("disagreements_open", 2), ("events_kept_total", 2),
                             ("deadlines_waiting", status["deadlines_open"]),
                             ("gaps_open", 0), ("record_lines_total", status["record"]),
                             ("undelivered_notifications", 0), ("unheard_notifications", 0),
                             ("undelivered_to_systems", 0),
                             ("deadlines_overdue_seconds", 0), ("policy_reload_failed", 0),
                             ("store_full", 0), ("store_trial", 0), ("feeds_silent", 0)):
            self.assertEqual(figures[name,], wanted, name)
        self.assertEqual(figures["build_info", status["version"]], 1)
        self.assertGreater(figures["start_time_seconds",], 1.7e9)
        self.assertGreater(figures["policy_loaded_time_seconds",], 1.7e9)
        self.assertEqual(figures["deliveries_total", "accepted"], status["outbox"]["accepted"])
        self.assertGreater(figures["calendar_days_left", "england-and-wales"], 0)
        self.rig.mail.stop()
        client.publish(raised("D-4"))
        wait_for(lambda: self.figure("outbox_deliveries", "email", "queued"), "rows wait")

    def test_what_nobody_accepts(self):
        """Mail that is refused until it is given up: metric, page, status and journal say so."""
        self.rig.mail.stop()
        daemon = self.start(arguments=TRIAL, retry="1 day")
        self.rig.client().publish(raised("D-1", time="2026-12-18T16:59:00Z"))
        wait_for(lambda: self.rig.status()["outbox"]["exhausted"] >= 2, "both are given up")
        wait_for(lambda: (self.figure("outbox_deliveries", "email", "exhausted") or 0) >= 2,
                 "the lane shows it")
        wait_for(lambda: self.rig.status()["outbox"]["undelivered"] > 0, "it is undelivered")
        figures = wait_for(lambda: self.figure("undelivered_notifications") and self.figures(),
                           "the metric shows it")
        self.assertGreaterEqual(figures["deliveries_total", "exhausted"], 2)
        self.assertGreaterEqual(figures["notifications_undelivered_total",], 1)
        self.assertEqual(figures["store_trial",], 1)
        self.assertIn("MESSAGE_ID=142c83647806457793e783e7eb04b39b", daemon.said())
        outline = wait_for(lambda: self.undelivered_on_the_page(), "the page shows it")
        self.assertEqual(outline[0], ["Reference", "Board", "Role", "To be told at",
                                      "Undelivered since"])
        self.assertIn(["D-1", "plcsab"], [row[:2] for row in outline[1:]])
        self.assertIn("line_manager", [row[2] for row in outline[1:]])

    def undelivered_on_the_page(self):
        rows = Outline(self.rig.page("/")[2]).rows["Undelivered notifications"]
        return rows if len(rows) > 1 else None

    def test_a_refused_reload(self):
        daemon = self.start()
        self.rig.config.write_text("listen: [\n")
        daemon.signal(1)
        wait_for(lambda: self.figure("policy_reload_failed") == 1, "the metric shows it")
        text = wait_for(lambda: "reload was refused" in self.rig.page("/")[2] and
                        self.rig.page("/")[2], "the page shows it")
        self.assertNotIn("concernd.yaml", text)
        said = wait_for(lambda: (lambda one: one["policy"]["reload_failed"] and one)(
            json.loads(self.rig.page("/status.json")[2])), "status.json shows it")
        self.assertNotIn("fault", said["policy"])


class PeoplesPageTest(Pages):
    def test_it_says_what_is_open_and_of_nobody(self):
        self.start()
        client = self.rig.client()
        client.publish(raised("D-2026-1"))
        client.publish(raised("D-2026-2"))
        text = wait_for(lambda: "D-2026-2" in self.rig.page("/")[2] and self.rig.page("/")[2],
                        "the page lists it")
        self.nobody_in(text)
        outline = Outline(text)
        self.assertEqual(outline.open, [])
        self.assertFalse(outline.names & {"script", "img", "link", "iframe", "form"})
        self.assertNotIn("style=", text)
        self.assertEqual(outline.rows["Open disagreements by board and stage"][1],
                         ["plcsab", "stage-1", "2"])
        rows = outline.rows["Open disagreements"]
        self.assertEqual([row[:3] + row[4:5] for row in rows[1:]],
                         [["D-2026-1", "plcsab", "stage-1", "stage-1"],
                          ["D-2026-2", "plcsab", "stage-1", "stage-1"]])
        self.assertRegex(rows[1][3], r"^\d{4}-\d\d-\d\d \d\d:\d\d [+]0[01]:00$")
        self.assertIn(["open disagreements", "2"], outline.rows["Counts"])
        self.assertIn("State: running", text)

    def test_status_json_names_no_key(self):
        self.start()
        client = self.rig.client()
        self.assertEqual(client.ask("EVENT", raised("D-3", source="urn:other:one"))[0], "NACK")
        status, headers, text = self.rig.page("/status.json")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/json"))
        said = json.loads(text)
        self.assertEqual([row["code"] for row in said["refusals"]], ["403.1"])
        self.assertNotIn(self.rig.public_key("housing"), text)
        self.assertEqual(said["state"], "running")
        self.nobody_in(text)

    def test_it_is_made_anew_once_a_second(self):
        """However often it is asked: between two that differ there is a second."""
        self.start()
        client = self.rig.client()
        self.rig.page("/metrics")  # so that what follows is kept from here on
        client.publish(raised("D-1"))
        changes, before, began = 0, None, time.monotonic()
        for number in range(60):
            now = self.figure("record_lines_total")
            changes += before is not None and now != before
            before = now
            client.publish(raised(f"D-1-{number}"))
        self.assertLessEqual(changes, time.monotonic() - began + 1)


class WhereTest(Pages):
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
