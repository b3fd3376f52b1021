"""test_acknowledge.py - somebody says that he has seen a notification: by its link, or by his case system.

A real daemon, a real mail server; the links are those that Python's own readers find in the mails.
"""
import html.parser
import json
import pathlib
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, PAGES, Rig, event, raised, wait_for  # noqa: E402

PLACE = "https://concern.board.example/acknowledge"
MANAGER = "asc-manager@asc.northtown.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Page(html.parser.HTMLParser):
    """The words of a page, its links and its form."""

    def __init__(self, text):
        super().__init__()
        self.words, self.links, self.forms, self.fields, self.elements = "", [], [], {}, set()
        self.in_style = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.add(tag)
        self.in_style = tag == "style"
        if tag == "a":
            self.links.append(attributes["href"])
        if tag == "form":
            self.forms.append(attributes)
        if tag == "input":
            self.fields[attributes["name"]] = attributes["value"]

    def handle_data(self, data):
        self.words += "" if self.in_style else data


class Acknowledge(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)

    def start(self, *arguments, **settings):
        self.rig.write_settings(http=PAGES, **{"acknowledge": {"url": PLACE}, **settings})
        return self.rig.start(*arguments)

    def mail(self, address=MANAGER):
        return wait_for(lambda: self.rig.mail.to(address), f"a mail to {address}")[-1]

    def link(self, address=MANAGER):
        """As it stands in the text, and as the button has it: one link."""
        mail = self.mail(address)
        text = mail.get_body(("plain",)).get_content()
        before, _, rest = text.partition("Confirm that you have seen this:")
        self.assertTrue(rest, text)
        link = rest.split()[0]
        page = Page(mail.get_body(("html",)).get_content())
        self.assertEqual(page.links, [link])
        self.assertNotIn(link, page.words, "the button has words on it, not the address")
        self.assertIn("Confirm that you have seen this", page.words)
        return link

    def path(self, address=MANAGER):
        link = self.link(address)
        self.assertTrue(link.startswith(PLACE + "/"), link)
        return urllib.parse.urlsplit(link).path

    def get(self, path, method="GET"):
        return self.rig.page(path, method, Host="concern.board.example")

    def post(self, path, **fields):
        status, _, text = self.rig.page(path, "POST", urllib.parse.urlencode(fields),
                                        Host="concern.board.example", **FORM)
        return status, Page(text).words

    def confirm(self, path):
        return self.post(path, token=path.rpartition("/")[2])

    def recorded(self, reference="D-1"):
        return [row["payload"] for row in self.rig.rows("history", reference)
                if row["type"] == "acknowledged"]

    def raise_one(self, reference="D-1"):
        self.assertEqual(self.rig.client().ask("EVENT", raised(reference))[0], "ACK")

    def test_by_its_link(self):
        """To look changes nothing, however often; the form counts once, over a kill too."""
        daemon = self.start()
        self.raise_one()
        path = self.path()
        token = path.rpartition("/")[2]
        wait_for(lambda: self.rig.status()["outbox"]["queued"] == 0, "all is delivered")
        before = self.rig.status()["record"]
        for _ in range(100):
            status, headers, text = self.get(path)
            self.assertEqual(status, 200)
        self.assertEqual(self.get(path, "HEAD")[::2], (200, ""))
        self.assertEqual(self.rig.status()["record"], before)
        self.assertEqual(self.recorded(), [])
        # What he reads: no script, nobody's name, nothing fetched from anywhere.
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        page = Page(text)
        self.assertFalse(page.elements & {"script", "img", "link", "iframe"}, page.elements)
        for words in ("D-1", "Stage 1", "First line manager", "Northtown asc (invented)", "answer by"):
            self.assertIn(words, page.words)
        self.assertNotIn("@", page.words)
        self.assertEqual((page.forms, page.fields), ([{"method": "post"}], {"token": token}))
        # A bare POST, or one of another token, is none of the form's.
        self.assertEqual(self.post(path)[0], 404)
        self.assertEqual(self.post(path, token=token[:-2] + "AB")[0], 404)
        self.assertEqual(self.recorded(), [])

        status, words = self.post(path, **page.fields)
        self.assertEqual(status, 200)
        self.assertIn("It is recorded that you have seen this message.", words)
        daemon.kill()
        self.start()
        (line,) = self.recorded()
        self.assertEqual({name: line[name] for name in ("role", "agency", "by")},
                         {"role": "line_manager", "agency": "northtown-asc", "by": "link"})
        status, words = self.confirm(path)
        self.assertEqual(status, 409)
        self.assertIn("Already confirmed", words)
        self.assertEqual(self.get(path)[0], 410)
        self.assertEqual(len(self.recorded()), 1)

        (seen,) = self.rig.rows("show", "D-1")[0]["acknowledged"]
        self.assertEqual((seen["notification"], seen["role"]),
                         (line["notification"], "line_manager"))
        self.assertIn("acknowledged", self.rig.ctl("show", "D-1").stdout)
        rows = {row["id"]: row for row in self.rig.rows("outbox", "--state", "accepted")}
        self.assertEqual(rows[line["notification"]]["acknowledged_at"], seen["acknowledged_at"])
        self.assertEqual([row for row in rows.values() if "acknowledged_at" in row],
                         [rows[line["notification"]]])
        self.assertIn(f"notification {line['notification']}", self.rig.ctl("history", "D-1").stdout)

    def test_altered(self):
        """Every answer to what is no link of ours is the same."""
        self.start()
        self.raise_one()
        path = self.path()
        head, _, token = path.rpartition("/")
        answers = set()
        for wrong in ("A" * 64, "x", token[:-1], token + "A", token[::-1],
                      *(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]
                        for at in range(0, len(token), 7))):
            status, _, text = self.get(f"{head}/{wrong}")
            self.assertEqual(status, 404, wrong)
            answers.add(text)
            self.assertEqual(self.confirm(f"{head}/{wrong}")[0], 404, wrong)
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.recorded(), [])
        self.assertEqual(self.confirm(path)[0], 200)

    def test_too_old(self):
        """On a clock that runs an hour a second; the link is good for six."""
        start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.start("--clock", f"{start}x3600", acknowledge={"url": PLACE, "within": "6 hours"})
        self.raise_one()
        path = self.path()
        wait_for(lambda: self.get(path)[0] == 410, "the link is over")
        status, words = self.confirm(path)
        self.assertEqual(status, 410)
        self.assertIn("This link is too old", words)
        self.assertEqual(self.recorded(), [])

    def test_the_disagreement_has_ended(self):
        self.start()
        self.raise_one()
        path = self.path()
        client = self.rig.client()
        self.assertEqual(client.ask("EVENT", event("withdrawn", "D-1", {"reason": "none"}))[0], "ACK")
        for status, text in (self.get(path)[::2], self.confirm(path)):
            self.assertEqual(status, 410)
            self.assertIn("This disagreement has ended", text)
        wait_for(lambda: "withdrawn" in str(self.mail()["Subject"]).lower(), "the end is told")
        self.assertNotIn("Confirm that", self.mail().get_body(("plain",)).get_content())

    def test_by_the_case_system(self):
        """With the id that its webhook carries; nobody says it for another agency."""
        self.start()
        self.raise_one()
        body = wait_for(lambda: [json.loads(body) for _, body in list(self.rig.receiver.taken)],
                        "a webhook")[0]
        self.assertNotIn("acknowledge", body["data"])  # a system says it by an event
        data = {"notification": body["data"]["notification"]}
        code = self.rig.client("asc").refusal(event("acknowledged", "D-1", data, source=ASC))
        self.assertEqual(code, "403.4")
        unknown = event("acknowledged", "D-1", {"notification": "n-5f1c"})
        self.assertEqual(self.rig.client().refusal(unknown), "400.4")
        self.assertEqual(self.recorded(), [])
        self.assertEqual(self.rig.client().ask("EVENT", event("acknowledged", "D-1", data))[0], "ACK")
        (line,) = self.recorded()
        self.assertEqual((line["agency"], line["by"]), ("northtown-housing", "event"))
        # What its person was sent by mail has been seen with it.
        self.assertEqual(self.confirm(self.path("housing-manager@housing.northtown.example"))[0], 409)

    def test_the_link_leads_to_the_case_system(self):
        """Which takes the token out of its own address, and says it in an event, once."""
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["agencies"]["northtown-asc"]["acknowledge"] = "https://las.asc.northtown.example/seen"
        path.write_text(json.dumps(directory))
        self.start(acknowledge=None)
        self.raise_one()
        link = urllib.parse.urlsplit(self.link())
        self.assertEqual((link.netloc, link.path), ("las.asc.northtown.example", "/seen"))
        (token,) = urllib.parse.parse_qs(link.query)["token"]
        client = self.rig.client("asc")

        def said():
            return event("acknowledged", "D-1", {"token": token}, source=ASC)

        answer = event("acknowledged", "D-1", {"token": "A" + token[:0:-1]}, source=ASC)
        self.assertEqual(client.refusal(answer), "400.4")
        self.assertEqual(client.ask("EVENT", said())[0], "ACK")
        self.assertEqual(client.refusal(said()), "422.1")
        self.assertEqual([line["agency"] for line in self.recorded()], ["northtown-asc"])
        # Housing gave no address, and there is no page of the board's: no link.
        mail = self.mail("housing-manager@housing.northtown.example")
        self.assertNotIn("Confirm that", mail.get_body(("plain",)).get_content())


if __name__ == "__main__":
    unittest.main(verbosity=1)
