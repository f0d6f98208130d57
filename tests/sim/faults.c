/* SPDX-License-Identifier: MIT */
/* The script of faults: rules that are counted down by requests of their kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "sim.h"

static const char *const kind_words[] = {"authorize", "token", "me", "recent"};

static const char *const body_words[SIM_BODIES] = {
    [SIM_BODY_PLAIN] = "plain",         [SIM_BODY_HTML] = "html",
    [SIM_BODY_EMPTY] = "empty",         [SIM_BODY_JSON_ERROR] = "json-error",
    [SIM_BODY_TRUNCATED] = "truncated", [SIM_BODY_BIG] = "big",
    [SIM_BODY_BAD_UTF8] = "bad-utf8",   [SIM_BODY_WRONG_TYPES] = "wrong-types",
    [SIM_BODY_DEEP] = "deep",           [SIM_BODY_GZIP_BOMB] = "gzip-bomb",
    [SIM_BODY_NOT_JSON] = "not-json",   [SIM_BODY_HALF_JSON] = "half-json",
};

static const char *const rule_keys[] = {
    "kind", "account",  "from",     "every", "count", "chance", "status", "headers", "body",
    "type", "generate", "delay_ms", "hang",  "reset", "close",  "after",  NULL};

static void fault_free(struct sim_fault *fault)
{
    for (size_t i = 0; i < fault->header_count; i++) {
        free(fault->headers[i].name);
        free(fault->headers[i].value);
    }
    free(fault->headers);
    free(fault->text);
    free(fault->type);
    free(fault);
}

void sim_fault_release(struct sim_fault *fault)
{
    if (fault != NULL && --fault->users == 0)
        fault_free(fault);
}

bool sim_fault_replaces(const struct sim_fault *fault)
{
    return fault->status != 0 || fault->body != SIM_BODY_NONE || fault->hang || fault->reset ||
           fault->close;
}

/* ---- reading rules ---- */

static bool header_add(struct sim_fault *fault, const char *name, const char *value)
{
    struct sim_header *header = &fault->headers[fault->header_count];

    if (strpbrk(name, "\r\n") != NULL || strpbrk(value, "\r\n") != NULL || *name == '\0')
        return false;
    header->name = strdup(name);
    header->value = strdup(value);
    fault->header_count++;
    return header->name != NULL && header->value != NULL;
}

static void read_headers(struct sim_args *args, struct sim_fault *fault)
{
    json_t *headers = json_object_get(args->object, "headers"), *pair, *value;
    size_t i,
        count = json_is_object(headers) ? json_object_size(headers) : json_array_size(headers);
    const char *name;

    if (headers == NULL)
        return;
    fault->headers = calloc(count + 1, sizeof(fault->headers[0]));
    if (fault->headers == NULL || !(json_is_array(headers) || json_is_object(headers))) {
        sim_args_fail(args, "headers", "must be an array of [name, value]");
        return;
    }
    json_object_foreach (headers, name, value)
        if (!json_is_string(value) || !header_add(fault, name, json_string_value(value)))
            sim_args_fail(args, "headers", "each value must be one line of text");
    json_array_foreach (headers, i, pair) {
        const char *key = json_string_value(json_array_get(pair, 0)),
                   *text = json_string_value(json_array_get(pair, 1));

        if (json_array_size(pair) != 2 || key == NULL || text == NULL ||
            !header_add(fault, key, text))
            sim_args_fail(args, "headers", "each must be [name, value], of one line each");
    }
}

static void read_body(struct sim_args *args, struct sim_fault *fault)
{
    const char *text = NULL;
    int generated = SIM_BODY_NONE;

    if (sim_args_text(args, "body", &text)) {
        fault->body = SIM_BODY_TEXT;
        fault->text = strdup(text);
    }
    if (sim_args_choice(args, "generate", body_words, SIM_BODIES, &generated)) {
        if (fault->body == SIM_BODY_TEXT)
            sim_args_fail(args, "generate", "not together with body");
        fault->body = (enum sim_body)generated;
    }
    if (sim_args_text(args, "type", &text))
        fault->type = strdup(text);
    if (fault->body == SIM_BODY_TEXT && fault->text == NULL)
        sim_args_fail(args, "body", "out of memory");
}

static void read_when(struct sim *sim, struct sim_args *args, struct sim_fault *fault)
{
    int64_t account = 0, from = 1, every = 1, count = 1;
    const char *kind = "any";
    int choice = -1;

    sim_args_text(args, "kind", &kind);
    if (strcmp(kind, "any") != 0)
        sim_args_choice(args, "kind", kind_words, sizeof(kind_words) / sizeof(kind_words[0]),
                        &choice);
    fault->kind = choice;
    fault->account = SIM_NO_ACCOUNT;
    if (sim_args_int(args, "account", 1, (int64_t)sim->account_count, &account))
        fault->account = (size_t)account - 1;
    sim_args_int(args, "from", 1, INT64_MAX, &from);
    sim_args_int(args, "every", 1, INT64_MAX, &every);
    sim_args_int(args, "count", 0, INT64_MAX, &count);
    fault->chance = 1;
    sim_args_number(args, "chance", 0, 1, &fault->chance);
    fault->from = (uint64_t)from;
    fault->every = (uint64_t)every;
    fault->count = (uint64_t)count;
}

static struct sim_fault *rule_read(struct sim *sim, const json_t *rule, char *error, size_t size)
{
    struct sim_fault *fault = calloc(1, sizeof(*fault));
    struct sim_args args;
    int64_t status = 0;

    if (fault == NULL) {
        snprintf(error, size, "out of memory");
        return NULL;
    }
    fault->users = 1;
    sim_args_begin(&args, rule, rule_keys);
    read_when(sim, &args, fault);
    sim_args_int(&args, "status", 200, 599, &status);
    fault->status = (int)status;
    read_headers(&args, fault);
    read_body(&args, fault);
    sim_args_int(&args, "delay_ms", 0, 86400000, &fault->delay_ms);
    sim_args_bool(&args, "hang", &fault->hang);
    sim_args_bool(&args, "reset", &fault->reset);
    sim_args_bool(&args, "close", &fault->close);
    sim_args_bool(&args, "after", &fault->after);
    if (sim_args_ok(&args))
        return fault;
    snprintf(error, size, "%s", args.error);
    fault_free(fault);
    return NULL;
}

static void list_free(struct sim_fault *list)
{
    while (list != NULL) {
        struct sim_fault *next = list->next;

        fault_free(list);
        list = next;
    }
}

int sim_faults_add(struct sim *sim, const json_t *rules, json_t *added, char *error, size_t size)
{
    struct sim_fault *fresh = NULL, **end = &fresh, **last = &sim->faults.list;
    size_t count = json_is_array(rules) ? json_array_size(rules) : 1;

    for (size_t i = 0; i < count; i++) {
        *end = rule_read(sim, json_is_array(rules) ? json_array_get(rules, i) : rules, error, size);
        if (*end == NULL) {
            list_free(fresh);
            return -1;
        }
        end = &(*end)->next;
    }
    for (struct sim_fault *fault = fresh; fault != NULL; fault = fault->next) {
        fault->number = ++sim->faults.made;
        if (added != NULL)
            json_array_append_new(added, json_integer(fault->number));
    }
    while (*last != NULL)
        last = &(*last)->next;
    *last = fresh;
    return 0;
}

void sim_faults_clear(struct sim *sim, unsigned number)
{
    struct sim_fault **place = &sim->faults.list;

    while (*place != NULL) {
        struct sim_fault *fault = *place;

        if (number != 0 && fault->number != number) {
            place = &fault->next;
            continue;
        }
        *place = fault->next;
        sim_fault_release(fault);
    }
}

/* ---- using rules ---- */

static double fault_random(struct sim *sim)
{
    sim->faults.random++;
    return (double)(world_hash(sim->world, 'f', sim->faults.random) >> 11) * 0x1.0p-53;
}

/* Counts the request; true when it is the rule's turn. */
static bool rule_fires(struct sim *sim, struct sim_fault *fault)
{
    uint64_t n = ++fault->seen;

    if (n < fault->from || (n - fault->from) % fault->every != 0)
        return false;
    if (fault->count != 0 && fault->hits >= fault->count)
        return false;
    return fault->chance >= 1 || fault_random(sim) < fault->chance;
}

struct sim_fault *sim_faults_match(struct sim *sim, enum sim_kind kind, size_t account)
{
    struct sim_fault *chosen = NULL;

    for (struct sim_fault *fault = sim->faults.list; fault != NULL; fault = fault->next) {
        if (fault->kind != -1 && fault->kind != (int)kind)
            continue;
        if (fault->account != SIM_NO_ACCOUNT && fault->account != account)
            continue;
        if (rule_fires(sim, fault) && chosen == NULL) {
            chosen = fault;
            fault->hits++;
            fault->users++;
        }
    }
    return chosen;
}

static const char *fault_does(const struct sim_fault *fault)
{
    if (fault->hang)
        return "hang";
    if (fault->reset)
        return "reset";
    if (fault->close)
        return "close";
    if (fault->body == SIM_BODY_TEXT)
        return "body";
    return fault->body != SIM_BODY_NONE ? body_words[fault->body]
           : fault->status != 0         ? "status"
                                        : "delay";
}

json_t *sim_faults_describe(const struct sim *sim)
{
    json_t *list = json_array();

    for (const struct sim_fault *fault = sim->faults.list; fault != NULL; fault = fault->next)
        json_array_append_new(
            list, json_pack("{s:i,s:s,s:I,s:i,s:s,s:b,s:I,s:I}", "number", (int)fault->number,
                            "kind", fault->kind < 0 ? "any" : kind_words[fault->kind], "account",
                            fault->account == SIM_NO_ACCOUNT ? (json_int_t)0
                                                             : (json_int_t)fault->account + 1,
                            "status", fault->status, "does", fault_does(fault), "after",
                            (int)fault->after, "seen", (json_int_t)fault->seen, "hits",
                            (json_int_t)fault->hits));
    return list;
}
