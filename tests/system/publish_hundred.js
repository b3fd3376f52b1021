// usage: publish_hundred.js ENDPOINT SERVER_KEY KEY OUTBOX: a hundred events, then waits to be ended.
"use strict";
const path = require("node:path");
const { Publisher } = require(path.join(process.env.CONCERN_SOURCE, "clients/node"));

const [endpoint, serverKey, key, outbox] = process.argv.slice(2);
const publisher = new Publisher({ endpoint, serverKey, key, outbox, source: "urn:northtown-test:las" });
for (let number = 0; number < 100; number++)
    publisher.event("learning.identified", `D-${number % 7}`, { id: `H-${number}`,
        time: "2026-12-18T16:59:00Z", by: "northtown-housing" });
