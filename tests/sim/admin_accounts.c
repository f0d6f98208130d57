/* SPDX-License-Identifier: MIT */
/* The admin API about accounts: adding them, who listens, and their tokens. */
#include <stdio.h>
#include <string.h>

#include "admin.h"

#define ACCOUNTS_MAX 100000

/* ---- quirks ---- */

static const struct quirk_name {
    const char *name;
    size_t offset;
    double high;
} quirk_names[] = {
    {"delay_s", offsetof(struct world_quirks, delay_s), 1e7},
    {"late_batch", offsetof(struct world_quirks, late_batch), 1},
    {"stalls_per_day", offsetof(struct world_quirks, stalls_per_day), 1000},
    {"long_stalls_per_day", offsetof(struct world_quirks, long_stalls_per_day), 1000},
    {"twin", offsetof(struct world_quirks, twin), 1},
    {"twice", offsetof(struct world_quirks, twice), 1},
    {"echo", offsetof(struct world_quirks, echo), 1},
    {"burst", offsetof(struct world_quirks, burst), 1},
    {"binge", offsetof(struct world_quirks, binge), 1},
    {"repeat", offsetof(struct world_quirks, repeat), 1},
    {"whole_second", offsetof(struct world_quirks, whole_second), 1},
    {"vanish", offsetof(struct world_quirks, vanish), 1},
    {"short_per_day", offsetof(struct world_quirks, short_per_day), 1000},
    {"back_per_day", offsetof(struct world_quirks, back_per_day), 1000},
};

#define QUIRKS (sizeof(quirk_names) / sizeof(quirk_names[0]))

static void quirks_read(struct sim_args *args, const json_t *object, struct world_quirks *quirks)
{
    const char *keys[QUIRKS + 1];
    struct sim_args inner;

    for (size_t i = 0; i < QUIRKS; i++)
        keys[i] = quirk_names[i].name;
    keys[QUIRKS] = NULL;
    memset(quirks, 0, sizeof(*quirks));
    sim_args_begin(&inner, object, keys);
    for (size_t i = 0; i < QUIRKS; i++)
        sim_args_number(&inner, quirk_names[i].name, 0, quirk_names[i].high,
                        (double *)(void *)((char *)quirks + quirk_names[i].offset));
    if (!sim_args_ok(&inner))
        sim_args_fail(args, "quirks", inner.error);
}

void sim_admin_quirks(struct sim_args *args, struct world_quirks *quirks)
{
    const json_t *value = json_object_get(args->object, "quirks");
    const char *text = json_string_value(value);

    if (value == NULL)
        return;
    if (text != NULL && strcmp(text, "measured") == 0)
        *quirks = world_quirks_measured();
    else if (text != NULL && strcmp(text, "none") == 0)
        memset(quirks, 0, sizeof(*quirks));
    else
        quirks_read(args, value, quirks);
}

static void listener_read(struct sim_args *args, struct world_listener *listener)
{
    double pace_s = (double)listener->pace_ms / 1000;

    sim_args_bool(args, "listener", &listener->listens);
    sim_args_number(args, "plays_per_day", 0.01, 10000, &listener->plays_per_day);
    if (sim_args_number(args, "pace_s", 0, 1e7, &pace_s))
        listener->pace_ms = (int64_t)(pace_s * 1000);
    sim_admin_quirks(args, &listener->quirks);
}

/* ---- accounts ---- */

static bool id_is_sound(const char *id)
{
    static const char allowed[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-";
    size_t length = strlen(id);

    return length > 0 && length <= 64 && strspn(id, allowed) == length;
}

/* Text, null (*null) or absent. */
static void read_nullable(struct sim_args *args, const char *key, const char **text, bool *null)
{
    if (json_is_null(json_object_get(args->object, key)))
        *null = true;
    else
        sim_args_text(args, key, text);
}

static void spec_read(struct sim_args *args, struct sim_account_spec *spec)
{
    static const char *const shapes[] = {"new", "old"};
    int64_t seed = 0, backlog = spec->options.backlog;
    bool registered = true;
    int shape = 0;

    sim_args_text(args, "id", &spec->id);
    if (spec->id != NULL && !id_is_sound(spec->id))
        sim_args_fail(args, "id", "may have letters, digits, dot, line and underscore, 64 at most");
    read_nullable(args, "display_name", &spec->display_name, &spec->display_name_null);
    read_nullable(args, "account_id", &spec->account_id, &spec->account_id_absent);
    sim_args_choice(args, "shape", shapes, 2, &shape);
    sim_args_bool(args, "registered", &registered);
    sim_args_int(args, "seed", 0, INT64_MAX, &seed);
    sim_args_int(args, "backlog", 0, 10000000, &backlog);
    listener_read(args, &spec->options.listener);
    spec->old_shape = shape == 1;
    spec->unregistered = !registered;
    spec->options.seed = (uint64_t)seed;
    spec->options.backlog = (uint32_t)backlog;
}

static json_t *account_made(const struct sim_account *account, const struct sim_token *refresh)
{
    return json_pack("{s:I,s:s,s:s}", "account", (json_int_t)account->number + 1, "id", account->id,
                     "refresh_token", refresh->text);
}

void sim_admin_accounts(struct sim_request *r, const json_t *body)
{
    static const char *const keys[] = {
        "count",    "id",     "display_name",  "account_id", "shape",  "registered", "seed",
        "listener", "pace_s", "plays_per_day", "backlog",    "quirks", "scope",      NULL};
    struct sim_account_spec spec = sim_account_spec_default(r->sim);
    const char *scope = SIM_SCOPE;
    struct sim_args args;
    int64_t count = 1;
    json_t *list, *first;

    sim_args_begin(&args, body, keys);
    sim_args_int(&args, "count", 1, ACCOUNTS_MAX - (int64_t)r->sim->account_count, &count);
    sim_args_text(&args, "scope", &scope);
    spec_read(&args, &spec);
    if (count > 1 && (spec.id != NULL || spec.account_id != NULL))
        sim_args_fail(&args, "count", "accounts cannot share an id");
    if (!sim_args_ok(&args)) {
        sim_admin_refuse(r, args.error);
        return;
    }
    list = json_array();
    for (int64_t i = 0; i < count; i++) {
        struct sim_account *account = sim_account_add(r->sim, &spec);
        struct sim_token *refresh =
            account != NULL ? sim_token_make(r->sim, account, SIM_REFRESH, NULL, scope) : NULL;

        if (refresh != NULL)
            json_array_append_new(list, account_made(account, refresh));
    }
    first = json_array_size(list) > 0 ? json_copy(json_array_get(list, 0)) : json_object();
    json_object_set_new(first, "accounts", list);
    sim_answer_json(r, 201, first);
}

void sim_admin_listener(struct sim_request *r, const json_t *body)
{
    static const char *const keys[] = {"account",       "listener", "pace_s",
                                       "plays_per_day", "quirks",   NULL};
    struct world_listener listener = {0};
    struct sim_admin_range range;
    struct sim_args args;

    sim_args_begin(&args, body, keys);
    sim_admin_range(r->sim, &args, &range);
    listener_read(&args, &listener);
    if (!sim_args_ok(&args)) {
        sim_admin_refuse(r, args.error);
        return;
    }
    for (size_t i = range.first; i < range.end; i++) {
        sim_account_advance(r->sim, r->sim->accounts[i]);
        listener = *world_account_listener(r->sim->world, i);
        listener_read(&args, &listener);
        world_account_listen(r->sim->world, i, &listener);
    }
    sim_answer_json(r, 200, json_object());
}

/* ---- tokens ---- */

struct token_orders {
    bool mint, revoke, expire_access;
    const char *scope;
    int64_t authorized_at; /* WORLD_NEVER: not given */
    int answer;            /* -1: as before */
    int scope_answer;
    int64_t expires_in_s;      /* 0: as before */
    int kill_old, kill_family; /* -1: as before */
};

static int read_maybe(struct sim_args *args, const char *key)
{
    bool value = false;

    return sim_args_bool(args, key, &value) ? value : -1;
}

static void orders_read(struct sim_args *args, struct token_orders *orders)
{
    static const char *const answers[SIM_ANSWERS] = {"new", "absent", "null", "empty"};
    static const char *const scopes[SIM_SCOPE_ANSWERS] = {"normal", "absent", "empty"};

    *orders = (struct token_orders){
        .scope = SIM_SCOPE, .authorized_at = WORLD_NEVER, .answer = -1, .scope_answer = -1};
    sim_args_bool(args, "mint", &orders->mint);
    sim_args_bool(args, "revoke", &orders->revoke);
    sim_args_bool(args, "expire_access", &orders->expire_access);
    sim_args_text(args, "scope", &orders->scope);
    sim_args_time(args, "authorized_at", &orders->authorized_at);
    sim_args_choice(args, "answer", answers, SIM_ANSWERS, &orders->answer);
    sim_args_choice(args, "scope_answer", scopes, SIM_SCOPE_ANSWERS, &orders->scope_answer);
    sim_args_int(args, "expires_in", 1, 1000000, &orders->expires_in_s);
    orders->kill_old = read_maybe(args, "kill_old");
    orders->kill_family = read_maybe(args, "kill_family");
    if (orders->mint && !sim_args_has(args, "account"))
        sim_args_fail(args, "account", "mint needs one");
}

static void token_authorize_at(struct sim_token *token, int64_t at)
{
    token->authorized_at = at;
    token->ends_at = sim_time_half_year(at);
}

static void orders_settings(struct sim_account *account, const struct token_orders *orders)
{
    if (orders->answer >= 0)
        account->answer = (enum sim_answer)orders->answer;
    if (orders->scope_answer >= 0)
        account->scope_answer = (enum sim_scope_answer)orders->scope_answer;
    if (orders->expires_in_s > 0)
        account->expires_in_s = orders->expires_in_s;
    if (orders->kill_old >= 0)
        account->kill_old = orders->kill_old;
    if (orders->kill_family >= 0)
        account->kill_family = orders->kill_family;
}

static void orders_obey(struct sim *sim, struct sim_account *account,
                        const struct token_orders *orders)
{
    const struct sim_token_list *refresh = &account->tokens[SIM_REFRESH],
                                *access = &account->tokens[SIM_ACCESS];
    int64_t now = sim_clock_now(&sim->clock);

    orders_settings(account, orders);
    for (size_t i = 0; i < refresh->count; i++) {
        if (orders->revoke)
            refresh->list[i]->state = SIM_REVOKED;
        if (orders->authorized_at != WORLD_NEVER && !orders->mint)
            token_authorize_at(refresh->list[i], orders->authorized_at);
    }
    for (size_t i = 0; orders->expire_access && i < access->count; i++)
        if (access->list[i]->ends_at > now)
            access->list[i]->ends_at = now;
    if (orders->mint) {
        struct sim_token *token = sim_token_make(sim, account, SIM_REFRESH, NULL, orders->scope);

        if (token != NULL && orders->authorized_at != WORLD_NEVER)
            token_authorize_at(token, orders->authorized_at);
    }
}

void sim_admin_tokens(struct sim_request *r, const json_t *body)
{
    static const char *const keys[] = {
        "account", "mint",     "scope",       "authorized_at", "revoke",       "expire_access",
        "answer",  "kill_old", "kill_family", "expires_in",    "scope_answer", NULL};
    struct token_orders orders;
    struct sim_admin_range range;
    struct sim_args args;
    json_t *json, *list;

    sim_args_begin(&args, body, keys);
    sim_admin_range(r->sim, &args, &range);
    orders_read(&args, &orders);
    if (!sim_args_ok(&args)) {
        sim_admin_refuse(r, args.error);
        return;
    }
    list = json_array();
    for (size_t i = range.first; i < range.end; i++) {
        const struct sim_token *newest;

        orders_obey(r->sim, r->sim->accounts[i], &orders);
        newest = sim_token_newest(r->sim, r->sim->accounts[i]);
        json_array_append_new(list,
                              json_pack("{s:I,s:s?}", "account", (json_int_t)i + 1, "refresh_token",
                                        newest != NULL ? newest->text : NULL));
    }
    json = json_array_size(list) == 1 ? json_copy(json_array_get(list, 0)) : json_object();
    json_object_set_new(json, "accounts", list);
    sim_answer_json(r, 200, json);
}
