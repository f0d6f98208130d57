/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define LOG_LINE_SIZE 2048 /* bytes of a line, its end included */
#define LOG_PREFIX_SIZE 32 /* "HH:MM:SS warning: " or "<6>" */
#define LOG_PATIENCE_MS 10 /* how long a reader that does not read may hold us up, a line */
#define LOG_EPISODE_CHANGE (10 * CLOCK_MINUTE) /* between lines on a trouble that changes */
#define LOG_EPISODE_AGAIN CLOCK_HOUR

static const struct log_level_entry {
    const char *name;
    const char *mark; /* before the text, for people */
    int priority;     /* of syslog(3) */
} log_levels[] = {
    [LOG_LEVEL_ERROR] = {"error", "error: ", 3}, [LOG_LEVEL_WARNING] = {"warning", "warning: ", 4},
    [LOG_LEVEL_NOTICE] = {"notice", "", 5},      [LOG_LEVEL_INFO] = {"info", "", 6},
    [LOG_LEVEL_DEBUG] = {"debug", "", 7},
};

#define LOG_LEVELS (sizeof(log_levels) / sizeof(log_levels[0]))

static struct {
    bool journal;
    enum log_level level;
    log_sink_function *sink;
    void *sink_context;
    unsigned long lost; /* lines that could not be written since the last one that could */
} state = {.level = LOG_LEVEL_INFO};

/* Whether standard error is the very stream that systemd told us of: it may have been redirected
 * since. */
static bool log_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    char own[48];

    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
        return false;
    snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    return strcmp(stream, own) == 0;
}

void log_open(enum log_form form, enum log_level level)
{
    int saved = errno;

    state.journal = form == LOG_FORM_JOURNAL || (form == LOG_FORM_AUTO && log_is_journal());
    state.level = level;
    errno = saved;
}

void log_set_level(enum log_level level)
{
    state.level = level;
}

enum log_level log_get_level(void)
{
    return state.level;
}

bool log_level_parse(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < LOG_LEVELS; i++) {
        if (strcmp(name, log_levels[i].name) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

const char *log_level_name(enum log_level level)
{
    return log_levels[level].name;
}

void log_set_sink(log_sink_function *sink, void *context)
{
    state.sink = sink;
    state.sink_context = context;
}

static size_t log_prefix(enum log_level level, char prefix[static LOG_PREFIX_SIZE])
{
    const struct log_level_entry *entry = &log_levels[level];
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm local = {0};

    if (state.journal)
        return (size_t)snprintf(prefix, LOG_PREFIX_SIZE, "<%d>", entry->priority);
    (void)localtime_r(&now, &local);
    return (size_t)snprintf(prefix, LOG_PREFIX_SIZE, "%02d:%02d:%02d %s", local.tm_hour,
                            local.tm_min, local.tm_sec, entry->mark);
}

/* Writes whole lines or nothing: a reader that stands still must not make the event loop do so, and
 * one that is gone must not raise SIGPIPE. */
static bool log_write(const char *line, size_t len)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&out, 1, LOG_PATIENCE_MS) != 1 || (out.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return false;
    return write(STDERR_FILENO, line, len) > 0;
}

static void log_write_text(enum log_level level, const char *text, size_t text_len)
{
    char line[LOG_PREFIX_SIZE + LOG_LINE_SIZE + 64];
    size_t len = log_prefix(level, line);

    memcpy(line + len, text, text_len);
    len += text_len;
    if (state.lost > 0)
        len +=
            (size_t)snprintf(line + len, 64, " (%lu lines before this one were lost)", state.lost);
    line[len++] = '\n';
    if (log_write(line, len))
        state.lost = 0;
    else
        state.lost++;
}

static void log_vat(enum log_level level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void log_vat(enum log_level level, const char *format, va_list arguments)
{
    char raw[LOG_LINE_SIZE +
             256]; /* longer than a line, so that text_line() sees that it must cut */
    char text[LOG_LINE_SIZE];
    int saved = errno;

    if (level > state.level)
        return;
    if (vsnprintf(raw, sizeof(raw), format, arguments) < 0)
        snprintf(raw, sizeof(raw), "%s", format);
    text_line(raw, strlen(raw), text, sizeof(text));
    if (state.sink != NULL)
        state.sink(level, text, state.sink_context);
    else
        log_write_text(level, text, strlen(text));
    errno = saved;
}

void log_at(enum log_level level, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_vat(level, format, arguments);
    va_end(arguments);
}

void log_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_vat(LOG_LEVEL_ERROR, format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_vat(LOG_LEVEL_WARNING, format, arguments);
    va_end(arguments);
}

void log_notice(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_vat(LOG_LEVEL_NOTICE, format, arguments);
    va_end(arguments);
}

void log_info(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_vat(LOG_LEVEL_INFO, format, arguments);
    va_end(arguments);
}

void log_debug(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_vat(LOG_LEVEL_DEBUG, format, arguments);
    va_end(arguments);
}

/* "once in the last hour", "7 times in the last 5 h" */
static void log_episode_say_again(struct log_episode *episode, int64_t now_ms, enum log_level level,
                                  const char *text)
{
    int64_t since_ms = now_ms - episode->said_boot_ms;
    char times[32];
    char hours[TEXT_DURATION_SIZE];

    snprintf(times, sizeof(times), "%llu times", (unsigned long long)episode->count);
    log_at(level, "%s (still, %s in the last %s)", text, episode->count == 1 ? "once" : times,
           since_ms < 2 * CLOCK_HOUR ? "hour" : text_duration_human(since_ms, hours));
    episode->said_boot_ms = now_ms;
    episode->count = 0;
}

/* Equal but for the numbers in them: "timed out after 1002 ms" and "after 999 ms" tell the same. */
static bool same_but_numbers(const char *a, const char *b)
{
    for (;;) {
        bool number = isdigit((unsigned char)*a) && isdigit((unsigned char)*b);

        while (number && isdigit((unsigned char)*a))
            a++;
        while (number && isdigit((unsigned char)*b))
            b++;
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

/* Another text is worth a line if it is graver, or if some time has passed since the last one: a
 * trouble that shows itself in turns (refused, timed out) is one trouble. */
static bool log_episode_is_news(const struct log_episode *episode, const char *about,
                                int64_t now_ms, enum log_level level)
{
    if (same_but_numbers(about, episode->about))
        return false;
    return level < episode->level || now_ms - episode->said_boot_ms >= LOG_EPISODE_CHANGE;
}

void log_episode_meet(struct log_episode *episode, int64_t now_ms, enum log_level level,
                      const char *format, ...)
{
    char text[LOG_LINE_SIZE];
    char about[sizeof(episode->about)];
    int saved = errno;
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    va_end(arguments);
    snprintf(about, sizeof(about), "%.*s", (int)sizeof(about) - 1, text);
    if (!episode->active || log_episode_is_news(episode, about, now_ms, level)) {
        if (!episode->active)
            *episode = (struct log_episode){.active = true, .since_boot_ms = now_ms};
        episode->said_boot_ms = now_ms;
        episode->count = 0;
        episode->level = level;
        memcpy(episode->about, about, sizeof(about));
        log_at(level, "%s", text);
    } else {
        episode->count++;
        if (now_ms - episode->said_boot_ms >= LOG_EPISODE_AGAIN)
            log_episode_say_again(episode, now_ms, level, text);
    }
    errno = saved;
}

void log_episode_leave(struct log_episode *episode, int64_t now_ms, const char *format, ...)
{
    char text[LOG_LINE_SIZE];
    char lasted[TEXT_DURATION_SIZE];
    int saved = errno;
    va_list arguments;

    if (!episode->active)
        return;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    va_end(arguments);
    log_notice("%s after %s", text, text_duration_human(now_ms - episode->since_boot_ms, lasted));
    *episode = (struct log_episode){0};
    errno = saved;
}
