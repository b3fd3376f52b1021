/** event.js - what an event must be before it is worth keeping. */
"use strict";

const BODY_MOST = 65536; // bytes of an event's JSON

/** The daemon would refuse this event as it stands; nothing was kept. */
class NotAnEvent extends Error {
    name = "NotAnEvent";
}

const IDENTITY = /^[A-Za-z0-9._:/-]{1,64}$/;
/** attribute: [pattern, what would be right]; `data` is looked at by itself */
const RULES = {
    specversion: [/^1\.0$/, '"1.0"'],
    id: [IDENTITY, "1 to 64 of A-Z a-z 0-9 . _ : / -"],
    source: [/^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}){1,200}$/,
        "a URI reference of 1 to 200 characters"],
    type: [/^[A-Za-z0-9._:/-]{1,80}$/, "1 to 80 of A-Z a-z 0-9 . _ : / -"],
    subject: [IDENTITY, "the disagreement's reference, 1 to 64 of A-Z a-z 0-9 . _ : / -"],
    time: [new RegExp("^20\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])[Tt]([01]\\d|2[0-3]):[0-5]\\d:" +
        "([0-5]\\d|60)(\\.\\d{1,9})?([Zz]|[+-]([01]\\d|2[0-3]):[0-5]\\d)$"),
    "RFC 3339 with an offset, 2027-01-06T17:00:00Z, of this century"],
    datacontenttype: [/^application\/json(?:[; ].*)?$/i, "application/json"],
};
const SEQUENCE = /^[0-9]{20}$/;
const NEVER = /[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]/u; // surrogates: lone ones

/**
 * The event as plain values, as it will stand in JSON, without members that are null.
 * @param {object} event
 * @returns {Record<string, any>}
 */
function plain(event) {
    if (event === null || typeof event !== "object" || Array.isArray(event))
        throw new NotAnEvent("the event is no object (many go one by one)");
    let found;
    try {
        found = JSON.parse(JSON.stringify(event, (_, value) => {
            if (typeof value === "number" && !Number.isFinite(value))
                throw new TypeError("a number is none that JSON has");
            return value;
        }));
    } catch (error) {
        throw new NotAnEvent(`the event is not JSON: ${error.message}`);
    }
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
}

/**
 * The bytes of a plain event, or NotAnEvent.  What only the daemon can judge, it judges.
 * @param {Record<string, any>} event
 * @returns {Buffer}
 */
function check(event) {
    for (const [name, [pattern, right]] of Object.entries(RULES))
        if (typeof event[name] !== "string" || !pattern.test(event[name]))
            throw new NotAnEvent(`${name} is not as it must be (${right})`);
    if (event.data === null || typeof event.data !== "object" || Array.isArray(event.data))
        throw new NotAnEvent("data is not as it must be (an object, empty if need be)");
    if ((event.sequence === undefined) !== (event.seqepoch === undefined))
        throw new NotAnEvent("sequence and seqepoch come together");
    if (event.sequence !== undefined && !SEQUENCE.test(event.sequence))
        throw new NotAnEvent("sequence is not as it must be (20 digits)");
    checkTexts(event);
    const body = Buffer.from(JSON.stringify(event));
    if (body.length > BODY_MOST)
        throw new NotAnEvent(`the event is longer than ${BODY_MOST} bytes`);
    return body;
}

function checkTexts(value) {
    if (typeof value === "string" && NEVER.test(value))
        throw new NotAnEvent("a text holds a control character (a line feed is one)");
    if (value === null || typeof value !== "object") return;
    for (const [name, member] of Object.entries(value)) {
        checkTexts(name);
        checkTexts(member);
    }
}

module.exports = { BODY_MOST, NotAnEvent, check, plain };
