/* SPDX-License-Identifier: MIT */
#include "lib/nth_call.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zip.h>

static struct {
    enum nth_call_kind kind;
    long left; /* 0: no order, or it has happened */
    bool fired;
} order;

void nth_call_order(enum nth_call_kind kind, long k)
{
    order.kind = kind;
    order.fired = false;
    order.left = k;
}

bool nth_call_end(void)
{
    order.left = 0;
    return order.fired;
}

static bool is_due(enum nth_call_kind kind)
{
    if (order.left == 0 || order.kind != kind)
        return false;
    if (--order.left > 0)
        return false;
    order.fired = true;
    return true;
}

static bool no_memory(void)
{
    if (!is_due(NTH_CALL_MEMORY))
        return false;
    errno = ENOMEM;
    return true;
}

static bool no_file(void)
{
    if (is_due(NTH_CALL_FILE)) {
        errno = EIO;
        return true;
    }
    if (is_due(NTH_CALL_GONE)) {
        errno = ENOENT;
        return true;
    }
    return false;
}

/* Of a read or write: no byte comes through. */
static bool is_stopped(void)
{
    if (is_due(NTH_CALL_FILE)) {
        errno = EIO;
        return true;
    }
    if (is_due(NTH_CALL_BROKEN)) {
        errno = EINTR;
        return true;
    }
    return false;
}

static size_t part_of(size_t len)
{
    return len > 1 && is_due(NTH_CALL_SHORT) ? 1 : len;
}

/* WRAPPED(SIGN, RESULT, NAME, (PARAMETERS), (ARGUMENTS), FAILS, WHAT IT GIVES THEN) */
#define WRAPPED(type, wrapper, real, parameters, arguments, fails, given) \
    type real parameters;                                                 \
    type wrapper parameters;                                              \
    type wrapper parameters                                               \
    {                                                                     \
        return (fails) ? (given) : real arguments;                        \
    }
#define WRAPPED_MEMORY(type, name, parameters, arguments) \
    WRAPPED(type, __wrap_##name, __real_##name, parameters, arguments, no_memory(), NULL)
#define WRAPPED_FILE(type, name, parameters, arguments, given) \
    WRAPPED(type, __wrap_##name, __real_##name, parameters, arguments, no_file(), given)
#define WRAPPED_BYTES(name, parameters, arguments) \
    WRAPPED(ssize_t, __wrap_##name, __real_##name, parameters, arguments, is_stopped(), -1)
#define WRAPPED_LIBRARY(type, name, parameters, arguments, given)                                \
    WRAPPED(type, __wrap_##name, __real_##name, parameters, arguments, is_due(NTH_CALL_LIBRARY), \
            given)

/* -- memory ------------------------------------------------------------------------------------- */

WRAPPED_MEMORY(void *, malloc, (size_t size), (size))
WRAPPED_MEMORY(void *, calloc, (size_t count, size_t size), (count, size))
WRAPPED_MEMORY(void *, realloc, (void *block, size_t size), (block, size))
WRAPPED_MEMORY(void *, reallocarray, (void *block, size_t count, size_t size), (block, count, size))
WRAPPED_MEMORY(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
WRAPPED_MEMORY(char *, strdup, (const char *text), (text))
WRAPPED_MEMORY(char *, strndup, (const char *text, size_t len), (text, len))
WRAPPED_MEMORY(void *, sodium_malloc, (size_t size), (size))
WRAPPED_MEMORY(struct event *, event_new,
               (struct event_base * base, evutil_socket_t fd, short what,
                event_callback_fn callback, void *context),
               (base, fd, what, callback, context))

int __wrap_asprintf(char **out, const char *format, ...) __attribute__((format(printf, 2, 3)));

int __wrap_asprintf(char **out, const char *format, ...)
{
    va_list values;
    int len;

    if (no_memory())
        return -1;
    va_start(values, format);
    len = vasprintf(out, format, values);
    va_end(values);
    return len;
}

/* What it becomes with _FORTIFY_SOURCE. */
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
{
    va_list values;
    int len;

    (void)flag;
    if (no_memory())
        return -1;
    va_start(values, format);
    len = vasprintf(out, format, values);
    va_end(values);
    return len;
}

/* -- files -------------------------------------------------------------------------------------- */

static bool has_mode(int flags)
{
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

#define WRAPPED_OPEN(name)                                        \
    int __real_##name(const char *path, int flags, ...);          \
    int __wrap_##name(const char *path, int flags, ...);          \
    int __wrap_##name(const char *path, int flags, ...)           \
    {                                                             \
        mode_t mode = 0;                                          \
        va_list values;                                           \
                                                                  \
        va_start(values, flags);                                  \
        if (has_mode(flags))                                      \
            mode = va_arg(values, mode_t);                        \
        va_end(values);                                           \
        return no_file() ? -1 : __real_##name(path, flags, mode); \
    }
#define WRAPPED_OPENAT(name)                                                 \
    int __real_##name(int directory, const char *path, int flags, ...);      \
    int __wrap_##name(int directory, const char *path, int flags, ...);      \
    int __wrap_##name(int directory, const char *path, int flags, ...)       \
    {                                                                        \
        mode_t mode = 0;                                                     \
        va_list values;                                                      \
                                                                             \
        va_start(values, flags);                                             \
        if (has_mode(flags))                                                 \
            mode = va_arg(values, mode_t);                                   \
        va_end(values);                                                      \
        return no_file() ? -1 : __real_##name(directory, path, flags, mode); \
    }

/* With files of 64 bits glibc has names of its own, and both are used in one program. */
#define LARGE_CALLS(open, openat, fstat, lstat, fstatat, mkostemp, readdir, pread, pwrite)         \
    WRAPPED_OPEN(open)                                                                             \
    WRAPPED_OPENAT(openat)                                                                         \
    WRAPPED_FILE(int, fstat, (int fd, struct stat *status), (fd, status), -1)                      \
    WRAPPED_FILE(int, lstat, (const char *path, struct stat *status), (path, status), -1)          \
    WRAPPED_FILE(int, fstatat, (int fd, const char *path, struct stat *status, int flags),         \
                 (fd, path, status, flags), -1)                                                    \
    WRAPPED_FILE(int, mkostemp, (char *name, int flags), (name, flags), -1)                        \
    WRAPPED_FILE(struct dirent *, readdir, (DIR * directory), (directory), NULL)                   \
    WRAPPED_BYTES(pread, (int fd, void *data, size_t len, off_t at), (fd, data, part_of(len), at)) \
    WRAPPED_BYTES(pwrite, (int fd, const void *data, size_t len, off_t at),                        \
                  (fd, data, part_of(len), at))

LARGE_CALLS(open, openat, fstat, lstat, fstatat, mkostemp, readdir, pread, pwrite)
#ifdef __GLIBC__
LARGE_CALLS(open64, openat64, fstat64, lstat64, fstatat64, mkostemp64, readdir64, pread64, pwrite64)
#endif

WRAPPED_FILE(int, fsync, (int fd), (fd), -1)
WRAPPED_FILE(int, rename, (const char *from, const char *to), (from, to), -1)
WRAPPED_FILE(int, unlink, (const char *path), (path), -1)
WRAPPED_FILE(int, unlinkat, (int directory, const char *path, int flags), (directory, path, flags),
             -1)
WRAPPED_FILE(int, flock, (int fd, int what), (fd, what), -1)
WRAPPED_FILE(char *, realpath, (const char *path, char *out), (path, out), NULL)
WRAPPED_FILE(DIR *, opendir, (const char *path), (path), NULL)
WRAPPED_FILE(DIR *, fdopendir, (int fd), (fd), NULL)

WRAPPED_BYTES(read, (int fd, void *data, size_t len), (fd, data, part_of(len)))
WRAPPED_BYTES(write, (int fd, const void *data, size_t len), (fd, data, part_of(len)))

/* -- libraries ---------------------------------------------------------------------------------- */

WRAPPED_LIBRARY(int, sodium_init, (void), (), -1)
WRAPPED_LIBRARY(zip_int64_t, zip_fread, (zip_file_t * file, void *data, zip_uint64_t len),
                (file, data, len), -1)
WRAPPED_LIBRARY(zip_file_t *, zip_fopen_index, (zip_t * zip, zip_uint64_t at, zip_flags_t flags),
                (zip, at, flags), NULL)
WRAPPED_LIBRARY(int, zip_stat_index,
                (zip_t * zip, zip_uint64_t at, zip_flags_t flags, zip_stat_t *status),
                (zip, at, flags, status), -1)
