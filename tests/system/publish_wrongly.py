"""usage: publish_wrongly.py ENDPOINT SERVER_KEY KEY: a publisher that does everything wrong."""
import itertools
import json
import os
import sys
import time

import zmq
import zmq.auth

endpoint, server_key, key = sys.argv[1:]
socket = zmq.Context().socket(zmq.DEALER)
socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(key)
socket.curve_serverkey = zmq.auth.load_certificate(server_key)[0]
socket.reconnect_ivl = 50
socket.connect(endpoint)


def send(number):
    event = {"specversion": "1.0", "id": f"W-{os.getpid()}-{number}", "source": "urn:northtown-test:las",
             "type": "concernd.learning.identified", "subject": "D-1",
             "time": "2026-12-18T16:59:00Z", "datacontenttype": "application/json", "data": {},
             "seqepoch": "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10", "sequence": f"{2 * number + 1:020}",
             "traceparent": str(time.monotonic_ns())}
    socket.send_multipart([b"CON1", b"EVENT", b"1", json.dumps(event).encode()])


for number in range(120):  # a hundred and twenty at once, nothing is listened for
    send(number)
socket.send_multipart([b"CON1", b"EVENT", b"x" * 33, b"{}"])
socket.send_multipart([b"CON1", b"EVENT", b"1", b'{"specversion":"1.0"}'])
for _ in itertools.count():
    time.sleep(0.2)
    for number in (1, 2):  # put off and refused, and all the same
        send(number)
