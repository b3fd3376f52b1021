/* record.c - appends to the chain, verifies it, walks it, and takes away what it says. */
#include "io/record.h"

#include "io/journal.h"
#include "io/store_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <jansson.h>

/* A line as it lies in its two tables; the texts of `said` and the salt are borrowed. */
struct stored_line {
    struct record_line said;
    const void *digest, *hash, *salt;
    size_t digest_size, hash_size, salt_size;
    bool zeros; /* a text holds a zero, behind which something could hide */
};

static int digest_of(struct store *store, const void *salt, const char *board,
                     const char *reference, const char *payload,
                     unsigned char digest[RECORD_DIGEST_SIZE]);
static int hash_of(struct store *store, const unsigned char before[RECORD_DIGEST_SIZE],
                   uint64_t number, struct instant at, const char *type,
                   const unsigned char digest[RECORD_DIGEST_SIZE],
                   unsigned char hash[RECORD_DIGEST_SIZE]);

int record_append(struct store *store, struct instant at, const char *type, const char *board,
                  const char *reference, const char *payload, uint64_t *number)
{
    unsigned char salt[RECORD_SALT_SIZE], digest[RECORD_DIGEST_SIZE];
    struct chain_end end = { .number = store->line.number + 1 };
    struct statement line, said;
    int answer;

    if (strlen(type) > RECORD_TYPE_MAX || (*board == '\0') != (*reference == '\0'))
        return journal_fail(-EINVAL, "a record line of a type too long, or of half a reference");
    if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt)
        return store_fail_turn(store, journal_fail(-errno, "no random numbers: %m"));
    if ((answer = digest_of(store, salt, board, reference, payload, digest)) != 0 ||
        (answer = hash_of(store, store->line.hash, end.number, at, type, digest, end.hash)) != 0)
        return store_fail_turn(store, answer);

    line = statement_of(store, SQL_LINE_PUT);
    put_number(&line, (int64_t)end.number);
    put_number(&line, at.us);
    put_text(&line, type);
    put_blob(&line, digest, sizeof digest);
    put_blob(&line, end.hash, sizeof end.hash);
    if ((answer = statement_run(&line)) != STORE_OK)
        return answer;

    said = statement_of(store, SQL_PAYLOAD_PUT);
    put_number(&said, (int64_t)end.number);
    put_blob(&said, salt, sizeof salt);
    put_text(&said, board);
    put_text(&said, reference);
    put_text(&said, payload);
    if ((answer = statement_run(&said)) != STORE_OK)
        return answer;

    store->line = end;
    if (number)
        *number = end.number;
    return STORE_OK;
}

void record_head(const struct store *store, uint64_t *number, char hash[STORE_HASH_SIZE])
{
    *number = store->line.number;
    hex_write(store->line.hash, sizeof store->line.hash, hash);
    hash[STORE_HASH_SIZE - 1] = '\0';
}

int record_resume(struct store *store)
{
    struct statement last = statement_of(store, SQL_LAST_LINE);
    struct chain_end end = { 0 };
    const void *hash = NULL;
    size_t size = 0;
    bool row;
    int answer;

    if ((answer = statement_fetch(&last, &row)) != STORE_OK)
        return answer;
    if (row) {
        end.number = (uint64_t)take_number(&last);
        hash = take_blob(&last, &size);
    }
    if (hash && size == sizeof end.hash)
        memcpy(end.hash, hash, size);
    store->line = store->committed = end;
    return statement_end(&last);
}

/* ---- hashing ------------------------------------------------------------------------------ */

static void add_number(EVP_MD_CTX *digest, uint64_t number)
{
    unsigned char bytes[8];

    for (int i = 7; i >= 0; i--, number >>= 8)
        bytes[i] = (unsigned char)number;
    EVP_DigestUpdate(digest, bytes, sizeof bytes);
}

static int finish(EVP_MD_CTX *digest, unsigned char out[RECORD_DIGEST_SIZE])
{
    unsigned size;

    if (EVP_DigestFinal_ex(digest, out, &size) && size == RECORD_DIGEST_SIZE)
        return 0;
    return journal_fail(-EIO, "SHA-256 failed");
}

static int digest_of(struct store *store, const void *salt, const char *board,
                     const char *reference, const char *payload,
                     unsigned char digest[RECORD_DIGEST_SIZE])
{
    if (!EVP_DigestInit_ex2(store->digest, store->sha256, NULL))
        return journal_fail(-EIO, "SHA-256 failed");
    EVP_DigestUpdate(store->digest, salt, RECORD_SALT_SIZE);
    EVP_DigestUpdate(store->digest, board, strlen(board) + 1);
    EVP_DigestUpdate(store->digest, reference, strlen(reference) + 1);
    EVP_DigestUpdate(store->digest, payload, strlen(payload));
    return finish(store->digest, digest);
}

static int hash_of(struct store *store, const unsigned char before[RECORD_DIGEST_SIZE],
                   uint64_t number, struct instant at, const char *type,
                   const unsigned char digest[RECORD_DIGEST_SIZE],
                   unsigned char hash[RECORD_DIGEST_SIZE])
{
    if (!EVP_DigestInit_ex2(store->digest, store->sha256, NULL))
        return journal_fail(-EIO, "SHA-256 failed");
    EVP_DigestUpdate(store->digest, before, RECORD_DIGEST_SIZE);
    add_number(store->digest, number);
    add_number(store->digest, (uint64_t)at.us);
    EVP_DigestUpdate(store->digest, type, strlen(type));
    EVP_DigestUpdate(store->digest, digest, RECORD_DIGEST_SIZE);
    return finish(store->digest, hash);
}

/* ---- walking ------------------------------------------------------------------------------ */

static const char *take_whole(struct statement *lines, bool *zeros)
{
    const char *text = take_text(lines);

    *zeros |= strlen(text) != (size_t)sqlite3_column_bytes(lines->at, lines->place);
    return text;
}

/* The columns of LINE_COLUMNS. */
static struct stored_line take_line(struct statement *lines)
{
    struct stored_line line = { 0 };

    line.said.number = (uint64_t)take_number(lines);
    line.said.at = take_instant(lines);
    line.said.type = take_whole(lines, &line.zeros);
    line.said.board = take_whole(lines, &line.zeros);
    line.said.reference = take_whole(lines, &line.zeros);
    line.said.payload = take_whole(lines, &line.zeros);
    line.said.erased_by = (uint64_t)take_number(lines);
    line.digest = take_blob(lines, &line.digest_size);
    line.hash = take_blob(lines, &line.hash_size);
    line.salt = take_blob(lines, &line.salt_size);
    if (!line.salt)
        line.said.payload = NULL;
    return line;
}

static int walk(struct statement *lines, bool (*say)(void *, const struct record_line *),
                void *context)
{
    struct stored_line line;
    bool row, on = true;
    int answer;

    while (on) {
        if ((answer = statement_fetch(lines, &row)) != STORE_OK)
            return answer;
        if (!row)
            break;
        line = take_line(lines);
        on = say(context, &line.said);
    }
    return statement_end(lines);
}

int record_list(struct store *store, uint64_t from, size_t most,
                bool (*say)(void *, const struct record_line *), void *context)
{
    struct statement lines = statement_of(store, SQL_LINES);

    put_number(&lines, (int64_t)from);
    put_number(&lines, most == 0 ? -1 : (int64_t)most);
    return walk(&lines, say, context);
}

int record_history(struct store *store, const char *board, const char *reference,
                   bool (*say)(void *, const struct record_line *), void *context)
{
    struct statement lines = statement_of(store, SQL_HISTORY);

    put_text(&lines, board);
    put_text(&lines, reference);
    return walk(&lines, say, context);
}

int record_history_naming(struct store *store, const char *board, const char *reference,
                          const char *word, bool (*say)(void *, const struct record_line *),
                          void *context)
{
    struct statement lines = statement_of(store, SQL_HISTORY_NAMING);

    put_text(&lines, board);
    put_text(&lines, reference);
    put_text(&lines, word);
    return walk(&lines, say, context);
}

/* ---- verifying ---------------------------------------------------------------------------- */

static int find_hash_before(struct store *store, uint64_t number, unsigned char *hash)
{
    struct statement before = statement_of(store, SQL_LINE_HASH);
    const void *bytes = NULL;
    size_t size = 0;
    bool row;
    int answer;

    memset(hash, 0, RECORD_DIGEST_SIZE);
    put_number(&before, (int64_t)number - 1);
    if ((answer = statement_fetch(&before, &row)) != STORE_OK)
        return answer;
    if (row)
        bytes = take_blob(&before, &size);
    if (bytes && size == RECORD_DIGEST_SIZE)
        memcpy(hash, bytes, size);
    return statement_end(&before);
}

/* What is wrong with the texts behind a line; NULL: nothing.  Negative through `*error`. */
static const char *fault_of_payload(struct store *store, const struct stored_line *line, int *error)
{
    unsigned char digest[RECORD_DIGEST_SIZE];

    if (!line->salt)
        return line->said.erased_by ? NULL : "what it said is missing";
    if (line->said.erased_by)
        return "it is marked as erased, and is not";
    if (line->salt_size != RECORD_SALT_SIZE)
        return "its salt has another size";
    *error = digest_of(store, line->salt, line->said.board, line->said.reference,
                       line->said.payload, digest);
    return memcmp(digest, line->digest, sizeof digest) == 0 ? NULL : "what it says was altered";
}

/* What is wrong with a line that should be number `number` after hash `before`. */
static const char *fault_of(struct store *store, const struct stored_line *line, uint64_t number,
                            const unsigned char before[RECORD_DIGEST_SIZE], int *error)
{
    unsigned char hash[RECORD_DIGEST_SIZE];

    if (line->said.number != number)
        return "it is missing";
    if (line->zeros)
        return "a text of it holds a zero";
    if (!line->digest || line->digest_size != RECORD_DIGEST_SIZE || !line->hash ||
        line->hash_size != RECORD_DIGEST_SIZE)
        return "its hashes have another size";
    *error = hash_of(store, before, number, line->said.at, line->said.type, line->digest, hash);
    if (memcmp(hash, line->hash, sizeof hash) != 0)
        return "it was altered, or the one before it";
    return fault_of_payload(store, line, error);
}

/* How many lines a line of type "erased" says it erased. */
static int64_t lines_said(const char *payload)
{
    CLEANUP(json_decrefp) json_t *said = payload ? json_loads(payload, 0, NULL) : NULL;

    return json_integer_value(json_object_get(said, "lines"));
}

/* An erasure is only one where a later line says so, and says so of as many lines as there are:
 * otherwise one honest erasure could cover for others. */
static int judge_erasure(struct store *store, uint64_t number, uint64_t by, bool *said)
{
    struct statement line = statement_of(store, SQL_LINES);
    struct statement count;
    int64_t lines = 0;
    bool row;
    int answer;

    put_number(&line, (int64_t)by);
    put_number(&line, 1);
    if ((answer = statement_fetch(&line, &row)) != STORE_OK)
        return answer;
    if (row) {
        struct stored_line by_line = take_line(&line);

        if (by > number && by_line.said.number == by && strcmp(by_line.said.type, "erased") == 0)
            lines = lines_said(by_line.said.payload);
    }
    if ((answer = statement_end(&line)) != STORE_OK)
        return answer;

    count = statement_of(store, SQL_LINES_ERASED);
    put_number(&count, (int64_t)by);
    if ((answer = statement_fetch(&count, &row)) != STORE_OK)
        return answer;
    *said = row && lines > 0 && take_number(&count) == lines;
    return statement_end(&count);
}

static int find_stray_payload(struct store *store, uint64_t *number)
{
    struct statement stray = statement_of(store, SQL_PAYLOAD_STRAY);
    bool row;
    int answer;

    *number = 0;
    if ((answer = statement_fetch(&stray, &row)) != STORE_OK)
        return answer;
    if (row)
        *number = (uint64_t)take_number(&stray);
    return statement_end(&stray);
}

static int broken(struct record_verdict *verdict, uint64_t number, const char *why)
{
    verdict->broken = number;
    snprintf(verdict->why, sizeof verdict->why, "%s", why);
    return RECORD_BROKEN;
}

int record_verify(struct store *store, uint64_t from, uint64_t to, struct record_verdict *verdict)
{
    unsigned char before[RECORD_DIGEST_SIZE];
    uint64_t next = from > 0 ? from : 1;
    uint64_t last = to > 0 ? to : store->line.number;
    int error = 0, answer;

    *verdict = (struct record_verdict){ 0 };
    if ((answer = find_hash_before(store, next, before)) != STORE_OK)
        return answer;
    for (; next <= last; next++) {
        struct statement lines = statement_of(store, SQL_LINES);
        struct stored_line line;
        const char *why = "it is missing";
        uint64_t by = 0;
        bool row, erased = true;

        put_number(&lines, (int64_t)next);
        put_number(&lines, 1);
        if ((answer = statement_fetch(&lines, &row)) != STORE_OK)
            return answer;
        if (row) {
            line = take_line(&lines);
            why = fault_of(store, &line, next, before, &error);
            by = line.said.erased_by;
            if (!why)
                memcpy(before, line.hash, sizeof before);
        }
        if ((answer = statement_end(&lines)) != STORE_OK || (answer = error) != 0)
            return answer;
        if (!why && by > 0 && (answer = judge_erasure(store, next, by, &erased)) != STORE_OK)
            return answer;
        if (why || !erased)
            return broken(verdict, next,
                          why ? why : "no line says that it, and no more, was erased");
        verdict->lines++;
    }
    if ((answer = find_stray_payload(store, &next)) != STORE_OK)
        return answer;
    return next != 0 ? broken(verdict, next, "a text belongs to no line") : RECORD_WHOLE;
}

/* ---- erasing ------------------------------------------------------------------------------ */

static int run_about(struct store *store, enum store_statement which, const char *board,
                     const char *reference, uint64_t by)
{
    struct statement statement = statement_of(store, which);

    put_text(&statement, board);
    put_text(&statement, reference);
    if (by > 0)
        put_number(&statement, (int64_t)by);
    return statement_run(&statement);
}

int record_erase(struct store *store, struct instant at, const char *board, const char *reference,
                 const char *why, uint64_t *lines)
{
    struct statement count = statement_of(store, SQL_LINES_TO_ERASE);
    CLEANUP(json_decrefp) json_t *said = NULL;
    char *payload;
    uint64_t by;
    bool row;
    int answer;

    put_text(&count, board);
    put_text(&count, reference);
    if ((answer = statement_fetch(&count, &row)) != STORE_OK)
        return answer;
    *lines = row ? (uint64_t)take_number(&count) : 0;
    if ((answer = statement_end(&count)) != STORE_OK)
        return answer;
    if (*lines == 0)
        return STORE_NONE;

    said = json_pack("{s:I,s:s}", "lines", (json_int_t)*lines, "why", why);
    payload = said ? json_dumps(said, JSON_COMPACT) : NULL;
    if (!payload)
        return journal_fail(-ENOMEM, "no memory to record an erasure");
    answer = record_append(store, at, "erased", "", "", payload, &by);
    free(payload);
    if (answer != STORE_OK ||
        (answer = run_about(store, SQL_LINES_ERASE, board, reference, by)) != STORE_OK)
        return answer;
    return run_about(store, SQL_PAYLOADS_ERASE, board, reference, 0);
}
