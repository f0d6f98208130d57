/* SPDX-License-Identifier: MIT */
/*
 * archive/match_class: which pieces may be of one track. Pure.
 *
 * Owns: when two tellings name the same track, and how sure that is.
 * Offers: match_same(); match_classes(), which sorts all pieces into sets that share no key.
 * Never: compares every piece with every other.
 */
#ifndef ARCHIVE_MATCH_CLASS_H
#define ARCHIVE_MATCH_CLASS_H

#include "archive/match.h"

/* How sure it is that two tellings name the same track, least first. */
enum match_sameness {
    MATCH_OTHER,      /* nothing in common */
    MATCH_SAME_TITLE, /* name and artist, but the recordings (ISRC) differ */
    MATCH_SAME_NAME,  /* name and artist; at least one ISRC is not known */
    MATCH_SAME_ISRC,
    MATCH_SAME_URI
};

enum match_sameness match_same(const struct match_keys *a, const struct match_keys *b);

/* For each piece the index of one that stands for its set. Pieces that are the same track, or that
 * others join, are in one set. False without memory. */
bool match_classes(const struct match_piece *pieces, size_t count, struct arena *arena,
                   uint32_t **classes);

#endif
