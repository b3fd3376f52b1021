/* fault_vfs.h - a file layer for SQLite that fails the n-th write, flush or truncation. */
#ifndef CONCERN_TESTS_FAULT_VFS_H
#define CONCERN_TESTS_FAULT_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

enum fault_kind {
    FAULT_BEFORE, /* it is not done */
    FAULT_AFTER,  /* it is done, and said to have failed */
    FAULT_HALF,   /* half of a write is done */
    FAULT_WHILE,  /* from the n-th on, for as long as `still` answers true */
};

static struct {
    enum fault_kind kind;
    int code;   /* what SQLite is told */
    long at;    /* the operation that fails, from 1; 0: none */
    long count; /* of operations so far */
    long failed;
    bool (*still)(void);
} fault;

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs fault_vfs;
static sqlite3_vfs *fault_real;
static sqlite3_io_methods fault_methods;

static inline sqlite3_file *fault_real_of(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

static inline bool fault_now(void)
{
    bool now;

    fault.count++;
    now = fault.at > 0 && (fault.kind == FAULT_WHILE ? fault.count >= fault.at && fault.still()
                                                     : fault.count == fault.at);
    fault.failed += now;
    return now;
}

static inline int fault_put(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
    sqlite3_file *real = fault_real_of(file);

    if (!fault_now())
        return real->pMethods->xWrite(real, bytes, size, at);
    if (fault.kind == FAULT_AFTER)
        real->pMethods->xWrite(real, bytes, size, at);
    if (fault.kind == FAULT_HALF)
        real->pMethods->xWrite(real, bytes, size / 2, at);
    return fault.code ? fault.code : SQLITE_IOERR_WRITE;
}

static inline int fault_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = fault_real_of(file);

    if (!fault_now())
        return real->pMethods->xSync(real, flags);
    if (fault.kind == FAULT_AFTER)
        real->pMethods->xSync(real, flags);
    return fault.code ? fault.code : SQLITE_IOERR_FSYNC;
}

static inline int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = fault_real_of(file);

    if (!fault_now())
        return real->pMethods->xTruncate(real, size);
    if (fault.kind == FAULT_AFTER)
        real->pMethods->xTruncate(real, size);
    return fault.code ? fault.code : SQLITE_IOERR_TRUNCATE;
}

#define FAULT_PASS(name, parameters, arguments)                                                    \
    static inline int fault_##name parameters                                                      \
    {                                                                                              \
        sqlite3_file *real = fault_real_of(file);                                                  \
        return real->pMethods->name arguments;                                                     \
    }

FAULT_PASS(xRead, (sqlite3_file * file, void *bytes, int size, sqlite3_int64 at),
           (real, bytes, size, at))
FAULT_PASS(xFileSize, (sqlite3_file * file, sqlite3_int64 *size), (real, size))
FAULT_PASS(xLock, (sqlite3_file * file, int level), (real, level))
FAULT_PASS(xUnlock, (sqlite3_file * file, int level), (real, level))
FAULT_PASS(xCheckReservedLock, (sqlite3_file * file, int *reserved), (real, reserved))
FAULT_PASS(xFileControl, (sqlite3_file * file, int operation, void *argument),
           (real, operation, argument))
FAULT_PASS(xSectorSize, (sqlite3_file * file), (real))
FAULT_PASS(xDeviceCharacteristics, (sqlite3_file * file), (real))

static inline int fault_close(sqlite3_file *file)
{
    sqlite3_file *real = fault_real_of(file);
    int code = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;

    sqlite3_free(real);
    return code;
}

static inline int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                             int *flags_out)
{
    struct fault_file *made = (struct fault_file *)file;
    int code;

    (void)vfs;
    made->base.pMethods = NULL;
    made->real = sqlite3_malloc(fault_real->szOsFile);
    memset(made->real, 0, (size_t)fault_real->szOsFile);
    code = fault_real->xOpen(fault_real, name, made->real, flags, flags_out);
    if (code != SQLITE_OK) {
        sqlite3_free(made->real);
        return code;
    }
    made->base.pMethods = &fault_methods;
    return SQLITE_OK;
}

/* Registers the layer under the name "fault"; version 1 of the methods has no shared memory,
 * which the store does not use. */
static inline void fault_install(void)
{
    fault_real = sqlite3_vfs_find(NULL);
    fault_vfs = *fault_real;
    fault_vfs.szOsFile = sizeof(struct fault_file);
    fault_vfs.zName = "fault";
    fault_vfs.pNext = NULL;
    fault_vfs.xOpen = fault_open;
    fault_methods = (sqlite3_io_methods){
        .iVersion = 1,
        .xClose = fault_close,
        .xRead = fault_xRead,
        .xWrite = fault_put,
        .xTruncate = fault_truncate,
        .xSync = fault_sync,
        .xFileSize = fault_xFileSize,
        .xLock = fault_xLock,
        .xUnlock = fault_xUnlock,
        .xCheckReservedLock = fault_xCheckReservedLock,
        .xFileControl = fault_xFileControl,
        .xSectorSize = fault_xSectorSize,
        .xDeviceCharacteristics = fault_xDeviceCharacteristics,
    };
    sqlite3_vfs_register(&fault_vfs, 0);
}

#endif
