"""test_oracle_notify.py - GOV.UK Notify's own client says what our stand-in for it must accept.

First the client speaks to the stand-in that test_routes.py uses, so that the stand-in is right;
then the daemon does, and both have sent the same, byte for byte where it matters.
"""
import base64
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import every_kind  # noqa: E402
import third_party  # noqa: E402
from concern_rig import Rig, raised, wait_for  # noqa: E402
from notify_service import KEY, NAME, PHONE, SERVICE, TEMPLATE, Service  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
SAID = {"subject": "Stage 1 begins", "text": "It is yours.\n", "reference": "D-1",
        "board": "plcsab"}


def token(heard):
    """(header, claims) of what was sent as proof."""
    parts = heard[2]["Authorization"].removeprefix("Bearer ").split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2]]


class Notify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        third_party.install()

    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.service = Service(self.rig.folder)
        self.addCleanup(self.service.close)

    def client(self, *calls, key=NAME, late_s=0):
        return third_party.judgement(
            "notify_client.js", {"url": self.service.url, "key": key, "late_s": late_s,
                                 "calls": calls}, NODE_EXTRA_CA_CERTS=str(self.rig.folder / "tls.crt"))

    def mail(self, to=MANAGER, template=TEMPLATE["email"], **more):
        return ["sendEmail", template, to, {"personalisation": SAID, "reference": "N-1", **more}]

    def text(self, to=PHONE, template=TEMPLATE["sms"], **more):
        return ["sendSms", template, to, {"personalisation": SAID, "reference": "N-2", **more}]

    def test_client_is_taken(self):
        answers = self.client(self.mail(), self.text(), ["getNotifications", None, None, "N-2"],
                              ["getNotifications", None, None, "N-3"])
        self.assertEqual([answer["status"] for answer in answers], [201, 201, 200, 200])
        mail, text, found, none = (answer["data"] for answer in answers)
        self.assertEqual((mail["reference"], mail["content"]["subject"]),
                         ("N-1", SAID["subject"]))
        self.assertEqual([one["id"] for one in found["notifications"]], [text["id"]])
        self.assertEqual(none["notifications"], [])
        self.assertEqual(self.client(["getNotificationById", mail["id"]])[0]["data"]["reference"],
                         "N-1")

    def test_client_is_refused(self):
        other = NAME.replace(SERVICE, SERVICE[:-1] + "0")
        rows = [(403, "AuthError", self.mail(), {"key": f"{NAME[:-1]}1"}),
                (403, "AuthError", self.mail(), {"key": other}),
                (403, "AuthError", self.mail(), {"late_s": 40}),
                (403, "AuthError", self.mail(), {"late_s": -40}),
                (400, "ValidationError", self.mail(to="nobody"), {}),
                (400, "ValidationError", self.mail(template="none"), {}),
                (400, "BadRequestError", self.mail(template=TEMPLATE["sms"]), {}),
                (400, "BadRequestError", self.mail(template=SERVICE), {}),
                (400, "BadRequestError", self.mail(personalisation={"text": "x"}), {}),
                (400, "BadRequestError", self.text(personalisation={**SAID, "text": "x" * 919}), {}),
                (400, "ValidationError", self.mail(reference="N" * 1001), {}),
                (400, "ValidationError", self.text(to="+44"), {}),
                (404, "NoResultFound", ["getNotificationById", SERVICE], {})]
        good = [row for row in rows if not row[3]]
        answers = self.client(*[row[2] for row in good])
        for row in rows:
            status, name, call, how = row
            with self.subTest(name, call=call, how=how):
                answer = self.client(call, **how)[0] if how else answers[good.index(row)]
                self.assertEqual(answer["status"], status)
                self.assertEqual(answer["data"]["status_code"], status)
                self.assertEqual([one["error"] for one in answer["data"]["errors"]], [name])
        self.service.fail = [(429, "RateLimitError"), (500, "Exception")]
        self.assertEqual([answer["status"] for answer in self.client(self.mail(), self.mail())],
                         [429, 500])
        self.assertEqual(self.service.sent, [])

    def daemon(self, route):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-manager"]["routes"] = [route]
        directory["endpoints"] = self.service.connect(self.rig)
        path.write_text(json.dumps(directory, indent=1))
        every_kind.with_links(self.rig)
        self.rig.start()
        self.rig.client().publish(raised("D-1"))

    def compare(self, call, where, *more):
        """What the daemon sent, a link to say that it is seen in it, and what the client sends when
        it is told to send the same."""
        ours = list(self.service.heard)
        message = self.service.sent[0][1]
        said = message["personalisation"]
        self.assertRegex(said["acknowledge"], f"^{every_kind.LINK}$")
        self.assertEqual(said["text"].count(said["acknowledge"]), 1, "Markdown in the link")
        del self.service.heard[:]
        self.client([call, message["template_id"], message[where],
                     {"personalisation": message["personalisation"],
                      "reference": message["reference"]}], *more)
        theirs = list(self.service.heard)
        self.assertEqual([one[:2] for one in ours], [one[:2] for one in theirs])
        self.assertEqual(json.loads(ours[0][3]), json.loads(theirs[0][3]))
        self.assertEqual(ours[0][2]["Content-Type"], theirs[0][2]["Content-Type"])
        for our, their in zip(ours, theirs):
            (header, claims), (its_header, its_claims) = token(our), token(their)
            self.assertEqual(header, its_header)
            self.assertEqual(list(claims), list(its_claims))
            self.assertEqual(claims["iss"], its_claims["iss"])
        self.assertNotIn(KEY, str(ours))
        # What Notify says it has made of it, as the client reads it.
        answer = self.client([call, message["template_id"], message[where],
                              {"personalisation": said, "reference": "N-9"}])[0]["data"]
        self.assertIn(said["acknowledge"], answer["content"]["body"])

    def test_daemon_s_mail_is_the_client_s_and_its_question_too(self):
        self.service.fail = ["drop"]
        self.daemon(f"notify-email:{MANAGER}")
        wait_for(lambda: self.service.asked, "it asks whether the message is there")
        self.compare("sendEmail", "email_address",
                     ["getNotifications", None, None, self.service.asked[0]])

    def test_daemon_s_text_message_is_the_client_s(self):
        self.daemon(f"notify-text:{PHONE}")
        wait_for(lambda: self.service.sent, "a message")
        self.compare("sendSms", "phone_number")


if __name__ == "__main__":
    unittest.main(verbosity=2)
