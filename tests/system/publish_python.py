"""publish_python.py - the Python publisher, told on standard input what to do.

usage: publish_python.py SETTINGS      (JSON: the arguments of concern.Publisher)

Each line of input is {"publish": EVENT}, {"raise": [REFERENCE, {…}]}, {"event": [TYPE, REFERENCE,
{…}]}, {"refused": true} or {"state": true}; each line of output what came of it, or what was told
meanwhile.  publish_node.js is the same in JavaScript.
"""
import json
import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(os.environ["CONCERN_SOURCE"]) / "clients/python"))
import concern  # noqa: E402

lock = threading.Lock()


def say(what):
    with lock:
        print(json.dumps(what), flush=True)


def kept(receipt):
    say({"kept": receipt.id, "source": receipt.source})


def obey(publisher, line):
    (what, given), = json.loads(line).items()
    try:
        if what == "publish":
            kept(publisher.publish(given))
        elif what == "raise":
            kept(publisher.raise_disagreement(given[0], **given[1]))
        elif what == "event":
            kept(publisher.event(given[0], given[1], **given[2]))
        elif what == "refused":
            say({"refused": [[event, answer.code] for event, answer in publisher.refused()]})
        elif what == "state":
            say({"pending": publisher.pending, "trouble": publisher.trouble})
    except (OSError, ValueError, RuntimeError) as error:
        say({"error": type(error).__name__, "text": str(error)})


def main():
    settings = json.loads(sys.argv[1])
    try:
        publisher = concern.Publisher(
            **settings,
            on_acknowledged=lambda receipt, answer: say({"told": "acknowledged", "id": receipt.id,
                                                         "body": answer.body}),
            on_refused=lambda receipt, answer: say({"told": "refused", "id": receipt.id,
                                                    "code": answer.code}),
            on_alarm=lambda text, pending: say({"told": "alarm", "text": text,
                                                "pending": pending}))
    except (OSError, ValueError, RuntimeError) as error:
        say({"error": type(error).__name__, "text": str(error)})
        return
    say({"ready": True})
    with publisher:
        for line in sys.stdin:
            obey(publisher, line)


main()
