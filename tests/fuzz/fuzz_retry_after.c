/* SPDX-License-Identifier: MIT */
/* net: how long a Retry-After asks to wait, in seconds or until a date. The first eight bytes are
 * the moment at which it is read. */
#include <string.h>
#include <time.h>

#include "fuzz/hold.h"
#include "net/net_private.h"

#define LONGEST INT64_C(315360000) /* 10 years */
#define LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static int64_t read_at(const char *text, int64_t now)
{
    int64_t seconds = net_retry_after_parse(text, now);

    hold(seconds == NET_RETRY_AFTER_BAD || (seconds >= 0 && seconds <= LONGEST));
    return seconds;
}

/* Seconds do not depend on when they are read; a date comes nearer by as much as time goes on. */
static void try_later(const char *text, int64_t now)
{
    int64_t seconds = read_at(text, now), later = read_at(text, now + 60);

    hold((seconds == NET_RETRY_AFTER_BAD) == (later == NET_RETRY_AFTER_BAD));
    if (seconds == NET_RETRY_AFTER_BAD)
        return;
    if (text[strspn(text, " \t0123456789,")] == '\0')
        hold(later == seconds);
    else
        hold(later == (seconds > 60 ? seconds - 60 : 0) || seconds == LONGEST);
}

/* All three forms of a date (RFC 9110 section 5.6.7) say what they were made from. */
static void try_dates(int64_t now, int64_t at)
{
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t left = at <= now ? 0 : at - now < LONGEST ? at - now : LONGEST;
    time_t seconds = (time_t)at;
    char text[100], clock[40];
    struct tm parts;

    hold(gmtime_r(&seconds, &parts) != NULL);
    snprintf(clock, sizeof(clock), "%02d:%02d:%02d", parts.tm_hour, parts.tm_min, parts.tm_sec);
    snprintf(text, sizeof(text), "%.3s, %02d %s %04d %s GMT", days[parts.tm_wday], parts.tm_mday,
             months[parts.tm_mon], parts.tm_year + 1900, clock);
    hold(read_at(text, now) == left);
    snprintf(text, sizeof(text), "%.3s %s %2d %s %04d", days[parts.tm_wday], months[parts.tm_mon],
             parts.tm_mday, clock, parts.tm_year + 1900);
    hold(read_at(text, now) == left);
    if (parts.tm_year < 71 || parts.tm_year >= 137)
        return; /* two digits are of a year near by */
    snprintf(text, sizeof(text), "%s, %02d-%s-%02d %s GMT", days[parts.tm_wday], parts.tm_mday,
             months[parts.tm_mon], parts.tm_year % 100, clock);
    hold(read_at(text, now) == left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t given = 0;
    int64_t now;
    char *text, digits[32];

    if (size < sizeof(given))
        return 0;
    memcpy(&given, data, sizeof(given));
    now = (int64_t)(given % (uint64_t)(LAST - 86400 * 366));
    size -= sizeof(given);
    text = calloc(1, size + 1);
    hold(text != NULL);
    memcpy(text, data + sizeof(given), size);
    try_later(text, now);
    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)given);
    hold(read_at(digits, now) == (given < LONGEST ? (int64_t)given : LONGEST));
    try_dates(now, 86400 + now / 8);
    try_dates(now, now + (int64_t)(given >> 40));
    free(text);
    return 0;
}
