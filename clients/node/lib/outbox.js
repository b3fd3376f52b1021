/**
 * outbox.js - events on this machine's disk until the daemon has answered for them.
 *
 * A folder with `pending`, `acknowledged` and `refused`, one file per event; clients/README.md
 * says how it is laid out.  A file is written aside, flushed and renamed: it is there whole or not
 * at all.
 */
"use strict";

const { randomUUID } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { isDeepStrictEqual } = require("node:util");
const { NotAnEvent, check } = require("./event.js");

const KEPT = 1000; // acknowledged events that are remembered
const TAKING_MOST_MS = 60000; // whoever took so long to take the lock has died of it

/** Another program has this outbox open. */
class OutboxInUse extends Error {
    name = "OutboxInUse";
}

/** As many events as this outbox may hold wait in it; nothing was kept. */
class OutboxFull extends Error {
    name = "OutboxFull";
}

/**
 * What became of an event.  `body` is what the daemon said, {} where that is not known here.
 * @typedef {{acknowledged: boolean, code: string, reason: string, body: Record<string, any>}} Answer
 */

/** One event of the outbox. */
class Kept {
    /** @param {number} number @param {Record<string, any>} event @param {number} ageMs */
    constructor(number, event, ageMs = 0) {
        this.number = number;
        this.source = event.source;
        this.id = event.id;
        this.subject = event.subject;
        this.epoch = event.seqepoch;
        this.sequence = event.sequence;
        this.since = performance.now() - ageMs;
        /** @type {Answer | null} */
        this.answer = null;
        this.correlation = `${number}.${randomUUID().slice(0, 8)}`;
        /** @type {Buffer | null} while it is under way */
        this.body = null;
        this.sends = 0;
        this.next = 0;
    }

    get name() {
        return nameOf(this);
    }
}

/** No id or source holds a space. */
const nameOf = ({ source, id }) => `${source} ${id}`;

/** Errors of the file system: the disk fails; what it holds stays as it is. */
class Outbox {
    /** @param {string} folder @param {number} most */
    constructor(folder, most) {
        this.folder = folder;
        this.most = most;
        for (const name of ["pending", "acknowledged", "refused"])
            fs.mkdirSync(path.join(folder, name), { mode: 0o700, recursive: true });
        this.#lock();
        try {
            this.pending = this.#load("pending");
            this.acknowledged = this.#load("acknowledged");
            this.refused = this.#load("refused");
        } catch (error) {
            this.close();
            throw error;
        }
        for (const name of this.pending.keys()) // a crash while one was corrected
            if (this.refused.has(name)) this.#remove("refused", name);
        this.nextNumber = 1;
        /** @type {Map<string, {epoch: string, last: bigint}>} by source */
        this.marks = new Map();
        for (const kept of inOrder(this.acknowledged, this.refused, this.pending)) this.#note(kept);
    }

    /** Whose process is alive has it; Python's publisher keeps to this as well. */
    #lock() {
        const file = path.join(this.folder, "lock"), taking = `${file}.taking`;
        const inUse = () => new OutboxInUse(`${this.folder}: another program has this outbox open`);
        try {
            if (Date.now() - fs.statSync(taking).mtimeMs > TAKING_MOST_MS) fs.rmdirSync(taking);
        } catch {
            // nobody is taking it
        }
        try {
            fs.mkdirSync(taking);
        } catch (error) {
            throw error.code === "EEXIST" ? inUse() : error;
        }
        try {
            const owner = fs.existsSync(file) ? fs.readFileSync(file, "ascii").slice(0, 64) : "";
            if (owner && owner === processOf(owner.split(" ")[0])) throw inUse();
            fs.writeFileSync(file, processOf(String(process.pid)));
        } finally {
            fs.rmdirSync(taking);
        }
    }

    close() {
        fs.truncateSync(path.join(this.folder, "lock"));
    }

    #load(folder) {
        const found = new Map();
        for (const name of fs.readdirSync(path.join(this.folder, folder)).sort()) {
            const file = path.join(this.folder, folder, name);
            if (name.endsWith(".new")) {
                fs.unlinkSync(file); // was never whole
            } else if (/^[0-9]{20}\.json$/.test(name)) {
                const age = Math.max(0, Date.now() - fs.statSync(file).mtimeMs);
                const kept = new Kept(parseInt(name, 10), JSON.parse(fs.readFileSync(file, "utf8")), age);
                found.set(kept.name, kept);
            }
        }
        return found;
    }

    #note(kept) {
        this.nextNumber = Math.max(this.nextNumber, kept.number + 1);
        if (kept.epoch && kept.sequence)
            this.marks.set(kept.source, { epoch: kept.epoch, last: BigInt(kept.sequence) });
    }

    #unnote({ source }, mark) {
        if (mark.last > 0n) this.marks.set(source, mark);
        else this.marks.delete(source);
    }

    path(folder, kept, suffix = "json") {
        return path.join(this.folder, folder, `${String(kept.number).padStart(20, "0")}.${suffix}`);
    }

    /** @returns {Record<string, any>} */
    event(folder, kept) {
        return JSON.parse(fs.readFileSync(this.path(folder, kept), "utf8"));
    }

    /** The bytes of a pending event. @returns {Buffer} */
    read(kept) {
        return fs.readFileSync(this.path("pending", kept));
    }

    async #write(folder, kept, suffix, body) {
        const aside = this.path(folder, kept, "new");
        try {
            const handle = await fs.promises.open(aside, "w", 0o600);
            try {
                await handle.writeFile(body);
                await handle.sync();
            } finally {
                await handle.close();
            }
            await fs.promises.rename(aside, this.path(folder, kept, suffix));
        } catch (error) {
            await fs.promises.rm(aside, { force: true }).catch(() => {});
            throw error;
        }
    }

    async #flush(folder) {
        const handle = await fs.promises.open(path.join(this.folder, folder), "r");
        try {
            await handle.sync();
        } finally {
            await handle.close();
        }
    }

    #remove(folder, name) {
        const kept = this[folder].get(name);
        for (const suffix of ["json", "answer"]) fs.rmSync(this.path(folder, kept, suffix), { force: true });
        this[folder].delete(name);
    }

    newEpoch(source) {
        this.marks.set(source, { epoch: randomUUID(), last: 0n });
    }

    /**
     * The same event, published before; NotAnEvent where its id was used for another.  The members
     * `but` may differ: they were filled in here.
     * @param {Record<string, any>} event @param {string[]} but @returns {Kept | undefined}
     */
    find(event, but) {
        for (const folder of ["pending", "acknowledged"]) {
            const kept = this[folder].get(nameOf(event));
            if (!kept) continue;
            const before = this.event(folder, kept);
            for (const [member, value] of Object.entries(event))
                if (!but.includes(member) && !isDeepStrictEqual(before[member], value))
                    throw new NotAnEvent("its id was used for another event (ids are used once)");
            return kept;
        }
        return undefined;
    }

    /**
     * Numbers the event and writes it; it is on disk when this resolves.  One at a time.
     * @param {Record<string, any>} event @returns {Promise<Kept>}
     */
    async keep(event) {
        const before = this.refused.get(nameOf(event)); // corrected: it takes its place
        if (!before && this.pending.size + this.refused.size >= this.most)
            throw new OutboxFull(`${this.folder}: ${this.most} events wait or were refused`);
        const mark = this.marks.get(event.source) ?? { epoch: randomUUID(), last: 0n };
        const own = before ?? { sequence: String(mark.last + 1n).padStart(20, "0"), epoch: mark.epoch };
        if (event.sequence === undefined)
            event = { ...event, sequence: own.sequence, seqepoch: own.epoch };
        const kept = new Kept(before ? before.number : this.nextNumber, event), body = check(event);
        // Counted before the disk is waited for: meanwhile an answer to LAST may begin a new epoch.
        if (!before) this.#note(kept);
        try {
            await this.#write("pending", kept, "json", body);
        } catch (error) {
            if (!before && this.marks.get(event.source)?.epoch === kept.epoch) this.#unnote(event, mark);
            throw error;
        }
        this.pending.set(kept.name, kept);
        if (before) {
            this.#remove("refused", kept.name);
            this.#sortPending();
        }
        await this.#flush("pending");
        return kept;
    }

    #sortPending() {
        this.pending = new Map(inOrder(this.pending).map((kept) => [kept.name, kept]));
    }

    /** No flush: at worst it is sent again, which the daemon knows by its id. */
    acknowledge(kept) {
        fs.renameSync(this.path("pending", kept), this.path("acknowledged", kept));
        this.pending.delete(kept.name);
        this.acknowledged.set(kept.name, kept);
        if (this.acknowledged.size < KEPT + KEPT / 4) return;
        const newest = new Map(inOrder(this.acknowledged).map((one) => [one.source, one.number]));
        for (const old of [...this.acknowledged.values()].slice(0, -KEPT))
            if (newest.get(old.source) !== old.number) // the newest one of a source is its counter
                this.#remove("acknowledged", old.name);
    }

    /** @param {Kept} kept @param {Answer} answer */
    async refuse(kept, { code, reason }) {
        await this.#write("refused", kept, "answer", JSON.stringify({ code, reason }));
        await fs.promises.rename(this.path("pending", kept), this.path("refused", kept));
        this.pending.delete(kept.name);
        this.refused.set(kept.name, kept);
        await this.#flush("refused");
    }

    /** Why a refused event was. @returns {Answer} */
    why(kept) {
        kept.answer ??= { acknowledged: false, body: {},
            ...JSON.parse(fs.readFileSync(this.path("refused", kept, "answer"), "utf8")) };
        return kept.answer;
    }

    /** Events that a daemon has forgotten wait again; how many. */
    unacknowledge(source, epoch, after) {
        const forgotten = [...this.acknowledged.values()].filter((kept) => kept.source === source &&
            kept.epoch === epoch && BigInt(kept.sequence ?? 0) > after);
        for (const kept of forgotten) {
            fs.renameSync(this.path("acknowledged", kept), this.path("pending", kept));
            Object.assign(kept, { answer: null, since: performance.now(), next: 0 });
            this.acknowledged.delete(kept.name);
            this.pending.set(kept.name, kept);
        }
        this.#sortPending();
        return forgotten.length;
    }
}

/** @param {...Map<string, Kept>} folders @returns {Kept[]} */
function inOrder(...folders) {
    return folders.flatMap((folder) => [...folder.values()]).sort((a, b) => a.number - b.number);
}

/** The id of a process and when it began, as `lock` has it; "" where there is none. */
function processOf(pid) {
    try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
        return `${pid} ${stat.slice(stat.lastIndexOf(")") + 1).trim().split(/\s+/)[19]}`;
    } catch {
        return "";
    }
}

module.exports = { Outbox, OutboxFull, OutboxInUse };
