#!/usr/bin/python3
"""A real HTTPS receiver for the demonstration, loopback only; checks every signature.

usage: webhook_receiver.py PORT_FILE CERT KEY SECRET_FILE FOLDER

Every webhook whose signature is right becomes NNN.json in FOLDER, and a line on standard
output; one whose signature is wrong is answered 401.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import ssl
import sys
import time


def main():
    port_file, cert, key, secret_file, folder = sys.argv[1:6]
    with open(secret_file) as file:
        secret = base64.b64decode(file.read().strip().removeprefix("whsec_"))
    count = 0

    class Receiver(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, code):
            self.send_response(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self):
            nonlocal count
            body = self.rfile.read(min(int(self.headers["Content-Length"]), 1 << 20))
            name, stamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
            signed = f"{name}.{stamp}.".encode() + body
            wanted = "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
            if (wanted not in self.headers["webhook-signature"].split(" ")
                    or abs(time.time() - int(stamp)) > 300):
                self.answer(401)
                return
            count += 1
            path = os.path.join(folder, f"{count:03}.json")
            with open(path + ".part", "wb") as file:
                file.write(body)
            os.rename(path + ".part", path)
            event = json.loads(body)
            says = ", ".join(say["message"] for say in event["data"]["says"])
            print(f"webhook {count:03} {event['subject']}, signature right: {says}", flush=True)
            self.answer(204)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    with open(port_file + ".part", "w") as file:
        file.write(str(server.server_address[1]))
    os.rename(port_file + ".part", port_file)
    server.serve_forever()


main()
