/* SPDX-License-Identifier: MIT */
/*
 * What it costs to pack the rows of an export, to sort them and to unpack them, beside decoding
 * them in the same run: the median of five rounds each.
 * What comes back is checked: a bench that loses rows is fast.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/record.h"
#include "archive/sort.h"
#include "base/buf.h"
#include "measure.h"

#define ROUNDS 5
#define ROUND_US 200000            /* a round goes on at least so long */
#define ROWS 20000                 /* about 12 MB of JSON, as an export file has */
#define NOW INT64_C(1795300000000) /* 2026-11-21 */
#define SMALL (256u << 10)         /* bytes to sort in, so that the file is needed */

struct rows {
    struct buf text;         /* JSON */
    struct archive_row *row; /* the same decoded; not all fit into a cache, as they do not there */
    uint8_t *packed;         /* the same packed, one after another */
    size_t packed_len;
    size_t sort_memory;
};

/* Goes over all rows once; returns the sum of ms_played, or of what stands for it. */
typedef int64_t bench_function(const struct rows *rows);

static void make_text(struct buf *text)
{
    uint64_t seed = 1;

    buf_add_text(text, "[");
    for (int i = 0; i < ROWS; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        buf_addf(text,
                 "%s{\"ts\":\"2026-03-%02dT%02d:43:19Z\",\"platform\":\"android\",\"ms_played\":%d,"
                 "\"conn_country\":\"SE\",\"ip_addr\":\"192.0.2.7\","
                 "\"master_metadata_track_name\":\"Morgengr\xc3\xb8y %d\","
                 "\"master_metadata_album_artist_name\":\"Nordlys Kvartett\","
                 "\"master_metadata_album_album_name\":\"Vintersang\",\"spotify_track_uri\":"
                 "\"spotify:track:%022" PRIu64 "\",\"episode_name\":null,"
                 "\"episode_show_name\":null,\"spotify_episode_uri\":null,\"audiobook_title\":null,"
                 "\"audiobook_uri\":null,\"audiobook_chapter_uri\":null,"
                 "\"audiobook_chapter_title\":null,\"reason_start\":\"fwdbtn\","
                 "\"reason_end\":\"trackdone\",\"shuffle\":true,\"skipped\":false,"
                 "\"offline\":false,\"offline_timestamp\":1772494825,\"incognito_mode\":false}",
                 i > 0 ? "," : "", i % 28 + 1, i % 24, i * 7, i % 300, seed);
    }
    buf_add_text(text, "]");
}

static int64_t decode(const struct rows *rows)
{
    struct archive_decoder *decoder = archive_decoder_new(NOW);
    int64_t sum = 0;

    if (decoder == NULL)
        return -1;
    archive_decoder_feed(decoder, rows->text.data, rows->text.len, true);
    while (archive_decoder_next(decoder) == ARCHIVE_STEP_ROW)
        sum += archive_decoder_row(decoder)->ms_played;
    archive_decoder_free(decoder);
    return sum;
}

static int64_t pack(const struct rows *rows)
{
    uint8_t out[ARCHIVE_RECORD_MAX];
    int64_t sum = 0;

    for (int i = 0; i < ROWS; i++)
        sum += archive_record_put_row(out, &rows->row[i % 64]) > 100 ? i * INT64_C(7) : -1;
    return sum;
}

static int64_t unpack(const struct rows *rows)
{
    static struct archive_record record;
    int64_t latest = archive_record_latest(NOW);
    int64_t sum = 0;
    size_t at = 0;

    while (at < rows->packed_len) {
        size_t len = archive_record_get(rows->packed + at, rows->packed_len - at, latest, &record);

        if (len == 0)
            return -1;
        sum += record.row.ms_played;
        at += len;
    }
    return sum;
}

/* Sorts packed rows; the sum is of what comes back. */
static int64_t sort(const struct rows *rows)
{
    struct archive_sort *sorter = archive_sort_new(rows->sort_memory, "/var/tmp");
    const uint8_t *record;
    int64_t sum = 0;
    size_t len;

    if (sorter == NULL)
        return -1;
    for (size_t at = 0; at < rows->packed_len; at += len) {
        int64_t key;

        len = archive_record_length(rows->packed + at, rows->packed_len - at);
        memcpy(&key, rows->packed + at + 18, sizeof(key)); /* ended_at, on a PC */
        if (!archive_sort_add(sorter, key, rows->packed + at, len))
            break;
    }
    if (archive_sort_rewind(sorter)) {
        while ((record = archive_sort_next(sorter, &len)) != NULL) {
            int32_t ms;

            memcpy(&ms, record + 6, sizeof(ms));
            sum += ms;
        }
    }
    archive_sort_free(sorter);
    return sum;
}

/* Time of this process alone: what else runs on the machine counts less. */
static int64_t cpu_us(void)
{
    struct timespec used = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

/* ns a row, the median of some rounds; 0 if not all rows came back. */
static double cost_of(bench_function *go_over, const struct rows *rows)
{
    const int64_t sum = INT64_C(7) * (ROWS - 1) * ROWS / 2;
    double costs[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        int64_t began = cpu_us();
        int64_t took = 0;
        int times = 0;

        while (took < ROUND_US) {
            if (go_over(rows) != sum)
                return 0;
            times++;
            took = cpu_us() - began;
        }
        costs[round] = (double)took * 1e3 / times / ROWS;
    }
    qsort(costs, ROUNDS, sizeof(costs[0]), compare);
    return costs[ROUNDS / 2];
}

static bool make_rows(struct rows *rows)
{
    struct archive_decoder *decoder = archive_decoder_new(NOW);
    int count = 0;

    make_text(&rows->text);
    rows->row = calloc(64, sizeof(*rows->row));
    rows->packed = malloc(ROWS * 512 + ARCHIVE_RECORD_MAX);
    if (decoder == NULL || rows->row == NULL || rows->packed == NULL || rows->text.failed) {
        archive_decoder_free(decoder);
        return false;
    }
    archive_decoder_feed(decoder, rows->text.data, rows->text.len, true);
    for (; count < ROWS && archive_decoder_next(decoder) == ARCHIVE_STEP_ROW; count++) {
        rows->row[count % 64] = *archive_decoder_row(decoder);
        rows->packed_len +=
            archive_record_put_row(rows->packed + rows->packed_len, archive_decoder_row(decoder));
    }
    archive_decoder_free(decoder);
    return count == ROWS;
}

static bool tell(const char *what, double cost, double decoding, const char *limit)
{
    if (cost > 0)
        measure_print(what, "ns a row", cost, "decoding them", decoding, limit);
    return cost > 0;
}

int main(void)
{
    struct rows rows = {.sort_memory = ARCHIVE_SORT_MEMORY};
    double costs[5] = {0};
    bool ok = make_rows(&rows);

    if (ok) {
        costs[0] = cost_of(decode, &rows);
        costs[1] = cost_of(pack, &rows);
        costs[2] = cost_of(unpack, &rows);
        costs[3] = cost_of(sort, &rows);
        rows.sort_memory = SMALL;
        costs[4] = cost_of(sort, &rows);
        ok = tell("rows of an export, packed", costs[1], costs[0], "<=0.25");
        ok = tell("unpacked", costs[2], costs[0], "<=0.25") && ok;
        ok = tell("sorted in memory", costs[3], costs[0], "<=0.25") && ok;
        ok = tell("sorted with a file", costs[4], costs[0], "<=0.5") && ok;
    }
    buf_free(&rows.text, false);
    free(rows.row);
    free(rows.packed);
    return ok ? 0 : 1;
}
