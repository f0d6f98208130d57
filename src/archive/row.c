/* SPDX-License-Identifier: MIT */
#include "archive/row.h"

const char *archive_reject_name(enum archive_reject reject)
{
    static const char *const names[] = {
        [ARCHIVE_ACCEPTED] = "accepted",     [ARCHIVE_NO_TIME] = "no_time",
        [ARCHIVE_BAD_TIME] = "bad_time",     [ARCHIVE_NO_TITLE] = "no_title",
        [ARCHIVE_BAD_MS] = "bad_ms",         [ARCHIVE_BAD_URI] = "bad_uri",
        [ARCHIVE_NOT_OBJECT] = "not_object",
    };

    _Static_assert(sizeof(names) / sizeof(names[0]) == ARCHIVE_REJECTS, "a name for each");
    return (unsigned)reject < ARCHIVE_REJECTS ? names[reject] : "unknown";
}
