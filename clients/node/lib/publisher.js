/** publisher.js - a window of events, sent again until the daemon has answered for each. */
"use strict";

const { randomUUID } = require("node:crypto");
const { EventEmitter } = require("node:events");
const { Connection, TROUBLES } = require("./connection.js");
const { check, plain } = require("./event.js");
const { readKey } = require("./keys.js");
const { Outbox } = require("./outbox.js");

/** @typedef {import("./outbox.js").Answer} Answer */

const WINDOW = 64; // events unanswered at once
const RESEND = [5000, 10000, 20000, 40000, 60000]; // ms; the last one for ever
const ALARM_AFTER = 300000; // ms without an acknowledgement
const ALARM_FIRST = 10000; // ms to connect in, before events of an earlier life are alarmed of
const REOPEN_AFTER = 100; // ms after a lost connection; then ZeroMQ's own, ever longer waits
const LAST_WAIT = 5000; // ms for the answers to LAST; then we send all the same
const PAUSE_MOST = 60000; // ms of what a BUSY asks
const SLEEP_MOST = 60000;
const SOURCES_MOST = 64; // that LAST asks about

/** A published event: on this machine's disk, and soon on the daemon's. */
class Receipt {
    #publisher;
    #kept;

    constructor(publisher, kept) {
        this.#publisher = publisher;
        this.#kept = kept;
        this.source = kept.source;
        this.id = kept.id;
        this.subject = kept.subject;
    }

    /** What became of it; null while the daemon has not answered. @returns {Answer | null} */
    get answer() {
        return this.#kept.answer;
    }

    /**
     * Waits for the answer.  Null after `ms`, or when the publisher was closed: it is sent again
     * all the same.
     * @param {number} [ms] @returns {Promise<Answer | null>}
     */
    async wait(ms) {
        await this.#publisher._until(() => this.#kept.answer, ms);
        return this.#kept.answer;
    }
}

/**
 * Sends the events of one outbox to one daemon.  It emits
 *
 *   "acknowledged" (receipt, answer)   it is on the daemon's disk
 *   "refused" (receipt, answer)        the daemon will never take it; it stands in refused()
 *   "alarm" (text, pending)            tell your operator: nothing was acknowledged for `alarmAfter`
 *                                      ms, the key may not publish any more, or daemon or outbox
 *                                      were put back from a copy
 *
 * Refusals and alarms that nobody listens for go to console.error.
 */
class Publisher extends EventEmitter {
    #settings;
    #keys;
    #outbox;
    #connection = null;
    #underWay = new Map(); // by correlation
    #asked = new Set(); // LASTs without an answer
    #window;
    #up = false;
    #trouble = "no connection yet";
    #heard = -Infinity; // when something was acknowledged
    #alarmed;
    #askedUntil = 0;
    #pauseUntil = 0;
    #reopenAt = 0;
    #reopens = 0;
    #keeping = Promise.resolve();
    #turning = null;
    #again = false;
    #timer = null;
    #waiters = new Set();
    #closing = null;

    /**
     * @param {object} settings
     * @param {string} settings.endpoint tcp://host:port
     * @param {string} settings.serverKey the daemon's public key: its file, or the 40 letters
     * @param {string} settings.key our own: the file with the secret (`concernctl keys make`)
     * @param {string} settings.outbox a folder on a local disk, ours alone
     * @param {string} [settings.source] of events that do not say theirs: urn:northtown:las
     * @param {string} [settings.board] the same
     * @param {string} [settings.client] who we say we are
     * @param {number} [settings.window] at most 64
     * @param {number[]} [settings.resend] ms between sends; the last one for ever
     * @param {number} [settings.alarmAfter] ms
     * @param {number} [settings.mostPending] events that the outbox may hold, the refused ones too
     */
    constructor(settings) {
        super();
        this.#settings = { client: "concern-node", window: WINDOW, resend: RESEND,
            alarmAfter: ALARM_AFTER, mostPending: 10000, ...settings };
        this.#window = Math.max(1, Math.min(this.#settings.window, WINDOW));
        this.#alarmed = performance.now() - this.#settings.alarmAfter +
            Math.min(ALARM_FIRST, this.#settings.alarmAfter);
        const pair = readKey(settings.key);
        if (!pair.secretKey)
            throw new Error(`${settings.key}: holds no secret key (the file that ends in _secret does)`);
        this.#keys = [readKey(settings.serverKey).publicKey, pair];
        this.#outbox = new Outbox(settings.outbox, this.#settings.mostPending);
        try {
            this.#connect();
        } catch (error) {
            this.#outbox.close();
            throw new Error(`${settings.endpoint}: no endpoint (tcp://host:port): ${error.message}`);
        }
        this.#ring();
    }

    /** Stops sending.  What is not acknowledged stays in the outbox and is sent next time. */
    close() {
        this.#closing ??= this.#close();
        return this.#closing;
    }

    async #close() {
        clearTimeout(this.#timer);
        await this.#keeping;
        this.#connection?.close();
        this.#connection = null;
        await this.#turning;
        clearTimeout(this.#timer);
        this.#outbox.close();
        for (const look of this.#waiters) look();
    }

    // --- saying

    /**
     * Takes one CloudEvent; it is on disk when this resolves.
     *
     * `id`, `time`, `source`, `board`, `specversion` and `datacontenttype` are filled in where they
     * are missing, `sequence` and `seqepoch` are counted unless given.  An event that was published
     * before, under the same id, is not published twice: a program that does not know whether it
     * did may do it again.  One that was refused is sent anew, as it now stands, in its old place.
     *
     * Rejects with NotAnEvent, OutboxFull or an error of the file system: it was not taken.
     * @param {object} event @returns {Promise<Receipt>}
     */
    publish(event) {
        const kept = this.#keeping.then(() => this.#keep(plain(event)));
        this.#keeping = kept.then(() => {}, () => {}); // one at a time, in their order
        return kept.then((one) => new Receipt(this, one));
    }

    async #keep(given) {
        if (this.#closing) throw new Error("this publisher is closed");
        const whole = plain({ specversion: "1.0", id: randomUUID(), source: this.#settings.source,
            board: this.#settings.board, time: new Date().toISOString(),
            datacontenttype: "application/json", ...given });
        check(whole);
        let kept = this.#outbox.find(whole, Object.keys(whole).filter((name) => !(name in given)));
        if (!kept) {
            kept = await this.#outbox.keep(whole);
            this.#ring();
        } else if (this.#outbox.acknowledged.has(kept.name)) {
            kept.answer ??= { acknowledged: true, code: "", reason: "", body: {} };
        }
        return kept;
    }

    /**
     * A disagreement begins.  A party is an agency's id, or {agency, people}.  `data` may have
     * procedure, facts, case, category, stage, link, board.
     * @param {string} reference
     * @param {object} about
     * @param {string | object} about.challenging
     * @param {string | object | (string | object)[]} about.challenged
     * @param {string | object} [about.by] @param {string} [about.id] @param {string} [about.time]
     * @returns {Promise<Receipt>}
     */
    raiseDisagreement(reference, { challenging, challenged, ...about }) {
        return this.event("disagreement.raised", reference, { ...about, challenging: party(challenging),
            challenged: [challenged].flat().map(party) });
    }

    /**
     * Anything else: event("risk.changed", "D-2026-0192", { risk: "significant" }).
     *
     * `type` is written without "concernd."; `by` is the agency that did it, or {board}; the rest is
     * what concern-protocol(7) lists for the type.
     * @param {string} type @param {string} reference
     * @param {{by?: string | object, id?: string, time?: string, [member: string]: any}} [about]
     * @returns {Promise<Receipt>}
     */
    event(type, reference, { id, time, by, ...data } = {}) {
        if (by !== undefined && by !== null) data.by = party(by);
        return this.publish({ type: `concernd.${type}`, subject: reference, id, time, data });
    }

    // --- asking

    /** How many events are not answered yet. */
    get pending() {
        return this.#outbox.pending.size;
    }

    /** Why nothing gets through now, in words for people; null while it does. */
    get trouble() {
        return this.#trouble || null;
    }

    /**
     * The events that the daemon refused, oldest first: correct and publish them again.
     * @returns {{event: Record<string, any>, answer: Answer}[]}
     */
    refused() {
        return [...this.#outbox.refused.values()].sort((a, b) => a.number - b.number)
            .map((kept) => ({ event: this.#outbox.event("refused", kept), answer: this.#outbox.why(kept) }));
    }

    /** Waits until every event was answered; false after `ms`. @param {number} [ms] */
    async wait(ms) {
        await this._until(() => this.pending === 0, ms);
        return this.pending === 0;
    }

    /** @private */
    _until(condition, ms) {
        return new Promise((resolve) => {
            let timer = null;
            const look = () => {
                if (!condition() && !this.#closing) return;
                clearTimeout(timer);
                this.#waiters.delete(look);
                resolve();
            };
            this.#waiters.add(look);
            if (ms !== undefined) {
                timer = setTimeout(() => {
                    this.#waiters.delete(look);
                    resolve();
                }, ms);
            }
            look();
        });
    }

    // --- the turns: one at a time, and one more when something came meanwhile

    #ring() {
        this.#again = true;
        this.#turning ??= this.#turns().finally(() => (this.#turning = null));
    }

    async #turns() {
        while (this.#again && !this.#closing) {
            this.#again = false;
            clearTimeout(this.#timer);
            let wait = LAST_WAIT;
            try {
                wait = await this.#turn(performance.now());
            } catch (error) { // a disk that fails: nothing is given up
                this.#trouble = `the outbox cannot be used: ${error.message}`;
                console.error("concern:", this.#trouble);
            }
            if (!this.#closing) this.#timer = setTimeout(() => this.#ring(), wait);
        }
    }

    /** Everything there is to do now; how many ms until there is more. */
    async #turn(now) {
        if (!this.#connection && now >= this.#reopenAt) this.#connect();
        if (now >= this.#askedUntil) this.#asked.clear();
        if (this.#up && this.#asked.size === 0 && now >= this.#pauseUntil) await this.#sendDue();
        this.#watch(performance.now());
        return this.#timeLeft(performance.now());
    }

    #connect() {
        const mine = new Connection(this.#settings.endpoint, ...this.#keys,
            (event) => mine === this.#connection && this.#note(event),
            (...message) => mine === this.#connection && this.#takeGuarded(...message));
        this.#connection = mine;
    }

    #note(event) {
        this.#up = event === "up";
        if (this.#up) {
            this.#trouble = "";
            this.#reopens = 0;
            this.#begin();
        } else if (event === "handshake:error:auth") {
            this.#trouble = TROUBLES[event];
            this.#breakOff(); // ZeroMQ does not try again by itself
        } else if (event === "disconnect" && this.#trouble === "") {
            this.#trouble = TROUBLES[event];
            // What ZeroMQ still holds of it would go out before what was lost.
            this.#breakOff();
            this.#reopenAt = performance.now() + REOPEN_AFTER;
        } else if (event.startsWith("handshake") || ["", "no connection yet"].includes(this.#trouble)) {
            this.#trouble = TROUBLES[event];
        }
        this.#ring();
    }

    #breakOff() {
        this.#connection?.close();
        this.#connection = null;
        this.#up = false;
        const { resend } = this.#settings;
        this.#reopenAt = performance.now() + resend[Math.min(this.#reopens, resend.length - 1)];
        this.#reopens++;
    }

    /**
     * A new connection: what was under way on the one before may be lost.  How far did the daemon
     * hear us?  When it has said, all is due again.
     */
    #begin() {
        const waiting = [...this.#outbox.pending.values()].map((kept) => kept.source);
        const sources = [...new Set([...waiting, ...this.#outbox.marks.keys()])].slice(0, SOURCES_MOST);
        this.#connection.say("HELLO", "hello", { versions: [1], client: this.#settings.client, sources });
        this.#asked = new Set(sources.keys());
        sources.forEach((source, number) => this.#connection.say("LAST", `last.${number}`, { source }));
        this.#askedUntil = performance.now() + LAST_WAIT;
        this.#pauseUntil = 0;
        for (const kept of this.#underWay.values()) kept.next = 0;
    }

    /** In the order of their numbers: a raise goes before what speaks of it. */
    async #sendDue() {
        const { resend } = this.#settings;
        for (const kept of [...this.#outbox.pending.values()]) {
            const now = performance.now(), connection = this.#connection;
            if (!connection || !this.#up || this.#asked.size > 0 || now < this.#pauseUntil) return;
            if (!this.#outbox.pending.has(kept.name) || kept.answer) continue;
            if (!this.#underWay.has(kept.correlation)) {
                if (this.#underWay.size >= this.#window) return;
                this.#underWay.set(kept.correlation, kept);
            }
            if (kept.next > now) continue;
            kept.body ??= this.#outbox.read(kept);
            kept.next = now + resend[Math.min(kept.sends, resend.length - 1)];
            kept.sends++;
            if (!(await connection.say("EVENT", kept.correlation, kept.body))) {
                kept.next = now + 100; // the socket is full
                return;
            }
        }
    }

    #timeLeft(now) {
        const ends = [now + SLEEP_MOST];
        if (this.pending > 0) ends.push(this.#alarmAt());
        if (!this.#connection) {
            ends.push(this.#reopenAt);
        } else if (this.#up) {
            const start = Math.max(this.#pauseUntil, this.#asked.size > 0 ? this.#askedUntil : 0);
            for (const kept of this.#underWay.values()) ends.push(Math.max(start, kept.next));
            if (start > now) ends.push(start);
        }
        return Math.max(0, Math.ceil(Math.min(...ends) - now));
    }

    // --- the alarm

    #oldest() {
        return this.#outbox.pending.values().next().value;
    }

    #alarmAt() {
        return Math.max(this.#heard, this.#oldest().since, this.#alarmed) + this.#settings.alarmAfter;
    }

    #watch(now) {
        if (this.pending === 0 || now < this.#alarmAt()) return;
        const silent = Math.round((now - Math.max(this.#heard, this.#oldest().since)) / 1000);
        this.#alarmed = now;
        this.#alarm(`nothing was acknowledged for ${silent} s: ` +
            (this.#trouble || "the daemon is reached, and does not acknowledge"));
    }

    #alarm(text) {
        if (!this.#tell("alarm", text, this.pending))
            console.error(`concern: ${text}; ${this.pending} events wait in ${this.#settings.outbox}`);
    }

    /** A listener that fails must not stop the sending. */
    #tell(name, ...words) {
        try {
            return this.emit(name, ...words);
        } catch (error) {
            console.error("concern: a listener failed:", error);
            return true;
        }
    }

    // --- answers

    /** A disk that fails must not end the receiving; what was not kept comes again. */
    #takeGuarded(...message) {
        try {
            this.#take(...message);
        } catch (error) {
            console.error(`concern: the outbox cannot be used: ${error.message}`);
        }
    }

    #take(command, correlation, body) {
        const kept = this.#underWay.get(correlation);
        const last = correlation.startsWith("last.") ? Number(correlation.slice(5)) : -1;
        if (correlation === "hello") {
            this.#takeWelcome(command, body);
        } else if (this.#asked.delete(last)) {
            if (command === "ACK") this.#takeLast(body);
        } else if (kept && !kept.answer && (body.source ?? kept.source) === kept.source &&
                   (body.id ?? kept.id) === kept.id) {
            if (command === "ACK" && body.committed !== false) {
                this.#acknowledge(kept, body);
            } else if (command === "NACK") {
                this.#takeNack(kept, body);
            } else if (command === "BUSY") {
                takePause(kept, body);
                this.#pauseUntil = Math.max(this.#pauseUntil, kept.next);
            }
        }
        this.#ring();
    }

    #takeWelcome(command, body) {
        if (command === "WELCOME" && Number.isInteger(body.window) && body.window > 0)
            this.#window = Math.min(body.window, this.#settings.window, WINDOW);
        else if (command === "NACK" && body.code === "426.1")
            this.#stop("the daemon does not speak this version of the wire");
    }

    /** A daemon or an outbox that was put back from a copy is seen by where they stand. */
    #takeLast({ source, seqepoch, sequence }) {
        const ours = this.#outbox.marks.get(source);
        if (!ours || !/^[0-9]{20}$/.test(sequence) || seqepoch !== ours.epoch) return;
        if (BigInt(sequence) > ours.last) {
            this.#outbox.newEpoch(source);
            this.#alarm(`the daemon heard ${source} further than this outbox has counted: it was put ` +
                "back from a copy, and counts anew");
            return;
        }
        const again = this.#outbox.unacknowledge(source, seqepoch, BigInt(sequence));
        if (again > 0)
            this.#alarm(`the daemon has forgotten ${again} acknowledged events of ${source}: they are ` +
                "sent again");
    }

    #takeNack(kept, body) {
        const code = String(body.code ?? "");
        if (code === "401.1") this.#stop("the daemon does not take events of this key any more");
        else if (/^(429|503)\./.test(code) || (code === "404.1" && this.#waits(kept))) takePause(kept, body);
        else this.#refuse(kept, { acknowledged: false, code, reason: String(body.reason ?? ""), body });
    }

    /** Nothing was wrong with the event: all stay, and somebody must look. */
    #stop(trouble) {
        this.#trouble = trouble;
        this.#alarm(trouble);
        this.#reopens = this.#settings.resend.length;
        this.#breakOff();
    }

    /** Whether an earlier event of the same disagreement, maybe its raise, is under way. */
    #waits(kept) {
        return [...this.#underWay.values()].some((other) => other.subject === kept.subject &&
            other.number < kept.number);
    }

    #acknowledge(kept, body) {
        this.#outbox.acknowledge(kept);
        this.#heard = performance.now();
        this.#finish(kept, { acknowledged: true, code: "", reason: "", body });
    }

    /** After what is being kept: only one at a time may change the folders' files. */
    #refuse(kept, answer) {
        kept.answer = answer;
        this.#keeping = this.#keeping.then(() => this.#outbox.refuse(kept, answer)).then(() => {
            if (this.listenerCount("refused") === 0)
                console.error(`concern: refused ${kept.id} of ${kept.source}: ${answer.code} ${answer.reason}`);
            this.#finish(kept, answer);
        }, (error) => { // it is still pending, and is sent and refused again
            kept.answer = null;
            console.error(`concern: the outbox cannot be used: ${error.message}`);
        }).then(() => this.#ring());
    }

    #finish(kept, answer) {
        this.#underWay.delete(kept.correlation);
        kept.answer = answer;
        kept.body = null;
        for (const look of [...this.#waiters]) look();
        this.#tell(answer.acknowledged ? "acknowledged" : "refused", new Receipt(this, kept), answer);
    }
}

/** A pause that the daemon asks for goes before our own; without one ours stands. */
function takePause(kept, { retry_after_ms: pause }) {
    if (Number.isInteger(pause) && pause >= 0)
        kept.next = performance.now() + Math.min(pause, PAUSE_MOST);
}

const party = (one) => (typeof one === "string" ? { agency: one } : one);

module.exports = { Publisher, Receipt };
