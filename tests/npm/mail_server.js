/**
 * mail_server.js - a mail server with STARTTLS and AUTH (smtp-server) that reads what it takes
 * (mailparser).
 *
 * usage: mail_server.js CERTIFICATE KEY USER PASSWORD
 *
 * Prints {"port": n}, then a line of JSON for each mail.  Ends when its standard input does.
 */
"use strict";

const fs = require("node:fs");
const { SMTPServer } = require("smtp-server");
const { simpleParser } = require("mailparser");

const [certificate, key, user, password] = process.argv.slice(2);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function read(stream) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts);
}

async function tell(raw, session) {
    const mail = await simpleParser(raw);
    const addresses = (list) => list && list.value.map((one) => [one.name, one.address]);
    say({
        raw: raw.toString("base64"), secure: session.secure, user: session.user,
        mailFrom: session.envelope.mailFrom.address,
        rcptTo: session.envelope.rcptTo.map((one) => one.address),
        from: addresses(mail.from), to: addresses(mail.to), cc: addresses(mail.cc) || [],
        bcc: addresses(mail.bcc) || [], subject: mail.subject, date: mail.date,
        messageId: mail.messageId, inReplyTo: mail.inReplyTo, references: mail.references,
        headers: mail.headerLines.map((line) => line.key), text: mail.text, html: mail.html,
        priority: mail.headers.get("priority") || "normal",
        attachments: mail.attachments.map((one) => ({
            type: one.contentType, name: one.filename, content: one.content.toString("base64") })),
    });
}

const server = new SMTPServer({
    cert: fs.readFileSync(certificate), key: fs.readFileSync(key), authOptional: false,
    onAuth: (given, session, callback) => (given.username === user && given.password === password
        ? callback(null, { user }) : callback(new Error("wrong password"))),
    onData: (stream, session, callback) => read(stream)
        .then((raw) => tell(raw, session)).then(() => callback(null, "queued as INVENTED"), callback),
});
server.on("error", (error) => say({ error: error.message }));
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
process.stdin.on("end", () => server.close(() => process.exit(0))).resume();
