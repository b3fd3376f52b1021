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

import html5lib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, PAGES, SOURCE, Rig, event, raised, wait_for  # noqa: E402

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


class Links(unittest.TestCase):
    SAYS = "Confirm that you have seen this"

    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)

    def start(self, *arguments, **settings):
        self.rig.write_settings(http=PAGES, **{"acknowledge": {"url": PLACE}, **settings})
        return self.rig.start(*arguments)

    def mail(self, address=MANAGER):
        return wait_for(lambda: self.rig.mail.to(address), f"a mail to {address}")[-1]

    def link(self, address=MANAGER, says=None):
        """As it stands in the text, and as the button has it: one link."""
        mail = self.mail(address)
        text = mail.get_body(("plain",)).get_content()
        says = says or self.SAYS
        _, _, rest = text.partition(f"{says}:")
        self.assertTrue(rest, text)
        link = rest.split()[0]
        page = Page(mail.get_body(("html",)).get_content())
        self.assertEqual(page.links, [link])
        self.assertNotIn(link, page.words, "the button has words on it, not the address")
        self.assertIn(says, page.words)
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


class Acknowledge(Links):
    def test_by_its_link(self):
        """To look changes nothing, however often; the form counts once, over a kill too."""
        daemon = self.start()
        self.raise_one()
        path = self.path()
        token = path.rpartition("/")[2]
        self.rig.wait_delivered()
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
        self.assertEqual(self.post(path, token=token[:-2] + ("AB" if token[-2:] != "AB" else "BA"))[0],
                         404)
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

    def test_for_two_agencies(self):
        """Who has roles in both is told once, and confirms once for both: the history says so."""
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        roles = directory["agencies"]["northtown-housing"]["roles"]
        roles["line_manager"]["holder"] = "asc-manager"
        path.write_text(json.dumps(directory))
        self.start()
        self.raise_one()
        path = self.path()
        words = Page(self.get(path)[2]).words
        self.assertIn("First line manager of Northtown asc (invented)", words)
        self.assertIn("Northtown housing (invented)", words)
        self.assertEqual(self.confirm(path)[0], 200)
        (line,) = self.recorded()
        self.assertEqual((line["agency"], line["also"]),
                         ("northtown-housing", [{"role": "line_manager", "agency": "northtown-asc"}]))
        said = [row for row in self.rig.ctl("history", "D-1").stdout.splitlines()
                if "  acknowledged  " in row]
        self.assertEqual(len(said), 1, said)
        self.assertIn("agency northtown-housing, also as line_manager of northtown-asc", said[0])

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


class Welsh(Links):
    """The page speaks the language that the mail was written in, in each of its states."""
    SAYS = "Cadarnhewch eich bod wedi gweld hwn"
    ENGLISH = r"\b(the|this|message|seen|Stage|Reference|Told|When|link)\b"

    def start(self, *arguments, **settings):
        self.speak("asc-manager", "cy")
        return super().start(*arguments, **settings)

    def speak(self, person, language):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"][person]["language"] = language
        path.write_text(json.dumps(directory))

    def whole_link(self, *arguments):
        return self.link(*arguments).removeprefix("https://concern.board.example")

    def read(self, answer, status, language="cy"):
        """The one page: html5lib forgives nothing, and it has the elements it may have."""
        self.assertEqual(answer[0], status, answer[2])
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer[2])
        self.assertEqual(tree.get("lang"), language)
        elements = list(tree.iter())
        self.assertLessEqual({one.tag for one in elements},
                             {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2",
                              "p", "table", "tbody", "tr", "th", "td", "form", "input", "button",
                              "section"})
        self.assertFalse({name for one in elements for name in one.attrib}
                         - {"lang", "charset", "name", "content", "scope", "method", "type", "value"})
        self.assertEqual(tree.find("head/title").text, tree.find("body/main/h1").text)
        self.assertIn("default-src 'none'", answer[1]["Content-Security-Policy"])
        self.assertNotIn("@", answer[2].partition("</style>")[2])
        return tree

    def words(self, tree):
        """Those of the page, without what comes from directory and procedure."""
        return " ".join(" ".join(tree.find("body").itertext()).split())

    def send(self, path, **fields):
        return self.rig.page(path, "POST", urllib.parse.urlencode(fields),
                             Host="concern.board.example", **FORM)

    def test_by_its_link(self):
        self.start()
        self.raise_one()
        path = self.whole_link()
        token = path.rpartition("/")[2].partition("?")[0]
        self.assertTrue(path.endswith(f"/{token}?lang=cy"), path)
        tree = self.read(self.get(path), 200)
        self.assertEqual(tree.find("body/main/h1").text, "A ydych wedi gweld y neges hon?")
        self.assertEqual(tree.find("body/main/form/button").text, "Rwyf wedi'i gweld")
        rows = {row.find("th").text: row.find("td").text for row in tree.iter("tr")}
        self.assertEqual(list(rows), ["Cyfeirnod", "Cam", "Pwy gafodd wybod", "Pryd", "Neges"])
        self.assertRegex(rows["Pryd"], r"^\d\d:\d\d ddydd \w+ \d+ \w+ \d{4}$")
        self.assertEqual(rows["Neges"], self.mail()["Subject"])
        self.assertRegex(rows["Neges"], r"^\[Gweithredu\] Mae Stage 1 yn dechrau - cyf D-1")
        rest = self.words(tree).replace(rows["Neges"], "").replace(rows["Cam"], "") \
            .replace(rows["Pwy gafodd wybod"], "")
        self.assertNotRegex(rest, self.ENGLISH)
        # Without what names the language the record says who was told, and so how he reads.
        self.assertEqual(self.words(self.read(self.get(path.partition("?")[0]), 200)),
                         self.words(tree))
        self.assertEqual(self.get(path, "HEAD")[::2], (200, ""))
        self.assertEqual(self.recorded(), [])

        thanks = self.words(self.read(self.send(path, token=token), 200))
        self.assertIn("Diolch Cofnodwyd eich bod wedi gweld y neges hon.", thanks)
        for answer, status in ((self.get(path), 410), (self.send(path, token=token), 409)):
            used = self.words(self.read(answer, status))
            self.assertRegex(used, r"Cadarnhawyd am \d\d:\d\d ddydd \w+ \d+ \w+ \d{4} fod y neges")
        self.assertEqual(len(self.recorded()), 1)

    def test_altered(self):
        """Nobody knows whose it was: each language says it, English first, unless one is named."""
        self.start()
        self.raise_one()
        head, _, token = self.whole_link().partition("?")[0].rpartition("/")
        both = set()
        for wrong in (f"{head}/x", f"{head}/{token[:-2]}AB", f"{head}/", head,
                      f"{head}/{token[::-1]}?lang=fr", f"{head}/x?lang=%3Cb%3E"):
            answer = self.get(wrong)
            tree = self.read(answer, 404, "en")
            self.assertEqual(tree.find("body/main/h1").text, "There is nothing here")
            (section,) = tree.iter("section")
            self.assertEqual((section.get("lang"), section.find("h2").text), ("cy", "Nid oes dim yma"))
            both.add(answer[2])
        self.assertEqual(len(both), 1, "the answers to what is none differ")
        for answer in (self.get(f"{head}/x?lang=cy"), self.send(f"{head}/{token}?lang=cy", token="x")):
            tree = self.read(answer, 404)
            self.assertIsNone(tree.find("body/main/section"))
            self.assertNotRegex(self.words(tree), self.ENGLISH)
        self.assertEqual(self.recorded(), [])

    def test_too_old(self):
        start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.start("--clock", f"{start}x3600", acknowledge={"url": PLACE, "within": "6 hours"})
        self.raise_one()
        path = self.whole_link()
        wait_for(lambda: self.get(path)[0] == 410, "the link is over")
        token = path.rpartition("/")[2].partition("?")[0]
        for answer in (self.get(path), self.send(path, token=token)):
            self.assertIn("Mae'r ddolen hon yn rhy hen Cadarnhewch yn eich system achosion",
                          self.words(self.read(answer, 410)))

    def test_the_disagreement_has_ended(self):
        self.start()
        self.raise_one()
        path = self.whole_link()
        self.rig.client().publish(event("withdrawn", "D-1", {"reason": "none"}))
        token = path.rpartition("/")[2].partition("?")[0]
        for answer in (self.get(path), self.send(path, token=token)):
            self.assertIn("Mae'r anghytundeb hwn wedi dod i ben", self.words(self.read(answer, 410)))

    def test_asked_for_as_no_browser_does(self):
        self.start()
        for method in ("PUT", "DELETE", "PROPFIND"):
            answer = self.get("/acknowledge/x", method)
            words = self.words(self.read(answer, 405, "en"))
            self.assertIn("Please open the link in your message", words)
            self.assertIn("Agorwch y ddolen yn eich neges", words)
            self.assertEqual(answer[1]["Allow"], "GET, HEAD, POST")

    def test_own_words(self):
        """A board's own file words the page; what would be read wrongly is refused at load."""
        own = self.rig.folder / "templates/cy/acknowledge.txt"
        own.parent.mkdir(parents=True)
        shipped = (SOURCE / "config/templates/cy/acknowledge.txt").read_text()
        own.write_text(shipped.replace("Rwyf wedi'i gweld", "Ŵyl & <b>gŵyl</b>"))
        self.start()
        self.raise_one()
        self.assertEqual(self.read(self.get(self.whole_link()), 200).find("body/main/form/button").text,
                         "Ŵyl & <b>gŵyl</b>")
        own.write_text(shipped.replace("{{#title}}Diolch{{/title}}", ""))
        said = self.rig.ctl("check", self.rig.folder, check=False)
        self.assertEqual(said.returncode, 1)
        self.assertIn(f"{own}:1: gives an empty {{{{#title}}}} where {{{{#thanks}}}}", said.stderr)

    def test_stand_in(self):
        """Whoever stands in is spoken to in his own language, not in that of whom he stands in for."""
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["agencies"]["northtown-asc"]["roles"]["line_manager"]["deputy"] = "asc-lead"
        path.write_text(json.dumps(directory))
        self.rig.mail.answers[MANAGER] = "550 5.1.1 nobody here"
        self.start()
        self.raise_one()
        link = self.whole_link("asc-lead@asc.northtown.example", Links.SAYS)
        self.assertTrue(link.endswith("?lang=en"), link)
        tree = self.read(self.get(link), 200, "en")
        self.assertIn("Have you seen this message?", self.words(tree))
        self.assertIn("[Action] Stage 1 begins", self.words(tree))


if __name__ == "__main__":
    unittest.main(verbosity=1)
