/**
 * asyncapi.js - reads protocol/asyncapi.yaml as a tool of a third party would.
 *
 * usage: asyncapi.js FILE        prints its operations and messages as JSON; exit 1 on any error
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { Parser, fromFile } = require("@asyncapi/parser");

const ERROR = 0;

/** The schemas name each other by their $id, urn:concernd:…; this finds them. */
function urns(folder) {
    const schemas = new Map(fs.readdirSync(folder).filter((name) => name.endsWith(".json"))
        .map((name) => fs.readFileSync(path.join(folder, name), "utf8"))
        .map((text) => [JSON.parse(text).$id, text]));
    return { schema: "urn", order: 1, canRead: true,
        read: (uri) => schemas.get(uri.toString().split("#")[0]) };
}

async function main(file) {
    const resolvers = [urns(path.join(path.dirname(file), "schema"))];
    const parser = new Parser({ __unstable: { resolver: { resolvers } } });
    const { document, diagnostics } = await fromFile(parser, file).parse();
    for (const { severity, message, path: place } of diagnostics)
        if (severity === ERROR) console.error(`${place.join(".") || file}: ${message}`);
    if (!document) return 1;
    const ids = (list) => list.all().map((one) => one.id()).sort();
    console.log(JSON.stringify({
        channels: ids(document.channels()),
        operations: document.operations().all().map((one) => ({
            id: one.id(), action: one.action(), messages: one.messages().all().length,
            reply: one.reply() ? one.reply().messages().all().map((message) => message.name()) : [],
        })),
        messages: document.components().messages().all().map((one) => ({
            id: one.id(), name: one.name(), payload: one.json().payload.schema.$id,
            examples: one.examples().all().map((example) => example.payload()),
        })),
    }));
    return 0;
}

main(process.argv[2]).then((code) => (process.exitCode = code), (error) => {
    console.error(error.message);
    process.exitCode = 1;
});
