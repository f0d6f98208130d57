/* SPDX-License-Identifier: MIT */
/* What was asked: counts and the last thousand requests, for tests that ask how the daemon behaved.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static const char *const kind_names[] = {"authorize", "token", "me", "recent", "other", "admin"};

const char *sim_kind_name(enum sim_kind kind)
{
    return kind_names[kind];
}

/* Of a token request only the grant type: the rest is secret. */
static const char *line_query(const struct sim_request *r)
{
    const char *query;

    if (r->kind == SIM_TOKEN)
        query = sim_form(r, "grant_type");
    else
        query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(r->http));
    return query != NULL ? query : "";
}

static const char *line_method(const struct sim_request *r)
{
    switch (evhttp_request_get_command(r->http)) {
    case EVHTTP_REQ_GET:
        return "GET";
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_HEAD:
        return "HEAD";
    default:
        return "other";
    }
}

void sim_log_begin(struct sim *sim, struct sim_request *r)
{
    struct sim_log *log = &sim->log;
    struct sim_log_line *line = &log->lines[log->made % SIM_LOG_KEPT];

    memset(line, 0, sizeof(*line));
    line->number = r->log_number = ++log->made;
    line->at = sim_clock_now(&sim->clock);
    line->real_ms = sim_clock_real() - sim->started_real;
    line->kind = r->kind;
    line->account = r->account;
    line->fault = r->fault != NULL ? r->fault->number : 0;
    strncpy(line->method, line_method(r), sizeof(line->method) - 1);
    strncpy(line->query, line_query(r), sizeof(line->query) - 1);
    log->counts[r->kind]++;
    if (++log->in_flight > log->max_in_flight)
        log->max_in_flight = log->in_flight;
    if (r->account != SIM_NO_ACCOUNT) {
        struct sim_account *account = sim->accounts[r->account];

        account->requests[r->kind]++;
        if (r->kind == SIM_TOKEN && ++account->tokens_in_flight > account->max_tokens_in_flight)
            account->max_tokens_in_flight = account->tokens_in_flight;
    }
}

void sim_log_end(struct sim *sim, struct sim_request *r)
{
    struct sim_log_line *line = &sim->log.lines[(r->log_number - 1) % SIM_LOG_KEPT];

    if (r->log_number == 0)
        return;
    sim->log.in_flight--;
    if (r->kind == SIM_TOKEN && r->account != SIM_NO_ACCOUNT)
        sim->accounts[r->account]->tokens_in_flight--;
    if (line->number != r->log_number)
        return; /* overwritten or cleared meanwhile */
    line->status = r->sent ? r->status : 0;
    line->items = r->spoiled ? 0 : (int)r->shown_count;
}

void sim_log_clear(struct sim *sim)
{
    struct sim_log *log = &sim->log;

    /* numbers go on, so that requests in flight do not take a fresh line for theirs */
    for (size_t i = 0; i < SIM_LOG_KEPT; i++)
        log->lines[i].number = 0;
    memset(log->counts, 0, sizeof(log->counts));
    log->max_in_flight = log->in_flight;
    for (size_t i = 0; i < sim->account_count; i++) {
        memset(sim->accounts[i]->requests, 0, sizeof(sim->accounts[i]->requests));
        sim->accounts[i]->max_tokens_in_flight = sim->accounts[i]->tokens_in_flight;
    }
}

static json_t *describe_counts(const uint64_t counts[SIM_KINDS])
{
    json_t *json = json_object();

    for (int kind = 0; kind < SIM_KINDS; kind++)
        json_object_set_new(json, kind_names[kind], json_integer((json_int_t)counts[kind]));
    return json;
}

static json_t *describe_accounts(const struct sim *sim)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sim->account_count; i++) {
        const struct sim_account *account = sim->accounts[i];
        json_t *one = describe_counts(account->requests);

        json_object_set_new(one, "account", json_integer((json_int_t)i + 1));
        json_object_set_new(one, "max_tokens_in_flight",
                            json_integer(account->max_tokens_in_flight));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *describe_line(const struct sim_log_line *line)
{
    return json_pack("{s:I,s:I,s:s,s:I,s:s,s:s,s:i,s:i,s:i}", "at", (json_int_t)line->at, "real_ms",
                     (json_int_t)line->real_ms, "kind", kind_names[line->kind], "account",
                     line->account == SIM_NO_ACCOUNT ? (json_int_t)0
                                                     : (json_int_t)line->account + 1,
                     "method", line->method, "query", line->query, "status", line->status, "fault",
                     (int)line->fault, "items", line->items);
}

json_t *sim_log_describe(const struct sim *sim, uint64_t last)
{
    const struct sim_log *log = &sim->log;
    uint64_t count = log->made < last ? log->made : last;
    json_t *json = json_object(), *list = json_array();

    for (uint64_t i = log->made - count; i < log->made; i++)
        if (log->lines[i % SIM_LOG_KEPT].number != 0)
            json_array_append_new(list, describe_line(&log->lines[i % SIM_LOG_KEPT]));
    json_object_set_new(json, "counts", describe_counts(log->counts));
    json_object_set_new(json, "in_flight", json_integer(log->in_flight));
    json_object_set_new(json, "max_in_flight", json_integer(log->max_in_flight));
    json_object_set_new(json, "accounts", describe_accounts(sim));
    json_object_set_new(json, "requests", list);
    return json;
}
