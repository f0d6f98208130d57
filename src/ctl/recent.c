/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "ctl/choice.h"
#include "ctl/ctl.h"
#include "ctl/draw.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/view_plays.h"
#include "store/stats.h"

#define USUAL 20

enum { OPTION_USER, OPTION_LAST, OPTION_SINCE, OPTION_UNTIL, OPTION_JSON };

const struct ctl_option ctl_recent_options[] = {
    [OPTION_USER] = {"user", "USER", CHOICE_USER_HELP, 0},
    [OPTION_LAST] = {"last", "N", "the newest N (default 20)", 'n'},
    [OPTION_SINCE] = {"since", "TIME", CHOICE_SINCE_HELP, 0},
    [OPTION_UNTIL] = {"until", "TIME", CHOICE_UNTIL_HELP, 0},
    [OPTION_JSON] = {"json", NULL, "print JSON", 0},
    {NULL, NULL, NULL, 0},
};

static json_t *known(int64_t number, int64_t none)
{
    return number == none ? json_null() : json_integer(number);
}

static json_t *play_json(const struct choice *choice, const struct store_recent *play)
{
    int64_t late_ms = play->first_seen_at - play->played_at;

    return json_pack(
        "{s:I,s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:I,s:o}", "user", (json_int_t)play->user_id,
        "user_name", choice_text_json(choice_user_name(choice, play->user_id)), "played_at",
        choice_time_json(play->played_at), "play_key", (json_int_t)play->key, "track",
        choice_text_json(play->track.name), "artists", choice_text_json(play->track.artists),
        "album", choice_text_json(play->track.album), "track_uri",
        choice_text_json(play->track.uri), "duration_ms", known(play->track.duration_ms, -1),
        "ms_played", known(play->ms_played, -1), "source", play->source, "late_s",
        (json_int_t)(late_ms / 1000), "context_uri", choice_text_json(play->context_uri));
}

static json_t *list_json(const struct choice *choice, const struct store_recent_list *list)
{
    json_t *plays = json_array();

    for (size_t i = 0; plays && i < list->count; i++)
        if (json_array_append_new(plays, play_json(choice, &list->items[i])) < 0) {
            json_decref(plays);
            plays = NULL;
        }
    return json_pack("{s:b,s:o}", "many_users", choice_has_many(choice), "plays", plays);
}

static int print_list(const struct choice *choice, const struct store_recent_list *list)
{
    json_t *json = list_json(choice, list);
    struct buf out = {0};

    if (!json)
        out.failed = true;
    else if (choice->call->option[OPTION_JSON])
        look_add_json(json, &out);
    else
        view_recent(json, (struct view_look){print_look_now(), draw_has_blocks()}, &out);
    json_decref(json);
    return print_out(&out);
}

static int run(struct choice *choice, size_t last)
{
    const struct ctl_call *call = choice->call;
    struct store_stats_filter filter = {.user_id = choice->user_id};
    struct store_recent_list list;
    enum store_result result;
    int status;

    if (!choice_read_times(call, call->option[OPTION_SINCE], call->option[OPTION_UNTIL],
                           choice->now, &filter.since, &filter.until))
        return EXIT_STATUS_USAGE;
    result = store_recent_load(choice->store, &filter, last, &list);
    if (result != STORE_OK)
        return choice_failed(choice, result);
    status = print_list(choice, &list);
    store_recent_free(&list);
    return status;
}

int ctl_recent(const struct ctl_call *call)
{
    struct choice choice;
    size_t last = USUAL;
    int status;

    if (!choice_read_limit(call, call->option[OPTION_LAST], &last))
        return EXIT_STATUS_USAGE;
    status = choice_open(&choice, call, call->option[OPTION_USER]);
    if (status == EXIT_STATUS_OK)
        status = run(&choice, last);
    choice_close(&choice);
    return status;
}
