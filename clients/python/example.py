#!/usr/bin/python3
"""usage: example.py ENDPOINT SERVER_KEY KEY_SECRET OUTBOX REFERENCE"""
import sys

import concern

endpoint, server_key, key, outbox, reference = sys.argv[1:]
with concern.Publisher(endpoint, server_key, key, outbox, source="urn:northtown:housing") as publisher:
    answer = publisher.raise_disagreement(
        reference, procedure="plcsab-adults", facts={"relates_to": "individual"},
        challenging="northtown-housing", challenged=["northtown-asc"]).wait(30)
if not answer:
    sys.exit(f"kept, and sent again the next time this runs: {publisher.trouble}")
if not answer.acknowledged:
    sys.exit(f"refused: {answer.code} {answer.reason}")
print(f"on the daemon's disk, record {answer.body['record']}; next: {answer.body['next_deadline']}")
