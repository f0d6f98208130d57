/* SPDX-License-Identifier: MIT */
/* ctl/health_report: the list of what was found, as a table, as JSON, as an exit status. */
#include <stdlib.h>
#include <string.h>

#include "ctl/health.h"
#include "ctl/print.h"

#define EXIT_WARNINGS 1
#define EXIT_FAILURES 2

void health_list_add(struct health_list *list, const char *check,
                     const struct health_verdict *verdict)
{
    struct health_finding *grown = reallocarray(list->items, list->count + 1, sizeof(*list->items));

    if (!grown) {
        list->failed = true;
        return;
    }
    list->items = grown;
    grown[list->count++] = (struct health_finding){.check = check, .verdict = *verdict};
}

void health_list_free(struct health_list *list)
{
    free(list->items);
    *list = (struct health_list){0};
}

static enum health_state worst(const struct health_list *list)
{
    enum health_state state = HEALTH_OK;

    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].verdict.state > state)
            state = list->items[i].verdict.state;
    return state == HEALTH_UNCHECKED ? HEALTH_OK : state;
}

int health_exit_status(const struct health_list *list)
{
    switch (worst(list)) {
    case HEALTH_WARNING:
        return EXIT_WARNINGS;
    case HEALTH_FAILURE:
        return EXIT_FAILURES;
    default:
        return 0;
    }
}

/* -- for people -------------------------------------------------------------------------------- */

struct widths {
    size_t check, state;
};

static size_t larger(size_t one, size_t other)
{
    return one > other ? one : other;
}

/* No cell of ours is cut, as those of print_table are: a sentence is as long as it is. */
static void add_row(const struct widths *widths, const char *check, const char *state,
                    const char *text, struct buf *out)
{
    buf_addf(out, "%-*s  %-*s  ", (int)widths->check, check, (int)widths->state, state);
    print_text(out, text);
    buf_add_text(out, "\n");
}

void health_print(const struct health_list *list, struct buf *out)
{
    struct widths widths = {strlen("CHECK"), strlen("RESULT")};

    for (size_t i = 0; i < list->count; i++) {
        const struct health_finding *finding = &list->items[i];

        widths.check = larger(widths.check, strlen(finding->check));
        widths.state = larger(widths.state, strlen(health_state_name(finding->verdict.state)));
    }
    add_row(&widths, "CHECK", "RESULT", "WHAT WAS FOUND", out);
    for (size_t i = 0; i < list->count; i++) {
        const struct health_verdict *verdict = &list->items[i].verdict;

        add_row(&widths, list->items[i].check, health_state_name(verdict->state), verdict->text,
                out);
        if (!verdict->todo[0])
            continue;
        buf_addf(out, "%*s", (int)(widths.check + widths.state + 4), "");
        buf_add_text(out, "to do: ");
        print_text(out, verdict->todo);
        buf_add_text(out, "\n");
    }
}

/* -- for programs ------------------------------------------------------------------------------ */

/* Escaped as for people, so that it is valid UTF-8 whatever came from outside. */
static json_t *text_json(const char *text)
{
    struct buf escaped = {0};
    json_t *json = NULL;

    if (!text[0])
        return json_null();
    if (print_text(&escaped, text))
        json = json_string(escaped.data);
    buf_free(&escaped, false);
    return json;
}

static json_t *finding_json(const struct health_finding *finding)
{
    const struct health_verdict *verdict = &finding->verdict;

    return json_pack("{s:s, s:s, s:o, s:o}", "check", finding->check, "result",
                     health_state_name(verdict->state), "text", text_json(verdict->text), "todo",
                     text_json(verdict->todo));
}

json_t *health_json(const struct health_list *list)
{
    json_t *checks = json_array();

    for (size_t i = 0; checks && i < list->count; i++) {
        if (json_array_append_new(checks, finding_json(&list->items[i])) != 0) {
            json_decref(checks);
            checks = NULL;
        }
    }
    return json_pack("{s:s, s:i, s:o}", "result", health_state_name(worst(list)), "exit_status",
                     health_exit_status(list), "checks", checks);
}
