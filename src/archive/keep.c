/* SPDX-License-Identifier: MIT */
#include "archive/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct field {
    char letter;
    int digits, least, most;
};

/* In the order of keep_match()'s fields. A second of 60 is a leap second. */
static const struct field fields[KEEP_FIELDS] = {
    {'Y', 4, 0, 9999}, {'m', 2, 1, 12}, {'d', 2, 1, 31},
    {'H', 2, 0, 23},   {'M', 2, 0, 59}, {'S', 2, 0, 60},
};

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Number of a letter's field, -1: it is none. */
static int field_of(char letter)
{
    for (int i = 0; i < KEEP_FIELDS; i++)
        if (fields[i].letter == letter)
            return i;
    return -1;
}

const char *keep_problem(const char *pattern, bool dated)
{
    const char *last = last_part(pattern);
    unsigned seen = 0;

    for (const char *at = strchr(pattern, '%'); at; at = strchr(at + 2, '%')) {
        int field = field_of(at[1]);

        if (field < 0 && at[1] != '%')
            return "only %Y %m %d %H %M %S and %% may stand in the name";
        if (field >= 0 && at < last)
            return "the name of a folder cannot depend on the time";
        if (field >= 0)
            seen |= 1U << field;
    }
    if (dated && (seen & 7U) != 7U)
        return "to keep the newest, the name must have %Y, %m and %d in it";
    return NULL;
}

static int value_of(const struct tm *time, int field)
{
    const int values[KEEP_FIELDS] = {time->tm_year + 1900, time->tm_mon + 1, time->tm_mday,
                                     time->tm_hour,        time->tm_min,     time->tm_sec};

    return values[field];
}

void keep_expand(const char *pattern, const struct tm *time, struct buf *out)
{
    for (const char *at = pattern; *at; at++) {
        int field = at[0] == '%' && at[1] ? field_of(at[1]) : -1;

        if (field >= 0)
            buf_addf(out, "%0*d", fields[field].digits, value_of(time, field));
        else
            buf_add(out, at, 1);
        if (at[0] == '%' && at[1])
            at++;
    }
}

/* Reads a field's digits; its value, -1: it is none. */
static int read_field(const char *text, const struct field *field)
{
    int value = 0;

    for (int i = 0; i < field->digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value >= field->least && value <= field->most ? value : -1;
}

/* One field of the name into when; seen: those that were there before. */
static bool match_field(const char *name, int field, int *when, unsigned *seen)
{
    int value = read_field(name, &fields[field]);

    if (value < 0 || (*seen >> field & 1U && when[field] != value))
        return false;
    when[field] = value;
    *seen |= 1U << field;
    return true;
}

bool keep_match(const char *pattern, const char *name, int when[static KEEP_FIELDS])
{
    unsigned seen = 0;

    memset(when, 0, KEEP_FIELDS * sizeof(when[0]));
    for (const char *at = last_part(pattern); *at; at++) {
        int field = at[0] == '%' ? field_of(at[1]) : -1;

        if (at[0] == '%')
            at++;
        if (field >= 0) {
            if (!match_field(name, field, when, &seen))
                return false;
            name += fields[field].digits;
        } else if (*name++ != *at) {
            return false;
        }
    }
    return *name == '\0';
}

/* -- What is there ----------------------------------------------------------------------------- */

struct copy {
    int when[KEEP_FIELDS];
    char *name;
};

struct copies {
    struct copy *list;
    size_t count, cap;
};

static int compare(const void *one, const void *other)
{
    const struct copy *a = one, *b = other;

    for (int i = 0; i < KEEP_FIELDS; i++)
        if (a->when[i] != b->when[i])
            return a->when[i] > b->when[i] ? -1 : 1; /* newest first */
    return strcmp(b->name, a->name);
}

static int copies_add(struct copies *copies, const char *name, const int *when)
{
    if (copies->count == copies->cap) {
        size_t cap = copies->cap > 0 ? copies->cap * 2 : 16;
        struct copy *grown = realloc(copies->list, cap * sizeof(*grown));

        if (!grown)
            return ENOMEM;
        copies->list = grown;
        copies->cap = cap;
    }
    copies->list[copies->count].name = strdup(name);
    if (!copies->list[copies->count].name)
        return ENOMEM;
    memcpy(copies->list[copies->count++].when, when, KEEP_FIELDS * sizeof(*when));
    return 0;
}

static void copies_free(struct copies *copies)
{
    for (size_t i = 0; i < copies->count; i++)
        free(copies->list[i].name);
    free(copies->list);
}

static bool is_plain_file(int directory, const char *name)
{
    struct stat status;

    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

/* All files of the pattern but the one that was just made. */
static int copies_find(DIR *directory, const char *pattern, const char *made, struct copies *copies)
{
    struct dirent *entry;
    int when[KEEP_FIELDS], error = 0;

    while (error == 0 && (errno = 0, entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, last_part(made)) != 0 &&
            keep_match(pattern, entry->d_name, when) &&
            is_plain_file(dirfd(directory), entry->d_name))
            error = copies_add(copies, entry->d_name, when);
    }
    return error != 0 ? error : errno;
}

static DIR *open_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = !slash ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    DIR *directory = name ? opendir(name) : NULL;

    free(name);
    return directory;
}

int keep_newest(const char *pattern, const char *made, long count, struct buf *removed)
{
    DIR *directory = open_directory(made);
    struct copies copies = {0};
    int error;

    if (!directory)
        return errno;
    error = copies_find(directory, pattern, made, &copies);
    if (error == 0 && copies.count > 0)
        qsort(copies.list, copies.count, sizeof(copies.list[0]), compare);
    for (size_t i = count > 0 ? (size_t)count - 1 : 0; error == 0 && i < copies.count; i++) {
        if (unlinkat(dirfd(directory), copies.list[i].name, 0) == 0)
            buf_addf(removed, "%s\n", copies.list[i].name);
        else if (errno != ENOENT)
            error = errno;
    }
    copies_free(&copies);
    closedir(directory);
    return error;
}
