/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/exit.h"
#include "ctl/choice.h"
#include "ctl/ctl.h"
#include "ctl/draw.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/tally.h"
#include "ctl/user.h"
#include "ctl/view_plays.h"

#define USUAL 10

enum { OPTION_USER, OPTION_LIMIT, OPTION_BY, OPTION_SINCE, OPTION_UNTIL, OPTION_JSON };

const struct ctl_option ctl_top_options[] = {
    [OPTION_USER] = {"user", "USER", CHOICE_USER_HELP, 0},
    [OPTION_LIMIT] = {"limit", "N", "the first N of each user (default 10)", 'n'},
    [OPTION_BY] = {"by", "MEASURE", "plays (the default) or time", 0},
    [OPTION_SINCE] = {"since", "TIME", CHOICE_SINCE_HELP, 0},
    [OPTION_UNTIL] = {"until", "TIME", CHOICE_UNTIL_HELP, 0},
    [OPTION_JSON] = {"json", NULL, "print JSON", 0},
    {NULL, NULL, NULL, 0},
};

struct wish {
    enum store_kind kind;
    enum store_measure measure;
    size_t limit;
};

static bool read_kind(const struct ctl_call *call, enum store_kind *kind)
{
    for (int i = 0; i < STORE_KINDS; i++)
        if (strcmp(tally_kind_name((enum store_kind)i), call->operands[0]) == 0) {
            *kind = (enum store_kind)i;
            return true;
        }
    print_error(call->command, "%s: artists, tracks or albums?", call->operands[0]);
    return false;
}

static bool read_wish(const struct ctl_call *call, struct wish *wish)
{
    const char *by = call->option[OPTION_BY];

    *wish = (struct wish){.limit = USUAL};
    if (by && strcmp(by, tally_measure_name(STORE_BY_PLAYS)) != 0 &&
        strcmp(by, tally_measure_name(STORE_BY_TIME)) != 0) {
        print_error(call->command, "--by %s: plays or time?", by);
        return false;
    }
    wish->measure =
        by && strcmp(by, tally_measure_name(STORE_BY_TIME)) == 0 ? STORE_BY_TIME : STORE_BY_PLAYS;
    return read_kind(call, &wish->kind) &&
           choice_read_limit(call, call->option[OPTION_LIMIT], &wish->limit);
}

/* The ranking of one user. */
static json_t *user_json(const struct choice *choice, const struct store_stats_filter *filter,
                         const struct wish *wish, enum store_result *result)
{
    struct store_tally *tally = NULL;
    json_t *items = NULL;

    *result = store_tally_read(choice->store, filter, &tally);
    if (*result != STORE_OK)
        return NULL;
    items = tally_top_json(choice->store, tally, wish->kind, wish->measure, wish->limit, result);
    items = json_pack("{s:I,s:o,s:I,s:I,s:I,s:o}", "user", (json_int_t)filter->user_id, "user_name",
                      choice_text_json(choice_user_name(choice, filter->user_id)), "plays",
                      (json_int_t)tally->plays, "listened_ms", (json_int_t)tally->listened_ms,
                      "different", (json_int_t)tally->kind[wish->kind].count, "items", items);
    store_tally_free(tally);
    return items;
}

static int print_users(const struct choice *choice, const struct store_stats_filter *filter,
                       const struct wish *wish, json_t *users)
{
    json_t *json =
        json_pack("{s:s,s:s,s:o,s:o,s:o}", "kind", tally_kind_name(wish->kind), "by",
                  tally_measure_name(wish->measure), "since", choice_time_json(filter->since),
                  "until", choice_time_json(filter->until), "users", users);
    struct buf out = {0};

    if (!json)
        out.failed = true;
    else if (choice->call->option[OPTION_JSON])
        look_add_json(json, &out);
    else
        view_top(json, (struct view_look){print_look_now(), draw_has_blocks(), false}, &out);
    json_decref(json);
    return print_out(&out);
}

static int run(const struct choice *choice, const struct wish *wish)
{
    const struct ctl_call *call = choice->call;
    struct store_stats_filter filter = {0};
    enum store_result result = STORE_OK;
    json_t *users = json_array(), *user;
    size_t at;

    if (!choice_read_times(call, call->option[OPTION_SINCE], call->option[OPTION_UNTIL],
                           choice->now, &filter.since, &filter.until)) {
        json_decref(users);
        return EXIT_STATUS_USAGE;
    }
    json_array_foreach (choice->users, at, user) {
        filter.user_id = user_number(user);
        if (json_array_append_new(users, user_json(choice, &filter, wish, &result)) < 0) {
            json_decref(users);
            users = NULL;
            break;
        }
    }
    if (result == STORE_OK)
        return print_users(choice, &filter, wish, users);
    json_decref(users);
    return choice_failed(choice, result);
}

int ctl_top(const struct ctl_call *call)
{
    struct choice choice;
    struct wish wish;
    int status;

    if (!read_wish(call, &wish))
        return EXIT_STATUS_USAGE;
    status = choice_open(&choice, call, call->option[OPTION_USER]);
    if (status == EXIT_STATUS_OK)
        status = run(&choice, &wish);
    choice_close(&choice);
    return status;
}
