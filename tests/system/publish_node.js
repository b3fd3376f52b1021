/**
 * publish_node.js - the Node.js publisher, told on standard input what to do.
 *
 * usage: publish_node.js SETTINGS      (JSON: as publish_python.py has it)
 */
"use strict";

const path = require("node:path");
const readline = require("node:readline");
const { Publisher } = require(path.join(process.env.CONCERN_SOURCE, "clients/node"));

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const sayError = (error) => say({ error: error.name, text: error.message });

function settingsOf(given) {
    const ms = (seconds) => seconds * 1000;
    const { server_key: serverKey, most_pending: mostPending, alarm_after: alarmAfter, resend, ...others } = given;
    return { ...others, serverKey, ...(mostPending && { mostPending }),
        ...(alarmAfter && { alarmAfter: ms(alarmAfter) }), ...(resend && { resend: resend.map(ms) }) };
}

async function obey(publisher, line) {
    const [[what, given]] = Object.entries(JSON.parse(line));
    const kept = (receipt) => say({ kept: receipt.id, source: receipt.source });
    try {
        if (what === "publish") kept(await publisher.publish(given));
        else if (what === "raise") kept(await publisher.raiseDisagreement(...given));
        else if (what === "event") kept(await publisher.event(...given));
        else if (what === "refused")
            say({ refused: publisher.refused().map(({ event, answer }) => [event, answer.code]) });
        else if (what === "state") say({ pending: publisher.pending, trouble: publisher.trouble });
    } catch (error) {
        sayError(error);
    }
}

async function main() {
    const publisher = new Publisher(settingsOf(JSON.parse(process.argv[2])));
    publisher.on("acknowledged", ({ id }, { body }) => say({ told: "acknowledged", id, body }));
    publisher.on("refused", ({ id }, { code }) => say({ told: "refused", id, code }));
    publisher.on("alarm", (text, pending) => say({ told: "alarm", text, pending }));
    say({ ready: true });
    for await (const line of readline.createInterface({ input: process.stdin })) await obey(publisher, line);
    await publisher.close();
}

main().catch(sayError);
