/* SPDX-License-Identifier: MIT */
/* ctl/check_report: the list of what was found, as a table, as JSON, as an exit status. */
#include <stdlib.h>
#include <string.h>

#include "ctl/check.h"
#include "ctl/print.h"

#define EXIT_WARNINGS 1
#define EXIT_FAILURES 2

void check_list_add(struct check_list *list, const char *check, const struct check_verdict *verdict)
{
    struct check_finding *grown = reallocarray(list->items, list->count + 1, sizeof(*list->items));

    if (!grown) {
        list->failed = true;
        return;
    }
    list->items = grown;
    grown[list->count++] = (struct check_finding){.check = check, .verdict = *verdict};
}

void check_list_free(struct check_list *list)
{
    free(list->items);
    *list = (struct check_list){0};
}

static enum check_state worst(const struct check_list *list)
{
    enum check_state state = CHECK_OK;

    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].verdict.state > state)
            state = list->items[i].verdict.state;
    return state == CHECK_UNCHECKED ? CHECK_OK : state;
}

int check_exit_status(const struct check_list *list)
{
    switch (worst(list)) {
    case CHECK_WARNING:
        return EXIT_WARNINGS;
    case CHECK_FAILURE:
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

void check_print(const struct check_list *list, struct buf *out)
{
    struct widths widths = {strlen("CHECK"), strlen("RESULT")};

    for (size_t i = 0; i < list->count; i++) {
        const struct check_finding *finding = &list->items[i];

        widths.check = larger(widths.check, strlen(finding->check));
        widths.state = larger(widths.state, strlen(check_state_name(finding->verdict.state)));
    }
    add_row(&widths, "CHECK", "RESULT", "WHAT WAS FOUND", out);
    for (size_t i = 0; i < list->count; i++) {
        const struct check_verdict *verdict = &list->items[i].verdict;

        add_row(&widths, list->items[i].check, check_state_name(verdict->state), verdict->text,
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

static json_t *finding_json(const struct check_finding *finding)
{
    const struct check_verdict *verdict = &finding->verdict;

    return json_pack("{s:s, s:s, s:o, s:o}", "check", finding->check, "result",
                     check_state_name(verdict->state), "text", text_json(verdict->text), "todo",
                     text_json(verdict->todo));
}

json_t *check_json(const struct check_list *list)
{
    json_t *checks = json_array();

    for (size_t i = 0; checks && i < list->count; i++) {
        if (json_array_append_new(checks, finding_json(&list->items[i])) != 0) {
            json_decref(checks);
            checks = NULL;
        }
    }
    return json_pack("{s:s, s:i, s:o}", "result", check_state_name(worst(list)), "exit_status",
                     check_exit_status(list), "checks", checks);
}
