/* SPDX-License-Identifier: MIT */
/*
 * store/errors: what SQLite's codes mean to us, and the one line that tells people.
 */
#include "store/store_private.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

/* The last thing SQLite logged in this thread. It names the system call and the file, which its
 * codes do not. */
static _Thread_local char library_log[256];

static void library_logged(void *context, int code, const char *text)
{
    (void)context;
    (void)code;
    snprintf(library_log, sizeof library_log, "%s", text);
}

static void library_init(void)
{
    /* Refused when somebody has used SQLite before us; then the log is lost, and some time. */
    sqlite3_config(SQLITE_CONFIG_LOG, library_logged, NULL);
    /* Nobody asks how much memory it holds; it would count at each allocation, under a lock. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    /* Each table that a statement keeps aside is a cache of pages of its own, for a page or two:
     * SQLite would take twenty at once. */
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
    sqlite3_initialize();
}

void store_library_init(void)
{
    pthread_once(&library_once, library_init);
}

/* No room, or no resources: what has nothing to do with the state of the disk. STORE_OK: none of
 * these. */
static enum store_result result_of_errno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STORE_FULL;
    case EROFS:
        return STORE_READONLY;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return STORE_NOMEM;
    default:
        return STORE_OK;
    }
}

/* A failed sync is never "full": what was written before it may be lost, whatever errno says. */
static enum store_result result_of_io(int code, int error)
{
    switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
        return STORE_IO;
    case SQLITE_IOERR_NOMEM:
        return STORE_NOMEM;
    case SQLITE_IOERR_BLOCKED:
        return STORE_BUSY;
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
        return STORE_CORRUPT;
    default:
        break;
    }
    enum store_result result = result_of_errno(error);
    return result != STORE_OK ? result : STORE_IO;
}

enum store_result store_result_of(int code, int system_errno)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STORE_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return STORE_BUSY;
    case SQLITE_FULL:
        return STORE_FULL;
    case SQLITE_READONLY:
        return code == SQLITE_READONLY_DBMOVED ? STORE_GONE : STORE_READONLY;
    case SQLITE_IOERR:
        return result_of_io(code, system_errno);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return STORE_CORRUPT;
    case SQLITE_CANTOPEN:
        return result_of_errno(system_errno) != STORE_OK ? result_of_errno(system_errno)
                                                         : STORE_CANTOPEN;
    case SQLITE_PERM:
        return STORE_CANTOPEN;
    case SQLITE_NOMEM:
        return STORE_NOMEM;
    case SQLITE_INTERRUPT:
        return STORE_LATE;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY
                   ? STORE_EXISTS
                   : STORE_MISUSE;
    default:
        return STORE_MISUSE;
    }
}

const char *store_result_name(enum store_result result)
{
    switch (result) {
    case STORE_OK:
        return "ok";
    case STORE_NOT_FOUND:
        return "not found";
    case STORE_EXISTS:
        return "exists already";
    case STORE_BUSY:
        return "locked by another process";
    case STORE_FULL:
        return "no space";
    case STORE_READONLY:
        return "read-only";
    case STORE_IO:
        return "disk error";
    case STORE_CORRUPT:
        return "damaged or no database";
    case STORE_NOT_OURS:
        return "belongs to another program";
    case STORE_NEWER:
        return "made by a newer version";
    case STORE_CANTOPEN:
        return "cannot be opened";
    case STORE_GONE:
        return "removed or replaced while open";
    case STORE_LATE:
        return "took too long";
    case STORE_NOMEM:
        return "out of memory";
    case STORE_MISUSE:
        return "unexpected failure";
    }
    return "unknown";
}

bool store_result_is_temporary(enum store_result result)
{
    return result == STORE_BUSY || result == STORE_FULL || result == STORE_READONLY ||
           result == STORE_NOMEM || result == STORE_LATE;
}

const char *store_message(const struct store *store)
{
    return store->message;
}

enum store_result store_fail(struct store *store, enum store_result result, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(store->message, sizeof store->message, format, arguments);
    va_end(arguments);
    for (char *c = store->message; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            *c = ' ';
        }
    }
    if (result == STORE_IO && store->mode == STORE_WRITER) {
        store->broken = true;
    }
    return result;
}

static int file_errno(sqlite3_file *file)
{
    int error = 0;
    if (file == NULL || file->pMethods == NULL ||
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error) != SQLITE_OK) {
        return 0;
    }
    return error;
}

/* errno of the system call that failed. SQLite notes it for a statement that fails, but not for a
 * COMMIT; of their writes the files themselves remember the last that failed. */
static int failed_errno(sqlite3 *db, int code)
{
    sqlite3_file *log = NULL;
    sqlite3_file *file = NULL;
    if (code != SQLITE_IOERR_WRITE && code != SQLITE_IOERR_TRUNCATE) {
        return sqlite3_system_errno(db);
    }
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    int error = file_errno(log);
    return error != 0 ? error : file_errno(file);
}

enum store_result store_result_failed(sqlite3 *db, int code)
{
    return store_result_of(code, failed_errno(db, code));
}

/* SQLite does not tell why a file beside the database could not be made: it tries to read it then.
 */
static bool has_no_inode(const struct store *store)
{
    struct statvfs disk;

    return store->path != NULL && statvfs(store->path, &disk) == 0 && disk.f_files > 0 &&
           disk.f_favail == 0;
}

enum store_result store_fail_sqlite(struct store *store, sqlite3 *db, int code, const char *what)
{
    if (code == SQLITE_INTERRUPT) {
        return store_budget_fail(store, what);
    }
    const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    const char *log =
        library_log[0] != '\0' && strstr(library_log, text) == NULL ? library_log : "";
    enum store_result result =
        db != NULL ? store_result_failed(db, code) : store_result_of(code, 0);
    const char *disk = result == STORE_CANTOPEN && has_no_inode(store)
                           ? "; its file system has no inode left for another file"
                           : "";
    store_fail(store, result, "%s: %s (SQLite code %d%s%s)%s", what, text, code,
               log[0] != '\0' ? "; " : "", log, disk);
    library_log[0] = '\0';
    return result;
}

enum store_result store_fail_errno(struct store *store, int error, const char *what)
{
    enum store_result result = result_of_errno(error);
    if (result == STORE_OK) {
        result = error == EIO ? STORE_IO : STORE_CANTOPEN;
    }
    return store_fail(store, result, "%s: %s", what, strerror(error));
}
