/* SPDX-License-Identifier: MIT */
#include "config_help.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config_private.h"

static char folder[64];
static struct buf problems;

void config_help_setup(void)
{
    strcpy(folder, "/tmp/historyd-config-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    unsetenv("SPOTIFY_CLIENT_ID");
    unsetenv("SPOTIFY_CLIENT_SECRET");
}

void config_help_teardown(void)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            remove(config_help_path(entry->d_name));
    }
    if (dir != NULL)
        closedir(dir);
    rmdir(folder);
    buf_free(&problems, false);
}

const char *config_help_path(const char *name)
{
    static char paths[8][320];
    static unsigned int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

const char *config_help_file(const char *name, const void *data, size_t len, mode_t mode)
{
    const char *path = config_help_path(name);
    int fd;

    (void)unlink(path); /* an older one may be read-only, which stops everybody but root */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

static struct config *check_good(struct config *config)
{
    ck_assert_msg(config != NULL, "refused: %s", problems.data);
    ck_assert_uint_eq(problems.len, 0);
    return config;
}

static const char *check_bad(struct config *config)
{
    ck_assert_msg(config == NULL, "should have been refused");
    ck_assert_uint_gt(problems.len, 0);
    return problems.data;
}

struct config *config_help_good(const char *text)
{
    buf_clear(&problems, false);
    return check_good(config_load_text("test.conf", text, strlen(text), &problems));
}

const char *config_help_bad(const char *text)
{
    struct config *config;

    buf_clear(&problems, false);
    config = config_load_text("test.conf", text, strlen(text), &problems);
    ck_assert_msg(config == NULL, "should have been refused: %s", text);
    return check_bad(config);
}

struct config *config_help_good_file(const char *path)
{
    buf_clear(&problems, false);
    return check_good(config_load(path, &problems));
}

const char *config_help_bad_file(const char *path)
{
    buf_clear(&problems, false);
    return check_bad(config_load(path, &problems));
}

char *config_help_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    char *text;

    ck_assert_msg(file != NULL, "cannot open %s", path);
    ck_assert_int_eq(fstat(fileno(file), &status), 0);
    text = calloc(1, (size_t)status.st_size + 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(fread(text, 1, (size_t)status.st_size, file), (size_t)status.st_size);
    fclose(file);
    return text;
}
