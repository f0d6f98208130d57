/* SPDX-License-Identifier: MIT */
/*
 * archive/match_rows: from who is whose partner to rows: which stored ones stay as they are, which
 * change, which come and which go. Pure.
 *
 * Owns: the outcome of each piece, and what is too far from what comes to be touched.
 * Offers: match_rows().
 * Never: pairs anything.
 */
#ifndef ARCHIVE_MATCH_ROWS_H
#define ARCHIVE_MATCH_ROWS_H

#include "archive/match.h"

/* Of each piece. */
struct match_links {
    uint32_t *fold; /* the piece that it repeats; itself if none */
    uint32_t *mate; /* API <-> long; MATCH_NONE */
    uint32_t *told; /* short <-> long, or API if there is no long; MATCH_NONE */
};

/* Nobody repeats anything, nobody has a partner. False without memory. */
bool match_links_new(struct match_links *links, size_t count, struct arena *arena);

/* Fills result. links are changed where what is stored stays as it was. False without memory. */
bool match_rows(const struct match_input *input, struct match_links *links, struct arena *arena,
                struct match_result *result);

#endif
