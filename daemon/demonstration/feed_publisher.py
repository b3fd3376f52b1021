#!/usr/bin/python3
"""A case system that can only publish: a PUB socket with CURVE, numbered events, heartbeats.

usage: feed_publisher.py PORT_FILE SERVER_KEY_FILE DAEMON_PUBLIC_KEY_FILE EVENT_FILE

Publishes the event that EVENT_FILE (a CloudEvent without sequence, written when there is one)
holds, as number 1, and every second a heartbeat that names the last number, so that a listener
who came too late knows what it missed.
"""
import json
import os
import sys
import time
import uuid

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

SOURCE = "urn:northtown:asc"


def main():
    port_file, server_file, daemon_file, event_file = sys.argv[1:5]
    public, secret = zmq.auth.load_certificate(server_file)
    daemon, _ = zmq.auth.load_certificate(daemon_file)

    context = zmq.Context()
    # Only the daemon's own key may subscribe: this is the publisher's half of the pinning.
    door = ThreadAuthenticator(context)
    door.start()
    keys = os.path.dirname(daemon_file) + "/subscribers"
    os.makedirs(keys, exist_ok=True)
    with open(daemon_file) as source, open(keys + "/daemon.key", "w") as target:
        target.write(source.read())
    door.configure_curve(domain="*", location=keys)

    publisher = context.socket(zmq.PUB)
    publisher.curve_server = True
    publisher.curve_publickey, publisher.curve_secretkey = public, secret
    publisher.linger = 0
    port = publisher.bind_to_random_port("tcp://127.0.0.1")
    with open(port_file + ".part", "w") as file:
        file.write(str(port))
    os.rename(port_file + ".part", port_file)

    epoch, last, event = str(uuid.uuid4()), 0, None
    while True:
        if event is None and os.path.exists(event_file):
            with open(event_file) as file:
                event = json.load(file)
            last = 1
            event["sequence"], event["seqepoch"] = f"{last:020}", epoch
            publisher.send_multipart([b"con.plcsab.invented", b"CON1", json.dumps(event).encode()])
            print(f"published {event['type']} about {event['subject']}", flush=True)
        beat = {"source": SOURCE, "seqepoch": epoch, "last_sequence": f"{last:020}",
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        publisher.send_multipart([b"hb.plcsab.invented", b"CON1", json.dumps(beat).encode()])
        time.sleep(1)


main()
