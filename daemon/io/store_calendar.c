/* store_calendar.c - the deadlines in readers' calendars: what each mailbox was sent of them. */
#include "io/store_calendar.h"

#include "io/store_private.h"

static int put(struct store *store, enum store_statement which, const struct calendar_row *row)
{
    struct statement statement;
    int64_t number;
    int answer = store_number_of(store, row->board, row->reference, &number);

    if (answer != STORE_OK)
        return answer;
    statement = statement_of(store, which);
    put_number(&statement, number);
    put_text(&statement, row->recipient);
    put_text(&statement, row->deadline);
    put_number(&statement, row->entry);
    put_text(&statement, row->person);
    put_text(&statement, row->role);
    put_text(&statement, row->title);
    put_number(&statement, row->sent.sequence);
    put_instant(&statement, row->sent.due);
    put_number(&statement, row->sent.cancelled);
    return statement_run(&statement);
}

int store_put_calendar(struct store *store, const struct calendar_row *row)
{
    return put(store, SQL_CALENDAR_PUT, row);
}

int store_owe_calendar(struct store *store, const struct calendar_row *row)
{
    return put(store, SQL_CALENDAR_OWE, row);
}

int store_pass_calendar(struct store *store, const char *board, const char *reference,
                        const char *from, const char *to, const char *person)
{
    struct statement pass;
    int64_t number;
    int answer = store_number_of(store, board, reference, &number);

    if (answer != STORE_OK)
        return answer;
    pass = statement_of(store, SQL_CALENDAR_PASS);
    put_number(&pass, number);
    put_text(&pass, from);
    put_text(&pass, to);
    put_text(&pass, person);
    return statement_run(&pass);
}

/* The columns of SQL_CALENDAR. */
static void take_row(struct statement *rows, struct calendar_row *row)
{
    row->recipient = take_text(rows);
    row->deadline = take_text(rows);
    row->entry = take_number(rows);
    row->person = take_text(rows);
    row->role = take_text(rows);
    row->title = take_text(rows);
    row->sent.sequence = take_number(rows);
    row->sent.due = take_instant(rows);
    row->sent.cancelled = take_number(rows) != 0;
    row->now.state = store_running_of(take_text(rows));
    row->now.due = take_instant(rows);
    row->now.provisional = take_number(rows) != 0;
    row->now.changes = take_number(rows);
    row->now.is_anew = take_number(rows) != 0;
    row->waits = take_number(rows) != 0;
}

int store_list_calendar(struct store *store, const char *board, const char *reference,
                        const char *recipient, bool (*say)(void *, const struct calendar_row *),
                        void *context)
{
    struct calendar_row row = { .board = board, .reference = reference };
    struct statement rows;
    int64_t number;
    bool there, on = true;
    int answer = store_number_of(store, board, reference, &number);

    if (answer != STORE_OK)
        return answer == STORE_NONE ? STORE_OK : answer;
    row.number = number;
    rows = statement_of(store, SQL_CALENDAR);
    put_number(&rows, number);
    if (recipient)
        put_text(&rows, recipient);
    else
        put_null(&rows);
    while (on) {
        answer = statement_fetch(&rows, &there);
        if (answer != STORE_OK)
            return answer;
        if (!there)
            break;
        take_row(&rows, &row);
        on = say(context, &row);
    }
    return statement_end(&rows);
}
