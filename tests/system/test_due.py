"""test_due.py - concernctl due as a person and a script use it.

The values of the worked timelines, thousands of random starts in batch mode against an
independent computation (zoneinfo, datetime, a walk of its own), and every wrong usage.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

SOURCE = os.environ["CONCERN_SOURCE"]
TOOL = os.path.join(os.environ["CONCERN_BUILD"], "clients", "concernctl", "concernctl")
CALENDARS = os.path.join(SOURCE, "config", "calendars")
LONDON = ZoneInfo("Europe/London")
UTC = timezone.utc


def run(*arguments, stdin="", calendars=CALENDARS, environment=None):
    command = [TOOL, "due", *arguments]
    if calendars:
        command += ["--calendars", calendars]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120,
                          env={**os.environ, **(environment or {})})


def answer(*arguments, **keywords):
    done = run("--json", *arguments, **keywords)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done.stdout
    return json.loads(lines[0])


def easter(year):
    """Easter Sunday by the computus of Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, g = b // 4, b % 4, (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def closed_in_england(year):
    """The bank holidays of England and Wales by their rules, substitutes for the dates."""
    def monday(month, last):  # of May or August, which have 31 days
        mondays = [date(year, month, d) for d in range(1, 32)
                   if date(year, month, d).weekday() == 0]
        return mondays[-1] if last else mondays[0]

    def substitute(day, taken):
        while day.weekday() >= 5 or day in taken:
            day += timedelta(1)
        return day

    days = {easter(year) - timedelta(2), easter(year) + timedelta(1), monday(5, False),
            monday(5, True), monday(8, True)}
    days.add(substitute(date(year, 1, 1), days))
    christmas = substitute(date(year, 12, 25), days)
    boxing = date(year, 12, 26)
    if boxing.weekday() < 5 and boxing != christmas:
        days |= {christmas, boxing}
    else:
        days.add(christmas)
        days.add(substitute(boxing, days))
    return days


CLOSED = set().union(*(closed_in_england(year) for year in range(2024, 2029)))


def is_open(day):
    return day.weekday() < 5 and day not in CLOSED


def at(day, clock):
    """A civil time in London as an instant; of two the second (PEP 495: fold)."""
    return datetime.combine(day, clock).replace(tzinfo=LONDON, fold=1).astimezone(UTC)


def working_days_due(start, count):
    day = start.astimezone(LONDON).date()
    while count:
        day += timedelta(1)
        count -= is_open(day)
    return at(day, time(17))


def same_day_due(start):
    local = start.astimezone(LONDON)
    day = local.date()
    if not is_open(day) or local.time() >= time(17):
        day += timedelta(1)
        while not is_open(day):
            day += timedelta(1)
    return at(day, time(17))


def days_due(start, count):
    return at(start.astimezone(LONDON).date() + timedelta(count), time(17))


def working_hours_due(start, count):
    left = timedelta(hours=count)
    local = start.astimezone(LONDON)
    day, now = local.date(), local.time()
    while True:
        if is_open(day):
            begin = datetime.combine(day, max(now, time(9)))
            close = datetime.combine(day, time(17))
            if begin <= close and left <= close - begin:
                end = begin + left
                return at(end.date(), end.time())
            left -= max(close - begin, timedelta(0))
        day, now = day + timedelta(1), time(0)


class Timelines(unittest.TestCase):
    """The worked timelines that are pure time, local times with their offsets."""

    ROWS = [
        ("5 working days", "2026-12-18 16:59", "2026-12-29T17:00:00+00:00"),
        ("5 working days", "2026-12-29T17:00:00Z", "2027-01-06T17:00:00+00:00"),
        ("5 working days", "2027-01-06T17:00:00Z", "2027-01-13T17:00:00+00:00"),
        ("15 working days", "2026-12-18 16:59", "2027-01-13T17:00:00+00:00"),
        ("5 working days", "2027-03-22 10:00", "2027-03-31T17:00:00+01:00"),
        ("5 working days", "2027-03-31 17:00", "2027-04-07T17:00:00+01:00"),
        ("15 working days", "2027-03-22 10:00", "2027-04-14T17:00:00+01:00"),
        ("same working day", "2027-02-12 16:59", "2027-02-12T17:00:00+00:00"),
        ("same working day", "2027-02-14 10:00", "2027-02-15T17:00:00+00:00"),
        ("5 working days", "2026-12-28 11:00", "2027-01-05T17:00:00+00:00"),
        ("30 working days", "2026-12-28 11:00", "2027-02-09T17:00:00+00:00"),
        ("1 working day", "2027-03-26 23:30", "2027-03-30T17:00:00+01:00"),
        ("24 hours", "2027-03-30 17:00", "2027-03-31T17:00:00+01:00"),
        ("24 hours", "2027-03-27T13:30:00Z", "2027-03-28T14:30:00+01:00"),
    ]

    def test_rows(self):
        for limit, start, due in self.ROWS:
            with self.subTest(limit=limit, start=start):
                found = answer("--limit", limit, "--from", start)
                self.assertEqual(found["due_local"], due)
                self.assertEqual(datetime.fromisoformat(found["due"].replace("Z", "+00:00")),
                                 datetime.fromisoformat(due))
                self.assertIs(found["provisional"], False)

    def test_one_object_as_documented(self):
        found = answer("--limit", "5 working days", "--from", "2027-03-25T16:00:00Z")
        version = found.pop("calendar_version")
        self.assertRegex(version, r"^[0-9a-f]{16}$")
        days = found.pop("days")
        self.assertEqual(found, {
            "limit": "5 working days", "from": "2027-03-25T16:00:00Z",
            "due": "2027-04-05T16:00:00Z", "due_local": "2027-04-05T17:00:00+01:00",
            "provisional": False, "calendar": "england-and-wales"})
        self.assertEqual(days[0], {"date": "2027-03-26", "counted": False,
                                   "reason": "Good Friday"})
        self.assertEqual(days[4], {"date": "2027-03-30", "counted": True, "n": 1})
        self.assertEqual(days[-1], {"date": "2027-04-05", "counted": True, "n": 5})
        self.assertEqual(len(days), 11)

    def test_words(self):
        done = run("--limit", "1 working day", "--from", "2027-03-26 23:30")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Tuesday 30 March 2027 at 17:00 (2027-03-30T17:00:00+01:00)", done.stdout)
        self.assertIn("Easter Monday", done.stdout)
        self.assertIn("the day of the start", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_conventions(self):
        for counting, due in [
                ("first_day=included", "2026-11-20T17:00:00+00:00"),
                ("ends=midnight", "2026-11-24T00:00:00+00:00"),
                ("ends=same time", "2026-11-23T20:00:00+00:00"),
                ("ends=start of business,late=next working day", "2026-11-24T09:00:00+00:00")]:
            with self.subTest(counting=counting):
                found = answer("--limit", "5 working days", "--from", "2026-11-16 20:00",
                               "--counting", counting)
                self.assertEqual(found["due_local"], due)

    def test_other_hours(self):
        for hours, due in [("08:30-16:45", "2026-11-17T16:45:00+00:00"),
                           ("00:00-24:00", "2026-11-18T00:00:00+00:00")]:
            found = answer("--limit", "1 working day", "--from", "2026-11-16 20:00",
                           "--working-day", hours)
            self.assertEqual(found["due_local"], due)

    def test_no_due_instant(self):
        for limit in ("none", "set by the case"):
            self.assertIsNone(answer("--limit", limit, "--from", "2027-04-06 09:00")["due"])
            self.assertEqual(run("--limit", limit, "--from", "2027-04-06 09:00").returncode, 0)
            self.assertEqual(run("--limit", limit, "--from", "-", stdin="2027-04-06\n").stdout,
                             "none\n")
        found = answer("--limit", "set by the case", "--from", "2027-04-06 09:00",
                       "--set", "2027-04-08 12:00")
        self.assertEqual(found["due"], "2027-04-08T11:00:00Z")

    def test_provisional(self):
        found = answer("--limit", "5 working days", "--from", "2028-12-28 10:00")
        self.assertIs(found["provisional"], True)
        self.assertEqual(found["due"], "2029-01-04T17:00:00Z")
        self.assertIn("Provisional", run("--limit", "5 working days", "--from",
                                         "2028-12-28 10:00").stdout)

    def test_calendars(self):
        def due(calendar):
            found = answer("--limit", "1 working day", "--from", "2026-03-16 10:00",
                           "--calendar", calendar)
            return found["due"][:10], found["calendar"]
        self.assertEqual(due("england-and-wales"), ("2026-03-17", "england-and-wales"))
        self.assertEqual(due("northern-ireland"), ("2026-03-18", "northern-ireland"))
        self.assertEqual(due("scotland + northern-ireland"),
                         ("2026-03-18", "scotland + northern-ireland"))

    def test_calendars_from_the_environment(self):
        found = answer("--limit", "1 day", "--from", "2026-03-16", calendars=None,
                       environment={"CONCERN_CALENDARS": CALENDARS})
        self.assertEqual(found["due"], "2026-03-17T17:00:00Z")

    def test_a_path_with_a_space(self):
        with tempfile.TemporaryDirectory(prefix="concern due ") as place:
            name = os.path.join(place, "invented.yaml")
            with open(name, "w", encoding="utf-8") as file:
                file.write('calendar: invented\nsource: invented\nknown_until: 2030-12-31\n'
                           'weekend: [friday]\nclosed:\n  - {date: 2026-11-17, title: Feast}\n')
            found = answer("--limit", "4 working days", "--from", "2026-11-16 10:00",
                           "--calendar", "invented", calendars=place)
            self.assertEqual(found["due"][:10], "2026-11-22")


class Batch(unittest.TestCase):
    def compare(self, limit, due_of, count=1500):
        rng = random.Random(limit)
        first = datetime(2024, 1, 2, tzinfo=UTC)
        starts = [first + timedelta(seconds=rng.randrange(int(4.6 * 365 * 86400)))
                  for _ in range(count)]
        done = run("--limit", limit, "--from", "-",
                   stdin="".join(s.strftime("%Y-%m-%dT%H:%M:%SZ\n") for s in starts))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = done.stdout.splitlines()
        self.assertEqual(len(found), count)
        for start, line in zip(starts, found):
            self.assertEqual(line, due_of(start).strftime("%Y-%m-%dT%H:%M:%SZ"), start)

    def test_working_days(self):
        for count in (1, 5, 15, 60):
            self.compare(f"{count} working day{'s' if count > 1 else ''}",
                         lambda start, n=count: working_days_due(start, n))

    def test_same_working_day(self):
        self.compare("same working day", same_day_due)

    def test_hours(self):
        self.compare("24 hours", lambda start: start + timedelta(hours=24))

    def test_working_hours(self):
        self.compare("4 working hours", lambda start: working_hours_due(start, 4))

    def test_days(self):
        self.compare("10 days", lambda start: days_due(start, 10))
        self.compare("2 weeks", lambda start: days_due(start, 14))

    def test_earlier_of(self):
        self.compare("earlier of 7 days and 4 working days",
                     lambda start: min(days_due(start, 7), working_days_due(start, 4)))

    def test_civil_times_and_crlf(self):
        done = run("--limit", "1 day", "--from", "-", stdin="2027-04-05 10:00\r\n2027-04-05")
        self.assertEqual(done.stdout, "2027-04-06T16:00:00Z\n" * 2)

    def test_json_lines(self):
        done = run("--limit", "1 day", "--from", "-", "--json", stdin="2027-04-05\n2027-04-06\n")
        self.assertEqual([json.loads(line)["due"] for line in done.stdout.splitlines()],
                         ["2027-04-06T16:00:00Z", "2027-04-07T16:00:00Z"])

    def test_unreadable_lines(self):
        done = run("--limit", "1 day", "--from", "-",
                   stdin="2027-04-05\n2027-04-06\ntomorrow\n" + "9" * 1000 + "\n2027-04-07\n")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"(?m)^<stdin>:3:1: .*tomorrow")
        self.assertRegex(done.stderr, r"(?m)^<stdin>:4:1: ")
        self.assertEqual(done.stdout.splitlines(), ["2027-04-06T16:00:00Z", "2027-04-07T16:00:00Z",
                                                    "", "", "2027-04-08T16:00:00Z"])


class WrongUsage(unittest.TestCase):
    ROWS = [
        ([], "--limit"),
        (["--limit", "5 working days"], "--from"),
        (["--from", "2027-04-05"], "--limit"),
        (["--limit", "5 wrking days", "--from", "2027-04-05"], "5 wrking days"),
        (["--limit", "5 working days", "--from", "yesterday"], "yesterday"),
        (["--limit", "1 day", "--from", "2027-04-05T10:00:00+25:00"], "--from"),
        (["--limit", "1 day", "--from", "2027-04-05", "--counting", "ends"], "KEY=VALUE"),
        (["--limit", "1 day", "--from", "2027-04-05", "--counting", "ends=noon"], "ends=noon"),
        (["--limit", "1 day", "--from", "2027-04-05", "--zone", "Europe/Lundon"], "Lundon"),
        (["--limit", "1 day", "--from", "2027-04-05", "--zone", "../../etc/passwd"], "passwd"),
        (["--limit", "1 day", "--from", "2027-04-05", "--set", "soon"], "soon"),
        (["--limit", "1 day", "--from", "2027-04-05", "--working-day", "17:00-09:00"], "17:00"),
        (["--limit", "1 day", "--from", "2027-04-05", "--working-day", "09:00-24:01"], "24:01"),
        (["--limit", "1 day", "--from", "2027-04-05", "--working-day", "9-17"], "9-17"),
        (["--limit", "1 day", "--from", "2027-04-05", "--limti", "x"], "--limti"),
        (["--limit", "5", "working", "days", "--from", "2027-04-05"], "working"),
        (["--limit"], "--limit"),
    ]

    def test_rows(self):
        for arguments, said in self.ROWS:
            with self.subTest(arguments=arguments):
                done = run(*arguments, calendars=None,
                           environment={"CONCERN_CALENDARS": CALENDARS})
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertIn(said, done.stderr)
                self.assertIn("due", done.stderr)

    def test_help(self):
        done = subprocess.run([TOOL, "due", "--help"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0)
        for option in ("--limit", "--from", "--calendar", "--counting", "--json", "--zone"):
            self.assertIn(option, done.stdout)

    def test_wrong_calendars(self):
        done = run("--limit", "1 day", "--from", "2027-04-05", "--calendar", "scotlnd")
        self.assertEqual(done.returncode, 1)
        self.assertIn("scotland", done.stderr)
        done = run("--limit", "1 day", "--from", "2027-04-05", "--calendar", "../x")
        self.assertEqual(done.returncode, 1)

    def test_a_faulty_calendar_says_where(self):
        with tempfile.TemporaryDirectory(prefix="concern due ") as place:
            with open(os.path.join(place, "bad.yaml"), "w", encoding="utf-8") as file:
                file.write('calendar: bad\nsource: invented\nknown_until: 2030-12-31\n'
                           'closed:\n  - {date: 2026-02-30, title: No such day}\n')
            done = run("--limit", "1 day", "--from", "2027-04-05", "--calendar", "bad",
                       calendars=place)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr,
                             re.escape(os.path.join(place, "bad.yaml")) + r":5:12: .*2026-02-30")

    def test_a_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([TOOL, "due", "--limit", "1 day", "--from", "2027-04-05",
                                   "--calendars", CALENDARS], stdout=full, timeout=60,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
