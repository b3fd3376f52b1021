#!/usr/bin/python3
"""coverage.py - which stories prove which requirement, and which requirement no story proves.

usage: coverage.py [--all]     --all lists the stories of each, too

A story names what it proves in the comment it begins with.  There are 100 requirements, taken
from the five procedures sentence by sentence, 25 readings of what they leave open, and 19 meanings
of the language that procedures are written in.
"""
import pathlib
import re
import sys

REQUIREMENTS = {"PL": 16, "LS": 15, "SO": 17, "RO": 33, "WO": 19}
READINGS = {"AMB": 25}
MEANINGS = {"M": 19}
IDENTIFIER = re.compile(r"\b(PL|LS|SO|RO|WO|AMB|M)-(\d+)\b")


def named_in(text):
    """The ids in the comment that a story begins with."""
    names = []
    for line in text.split("\n"):
        if not line.startswith("#"):
            break
        names += [f"{kind}-{int(number)}" for kind, number in IDENTIFIER.findall(line)]
    return names


def ids_of(kinds):
    return [f"{kind}-{number + 1}" for kind, count in kinds.items() for number in range(count)]


def stories_by_id(folder):
    """id -> the names of the stories that prove it; an id that there is not is an error."""
    known = {name: [] for name in ids_of(REQUIREMENTS) + ids_of(READINGS) + ids_of(MEANINGS)}
    for path in sorted(pathlib.Path(folder).glob("*.story")):
        for name in named_in(path.read_text()):
            if name not in known:
                sys.exit(f"{path}: there is no {name}")
            if path.stem not in known[name]:
                known[name].append(path.stem)
    return known


def main():
    known = stories_by_id(pathlib.Path(__file__).parent)
    counts, missing = [], []
    for kinds in (REQUIREMENTS, READINGS, MEANINGS):
        names = ids_of(kinds)
        missing += [name for name in names if not known[name]]
        counts.append(f"{sum(bool(known[name]) for name in names)} of {len(names)}")
    if "--all" in sys.argv[1:]:
        for name, stories in known.items():
            print(f"{name:7} {', '.join(stories)}")
    print(f"requirements proved by stories: {counts[0]}, readings: {counts[1]}, "
          f"meanings of the language: {counts[2]}")
    if missing:
        print("no story proves", " ".join(missing))
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
