/* SPDX-License-Identifier: MIT */
/* The admin API: finding the handler, and those that look at or change the whole. */
#include "admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_admin_refuse(struct sim_request *r, const char *why)
{
    sim_answer_json(r, 400, json_pack("{s:s}", "error", why));
}

json_t *sim_admin_time(int64_t ms)
{
    return ms == WORLD_NEVER ? json_null() : json_integer(ms);
}

bool sim_admin_range(struct sim *sim, struct sim_args *args, struct sim_admin_range *range)
{
    int64_t account = 0;

    *range = (struct sim_admin_range){0, sim->account_count};
    if (sim_args_int(args, "account", 1, (int64_t)sim->account_count, &account))
        *range = (struct sim_admin_range){(size_t)account - 1, (size_t)account};
    return sim_args_ok(args);
}

/* ?account=N of a GET; false when it is no account. */
static bool query_range(const struct sim_request *r, struct sim_admin_range *range)
{
    const char *text = sim_query(r, "account");
    unsigned long n;

    *range = (struct sim_admin_range){0, r->sim->account_count};
    if (text == NULL)
        return true;
    n = strtoul(text, NULL, 10);
    if (n < 1 || n > r->sim->account_count)
        return false;
    *range = (struct sim_admin_range){n - 1, n};
    return true;
}

/* ---- state ---- */

static json_t *describe_account(struct sim *sim, struct sim_account *account)
{
    const struct sim_token *refresh = sim_token_newest(sim, account);
    struct world_play *const *plays;
    size_t count = world_plays(sim->world, account->number, &plays), shown = 0;
    json_t *json = json_object();

    for (size_t i = 0; i < count; i++)
        shown += plays[i]->times_shown > 0;
    json_object_set_new(json, "account", json_integer((json_int_t)account->number + 1));
    json_object_set_new(json, "id", json_string(account->id));
    json_object_set_new(json, "account_id",
                        account->account_id != NULL ? json_string(account->account_id)
                                                    : json_null());
    json_object_set_new(json, "display_name",
                        account->display_name != NULL ? json_string(account->display_name)
                                                      : json_null());
    json_object_set_new(json, "refresh_token",
                        refresh != NULL ? json_string(refresh->text) : json_null());
    json_object_set_new(json, "authorized_at",
                        refresh != NULL ? json_integer(refresh->authorized_at) : json_null());
    json_object_set_new(json, "plays", json_integer((json_int_t)count));
    json_object_set_new(json, "shown", json_integer((json_int_t)shown));
    json_object_set_new(json, "next_play_at",
                        sim_admin_time(world_account_next(sim->world, account->number)));
    json_object_set_new(json, "private",
                        json_boolean(world_account_is_private(sim->world, account->number)));
    json_object_set_new(json, "frozen",
                        json_boolean(world_account_is_frozen(sim->world, account->number)));
    return json;
}

static void admin_state(struct sim_request *r, const json_t *body)
{
    struct sim *sim = r->sim;
    struct sim_admin_range range;
    json_t *json, *list = json_array();

    (void)body;
    if (!query_range(r, &range)) {
        json_decref(list);
        sim_admin_refuse(r, "account: there is no such account");
        return;
    }
    for (size_t i = range.first; i < range.end; i++) {
        sim_account_advance(sim, sim->accounts[i]);
        json_array_append_new(list, describe_account(sim, sim->accounts[i]));
    }
    json = json_pack("{s:I,s:f,s:I,s:s,s:i}", "now", (json_int_t)sim_clock_now(&sim->clock),
                     "speed", sim->clock.speed, "seed", (json_int_t)sim->options.seed, "client_id",
                     sim->options.client_id, "in_flight", (int)sim->log.in_flight);
    json_object_set_new(json, "accounts", list);
    sim_answer_json(r, 200, json);
}

/* ---- clock ---- */

static void admin_clock(struct sim_request *r, const json_t *body)
{
    static const char *const keys[] = {"now", "advance_ms", "speed", NULL};
    struct sim_clock *clock = &r->sim->clock;
    struct sim_args args;
    int64_t now = sim_clock_now(clock), step = 0;
    double speed = clock->speed;

    if (body != NULL) {
        sim_args_begin(&args, body, keys);
        sim_args_time(&args, "now", &now);
        sim_args_int(&args, "advance_ms", -(int64_t)1e15, (int64_t)1e15, &step);
        sim_args_number(&args, "speed", 0, 1e9, &speed);
        if (now < 0 || now > (int64_t)1e15)
            sim_args_fail(&args, "now", "is out of range");
        if (!sim_args_ok(&args)) {
            sim_admin_refuse(r, args.error);
            return;
        }
        sim_clock_set(clock, now + step);
        clock->speed = speed;
    }
    sim_answer_json(
        r, 200,
        json_pack("{s:I,s:f}", "now", (json_int_t)sim_clock_now(clock), "speed", clock->speed));
}

/* ---- faults and the log of requests ---- */

static void faults_clear(struct sim_request *r, const json_t *what)
{
    const json_t *number;
    size_t i;

    if (json_is_true(what))
        sim_faults_clear(r->sim, 0);
    json_array_foreach ((json_t *)what, i, number)
        if (json_integer_value(number) > 0)
            sim_faults_clear(r->sim, (unsigned)json_integer_value(number));
    sim_answer_json(r, 200, json_object());
}

static void admin_faults(struct sim_request *r, const json_t *body)
{
    char error[256] = "";
    json_t *added;

    if (body == NULL) {
        sim_answer_json(r, 200, json_pack("{s:o}", "faults", sim_faults_describe(r->sim)));
        return;
    }
    if (json_object_get(body, "clear") != NULL) {
        faults_clear(r, json_object_get(body, "clear"));
        return;
    }
    added = json_array();
    if (sim_faults_add(r->sim, body, added, error, sizeof(error)) != 0) {
        json_decref(added);
        sim_admin_refuse(r, error);
        return;
    }
    sim_answer_json(r, 200, json_pack("{s:o}", "added", added));
}

static void admin_requests(struct sim_request *r, const json_t *body)
{
    static const char *const keys[] = {"clear", NULL};
    const char *last = sim_query(r, "last");
    struct sim_args args;
    uint64_t count = last != NULL ? strtoull(last, NULL, 10) : SIM_LOG_KEPT;

    if (body == NULL) {
        sim_answer_json(r, 200,
                        sim_log_describe(r->sim, count < SIM_LOG_KEPT ? count : SIM_LOG_KEPT));
        return;
    }
    sim_args_begin(&args, body, keys);
    if (!sim_args_ok(&args)) {
        sim_admin_refuse(r, args.error);
        return;
    }
    if (json_is_true(json_object_get(body, "clear")))
        sim_log_clear(r->sim);
    sim_answer_json(r, 200, json_object());
}

/* ---- finding the handler ---- */

static const struct admin_route {
    const char *path;
    bool get, post;
    void (*handle)(struct sim_request *r, const json_t *body);
} routes[] = {
    {"/_sim/state", true, false, admin_state},
    {"/_sim/clock", true, true, admin_clock},
    {"/_sim/accounts", false, true, sim_admin_accounts},
    {"/_sim/listener", false, true, sim_admin_listener},
    {"/_sim/tokens", false, true, sim_admin_tokens},
    {"/_sim/plays", false, true, sim_admin_plays},
    {"/_sim/listing", false, true, sim_admin_listing},
    {"/_sim/faults", true, true, admin_faults},
    {"/_sim/truth", true, false, sim_admin_truth},
    {"/_sim/requests", true, true, admin_requests},
};

static json_t *body_read(struct sim_request *r, char *error, size_t size)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(r->http);
    size_t length = evbuffer_get_length(input);
    json_error_t where;
    json_t *json;

    if (length == 0)
        return json_object();
    json = json_loadb((const char *)evbuffer_pullup(input, -1), length, 0, &where);
    if (json == NULL)
        snprintf(error, size, "body: %s (line %d)", where.text, where.line);
    return json;
}

static void route_run(struct sim_request *r, const struct admin_route *route)
{
    bool post = evhttp_request_get_command(r->http) == EVHTTP_REQ_POST;
    char error[300] = "";
    json_t *body;

    if (post ? !route->post : !route->get) {
        sim_answer_json(r, 405, json_pack("{s:s}", "error", "method not allowed here"));
        return;
    }
    if (!post) {
        route->handle(r, NULL);
        return;
    }
    body = body_read(r, error, sizeof(error));
    if (body == NULL)
        sim_admin_refuse(r, error);
    else
        route->handle(r, body);
    json_decref(body);
}

void sim_admin_handle(struct sim_request *r)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (strcmp(r->path, routes[i].path) == 0) {
            route_run(r, &routes[i]);
            return;
        }
    sim_answer_json(r, 404, json_pack("{s:s}", "error", "there is no such address under /_sim/"));
}
