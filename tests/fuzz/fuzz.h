/* fuzz.h - what the fuzz targets share: one entry, questions that must hold, inputs as texts.
 *
 * A target hands its bytes to a reader and asks what its header promises; a promise that is
 * broken aborts, and libFuzzer keeps the bytes.
 */
#ifndef CONCERN_TESTS_FUZZ_H
#define CONCERN_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** Aborts unless it holds. */
#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/** A copy closed with a zero, for readers of texts; the caller's to free(). */
static inline char *fuzz_text(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);

    HOLDS(text);
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

/** The same of what stands before the next zero, which the input is moved behind. */
static inline char *fuzz_part(const uint8_t **bytes, size_t *size)
{
    const uint8_t *zero = *size > 0 ? memchr(*bytes, 0, *size) : NULL;
    size_t length = zero ? (size_t)(zero - *bytes) : *size;
    char *part = fuzz_text(*bytes, length);

    *bytes += zero ? length + 1 : length;
    *size -= zero ? length + 1 : length;
    return part;
}

/** For readers of files: a file of these bytes that has no name but `path`; closed by its number,
 *  which is the answer. */
static inline int fuzz_file(const uint8_t *bytes, size_t size, char path[32])
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);

    HOLDS(file >= 0 && fchmod(file, 0600) == 0);
    HOLDS(size == 0 || write(file, bytes, size) == (ssize_t)size);
    snprintf(path, 32, "/proc/self/fd/%d", file);
    return file;
}

#endif
