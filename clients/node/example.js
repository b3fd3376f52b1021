#!/usr/bin/env node
// usage: example.js ENDPOINT SERVER_KEY KEY_SECRET OUTBOX REFERENCE
"use strict";
const { Publisher } = require("./index.js"); // elsewhere: require("concern")

async function main([endpoint, serverKey, key, outbox, reference]) {
    const publisher = new Publisher({ endpoint, serverKey, key, outbox, source: "urn:northtown:housing" });
    const receipt = await publisher.raiseDisagreement(reference, { procedure: "plcsab-adults",
        facts: { relates_to: "individual" }, challenging: "northtown-housing", challenged: ["northtown-asc"] });
    const answer = await receipt.wait(30000);
    if (!answer) throw new Error(`kept, and sent again the next time this runs: ${publisher.trouble}`);
    await publisher.close();
    if (!answer.acknowledged) throw new Error(`refused: ${answer.code} ${answer.reason}`);
    console.log(`on the daemon's disk, record ${answer.body.record}; next: ` +
        JSON.stringify(answer.body.next_deadline));
}
main(process.argv.slice(2)).catch((error) => { console.error(error.message); process.exit(1); });
