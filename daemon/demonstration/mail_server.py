#!/usr/bin/python3
"""A real mail server for the demonstration: STARTTLS and AUTH required, loopback only.

usage: mail_server.py PORT_FILE CERT KEY USER PASSWORD FOLDER

Every mail becomes a file in FOLDER, NNN.eml, and a line on standard output.
"""
import email
import email.policy
import logging
import os
import signal
import socket
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Keep:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count:03}.eml")
        with open(path + ".part", "wb") as file:
            file.write(envelope.content)
        os.rename(path + ".part", path)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        when = mail["date"].datetime.strftime("%a %d %b %Y %H:%M")
        print(f"{when}  {envelope.rcpt_tos[0]}\n                        {mail['subject']}",
              flush=True)
        return "250 kept"


def main():
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    port_file, cert, key, user, password, folder = sys.argv[1:7]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)

    def authenticate(server, session, envelope, mechanism, data):
        right = (isinstance(data, LoginPassword) and data.login.decode() == user
                 and data.password.decode() == password)
        return AuthResult(success=right)

    controller = Controller(Keep(folder), hostname="127.0.0.1", port=0,
                            server_hostname="localhost", tls_context=tls,
                            require_starttls=True, auth_required=True,
                            authenticator=authenticate)
    # Port 0 takes a free one; the controller's own start-up probe needs to know it.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    with open(port_file + ".part", "w") as file:
        file.write(str(controller.port))
    os.rename(port_file + ".part", port_file)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stop.wait()
    controller.stop()


main()
