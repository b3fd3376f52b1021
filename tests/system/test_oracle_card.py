"""test_oracle_card.py - our cards as the library reads them that shows them.

Everybody of the rig has a Teams channel; adaptivecards finds no fault in any card, and shows
nothing but plain runs of text and two buttons: to say that it is seen, and to the case.
"""
import copy
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import every_kind  # noqa: E402
import third_party  # noqa: E402
from concern_rig import Rig, raised  # noqa: E402
from notify_service import Service  # noqa: E402

SEEN, OPEN = "Confirm that you have seen this", "Open the record"
LINK = "https://las.northtown.example/r/D-LINK"
CARD_MOST = 28 * 1024  # bytes


def broken(card):
    """The card with one fault each that its schema forbids."""
    wrong = copy.deepcopy(card)
    wrong["body"][0]["type"] = "RichTextBlok"
    yield wrong
    wrong = copy.deepcopy(card)
    wrong["body"][0]["inlines"][0]["weight"] = "Boldest"
    yield wrong
    wrong = copy.deepcopy(card)
    wrong["actions"] = [{"type": "Action.OpenUrl", "title": "Nowhere"}]
    yield wrong
    yield {"type": "Card"}


class Cards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        third_party.install()
        cls.rig = Rig()
        cls.addClassCleanup(cls.rig.close)
        cls.service = Service(cls.rig.folder)
        cls.addClassCleanup(cls.service.close)
        path = cls.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["endpoints"] = cls.service.connect(cls.rig)
        for person in directory["people"].values():
            person["routes"] = ["teams:channel"]
        path.write_text(json.dumps(directory, indent=1))
        every_kind.with_links(cls.rig)
        cls.rig.start()
        client = cls.rig.client()
        linked = raised("D-LINK")
        linked["data"]["link"] = LINK
        client.publish(linked)
        every_kind.play(client)
        cls.rig.wait_delivered()
        cls.envelopes = list(cls.service.cards)
        cls.cards = [envelope["attachments"][0]["content"] for envelope in cls.envelopes]
        cls.read = third_party.judgement("cards.js", cls.cards)

    def test_every_envelope_is_a_workflow_s(self):
        # Of what comes at once to one person, the twenty-first and on go together.
        self.assertGreater(len(self.envelopes), 50)
        for envelope in self.envelopes:
            attachment = envelope["attachments"][0]
            self.assertEqual(envelope, {"type": "message", "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None,
                "content": attachment["content"]}]})
            self.assertLessEqual(len(json.dumps(envelope, ensure_ascii=False).encode()), CARD_MOST)

    def test_no_card_has_a_fault(self):
        for card, read in zip(self.cards, self.read):
            self.assertEqual(read["faults"], [], card)
            self.assertEqual(read["version"], "1.4")

    def test_nothing_that_is_shown_is_read_as_markdown(self):
        for read in self.read:
            self.assertLessEqual(set(read["types"]), {"AdaptiveCard", "RichTextBlock", "TextRun",
                                                      "Action.OpenUrl"})

    def test_all_of_the_text_is_shown(self):
        for card, read in zip(self.cards, self.read):
            written = ["".join(run["text"] for run in block["inlines"]) for block in card["body"]]
            self.assertEqual(read["texts"], written)
            self.assertTrue(any(text.startswith("Reference: ") for text in written))

    def test_buttons_lead_where_they_say(self):
        """The first is its own in each card that has one; what is over asks nobody."""
        seen, both = [], 0
        for read in self.read:
            buttons = list(read["buttons"])
            if buttons and buttons[0][0] == SEEN:
                seen.append(buttons.pop(0)[1])
                self.assertRegex(seen[-1], f"^{every_kind.LINK}$")
                both += bool(buttons)
            self.assertNotIn(every_kind.PLACE, " ".join(read["texts"]), "the button is enough")
            self.assertEqual(buttons, [[OPEN, LINK]] if "D-LINK" in read["texts"][0] else [])
        self.assertEqual(len(set(seen)), len(seen), "two cards have one link")
        self.assertGreater(len(seen), 20)
        self.assertGreater(both, 1)

    def test_a_fault_would_be_found(self):
        for read in third_party.judgement("cards.js", list(broken(self.cards[0]))):
            self.assertTrue(read["faults"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
