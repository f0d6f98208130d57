/* SPDX-License-Identifier: MIT */
/*
 * base/log: one line a fact, on standard error.
 *
 * Owns: the level, the form (journal: "<N>text"; terminal and file: "HH:MM:SS text").
 * Offers: log_<level>() for each level, and log_episode for troubles that last (said on entry, once
 * an hour with a count, and on leaving with how long it lasted).
 * Never: prints a control character, blocks on a closed stream (a line that cannot be written is
 * dropped, and the next one says how many were), or ends the program. What is secret is never
 * handed to it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

enum log_form {
    LOG_FORM_AUTO, /* journal if standard error is the stream named by $JOURNAL_STREAM, else text */
    LOG_FORM_JOURNAL, /* syslog priority prefix, see sd-daemon(3) */
    LOG_FORM_TEXT
};

/* Sets form and level; to be called once at start. Before that: text at info. */
void log_open(enum log_form form, enum log_level level);

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Level of a name ("error" ... "debug"); false if it is none. */
bool log_level_parse(const char *name, enum log_level *level);
const char *log_level_name(enum log_level level);

/* Each writes one line (longer than 2 KiB is cut, control bytes and invalid UTF-8 are escaped).
 * errno is kept. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_at(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends every line, without time and level before it, to a function instead of standard error
 * (tests); NULL restores. */
typedef void log_sink_function(enum log_level level, const char *line, void *context);
void log_set_sink(log_sink_function *sink, void *context);

/* A trouble that lasts. Zero-initialised: none. */
struct log_episode {
    bool active;
    int64_t since_boot_ms; /* when it began */
    int64_t said_boot_ms;  /* when it was last said */
    uint64_t count;        /* how often it was met since it was last said */
    enum log_level level;  /* at which */
    char about[160];       /* what was said then */
};

/* Meets the trouble at boot time now_ms: says it (at the level) when it is new, when it has become
 * graver, or when its text is another (not counting numbers) and the last line is ten minutes old;
 * once an hour "... (still, N times in the last hour)" (or "5 h", if it was not met in between);
 * otherwise only counts. */
void log_episode_meet(struct log_episode *episode, int64_t now_ms, enum log_level level,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Ends it: says "<format> after 3 h 12 min" at notice if it was active. */
void log_episode_leave(struct log_episode *episode, int64_t now_ms, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
