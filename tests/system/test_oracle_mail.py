"""test_oracle_mail.py - our mails taken by a server and read by a reader of Node.js's.

smtp-server admits nobody without STARTTLS and AUTH; mailparser takes each mail apart, and what it
finds is what Python's reader finds; html5lib reads each page and forgives nothing.  All that the
daemon can say comes this way.
"""
import base64
import email
import email.policy
import json
import pathlib
import re
import sys
import unittest

import html5lib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import every_kind  # noqa: E402
import third_party  # noqa: E402
from concern_rig import PASSWORD, USER, Rig  # noqa: E402

SENDER = "concernd@board.example"
SEEN = "Confirm that you have seen this"
# All that RFC 5321 has beside letters and digits in a mailbox that needs no quotes, and what
# RFC 6531 adds.
ODD = {"asc-manager": "!#$%&'*+-/=?^_`{|}~@asc.northtown.example",
       "housing-manager": f"o'brien+d.{'x' * 54}@housing.northtown.example",
       "asc-head": "siân.ŵ@asc.northtown.example",
       "asc-worker": f"w@{'a' * 63}.{'b' * 63}.{'c' * 63}.example"}


class Mails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        third_party.install()
        cls.rig = Rig()
        cls.addClassCleanup(cls.rig.close)
        cls.rig.mail.stop()
        cls.rig.mail = third_party.NodeMailServer(cls.rig.folder / "tls.crt",
                                                  cls.rig.folder / "tls.key", USER, PASSWORD)
        cls.rig.write_settings()
        path = cls.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        for person, address in ODD.items():
            directory["people"][person]["routes"] = [f"email:{address}"]
        path.write_text(json.dumps(directory, indent=1))
        every_kind.with_links(cls.rig)
        cls.rig.start()
        cls.kept = every_kind.play(cls.rig.client())
        cls.rig.wait_delivered()
        cls.mails = list(cls.rig.mail.read)
        cls.pairs = [(mail, email.message_from_bytes(base64.b64decode(mail["raw"]),
                                                     policy=email.policy.default))
                     for mail in cls.mails]

    def test_all_come_by_a_safe_way_to_one_each(self):
        # Of what comes at once to one person, the twenty-first and on go together.
        self.assertGreater(len(self.mails), 50)
        for mail in self.mails:
            self.assertTrue(mail["secure"], "not by TLS")
            self.assertEqual(mail["user"], USER)
            self.assertEqual(len(mail["rcptTo"]), 1)
            self.assertEqual(mail["to"], [["", mail["rcptTo"][0]]])
            self.assertEqual((mail["cc"], mail["bcc"]), ([], []))
            self.assertEqual(mail["from"], [["", SENDER]])
            self.assertEqual(mail["mailFrom"], SENDER)
        self.assertGreater(len({mail["subject"].partition(" - ")[0] for mail in self.mails}), 10,
                           "too few kinds of mail")

    def test_odd_addresses_are_one_mailbox(self):
        for address in ODD.values():
            mails = [mail for mail in self.mails if mail["rcptTo"] == [address]]
            self.assertGreater(len(mails), 2, address)

    def test_nothing_is_in_a_header_twice(self):
        for mail in self.mails:
            self.assertEqual(len(set(mail["headers"])), len(mail["headers"]), mail["headers"])

    def test_both_readers_find_the_same(self):
        for mail, other in self.pairs:
            self.assertEqual(mail["subject"], other["Subject"])
            self.assertEqual(mail["messageId"], other["Message-ID"])
            self.assertEqual(mail.get("inReplyTo"), other["In-Reply-To"])
            self.assertEqual(mail.get("references"), other["References"])
            for name in (mail["messageId"], *filter(None, [mail.get("references")])):
                self.assertRegex(name, r"^<[^\s<>@]+@[^\s<>@]+>$")
            self.assertEqual("references" in mail, "X-Concernd-Reference" in other)
            self.assertEqual(mail["date"][:19], other["Date"].datetime.isoformat()[:19])
            self.assertEqual(mail["priority"],
                             "high" if other["Importance"] == "high" else "normal")
            for kind, name in (("plain", "text"), ("html", "html")):
                part = other.get_body((kind,))
                self.assertEqual((mail[name] or "").rstrip(),
                                 part.get_content().replace("\r\n", "\n").rstrip() if part else "")
            self.assertFalse(other.defects)

    def test_calendars_come_whole(self):
        kinds = set()
        for mail, other in self.pairs:
            ours = [(part.get_content_type(), part.get_filename(), part.get_payload(decode=True))
                    for part in other.walk() if part.get_content_type() == "text/calendar"]
            theirs = [(one["type"], one["name"], base64.b64decode(one["content"]))
                      for one in mail["attachments"]]
            self.assertEqual(ours, theirs)
            for _, name, content in theirs:
                self.assertTrue(content.startswith(b"BEGIN:VCALENDAR\r\n"))
                kinds.add(name)
        self.assertLessEqual({"deadline.ics", "stopped.ics"}, kinds)

    def test_link_to_say_that_it_is_seen_is_the_same_for_every_reader(self):
        """mailparser's text, its page as html5lib reads it, and Python's text."""
        links = []
        for mail, other in self.pairs:
            page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(mail["html"])
            buttons = [one.get("href") for one in page.iter("a")
                       if "".join(one.itertext()).strip() == SEEN]
            found = [link for link, _ in re.findall(rf"{SEEN}:\s*({every_kind.LINK})\n",
                                                    mail["text"])]
            again = re.findall(f"({every_kind.LINK})", other.get_body(("plain",)).get_content())
            self.assertEqual(buttons, found)
            self.assertEqual(again, [(link, "") for link in found])
            self.assertLessEqual(len(found), 1)
            self.assertNotIn(every_kind.PLACE, mail["subject"] + mail["html"].replace(
                "".join(found) or " ", " "))
            links += found
        self.assertGreater(len(links), 20)
        self.assertEqual(len(set(links)), len(links), "two mails have one link")

    def test_page_has_no_fault_and_says_what_the_text_says(self):
        self.assertTrue(any(mail["rcptTo"][0].startswith("operator@") for mail in self.mails))
        for mail, other in self.pairs:
            self.assertEqual(other["Content-Language"], "en")
            page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(mail["html"])
            self.assertEqual(page.find("head/title").text, mail["subject"])
            words = " ".join(page.find("body").itertext())
            # The page has the words of the link as a button, the text has the address behind them.
            text = re.sub(rf"{SEEN}:\s*{every_kind.LINK}(?=\n)", SEEN, mail["text"])
            self.assertEqual("".join(words.split()),
                             "".join(re.sub(r"(?m)^- ", "", text).split()))
            self.assertLessEqual({one.tag for one in page.find("body").iter()},
                                 {"body", "p", "ul", "li", "strong", "a"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
