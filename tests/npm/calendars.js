/**
 * calendars.js - reads calendars as two libraries do: ical.js and node-ical.
 *
 * Reads a list of texts and prints for each {"ical.js": […], "node-ical": […]}, a list of
 * [method, uid, sequence, status, start, summary] for its entries.
 */
"use strict";

const fs = require("node:fs");
const ical = require("ical.js");
const nodeIcal = require("node-ical");

function byIcalJs(text) {
    const calendar = new ical.Component(ical.parse(text));
    const method = calendar.getFirstPropertyValue("method");
    return calendar.getAllSubcomponents("vevent").map((component) => {
        const entry = new ical.Event(component);
        return [method, entry.uid, entry.sequence, component.getFirstPropertyValue("status"),
            entry.startDate.toJSDate().toISOString(), entry.summary];
    });
}

function byNodeIcal(text) {
    const found = nodeIcal.sync.parseICS(text);
    return Object.values(found).filter((entry) => entry.type === "VEVENT").map((entry) => [
        entry.method || (found.vcalendar && found.vcalendar.method), entry.uid,
        Number(entry.sequence), entry.status, entry.start.toISOString(), entry.summary]);
}

console.log(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map((text) => ({
    "ical.js": byIcalJs(text), "node-ical": byNodeIcal(text) }))));
