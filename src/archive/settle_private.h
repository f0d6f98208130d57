/* SPDX-License-Identifier: MIT */
/* archive/settle inside: what comes and is solved (settle.c), and is written (settle_write.c). */
#ifndef ARCHIVE_SETTLE_PRIVATE_H
#define ARCHIVE_SETTLE_PRIVATE_H

#include "archive/settle.h"

/* What a piece is beside what matching knows of it. */
struct settle_part {
    int64_t track_id;      /* 0: not stored yet */
    int64_t import_id;     /* 0: of the API */
    int64_t nudge_ms;      /* of a stored one: when it stood, or stands, for its play */
    const uint8_t *record; /* of a row that comes: packed, in the arena */
    size_t record_len;
    const char *context_uri; /* of an API play that comes */
};

/* Where details are, in the hope that the next plays have the same: most do. */
#define SETTLE_SLOTS 4096
struct settle_slot {
    int64_t import_id, detail_id; /* detail_id 0: nothing is here yet */
    struct store_details details;
};

struct settle {
    struct store *store;
    struct trackbook *book;
    int64_t user_id, now;
    int64_t import_id; /* of the rows that come */
    int64_t take_out;  /* import that goes, 0: none */
    int64_t first, last;
    struct match_piece *pieces; /* those that come first, then the stored ones */
    struct settle_part *parts;  /* of each piece */
    size_t count, cap, fresh;
    size_t bytes; /* of the records of those that come */
    size_t gone;
    struct store_told *told; /* stored plays */
    size_t told_count, told_cap;
    struct arena arena; /* of the block */
    struct match_result result;
    struct store_play_marks *marks; /* of each stored play that moves */
    bool *removed;                  /* its row is gone */
    struct store_details **details; /* of each stored piece of the long form whose play changes */
    size_t next_kept;               /* play of which the details are to be kept next */
    size_t next_removed;            /* stored play that may have to be removed next */
    size_t next;                    /* play to be written next */
    struct archive_record record;
    struct settle_slot *slots; /* NULL: nothing told details yet */
};

/* Takes in all tellings of the stored play told[play]. tracks: see settle_read(). */
enum store_result settle_add_stored(struct settle *settle, uint32_t play, struct store_ids *tracks);

#endif
