/* SPDX-License-Identifier: MIT */
/*
 * For the tests of the store: a folder of its own for each test, rows to write, and looks at the
 * files.
 */
#ifndef TESTS_UNIT_STORE_HELP_H
#define TESTS_UNIT_STORE_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/gaps.h"
#include "store/ledger.h"
#include "store/plays.h"
#include "store/store.h"
#include "store/users.h"

#define STORE_HELP_T0 INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

/* A checked fixture: a new folder, and it is gone with all that is in it. */
void store_help_setup(void);
void store_help_teardown(void);

const char *store_help_folder(void);

/* Path of a name in the folder; valid until the next 7 calls. */
const char *store_help_path(const char *name);

/* Path of "history.db" in the folder. */
const char *store_help_db(void);

/* Opens it, which must succeed. */
struct store *store_help_open(enum store_mode mode);

/* Opens path, which must fail; returns why, valid until the next call. */
const char *store_help_refused(const char *path, enum store_mode mode, enum store_result expected);

/* Begins and commits, which must succeed. */
void store_help_begin(struct store *store, enum store_durability durability);
void store_help_commit(struct store *store);

/* A user, an ordinary track (number n), and a play of it by the API, in the transaction that is
 * open. */
int64_t store_help_user(struct store *store, const char *spotify_id);
int64_t store_help_track(struct store *store, int n);
enum store_result store_help_play(struct store *store, int64_t user_id, int64_t played_at,
                                  int64_t track_id);

/* Removes a user in steps of so many rows: the first failure, or STORE_OK, what was removed, and in
 * how many steps (NULL: never mind). */
enum store_result store_help_forget(struct store *store, int64_t user_id, int64_t rows,
                                    struct store_holdings *removed, int *steps);

/* A new database with user 1 and tracks 1 to 3, closed. */
void store_help_make(void);

/* Runs SQL on a file, by a connection of its own that writes. */
void store_help_exec(const char *path, const char *sql);

/* Result of SQL on a file: columns by '|', rows by newline; valid until the next call. Opened for
 * reading, so it leaves no file behind. */
const char *store_help_query(const char *path, const char *sql);

/* The same on the file of store_help_db(). */
const char *store_help_ask(const char *sql);

/* Brings the derived tables up to date; nobody else writes. */
void store_help_sum_up(void);

/* All rows of all tables, each table in order; from malloc. */
char *store_help_dump(const char *path);
char *store_help_dump_table(const char *path, const char *table);

/* Two texts of many lines are equal; says where not, and frees both. */
void store_help_expect_equal(char *one, char *other);
/* The file of store_help_db() holds what it held when this dump was made, which is freed. */
void store_help_expect_dump(char *before);

/* All that can be told of the folder: names, modes, sizes, times of writing, contents (as a
 * digest). From malloc. every_change: times of any change too; SQLite as root changes the owner of
 * a log to what it is. */
char *store_help_snapshot(bool every_change);

/* Writes a file of this content and mode. */
void store_help_write(const char *path, const void *data, size_t len, unsigned mode);

/* All of a file (from malloc; NULL if there is none); *len its length. */
char *store_help_read(const char *path, size_t *len);

/* Another process. It has to be started before this one opens a database: SQLite's notes on which
 * locks a process holds must not be inherited. The two take turns: store_help_pass() lets the other
 * go on and waits until it passes back; false when it has ended. */
struct store_help_other {
    int pid;
    int to;
    int from;
};
void store_help_start(struct store_help_other *other, void (*run)(struct store_help_other *self));
bool store_help_pass(struct store_help_other *other);

/* Waits for the end of a process that ends by itself, or by store_help_die(). */
void store_help_wait(int pid);

/* The same; true if it was killed, false if it came to its end. */
bool store_help_was_killed(int pid);

/* Puts a database of this content in place of the one that is there. */
void store_help_restore(const char *data, size_t size);

/* Ends this process as kill -9 does: nothing is closed, nothing is freed. */
void store_help_die(void) __attribute__((noreturn));

/* Is the text anywhere in the file? */
bool store_help_holds(const char *path, const void *text, size_t len);

#endif
