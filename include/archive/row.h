/* SPDX-License-Identifier: MIT */
/*
 * archive/row: one row of a privacy export as plain values, decoded from JSON of either form.
 *
 * Owns: what each key means, in all spellings since 2017; which rows cannot be a play, and why.
 * Offers: a decoder that is fed bytes of a file and gives rows one by one, in flat memory.
 * Never: keeps an IP address, a user agent or a user name; drops a row without saying why.
 */
#ifndef ARCHIVE_ROW_H
#define ARCHIVE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/* The long form ("Extended streaming history": ts, spotify_track_uri ...), and the short one
 * ("Account data": endTime, trackName ...). Told apart by the keys of the rows, never by the name
 * of the file. */
enum archive_form { ARCHIVE_FORM_UNKNOWN, ARCHIVE_FORM_LONG, ARCHIVE_FORM_SHORT };

enum archive_kind { ARCHIVE_TRACK, ARCHIVE_EPISODE, ARCHIVE_CHAPTER, ARCHIVE_LOCAL };

/* Yes, no, or not told. */
enum archive_flag { ARCHIVE_NOT_TOLD = -1, ARCHIVE_NO = 0, ARCHIVE_YES = 1 };

#define ARCHIVE_TEXT_MAX                                                     \
    1024 /* bytes of a name that is kept; longer ones are cut at a character \
          */
#define ARCHIVE_URI_MAX 1024

/* One row. Texts are NUL-terminated valid UTF-8, "" if absent. */
struct archive_row {
    enum archive_form form;
    int64_t row_no;    /* place in its file, from 1 */
    int64_t ended_at;  /* ms UTC: end of the play; the long form has whole seconds, the short one
                          minutes */
    int64_t ms_played; /* -1: not told */
    enum archive_kind kind;
    char uri[ARCHIVE_URI_MAX];     /* "": the short form has none, nor have withdrawn items */
    char name[ARCHIVE_TEXT_MAX];   /* of track, episode or chapter */
    char artist[ARCHIVE_TEXT_MAX]; /* album artist; show; "" for audiobooks */
    char album[ARCHIVE_TEXT_MAX];  /* album, show or audiobook */
    char reason_start[64], reason_end[64], platform[256], country[8];
    enum archive_flag shuffle, skipped, offline, incognito;
    int64_t offline_at; /* ms UTC, from seconds or ms; CLOCK_NO_TIME: none, or nonsense */
};

/* Why a row is not taken: a short stable word each ("no_time", "no_title" ...). */
enum archive_reject {
    ARCHIVE_ACCEPTED = 0,
    ARCHIVE_NO_TIME,    /* ts or endTime absent, null or not a time */
    ARCHIVE_BAD_TIME,   /* before 2006 or more than two days ahead */
    ARCHIVE_NO_TITLE,   /* neither a uri nor a name: a withdrawn item, a video without one */
    ARCHIVE_BAD_MS,     /* ms_played negative, over a day, or no whole number */
    ARCHIVE_BAD_URI,    /* not a spotify: uri */
    ARCHIVE_NOT_OBJECT, /* an element that is no object, or has a key of a wrong type */
    ARCHIVE_REJECTS
};
const char *archive_reject_name(enum archive_reject reject);

#endif
