/* store_sql.c - every statement of the store, in the order of enum store_statement. */
#include "io/store_private.h"

#define DISAGREEMENT_COLUMNS                                                                       \
    "g.number, g.board, g.reference, g.procedure, g.procedure_hash, g.state, g.stage, "            \
    "g.challenging, (SELECT group_concat(value, ' ') FROM json_each(g.json, '$.parties') "         \
    "WHERE key > 0), ifnull(g.json ->> '$.category', ''), g.raised_us, g.closed_us, n.due_us, "    \
    "n.deadline, n.provisional "
#define NEXT_DUE                                                                                   \
    "LEFT JOIN deadline n ON n.disagreement = g.number AND (n.deadline, n.entry) = "               \
    "(SELECT deadline, entry FROM deadline WHERE disagreement = g.number AND state = 'on' "        \
    "AND due_us IS NOT NULL ORDER BY due_us, deadline LIMIT 1) "
#define OUTBOX_COLUMNS                                                                             \
    "o.id, g.board, g.reference, o.key, o.position, o.person, o.role, o.route, o.recipient, "      \
    "o.priority, o.at_us, o.late, o.state, o.attempts, o.first_tried_us, o.next_try_us, o.bytes, " \
    "a.code, a.detail, o.number, o.record, o.queued_us, o.escalate_us, o.undelivered_us, "         \
    "o.delayed_us, o.agency, o.silence, o.handed_us, o.attempts_before "
#define OUTBOX_FROM                                                                                \
    "FROM outbox o LEFT JOIN disagreement g ON g.number = o.disagreement "                         \
    "LEFT JOIN attempt a ON a.outbox = o.number AND a.attempt = o.attempts "
/* When it was tried last, or was put on its way (again) since then. */
#define SINCE                                                                                      \
    "max(ifnull(queued_us, at_us), ifnull((SELECT a.at_us FROM attempt a "                         \
    "WHERE a.outbox = outbox.number AND a.attempt = outbox.attempts), 0)) "
#define PARKED_COLUMNS                                                                             \
    "source, id, seqepoch, sequence, board, reference, record, key, feed, since_us, until_us"
#define LANE "iif(o.route IN ('webhook', 'teams'), o.recipient, o.route) " /* as in the index */
#define GATHERING                                                                                  \
    "SELECT o.number, o.id, g.board, g.reference, o.person, o.role, o.route, o.recipient, "        \
    "o.position, o.at_us, w.until_us, w.act_by_us, w.gist, w.holdings, o.agency, "                 \
    "o.acknowledged_us IS NOT NULL, w.dates, w.entries, g.number, g.state, g.closed_us "           \
    "FROM gathering w "                                                                            \
    "CROSS JOIN outbox o ON o.number = w.outbox "                                                  \
    "LEFT JOIN disagreement g ON g.number = o.disagreement "
/* All deliveries of the notification that one is of. */
#define SAME_NOTIFICATION                                                                          \
    "SELECT o.number FROM outbox f CROSS JOIN outbox o "                                           \
    "ON ifnull(o.disagreement, 0) = ifnull(f.disagreement, 0) AND o.key = f.key WHERE f.id = ?1"

#define LINE_COLUMNS                                                                               \
    "l.number, l.at_us, l.type, p.board, p.reference, p.payload, l.erased_by, l.digest, l.hash, "  \
    "p.salt "

#define SOURCE_COLUMNS                                                                             \
    "seqepoch IS NOT NULL, seqepoch, high, last_heard_us, key, feed, best_effort, duplicates, "    \
    "resync_us "
/* All that is missing of a source of which something is due to be told. */
#define MISSING_COLUMNS                                                                            \
    "g.source, s.key, s.feed, s.best_effort, (SELECT CAST(total(last - first + 1) AS INTEGER) "    \
    "FROM gap WHERE gap.source = g.source AND closed_us IS NULL), (SELECT min(found_us) "          \
    "FROM gap WHERE gap.source = g.source AND closed_us IS NULL) "                                 \
    "FROM gap g LEFT JOIN source s ON s.source = g.source "

const char *const store_sql[SQL_STATEMENT_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLL_BACK] = "ROLLBACK",
    [SQL_PART_BEGIN] = "SAVEPOINT part",
    [SQL_PART_KEEP] = "RELEASE part",
    [SQL_PART_UNDO] = "ROLLBACK TO part",

    [SQL_LAST_LINE] = "SELECT number, hash FROM record_line ORDER BY number DESC LIMIT 1",
    [SQL_LINE_HASH] = "SELECT hash FROM record_line WHERE number = ?1",
    [SQL_LINE_PUT] = "INSERT INTO record_line (number, at_us, type, digest, hash) "
                     "VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_PAYLOAD_PUT] = "INSERT INTO record_payload (number, salt, board, reference, payload) "
                        "VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_LINES] = "SELECT " LINE_COLUMNS
                  "FROM record_line l LEFT JOIN record_payload p ON p.number = l.number "
                  "WHERE l.number >= ?1 ORDER BY l.number LIMIT ?2",
    [SQL_HISTORY] = "SELECT " LINE_COLUMNS
                    "FROM record_payload p CROSS JOIN record_line l ON l.number = p.number "
                    "WHERE p.board = ?1 AND p.reference = ?2 AND p.reference <> '' "
                    "ORDER BY p.number",
    [SQL_HISTORY_NAMING] = "SELECT " LINE_COLUMNS
                           "FROM record_payload p CROSS JOIN record_line l ON l.number = p.number "
                           "WHERE p.board = ?1 AND p.reference = ?2 AND p.reference <> '' "
                           "AND instr(p.payload, ?3) > 0 ORDER BY p.number",
    [SQL_LINES_TO_ERASE] = "SELECT count(*) FROM record_payload "
                           "WHERE board = ?1 AND reference = ?2 AND reference <> ''",
    [SQL_LINES_ERASE] = "UPDATE record_line SET erased_by = ?3 WHERE number IN (SELECT number "
                        "FROM record_payload WHERE board = ?1 AND reference = ?2 "
                        "AND reference <> '')",
    [SQL_PAYLOADS_ERASE] = "DELETE FROM record_payload "
                           "WHERE board = ?1 AND reference = ?2 AND reference <> ''",
    [SQL_LINES_ERASED] = "SELECT count(*) FROM record_line WHERE erased_by = ?1",
    /* Two ranges, each found by its end: as one condition it would read the whole table. */
    [SQL_PAYLOAD_STRAY] = "SELECT min(n) FROM (SELECT min(number) AS n FROM record_payload "
                          "WHERE number < 1 UNION ALL SELECT min(number) FROM record_payload "
                          "WHERE number > (SELECT max(number) FROM record_line))",

    [SQL_EVENT_FIND] = "SELECT record, received_us, sha256, flags FROM event "
                       "WHERE source = ?1 AND id = ?2",
    [SQL_EVENT_PUT] = "INSERT INTO event (source, id, record, received_us, sha256, flags) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_SOURCE_GET] = "SELECT " SOURCE_COLUMNS "FROM source WHERE source = ?1",
    [SQL_SOURCE_PUT] =
        "INSERT INTO source (source, seqepoch, high, last_heard_us, key, feed, best_effort, "
        "duplicates, resync_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
        "ON CONFLICT (source) DO UPDATE SET "
        "seqepoch = excluded.seqepoch, high = excluded.high, "
        "last_heard_us = excluded.last_heard_us, key = excluded.key, feed = excluded.feed, "
        "best_effort = excluded.best_effort, duplicates = excluded.duplicates, "
        "resync_us = excluded.resync_us",
    [SQL_SOURCE_REPEAT] = "UPDATE source SET duplicates = duplicates + 1, last_heard_us = ?2 "
                          "WHERE source = ?1",
    /* total(), for the sum of what a publisher claims may not fit; then it is the greatest. */
    [SQL_SOURCES] = "SELECT source, " SOURCE_COLUMNS ", "
                    "(SELECT CAST(total(last - first + 1) AS INTEGER) FROM gap "
                    "WHERE gap.source = source.source AND closed_us IS NULL), "
                    "(SELECT count(*) FROM gap "
                    "WHERE gap.source = source.source AND closed_us IS NULL), "
                    "(SELECT min(found_us) FROM gap "
                    "WHERE gap.source = source.source AND closed_us IS NULL), "
                    "(SELECT CAST(total(last - first + 1) AS INTEGER) FROM gap "
                    "WHERE gap.source = source.source AND state = 'gone') "
                    "FROM source ORDER BY source",
    [SQL_RESYNCS] = "SELECT source FROM source WHERE resync_us IS NOT NULL ORDER BY source",
    [SQL_FORMER_GET] = "SELECT high FROM former_epoch WHERE source = ?1 AND seqepoch = ?2",
    [SQL_FORMER_PUT] = "INSERT INTO former_epoch (source, seqepoch, high) VALUES (?1, ?2, ?3) "
                       "ON CONFLICT (source, seqepoch) DO UPDATE SET high = excluded.high",
    [SQL_GAP_PUT] = "INSERT INTO gap (source, seqepoch, first, last, found_us, how, operator_us, "
                    "board_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
                    "ON CONFLICT (source, seqepoch, first) WHERE closed_us IS NULL "
                    "DO UPDATE SET last = excluded.last WHERE last < excluded.last",
    [SQL_GAP_OF] = "SELECT number, first, last FROM gap "
                   "WHERE source = ?1 AND seqepoch = ?2 AND first <= ?4 AND closed_us IS NULL "
                   "ORDER BY first DESC LIMIT 1",
    [SQL_GAP_OTHER_EPOCH] = "SELECT seqepoch FROM gap WHERE source = ?1 AND seqepoch <> ?2 "
                            "AND closed_us IS NULL LIMIT 1",
    [SQL_GAP_TRIM] = "UPDATE gap SET first = ?2, last = ?3 WHERE number = ?1",
    [SQL_GAP_SPLIT] = "INSERT INTO gap (source, seqepoch, first, last, found_us, how, "
                      "operator_us, board_us, state, closed_us) SELECT source, seqepoch, ?2, ?3, "
                      "found_us, how, operator_us, board_us, ?4, ?5 FROM gap WHERE number = ?1",
    [SQL_GAP_CLOSE] = "UPDATE gap SET state = ?2, closed_us = ?3 WHERE number = ?1",
    [SQL_GAPS_CLOSE] = "UPDATE gap SET state = 'gone', closed_us = ?3 "
                       "WHERE source = ?1 AND seqepoch = ?2 AND closed_us IS NULL",
    [SQL_GAPS] = "SELECT source, seqepoch, first, last, found_us, closed_us, how, state, "
                 "operator_us, board_us, number FROM gap "
                 "WHERE (?1 IS NULL OR source = ?1) AND (?2 OR closed_us IS NULL) "
                 "ORDER BY source, number",
    /* Two looks, each at the end of an index of its own. */
    [SQL_GAP_WAKE] = "SELECT min(at) FROM (SELECT min(operator_us) AS at FROM gap "
                     "WHERE closed_us IS NULL AND operator_us IS NOT NULL UNION ALL "
                     "SELECT min(board_us) FROM gap "
                     "WHERE closed_us IS NULL AND board_us IS NOT NULL)",
    [SQL_MISSING_OPERATOR] = "SELECT " MISSING_COLUMNS "WHERE g.closed_us IS NULL AND "
                             "g.operator_us IS NOT NULL AND g.operator_us <= ?1 "
                             "GROUP BY g.source LIMIT ?2",
    [SQL_MISSING_BOARD] = "SELECT " MISSING_COLUMNS "WHERE g.closed_us IS NULL AND "
                          "g.board_us IS NOT NULL AND g.board_us <= ?1 "
                          "GROUP BY g.source LIMIT ?2",
    [SQL_GAP_TOLD_OPERATOR] = "UPDATE gap SET operator_us = NULL WHERE source = ?1 "
                              "AND closed_us IS NULL AND operator_us <= ?2",
    [SQL_GAP_TOLD_BOARD] = "UPDATE gap SET board_us = NULL WHERE source = ?1 "
                           "AND closed_us IS NULL AND board_us <= ?2",

    [SQL_PARKED_PUT] = "INSERT INTO parked (" PARKED_COLUMNS
                       ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [SQL_PARKED_FIND] = "SELECT " PARKED_COLUMNS " FROM parked WHERE source = ?1 AND id = ?2",
    [SQL_PARKED_FIRST] = "SELECT " PARKED_COLUMNS " FROM parked "
                         "WHERE source = ?1 AND seqepoch = ?2 ORDER BY sequence, id LIMIT 1",
    [SQL_PARKED_DUE] = "SELECT " PARKED_COLUMNS " FROM parked WHERE until_us <= ?1 "
                       "ORDER BY until_us, source, sequence LIMIT 1",
    [SQL_PARKED_BEFORE] = "SELECT " PARKED_COLUMNS " FROM parked WHERE source = ?1 "
                          "AND seqepoch = ?2 AND sequence < ?3 AND board = ?4 "
                          "AND reference = ?5 ORDER BY sequence DESC LIMIT 1",
    [SQL_PARKED_WAKE] = "SELECT min(until_us) FROM parked",
    [SQL_PARKED_COUNT] = "SELECT count(*) FROM parked WHERE source = ?1",
    [SQL_PARKED_MOVE] = "UPDATE parked SET until_us = ?3 WHERE source = ?1 AND id = ?2",
    [SQL_PARKED_DROP] = "DELETE FROM parked WHERE source = ?1 AND id = ?2",
    [SQL_PARKED_ABOUT] = "SELECT " PARKED_COLUMNS " FROM parked "
                         "WHERE board = ?1 AND reference = ?2 ORDER BY source, sequence",
    [SQL_GAP_BEFORE] = "SELECT max(found_us) FROM gap WHERE source = ?1 AND seqepoch = ?2 "
                       "AND first < ?3 AND closed_us IS NULL",

    [SQL_REFUSAL_PUT] = "INSERT INTO refusal (key, code, count, told, last_us) "
                        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key, code) DO UPDATE SET "
                        "count = excluded.count, told = excluded.told, last_us = excluded.last_us",
    [SQL_REFUSALS] = "SELECT key, code, count, told, last_us FROM refusal WHERE last_us >= ?1 "
                     "ORDER BY last_us DESC LIMIT ?2",

    [SQL_PROCEDURE_PUT] = "INSERT INTO procedure_version (hash, id, version, text) "
                          "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hash) DO NOTHING",
    [SQL_PROCEDURE_GET] = "SELECT text FROM procedure_version WHERE hash = ?1",

    [SQL_DISAGREEMENT_NUMBER] = "SELECT number FROM disagreement "
                                "WHERE board = ?1 AND reference = ?2",
    [SQL_DISAGREEMENT_GET] = "SELECT number, procedure, procedure_hash, raised_us, state, "
                             "closed_us, stage, json FROM disagreement "
                             "WHERE board = ?1 AND reference = ?2",
    [SQL_DISAGREEMENT_PUT] = "INSERT INTO disagreement (board, reference, procedure, "
                             "procedure_hash, challenging, raised_us, state, closed_us, stage, "
                             "json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_DISAGREEMENT_CHANGE] = "UPDATE disagreement SET procedure = ?3, procedure_hash = ?4, "
                                "challenging = ?5, raised_us = ?6, state = ?7, closed_us = ?8, "
                                "stage = ?9, json = ?10 WHERE board = ?1 AND reference = ?2 AND "
                                "(procedure, procedure_hash, challenging, raised_us, state, "
                                "closed_us, stage, json) IS NOT "
                                "(?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_DISAGREEMENTS_OPEN] = "SELECT " DISAGREEMENT_COLUMNS "FROM disagreement g " NEXT_DUE
                               "WHERE g.state = 'open' AND g.number > ?1 "
                               "AND (?2 IS NULL OR g.board = ?2) ORDER BY g.number LIMIT ?3",
    [SQL_DISAGREEMENTS_ALL] = "SELECT " DISAGREEMENT_COLUMNS "FROM disagreement g " NEXT_DUE
                              "WHERE g.number > ?1 AND (?2 IS NULL OR g.board = ?2) "
                              "ORDER BY g.number LIMIT ?3",
    [SQL_DISAGREEMENTS_NAMED] =
        "SELECT " DISAGREEMENT_COLUMNS "FROM disagreement g " NEXT_DUE
        "WHERE g.reference = ?1 AND g.number > ?2 AND (?3 IS NULL OR g.board = ?3) "
        "AND (?4 OR g.state = 'open') ORDER BY g.number LIMIT ?5",
    [SQL_DEADLINES] = "SELECT deadline, entry, state, start_us, due_us, wake_us, provisional, "
                      "calendar, set_by_case_us, extended, acted_until_us, done, "
                      "changes FROM deadline "
                      "WHERE disagreement = ?1 ORDER BY deadline, entry",
    [SQL_DEADLINE_PUT] =
        "INSERT INTO deadline (disagreement, deadline, entry, state, start_us, "
        "due_us, provisional, set_by_case_us, extended, acted_until_us, wake_us, "
        "done, changes, calendar) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
        "?10, ?11, ?12, ?13, ?14) ON CONFLICT (disagreement, deadline, entry) DO UPDATE SET "
        "state = excluded.state, start_us = excluded.start_us, "
        "due_us = excluded.due_us, provisional = excluded.provisional, "
        "set_by_case_us = excluded.set_by_case_us, extended = excluded.extended, "
        "acted_until_us = excluded.acted_until_us, wake_us = excluded.wake_us, "
        "done = excluded.done, changes = excluded.changes, "
        "calendar = excluded.calendar",
    [SQL_DEADLINE_RETIRE] = "UPDATE deadline SET wake_us = NULL, "
                            "state = CASE state WHEN 'on' THEN 'stopped' ELSE state END "
                            "WHERE disagreement = ?1 AND deadline = ?2 AND entry < ?3 "
                            "AND (wake_us IS NOT NULL OR state = 'on')",
    [SQL_DEADLINE_GET] =
        "SELECT state, due_us, acted_until_us, EXISTS (SELECT 1 FROM deadline n WHERE "
        "n.disagreement = ?1 AND n.deadline = ?2 AND n.entry > ?3) FROM deadline "
        "WHERE disagreement = ?1 AND deadline = ?2 AND entry = ?3",
    [SQL_DEADLINE_FORGET] = "DELETE FROM deadline "
                            "WHERE disagreement = ?1 AND deadline = ?2 AND entry > ?3",
    [SQL_NEXT_WAKE] = "SELECT wake_us FROM deadline WHERE wake_us IS NOT NULL "
                      "ORDER BY wake_us LIMIT 1",
    [SQL_DUE] = "SELECT g.board, g.reference, d.wake_us FROM deadline d "
                "CROSS JOIN disagreement g ON g.number = d.disagreement "
                "WHERE d.wake_us IS NOT NULL AND d.wake_us <= ?1 "
                "GROUP BY d.wake_us, d.disagreement ORDER BY d.wake_us, d.disagreement LIMIT ?2",

    [SQL_OUTBOX_PUT] = "INSERT INTO outbox (id, disagreement, key, position, person, role, route, "
                       "recipient, priority, at_us, late, state, attempts, next_try_us, bytes, "
                       "record, queued_us, escalate_us, agency) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'queued', 0, ?12, "
                       "?13, ?14, ?15, ?16, ?17)",
    [SQL_OUTBOX_DUE] = "SELECT " OUTBOX_COLUMNS OUTBOX_FROM "WHERE o.state = 'queued' AND " LANE
                       "= ?1 AND o.priority = ?2 AND o.silence IS NULL "
                       "AND o.next_try_us <= ?3 AND (o.next_try_us, o.number) > (?4, ?5) "
                       "ORDER BY o.next_try_us, o.number",
    [SQL_OUTBOX_NEXT_TRY] = "SELECT o.next_try_us FROM outbox o WHERE o.state = 'queued' "
                            "AND " LANE "= ?1 AND o.priority = ?2 AND o.next_try_us > ?3 "
                            "AND o.silence IS NULL "
                            "ORDER BY o.next_try_us LIMIT 1",
    [SQL_OUTBOX_LANE] = "SELECT " LANE "FROM outbox o WHERE o.state = 'queued' "
                        "AND " LANE "> ?1 ORDER BY " LANE "LIMIT 1",
    [SQL_OUTBOX_GET] = "SELECT " OUTBOX_COLUMNS OUTBOX_FROM "WHERE o.id = ?1",
    [SQL_OUTBOX_MOVE] = "UPDATE outbox SET state = ?2, attempts = max(attempts, ?3), "
                        "first_tried_us = ifnull(first_tried_us, ?4), next_try_us = ?5, "
                        "handed_us = NULL, "
                        "escalate_us = CASE ?2 WHEN 'accepted' THEN NULL ELSE escalate_us END, "
                        "undelivered_us = "
                        "CASE ?2 WHEN 'accepted' THEN NULL ELSE undelivered_us END "
                        "WHERE id = ?1 AND state = 'queued'",
    [SQL_CLAIM] = "UPDATE outbox SET handed_us = ?2 WHERE id = ?1 AND state = 'queued'",
    [SQL_SET_BACK_TRIES] =
        "UPDATE outbox SET next_try_us = ?1 + max(0, next_try_us - " SINCE ") "
        "WHERE state = 'queued' AND silence IS NULL AND next_try_us > ?1 AND " SINCE "> ?1",
    [SQL_SET_BACK_LOOKS] =
        "UPDATE outbox SET escalate_us = ?1 WHERE escalate_us > ?1 AND EXISTS (SELECT 1 "
        "FROM outbox o WHERE ifnull(o.disagreement, 0) = ifnull(outbox.disagreement, 0) "
        "AND o.key = outbox.key AND (o.queued_us > ?1 OR o.delayed_us > ?1))",
    [SQL_SET_BACK_ROUTES] =
        "UPDATE outbox SET queued_us = min(queued_us, ?1), delayed_us = min(delayed_us, ?1) "
        "WHERE (queued_us > ?1 OR delayed_us > ?1) AND number IN (SELECT o.number FROM outbox f "
        "CROSS JOIN outbox o ON ifnull(o.disagreement, 0) = ifnull(f.disagreement, 0) "
        "AND o.key = f.key WHERE f.escalate_us IS NOT NULL)",
    [SQL_SET_BACK_QUEUED] = "UPDATE outbox SET queued_us = min(queued_us, ?1), "
                            "first_tried_us = min(first_tried_us, ?1) "
                            "WHERE state = 'queued' AND (queued_us > ?1 OR first_tried_us > ?1)",
    [SQL_SET_BACK_GAPS] = "UPDATE gap SET operator_us = ?1 + max(0, operator_us - found_us), "
                          "board_us = ?1 + max(0, board_us - found_us), found_us = ?1 "
                          "WHERE closed_us IS NULL AND found_us > ?1",
    [SQL_SET_BACK_PARKED] = "UPDATE parked SET until_us = ?1 + ?2 WHERE until_us > ?1 + ?2",
    [SQL_OUTBOX_AGAIN] = "UPDATE outbox SET next_try_us = ?1 "
                         "WHERE state = 'queued' AND attempts > 0 AND next_try_us > ?1 "
                         "AND silence IS NULL",
    [SQL_OUTBOX_QUEUED] = "SELECT " OUTBOX_COLUMNS OUTBOX_FROM
                          "WHERE o.state = 'queued' ORDER BY o.number DESC LIMIT ?1",
    [SQL_OUTBOX_ALL] = "SELECT " OUTBOX_COLUMNS OUTBOX_FROM "ORDER BY o.number DESC LIMIT ?1",
    [SQL_OUTBOX_ABOUT] = "SELECT " OUTBOX_COLUMNS OUTBOX_FROM
                         "WHERE ifnull(o.disagreement, 0) = ?1 AND (?2 OR o.state = 'queued') "
                         "ORDER BY o.number DESC LIMIT ?3",
    [SQL_ATTEMPT_PUT] = "INSERT INTO attempt (outbox, attempt, at_us, outcome, ambiguous, code, "
                        "detail) SELECT number, ?2, ?3, ?4, ?5, ?6, ?7 FROM outbox "
                        "WHERE id = ?1 AND state = 'queued'",
    [SQL_ATTEMPTS] = "SELECT a.attempt, a.at_us, a.outcome, a.ambiguous, a.code, a.detail "
                     "FROM outbox o CROSS JOIN attempt a "
                     "WHERE o.id = ?1 AND a.outbox = o.number ORDER BY a.attempt",

    [SQL_ESCALATE_NEXT] = "SELECT escalate_us FROM outbox WHERE escalate_us IS NOT NULL "
                          "ORDER BY escalate_us LIMIT 1",
    [SQL_ESCALATE_DUE] = "SELECT id FROM outbox WHERE escalate_us IS NOT NULL "
                         "AND escalate_us <= ?1 ORDER BY escalate_us, number LIMIT ?2",
    [SQL_ESCALATE_PUT] = "UPDATE outbox SET escalate_us = ?2 WHERE id = ?1",
    [SQL_ESCALATE_SOONER] =
        "UPDATE outbox SET escalate_us = ?2 WHERE escalate_us > ?2 AND escalate_us <= ?1",
    [SQL_ESCALATE_UNDELIVERED] = "UPDATE outbox SET escalate_us = ?1 WHERE undelivered_us IS NOT "
                                 "NULL AND ifnull(escalate_us, ?1 + 1) > ?1",
    [SQL_ESCALATE_SETTLE] =
        "UPDATE outbox SET escalate_us = NULL, undelivered_us = NULL "
        "WHERE number = (SELECT f.number FROM outbox o CROSS JOIN outbox f "
        "ON ifnull(f.disagreement, 0) = ifnull(o.disagreement, 0) AND f.key = o.key "
        "AND f.position = 0 WHERE o.id = ?1)",
    [SQL_OUTBOX_ROUTES] =
        "SELECT " OUTBOX_COLUMNS "FROM outbox f CROSS JOIN outbox o "
        "ON ifnull(o.disagreement, 0) = ifnull(f.disagreement, 0) AND o.key = f.key "
        "LEFT JOIN disagreement g ON g.number = o.disagreement "
        "LEFT JOIN attempt a ON a.outbox = o.number AND a.attempt = o.attempts "
        "WHERE f.id = ?1 ORDER BY o.position",
    [SQL_UNDELIVERED_PUT] = "UPDATE outbox SET undelivered_us = ifnull(undelivered_us, ?2) "
                            "WHERE id = ?1",
    [SQL_MESSAGE_PUT] = "INSERT INTO message (delivery, subject, words) VALUES (?1, ?2, ?3)",
    [SQL_MESSAGE_GET] = "SELECT subject, words FROM message WHERE delivery = ?1",
    /* What is tried still, after people were told, keeps the place that it has on its way up. */
    [SQL_REDRIVE_UNDELIVERED] =
        "UPDATE outbox SET next_try_us = ?1, first_tried_us = NULL, attempts_before = attempts "
        "WHERE state = 'queued' AND next_try_us IS NOT NULL AND silence IS NULL "
        "AND (?2 IS NULL OR id = ?2) "
        "AND (?3 IS NULL OR disagreement = ?3 OR number IN (SELECT w.digest FROM outbox o "
        "CROSS JOIN gathering w ON w.outbox = o.number WHERE ifnull(o.disagreement, 0) = ?3)) "
        "AND number IN (SELECT o.number FROM outbox f CROSS JOIN outbox o "
        "ON ifnull(o.disagreement, 0) = ifnull(f.disagreement, 0) AND o.key = f.key "
        "WHERE f.undelivered_us IS NOT NULL)",
    [SQL_REDRIVE] =
        "UPDATE outbox SET state = 'queued', next_try_us = ?1, first_tried_us = NULL, "
        "queued_us = ?1, delayed_us = NULL, attempts_before = attempts WHERE state IN ('refused', "
        "'exhausted') "
        "AND (?2 IS NULL OR id = ?2) "
        /* A test that failed is asked for anew. */
        "AND (disagreement IS NOT NULL OR key NOT LIKE 'test %') "
        "AND (?3 IS NULL OR disagreement = ?3 OR number IN (SELECT w.digest FROM outbox o "
        "CROSS JOIN gathering w ON w.outbox = o.number WHERE ifnull(o.disagreement, 0) = ?3)) "
        "AND (?2 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM outbox a WHERE "
        "ifnull(a.disagreement, 0) = ifnull(outbox.disagreement, 0) AND a.key = outbox.key AND "
        "((a.state = 'accepted' AND a.delayed_us IS NULL) OR a.acknowledged_us IS NOT NULL)))",
    [SQL_REDRIVE_ESCALATE] =
        "UPDATE outbox SET escalate_us = ?1 WHERE number IN (SELECT f.number FROM outbox r "
        "CROSS JOIN outbox f ON ifnull(f.disagreement, 0) = ifnull(r.disagreement, 0) "
        "AND f.key = r.key AND f.position = 0 "
        "AND (f.state <> 'accepted' OR f.delayed_us IS NOT NULL) "
        "WHERE r.state = 'queued' AND r.next_try_us = ?1 AND r.queued_us = ?1)",
    /* What was said of it before is no news of what is sent now. */
    [SQL_REDRIVE_FORGET] = "DELETE FROM bounce WHERE outbox IN (SELECT number FROM outbox "
                           "WHERE state = 'queued' AND next_try_us = ?1 AND queued_us = ?1)",
    [SQL_WORD_PUT] = "INSERT INTO word (listener, kind, about, line, text, at_us) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (listener, kind, about) "
                     "DO NOTHING",
    [SQL_WORDS_PRUNE] = "DELETE FROM word WHERE told_us IS NOT NULL AND told_us < ?1",
    [SQL_WORDS_NEXT] = "SELECT listener, kind FROM word WHERE told_us IS NULL "
                       "AND (listener, kind) > (?1, ?2) ORDER BY listener, kind LIMIT 1",
    [SQL_WORDS] = "SELECT number, about, line, text FROM word WHERE told_us IS NULL "
                  "AND listener = ?1 AND kind = ?2 ORDER BY number",
    [SQL_WORDS_TOLD] = "UPDATE word SET told_us = ?3 WHERE told_us IS NULL "
                       "AND listener = ?1 AND kind = ?2 AND number <= ?4",
    [SQL_WORDS_LAST] = "SELECT told_us FROM word WHERE told_us IS NOT NULL "
                       "AND listener = ?1 AND kind = ?2 ORDER BY number DESC LIMIT 1",
    [SQL_SUPERSEDE] =
        "UPDATE outbox SET state = 'superseded', next_try_us = NULL, escalate_us = NULL, "
        "undelivered_us = NULL, silence = NULL WHERE number IN (" SAME_NOTIFICATION ") "
        "AND state IN ('queued', 'refused', 'exhausted')",
    [SQL_SUPERSEDE_WAITING] = "DELETE FROM gathering WHERE until_us IS NOT NULL "
                              "AND outbox IN (" SAME_NOTIFICATION ")",
    [SQL_DISSOLVE] = "UPDATE gathering SET until_us = 1, digest = NULL "
                     "WHERE digest = (SELECT number FROM outbox WHERE id = ?1)",
    [SQL_DISSOLVE_ROWS] = "UPDATE outbox SET state = 'queued' WHERE state = 'gathered' "
                          "AND number IN (SELECT outbox FROM gathering WHERE digest = "
                          "(SELECT number FROM outbox WHERE id = ?1))",
    [SQL_BOUNCE_PUT] = "INSERT INTO bounce (outbox, action, status, at_us) "
                       "SELECT number, ?2, ?3, ?4 FROM outbox WHERE id = ?1 AND (SELECT count(*) "
                       "FROM bounce b WHERE b.outbox = outbox.number) < ?5 "
                       "ON CONFLICT (outbox, action, status) DO NOTHING",
    [SQL_BOUNCED_ATTEMPT] = "INSERT INTO attempt (outbox, attempt, at_us, outcome, ambiguous, "
                            "code, detail) SELECT number, attempts + 1, ?2, 'refused', 0, ?3, ?4 "
                            "FROM outbox WHERE id = ?1 AND state IN ('queued', 'accepted')",
    [SQL_BOUNCED] = "UPDATE outbox SET state = 'refused', attempts = attempts + 1, "
                    "first_tried_us = ifnull(first_tried_us, ?2), next_try_us = NULL, "
                    "delayed_us = NULL WHERE id = ?1 AND state IN ('queued', 'accepted')",
    [SQL_DELAYED] = "UPDATE outbox SET delayed_us = ?2 "
                    "WHERE id = ?1 AND state = 'accepted' AND delayed_us IS NULL",
    [SQL_ARRIVED] = "UPDATE outbox SET delayed_us = NULL WHERE id = ?1",
    /* What is still on its way up goes on as it is. */
    [SQL_ESCALATE_REOPEN] =
        "UPDATE outbox SET queued_us = ?2, escalate_us = ?3 "
        "WHERE escalate_us IS NULL AND undelivered_us IS NULL AND number = (SELECT f.number "
        "FROM outbox o CROSS JOIN outbox f ON ifnull(f.disagreement, 0) = "
        "ifnull(o.disagreement, 0) AND f.key = o.key AND f.position = 0 WHERE o.id = ?1)",
    [SQL_GATHERING_PUT] =
        "INSERT INTO gathering (outbox, until_us, act_by_us, gist, holdings, "
        "dates, entries) SELECT number, ?2, ?3, ?4, ?5, ?6, ?7 FROM outbox WHERE id = ?1",
    [SQL_GATHERING_STOP] = "UPDATE outbox SET next_try_us = NULL, escalate_us = NULL "
                           "WHERE id = ?1 AND state = 'queued'",
    [SQL_GATHERING_WAKE] = "SELECT until_us FROM gathering WHERE until_us IS NOT NULL "
                           "ORDER BY until_us LIMIT 1",
    [SQL_GATHERING_DUE] = GATHERING "WHERE w.until_us IS NOT NULL AND w.until_us <= ?1 "
                                    "ORDER BY w.until_us, w.outbox LIMIT ?2",
    [SQL_GATHERED] = GATHERING "WHERE w.digest = (SELECT number FROM outbox WHERE id = ?1) "
                               "ORDER BY o.at_us, w.gist, g.reference, o.number",
    [SQL_GATHERING_MOVE] = "UPDATE gathering SET until_us = ?2 WHERE outbox = ?1",
    [SQL_GATHERING_RELEASE] =
        "UPDATE outbox SET next_try_us = ?2, queued_us = ?3, "
        "escalate_us = iif(position = 0, ?4, NULL) WHERE number = ?1 AND state = 'queued'",
    [SQL_GATHERING_FORGET] = "DELETE FROM gathering WHERE outbox = ?1",
    [SQL_GATHERING_IN] = "UPDATE gathering SET until_us = NULL, "
                         "digest = (SELECT number FROM outbox WHERE id = ?2) WHERE outbox = ?1",
    [SQL_GATHERING_END] = "UPDATE outbox SET state = 'gathered', next_try_us = NULL, "
                          "escalate_us = NULL WHERE number = ?1 AND state = 'queued'",
    [SQL_GATHERING_FIND] =
        "SELECT w.until_us, d.id FROM outbox o CROSS JOIN gathering w ON w.outbox = o.number "
        "LEFT JOIN outbox d ON d.number = w.digest WHERE o.id = ?1",
    [SQL_CALENDAR_PUT] =
        "INSERT INTO calendar_entry (disagreement, recipient, deadline, entry, person, role, "
        "title, sequence, due_us, cancelled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
        "ON CONFLICT (disagreement, recipient, deadline, entry) DO UPDATE SET "
        "person = excluded.person, role = excluded.role, title = excluded.title, "
        "sequence = excluded.sequence, due_us = excluded.due_us, cancelled = excluded.cancelled",
    /* What was sent and is cancelled there is to be shown again; else it shows itself. */
    [SQL_CALENDAR_OWE] =
        "INSERT INTO calendar_entry (disagreement, recipient, deadline, entry, person, role, "
        "title, sequence, due_us, cancelled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
        "ON CONFLICT (disagreement, recipient, deadline, entry) DO UPDATE SET "
        "due_us = iif(cancelled, NULL, due_us), cancelled = 0",
    [SQL_CALENDAR_PASS] =
        "INSERT OR IGNORE INTO calendar_entry (disagreement, recipient, deadline, entry, person, "
        "role, title, sequence, due_us, cancelled) SELECT disagreement, ?3, deadline, entry, ?4, "
        "role, title, -1, NULL, 0 FROM calendar_entry "
        "WHERE disagreement = ?1 AND recipient = ?2 AND NOT cancelled",
    /* An index of the outbox gives those that wait; there are few. */
    [SQL_CALENDAR] =
        "SELECT c.recipient, c.deadline, c.entry, c.person, c.role, c.title, c.sequence, c.due_us, "
        "c.cancelled, d.state, d.due_us, d.provisional, d.changes, EXISTS (SELECT 1 FROM deadline "
        "n WHERE n.disagreement = ?1 AND n.deadline = c.deadline AND n.entry > c.entry), "
        "EXISTS (SELECT 1 FROM outbox o CROSS JOIN gathering w ON w.outbox = o.number "
        "WHERE ifnull(o.disagreement, 0) = ?1 AND o.recipient = c.recipient AND w.until_us IS NOT "
        "NULL) "
        "FROM calendar_entry c LEFT JOIN deadline d ON d.disagreement = ?1 "
        "AND d.deadline = c.deadline AND d.entry = c.entry "
        "WHERE c.disagreement = ?1 AND (?2 IS NULL OR c.recipient = ?2) "
        "ORDER BY c.recipient, c.deadline, c.entry",
    [SQL_ACKNOWLEDGED_PUT] =
        "UPDATE outbox SET acknowledged_us = ifnull(acknowledged_us, ?2), escalate_us = NULL, "
        "undelivered_us = NULL WHERE number IN (SELECT f.number FROM outbox o CROSS JOIN outbox f "
        "ON ifnull(f.disagreement, 0) = ifnull(o.disagreement, 0) AND f.key = o.key "
        "WHERE o.id = ?1)",
    [SQL_ACKNOWLEDGED_GET] = "SELECT acknowledged_us FROM outbox WHERE id = ?1",
    [SQL_ACKNOWLEDGED_ABOUT] = "SELECT id, role, at_us, acknowledged_us FROM outbox "
                               "WHERE ifnull(disagreement, 0) = ?1 AND position = 0 "
                               "AND acknowledged_us IS NOT NULL "
                               "AND substr(person, 1, 7) <> 'system:' ORDER BY number",
    [SQL_UNDELIVERED] = "SELECT " OUTBOX_COLUMNS OUTBOX_FROM
                        "WHERE o.undelivered_us IS NOT NULL ORDER BY o.undelivered_us, o.number",

    [SQL_SILENCE_PUT] = "INSERT INTO silence (kind, target, since_us, until_us, reason, by) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_SILENCE_END] = "UPDATE silence SET ended_us = ?2 WHERE number = ?1 AND ended_us IS NULL",
    [SQL_SILENCES] = "SELECT number, kind, target, since_us, until_us, reason, by, "
                     "(SELECT count(*) FROM outbox o WHERE o.silence = silence.number) "
                     "FROM silence WHERE ended_us IS NULL ORDER BY number",
    [SQL_SILENCE_ENDED] = "SELECT number FROM silence s WHERE ended_us IS NOT NULL AND EXISTS "
                          "(SELECT 1 FROM outbox o WHERE o.silence = s.number) "
                          "ORDER BY number LIMIT 1",
    [SQL_HELD] = "SELECT id FROM outbox WHERE silence = ?1 ORDER BY at_us, number LIMIT ?2",
    [SQL_HOLD] = "UPDATE outbox SET silence = ?2, next_try_us = ?3 "
                 "WHERE id = ?1 AND state = 'queued'",
    /* By the index of what is queued: of all that ever was there are many more. */
    [SQL_HOLDABLE] = "SELECT " OUTBOX_COLUMNS "FROM outbox o INDEXED BY outbox_lane "
                     "LEFT JOIN disagreement g ON g.number = o.disagreement "
                     "LEFT JOIN attempt a ON a.outbox = o.number AND a.attempt = o.attempts "
                     "WHERE o.state = 'queued' AND o.priority = 0 AND o.next_try_us <= ?1 "
                     "AND o.silence IS NULL AND o.agency IS NOT NULL",
    /* Due since it was to be told: so the order of a lane is that of the instants. */
    [SQL_LET_GO] = "UPDATE outbox SET silence = NULL, queued_us = ?2, first_tried_us = NULL, "
                   "attempts_before = attempts, "
                   "next_try_us = iif(state = 'queued', min(at_us, ?2), NULL) WHERE id = ?1",
    [SQL_LET_GO_FIRST] =
        "UPDATE outbox SET queued_us = ?2, escalate_us = ?3 WHERE escalate_us IS NOT NULL "
        "AND number = (SELECT f.number FROM outbox o CROSS JOIN outbox f "
        "ON ifnull(f.disagreement, 0) = ifnull(o.disagreement, 0) AND f.key = o.key "
        "AND f.position = 0 WHERE o.id = ?1)",
    [SQL_REWRITE] = "UPDATE outbox SET bytes = ?2, late = 1 WHERE id = ?1 AND attempts = 0 "
                    "AND handed_us IS NULL",

    [SQL_COUNT_EVENTS] = "SELECT count(*) FROM event",
    [SQL_COUNT_OUTBOX] = "SELECT count(*) FROM outbox",
    [SQL_COUNT_OPEN] = "SELECT (SELECT count(*) FROM disagreement WHERE state = 'open'), "
                       "(SELECT count(*) FROM deadline WHERE wake_us IS NOT NULL), "
                       "(SELECT count(*) FROM outbox WHERE state = 'queued'), "
                       "(SELECT count(*) FROM outbox WHERE state IN ('refused', 'exhausted') "
                       "AND state = 'refused'), "
                       "(SELECT count(*) FROM outbox WHERE state IN ('refused', 'exhausted') "
                       "AND state = 'exhausted'), "
                       "(SELECT count(*) FROM outbox WHERE undelivered_us IS NOT NULL), "
                       "(SELECT count(*) FROM outbox WHERE undelivered_us IS NOT NULL "
                       "AND disagreement IS NULL AND key NOT LIKE 'digest:%'), "
                       "(SELECT count(*) FROM outbox WHERE undelivered_us IS NOT NULL "
                       "AND substr(person, 1, 7) = 'system:'), "
                       "(SELECT count(*) FROM gap WHERE closed_us IS NULL), "
                       "(SELECT count(*) FROM gathering WHERE digest IS NOT NULL), "
                       "(SELECT count(*) FROM outbox WHERE state = 'superseded')",
    [SQL_COUNT_LANES] = "SELECT " LANE ", 'queued', count(*) FROM outbox o "
                        "WHERE o.state = 'queued' GROUP BY " LANE "UNION ALL SELECT " LANE
                        ", o.state, count(*) FROM outbox o "
                        "WHERE o.state IN ('refused', 'exhausted') GROUP BY 1, 2",
    [SQL_COUNT_STAGES] = "SELECT board, stage, count(*) FROM disagreement WHERE state = 'open' "
                         "GROUP BY board, stage ORDER BY board, stage",
    [SQL_META_GET] = "SELECT value FROM meta WHERE name = ?1",
    [SQL_META_PUT] = "INSERT INTO meta (name, value) VALUES (?1, ?2) "
                     "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};
