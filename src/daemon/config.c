/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/config_private.h"
#include "net/net.h"
#include "vault/vault.h"

/* Towards anything but a simulator on this machine. */
#define POLL_INTERVAL_MIN (10 * CLOCK_SECOND)

#define SECRET_MAX 512 /* bytes of a client secret */
#define READ_SIZE 16384

/* The only values that the environment may give. */
#define CLIENT_ID_VARIABLE "SPOTIFY_CLIENT_ID"
#define CLIENT_SECRET_VARIABLE "SPOTIFY_CLIENT_SECRET"

/* -- Problems ---------------------------------------------------------------------------------- */

void config_problem_list(struct config_reading *reading, int line, const char *format,
                         va_list arguments)
{
    char text[CONFIG_REASON_SIZE + 64];
    struct config_problem *problem;

    if (reading->problem_count++ >= CONFIG_PROBLEMS_MAX)
        return;
    vsnprintf(text, sizeof(text), format, arguments);
    problem = &reading->problems[reading->problem_count - 1];
    problem->line = line;
    problem->text = arena_copy(&reading->arena, text, strlen(text));
    if (problem->text == NULL) {
        problem->text = "something is wrong here, and there is no memory to say what";
        reading->no_memory = true;
    }
}

void config_problem(struct config_reading *reading, int line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    config_problem_list(reading, line, format, arguments);
    va_end(arguments);
}

/* A problem of an option, at the place where its value is from. */
static void option_problem(struct config_reading *reading, size_t index, const char *reason)
{
    int line = reading->loaded->line[index];

    config_problem(reading, line, "%s: %s",
                   line == CONFIG_LINE_ENVIRONMENT ? CLIENT_ID_VARIABLE
                                                   : option_at(index)->shown.name,
                   reason);
}

/* The environment is looked at after the file, so it comes last. */
static int problem_rank(const struct config_problem *problem)
{
    return problem->line == CONFIG_LINE_ENVIRONMENT ? INT_MAX : problem->line;
}

static void sort_problems(struct config_problem *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct config_problem moved = list[i];
        size_t place = i;

        for (; place > 0 && problem_rank(&list[place - 1]) > problem_rank(&moved); place--)
            list[place] = list[place - 1];
        list[place] = moved;
    }
}

static void print_problems(struct config_reading *reading, struct buf *out)
{
    size_t kept =
        reading->problem_count < CONFIG_PROBLEMS_MAX ? reading->problem_count : CONFIG_PROBLEMS_MAX;

    sort_problems(reading->problems, kept);
    for (size_t i = 0; i < kept; i++) {
        const struct config_problem *problem = &reading->problems[i];

        if (problem->line == CONFIG_LINE_ENVIRONMENT)
            buf_addf(out, "environment: %s\n", problem->text);
        else if (problem->line == CONFIG_LINE_NONE)
            buf_addf(out, "%s: %s\n", reading->file, problem->text);
        else
            buf_addf(out, "%s:%d: %s\n", reading->file, problem->line, problem->text);
    }
    if (reading->problem_count > kept)
        buf_addf(out, "%s: %zu more problems\n", reading->file, reading->problem_count - kept);
    if (reading->no_memory)
        buf_addf(out, "%s: no memory\n", reading->file);
}

/* -- Values ------------------------------------------------------------------------------------ */

void config_free(struct config *config)
{
    struct config_loaded *loaded = (struct config_loaded *)config;

    if (config == NULL)
        return;
    for (size_t i = 0; option_at(i) != NULL; i++)
        config_value_free(option_at(i), config);
    if (config->spotify.client_secret != NULL)
        buf_wipe(config->spotify.client_secret, strlen(config->spotify.client_secret));
    free(config->spotify.client_secret);
    free(config->web.password_hash);
    free(loaded->file);
    free(loaded);
}

/* Puts values from a line (CONFIG_LINE_*) into an option. */
static void set_option(struct config_reading *reading, size_t index, const char *const *values,
                       size_t count, int line)
{
    char reason[CONFIG_REASON_SIZE];

    reading->loaded->line[index] = line;
    reading->good[index] =
        config_value_read(option_at(index), values, count, &reading->loaded->config, reason);
    if (!reading->good[index])
        option_problem(reading, index, reason);
}

static void set_defaults(struct config_reading *reading)
{
    const struct option_row *row;

    for (size_t i = 0; (row = option_at(i)) != NULL; i++)
        set_option(reading, i, &row->initial, row->kind == OPTION_LIST ? 0 : 1, CONFIG_LINE_NONE);
}

static void set_given(struct config_reading *reading)
{
    for (size_t i = 0; option_at(i) != NULL; i++) {
        const struct config_given *given = &reading->given[i];

        if (given->given && !reading->no_memory)
            set_option(reading, i, given->items, given->count, reading->loaded->line[i]);
    }
}

/* What an environment variable says, NULL for nothing; empty is the same as not set. */
static const char *from_environment(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static void set_from_environment(struct config_reading *reading)
{
    const char *client_id = from_environment(CLIENT_ID_VARIABLE);
    int index = option_find("spotify", "client_id");

    if (client_id != NULL)
        set_option(reading, (size_t)index, &client_id, 1, CONFIG_LINE_ENVIRONMENT);
}

/* -- The client secret ------------------------------------------------------------------------- */

/* A secret: the text without the blanks around it, copied into *secret. NULL, or what is wrong. */
static const char *take_secret(char *text, char **secret)
{
    size_t len;

    text += strspn(text, " \t\r\n");
    len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    if (len == 0)
        return "is empty";
    if (len > SECRET_MAX)
        return "is too long for a secret";
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return "holds bytes that no secret has";
    }
    free(*secret);
    *secret = strndup(text, len);
    return *secret != NULL ? NULL : "does not fit into memory";
}

/* Reads the secret from an open file. NULL, or what is wrong. */
static const char *read_secret(int fd, char **secret)
{
    char text[2 * SECRET_MAX];
    const char *wrong;
    struct stat status;
    ssize_t len;

    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        return "is not a regular file";
    if ((status.st_mode & S_IRWXO) != 0)
        return "is open to all users: take their rights away with chmod o=";
    len = read(fd, text, sizeof(text) - 1);
    if (len < 0)
        return strerror(errno);
    text[len] = '\0';
    wrong =
        strlen(text) == (size_t)len ? take_secret(text, secret) : "holds bytes that no secret has";
    buf_wipe(text, sizeof(text));
    return wrong;
}

/* Reads the file that an option names into *secret; "" without a name. */
static void load_secret_file(struct config_reading *reading, size_t option, const char *path,
                             char **secret)
{
    char reason[CONFIG_REASON_SIZE];
    const char *wrong;
    int fd;

    if (path == NULL || *path == '\0')
        return;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not stop us */
    if (fd < 0 && errno == EACCES && reading->is_public)
        return;
    wrong = fd < 0 ? strerror(errno) : read_secret(fd, secret);
    if (fd >= 0)
        close(fd);
    if (wrong == NULL)
        return;
    snprintf(reason, sizeof(reason), "%.200s %s%s", path, fd < 0 ? "cannot be read: " : "", wrong);
    option_problem(reading, option, reason);
}

static void load_secret(struct config_reading *reading)
{
    struct config *config = &reading->loaded->config;
    const char *variable = from_environment(CLIENT_SECRET_VARIABLE);

    if (variable != NULL) {
        char *copy = strdup(variable);
        const char *wrong =
            copy ? take_secret(copy, &config->spotify.client_secret) : "does not fit into memory";

        vault_wipe_free(copy);
        reading->loaded->secret_from_environment = true;
        if (wrong != NULL)
            config_problem(reading, CONFIG_LINE_ENVIRONMENT, CLIENT_SECRET_VARIABLE ": %s", wrong);
    } else {
        load_secret_file(reading, (size_t)option_find("spotify", "client_secret_file"),
                         config->spotify.client_secret_file, &config->spotify.client_secret);
    }
    if (config->spotify.client_secret == NULL)
        config->spotify.client_secret = strdup("");
    reading->no_memory = reading->no_memory || config->spotify.client_secret == NULL;
}

static void load_password(struct config_reading *reading)
{
    struct config *config = &reading->loaded->config;
    size_t option = (size_t)option_find("web", "password_file");
    const char *path = config->web.password_file;

    load_secret_file(reading, option, path, &config->web.password_hash);
    if (config->web.password_hash != NULL && !vault_password_is_hash(config->web.password_hash))
        option_problem(reading, option,
                       "holds no line as spotify-historyctl password prints it (never the password "
                       "itself)");
    if (config->web.password_hash == NULL)
        config->web.password_hash = strdup("");
    reading->no_memory = reading->no_memory || config->web.password_hash == NULL;
}

/* -- What must fit together -------------------------------------------------------------------- */

static void check_shortest(struct config_reading *reading, size_t index, int64_t interval_ms)
{
    if (interval_ms < POLL_INTERVAL_MIN)
        option_problem(reading, index,
                       "must be at least 10s, unless api_url is on this machine (a simulator)");
}

static void check_intervals(struct config_reading *reading)
{
    const struct config *config = &reading->loaded->config;
    size_t url = (size_t)option_find("spotify", "api_url");
    size_t poll = (size_t)option_find("capture", "poll_interval");
    size_t sweep = (size_t)option_find("capture", "sweep_interval");

    if (!reading->good[url] || !reading->good[poll] || !reading->good[sweep])
        return;
    if (!net_url_is_loopback(config->spotify.api_url)) {
        check_shortest(reading, poll, config->capture.poll_interval_ms);
        check_shortest(reading, sweep, config->capture.sweep_interval_ms);
    }
    if (config->capture.sweep_interval_ms < config->capture.poll_interval_ms)
        option_problem(reading, reading->loaded->line[sweep] != CONFIG_LINE_NONE ? sweep : poll,
                       "capture.sweep_interval must not be shorter than capture.poll_interval");
}

/* A page that other machines can reach shows what people listen to, and signs accounts in. */
static void check_page(struct config_reading *reading)
{
    const struct config *config = &reading->loaded->config;
    size_t listen = (size_t)option_find("web", "listen");

    if (!reading->good[listen] || config->web.listen[0] == '\0' ||
        option_listen_is_loopback(config->web.listen))
        return;
    if (config->web.password_file == NULL || config->web.password_file[0] == '\0')
        option_problem(reading, listen,
                       "other machines can reach this address: set web.password_file first (see "
                       "spotify-historyctl password)");
}

/* -- The file ---------------------------------------------------------------------------------- */

/* Reads all of an open file. NULL, or what is wrong. */
static const char *read_all(int fd, struct buf *text)
{
    char chunk[READ_SIZE];
    struct stat status;
    ssize_t len;

    if (fstat(fd, &status) < 0)
        return strerror(errno);
    if (S_ISDIR(status.st_mode))
        return "is a directory, not a file";
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) /* /dev/null is a fine empty file */
        return "is not a regular file";
    while ((len = read(fd, chunk, sizeof(chunk))) != 0) {
        if (len < 0 && errno != EINTR)
            return strerror(errno);
        if (len > 0 && !buf_add(text, chunk, (size_t)len))
            return text->limit - text->len < (size_t)len
                       ? "is larger than 1 MiB: not a configuration file"
                       : "out of memory";
    }
    return NULL;
}

static struct config *load_text(const char *file, const char *text, size_t len, bool is_public,
                                struct buf *problems);

static struct config *load(const char *path, bool is_public, struct buf *problems)
{
    const char *file = path != NULL ? path : CONFIG_DEFAULT_FILE;
    struct buf text = {.limit = CONFIG_FILE_MAX};
    struct config *config = NULL;
    const char *wrong = NULL;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd >= 0)
        wrong = read_all(fd, &text);
    else if (path != NULL || errno != ENOENT)
        wrong = strerror(errno);
    if (wrong != NULL)
        buf_addf(problems, "%s: %s%s\n", file, fd < 0 ? "cannot be read: " : "", wrong);
    else
        config = load_text(file, text.data != NULL ? text.data : "", text.len, is_public, problems);
    if (fd >= 0)
        close(fd);
    buf_free(&text, false);
    return config;
}

struct config *config_load(const char *path, struct buf *problems)
{
    return load(path, false, problems);
}

struct config *config_load_public(const char *path, struct buf *problems)
{
    return load(path, true, problems);
}

/* Reads text, which it changes, into reading->loaded. */
static void read_text(struct config_reading *reading, char *text, size_t len)
{
    set_defaults(reading);
    if (config_scan(reading, text, len) && config_confuse(reading, text))
        set_given(reading);
    set_from_environment(reading);
    load_secret(reading);
    load_password(reading);
    check_intervals(reading);
    check_page(reading);
}

static struct config *load_text(const char *file, const char *text, size_t len, bool is_public,
                                struct buf *problems)
{
    struct config_reading reading = {.file = file, .is_public = is_public};
    struct config *config = NULL;
    char *copy = malloc(len + 1);

    reading.loaded = calloc(1, sizeof(*reading.loaded));
    if (reading.loaded == NULL || copy == NULL) {
        free(reading.loaded);
        buf_addf(problems, "%s: no memory\n", file);
        goto out;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    config = &reading.loaded->config;
    reading.loaded->file = strdup(file);
    reading.no_memory = reading.loaded->file == NULL;
    read_text(&reading, copy, len);
    if (reading.problem_count > 0 || reading.no_memory) {
        print_problems(&reading, problems);
        config_free(config);
        config = NULL;
    }

out:
    arena_free(&reading.arena);
    free(copy);
    return config;
}

struct config *config_load_text(const char *file, const char *text, size_t len,
                                struct buf *problems)
{
    return load_text(file, text, len, false, problems);
}
