/* SPDX-License-Identifier: MIT */
/*
 * Years of listening of which the truth is known, and how Spotify tells of them: by the API, by the
 * long form of an export and by the short one, each with the errors that were measured.
 */
#ifndef SIMULATION_TELLINGS_H
#define SIMULATION_TELLINGS_H

#include "archive/match.h"
#include "lib/chance.h"

struct truth {
    int64_t started, ended; /* wall ms */
    int64_t ms_played;
    uint32_t song;
    bool displaced; /* two of its tellings are more than a minute apart */
};

struct telling {
    struct match_piece piece;
    uint32_t truth;
    bool echo; /* the API tells of the play a second time */
};

/* How often reality is odd; chances are 0 ... 1. */
struct tellings_options {
    uint64_t seed;
    size_t plays;
    double sessions_on_repeat; /* one song again and again */
    double sessions_offline;
    double displaced; /* plays online whose ts is one to thirty minutes off */
    double unlisted;  /* plays over 30 s that the API never showed; of shorter ones 85 % */
    double left_out;  /* plays that an export lacks */
    double twice;     /* rows that an export repeats, at once or seconds later */
    double echo;      /* plays that the API tells twice, 30 to 600 ms apart */
    double twin;      /* plays that end in the same millisecond as the one before */
    double market;    /* API plays under the uri of another market */
    double renamed;   /* songs with a name and artist that another recording has too */
};

struct tellings {
    struct truth *truths;
    size_t truth_count, truth_room;
    struct telling *told[MATCH_SOURCES]; /* as the plays came; not in order of time */
    size_t counts[MATCH_SOURCES], rooms[MATCH_SOURCES];
};

struct tellings_options tellings_measured(uint64_t seed, size_t plays);

/* False when memory ran out. */
bool tellings_make(const struct tellings_options *options, struct tellings *tellings);
void tellings_free(struct tellings *tellings);

#endif
