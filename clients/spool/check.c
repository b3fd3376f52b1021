/* check.c - a mapping, and files by it, on the terminal. */
#include "spool/check.h"

#include "protocol/cloudevent.h"
#include "spool/reason.h"
#include "spool/spool_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int check_file(const struct options *options, const struct mapping *mapping,
                      const char *path);
static int read_file(const char *path, struct spool_input *input, char **bytes);
static int judge(const struct rows *rows, const char *path);
static int judge_event(struct row *row, struct event *event);

int check_run(const struct options *options)
{
    CLEANUP(faults_close) struct faults faults = { 0 };
    CLEANUP(mapping_close) struct mapping *mapping = NULL;
    char line[FAULT_LINE_SIZE];
    int answer = mapping_load(options->check, &faults, &mapping);
    int code = answer == MAPPING_OK ? SPOOL_DONE : SPOOL_WRONG;

    for (size_t i = 0; i < faults.count; i++) {
        fault_write(&faults.list[i], line);
        fprintf(stderr, "%s\n", line);
    }
    for (int i = 0; mapping && i < options->file_count; i++)
        if (check_file(options, mapping, options->files[i]))
            code = SPOOL_WRONG;
    if (fflush(stdout) || ferror(stdout)) {
        perror("concern-spool: standard output");
        return SPOOL_WRONG;
    }
    return code;
}

static int check_file(const struct options *options, const struct mapping *mapping,
                      const char *path)
{
    CLEANUP(rows_close) struct rows rows = { 0 };
    const char *slash = strrchr(path, '/');
    struct spool_input input = { .name = slash ? slash + 1 : path, .mapping = mapping };
    char *bytes = NULL;
    int code = read_file(path, &input, &bytes);

    if (code)
        return code;
    if (*options->source)
        input.source = options->source;
    code = spool_read(&input, &rows) ? SPOOL_WRONG : judge(&rows, path);
    free(bytes);
    return code;
}

static int read_file(const char *path, struct spool_input *input, char **bytes)
{
    FILE *file = fopen(path, "re");
    struct stat status;

    *bytes = malloc(SPOOL_FILE_MAX + 1);
    if (file && *bytes && !fstat(fileno(file), &status)) {
        input->size = fread(*bytes, 1, SPOOL_FILE_MAX + 1, file);
        input->bytes = *bytes;
        input->time = (struct instant){ status.st_mtim.tv_sec * SECOND_US };
    }
    if (!input->bytes || ferror(file)) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        free(*bytes);
        *bytes = NULL;
    }
    if (file)
        fclose(file);
    return *bytes ? SPOOL_DONE : SPOOL_WRONG;
}

static int judge(const struct rows *rows, const char *path)
{
    struct event *event = malloc(sizeof *event);
    int code = event ? SPOOL_DONE : SPOOL_WRONG;

    for (size_t i = 0; event && i < rows->count; i++) {
        struct row *row = &rows->list[i];

        if (row->event && judge_event(row, event))
            code = SPOOL_WRONG;
        if (row->event && !row->fault)
            puts(row->event);
        if (row->fault)
            code = SPOOL_WRONG;
        if (!row->fault && !row->note)
            continue;
        reason_line(row, path, stderr);
        fputc('\n', stderr);
    }
    free(event);
    return code;
}

/* By the daemon's own reader: what it would refuse is told here. */
static int judge_event(struct row *row, struct event *event)
{
    struct event_reading reading;
    int answer = cloudevent_read(row->event, row->size, event, &reading);
    char note[CLOUDEVENT_DROPPED_MAX * (ID_MAX + 8) + 64];
    size_t used;

    if (answer == CLOUDEVENT_REFUSED)
        return row_refuse(row, reading.code, reading.why);
    if (answer < 0)
        return answer;
    if (!reading.ignored_type && !reading.dropped_count)
        return 0;
    used = (size_t)snprintf(note, sizeof note, "warning: %s",
                            reading.ignored_type ? "nobody knows its type, unless the procedure "
                                                   "declares it"
                                                 : "nobody knows");
    for (unsigned i = 0; !reading.ignored_type && i < reading.dropped_count; i++)
        used += (size_t)snprintf(note + used, sizeof note - used, "%s data.%s", i ? "," : "",
                                 reading.dropped[i]);
    return row_note(row, note);
}
