"""test_daemon_delivery.py - mail servers that are dead, busy or refuse; catch-up after downtime.

Retries are hours of waiting in truth: a time-lapse clock shows them in seconds.
"""
import datetime
import json
import os
import pathlib
import re
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, raised, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
OPERATOR = "operator@board.example"
DEPUTY = "asc-lead@asc.northtown.example"
BOARD_UNIT = "unit@board.example"
REFUSAL = "A notification is not delivered"  # the subject of what the operator is told of one route


class DeliveryTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def row(self, person="asc-manager"):
        return next((row for row in self.rig.outbox("queued", "accepted", "refused", "exhausted")
                     if row["person"] == person), None)

    def refusals(self):
        return [mail for mail in self.rig.mail.to(OPERATOR) if mail["Subject"] == REFUSAL]

    def wait_accepted(self, person, count=1):
        """That it was accepted is kept: whom it reached while the daemon was killed it reaches again."""
        wait_for(lambda: len([row for row in self.rig.rows("outbox", "--state", "accepted")
                              if row["person"] == person]) >= count,
                 f"what {person} accepted is kept")


class Environment(unittest.TestCase):
    def test_no_secret_of_a_tls_session_is_written_down(self):
        rig = Rig(webhook=True)
        self.addCleanup(rig.close)
        log = rig.folder / "tls-sessions"
        daemon = rig.start(SSLKEYLOGFILE=str(log))
        rig.client().publish(raised("D-1"))
        wait_for(lambda: rig.receiver.taken, "a webhook")
        wait_for(lambda: rig.mail.to(MANAGER), "a mail")
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(log.exists(), "the secrets of its sessions, for whoever reads that file")


class MailServer(DeliveryTest):
    def test_dead_one_keeps_rows_queued_until_it_is_back(self):
        self.rig.mail.stop()
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        row = wait_for(lambda: (self.row() or {}).get("last") and self.row(), "a try has failed")
        self.assertEqual((row["state"], row["attempts"]), ("queued", 1))
        self.assertTrue(row["next_try"])
        self.assertTrue(row["last"]["detail"])
        self.rig.mail.start()
        wait_for(lambda: self.rig.mail.to(MANAGER), "the first retry, ten seconds later")
        self.rig.wait_delivered()
        self.assertEqual(self.row()["state"], "accepted")
        self.assertGreaterEqual(self.row()["attempts"], 2)
        self.assertEqual(len(self.rig.mail.to(MANAGER)), 1)
        self.assertEqual(daemon.stop(), 0)

    def test_restart_keeps_the_schedule(self):
        """On clocks of ours, so that the next try is minutes away however long a restart takes; the
        second goes on where the first ended, for one set back would set the next try back too."""
        self.rig.mail.stop()
        daemon = self.rig.start("--clock", "2026-12-18T16:59:00Zx100")
        self.rig.client().publish(raised("D-1", time="2026-12-18T16:59:00Z"))
        wait_for(lambda: (self.row() or {}).get("attempts", 0) >= 4, "four tries have failed")
        self.assertEqual(daemon.stop(), 0)
        with self.rig.store() as store:
            attempts, next_try, last = store.execute(
                "SELECT attempts, next_try_us, max((SELECT max(at_us) FROM record_line), "
                "(SELECT max(at_us) FROM attempt)) FROM outbox "
                "WHERE person = 'asc-manager' ORDER BY number LIMIT 1").fetchone()
        self.assertGreater(next_try, last + 60_000_000)
        again = datetime.datetime.fromtimestamp(last // 1_000_000 + 1, datetime.timezone.utc)
        self.rig.start("--clock", again.strftime("%Y-%m-%dT%H:%M:%SZ"))
        row = self.row()
        said = datetime.datetime.fromisoformat(row["next_try"])
        self.assertEqual((row["attempts"], int(said.timestamp())), (attempts, next_try // 1_000_000))

    def test_schedule_on_the_lapse_clock_until_given_up(self):
        """10 s, 30 s, 2 ... 30 min, 1 h and every hour; after the set time it is given up."""
        self.rig.mail.stop()
        self.rig.write_settings(retry="6 hours")
        daemon = self.rig.start("--clock", "2026-12-18T16:59:00Zx2000")
        self.rig.client().publish(raised("D-1", time="2026-12-18T16:59:00Z"))
        wait_for(lambda: self.rig.status()["outbox"]["exhausted"] >= 2, "both are given up")
        self.assertIn("MESSAGE_ID=142c83647806457793e783e7eb04b39b", daemon.said())
        self.assertEqual(daemon.stop(), 0, daemon.said())
        with self.rig.store() as store:
            tries = [row[0] / 1e6 for row in store.execute(
                "SELECT attempt.at_us FROM attempt JOIN outbox ON outbox.number = attempt.outbox "
                "WHERE person = 'asc-manager' AND key NOT LIKE '%remind%' "
                "AND outbox.number = (SELECT min(number) FROM outbox "
                "WHERE person = 'asc-manager') ORDER BY attempt")]
        waits = [after - before for before, after in zip(tries, tries[1:])]
        wanted = [10, 20, 90, 180, 300, 300, 900, 1800, 3600]
        # A fifth either way, and what a try itself takes while the clock lapses.
        for wait, least in zip(waits, wanted):
            self.assertGreaterEqual(wait, least * 0.79)
        for wait in waits[4:]:
            self.assertLessEqual(wait, 3600 * 1.21 + 2000 * 10)
        self.assertLessEqual(tries[-1] - tries[0], 6 * 3600 + 2000 * 10)
        self.assertGreater(len(tries), 8)

    def test_recipient_refused_for_good_is_told_to_the_operator(self):
        self.rig.mail.answers[MANAGER] = "550 5.1.1 no such user here"
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        told = wait_for(self.refusals, "the operator is told")
        self.rig.wait_delivered()
        self.assertEqual(len(told), 1)
        others = [mail["Subject"] for mail in self.rig.mail.to(OPERATOR)
                  if mail["Subject"] != REFUSAL]
        self.assertEqual(others, ["Nobody accepted a notification: tell them another way"])
        text = told[0].get_body(("plain",)).get_content()
        self.assertIn("D-1", text)
        self.assertIn("550", text)
        self.assertNotIn("@", text, "an address in the operator's mail")
        self.assertEqual(self.row()["state"], "refused")
        self.assertEqual(self.row()["last"]["code"], 550)
        self.assertEqual(self.rig.mail.tried.count(MANAGER), 1, "tried again though refused")
        self.assertIn("MESSAGE_ID=142c83647806457793e783e7eb04b39b", daemon.said())
        self.assertTrue(self.rig.mail.to("housing-manager@housing.northtown.example"))

    def test_busy_recipient_is_tried_again(self):
        self.rig.mail.answers[MANAGER] = "451 4.3.0 try again"
        self.rig.start()
        self.rig.client().publish(raised("D-1"))
        row = wait_for(lambda: (self.row() or {}).get("last") and self.row(), "a try has failed")
        self.assertEqual((row["state"], row["last"]["code"]), ("queued", 451))
        del self.rig.mail.answers[MANAGER]
        wait_for(lambda: self.rig.mail.to(MANAGER), "it is tried again")

    def test_wrong_password_put_right_by_a_reload_goes_out_at_once(self):
        self.rig.write_secret("mail-password", "a wrong one")
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        row = wait_for(lambda: (self.row() or {}).get("last") and self.row(), "a try has failed")
        self.assertEqual((row["state"], row["last"]["code"]), ("queued", 535))
        daemon.wait_said("a setting keeps notifications from going out")
        next_try = datetime.datetime.fromisoformat(row["next_try"])
        self.rig.write_secret("mail-password", "an invented password")
        daemon.signal(1)
        wait_for(lambda: self.rig.mail.to(MANAGER), "it goes out")
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertLess(now, next_try, "it waited for its turn")

    def test_operator_without_a_route_is_said(self):
        self.rig.write_settings(mail=None)
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        daemon.wait_said("MESSAGE_ID=3b041641178844f2a60df25453fe2e85")
        self.assertEqual(daemon.stop(), 0)


class OperatorRoutes(DeliveryTest):
    """Alarms go by any route, and by the next one where nobody accepts them."""

    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.rig.operator = ["webhook:housing-system", f"email:{OPERATOR}"]
        self.rig.write_directory()
        directory = json.loads((self.rig.folder / "directory.yaml").read_text())
        directory["agencies"]["northtown-housing"].pop("systems")
        directory["people"]["board-unit"]["routes"] = ["webhook:housing-system"]
        (self.rig.folder / "directory.yaml").write_text(json.dumps(directory))
        self.rig.mail.answers[MANAGER] = "550 5.1.1 no such user here"

    def alarms(self, role):
        """{webhook-id: event} to a role, each as it came first."""
        found = {}
        for identity, body in list(self.rig.receiver.taken):
            event = json.loads(body)
            self.assertEqual(event["type"], "concernd.alarm")
            self.assertEqual(found.setdefault(identity, event), event, "a repetition differs")
        return [event for event in found.values() if event["data"]["to"]["role"] == role]

    def test_by_a_webhook_to_the_operator_and_to_the_board(self):
        self.rig.write_settings(escalate={"after": "8 seconds", "urgent": "8 seconds",
                                          "told": "1 hour"})
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        alarm = wait_for(lambda: self.alarms("operator"), "the operator is told")[0]
        self.assertIn("D-1", alarm["data"]["text"])
        self.assertNotIn("@", json.dumps(alarm))
        alarm = wait_for(lambda: self.alarms("board's team"), "the board's team is told")[0]
        self.assertEqual((alarm["data"]["to"]["person"], alarm["data"]["priority"]),
                         ("board-unit", "urgent"))
        self.assertIn("- D-1, to the role line_manager", alarm["data"]["text"])
        began = time.monotonic()
        wait_for(lambda: time.monotonic() > began + 10, "the next route's time is over", pause=0.5)
        self.assertEqual(self.refusals(), [], "it was accepted by the first route")
        self.assertEqual(daemon.stop(), 0)

    def test_by_the_next_route_in_time(self):
        self.rig.receiver.answer = 503
        self.rig.write_settings(escalate={"after": "1 second", "urgent": "1 second",
                                          "told": "1 hour"})
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        told = wait_for(self.refusals, "the operator is told by mail")
        alarm = wait_for(lambda: [alarm for alarm in self.alarms("operator")
                                  if alarm["data"]["subject"] == REFUSAL],
                         "by the first route as well")[0]
        self.assertEqual(told[0].get_body(("plain",)).get_content().splitlines(),
                         alarm["data"]["text"].splitlines())
        self.wait_accepted("operator", 2)  # and that nobody was reached, by mail too
        daemon.kill()
        daemon = self.rig.start()
        self.rig.receiver.answer = 204
        daemon.signal(1)
        self.rig.wait_delivered()
        self.assertEqual(len(self.refusals()), 1)
        self.assertEqual(daemon.stop(), 0)

    def test_by_the_next_route_at_once_where_the_first_is_gone(self):
        self.rig.receiver.answer = 410
        self.rig.write_settings(escalate={"after": "1 hour", "urgent": "1 hour", "told": "2 hours"})
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.mail.to(OPERATOR), "the operator is told by mail")
        self.assertEqual(daemon.stop(), 0)


class Escalation(DeliveryTest):
    """What nobody accepts goes on: ten minutes are seconds here, by the setting."""

    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        directory = json.loads((self.rig.folder / "directory.yaml").read_text())
        directory["people"]["asc-manager"]["routes"] = [f"email:{MANAGER}", "webhook:asc-phone"]
        directory["agencies"]["northtown-asc"]["roles"]["line_manager"]["deputy"] = "asc-lead"
        directory["agencies"]["northtown-housing"].pop("systems")
        directory["endpoints"]["asc-phone"] = directory["endpoints"].pop("housing-system")
        (self.rig.folder / "directory.yaml").write_text(json.dumps(directory))
        self.rig.write_settings(escalate={"after": "2 seconds", "urgent": "1 second",
                                          "told": "7 seconds"})

    def told_another_way(self, address):
        return [mail for mail in self.rig.mail.to(address)
                if "SENT BY ANOTHER WAY" in mail.get_body(("plain",)).get_content()]

    def test_clock_set_back_holds_up_neither_retry_nor_next_route(self):
        """It is right at the next start, which was four hours ahead before."""
        self.rig.mail.answers[MANAGER] = "451 4.3.0 try again"
        self.rig.write_settings(escalate={"after": "1 hour", "urgent": "1 hour",
                                          "told": "365 days"})
        daemon = self.rig.start("--clock", "2026-12-18T14:00:00Zx10")
        self.rig.client().publish(raised("D-1", time="2026-12-18T14:00:00Z"))
        wait_for(lambda: (self.row() or {}).get("last"), "a try has failed")
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.assertEqual(self.rig.receiver.taken, [])
        daemon = self.rig.start("--clock", "2026-12-18T10:00:00Zx1000")
        wait_for(lambda: self.rig.receiver.taken, "the next route is tried")
        store = self.rig.store()
        self.addCleanup(store.close)
        for sql in ("SELECT queued_us FROM outbox WHERE person = 'asc-manager' AND position = 1",
                    "SELECT min(attempt.at_us) FROM attempt JOIN outbox ON number = outbox "
                    "WHERE person = 'asc-manager' AND position = 0"):
            when = datetime.datetime.fromtimestamp(store.execute(sql).fetchone()[0] / 1e6,
                                                   datetime.timezone.utc)
            self.assertLess(when.isoformat(), "2026-12-18T13", sql)

    def test_next_route_then_deputy_each_once_though_killed(self):
        self.rig.mail.answers[MANAGER] = "451 4.3.0 try again"
        self.rig.receiver.answer = 503
        self.rig.write_settings(escalate={"after": "2 seconds", "urgent": "1 second",
                                          "told": "25 seconds"})
        daemon = self.rig.start()
        began = time.monotonic()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.receiver.taken, "the next route is tried")
        daemon.kill()
        daemon = self.rig.start()
        wait_for(lambda: self.told_another_way(DEPUTY), "the deputy is told")
        self.wait_accepted("asc-lead")
        daemon.kill()
        daemon = self.rig.start()
        # One notification over all routes; each delivery has an id of its own.
        identity, body = self.rig.receiver.taken[0]
        self.assertEqual(json.loads(body)["id"], json.loads(body)["data"]["notification"])
        rows = [row for row in self.rig.rows("outbox", "--state", "queued") +
                self.rig.rows("outbox", "--state", "accepted") if row["role"] == "line_manager" and
                row["person"] in ("asc-manager", "asc-lead")]
        self.assertEqual(sorted(row["way"] for row in rows), [1, 2, 3])
        first = [row["id"] for row in rows if row["way"] == 1]
        self.assertEqual([json.loads(body)["id"]], first)
        self.assertNotEqual(identity, first[0])
        deputy = self.told_another_way(DEPUTY)
        self.assertIn(first[0], deputy[0].get_body(("plain",)).get_content())
        self.assertNotIn(first[0], deputy[0]["Message-ID"])
        # The deputy accepted: nobody else is told, and nothing goes twice.
        wait_for(lambda: time.monotonic() > began + 28, "the half hour is over", pause=0.5)
        self.assertEqual(len(self.told_another_way(DEPUTY)), 1)
        self.assertEqual(self.rig.mail.to(OPERATOR), [])
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 0)
        history = [line["type"] for line in self.rig.rows("history", "D-1")]
        self.assertEqual(history.count("escalated"), 2)
        self.assertEqual(daemon.stop(), 0)

    def test_refused_everywhere_is_told_to_the_board_at_once(self):
        for address in (MANAGER, DEPUTY):
            self.rig.mail.answers[address] = "550 5.1.1 no such user here"
        self.rig.receiver.answer = 410
        self.rig.write_settings(escalate={"after": "1 hour", "urgent": "1 hour", "told": "1 hour"})
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        told = wait_for(lambda: self.rig.mail.to(BOARD_UNIT), "the board's team is told")
        text = told[0].get_body(("plain",)).get_content()
        self.assertIn("D-1, to the role line_manager", text)
        self.assertNotIn("@", text)
        self.assertTrue(self.rig.mail.to(OPERATOR))
        self.assertEqual(self.rig.ctl("status", check=False).returncode, 1)
        outbox = self.rig.status()["outbox"]
        self.assertEqual((outbox["undelivered"], outbox["to_systems"]), (1, 0))
        rows = self.rig.rows("outbox", "--state", "undelivered")
        self.assertEqual([(row["reference"], row["role"], row["way"]) for row in rows],
                         [("D-1", "line_manager", 1)])
        self.assertTrue(rows[0]["undelivered"])
        self.assertIn("undelivered", [line["type"] for line in self.rig.rows("history", "D-1")])
        self.assertEqual(daemon.stop(), 0)

    def test_redrive_sends_again_once_put_right_and_the_record_keeps_who(self):
        for address in (MANAGER, DEPUTY):
            self.rig.mail.answers[address] = "550 5.1.1 no such user here"
        self.rig.receiver.answer = 410
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.status()["outbox"]["undelivered"] == 1, "nobody took it")
        self.assertEqual(self.rig.ctl("redrive", "D-2", check=False).returncode, 1)
        self.rig.mail.answers.clear()
        self.assertEqual(self.rig.ctl("redrive", "D-1").stdout, "3 sent again; see outbox\n")
        wait_for(lambda: self.rig.mail.to(MANAGER), "it arrives")
        wait_for(lambda: self.rig.status()["outbox"]["undelivered"] == 0, "the alarm is over")
        lines = [line for line in self.rig.rows("history", "D-1") if line["type"] == "redrive"]
        self.assertEqual([line["payload"] for line in lines],
                         [{"by": f"uid {os.getuid()}", "count": 3}])
        self.assertEqual(daemon.stop(), 0)

    def test_nobody_at_all_is_an_alarm_that_a_restart_keeps(self):
        self.rig.mail.stop()
        self.rig.receiver.answer = 503
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.status()["outbox"]["unheard"] == 2, "nobody could be told")
        daemon.wait_said("MESSAGE_ID=e68b9b773e0744e6aa16716a0d0c7d8e")
        daemon.kill()
        daemon = self.rig.start()
        self.assertGreater(self.rig.status()["outbox"]["undelivered"], 2)
        self.assertEqual(self.rig.ctl("status", check=False).returncode, 1)
        self.rig.mail.start()
        self.rig.receiver.answer = 204
        daemon.signal(1)  # a reload tries at once
        wait_for(lambda: self.rig.status()["outbox"]["undelivered"] == 0, "all is delivered")
        self.assertEqual(self.rig.status()["outbox"]["unheard"], 0)
        self.assertEqual(self.rig.ctl("status").returncode, 0)
        self.assertEqual(len(self.rig.mail.to(BOARD_UNIT)), 1)
        self.assertEqual(daemon.stop(), 0)


class Neighbours(DeliveryTest):
    """One other side that takes connections and never says a word delays nobody else."""

    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)

    def test_silent_mail_server_holds_up_no_webhook(self):
        self.rig.mail.stop()
        tarpit = socket.create_server(("127.0.0.1", self.rig.mail.port), backlog=64)
        self.addCleanup(tarpit.close)
        daemon = self.rig.start()
        client = self.rig.client()
        for number in range(400):  # two mails each: more than may be under way at once
            client.send("EVENT", raised(f"D-{number}"))
        for number in range(400):
            self.assertEqual(client.receive()[0], "ACK")
        # The first mails are given up after two minutes: whoever waited for them comes far later.
        wait_for(lambda: len({name for name, _ in list(self.rig.receiver.taken)}) >= 400,
                 "all webhooks have arrived", 90)
        self.rig.receiver.taken.clear()
        client.publish(raised("D-LAST"))
        wait_for(lambda: self.rig.receiver.taken, "the next webhook arrives", 20)
        self.assertEqual(self.rig.status()["outbox"]["accepted"], 401)
        self.assertEqual(daemon.stop(), 0)


class CatchUp(DeliveryTest):
    """Down while deadlines pass: acted on in due order when it is back, and marked late."""

    def has_caught_up(self):
        status = self.rig.status()
        return status["outbox"]["queued"] == 0 and status["next_wake"] > status["now"]

    def test_passed_deadlines_act_in_due_order_and_say_how_late(self):
        raise_times = {"D-C": "2026-12-02T10:00:00Z", "D-A": "2026-11-30T10:00:00Z",
                       "D-B": "2026-12-01T10:00:00Z"}
        daemon = self.rig.start("--clock", "2026-12-02T12:00:00Z")
        client = self.rig.client()
        for reference, when in raise_times.items():
            client.publish(raised(reference, time=when))
        self.rig.wait_delivered()
        self.assertEqual(daemon.stop(), 0)
        self.rig.mail.taken.clear()

        # Two weeks down: stage 1 (5 working days) and stage 2 of each have passed meanwhile.
        daemon = self.rig.start("--clock", "2026-12-17T09:00:00Z")
        wait_for(self.has_caught_up, "it has caught up", 240)
        mails = self.rig.mail.mails()
        self.assertEqual(daemon.stop(), 0, daemon.said())
        with self.rig.store() as store:
            passed = [(json.loads(row[1])["due"], row[0], json.loads(row[1])["deadline"])
                      for row in store.execute(
                          "SELECT reference, payload FROM record_line JOIN record_payload "
                          "USING (number) WHERE type = 'passed' ORDER BY number")]
        self.assertEqual([one[0] for one in passed], sorted(one[0] for one in passed),
                         "not in the order in which they were due")
        stages = [(reference, deadline) for _, reference, deadline in passed]
        # Counted by hand: 5 working days from Monday 30 November end on Monday 7 December.
        self.assertEqual(stages[:6], [("D-A", "stage-1"), ("D-B", "stage-1"), ("D-C", "stage-1"),
                                      ("D-A", "stage-2"), ("D-B", "stage-2"), ("D-C", "stage-2")])
        self.assertEqual(passed[0][0][:10], "2026-12-07")
        late = [mail for mail in mails if "THIS MESSAGE IS LATE" in mail.get_body(("plain",)).get_content()]
        self.assertTrue(late, "no mail says that it is late")
        text = re.sub(r"\s+", " ", late[0].get_body(("plain",)).get_content())
        self.assertIn("THIS MESSAGE IS LATE", text)
        self.assertRegex(text, r"due at \d\d:00 on \w+day \d+ December 2026 and was sent at "
                               r"09:00 on Thursday 17 December 2026")
        first = [mail for mail in late if "D-A" in mail["subject"] and
                 "due at 17:00 on Monday 7 December 2026 and was sent at" in
                 re.sub(r"\s+", " ", mail.get_body(("plain",)).get_content())]
        self.assertTrue(first, "nobody is told late of the first stage of the first")

    def test_told_once_though_killed_while_catching_up(self):
        daemon = self.rig.start("--clock", "2026-12-02T12:00:00Z")
        client = self.rig.client()
        for number in range(60):
            client.publish(raised(f"D-{number}", time="2026-12-01T10:00:00Z"))
        daemon.kill()
        at = datetime.datetime(2026, 12, 17, 9)
        for number in range(5):
            daemon = self.rig.daemon("--clock", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
            wait_for(lambda: "is ready" in daemon.said(), "it is ready")
            end = time.monotonic() + number * 0.02
            wait_for(lambda: time.monotonic() >= end, "a moment", pause=0.001)
            daemon.kill()
        daemon = self.rig.start("--clock", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        wait_for(self.has_caught_up, "it has caught up", 240)
        self.assertEqual(daemon.stop(), 0, daemon.said())
        with self.rig.store() as store:
            counts = {row[0] for row in store.execute(
                "SELECT count(*) FROM record_line JOIN record_payload USING (number) "
                "WHERE type = 'passed' GROUP BY reference, payload ->> 'deadline'")}
        self.assertEqual(counts, {1})


if __name__ == "__main__":
    unittest.main(verbosity=1)
