/* test_journal.c - what the operator reads: on a terminal's other side, and natively. */
#include "io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int kept_stderr;
static int reader;
static char heard[3 * JOURNAL_LINE_MAX];

/* Standard error becomes a pipe, as a service manager gives it. */
static int listen_in(void **unused)
{
    int pipes[2];

    (void)unused;
    kept_stderr = dup(STDERR_FILENO);
    assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
    dup2(pipes[1], STDERR_FILENO);
    close(pipes[1]);
    reader = pipes[0];
    return 0;
}

static int stop_listening(void **unused)
{
    (void)unused;
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    close(reader);
    unsetenv("JOURNAL_STREAM");
    journal_set_least(JOURNAL_INFO);
    return 0;
}

static const char *told(void)
{
    ssize_t size = read(reader, heard, sizeof heard - 1);

    heard[size > 0 ? size : 0] = '\0';
    return heard;
}

static void tells_lines(void **unused)
{
    (void)unused;
    journal_info(NULL, "one of %d", 3);
    assert_string_equal(told(), "<6>one of 3\n");
    journal_notice(NULL, "x");
    assert_string_equal(told(), "<5>x\n");
    journal_warn(JOURNAL({ "DISAGREEMENT", "D-1" }, { "STAGE", NULL }, { "RULE", "r" }), "late");
    assert_string_equal(told(), "<4>late DISAGREEMENT=D-1 RULE=r\n");
    errno = ENOENT;
    journal_error(NULL, "cannot open: %m");
    assert_string_equal(told(), "<3>cannot open: No such file or directory\n");
    assert_int_equal(errno, ENOENT);
    assert_int_equal(journal_fail(-EIO, "broken"), -EIO);
    assert_string_equal(told(), "<3>broken\n");
}

/* A text from outside must not look like a line of ours. */
static void keeps_one_line_one(void **unused)
{
    static char longest[3 * JOURNAL_LINE_MAX];

    (void)unused;
    journal_warn(JOURNAL({ "TEXT", "a\n<3>b\x1b[0m\x7f" }), "first\n<3>second\t");
    assert_string_equal(told(), "<4>first?<3>second? TEXT=a?<3>b?[0m?\n");
    memset(longest, 'x', sizeof longest - 1);
    journal_warn(JOURNAL({ "TEXT", longest }), "%s", longest);
    assert_true(strlen(told()) <= JOURNAL_LINE_MAX + 1);
    assert_int_equal(heard[strlen(heard) - 1], '\n');
    assert_ptr_equal(strchr(heard, '\n'), heard + strlen(heard) - 1);
}

static void leaves_out_what_it_should(void **unused)
{
    (void)unused;
    journal_set_least(JOURNAL_WARNING);
    journal_info(NULL, "a");
    journal_notice(NULL, "b");
    assert_string_equal(told(), "");
    journal_warn(NULL, "c");
    assert_string_equal(told(), "<4>c\n");
}

static void set_stream(dev_t device, ino_t inode)
{
    char stream[60];

    snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)device, (uintmax_t)inode);
    setenv("JOURNAL_STREAM", stream, 1);
}

/* Where $JOURNAL_STREAM is another stream than ours, or no journald listens, lines still come. */
static void falls_back_to_lines(void **unused)
{
    struct stat status;

    (void)unused;
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    set_stream(status.st_dev, status.st_ino + 1);
    journal_warn(NULL, "elsewhere");
    assert_string_equal(told(), "<4>elsewhere\n");
    setenv("JOURNAL_STREAM", "nonsense", 1);
    journal_warn(NULL, "nonsense");
    assert_string_equal(told(), "<4>nonsense\n");
    if (access("/run/systemd/journal/socket", F_OK) == 0)
        skip(); /* a journald of this machine would take the next one */
    set_stream(status.st_dev, status.st_ino);
    journal_warn(NULL, "nobody there");
    assert_string_equal(told(), "<4>nobody there\n");
}

/* A journald of our own at the fixed path, in a mount namespace where /run is empty. */
static void speaks_to_a_journald(void **unused)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX,
                                   .sun_path = "/run/systemd/journal/socket" };
    struct stat status;
    int journald;
    ssize_t size;

    (void)unused;
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "size=1M") < 0)
        skip();
    assert_int_equal(mkdir("/run/systemd", 0755), 0);
    assert_int_equal(mkdir("/run/systemd/journal", 0755), 0);
    journald = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(journald, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    set_stream(status.st_dev, status.st_ino);

    journal_warn(JOURNAL({ "DISAGREEMENT", "D-1" }, { "STAGE", NULL }, { "RULE", "r" }), "la\nte");
    size = recv(journald, heard, sizeof heard - 1, 0);
    assert_true(size > 0);
    heard[size] = '\0';
    assert_string_equal(heard, "MESSAGE=la?te\nPRIORITY=4\nSYSLOG_IDENTIFIER=concernd\n"
                               "DISAGREEMENT=D-1\nRULE=r\n");
    assert_string_equal(told(), "");
    close(journald);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_lines, listen_in, stop_listening),
        cmocka_unit_test_setup_teardown(keeps_one_line_one, listen_in, stop_listening),
        cmocka_unit_test_setup_teardown(leaves_out_what_it_should, listen_in, stop_listening),
        cmocka_unit_test_setup_teardown(falls_back_to_lines, listen_in, stop_listening),
        cmocka_unit_test_setup_teardown(speaks_to_a_journald, listen_in, stop_listening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
