/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "archive/export.h"
#include "ctl/ctl.h"
#include "ctl/tally.h"
#include "ctl/when.h"

static const char *format_at(size_t index)
{
    const struct export_format *format = export_format_at(index);

    return format ? format->name : NULL;
}

static const char *kind_at(size_t index)
{
    return index < STORE_KINDS ? tally_kind_name((enum store_kind)index) : NULL;
}

static const char *measure_at(size_t index)
{
    static const enum store_measure measures[] = {STORE_BY_PLAYS, STORE_BY_TIME};

    return index < sizeof(measures) / sizeof(measures[0]) ? tally_measure_name(measures[index])
                                                          : NULL;
}

const char *ctl_value_at(const char *argument, size_t index)
{
    static const struct {
        const char *argument;
        const char *(*at)(size_t index);
    } tables[] = {
        {"FORMAT", format_at}, {"KIND", kind_at}, {"MEASURE", measure_at}, {"TIME", when_name_at}};

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (strcmp(tables[i].argument, argument) == 0)
            return tables[i].at(index);
    return NULL;
}
