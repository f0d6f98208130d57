/* SPDX-License-Identifier: MIT */
#include "import_help.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_AT_MOST 100000

struct import_file import_file, import_later;

static struct {
    struct import_file *file;
    struct archive_row row;
    bool open;
} pending;

void import_setup(void)
{
    store_help_setup();
    store_help_make();
}

void import_teardown(void)
{
    import_file_free(&import_file);
    import_file_free(&import_later);
    store_help_teardown();
}

static void *grown(void *data, size_t *cap, size_t needed, size_t item)
{
    while (*cap < needed)
        *cap = *cap ? *cap * 2 : 4096;
    data = realloc(data, *cap * item);
    ck_assert_ptr_nonnull(data);
    return data;
}

static void add_record(struct import_file *file, int64_t key, const uint8_t *record, size_t len)
{
    file->records = grown(file->records, &file->cap, file->count + 1, sizeof(file->records[0]));
    file->bytes = grown(file->bytes, &file->size, file->len + len, 1);
    file->records[file->count].key = key;
    file->records[file->count].at = file->len;
    file->records[file->count].len = len;
    file->count++;
    memcpy(file->bytes + file->len, record, len);
    file->len += len;
}

static void settle_pending(void)
{
    uint8_t record[ARCHIVE_RECORD_MAX] = {0};

    if (!pending.open)
        return;
    pending.open = false;
    add_record(pending.file, archive_record_key_of_row(&pending.row), record,
               archive_record_put_row(record, &pending.row));
}

void import_file_free(struct import_file *file)
{
    if (pending.file == file)
        pending.open = false;
    free(file->records);
    free(file->bytes);
    *file = (struct import_file){0};
}

struct archive_row *import_row(struct import_file *file, int n, int64_t ended_at, int64_t ms_played)
{
    struct archive_row *row = &pending.row;

    settle_pending();
    pending.file = file;
    pending.open = true;
    file->form = ARCHIVE_FORM_LONG;
    *row = (struct archive_row){
        .form = ARCHIVE_FORM_LONG,
        .row_no = (int64_t)file->count + 1,
        .ended_at = ended_at,
        .ms_played = ms_played,
        .kind = ARCHIVE_TRACK,
        .shuffle = ARCHIVE_NO,
        .skipped = ARCHIVE_NOT_TOLD,
        .offline = ARCHIVE_NO,
        .incognito = ARCHIVE_NO,
        .offline_at = CLOCK_NO_TIME,
        .reason_start = "clickrow",
        .reason_end = "trackdone",
        .platform = "android",
        .country = "SE",
    };
    snprintf(row->uri, sizeof(row->uri), "spotify:track:%022d", n);
    snprintf(row->name, sizeof(row->name), "Song %d", n);
    snprintf(row->artist, sizeof(row->artist), "Artist %d", n % 7);
    snprintf(row->album, sizeof(row->album), "Album %d", n % 11);
    return row;
}

struct archive_row *import_short_row(struct import_file *file, int n, int64_t ended_at,
                                     int64_t ms_played)
{
    struct archive_row *row = import_row(file, n, ended_at - ended_at % CLOCK_MINUTE, ms_played);

    file->form = row->form = ARCHIVE_FORM_SHORT;
    row->uri[0] = row->album[0] = row->reason_start[0] = row->reason_end[0] = '\0';
    row->platform[0] = row->country[0] = '\0';
    row->shuffle = row->offline = row->incognito = ARCHIVE_NOT_TOLD;
    return row;
}

void import_rejected(struct import_file *file, int64_t row_no, enum archive_reject reason)
{
    struct archive_rejected rejected = {
        .reason = reason, .row_no = row_no, .excerpt = "an excerpt"};
    uint8_t record[ARCHIVE_RECORD_MAX] = {0};

    settle_pending();
    add_record(file, archive_record_key_of_rejected(&rejected), record,
               archive_record_put_rejected(record, &rejected));
}

static int by_key(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    const char *x = one, *y = other;

    return a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y;
}

static const uint8_t *next(void *context, size_t *len, bool *failed)
{
    struct import_file *file = context;

    (void)failed;
    if (file->next == file->count)
        return NULL;
    *len = file->records[file->next].len;
    return file->bytes + file->records[file->next++].at;
}

void import_supply(struct import_file *file, struct archive_supply *supply)
{
    settle_pending();
    if (file->count > 0)
        qsort(file->records, file->count, sizeof(file->records[0]), by_key);
    file->next = 0;
    *supply = (struct archive_supply){next, file};
}

enum archive_import_end import_end_of(struct archive_import *import)
{
    enum archive_import_end end = ARCHIVE_IMPORT_MORE;

    for (int step = 0; step < STEPS_AT_MOST && end == ARCHIVE_IMPORT_MORE; step++)
        end = archive_import_step(import);
    return end;
}

void import_must_be_stored(struct archive_import *import)
{
    enum archive_import_end end = import_end_of(import);

    ck_assert_msg(end == ARCHIVE_IMPORT_STORED, "%s", archive_import_error(import));
}

enum archive_import_end import_run(struct import_file *file, const char *hash, size_t block_rows,
                                   struct archive_import_counts *counts, int64_t *import_id)
{
    struct archive_supply supply;
    struct archive_import_options options = {
        .user_id = 1,
        .file = "a file.json",
        .hash = hash,
        .form = file->form,
        .now = T0 + 400 * CLOCK_DAY,
        .block_rows = block_rows,
    };
    struct store *store = store_help_open(STORE_WRITER);
    struct archive_import *import;
    enum archive_import_end end;

    import_supply(file, &supply);
    ck_assert_int_eq(archive_import_begin(store, &options, &supply, &import), STORE_OK);
    end = import_end_of(import);
    if (end == ARCHIVE_IMPORT_FAILED)
        printf("failed: %s\n", archive_import_error(import));
    *counts = *archive_import_counts(import);
    *import_id = archive_import_id(import);
    archive_import_free(import);
    store_close(store);
    return end;
}

int64_t import_all(struct import_file *file, const char *hash)
{
    struct archive_import_counts counts;
    int64_t import_id;

    ck_assert_int_eq(import_run(file, hash, 0, &counts, &import_id), ARCHIVE_IMPORT_STORED);
    ck_assert_int_eq(counts.rows,
                     counts.added + counts.matched + counts.duplicate + counts.rejected);
    return import_id;
}

void import_undo(int64_t import_id, size_t block_rows)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct archive_import *import;

    ck_assert_int_eq(
        archive_undo_begin(store, import_id, T0 + 401 * CLOCK_DAY, block_rows, &import), STORE_OK);
    import_must_be_stored(import);
    archive_import_free(import);
    store_close(store);
}

void import_api(int n, int64_t played_at)
{
    char uri[64], name[64], artist_name[64], artist_uri[64], album[64], isrc[32];
    struct store_artist artist = {artist_uri, artist_name};
    struct store_track track = {
        .uri = uri,
        .kind = "track",
        .name = name,
        .isrc = isrc,
        .duration_ms = 200000,
        .track_number = 1,
        .disc_number = 1,
        .artists = &artist,
        .artist_count = 1,
        .album_uri = album,
        .album_name = "An album",
        .album_total_tracks = 10,
        .album_artists = &artist,
        .album_artist_count = 1,
    };
    struct store *store = store_help_open(STORE_WRITER);
    int64_t track_id;

    snprintf(uri, sizeof(uri), "spotify:track:%022d", n);
    snprintf(name, sizeof(name), "Song %d", n);
    snprintf(artist_name, sizeof(artist_name), "Artist %d", n % 7);
    snprintf(artist_uri, sizeof(artist_uri), "spotify:artist:%022d", n % 7);
    snprintf(album, sizeof(album), "spotify:album:%022d", n % 11);
    snprintf(isrc, sizeof(isrc), "SEABC26%05d", n);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_track_put(store, &track, T0, &track_id), STORE_OK);
    ck_assert_int_eq(store_help_play(store, 1, played_at, track_id), STORE_OK);
    store_help_commit(store);
    store_close(store);
}
