/**
 * webhooks.js - judges webhooks as their receivers would: by standardwebhooks and svix.
 *
 * Reads {"at": seconds, "secret": "whsec_…", "webhooks": [{"headers": {…}, "body": base64}]} and
 * prints, for each webhook, {"standardwebhooks": …, "svix": …}: what the library reads of it where
 * it is taken, else why it is refused, a text.  `at` is what the receiver's clock says.
 */
"use strict";

const fs = require("node:fs");
const receivers = {
    standardwebhooks: require("standardwebhooks").Webhook,
    svix: require("svix").Webhook,
};

const { at, secret, webhooks } = JSON.parse(fs.readFileSync(0, "utf8"));
Date.now = () => at * 1000;

function judge(Receiver, { headers, body }) {
    try {
        return new Receiver(secret).verify(Buffer.from(body, "base64").toString("utf8"), headers);
    } catch (error) {
        return error.message;
    }
}

console.log(JSON.stringify(webhooks.map((webhook) => Object.fromEntries(
    Object.entries(receivers).map(([name, Receiver]) => [name, judge(Receiver, webhook)])))));
