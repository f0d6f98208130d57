/* SPDX-License-Identifier: MIT */
#include "row_rules.h"

#include <string.h>

#include "archive/decode.h"
#include "spotify/fields.h"

#define LATE (2 * CLOCK_DAY) /* a play may be so far ahead of our clock */

_Static_assert(ARCHIVE_URI_MAX > FIELDS_URI_MAX, "a valid uri fits");

int64_t row_latest(int64_t now_ms)
{
    return now_ms + LATE;
}

bool row_moment_possible(int64_t at, int64_t latest)
{
    return at >= ARCHIVE_EARLIEST && at <= latest;
}

bool row_uri_possible(const char *text, size_t len)
{
    static const char prefix[] = "spotify:";

    return len > sizeof(prefix) && memcmp(text, prefix, sizeof(prefix) - 1) == 0 &&
           fields_uri_valid(text, len);
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum archive_kind row_kind_of_uri(const char *uri)
{
    if (starts_with(uri, "spotify:track:")) /* as nearly all do */
        return ARCHIVE_TRACK;
    if (starts_with(uri, "spotify:local:"))
        return ARCHIVE_LOCAL;
    if (starts_with(uri, "spotify:episode:"))
        return ARCHIVE_EPISODE;
    return starts_with(uri, "spotify:chapter:") ? ARCHIVE_CHAPTER : ARCHIVE_TRACK;
}
