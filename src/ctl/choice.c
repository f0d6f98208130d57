/* SPDX-License-Identifier: MIT */
#include "ctl/choice.h"

#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/text.h"
#include "ctl/fields.h"
#include "ctl/local.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "ctl/user.h"
#include "ctl/when.h"
#include "daemon/open.h"
#include "store/users.h"

#define LIMIT_MOST 1000000

/* -- Options ----------------------------------------------------------------------------------- */

static bool read_time(const struct ctl_call *call, const char *option, const char *text,
                      int64_t now, int64_t *ms)
{
    *ms = STORE_NO_TIME;
    if (!text || when_parse(text, now, ms))
        return true;
    print_error(call->command, "--%s %s: not a time: " WHEN_FORMS, option, text);
    return false;
}

bool choice_read_times(const struct ctl_call *call, const char *since, const char *until,
                       int64_t now, int64_t *since_ms, int64_t *until_ms)
{
    if (!read_time(call, "since", since, now, since_ms) ||
        !read_time(call, "until", until, now, until_ms))
        return false;
    if (since && !until)
        (void)when_name_ends(since, now, until_ms);
    return true;
}

bool choice_read_limit(const struct ctl_call *call, const char *text, size_t *limit)
{
    int64_t number;

    if (!text)
        return true;
    if (!text_int_parse(text, strlen(text), &number) || number < 1 || number > LIMIT_MOST) {
        print_error(call->command, "-n %s: not a number from 1 to %d", text, LIMIT_MOST);
        return false;
    }
    *limit = (size_t)number;
    return true;
}

/* -- The database ------------------------------------------------------------------------------ */

/* Only the one that was asked for stays in the list. */
static int find_user(struct choice *choice, const char *wish)
{
    struct buf why = {0};
    json_t *user = (json_t *)user_find(choice->users, wish, &why), *one;

    if (!user) {
        print_error(choice->call->command, "%s", why.data ? why.data : "out of memory");
        buf_free(&why, false);
        return EXIT_STATUS_USAGE;
    }
    buf_free(&why, false);
    choice->user_id = user_number(user);
    one = json_pack("[O]", user);
    json_decref(choice->users);
    choice->users = one;
    if (!one)
        print_error(choice->call->command, "out of memory");
    return one ? EXIT_STATUS_OK : EXIT_STATUS_SOFTWARE;
}

int choice_open(struct choice *choice, const struct ctl_call *call, const char *user)
{
    enum store_result result;
    int status;

    *choice = (struct choice){.call = call, .now = clock_wall_ms()};
    open_harden_process();
    choice->config = local_config(call);
    if (!choice->config)
        return EXIT_STATUS_CONFIG;
    status = reader_open(call, choice->config, &choice->store);
    if (status != EXIT_STATUS_OK)
        return status;
    result = store_begin_read(choice->store);
    if (result == STORE_OK && !(choice->users = reader_users(choice->store)))
        result = STORE_IO;
    if (result != STORE_OK)
        return choice_failed(choice, result);
    return user ? find_user(choice, user) : EXIT_STATUS_OK;
}

void choice_close(struct choice *choice)
{
    if (choice->store)
        store_rollback(choice->store);
    store_close(choice->store);
    json_decref(choice->users);
    config_free(choice->config);
    *choice = (struct choice){0};
}

int choice_failed(const struct choice *choice, enum store_result result)
{
    return reader_failed(choice->call, choice->config, choice->store, result);
}

/* -- Users ------------------------------------------------------------------------------------- */

const char *choice_user_name(const struct choice *choice, int64_t user_id)
{
    const json_t *user;
    size_t at;

    json_array_foreach (choice->users, at, user) {
        const char *name = field_text(user, "name", "");

        if (user_number(user) == user_id)
            return *name ? name : field_text(user, "spotify_id", "?");
    }
    return "?";
}

bool choice_has_many(const struct choice *choice)
{
    return json_array_size(choice->users) > 1;
}

/* -- JSON -------------------------------------------------------------------------------------- */

json_t *choice_time_json(int64_t ms)
{
    char time[TEXT_TIME_SIZE];

    return ms == STORE_NO_TIME ? json_null() : json_string(text_time_format(ms, time));
}

json_t *choice_text_json(const char *text)
{
    json_t *json = text ? json_string(text) : json_null();
    struct buf escaped = {0};

    if (!json && print_text(&escaped, text))
        json = json_string(escaped.data ? escaped.data : "");
    buf_free(&escaped, false);
    return json;
}
