/* SPDX-License-Identifier: MIT */
/*
 * A whole recorder inside a test: one stored user who has to be polled, a Spotify of scripted
 * answers, and time that passes as soon as nothing else happens.
 */
#ifndef TESTS_UNIT_RECORDER_HELP_H
#define TESTS_UNIT_RECORDER_HELP_H

#include <stdbool.h>
#include <stddef.h>

#include "capture/poller.h"

#define RECORDER_HELP_LOG 16384

struct recorder_help {
    struct event_base *base;
    struct vault *vault;
    struct store *store;
    struct recorder *recorder;
    enum store_result fatal; /* STORE_OK: the database did not fail for good */
    char log[RECORDER_HELP_LOG];
};

extern struct recorder_help recorder_help;

/* What the API answers: two plays; who it is. */
extern const char recorder_help_page[], recorder_help_profile[];

/* Checked fixtures: a database with user 1, whose sealed refresh token is "R1". */
void recorder_help_setup(void);
void recorder_help_teardown(void);

/* The database as it is now, closed, is the one that is begun with from now on. */
void recorder_help_keep(void);

/* The same database again, and a recorder over it that is not started. api_answer: one of the
 * two. */
void recorder_help_begin(const char *api_answer);
/* The same with so many users, running; only the first has a token, and nobody is due soon. */
void recorder_help_begin_idle(size_t users);
/* The end of one process and the begin of another, on the same database. */
void recorder_help_restart(void);
/* The end of a process: what is not stored is lost. */
void recorder_help_end(void);

/* Turns of the loop, and time passing, until is_over() says so or a lot of them were made and so
 * many ms are over (Spotify is another process): whether it did. */
bool recorder_help_run(bool (*is_over)(void), int64_t ms);
/* A number of turns. */
void recorder_help_turns(int turns);

/* The first poll has come to its end; the recorder gave up. */
bool recorder_help_polled(void);

/* The stored refresh token of a user; valid until the next call. "": none. */
const char *recorder_help_refresh_token(int64_t user_id);

#endif
