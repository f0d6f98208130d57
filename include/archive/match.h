/* SPDX-License-Identifier: MIT */
/*
 * archive/match: which tellings are of the same play. A play can be told three times: by the API
 * (its end to the ms), by the long form of an export (whole seconds) and by the short form
 * (minutes, names only). Pure: flat arrays in and out.
 *
 * Owns: the rules by which tellings are one play, and which of them stands for it (doc/matching.md gives
 *       reasons and figures).
 * Offers: match_solve() for both directions, export against API plays and API page against imported
 *         ones; match_name_key().
 * Never: reads a clock or the store; puts two tellings of one source into one play, unless one is a
 *        duplicate of the other; asks in which order sources came.
 *
 * The last point is why imports and pages in any order end in the same rows: the answer is worked
 * out anew from all tellings near the ones that come, stored ones included. So a stored play must
 * remember each telling it holds: three moments (API, long, short), and the row can be taken apart
 * again when a better partner comes. Of a duplicate nothing has to be remembered, and so a stored
 * row never gives way to one that repeats it: there alone the order of files shows, by some
 * seconds.
 */
#ifndef ARCHIVE_MATCH_H
#define ARCHIVE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

/* Better ones first: of a play told by several, the first gives moment and track. */
enum match_source { MATCH_API, MATCH_LONG, MATCH_SHORT, MATCH_SOURCES };

#define MATCH_NONE UINT32_MAX

/* No telling further from another than this is of the same play. */
#define MATCH_FAR (48 * CLOCK_HOUR)
/* A telling that comes or goes can change plays that have a telling this near, and no others. */
#define MATCH_SETTLED (5 * CLOCK_DAY)
/* So its play has played_at this near. */
#define MATCH_NEAR (MATCH_SETTLED + MATCH_FAR)
/* Stored plays to hand in: those with played_at this far from what comes or goes. */
#define MATCH_REACH (2 * MATCH_SETTLED + MATCH_FAR)

/*
 * What a track is known by. Equal numbers mean the same; 0: not known. Numbers of uri and isrc must
 * be the same in all pieces of one call. Two names, because an export names the artist of the album
 * and a short page or an old row that of the track: match_name_key() of the one, of the other, or
 * of both.
 */
struct match_keys {
    uint64_t uri, isrc;
    uint64_t names[2];
};

/* One telling: a row of an export, an item of a page, or what a stored play keeps of either. */
struct match_piece {
    int64_t at;         /* wall ms. API: the reported moment; long: ts; short: endTime */
    int64_t ms_played;  /* -1: not told, as by the API. Of a stored short one whose play has a long
                           one: that of the play will do */
    int64_t offline_at; /* long form; CLOCK_NO_TIME: none */
    struct match_keys keys;
    enum match_source source;
    uint32_t play; /* number of the stored play that it is part of; MATCH_NONE: it comes now */
    bool offline;  /* the row says so */
    bool gone;     /* of a stored play: it is taken out of it (an import is undone) */
};

struct match_input {
    const struct match_piece *pieces; /* in any order; all tellings of each stored play handed in */
    size_t count;                     /* under UINT32_MAX / 2 */
    size_t stored; /* stored plays, numbered from 0; each has one telling of a source at most */
};

enum match_outcome {
    MATCH_STORED,    /* not a new piece */
    MATCH_NEW,       /* nothing else tells of this play */
    MATCH_MATCHED,   /* another source tells of it: they are one play now */
    MATCH_DUPLICATE, /* told by an import already, as well or better, or twice in what comes */
};

/* A play as it is to be stored. */
struct match_play {
    uint32_t piece[MATCH_SOURCES]; /* index of the telling by each source; MATCH_NONE */
    uint32_t continues; /* the stored play whose row this is; MATCH_NONE: a row to be added */
    bool changed;       /* it has a telling that this row did not have, or lacks one that it had */
};

struct match_result {
    struct match_play *plays; /* in no particular order */
    size_t play_count;
    enum match_outcome *outcomes; /* of each piece */
    uint32_t *play_of;   /* of each piece, the play that it ended in (a duplicate: that it repeats;
                            gone: MATCH_NONE) */
    uint32_t *continued; /* of each stored play, the one that continues it; MATCH_NONE: its tellings
                            went to others (or were taken out), the row is to be removed */
};

/*
 * Decides. What is in result is in the arena (some 180 bytes a piece, and 300 KiB) and lives as
 * long as it. Time is n log n whatever the pieces are. False without memory, and for numbers of
 * plays or sources that cannot be.
 *
 * A changed play's row has: moment and track of its first telling in the order of sources (the long
 * form's with 000 ms, the short one's with 00.000 s), ms_played and details of the long one, else
 * ms_played of the short one, and the moments of all. A user's deletion stays with the row that is
 * continued.
 */
bool match_solve(const struct match_input *input, struct arena *arena, struct match_result *result);

/*
 * A number for a title and who it is by, never 0 unless name is empty or blank. The same for texts
 * that differ in ASCII and Latin-1 case, in kind and number of blanks, in typographic or plain
 * quotes, hyphens and ellipses; nothing else is taken away ("(Live)", "- Remastered 2011" make
 * another track). artist may be "". Not the same on every version of the program: do not store it.
 */
uint64_t match_name_key(const char *name, const char *artist);

#endif
