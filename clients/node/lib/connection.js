/**
 * connection.js - a DEALER under CURVE, and what became of its connection.
 *
 * ZeroMQ connects, and connects again, by itself and says nothing; the socket's events are what
 * tells a wrong key from a daemon that is not there.
 */
"use strict";

const zmq = require("zeromq");
const { BODY_MOST } = require("./event.js");

const MAGIC = "CON1";
const TROUBLES = {
    disconnect: "the connection was lost",
    "connect:retry": "nobody listens there",
    "handshake:error:auth":
        "the daemon does not admit this client key: it is not in its keyring, or not live",
    "handshake:error:other":
        "the connection is closed during the handshake: the server key is not that daemon's",
    "handshake:error:protocol": "what listens there does not speak this protocol",
};

class Connection {
    #socket;
    #sending = Promise.resolve();

    /**
     * @param {string} endpoint @param {string} serverKey
     * @param {{publicKey: string, secretKey?: string}} pair
     * @param {(event: string) => void} onEvent "up", or a name of TROUBLES
     * @param {(command: string, correlation: string, body: object) => void} onMessage
     */
    constructor(endpoint, serverKey, pair, onEvent, onMessage) {
        this.#socket = new zmq.Dealer({
            linger: 0, sendTimeout: 0, immediate: true, maxMessageSize: BODY_MOST + 512,
            handshakeInterval: 5000, heartbeatInterval: 5000, heartbeatTimeout: 15000,
            reconnectInterval: 1000, reconnectMaxInterval: 5000,
            curveServerKey: serverKey, curvePublicKey: pair.publicKey, curveSecretKey: pair.secretKey,
        });
        const tell = (event) => !this.#socket.closed && onEvent(event);
        this.#socket.events.on("handshake", () => tell("up"));
        for (const event of Object.keys(TROUBLES)) this.#socket.events.on(event, () => tell(event));
        try {
            this.#socket.connect(endpoint);
        } catch (error) {
            this.close();
            throw error;
        }
        this.#receive(onMessage);
    }

    async #receive(onMessage) {
        try {
            for await (const frames of this.#socket) {
                const message = read(frames);
                if (message && !this.#socket.closed) onMessage(...message);
            }
        } catch (error) {
            if (!this.#socket.closed) throw error;
        }
    }

    /**
     * Sends the four frames; false where the socket is full or closed.
     * @param {string} command @param {string} correlation @param {Buffer | object} body
     * @returns {Promise<boolean>}
     */
    say(command, correlation, body) {
        const text = Buffer.isBuffer(body) ? body : JSON.stringify(body);
        const done = this.#sending.then(() => this.#socket.send([MAGIC, command, correlation, text]))
            .then(() => true, () => false);
        this.#sending = done; // one at a time, asks zeromq
        return done;
    }

    close() {
        if (!this.#socket.closed) this.#socket.close();
    }
}

/** [command, correlation, body] of what is of our wire. */
function read(frames) {
    if (frames.length !== 4 || frames[0].toString("latin1") !== MAGIC) return null;
    try {
        const body = JSON.parse(frames[3].toString());
        if (body && typeof body === "object")
            return [frames[1].toString("latin1"), frames[2].toString("latin1"), body];
    } catch {
        // not of our wire
    }
    return null;
}

module.exports = { Connection, TROUBLES };
