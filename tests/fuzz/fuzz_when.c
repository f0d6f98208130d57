/* SPDX-License-Identifier: MIT */
/* ctl/when: moments as people write them behind --since, in several time zones. The first byte
 * chooses the zone, the next six when it is read. */
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/zone.h"
#include "ctl/when.h"
#include "fuzz/hold.h"

#define HEAD 7
#define DAY_MS INT64_C(86400000)
#define LATEST INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

/* A moment by itself is read as the moment that it was written from. */
static void try_stamp(int64_t now, int64_t ms)
{
    char text[TEXT_TIME_SIZE];
    int64_t again;

    if (ms < 0 || ms > LATEST)
        return;
    text_time_format(ms, text);
    hold(when_parse(text, now, &again) && again == ms);
}

static void try_text(const char *text, int64_t now)
{
    int64_t ms = 42, end = 42, day;
    bool is_name = when_name_ends(text, now, &end);

    if (!when_parse(text, now, &ms)) {
        hold(ms == 42 && !is_name && end == 42);
        return;
    }
    if (is_name) {
        hold(ms < end && ms <= now && end - ms <= 366 * DAY_MS + DAY_MS / 4);
        hold((strncmp(text, "this-", 5) != 0 && strcmp(text, "today") != 0) || now < end);
        return;
    }
    try_stamp(now, ms);
    if (zone_date_parse(text, &day))
        hold(ms >= (day - 1) * DAY_MS && ms <= (day + 1) * DAY_MS);
}

static void try_units(int64_t now)
{
    for (int unit = WHEN_DAY; unit <= WHEN_YEAR; unit++) {
        int64_t begins = when_begins((enum when_unit)unit, 0, now);
        int64_t next = when_begins((enum when_unit)unit, -1, now);
        int64_t before = when_begins((enum when_unit)unit, 1, now);
        int64_t same = when_same_before((enum when_unit)unit, now);

        hold(before < begins && begins <= now && now < next);
        hold(before <= same && same <= begins);
        hold(when_begins((enum when_unit)unit, 0, begins) == begins);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const zones[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "<-12>12",
                                        "<+1345>-13:45", "AAA3BBB,M11.1.0/0,M2.3.0/0"};
    uint64_t given = 0;
    int64_t now;
    char *text;

    if (size < HEAD)
        return 0;
    setenv("TZ", zones[data[0] % (sizeof(zones) / sizeof(zones[0]))], 1);
    tzset();
    memcpy(&given, data + 1, HEAD - 1);
    now = (int64_t)(given % (uint64_t)(LATEST - 1000 * DAY_MS)) + 800 * DAY_MS;
    size -= HEAD;
    text = calloc(1, size + 1);
    hold(text != NULL);
    memcpy(text, data + HEAD, size);
    try_text(text, now);
    try_units(now);
    free(text);
    return 0;
}
