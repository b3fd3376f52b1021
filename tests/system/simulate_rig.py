"""simulate_rig.py - plays by concernctl simulate, and what their lines say; all names are invented."""
import json
import os
import subprocess
import tempfile
from pathlib import Path

SOURCE, BUILD = Path(os.environ["CONCERN_SOURCE"]), Path(os.environ["CONCERN_BUILD"])
CTL = BUILD / "clients/concernctl/concernctl"
PROCEDURES = SOURCE / "config/procedures"
FIVE = ("lscb-children", "plcsab-adults", "rochdale-adults", "somerset-adults",
        "worcestershire-annex-c")


def run(*arguments, stdin="", environment=None):
    """What `concernctl simulate` answers, in a clean environment."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(environment or {})}
    return subprocess.run([str(CTL), "simulate", *map(str, arguments)], input=stdin, env=env,
                          capture_output=True, text=True, timeout=120, check=False)


def lines_of(done):
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def play(procedure, *arguments, events=None, directory=None):
    """The lines of a play; `events` are objects, `directory` is YAML."""
    with tempfile.TemporaryDirectory(prefix="concern simulate ") as scratch:
        options = ["--procedure", PROCEDURES / f"{procedure}.yaml", "--json", *arguments]
        if events is not None:
            path = Path(scratch, "events.jsonl")
            path.write_text("".join(json.dumps(event) + "\n" for event in events))
            options += ["--events", path]
        if directory is not None:
            path = Path(scratch, "directory.yaml")
            path.write_text(directory)
            options += ["--directory", path]
        return lines_of(run(*options))


count = iter(range(1, 1000000))


def event(kind, when, data, subject="D1", **more):
    return {"specversion": "1.0", "id": f"e{next(count)}", "source": "urn:invented:las",
            "type": f"concernd.{kind}", "time": when, "subject": subject,
            "datacontenttype": "application/json", "data": data, **more}


def raised(procedure, when, challenging="A", challenged=("B",), **more):
    data = {"procedure": procedure, "challenging": {"agency": challenging},
            "challenged": [{"agency": agency} for agency in challenged],
            "facts": {"relates_to": "individual", **more.pop("facts", {})}}
    return event("disagreement.raised", when, {**data, **more})


def dues(lines):
    """{deadline: the due instant of its first start, as local time}"""
    found = {}
    for line in lines:
        if line["type"] == "deadline":
            found.setdefault(line["deadline"], line["due_local"])
    return found


def entered(lines):
    """{stage: when it was entered first, as local time}"""
    found = {}
    for line in lines:
        if line["type"] == "stage":
            found.setdefault(line["stage"], line["local"])
    return found


def told(lines, local):
    """{role@agency: [messages]} at one instant; the board is "board"."""
    found = {}
    for line in lines:
        if line["type"] == "notification" and line["local"] == local:
            to = line["to"]
            for role in [to["role"], *to.get("also", [])]:
                found[f"{role}@{to.get('agency', 'board')}"] = [s["message"] for s in line["says"]]
    return found


def people(roles_by_agency, board_roles, kinds, procedure, board="exampleboard"):
    """A directory in which everybody holds one role and is named after it."""
    text, persons = "agencies:\n", []
    for agency, roles in roles_by_agency.items():
        text += f"  {agency}:\n    name: Invented {agency}\n    kind: {kinds[agency]}\n    roles:\n"
        for role in roles:
            text += f"      {role}: {{holder: {role}.{agency}}}\n"
            persons.append(f"{role}.{agency}")
    text += f"boards:\n  {board}:\n    name: Invented\n    procedures: [{procedure}]\n    roles:\n"
    for role in board_roles:
        text += f"      {role}: {{holder: {role}.board}}\n"
        persons.append(f"{role}.board")
    text += "people:\n"
    for person in persons:
        text += f"  {person}:\n    name: Invented\n    routes: [\"email:{person}@mail.example\"]\n"
    return text + "operator: [\"email:operator@mail.example\"]\n"
