/* SPDX-License-Identifier: MIT */
/*
 * web/zone_names: the names of time zones that the system knows, for people to choose from: one for
 * each that differed since 1970 (zone1970.tab of the time zone database).
 *
 * Never: fails: without the file there are no names to offer; takes a name that base/zone would not.
 */
#ifndef WEB_ZONE_NAMES_H
#define WEB_ZONE_NAMES_H

#include <stddef.h>

#include "base/buf.h"

#define ZONE_NAMES_FILE "/usr/share/zoneinfo/zone1970.tab"
#define ZONE_NAMES_MAX 1000                      /* names; more are left out */
#define ZONE_NAMES_FILE_MAX ((size_t)256 * 1024) /* bytes; of a larger file nothing is read */

struct zone_names {
    char *text; /* they stand in it */
    const char *names[ZONE_NAMES_MAX];
    size_t count;
};

/* In order of their letters, each once. Free them with zone_names_free(). */
void zone_names_read(const char *path, struct zone_names *names);
void zone_names_free(struct zone_names *names);

#endif
