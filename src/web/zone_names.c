/* SPDX-License-Identifier: MIT */
#include "web/zone_names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zone.h"

/* All of a file (NUL-terminated, from malloc); NULL: it cannot be had. */
static char *read_all(int fd, size_t size)
{
    char *text = malloc(size + 1);
    size_t len = 0;

    while (text && len < size) {
        ssize_t got = read(fd, text + len, size - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    if (text)
        text[len] = '\0';
    return text;
}

static char *read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    char *text = NULL;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= 0 &&
        (size_t)status.st_size <= ZONE_NAMES_FILE_MAX)
        text = read_all(fd, (size_t)status.st_size);
    close(fd);
    return text;
}

static bool is_name(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(name);

    return len > 0 && len < ZONE_NAME_MAX && strspn(name, letters) == len && name[0] != '/' &&
           name[len - 1] != '/' && strstr(name, "//") == NULL;
}

/* The third column of a line, which is cut up for it. NULL: it has none. */
static char *third_column(char *line)
{
    char *column = line;

    for (int i = 0; i < 2; i++) {
        column = strchr(column, '\t');
        if (!column)
            return NULL;
        column++;
    }
    column[strcspn(column, "\t\r")] = '\0';
    return column;
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static void sort(struct zone_names *names)
{
    size_t kept = 0;

    qsort(names->names, names->count, sizeof(names->names[0]), compare);
    for (size_t i = 0; i < names->count; i++) {
        if (kept == 0 || strcmp(names->names[kept - 1], names->names[i]) != 0)
            names->names[kept++] = names->names[i];
    }
    names->count = kept;
}

void zone_names_read(const char *path, struct zone_names *names)
{
    char *rest = NULL;

    names->count = 0;
    names->text = read_file(path);
    for (char *line = names->text ? strtok_r(names->text, "\n", &rest) : NULL;
         line && names->count < ZONE_NAMES_MAX; line = strtok_r(NULL, "\n", &rest)) {
        const char *name = line[0] != '#' ? third_column(line) : NULL;

        if (name && is_name(name))
            names->names[names->count++] = name;
    }
    if (names->count > 0)
        sort(names);
}

void zone_names_free(struct zone_names *names)
{
    free(names->text);
    *names = (struct zone_names){.text = NULL};
}
