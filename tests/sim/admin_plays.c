/* SPDX-License-Identifier: MIT */
/* The admin API about plays: adding them, disturbing their list, and the truth about them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin.h"

const char *const sim_kind_words[WORLD_KINDS] = {
    [WORLD_TRACK] = "track",
    [WORLD_LOCAL] = "local",
    [WORLD_EPISODE] = "episode",
    [WORLD_NULL_TRACK] = "null-track",
    [WORLD_NULL_ID] = "null-id",
    [WORLD_WRONG_TYPES] = "wrong-types",
    [WORLD_NO_PLAYED_AT] = "no-played-at",
    [WORLD_BAD_PLAYED_AT] = "bad-played-at",
    [WORLD_NOT_AN_OBJECT] = "not-an-object",
};

const char *const sim_context_words[WORLD_CONTEXTS] = {
    [WORLD_CONTEXT_ANY] = "any",
    [WORLD_CONTEXT_NULL] = "null",
    [WORLD_CONTEXT_PLAYLIST] = "playlist",
    [WORLD_CONTEXT_OLD_PLAYLIST] = "old-playlist",
    [WORLD_CONTEXT_ALBUM] = "album",
    [WORLD_CONTEXT_ARTIST] = "artist",
    [WORLD_CONTEXT_COLLECTION] = "collection",
    [WORLD_CONTEXT_SHOW] = "show",
    [WORLD_CONTEXT_ODD_HREF] = "odd-href",
    [WORLD_CONTEXT_WRONG_TYPE] = "wrong-type",
};

/* ---- adding plays ---- */

struct play_order {
    struct world_play play;
    struct world_custom custom;
    bool own; /* a track that the test describes */
    size_t account;
};

static const char *const play_keys[] = {
    "account",     "played_at",  "track",       "uri",      "name", "artist",  "album", "isrc",
    "duration_ms", "visible_at", "vanishes_at", "twice_ms", "kind", "context", NULL};

static void order_track(struct sim_args *args, struct play_order *order)
{
    int64_t track = 1, duration = 0;

    sim_args_int(args, "track", 0, WORLD_TRACK_MAX, &track);
    order->own = sim_args_text(args, "uri", &order->custom.uri);
    order->own |= sim_args_text(args, "name", &order->custom.name);
    order->own |= sim_args_text(args, "artist", &order->custom.artist);
    order->own |= sim_args_text(args, "album", &order->custom.album);
    order->own |= sim_args_int(args, "duration_ms", 0, UINT32_MAX, &duration);
    if (json_is_null(json_object_get(args->object, "isrc"))) {
        order->custom.isrc = "";
        order->own = true;
    } else {
        order->own |= sim_args_text(args, "isrc", &order->custom.isrc);
    }
    order->custom.duration_ms = (uint32_t)duration;
    order->custom.base = (uint32_t)track;
    order->play.track = (uint32_t)track;
}

static void order_read(struct sim *sim, struct sim_args *args, struct play_order *order)
{
    int64_t account = 1, twice = 0;
    int kind = WORLD_TRACK, context = WORLD_CONTEXT_ANY;

    memset(order, 0, sizeof(*order));
    sim_args_int(args, "account", 1, (int64_t)sim->account_count, &account);
    order->account = (size_t)account - 1;
    if (!sim_args_time(args, "played_at", &order->play.played_at))
        sim_args_fail(args, "played_at", "must be there");
    order->play.visible_at = order->play.played_at;
    order->play.vanishes_at = WORLD_NEVER;
    sim_args_time(args, "visible_at", &order->play.visible_at);
    sim_args_time(args, "vanishes_at", &order->play.vanishes_at);
    if (sim_args_int(args, "twice_ms", -1, INT64_MAX / 4, &twice) && twice != 0)
        order->play.twice_until = twice < 0 ? WORLD_NEVER : order->play.visible_at + twice;
    sim_args_choice(args, "kind", sim_kind_words, WORLD_KINDS, &kind);
    sim_args_choice(args, "context", sim_context_words, WORLD_CONTEXTS, &context);
    order->play.kind = (uint8_t)kind;
    order->play.context = (uint8_t)context;
    order_track(args, order);
}

static json_t *order_done(const struct sim *sim, const struct play_order *order,
                          const struct world_play *play)
{
    char uri[WORLD_URI_MAX];

    world_play_uri(sim->world, play, uri);
    return json_pack("{s:I,s:s?,s:I,s:s}", "account", (json_int_t)order->account + 1, "uri",
                     uri[0] != '\0' ? uri : NULL, "played_at", (json_int_t)play->played_at, "kind",
                     sim_kind_words[play->kind]);
}

/* The play that was added, described; NULL when memory ran out. */
static json_t *order_obey(struct sim *sim, struct play_order *order)
{
    struct world_play *play;

    if (order->own && world_track_custom(sim->world, &order->custom, &order->play.track) != 0)
        return NULL;
    play = world_play_add(sim->world, order->account, &order->play);
    return play != NULL ? order_done(sim, order, play) : NULL;
}

void sim_admin_plays(struct sim_request *r, const json_t *body)
{
    const json_t *plays = json_is_array(body) ? body : json_object_get(body, "plays");
    struct play_order order;
    struct sim_args args;
    json_t *list, *one;
    size_t i;

    if (!json_is_array(plays) || (json_is_object(body) && json_object_size(body) != 1)) {
        sim_admin_refuse(r, "plays: must be an array, and the only key");
        return;
    }
    json_array_foreach ((json_t *)plays, i, one) { /* all are checked before the first is added */
        sim_args_begin(&args, one, play_keys);
        order_read(r->sim, &args, &order);
        if (!sim_args_ok(&args)) {
            sim_admin_refuse(r, args.error);
            return;
        }
    }
    list = json_array();
    json_array_foreach ((json_t *)plays, i, one) {
        sim_args_begin(&args, one, play_keys);
        order_read(r->sim, &args, &order);
        json_array_append_new(list, order_obey(r->sim, &order));
    }
    sim_answer_json(
        r, 201, json_pack("{s:I,s:o}", "added", (json_int_t)json_array_size(list), "plays", list));
}

/* ---- the list ---- */

/* Lets the plays at that moment vanish, all or the one with this uri. */
static void list_vanish(struct sim *sim, size_t account, const json_t *what)
{
    int64_t at = json_integer_value(json_object_get(what, "played_at")),
            now = sim_clock_now(&sim->clock);
    const char *wanted = json_string_value(json_object_get(what, "uri"));
    struct world_play *const *plays;
    size_t count = world_plays(sim->world, account, &plays);
    char uri[WORLD_URI_MAX];

    if (json_is_string(json_object_get(what, "played_at")))
        sim_time_parse(json_string_value(json_object_get(what, "played_at")), &at);
    for (size_t i = 0; i < count; i++) {
        if (plays[i]->played_at != at)
            continue;
        world_play_uri(sim->world, plays[i], uri);
        if (wanted == NULL || strcmp(wanted, uri) == 0)
            plays[i]->vanishes_at = now;
    }
}

static void listing_account(struct sim *sim, struct sim_args *args, size_t account)
{
    struct sim_account *mine = sim->accounts[account];
    const json_t *vanish = json_object_get(args->object, "vanish"), *one;
    int64_t number = 0;
    bool on = false;
    size_t i;

    sim_account_advance(sim, mine);
    if (sim_args_int(args, "hide_newest", 0, 1000000, &number))
        world_account_hide(sim->world, account, (uint32_t)number);
    if (sim_args_int(args, "keep", 0, WORLD_LIST_MAX, &number))
        world_account_keep(sim->world, account, (uint32_t)number);
    if (sim_args_bool(args, "freeze", &on))
        world_account_freeze(sim->world, account, on);
    if (sim_args_bool(args, "private", &on))
        world_account_private(sim->world, account, on);
    if (sim_args_int(args, "forbidden", 1, 3, &number))
        mine->forbidden = (int)number;
    sim_args_bool(args, "registered", &mine->registered);
    sim_args_bool(args, "limit_from_cursor", &mine->limit_from_cursor);
    json_array_foreach ((json_t *)vanish, i, one)
        list_vanish(sim, account, one);
}

/* Looks at every key once without changing anything, so that a mistake changes nothing. */
static void listing_check(struct sim_args *args)
{
    static const char *const bools[] = {"freeze", "private", "registered", "limit_from_cursor",
                                        "old_fields"};
    const json_t *vanish = json_object_get(args->object, "vanish");
    int64_t number;
    bool on;

    sim_args_int(args, "hide_newest", 0, 1000000, &number);
    sim_args_int(args, "keep", 0, WORLD_LIST_MAX, &number);
    sim_args_int(args, "forbidden", 1, 3, &number);
    for (size_t i = 0; i < sizeof(bools) / sizeof(bools[0]); i++)
        sim_args_bool(args, bools[i], &on);
    if (vanish != NULL && !json_is_array(vanish))
        sim_args_fail(args, "vanish", "must be an array of {\"played_at\":MS}");
}

void sim_admin_listing(struct sim_request *r, const json_t *body)
{
    static const char *const keys[] = {
        "account",   "hide_newest",       "keep",       "freeze", "private", "vanish", "registered",
        "forbidden", "limit_from_cursor", "old_fields", NULL};
    struct sim_admin_range range;
    struct sim_args args;

    sim_args_begin(&args, body, keys);
    sim_admin_range(r->sim, &args, &range);
    listing_check(&args);
    if (!sim_args_ok(&args)) {
        sim_admin_refuse(r, args.error);
        return;
    }
    sim_args_bool(&args, "old_fields", &r->sim->old_fields);
    for (size_t i = range.first; i < range.end; i++)
        listing_account(r->sim, &args, i);
    sim_answer_json(r, 200, json_object());
}

/* ---- the truth ---- */

static json_t *truth_play(const struct sim *sim, const struct world_play *play)
{
    json_t *json = json_object();
    char uri[WORLD_URI_MAX];

    world_play_uri(sim->world, play, uri);
    json_object_set_new(json, "uri", uri[0] != '\0' ? json_string(uri) : json_null());
    json_object_set_new(json, "played_at", json_integer(play->played_at));
    json_object_set_new(json, "track", json_integer(play->track));
    json_object_set_new(json, "kind", json_string(sim_kind_words[play->kind]));
    json_object_set_new(json, "visible_at", sim_admin_time(play->visible_at));
    json_object_set_new(json, "vanishes_at", sim_admin_time(play->vanishes_at));
    json_object_set_new(json, "shown", json_boolean(play->times_shown > 0));
    json_object_set_new(json, "times_shown", json_integer(play->times_shown));
    json_object_set_new(json, "first_shown_at",
                        play->times_shown > 0 ? json_integer(play->first_shown_at) : json_null());
    return json;
}

static void truth_line(struct sim_request *r, const struct world_play *play)
{
    char uri[WORLD_URI_MAX];

    world_play_uri(r->sim->world, play, uri);
    evbuffer_add_printf(r->body, "%lld\t%s\t%d\t%lld\t%s\n", (long long)play->played_at, uri,
                        play->times_shown > 0,
                        play->visible_at == WORLD_NEVER ? -1LL : (long long)play->visible_at,
                        sim_kind_words[play->kind]);
}

void sim_admin_truth(struct sim_request *r, const json_t *body)
{
    const char *number = sim_query(r, "account"), *format = sim_query(r, "format"),
               *only = sim_query(r, "shown");
    unsigned long account = number != NULL ? strtoul(number, NULL, 10) : 1;
    bool lines = format != NULL && strcmp(format, "tsv") == 0,
         shown = only != NULL && strcmp(only, "1") == 0;
    struct world_play *const *plays;
    json_t *list;
    size_t count;

    (void)body;
    if (account < 1 || account > r->sim->account_count) {
        sim_admin_refuse(r, "account: there is no such account");
        return;
    }
    sim_account_advance(r->sim, r->sim->accounts[account - 1]);
    count = world_plays(r->sim->world, account - 1, &plays);
    list = json_array();
    sim_answer_text(r, 200, "text/tab-separated-values; charset=utf-8", "");
    for (size_t i = 0; i < count; i++) {
        if (shown && plays[i]->times_shown == 0)
            continue;
        if (lines)
            truth_line(r, plays[i]);
        else
            json_array_append_new(list, truth_play(r->sim, plays[i]));
    }
    if (lines)
        json_decref(list);
    else
        sim_answer_json(r, 200,
                        json_pack("{s:I,s:I,s:o}", "account", (json_int_t)account, "now",
                                  (json_int_t)sim_clock_now(&r->sim->clock), "plays", list));
}
