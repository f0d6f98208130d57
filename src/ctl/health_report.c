/* SPDX-License-Identifier: MIT */
/* ctl/health_report: the list of what was found, as a table, as JSON, as an exit status. */
#include <stdio.h>
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

static enum print_style style_of(enum health_state state)
{
    switch (state) {
    case HEALTH_OK:
        return PRINT_GOOD;
    case HEALTH_WARNING:
        return PRINT_WARNING;
    case HEALTH_FAILURE:
        return PRINT_BAD;
    default:
        return PRINT_DIM;
    }
}

static void add_finding(struct print_table *table, const struct health_finding *finding)
{
    const struct health_verdict *verdict = &finding->verdict;
    char todo[HEALTH_TEXT_SIZE + 8];

    print_table_add(
        table, (const char *[]){finding->check, health_state_name(verdict->state), verdict->text});
    print_table_style(table, 1, style_of(verdict->state));
    if (!verdict->todo[0])
        return;
    snprintf(todo, sizeof(todo), "to do: %s", verdict->todo);
    print_table_add(table, (const char *[]){"", "", todo});
    print_table_style(table, 2, PRINT_BOLD);
}

/* A sentence is as long as it is. */
void health_print(const struct health_list *list, struct print_look look, struct buf *out)
{
    static const char *const headings[] = {"CHECK", "RESULT", "WHAT WAS FOUND"};
    struct print_table table;

    print_table_begin(&table, headings, 3, 0);
    table.look = look;
    table.cut = 0;
    table.whole = 1U << 2;
    for (size_t i = 0; i < list->count; i++)
        add_finding(&table, &list->items[i]);
    if (!print_table_end(&table, out))
        out->failed = true;
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
