/**
 * cards.js - reads Adaptive Cards as the programs that show them do.
 *
 * Reads a list of cards and prints for each what is wrong with it (a list of texts) and what it
 * shows: {"faults": […], "texts": […], "types": […], "buttons": [[title, address]…]}.
 */
"use strict";

const fs = require("node:fs");
const adaptive = require("adaptivecards/dist/adaptivecards.js");

function elements(element) {
    const count = element.getItemCount ? element.getItemCount() : 0;
    return [element, ...Array.from({ length: count }, (_, i) => elements(element.getItemAt(i))).flat()];
}

function inlines(element) {
    const count = element.getInlineCount ? element.getInlineCount() : 0;
    return Array.from({ length: count }, (_, i) => element.getInlineAt(i));
}

function read(json) {
    const card = new adaptive.AdaptiveCard();
    const context = new adaptive.SerializationContext();
    card.parse(json, context);
    const events = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i));
    const found = card.validateProperties().validationEvents;
    const all = elements(card);
    const actions = Array.from({ length: card.getActionCount() }, (_, i) => card.getActionAt(i));
    return {
        faults: [...events, ...found].map((event) => event.message),
        types: [...all, ...all.flatMap(inlines), ...actions].map((one) => one.getJsonTypeName()),
        texts: all.map((one) => inlines(one).map((run) => run.text).join("")).filter((text) => text),
        buttons: actions.map((one) => [one.title, one.url]),
        version: card.version.toString(),
    };
}

console.log(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map(read)));
