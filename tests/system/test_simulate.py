#!/usr/bin/python3
"""test_simulate.py - concernctl simulate: who is told what and when, on a simulated clock.

The eight timelines are those of the requirements, worked out by hand from the boards' texts:
AMB-1 AMB-2 AMB-3 AMB-4 AMB-5 AMB-7 AMB-8 AMB-9 AMB-12 AMB-13 PL-4 PL-6 PL-8 PL-10 PL-11 PL-12
LS-3 SO-9 RO-4 RO-6 RO-7 RO-11 RO-23 RO-29 WO-6 WO-7 WO-9.
All names in here are invented.
"""
import calendar
import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from simulate_rig import (dues, entered, event, FIVE, lines_of, people, play,  # noqa: E402
                          PROCEDURES, raised, run, SOURCE, told)


class Timelines(unittest.TestCase):
    """The eight of the requirements."""

    def test_three_stages_and_the_cap_over_christmas(self):
        lines = play("plcsab-adults", "--raised", "2026-12-18 16:59", "--until", "2027-01-14")
        self.assertEqual(dues(lines), {
            "stage-1": "2026-12-29T17:00:00+00:00", "stage-2": "2027-01-06T17:00:00+00:00",
            "stage-3": "2027-01-13T17:00:00+00:00", "overall": "2027-01-13T17:00:00+00:00"})
        self.assertEqual(entered(lines), {
            "stage-1": "2026-12-18T16:59:00+00:00", "stage-2": "2026-12-29T17:00:00+00:00",
            "stage-3": "2027-01-06T17:00:00+00:00"})
        # The intention goes with the last reminder, and is not said again at the entry.
        reminder = told(lines, "2027-01-05T09:00:00+00:00")
        self.assertIn("intention_to_escalate", reminder["head_of_service@B"])
        self.assertIn("intention_to_escalate", reminder["strategic_head@B"])
        senior = told(lines, "2027-01-06T17:00:00+00:00")
        self.assertEqual(senior["board_team@board"], ["board_senior_involved"])
        self.assertNotIn("intention_to_escalate", sum(senior.values(), []))
        # Stage 3 and the cap pass at one instant: one message says both.
        end = [line for line in lines
               if line["at"] == "2027-01-13T17:00:00Z" and line["type"] == "notification"
               and line["to"]["person"] == "strategic_head@A"]
        self.assertEqual(len(end), 1)
        self.assertEqual([say["message"] for say in end[0]["says"]],
                         ["limit_passed", "limit_passed"])
        self.assertEqual({say["cause"] for say in end[0]["says"]},
                         {"deadline stage-3", "deadline overall"})

    def test_life_threatening_over_easter_and_the_change_of_clocks(self):
        lines = play("plcsab-adults", "--until", "2027-04-15", events=[
            raised("plcsab-adults", "2027-03-22T10:00:00Z"),
            event("risk.changed", "2027-03-24T10:00:00Z",
                  {"risk": "life_threatening", "by": {"agency": "A"}}),
            event("position.changed", "2027-03-24T22:00:00Z",
                  {"agency": "B", "non_involvement": True, "by": {"agency": "B"}})])
        at_once = told(lines, "2027-03-24T10:00:00+00:00")
        for role in ("practitioner@A", "practitioner@B", "line_manager@A", "line_manager@B"):
            self.assertIn("immediate_action", at_once[role])
        self.assertNotIn("board_team@board", at_once)
        self.assertEqual(told(lines, "2027-03-24T22:00:00+00:00"),
                         {"board_team@board": ["board_life_threatening"]})
        self.assertTrue(all(line["priority"] == "immediate" for line in lines
                            if line.get("local") == "2027-03-24T22:00:00+00:00"))
        self.assertEqual(dues(lines), {
            "stage-1": "2027-03-31T17:00:00+01:00", "stage-2": "2027-04-07T17:00:00+01:00",
            "stage-3": "2027-04-14T17:00:00+01:00", "overall": "2027-04-14T17:00:00+01:00"})

    def test_same_working_day_raised_a_minute_before_its_end(self):
        lines = play("lscb-children", "--raised", "2027-02-12 16:59", "--until", "2027-02-13")
        self.assertEqual(dues(lines)["workers"], "2027-02-12T17:00:00+00:00")
        self.assertEqual(entered(lines)["managers"], "2027-02-12T17:00:00+00:00")

    def test_same_working_day_raised_on_a_sunday(self):
        lines = play("lscb-children", "--raised", "2027-02-14 10:00", "--until", "2027-02-16")
        self.assertIn("stage_entered", told(lines, "2027-02-14T10:00:00+00:00")["practitioner@B"])
        self.assertEqual(dues(lines), {"workers": "2027-02-15T17:00:00+00:00", "managers": None})
        self.assertEqual(entered(lines)["managers"], "2027-02-15T17:00:00+00:00")

    def test_a_care_provider_challenges(self):
        roles = ["practitioner", "line_manager", "safeguarding_lead", "senior_manager", "board_rep"]
        directory = people({"A": roles, "B": roles}, ["board_team", "safeguarding_team_lead"],
                           {"A": "care_provider", "B": "statutory"}, "somerset-adults")
        lines = play("somerset-adults", "--until", "2027-04-06 12:00", directory=directory, events=[
            raised("somerset-adults", "2027-04-06T09:00:00+01:00"),
            event("stage.unresolved", "2027-04-06T10:00:00+01:00", {"by": {"agency": "A"}})])
        second = told(lines, "2027-04-06T10:00:00+01:00")
        self.assertIn("stage_entered", second["safeguarding_team_lead@A"])
        self.assertIn("stage_entered", second["line_manager@B"])
        self.assertNotIn("line_manager@A", second)
        self.assertEqual(set(dues(lines).values()), {None})

    def test_six_stages_with_a_management_committee(self):
        roles = ["practitioner", "line_manager", "safeguarding_lead", "service_manager",
                 "head_of_service", "head_of_agency", "board_member"]
        directory = people(
            {"A": ["practitioner", "line_manager", "safeguarding_lead", "management_committee",
                   "board_member"], "B": roles},
            ["board_manager", "board_team", "chair"], {"A": "vcf", "B": "statutory"},
            "rochdale-adults")
        lines = play("rochdale-adults", "--raised", "2026-12-28 11:00", "--until", "2027-02-10",
                     directory=directory)
        self.assertEqual([(stage, dues(lines)[stage]) for stage in entered(lines)], [
            ("stage-1", "2027-01-05T17:00:00+00:00"), ("stage-2", "2027-01-12T17:00:00+00:00"),
            ("stage-3", "2027-01-19T17:00:00+00:00"), ("stage-4", "2027-01-26T17:00:00+00:00"),
            ("stage-5", "2027-02-02T17:00:00+00:00"), ("stage-6", "2027-02-09T17:00:00+00:00")])
        start = told(lines, "2026-12-28T11:00:00+00:00")
        for role in ("practitioner", "line_manager", "safeguarding_lead"):
            for agency in ("A", "B"):
                self.assertIn("protocol_invoked", start[f"{role}@{agency}"])
        for instant in ("2027-01-12T17:00:00+00:00", "2027-01-26T17:00:00+00:00"):
            self.assertIn("stage_entered", told(lines, instant)["management_committee@A"])
        self.assertIn("board_senior_involved",
                      told(lines, "2027-01-26T17:00:00+00:00")["board_team@board"])
        self.assertIn("stage_entered",
                      told(lines, "2027-02-02T17:00:00+00:00")["board_manager@board"])

    def test_good_friday_at_night(self):
        lines = play("worcestershire-annex-c", "--raised", "2027-03-26 23:30",
                     "--until", "2027-04-01")
        self.assertEqual({name: dues(lines)[name]
                          for name in ("stage-one", "stage-two", "stage-three")}, {
            "stage-one": "2027-03-30T17:00:00+01:00", "stage-two": "2027-03-31T17:00:00+01:00",
            "stage-three": None})

    def test_24_hours_over_the_change_of_clocks(self):
        lines = play("worcestershire-annex-c", "--until", "2027-03-29", events=[
            raised("worcestershire-annex-c", "2027-03-27T13:00:00Z"),
            event("stage.unresolved", "2027-03-27T13:30:00Z", {"by": {"agency": "A"}})])
        self.assertEqual(dues(lines)["stage-two"], "2027-03-28T14:30:00+01:00")


class Format(unittest.TestCase):
    """The lines, byte for byte."""

    def test_a_line_of_each_kind(self):
        events = [raised("plcsab-adults", "2026-12-18T16:59:00Z"),
                  event("resolution.proposed", "2026-12-29T18:00:00Z",
                        {"by": {"agency": "A"}, "outcome": "agreed_actions"}),
                  event("resolution.agreed", "2026-12-30T10:00:00Z", {"by": {"agency": "B"}})]
        text = "".join(json.dumps(item) + "\n" for item in events)
        done = run("--procedure", PROCEDURES / "plcsab-adults.yaml", "--json", "--events", "-",
                   stdin=text)
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in (
                '{"type":"passed","at":"2026-12-29T17:00:00Z","disagreement":"D1",'
                '"deadline":"stage-1","stage":"stage-1"}',
                '{"type":"stage","at":"2026-12-29T17:00:00Z","local":"2026-12-29T17:00:00+00:00",'
                '"disagreement":"D1","stage":"stage-2","because":"deadline stage-1 passed"}',
                '{"type":"deadline","at":"2026-12-29T17:00:00Z","disagreement":"D1",'
                '"deadline":"stage-2","stage":"stage-2","due":"2027-01-06T17:00:00Z",'
                '"due_local":"2027-01-06T17:00:00+00:00","provisional":false}',
                '{"type":"notification","at":"2026-12-29T17:00:00Z",'
                '"local":"2026-12-29T17:00:00+00:00","disagreement":"D1",'
                '"to":{"role":"line_manager","side":"challenged","agency":"B",'
                '"person":"line_manager@B"},"says":[{"message":"limit_passed","stage":"stage-1",'
                '"cause":"deadline stage-1"},{"message":"stage_entered","stage":"stage-2",'
                '"cause":"stage stage-2"}],"priority":"normal"}',
                '{"type":"stopped","at":"2026-12-30T10:00:00Z","disagreement":"D1",'
                '"deadline":"stage-2","by":"concernd.resolution.agreed"}',
                '{"type":"closed","at":"2026-12-30T10:00:00Z","disagreement":"D1",'
                '"as":"resolved"}'):
            self.assertIn(line, done.stdout.splitlines())

    def test_the_order_of_one_instant(self):
        kinds = ["passed", "stopped", "stage", "deadline", "notification", "closed"]
        sides = ["challenging", "challenged", "board"]
        for procedure in FIVE:
            lines = play(procedure, "--until", "2027-12-01", events=[
                raised(procedure, "2026-12-18T16:59:00Z", challenged=("B", "C")),
                raised(procedure, "2026-12-18T16:59:00Z", challenged=("C",)) | {"subject": "D2"},
                event("stage.unresolved", "2027-01-04T10:00:00Z", {"by": {"agency": "A"}}),
                event("withdrawn", "2027-03-01T10:00:00Z",
                      {"by": {"agency": "A"}, "reason": "settled"})])
            keys = [(line["at"], kinds.index(line["type"]),
                     sides.index(line["to"]["side"]) if line["type"] == "notification" else 0)
                    for line in lines]
            self.assertEqual(keys, sorted(keys), procedure)

    def test_board_people_have_no_agency(self):
        lines = play("plcsab-adults", "--raised", "2026-12-18 16:59")
        board = [line["to"] for line in lines
                 if line["type"] == "notification" and line["to"]["side"] == "board"]
        self.assertTrue(board)
        for to in board:
            self.assertEqual(to, {"role": "board_team", "side": "board",
                                  "person": "board_team@board"})

    def test_one_person_of_several_roles_gets_one_message(self):
        directory = people({"A": ["practitioner", "line_manager", "head_of_service",
                                  "strategic_head"], "B": ["practitioner", "line_manager"]},
                           ["board_team"], {"A": "statutory", "B": "statutory"}, "plcsab-adults")
        directory = directory.replace("head_of_service.A}", "line_manager.A}", 1)
        lines = play("plcsab-adults", "--raised", "2026-12-18 16:59", "--until", "2027-01-01",
                     directory=directory)
        passing = [line for line in lines if line["type"] == "notification" and
                   line["at"] == "2026-12-29T17:00:00Z" and
                   line["to"]["person"] == "line_manager.A"]
        self.assertEqual(len(passing), 1)
        self.assertEqual(passing[0]["to"]["role"], "line_manager")
        self.assertEqual(passing[0]["to"]["also"], ["head_of_service"])

    def test_one_instant_of_several_causes_is_one_message(self):
        lines = play("plcsab-adults", "--until", "2026-12-30", events=[
            raised("plcsab-adults", "2026-12-18T16:59:00Z"),
            event("risk.changed", "2026-12-29T17:00:00Z",
                  {"risk": "life_threatening", "by": {"agency": "A"}}),
            event("advice.requested", "2026-12-29T17:00:00Z", {"by": {"agency": "A"}})])
        heard = [(line["at"], line["to"]["person"]) for line in lines
                 if line["type"] == "notification"]
        self.assertEqual(len(heard), len(set(heard)))
        manager = [line for line in lines if line["type"] == "notification" and
                   line["at"] == "2026-12-29T17:00:00Z" and
                   line["to"]["person"] == "line_manager@B"][0]
        self.assertEqual([say["message"] for say in manager["says"]],
                         ["limit_passed", "stage_entered", "immediate_action"])
        self.assertEqual(manager["priority"], "immediate")

    def test_as_many_agencies_are_invented_as_the_events_name(self):
        lines = play("plcsab-adults", "--until", "2026-12-19", events=[
            raised("plcsab-adults", "2026-12-18T16:59:00Z", challenged=("B", "C", "D"))])
        persons = {line["to"]["person"] for line in lines if line["type"] == "notification"}
        self.assertEqual(persons, {f"line_manager@{agency}" for agency in "ABCD"})


class Disk(unittest.TestCase):
    """What a disagreement is, is in the store alone."""

    @staticmethod
    def busy(procedure):
        """Something of everything: facts, a question, a hold, a second agency, an end, a reopening."""
        a, b = {"by": {"agency": "A"}}, {"by": {"agency": "B"}}
        return [
            raised(procedure, "2026-12-18T16:59:00Z"),
            raised(procedure, "2026-12-21T09:00:00Z", challenged=("B", "C")) | {"subject": "D2"},
            event("flag.changed", "2026-12-21T10:00:00Z", {"flag": "urgent", "value": True, **a}),
            event("agency.joined", "2026-12-22T10:00:00Z",
                  {"agency": "D", "side": "challenged", "reason": "invented", **a}),
            event("position.changed", "2026-12-23T22:00:00Z",
                  {"agency": "B", "non_involvement": True, **b}),
            event("risk.changed", "2026-12-24T17:00:00Z", {"risk": "life_threatening", **a}),
            event("hold", "2026-12-28T09:00:00Z",
                  {"reason": "invented", "until": "2027-01-05T12:00:00Z", **a}, subject="D2"),
            event("stage.unresolved", "2027-01-04T10:00:00Z", a),
            event("complaint.raised", "2027-01-04T11:00:00Z", b),
            event("resolution.proposed", "2027-01-12T10:00:00Z",
                  {"outcome": "agreed", "review": "2027-03-01T12:00:00Z", **a}),
            event("resolution.agreed", "2027-01-25T10:00:00Z", b),
            event("resolution.agreed", "2027-01-25T10:00:00Z", {"by": {"agency": "D"}}),
            event("reopened", "2027-01-26T10:00:00Z", {"reason": "invented", **b}),
            event("learning.identified", "2027-01-27T10:00:00Z", b),
        ]

    def test_a_restored_store_tells_the_same(self):
        for procedure in FIVE:
            with self.subTest(procedure), tempfile.TemporaryDirectory(prefix="concern ") as scratch:
                options = ["--procedure", PROCEDURES / f"{procedure}.yaml", "--json"]
                silent = [*options, "--raised", "2026-12-18 16:59", "--until", "2027-02-01"]
                path = Path(scratch, "events.jsonl")
                path.write_text("".join(json.dumps(item) + "\n" for item in self.busy(procedure)))
                for arguments in (silent, [*options, "--events", path, "--until", "2027-02-01"]):
                    plain, restored = run(*arguments), run(*arguments, "--restored")
                    self.assertEqual(plain.returncode, 0, plain.stderr)
                    self.assertGreater(len(plain.stdout.splitlines()), 10)
                    self.assertEqual(restored.stdout, plain.stdout)
                    self.assertEqual(restored.stderr, plain.stderr)

    def test_nothing_is_left_behind(self):
        with tempfile.TemporaryDirectory(prefix="concern ") as scratch:
            done = run("--procedure", "plcsab-adults", "--raised", "2026-12-18 16:59", "--restored",
                       environment={"TMPDIR": scratch})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(list(Path(scratch).iterdir()), [])


class LateEvents(unittest.TestCase):
    """M-5: an event that arrives late is honoured; what was told since is not told again."""

    def test_a_silence_in_the_past_repeats_no_reminder(self):
        text = """procedure: invented-silence
version: "1"
title: Invented
calendar: england-and-wales
roles:
  - {role: practitioner}
  - {role: line_manager}
stages:
  - {id: only, handlers: [line_manager@challenged], copy: [practitioner@challenging], limit: 10 working days}
rules:
  - {id: silent, when: [urgent, silence of practitioner@challenging for 4 working hours],
     once: per disagreement, tell: [line_manager@challenging]}
"""
        with tempfile.TemporaryDirectory(prefix="concern ") as scratch:
            procedure, events = Path(scratch, "invented-silence.yaml"), Path(scratch, "e.jsonl")
            procedure.write_text(text)
            # Ten working days from Monday 1 February end on the 15th; its reminder goes on
            # Friday the 12th at nine.  That it was urgent from the first day on is heard at ten.
            events.write_text("\n".join(json.dumps(item) for item in (
                raised("invented-silence", "2027-02-01T10:00:00Z"),
                event("flag.changed", "2027-02-01T12:00:00Z",
                      {"flag": "urgent", "value": True, "by": {"agency": "B"}},
                      received="2027-02-12T10:00:00Z"))))
            lines = lines_of(run("--procedure", procedure, "--events", events, "--json",
                                 "--calendars", SOURCE / "config/calendars"))
        said = [(line["at"], say["message"]) for line in lines if line["type"] == "notification"
                for say in line["says"] if say["message"] in ("reminder", "silent")]
        # Told at ten on the 1st, silent from two on: the rule tells that, late, once.
        self.assertEqual(said, [("2027-02-01T14:00:00Z", "silent"),
                                ("2027-02-12T09:00:00Z", "reminder")])


class Defaults(unittest.TestCase):
    def test_until_one_year_after_the_last_event(self):
        lines = play("worcestershire-annex-c", "--raised", "2028-02-29 10:00")
        last = max(line["at"] for line in lines)
        # Stage three is chased every working day; 28 February 2029 is the last one of the year.
        self.assertEqual(last, "2029-02-28T09:00:00Z")

    def test_raised_now_where_nobody_says(self):
        before = time.time()
        lines = play("plcsab-adults")
        self.assertEqual(lines[0]["stage"], "stage-1")
        at = calendar.timegm(time.strptime(lines[0]["at"], "%Y-%m-%dT%H:%M:%SZ"))
        self.assertLess(abs(at - before), 120)

    def test_an_id_finds_the_procedures_that_came_with_the_program(self):
        self.assertEqual(lines_of(run("--procedure", "plcsab-adults", "--raised",
                                      "2026-12-18 16:59", "--json")),
                         play("plcsab-adults", "--raised", "2026-12-18 16:59"))

    def test_an_event_arrives_when_received_says(self):
        late = raised("plcsab-adults", "2026-12-18T16:59:00Z") | {
            "received": "2026-12-31T12:00:00Z"}
        lines = play("plcsab-adults", "--until", "2026-12-31 12:00", events=[late])
        self.assertEqual(entered(lines), {"stage-1": "2026-12-18T16:59:00+00:00",
                                          "stage-2": "2026-12-29T17:00:00+00:00"})

    def test_events_are_played_as_they_arrive_not_as_they_are_written(self):
        start = raised("plcsab-adults", "2026-12-18T16:59:00Z")
        move = event("stage.unresolved", "2026-12-21T10:00:00Z", {"by": {"agency": "A"}})
        self.assertEqual(play("plcsab-adults", events=[move, start]),
                         play("plcsab-adults", events=[start, move]))


class Determinism(unittest.TestCase):
    def test_the_same_input_gives_the_same_bytes(self):
        for procedure in FIVE:
            arguments = ("--procedure", PROCEDURES / f"{procedure}.yaml",
                         "--raised", "2026-12-18 16:59", "--json")
            first = run(*arguments)
            self.assertEqual(first.returncode, 0, first.stderr)
            self.assertEqual(first.stdout, run(*arguments, environment={
                "TZ": "Pacific/Auckland", "LC_ALL": "C"}).stdout)

    def test_nothing_is_left_behind(self):
        with tempfile.TemporaryDirectory(prefix="concern simulate ") as scratch:
            run("--procedure", "plcsab-adults", "--json", environment={"TMPDIR": scratch})
            self.assertEqual(os.listdir(scratch), [])

    def test_five_years_of_silence_go_fast(self):
        # Under a second in a release build; this one may be sanitized, and share the machine.
        for procedure in FIVE:
            start = time.monotonic()
            lines = play(procedure, "--raised", "2026-12-18 16:59", "--until", "2031-12-18")
            self.assertLess(time.monotonic() - start, 90, procedure)
            self.assertEqual(max(line["at"] for line in lines)[:7], "2031-12", procedure)


class Wrong(unittest.TestCase):
    def test_usage(self):
        rows = (
            ((), "--procedure is missing"),
            (("--procedure",), "--procedure"),
            (("--procedure", "plcsab-adults", "--json", "--html", "x.html"), "one at a time"),
            (("--procedure", "plcsab-adults", "--raised", "yesterday"), "--raised"),
            (("--procedure", "plcsab-adults", "--until", "never"), "--until"),
            (("--procedure", "plcsab-adults", "--untill", "2027-01-01"), "--until"),
            (("--procedure", "plcsab-adults", "2027-01-01"), "belongs to no option"),
            (("--procedure", "plcsab-adults", "--raised", "2027-02-01 10:00", "--until",
              "2027-01-01"), "before anything happens"),
        )
        for arguments, what in rows:
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(what, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_events_that_are_not_there(self):
        done = run("--procedure", "plcsab-adults", "--events", "/nonexistent/events")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "/nonexistent/events: No such file or directory\n")

    def test_a_file_without_an_event_is_told(self):
        for text in ("", "neither\n"):
            done = run("--procedure", "plcsab-adults", "--events", "-", stdin=text)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("<stdin>: nothing to play (one CloudEvent per line", done.stderr)

    def test_an_unknown_procedure_names_those_there_are(self):
        done = run("--procedure", "plcsab-adult")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean plcsab-adults?", done.stderr)
        done = run("--procedure", "elsewhere")
        self.assertIn("rochdale-adults", done.stderr)

    def test_a_faulty_procedure_is_told_with_its_place(self):
        with tempfile.TemporaryDirectory(prefix="concern simulate ") as scratch:
            path = Path(scratch, "own.yaml")
            path.write_text((PROCEDURES / "plcsab-adults.yaml").read_text().replace(
                "5 working days", "5 wurking days", 1))
            done = run("--procedure", path)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"own\.yaml:\d+:\d+: ")

    def test_what_the_daemon_would_refuse_is_told_and_the_play_goes_on(self):
        events = [raised("plcsab-adults", "2026-12-18T16:59:00Z"),
                  event("resolution.agreed", "2026-12-21T10:00:00Z", {"by": {"agency": "Z"}}),
                  {"no": "event"}]
        text = "".join(json.dumps(item) + "\n" for item in events) + "neither\n"
        done = run("--procedure", "plcsab-adults", "--json", "--events", "-", stdin=text)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"(?m)^<stdin>:2:1: refused, \d\d\d\.\d: ")
        self.assertRegex(done.stderr, r"(?m)^<stdin>:3:1: ")
        self.assertRegex(done.stderr, r"(?m)^<stdin>:4:1: ")
        self.assertIn('"stage":"stage-2"', done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=1)
