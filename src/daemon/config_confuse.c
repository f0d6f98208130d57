/* SPDX-License-Identifier: MIT */
/*
 * libConfuse, and nothing but libConfuse. Every option is a string for it, so that what a value
 * must be is said in one place, by our own words. Its parser keeps its state in global variables
 * and hands no context to callbacks: one reading at a time.
 */
#include "daemon/config_private.h"

#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The reading that libConfuse works for, for on_error(). */
static struct config_reading *current;

/* config_scan() has seen the text before, so this is called for lack of memory or by a newer
 * libConfuse with other rules. */
static void on_error(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void on_error(cfg_t *cfg, const char *format, va_list arguments)
{
    char reason[CONFIG_REASON_SIZE];

    vsnprintf(reason, sizeof(reason), format, arguments);
    if (current != NULL)
        config_problem(current, cfg != NULL && cfg->line > 0 ? cfg->line : CONFIG_LINE_NONE,
                       "libConfuse: %s", reason);
}

/* libConfuse's table, made from ours: options holds those of all sections, each section's closed by
 * an end mark. */
static void make_table(cfg_opt_t *sections, cfg_opt_t *options)
{
    const struct option_section *section;
    const struct option_row *row;
    size_t s;

    for (s = 0; (section = option_section_at(s)) != NULL; s++) {
        sections[s] = (cfg_opt_t)CFG_SEC(section->name, options, CFGF_NONE);
        for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
            if (strcmp(row->section, section->name) != 0)
                continue;
            if (row->kind == OPTION_LIST)
                *options++ = (cfg_opt_t)CFG_STR_LIST(row->key, NULL, CFGF_NODEFAULT);
            else
                *options++ = (cfg_opt_t)CFG_STR(row->key, NULL, CFGF_NODEFAULT);
        }
        *options++ = (cfg_opt_t)CFG_END();
    }
    sections[s] = (cfg_opt_t)CFG_END();
}

/* Copies an option's values out of libConfuse's hands. */
static void take_values(struct config_reading *reading, cfg_t *cfg, size_t index)
{
    const struct option_row *row = option_at(index);
    struct config_given *given = &reading->given[index];
    cfg_t *section = cfg_getsec(cfg, row->section);
    unsigned int count = cfg_size(section, row->key);

    given->given = count > 0 || (row->kind == OPTION_LIST && reading->loaded->line[index] > 0);
    given->items = arena_alloc(&reading->arena, (count + 1) * sizeof(*given->items));
    if (given->items == NULL) {
        reading->no_memory = true;
        return;
    }
    for (; given->count < count; given->count++) {
        const char *text = cfg_getnstr(section, row->key, (unsigned int)given->count);

        given->items[given->count] = arena_copy(&reading->arena, text, strlen(text));
        if (given->items[given->count] == NULL) {
            reading->no_memory = true;
            return;
        }
    }
}

bool config_confuse(struct config_reading *reading, const char *text)
{
    cfg_opt_t sections[OPTIONS_SECTIONS_MAX + 1];
    cfg_opt_t options[OPTIONS_MAX + OPTIONS_SECTIONS_MAX];
    cfg_t *cfg;
    bool ok;

    make_table(sections, options);
    cfg = cfg_init(sections, CFGF_NONE);
    if (cfg == NULL) {
        reading->no_memory = true;
        return false;
    }
    current = reading;
    cfg_set_error_function(cfg, on_error);
    ok = cfg_parse_buf(cfg, text) == CFG_SUCCESS;
    for (size_t i = 0; ok && option_at(i) != NULL; i++)
        take_values(reading, cfg, i);
    cfg_free(cfg);
    current = NULL;
    return ok;
}
