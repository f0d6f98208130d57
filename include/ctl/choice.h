/* SPDX-License-Identifier: MIT */
/*
 * ctl/choice: what the commands that list plays have in common: whose, from when to when, how many,
 * all read in one transaction.
 */
#ifndef CTL_CHOICE_H
#define CTL_CHOICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/ctl.h"
#include "ctl/when.h"
#include "daemon/config.h"
#include "store/store.h"

#define CHOICE_USER_HELP "of this user only"
#define CHOICE_SINCE_HELP "from then on: " WHEN_FORMS
#define CHOICE_UNTIL_HELP "before then"

/* Reads --since and --until (NULL: not given) into ms, STORE_NO_TIME: no bound. A name in since
 * without until stands for all of what it names. False: said. */
bool choice_read_times(const struct ctl_call *call, const char *since, const char *until,
                       int64_t now, int64_t *since_ms, int64_t *until_ms);

/* Reads the number of -n; NULL: stays as it is. False: said. */
bool choice_read_limit(const struct ctl_call *call, const char *text, size_t *limit);

struct choice {
    const struct ctl_call *call;
    struct config *config;
    struct store *store; /* in a read transaction */
    json_t *users;       /* those that were asked for, as reader_users() has them */
    int64_t user_id;     /* 0: all */
    int64_t now;         /* wall ms */
};

/* Opens the database and finds the user (NULL: all). Returns an exit status; not OK: said. Ended by
 * choice_close() in any case. */
int choice_open(struct choice *choice, const struct ctl_call *call, const char *user);
void choice_close(struct choice *choice);

/* Says what the store says of a failure; its exit status. */
int choice_failed(const struct choice *choice, enum store_result result);

/* What a user is called, "?" for one that is not there. Borrowed. */
const char *choice_user_name(const struct choice *choice, int64_t user_id);

/* True if a table needs a column that says whose a row is. */
bool choice_has_many(const struct choice *choice);

/* A moment for JSON: RFC 3339 in UTC, or null. */
json_t *choice_time_json(int64_t ms);

/* A text for JSON, null for NULL; what is not UTF-8 is escaped as print_text() does. */
json_t *choice_text_json(const char *text);

#endif
