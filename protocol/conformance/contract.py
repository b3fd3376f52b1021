"""contract.py - schemas and samples of the contract, and the report of what was seen."""
import json
import os
import stat
import warnings

import zmq.auth

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jsonschema

MAGIC = b"CON1"
BODY_MOST, WINDOW = 65536, 64


class Failed(Exception):
    """What a check saw is not what the contract says."""


class Contract:
    def __init__(self, folder):
        self.folder = folder
        self.schemas = {}
        for path in sorted((folder / "schema").glob("*.json")):
            schema = json.loads(path.read_text(encoding="utf-8"))
            self.schemas[schema["$id"]] = schema
        if not self.schemas:
            raise ValueError(f"{folder}: no schema/ is there (name the folder with --contract)")

    def faults(self, name, body):
        """What of `body` is against the schema, in words."""
        schema = self.schemas[f"urn:concernd:schema:{name}"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            resolver = jsonschema.RefResolver(schema["$id"], schema, store=self.schemas)
            errors = jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(body)
            return [f"{'.'.join(map(str, error.path)) or 'it'}: {error.message}" for error in errors]

    def must_be(self, name, body):
        faults = self.faults(name, body)
        if faults:
            raise Failed(f"it is not as schema/{name}.json says: {faults[0]}")
        return body

    def bad_samples(self):
        """(name, code, bytes) of each sample that a daemon must refuse."""
        for path in sorted((self.folder / "samples/bad").glob("*.json")):
            yield path.stem, path.stem.split("-")[0], path.read_bytes()


class Report:
    """Each check has a name, is true once or fails once, and says what was seen."""

    def __init__(self):
        self.passed, self.failed, self.skipped = [], [], []

    def say(self, how, name, seen):
        {"ok": self.passed, "FAILED": self.failed, "skipped": self.skipped}[how].append(name)
        print(f"{how:8}{name}: {seen}", flush=True)

    def check(self, name, holds, seen, otherwise=""):
        """`otherwise` says what was seen where it does not hold."""
        self.say("ok" if holds else "FAILED", name, seen if holds else otherwise or seen)

    def end(self):
        print(f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped")
        return 1 if self.failed or not self.passed else 0


def read_key(path, secret=False):
    """(public, secret) of a key file; a public key may be written out."""
    if not secret and len(path) == 40 and not os.path.exists(path):
        return path.encode(), None
    pair = zmq.auth.load_certificate(path)
    if secret and not pair[1]:
        raise ValueError(f"{path}: holds no secret key (the file that ends in _secret does)")
    if pair[1] and os.stat(path).st_mode & (stat.S_IWGRP | stat.S_IRWXO):
        raise ValueError(f"{path}: others can read or write this secret (chmod 600)")
    return pair
