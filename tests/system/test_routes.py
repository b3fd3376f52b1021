"""test_routes.py - a Teams workflow and GOV.UK Notify, as their documentation says they behave."""
import json
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PAGES, Rig, raised, wait_for  # noqa: E402
from notify_service import KEY, NAME, PHONE, TEMPLATE, Service  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
PLACE = "https://concern.board.example/acknowledge"


class Routes(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.service = Service(self.rig.folder)
        self.addCleanup(self.service.close)
        self.endpoints = self.service.connect(self.rig)

    def route(self, *routes, **notify):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-manager"]["routes"] = list(routes)
        directory["endpoints"] = dict(self.endpoints)
        directory["endpoints"]["notify"].update(notify)
        path.write_text(json.dumps(directory, indent=1))

    def raise_one(self):
        self.daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))

    def row(self):
        return next((row for row in self.rig.outbox("queued", "accepted", "refused", "exhausted")
                     if row["person"] == "asc-manager"), None)

    def wait_state(self, state):
        return wait_for(lambda: (self.row() or {}).get("state") == state and self.row(),
                        f"the row is {state}")

    def test_card_reaches_a_channel(self):
        self.route("teams:channel")
        self.raise_one()
        card = wait_for(lambda: self.service.cards, "a card")[0]["attachments"][0]
        self.assertEqual(card["contentType"], "application/vnd.microsoft.card.adaptive")
        said = json.dumps(card["content"])
        self.assertIn("ref D-1", said)
        self.assertIn("BY WHEN:", said)
        self.assertEqual(self.wait_state("accepted")["route"], "teams")
        self.assertNotIn("s3cr3t", self.daemon.said())

    def test_button_of_a_card_leads_where_it_is_confirmed(self):
        self.rig.write_settings(http=PAGES, acknowledge={"url": PLACE})
        self.route("teams:channel")
        self.raise_one()
        content = wait_for(lambda: self.service.cards, "a card")[0]["attachments"][0]["content"]
        (action,) = content["actions"]
        self.assertEqual((action["type"], action["title"]),
                         ("Action.OpenUrl", "Confirm that you have seen this"))
        self.assertNotIn(PLACE, json.dumps(content["body"]), "the button is enough")
        path = urllib.parse.urlsplit(action["url"]).path
        self.assertEqual(self.confirm(path), 200)
        self.assertEqual(self.confirm(path), 409)

    def test_notify_is_given_where_it_is_confirmed(self):
        self.rig.write_settings(http=PAGES, acknowledge={"url": PLACE})
        self.route(f"notify-text:{PHONE}")
        self.raise_one()
        _, message = wait_for(lambda: self.service.sent, "a message")[0]
        link = message["personalisation"]["acknowledge"]
        self.assertIn(link, message["personalisation"]["text"])
        self.assertTrue(link.startswith(PLACE + "/"), link)
        self.assertEqual(self.confirm(urllib.parse.urlsplit(link).path), 200)

    def confirm(self, path):
        return self.rig.page(path, "POST", urllib.parse.urlencode({"token": path.split("/")[-1]}),
                             **{"Content-Type": "application/x-www-form-urlencoded"})[0]

    def test_text_message_and_mail_by_notify(self):
        self.route(f"notify-text:{PHONE}")
        self.raise_one()
        kind, message = wait_for(lambda: self.service.sent, "a message")[0]
        self.assertEqual((kind, message["phone_number"]), ("sms", PHONE))
        self.assertEqual(message["personalisation"]["reference"], "D-1")
        self.assertIn("Stage 1", message["personalisation"]["subject"])
        text = message["personalisation"]["text"]
        for part in ("Stage 1", "ref D-1.", "Answer by ", "your own case system"):
            self.assertIn(part, text)
        self.assertLessEqual(len(text), 612)
        row = self.wait_state("accepted")
        self.assertEqual(row["route"], "notify-text")
        self.assertEqual(message["reference"], row["id"])
        self.assertEqual(self.service.wrong, [])
        for secret in (PHONE, KEY):
            self.assertNotIn(secret, self.daemon.said())
            self.assertNotIn(secret, json.dumps(row))
        self.assertFalse(self.service.asked, "a first attempt has nothing to ask for")

    def test_unknown_outcome_is_asked_for_and_not_sent_twice(self):
        self.service.fail = ["drop"]
        self.route(f"notify-email:{MANAGER}")
        self.raise_one()
        wait_for(lambda: self.service.asked, "it asks whether the message is there")
        row = self.wait_state("accepted")
        self.assertEqual(self.service.asked, [row["id"]])
        self.assertEqual(len(self.service.sent), 1, "sent twice")
        self.assertEqual(row["attempts"], 2)
        # Seconds later: Notify takes a token for 30 of them, so each attempt makes its own.
        tokens = [headers["Authorization"] for _, _, headers, _ in self.service.heard]
        self.assertEqual([method for method, *_ in self.service.heard], ["POST", "GET"])
        self.assertNotEqual(*tokens)

    def check_restart(self, end):
        """The daemon ends after Notify took the message, and before it said so."""
        self.service.fail = ["hang"]
        self.route(f"notify-text:{PHONE}")
        self.raise_one()
        wait_for(lambda: self.service.sent, "a message")
        end(self.daemon)
        self.daemon = self.rig.start()
        row = self.wait_state("accepted")
        self.assertEqual(self.service.asked, [row["id"]])
        self.assertEqual(len(self.service.sent), 1, "sent twice")

    def test_killed_before_the_answer_it_asks_and_sends_nothing_twice(self):
        self.check_restart(lambda daemon: daemon.kill())

    def test_stopped_before_the_answer_it_asks_and_sends_nothing_twice(self):
        self.check_restart(lambda daemon: self.assertEqual(daemon.stop(), 0, daemon.said()))

    def test_what_was_not_delivered_goes_by_the_next_route(self):
        for state in ("permanent-failure", "temporary-failure"):
            with self.subTest(state):
                self.setUp()
                self.service.state, self.service.fail = state, ["drop"]
                self.route(f"notify-text:{PHONE}", f"email:{MANAGER}")
                self.raise_one()
                wait_for(lambda: self.rig.mail.to(MANAGER), "the next route")
                (row,) = self.rig.rows("outbox", "--state", "refused")
                self.assertEqual(row["last"]["detail"], f"refused by GOV.UK Notify ({state})")
                self.assertEqual(len(self.service.sent), 1)
                self.doCleanups()

    def test_what_notify_never_sent_is_sent_again(self):
        self.service.state, self.service.fail = "technical-failure", ["drop"]
        self.route(f"notify-text:{PHONE}")
        self.raise_one()
        row = self.wait_state("accepted")
        self.assertEqual(row["attempts"], 2)
        self.assertEqual([message["reference"] for _, message in self.service.sent],
                         [row["id"]] * 2)

    def test_the_same_where_it_is_the_next_route(self):
        self.service.fail = ["drop"]
        self.rig.mail.answers[MANAGER] = "550 5.1.1 no such user here"
        self.route(f"email:{MANAGER}", f"notify-text:{PHONE}")
        self.raise_one()
        wait_for(lambda: self.service.asked, "it asks whether the message is there")
        row = wait_for(lambda: [row for row in self.rig.outbox("accepted")
                                if row["way"] == 2], "the next route is taken")[0]
        self.assertEqual(self.service.asked, [row["id"]])
        self.assertEqual(len(self.service.sent), 1, "sent twice")

    def test_a_digest_whose_outcome_is_unknown_is_not_sent_twice(self):
        """As its next route, where the delivery has another id than the notification."""
        self.service.drops = lambda message: "+" in message["personalisation"]["reference"]
        self.rig.mail.answers[MANAGER] = "550 5.1.1 no such user here"
        self.route(f"email:{MANAGER}", f"notify-email:{MANAGER}")
        self.rig.start()
        client = self.rig.client()
        for number in range(30):
            client.send("EVENT", raised(f"D-{number}"))
        for _ in range(30):
            client.receive()

        def digest():
            return next((row for row in self.rig.rows("outbox", "--state", "accepted")
                         if row["person"] == "asc-manager" and not row.get("reference")), None)
        row = wait_for(digest, "the digest is taken by the next route", patience=120)
        self.assertEqual((row["way"], row["attempts"]), (2, 2))
        self.assertEqual(self.service.asked, [row["id"]])
        self.assertEqual([message["reference"] for _, message in self.service.sent
                          if self.service.drops(message)], [row["id"]], "sent twice")

    def test_a_flood_by_text_message_is_a_few_that_name_each_reference(self):
        self.route(f"notify-text:{PHONE}")
        self.rig.start()
        client = self.rig.client()
        wanted = [f"D-{number:04}" for number in range(120)]
        for reference in wanted:
            client.send("EVENT", raised(reference))
        for _ in wanted:
            client.receive()

        def texts():
            return [message["personalisation"]["text"] for _, message in list(self.service.sent)]

        def named():
            return sorted(name for text in texts() for name in re.findall(r"D-\d{4}", text))
        wait_for(lambda: set(named()) == set(wanted), "each is named", patience=150)
        self.assertEqual(named(), wanted)
        self.assertLess(len(texts()), 20 + 10)  # twenty come at once, one by one
        self.assertLessEqual(max(map(len, texts())), 612)
        self.assertEqual(self.service.wrong, [])

    def test_not_now_is_asked_for_then_sent(self):
        self.service.fail = [(429, "RateLimitError")]
        self.route(f"notify-email:{MANAGER}")
        self.raise_one()
        row = self.wait_state("accepted")
        self.assertEqual(self.service.asked, [row["id"]])
        self.assertEqual(len(self.service.sent), 1)

    def test_wrong_key_is_the_operators(self):
        self.rig.write_secret("notify", f"{NAME[:-1]}1")
        self.route(f"notify-email:{MANAGER}")
        self.raise_one()
        self.daemon.wait_said("a setting keeps notifications from going out")
        self.assertEqual(self.row()["last"]["code"], 403)
        self.assertEqual(self.service.wrong[:1], ["AuthError"])

    def test_wrong_template_is_the_operators_and_the_next_route_is_taken(self):
        self.route(f"notify-email:{MANAGER}", f"email:{MANAGER}",
                   email_template=TEMPLATE["sms"])
        self.raise_one()
        wait_for(lambda: self.rig.mail.to(MANAGER), "the next route")
        self.assertEqual(self.service.wrong[:1], ["BadRequestError"])
        self.assertEqual(self.service.sent, [])
        self.daemon.wait_said("a setting keeps notifications from going out: GOV.UK Notify: key, "
                              "clock, template or service is set wrong (BadRequestError)")
        row = next(row for row in self.rig.rows("outbox", "--state", "queued")
                   if row["route"] == "notify-email")
        self.assertIn("(BadRequestError)", row["last"]["detail"])

    def test_an_address_that_notify_refuses_is_the_directorys(self):
        self.service.fail = [(400, "ValidationError", f"{PHONE} Too many digits")]
        self.route(f"notify-text:{PHONE}", f"email:{MANAGER}")
        self.raise_one()
        wait_for(lambda: self.rig.mail.to(MANAGER), "the next route")
        (row,) = self.rig.rows("outbox", "--state", "refused")
        self.assertEqual(row["last"]["detail"], "refused by GOV.UK Notify (ValidationError)")
        self.assertNotIn("a setting keeps", self.daemon.said())
        self.assertNotIn(PHONE, self.daemon.said() + json.dumps(row))

    def test_unusable_secrets_are_told_at_the_start(self):
        for name, text, words in (("notify", "whsec_none", "an API key of GOV.UK"),
                                  ("workflow", "http://in.clear", "https address of a workflow")):
            with self.subTest(name):
                self.route("teams:channel")
                keep = (self.rig.folder / "secrets" / name).read_text().strip()
                self.rig.write_secret(name, text)
                daemon = self.rig.daemon()
                self.assertNotEqual(daemon.wait(), 0)
                self.assertIn(words, daemon.said())
                self.assertNotIn(text, daemon.said())
                self.rig.write_secret(name, keep)


if __name__ == "__main__":
    unittest.main(verbosity=2)
