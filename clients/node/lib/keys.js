/** keys.js - CURVE keys in files, as CZMQ writes them and `concernctl keys make` makes them. */
"use strict";

const fs = require("node:fs");

const Z85 = /^[0-9A-Za-z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/;
const FILE_MOST = 16384;

/**
 * The public key and, if the file has it, the secret one, of a file of `concernctl keys make`.
 * Forty letters of Z85 may stand in place of a path.  A file whose secret others can read is
 * refused: the secret is none.
 * @param {string} path
 * @returns {{publicKey: string, secretKey?: string}}
 */
function readKey(path) {
    if (Z85.test(path) && !fs.existsSync(path)) return { publicKey: path };
    const handle = fs.openSync(path, "r");
    let mode, text;
    try {
        mode = fs.fstatSync(handle).mode;
        const bytes = Buffer.alloc(FILE_MOST);
        text = bytes.toString("utf8", 0, fs.readSync(handle, bytes, 0, FILE_MOST, 0));
    } finally {
        fs.closeSync(handle);
    }
    const found = {};
    for (const [, name, value] of text.matchAll(/^[ \t]*((?:public|secret)-key)[ \t]*=[ \t]*"([^"\n]{40})"/gm))
        found[name] = value;
    if (!found["public-key"])
        throw new Error(`${path}: no public-key of 40 letters (a file of 'concernctl keys make')`);
    if (found["secret-key"] && mode & 0o027)
        throw new Error(`${path}: others can read or write this secret (chmod 600)`);
    return { publicKey: found["public-key"], secretKey: found["secret-key"] };
}

module.exports = { readKey };
