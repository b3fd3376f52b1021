/* store_private.h - what the files of the store share; nobody else includes it but tests. */
#ifndef CONCERN_IO_STORE_PRIVATE_H
#define CONCERN_IO_STORE_PRIVATE_H

#include "io/record.h"
#include "io/store.h"

#include <openssl/evp.h>
#include <sqlite3.h>

/* The names of our files in the state directory. */
#define STORE_DATABASE "concernd.db"
#define STORE_HEAD "record.head"
#define STORE_RESERVE "reserve"

/** Every statement; their texts are in store_sql.c, in the same order. */
enum store_statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLL_BACK,
    SQL_PART_BEGIN,
    SQL_PART_KEEP,
    SQL_PART_UNDO,
    SQL_LAST_LINE,
    SQL_LINE_HASH,
    SQL_LINE_PUT,
    SQL_PAYLOAD_PUT,
    SQL_LINES,
    SQL_HISTORY,
    SQL_HISTORY_NAMING,
    SQL_LINES_TO_ERASE,
    SQL_LINES_ERASE,
    SQL_PAYLOADS_ERASE,
    SQL_LINES_ERASED,
    SQL_PAYLOAD_STRAY,
    SQL_EVENT_FIND,
    SQL_EVENT_PUT,
    SQL_SOURCE_GET,
    SQL_SOURCE_PUT,
    SQL_SOURCE_REPEAT,
    SQL_SOURCES,
    SQL_RESYNCS,
    SQL_FORMER_GET,
    SQL_FORMER_PUT,
    SQL_GAP_PUT,
    SQL_GAP_OF,
    SQL_GAP_OTHER_EPOCH,
    SQL_GAP_TRIM,
    SQL_GAP_SPLIT,
    SQL_GAP_CLOSE,
    SQL_GAPS_CLOSE,
    SQL_GAPS,
    SQL_GAP_WAKE,
    SQL_MISSING_OPERATOR,
    SQL_MISSING_BOARD,
    SQL_GAP_TOLD_OPERATOR,
    SQL_GAP_TOLD_BOARD,
    SQL_PARKED_PUT,
    SQL_PARKED_FIND,
    SQL_PARKED_FIRST,
    SQL_PARKED_DUE,
    SQL_PARKED_BEFORE,
    SQL_PARKED_WAKE,
    SQL_PARKED_COUNT,
    SQL_PARKED_MOVE,
    SQL_PARKED_DROP,
    SQL_PARKED_ABOUT,
    SQL_GAP_BEFORE,
    SQL_REFUSAL_PUT,
    SQL_REFUSALS,
    SQL_PROCEDURE_PUT,
    SQL_PROCEDURE_GET,
    SQL_DISAGREEMENT_NUMBER,
    SQL_DISAGREEMENT_GET,
    SQL_DISAGREEMENT_PUT,
    SQL_DISAGREEMENT_CHANGE,
    SQL_DISAGREEMENTS_OPEN,
    SQL_DISAGREEMENTS_ALL,
    SQL_DISAGREEMENTS_NAMED,
    SQL_DEADLINES,
    SQL_DEADLINE_PUT,
    SQL_DEADLINE_RETIRE,
    SQL_DEADLINE_GET,
    SQL_DEADLINE_FORGET,
    SQL_NEXT_WAKE,
    SQL_DUE,
    SQL_OUTBOX_PUT,
    SQL_OUTBOX_DUE,
    SQL_OUTBOX_NEXT_TRY,
    SQL_OUTBOX_LANE,
    SQL_OUTBOX_GET,
    SQL_OUTBOX_MOVE,
    SQL_CLAIM,
    SQL_SET_BACK_TRIES,
    SQL_SET_BACK_LOOKS,
    SQL_SET_BACK_ROUTES,
    SQL_SET_BACK_QUEUED,
    SQL_SET_BACK_GAPS,
    SQL_SET_BACK_PARKED,
    SQL_OUTBOX_AGAIN,
    SQL_OUTBOX_QUEUED,
    SQL_OUTBOX_ALL,
    SQL_OUTBOX_ABOUT,
    SQL_ATTEMPT_PUT,
    SQL_ATTEMPTS,
    SQL_ESCALATE_NEXT,
    SQL_ESCALATE_DUE,
    SQL_ESCALATE_PUT,
    SQL_ESCALATE_SOONER,
    SQL_ESCALATE_UNDELIVERED,
    SQL_ESCALATE_SETTLE,
    SQL_OUTBOX_ROUTES,
    SQL_UNDELIVERED_PUT,
    SQL_UNDELIVERED,
    SQL_MESSAGE_PUT,
    SQL_MESSAGE_GET,
    SQL_REDRIVE_UNDELIVERED,
    SQL_REDRIVE,
    SQL_REDRIVE_ESCALATE,
    SQL_REDRIVE_FORGET,
    SQL_WORD_PUT,
    SQL_WORDS_PRUNE,
    SQL_WORDS_NEXT,
    SQL_WORDS,
    SQL_WORDS_TOLD,
    SQL_WORDS_LAST,
    SQL_SUPERSEDE,
    SQL_SUPERSEDE_WAITING,
    SQL_DISSOLVE,
    SQL_DISSOLVE_ROWS,
    SQL_BOUNCE_PUT,
    SQL_BOUNCED_ATTEMPT,
    SQL_BOUNCED,
    SQL_DELAYED,
    SQL_ARRIVED,
    SQL_ESCALATE_REOPEN,
    SQL_SILENCE_PUT,
    SQL_SILENCE_END,
    SQL_SILENCES,
    SQL_SILENCE_ENDED,
    SQL_HELD,
    SQL_HOLD,
    SQL_HOLDABLE,
    SQL_LET_GO,
    SQL_LET_GO_FIRST,
    SQL_REWRITE,
    SQL_GATHERING_PUT,
    SQL_GATHERING_STOP,
    SQL_GATHERING_WAKE,
    SQL_GATHERING_DUE,
    SQL_GATHERED,
    SQL_GATHERING_MOVE,
    SQL_GATHERING_RELEASE,
    SQL_GATHERING_FORGET,
    SQL_GATHERING_IN,
    SQL_GATHERING_END,
    SQL_GATHERING_FIND,
    SQL_CALENDAR_PUT,
    SQL_CALENDAR_OWE,
    SQL_CALENDAR_PASS,
    SQL_CALENDAR,
    SQL_ACKNOWLEDGED_PUT,
    SQL_ACKNOWLEDGED_GET,
    SQL_ACKNOWLEDGED_ABOUT,
    SQL_COUNT_EVENTS,
    SQL_COUNT_OUTBOX,
    SQL_COUNT_OPEN,
    SQL_COUNT_LANES,
    SQL_COUNT_STAGES,
    SQL_META_GET,
    SQL_META_PUT,
    SQL_STATEMENT_COUNT
};

extern const char *const store_sql[SQL_STATEMENT_COUNT];

/** The end of the chain. */
struct chain_end {
    uint64_t number;
    unsigned char hash[RECORD_DIGEST_SIZE];
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_STATEMENT_COUNT];
    int directory; /* locked for as long as it is open; -1: none */
    int head;      /* record.head; -1: none */
    bool trial;
    bool latched;
    bool is_short;
    bool in_turn;
    int failure; /* of this turn: what its commit will answer; 0: none */
    uint64_t reserve_bytes;
    bool told_full; /* this shortage was told to the operator */

    EVP_MD *sha256;
    EVP_MD_CTX *digest;
    struct chain_end line;      /* the latest, this turn's included */
    struct chain_end committed; /* as of the last commit */
    struct store_part {         /* as things stood when the part began */
        bool open;
        struct chain_end line;
        int64_t new_events, new_outbox;
    } part;

    store_lookup *lookup;
    void *lookup_context;

    /* The disagreement whose number was last asked for; a turn asks many times. */
    char number_board[ID_MAX + 1];
    char number_reference[ID_MAX + 1];
    int64_t number; /* 0: none */

    bool counted;                   /* the totals below are known */
    int64_t events, outbox_rows;    /* as of the last commit */
    int64_t new_events, new_outbox; /* of this turn */
    uint64_t log_pages;
};

/* ---- statements: bind in order, run or fetch, take columns in order, end ------------- */

struct statement {
    struct store *store;
    sqlite3_stmt *at;
    int place; /* of the last bound or taken */
    int fault; /* the first SQLite code that binding or taking met */
};

/** A statement ready to be bound. */
struct statement statement_of(struct store *store, enum store_statement which);

void put_text(struct statement *statement, const char *text);
void put_blob(struct statement *statement, const void *bytes, size_t size);
void put_number(struct statement *statement, int64_t number);
void put_instant(struct statement *statement, struct instant at);
void put_null(struct statement *statement);

/** Runs a writing statement, inside a turn.  STORE_OK, STORE_DUPLICATE (a uniqueness), ... */
int statement_run(struct statement *statement);

/** The next row: sets `*row` to whether there is one.  STORE_OK, or what failed. */
int statement_fetch(struct statement *statement, bool *row);

/** Taken columns live until the next fetch or the end; a NULL text is "". */
const char *take_text(struct statement *statement);
const char *take_some(struct statement *statement); /* a NULL one is NULL */
void take_copy(struct statement *statement, char *text, size_t size);
const void *take_blob(struct statement *statement, size_t *size);
int64_t take_number(struct statement *statement);
struct instant take_instant(struct statement *statement);

/** Ends the use of a statement; answers what taking met, or STORE_OK. */
int statement_end(struct statement *statement);

/** Ends it and passes an answer on. */
int statement_answer(struct statement *statement, int answer);

/** What a SQLite code means to us: tells it, marks the turn as failed, latches where it must. */
int store_judge(struct store *store, int code, const char *doing);

/** The columns of OUTBOX_COLUMNS; texts and bytes live until the next fetch (store_outbox.c). */
struct outbox_row store_take_outbox(struct statement *rows);

/** Makes a failure (if it is the first) what the turn's commit answers; answers it. */
int store_fail_turn(struct store *store, int failure);

void store_latch(struct store *store, const char *why);

/* ---- between the files ---------------------------------------------------------------- */

/** What the words of the tables mean; the zero value for any other. */
enum disagreement_state store_state_of(const char *name);
enum running_state store_running_of(const char *name);

/** The number of a disagreement.  STORE_OK, STORE_NONE. */
int store_number_of(struct store *store, const char *board, const char *reference, int64_t *number);

bool hex_read(const char *hex, unsigned char *bytes, size_t size);
void hex_write(const unsigned char *bytes, size_t size, char *hex);

/** Reads the end of the chain from the database into line and committed. */
int record_resume(struct store *store);

/* store_files.c */

/** Opens, checks and locks the directory, and makes sure of the database's file; `path` is
 *  given the file's path without links. */
int store_files_open(struct store *store, const char *directory, char *path, size_t size);

/** Whether the directory holds nothing but what a new store makes in it. */
int store_files_are_alone(struct store *store, bool *alone);

/** The acknowledged end of the chain as record.head has it; STORE_NONE, STORE_DAMAGED. */
int store_head_read(struct store *store, struct chain_end *end);
int store_head_open(struct store *store, bool synchronous);
/** 0, or negative where the file could not be written (told). */
int store_head_write(struct store *store, const struct chain_end *end);

/** Makes the reserve where it is missing; sets is_short where there is no room for it. */
void store_reserve_make(struct store *store);
/** Makes it again once there is twice the room. */
void store_reserve_restore(struct store *store);
void store_reserve_give(struct store *store);

#endif
