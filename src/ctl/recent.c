/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "ctl/choice.h"
#include "ctl/ctl.h"
#include "ctl/draw.h"
#include "ctl/key.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/view_plays.h"
#include "store/search.h"

#define USUAL 20
#define PAGE 500 /* plays that are read at once */

enum {
    OPTION_USER,
    OPTION_LAST,
    OPTION_SINCE,
    OPTION_UNTIL,
    OPTION_SEARCH,
    OPTION_BEFORE,
    OPTION_DELETED,
    OPTION_KEYS,
    OPTION_JSON
};

const struct ctl_option ctl_recent_options[] = {
    [OPTION_USER] = {"user", "USER", CHOICE_USER_HELP, 0},
    [OPTION_LAST] = {"last", "N", "the newest N (default 20)", 'n'},
    [OPTION_SINCE] = {"since", "TIME", CHOICE_SINCE_HELP, 0},
    [OPTION_UNTIL] = {"until", "TIME", CHOICE_UNTIL_HELP, 0},
    [OPTION_SEARCH] = {"search", "WORDS", "with words of the track, its artists or album", 0},
    [OPTION_BEFORE] = {"before", "KEY", "older than this play", 0},
    [OPTION_DELETED] = {"deleted", NULL, "those that were deleted", 0},
    [OPTION_KEYS] = {"keys", NULL, "show the KEY of each play", 0},
    [OPTION_JSON] = {"json", NULL, "print JSON", 0},
    {NULL, NULL, NULL, 0},
};

/* -- JSON ---------------------------------------------------------------------------------------- */

static json_t *known(int64_t number, int64_t none)
{
    return number == none ? json_null() : json_integer(number);
}

static json_t *artists_json(const struct store_links *artists)
{
    struct buf text = {0};
    json_t *json;

    for (size_t i = 0; i < artists->count; i++) {
        buf_add_text(&text, i > 0 ? ", " : "");
        buf_add_text(&text, artists->items[i].name ? artists->items[i].name : "?");
    }
    json = text.failed ? NULL : choice_text_json(text.data);
    buf_free(&text, false);
    return json;
}

static json_t *key_json(struct store_place place)
{
    char key[KEY_SIZE];

    return json_string(key_format(place, key));
}

static json_t *play_json(const struct choice *choice, const struct store_shown *play)
{
    const struct store_title *title = &play->title;
    int64_t late_ms = play->first_seen_at - play->played_at;

    return json_pack(
        "{s:I,s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:I,s:o,s:o}", "user",
        (json_int_t)play->place.user_id, "user_name",
        choice_text_json(choice_user_name(choice, play->place.user_id)), "played_at",
        choice_time_json(play->played_at), "play_key", (json_int_t)play->place.key, "key",
        key_json(play->place), "track", choice_text_json(title->self.name), "artists",
        artists_json(&title->artists), "album", choice_text_json(title->album.name), "track_uri",
        choice_text_json(title->self.uri), "duration_ms", known(title->duration_ms, -1),
        "ms_played", known(play->ms_played, -1), "source", play->source, "late_s",
        (json_int_t)(late_ms / 1000), "context_uri", choice_text_json(play->context_uri),
        "deleted_at", choice_time_json(play->deleted_at));
}

/* -- Reading ------------------------------------------------------------------------------------- */

struct wish {
    struct store_search search;
    struct store_place from; /* user_id 0: the newest */
    size_t last;
};

static bool add_plays(const struct choice *choice, const struct store_plays_page *page,
                      json_t *plays)
{
    for (size_t i = 0; i < page->count; i++)
        if (json_array_append_new(plays, play_json(choice, &page->items[i])) < 0)
            return false;
    return true;
}

/* Page by page. wish->from is then the last of them; *older: there are more behind it. */
static enum store_result read_plays(const struct choice *choice, struct wish *wish, json_t *plays,
                                    bool *older)
{
    enum store_result result = STORE_OK;

    *older = true;
    while (result == STORE_OK && *older && json_array_size(plays) < wish->last) {
        size_t left = wish->last - json_array_size(plays);
        struct store_plays_page page;

        result = store_plays_find(choice->store, &wish->search, wish->from, false,
                                  left < PAGE ? left : PAGE, &page);
        if (result == STORE_OK && !add_plays(choice, &page, plays))
            result = STORE_NOMEM;
        *older = page.older && page.count > 0;
        if (page.count > 0)
            wish->from = page.items[page.count - 1].place;
        store_plays_free(&page);
    }
    return result;
}

/* -- Showing ------------------------------------------------------------------------------------- */

static int print_plays(const struct choice *choice, const json_t *recent)
{
    struct view_look look = {.print = print_look_now(),
                             .blocks = draw_has_blocks(),
                             .keys = choice->call->option[OPTION_KEYS]};
    struct buf out = {0};

    if (!recent)
        out.failed = true;
    else if (choice->call->option[OPTION_JSON])
        look_add_json(recent, &out);
    else
        view_recent(recent, look, &out);
    return print_out(&out);
}

static int run(struct choice *choice, struct wish *wish)
{
    json_t *plays = json_array(), *recent;
    bool older = false;
    enum store_result result = plays ? read_plays(choice, wish, plays, &older) : STORE_NOMEM;
    int status;

    if (result == STORE_OK) {
        recent = json_pack("{s:b,s:O,s:o}", "many_users", choice_has_many(choice), "plays", plays,
                           "older", older ? key_json(wish->from) : json_null());
        status = print_plays(choice, recent);
        json_decref(recent);
    } else {
        status = choice_failed(choice, result);
    }
    json_decref(plays);
    return status;
}

/* -- Options ------------------------------------------------------------------------------------- */

static bool read_search(const struct ctl_call *call, struct wish *wish)
{
    const char *words = call->option[OPTION_SEARCH], *before = call->option[OPTION_BEFORE];

    if (words && strlen(words) > STORE_SEARCH_WORDS_MAX) {
        print_error(call->command, "--search: that is more than can be searched for (%d bytes)",
                    STORE_SEARCH_WORDS_MAX);
        return false;
    }
    if (before && !key_parse(before, &wish->from)) {
        print_error(call->command, "--before %s: not the key of a play, " KEY_HELP, before);
        return false;
    }
    if (before && wish->from.user_id == 0)
        wish->from.user_id = INT64_MAX; /* before everybody's with this key */
    wish->search.words = words;
    wish->search.deleted = call->option[OPTION_DELETED] != NULL;
    return choice_read_limit(call, call->option[OPTION_LAST], &wish->last);
}

int ctl_recent(const struct ctl_call *call)
{
    struct wish wish = {.last = USUAL};
    struct choice choice;
    int status;

    if (!read_search(call, &wish))
        return EXIT_STATUS_USAGE;
    status = choice_open(&choice, call, call->option[OPTION_USER]);
    wish.search.user_id = choice.user_id;
    if (status == EXIT_STATUS_OK &&
        !choice_read_times(call, call->option[OPTION_SINCE], call->option[OPTION_UNTIL], choice.now,
                           &wish.search.since, &wish.search.until))
        status = EXIT_STATUS_USAGE;
    if (status == EXIT_STATUS_OK)
        status = run(&choice, &wish);
    choice_close(&choice);
    return status;
}
