/* SPDX-License-Identifier: MIT */
/* spotify/profile: reads an answer of GET /v1/me, of the new shape and the old. */
#ifndef SPOTIFY_PROFILE_H
#define SPOTIFY_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

struct spotify_profile {
    char id[256];           /* never empty */
    char account_id[256];   /* "" if absent */
    char display_name[512]; /* "" if absent or null */
};

/* False with *error a static text if there is no usable id. Over-long or non-UTF-8 values are
 * refused. */
bool spotify_profile_decode(const char *json, size_t len, struct spotify_profile *profile,
                            const char **error);

#endif
