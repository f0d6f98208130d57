/* SPDX-License-Identifier: MIT */
/* base/zone on bytes that may be a zone file or a TZ string: what is taken keeps the promises of
 * its header, and a rule says the same where its changes are looked up and where they are worked
 * out. */
#include <string.h>

#include "base/text.h"
#include "base/zone.h"
#include "fuzz/hold.h"

#define DAY_MS INT64_C(86400000)
#define CYCLE (146097 * DAY_MS) /* 400 years, after which the calendar is the same */

static void try_day(const struct zone *zone, int64_t day)
{
    int64_t begins = zone_day_begins(zone, day);
    int32_t second = -1;

    hold(begins <= zone_day_begins(zone, day + 1));
    hold(zone_day(zone, begins, &second) >= day && second >= 0 && second < 86400);
    hold(zone_day(zone, begins - 1, NULL) < day);
}

static void try_moment(const struct zone *zone, int64_t ms)
{
    const char *abbreviation = zone_abbreviation(zone, ms);
    int32_t offset = zone_offset(zone, ms);
    char text[ZONE_TIME_SIZE];

    hold(offset > -25 * 3600 && offset < 26 * 3600);
    hold(abbreviation[0] != '\0' && text_printable(abbreviation, strlen(abbreviation)));
    hold(strlen(zone_time_format(zone, ms, text)) >= 16);
    hold(strlen(zone_clock_format(zone, ms, text)) == 5);
}

static void try_zone(struct zone *zone, const uint8_t *data, size_t size)
{
    int64_t given = 0;

    if (!zone)
        return;
    memcpy(&given, data, size < sizeof(given) ? size : sizeof(given));
    try_moment(zone, given);
    try_moment(zone, INT64_MIN);
    try_moment(zone, INT64_MAX);
    for (int64_t day = -40000; day < 60000; day += 611)
        try_day(zone, day);
    for (int64_t day = 14608; day < 14640; day++) /* around a new year */
        try_day(zone, day);
    try_day(zone, given % INT64_C(100000000000));
    zone_free(zone);
}

static void try_rule(const char *text)
{
    struct zone *zone = zone_of_rule(text);

    for (int64_t ms = DAY_MS; zone && ms < 130 * 365 * DAY_MS; ms += 97 * DAY_MS + 12345678)
        hold(zone_offset(zone, ms) == zone_offset(zone, ms + CYCLE));
    try_zone(zone, (const uint8_t *)text, strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    int64_t day;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    try_zone(zone_of_file("fuzz", data, size), data, size);
    try_rule(text);
    if (zone_date_parse(text, &day)) {
        char again[ZONE_DATE_SIZE];

        hold(strcmp(zone_date_format(day, again), text) == 0);
    }
    (void)zone_exists(text);
    free(text);
    return 0;
}
