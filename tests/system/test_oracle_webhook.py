"""test_oracle_webhook.py - our webhooks as their receivers judge them: standardwebhooks and svix.

The daemon signs with two secrets, as during a rotation; both libraries are given what it sent,
to a case system and to a person, who has a link to say that he has seen it.
"""
import base64
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import every_kind  # noqa: E402
import third_party  # noqa: E402
from concern_rig import SECRET, Rig  # noqa: E402

BEFORE = bytes(range(101, 133))
TOLERANCE = 300  # seconds: what the specification of Standard Webhooks recommends


def written(secret):
    return "whsec_" + base64.b64encode(secret).decode()


class Webhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        third_party.install()
        cls.rig = Rig(webhook=True)
        cls.addClassCleanup(cls.rig.close)
        path = cls.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["endpoints"]["housing-system"]["previous_secret"] = "before"
        directory["people"]["asc-manager"]["routes"] = ["webhook:housing-system"]
        path.write_text(json.dumps(directory, indent=1))
        cls.rig.write_secret("before", written(BEFORE))
        every_kind.with_links(cls.rig)
        cls.rig.start()
        every_kind.play(cls.rig.client())
        cls.rig.wait_delivered()
        cls.heard = list(cls.rig.receiver.heard)

    def judge(self, heard, secret=SECRET, later=0):
        """What each library says of each; the receiver's clock is so much later."""
        return [verdict for headers, body in heard for verdict in third_party.judgement(
            "webhooks.js", {"at": int(headers["webhook-timestamp"]) + later,
                            "secret": written(secret), "webhooks": [
                                {"headers": headers, "body": base64.b64encode(body).decode()}]})]

    def judge_all(self, heard, secret=SECRET):
        """The same of many that were sent within the tolerance of each other."""
        return third_party.judgement("webhooks.js", {
            "at": int(heard[0][0]["webhook-timestamp"]), "secret": written(secret), "webhooks": [
                {"headers": headers, "body": base64.b64encode(body).decode()}
                for headers, body in heard]})

    def test_every_one_is_taken_by_the_new_secret_and_the_one_before(self):
        self.assertGreater(len(self.heard), 50)
        for secret in (SECRET, BEFORE):
            for (_, body), verdict in zip(self.heard, self.judge_all(self.heard, secret)):
                read = json.loads(body)
                self.assertEqual(verdict, {"standardwebhooks": read, "svix": read})
        for headers, _ in self.heard:
            self.assertEqual(len(headers["webhook-signature"].split(" ")), 2)

    def test_a_person_s_has_a_link_of_its_own(self):
        links = []
        for verdict in self.judge_all(self.heard):
            for read in verdict.values():
                data = read["data"]
                # A case system's tells it of the other side's people, and says it by events.
                over = {say["message"] for say in data["says"]} & {"resolved", "withdrawn"}
                self.assertEqual("acknowledge" in data,
                                 data["to"]["person"] == "asc-manager" and not over, data)
            links.append(verdict["svix"]["data"].get("acknowledge"))
        links = [link for link in links if link]
        self.assertGreater(len(links), 10)
        self.assertEqual(len(set(links)), len(links))
        for link in links:
            self.assertRegex(link, f"^{every_kind.LINK}$")

    def refused(self, verdicts, words):
        self.assertTrue(verdicts)
        for verdict in verdicts:
            for name, why in verdict.items():
                self.assertIsInstance(why, str, name)
                self.assertIn(words, why, name)

    def test_another_secret_is_refused(self):
        self.refused(self.judge_all(self.heard, bytes(32)), "No matching signature")

    def test_what_was_altered_is_refused(self):
        headers, body = self.heard[0]
        altered = [(headers, body[:at] + bytes([body[at] ^ 1]) + body[at + 1:])
                   for at in (0, 20, len(body) // 2, len(body) - 1)]
        altered += [(headers, body + b" "), (headers, body[:-1]),
                    (dict(headers, **{"webhook-id": headers["webhook-id"][:-1] + "0"}), body),
                    (dict(headers, **{"webhook-timestamp":
                                      str(int(headers["webhook-timestamp"]) + 1)}), body),
                    (dict(headers, **{"webhook-signature": "v1,AAAA v1a,BBBB"}), body)]
        self.refused(self.judge_all(altered), "No matching signature")
        self.refused(self.judge_all([(self.heard[1][0], body)]), "No matching signature")

    def test_the_clock_is_asked(self):
        one = self.heard[:1]
        for later in (0, TOLERANCE - 5, -TOLERANCE + 5):
            with self.subTest(later):
                self.assertEqual(self.judge(one, later=later)[0]["svix"], json.loads(one[0][1]))
        for later, words in ((TOLERANCE + 5, "too old"), (-TOLERANCE - 5, "too new")):
            with self.subTest(later):
                self.refused(self.judge(one, later=later), words)

    def test_each_notification_has_an_id_of_its_own(self):
        names = [headers["webhook-id"] for headers, _ in self.heard]
        self.assertEqual(len(set(names)), len(names))
        self.assertEqual(names, [json.loads(body)["id"] for _, body in self.heard])


if __name__ == "__main__":
    unittest.main(verbosity=2)
