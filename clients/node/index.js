/**
 * concern - tells concernd what happens in a professional disagreement, and loses nothing.
 *
 *     const { Publisher } = require("concern");
 *     const publisher = new Publisher({ endpoint: "tcp://concernd.example:5570",
 *         serverKey: "server.key", key: "las.key_secret", outbox: "/var/lib/las/outbox",
 *         source: "urn:northtown:las" });
 *     const receipt = await publisher.raiseDisagreement("D-2026-0192",
 *         { challenging: "northtown-housing", challenged: ["northtown-asc"] });
 *     console.log(await receipt.wait(30000));
 *
 * publish() resolves when the event is on this machine's disk.  It is sent again after 5, 10, 20,
 * 40, 60, 60 … seconds, until the daemon has said that it is on its disk, or that it will never
 * take it: through a crash of this program, of the daemon, or of the line between.
 */
"use strict";

const { NotAnEvent, check } = require("./lib/event.js");
const { readKey } = require("./lib/keys.js");
const { OutboxFull, OutboxInUse } = require("./lib/outbox.js");
const { Publisher } = require("./lib/publisher.js");

module.exports = { NotAnEvent, OutboxFull, OutboxInUse, Publisher, check, readKey };
