"""test_schema.py - the JSON schemas, the samples and the table in C say the same.

Every good sample is valid by its type's schema and by `event`; every bad one that is JSON is
refused, but for what a schema cannot say (CANNOT_SAY, each with its reason); every type of the
table has a schema with the same members, of the same kinds, required alike.
"""

import glob
import json
import os
import re
import subprocess
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import jsonschema  # noqa: E402  (python3-jsonschema)

SOURCE = os.environ.get("CONCERN_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ["CONCERN_BUILD"]
PROTOCOL = os.path.join(SOURCE, "protocol")

# What the reader refuses and a schema has no words for.
CANNOT_SAY = {
    "400.3-time-no-such-day": "how many days a month has",
    "400.4-boards-differ": "one member compared with another",
    "400.4-challenged-twice": "objects compared by one member",
    "400.4-people-two-for-a-role": "people of two agencies compared",
    "400.4-correction-of-other-source": "one member compared with another",
    "400.4-data-control-character": "members that nobody knows",
}

# The C table's kinds by the name of their definition in common.json, where it differs.
KINDS = {"person": "id", "value": "fact"}
FACTS = {"risk": "risk", "non_involvement": "yes_no"}

faults = []


def fault(text):
    faults.append(text)
    print("FAULT", text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


schemas = {stem(path): read(path) for path in sorted(glob.glob(PROTOCOL + "/schema/*.json"))}
store = {schema["$id"]: schema for schema in schemas.values()}


def validator(name):
    schema = schemas[name]
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def check_schemas():
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        if schema["$schema"] != "https://json-schema.org/draft/2020-12/schema":
            fault("%s is of another draft" % name)


def schema_of(event):
    """The schema's name for an event, None for a type nobody here looks into."""
    kind = event.get("type", "")
    if not kind.startswith("concernd."):
        return None
    name = kind[len("concernd."):]
    return name if "urn:concernd:event:%s:1" % name in store else "declared"


def check_good():
    paths = sorted(glob.glob(PROTOCOL + "/samples/*.json"))
    seen = set()
    for path in paths:
        event = read(path)
        name = schema_of(event)
        seen.add(name)
        for schema in {"envelope", "event", name} - {None}:
            for error in validator(schema).iter_errors(event):
                fault("%s by %s: %s" % (stem(path), schema, error.message))
        if name and name != "declared" and "dataschema" in event:
            if event["dataschema"] != schemas[name]["$id"]:
                fault("%s names another schema" % stem(path))
    for name, schema in schemas.items():
        if schema["$id"].startswith("urn:concernd:event:") and name not in seen:
            fault("no sample of %s" % name)
    return len(paths)


def check_bad():
    count = 0
    for path in sorted(glob.glob(PROTOCOL + "/samples/bad/*.json")):
        name = stem(path)
        if not name.startswith(("400.3", "400.4")):
            continue
        count += 1
        valid = validator("event").is_valid(read(path))
        if valid != (name in CANNOT_SAY):
            fault("%s is %s by its schema" % (name, "valid" if valid else "refused"))
    for name in CANNOT_SAY:
        if not os.path.exists("%s/samples/bad/%s.json" % (PROTOCOL, name)):
            fault("there is no %s any more" % name)
    return count


def check_messages():
    """What publishers ask and the daemon answers: every sample by its schema, every schema has one."""
    seen = set()
    for folder in "answers", "requests":
        for path in sorted(glob.glob("%s/samples/%s/*.json" % (PROTOCOL, folder))):
            name = stem(path).split("-")[0]
            seen.add(name)
            if name not in schemas:
                fault("%s/%s has no schema" % (folder, stem(path)))
                continue
            for error in validator(name).iter_errors(read(path)):
                fault("%s: %s" % (stem(path), error.message))
    for name, schema in schemas.items():
        if (schema["$id"].startswith("urn:concernd:schema:") and
                name not in seen | {"common", "envelope", "event"}):
            fault("no sample of %s" % name)


def definition(schema):
    """The name of the definition a member refers to: "id", or "event" for an event inside."""
    if "anyOf" in schema:
        schema = schema["anyOf"][1]
    return schema["$ref"].split("/")[-1].split(":")[-1]


def check_table():
    printed = subprocess.run([BUILD + "/tests/test_members", "--print"], check=True,
                             capture_output=True, text=True, timeout=60).stdout
    table = {}
    for line in printed.splitlines():
        name, member, kind, required = line.split("\t")
        table.setdefault(name, {})[member] = (kind, required == "1")
    events = {name for name, schema in schemas.items()
              if schema["$id"].startswith("urn:concernd:event:")}
    if set(table) != events:
        fault("types with and without a schema: %s" % sorted(set(table) ^ events))
    for name in sorted(events & set(table)):
        compare(name, table[name], schemas[name])
    return len(table)


def compare(name, rows, schema):
    data = schema["properties"]["data"]
    if set(rows) != set(data["properties"]):
        fault("%s: members differ: %s" % (name, sorted(set(rows) ^ set(data["properties"]))))
        return
    for member, (kind, required) in rows.items():
        expected = FACTS[member] if kind == "fact" else KINDS.get(kind, kind)
        found = definition(data["properties"][member])
        if found != expected:
            fault("%s: %s is %s in C and %s in the schema" % (name, member, expected, found))
        if member == "by":
            said = "anyOf" in schema
        else:
            said = member in data.get("required", [])
        if said != required:
            fault("%s: %s is required by only one of them" % (name, member))


def check_readme():
    with open(PROTOCOL + "/samples/README.md", encoding="utf-8") as file:
        text = file.read()
    for path in glob.glob(PROTOCOL + "/samples/bad/*.json"):
        if "`%s`" % stem(path) not in text:
            fault("samples/README.md does not name %s" % stem(path))


def check_manual():
    """The manual page names every type and every code."""
    with open(PROTOCOL + "/concern-protocol.7.scd", encoding="utf-8") as file:
        text = file.read()
    names = [name for name, schema in schemas.items()
             if schema["$id"].startswith("urn:concernd:event:") and name != "declared"]
    for name in names + schemas["nack"]["properties"]["code"]["enum"]:
        if name not in text:
            fault("concern-protocol(7) does not name %s" % name)
    with open(PROTOCOL + "/wire.h", encoding="utf-8") as file:
        codes = re.findall(r'#define WIRE_CODE_\w+ "([0-9.]+)"', file.read())
    if codes != schemas["nack"]["properties"]["code"]["enum"]:
        fault("the codes of wire.h and nack.json differ")


def check_asyncapi():
    """asyncapi.yaml names every message's schema and sample, and none that is not there."""
    with open(PROTOCOL + "/asyncapi.yaml", encoding="utf-8") as file:
        named = set(re.findall(r"\$ref: ((?:schema|samples)/[\w./-]+\.json)", file.read()))
    there = {os.path.relpath(path, PROTOCOL) for folder in ("schema", "samples", "samples/answers",
                                                            "samples/requests")
             for path in glob.glob("%s/%s/*.json" % (PROTOCOL, folder))}
    for path in sorted(named ^ there - {"schema/common.json", "schema/envelope.json"}):
        fault("asyncapi.yaml and the tree differ by %s" % path)


check_schemas()
good, bad = check_good(), check_bad()
check_messages()
types = check_table()
check_readme()
check_manual()
check_asyncapi()
print("%d good samples, %d bad ones, %d types, %d schemas" % (good, bad, types, len(schemas)))
sys.exit(1 if faults else 0)
