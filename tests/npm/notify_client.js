/**
 * notify_client.js - GOV.UK Notify's own client, told what to do.
 *
 * Reads {"url": …, "key": …, "late_s": n, "calls": [[method, argument…]…]} and prints for each
 * call {"status": n, "data": …}, of a refusal too.  `late_s`: the clock is so much behind.
 */
"use strict";

const fs = require("node:fs");
// The service listens at 127.0.0.1, and "localhost" may be ::1 first.
require("node:dns").setDefaultResultOrder("ipv4first");
const { NotifyClient } = require("notifications-node-client");

const { url, key, late_s: late, calls } = JSON.parse(fs.readFileSync(0, "utf8"));
const now = Date.now;
Date.now = () => now() - (late || 0) * 1000;

async function main() {
    const client = new NotifyClient(url, key);
    const answers = [];
    for (const [method, ...rest] of calls) {
        const answer = await client[method](...rest).catch((error) => {
            if (!error.response) throw error;
            return error.response;
        });
        answers.push({ status: answer.status, data: answer.data });
    }
    console.log(JSON.stringify(answers));
}

main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
