/* SPDX-License-Identifier: MIT */
/*
 * How fast rows of an export are decoded, beside jansson doing the same in the same run: the text
 * into a tree, and from it the members that an import needs. Prints MB/s and rows/s, the median of
 * five rounds each, and the ratio. What is read is checked: a bench that reads nothing is fast.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/decode.h"
#include "base/buf.h"
#include "base/text.h"

#define ROUNDS 5
#define ROUND_US 200000 /* a round goes on at least so long */
#define ROWS 20000      /* about 12 MB, as an export file has */
#define CHUNK 65536
#define NOW INT64_C(1795300000000) /* 2026-11-21 */

/* Reads the whole text once; returns the sum of ms_played. */
typedef int64_t bench_function(const struct buf *text);

static void add_id(struct buf *text, uint64_t *seed)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char id[22];

    for (size_t i = 0; i < sizeof(id); i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        id[i] = digits[(*seed >> 33) % 62];
    }
    buf_add(text, id, sizeof(id));
}

static void add_long(struct buf *text, int i, uint64_t *seed)
{
    buf_addf(text,
             "%s{\"ts\":\"2026-03-%02dT%02d:43:19Z\",\"platform\":\"android\",\"ms_played\":%d,"
             "\"conn_country\":\"SE\",\"ip_addr\":\"192.0.2.7\","
             "\"master_metadata_track_name\":\"Morgengr\xc3\xb8y %d\","
             "\"master_metadata_album_artist_name\":\"Nordlys Kvartett\","
             "\"master_metadata_album_album_name\":\"Vintersang\",\"spotify_track_uri\":"
             "\"spotify:track:",
             i > 0 ? "," : "", i % 28 + 1, i % 24, i * 7, i % 300);
    add_id(text, seed);
    buf_add_text(text, "\",\"episode_name\":null,\"episode_show_name\":null,"
                       "\"spotify_episode_uri\":null,\"audiobook_title\":null,"
                       "\"audiobook_uri\":null,\"audiobook_chapter_uri\":null,"
                       "\"audiobook_chapter_title\":null,\"reason_start\":\"fwdbtn\","
                       "\"reason_end\":\"trackdone\",\"shuffle\":true,\"skipped\":false,"
                       "\"offline\":false,\"offline_timestamp\":1772494825,"
                       "\"incognito_mode\":false}");
}

static void make_long(struct buf *text)
{
    uint64_t seed = 1;

    buf_add_text(text, "[");
    for (int i = 0; i < ROWS; i++)
        add_long(text, i, &seed);
    buf_add_text(text, "]");
}

static void make_short(struct buf *text)
{
    buf_add_text(text, "[");
    for (int i = 0; i < ROWS; i++)
        buf_addf(text,
                 "%s\n  {\n    \"endTime\" : \"2026-03-%02d 23:%02d\",\n    \"artistName\" : "
                 "\"Nordlys Kvartett\",\n    \"trackName\" : \"Morgengr\xc3\xb8y %d\",\n"
                 "    \"msPlayed\" : %d\n  }",
                 i > 0 ? "," : "", i % 28 + 1, i % 60, i % 300, i * 7);
    buf_add_text(text, "\n]");
}

static int64_t with_decoder(const struct buf *text)
{
    struct archive_decoder *decoder = archive_decoder_new(NOW);
    enum archive_step step = ARCHIVE_STEP_MORE;
    int64_t sum = 0;
    size_t at = 0;

    while (decoder != NULL && (step == ARCHIVE_STEP_MORE || step == ARCHIVE_STEP_ROW)) {
        if (step == ARCHIVE_STEP_ROW) {
            sum += archive_decoder_row(decoder)->ms_played;
        } else {
            size_t len = text->len - at < CHUNK ? text->len - at : CHUNK;

            archive_decoder_feed(decoder, text->data + at, len, at + len == text->len);
            at += len;
        }
        step = archive_decoder_next(decoder);
    }
    archive_decoder_free(decoder);
    return step == ARCHIVE_STEP_END ? sum : -1;
}

static const char *const wanted[] = {"master_metadata_track_name",
                                     "master_metadata_album_artist_name",
                                     "master_metadata_album_album_name",
                                     "spotify_track_uri",
                                     "reason_start",
                                     "reason_end",
                                     "platform",
                                     "conn_country",
                                     "shuffle",
                                     "skipped",
                                     "offline",
                                     "incognito_mode",
                                     "offline_timestamp"};

static int64_t with_jansson(const struct buf *text)
{
    json_t *root = json_loadb(text->data, text->len, 0, NULL);
    const json_t *row;
    int64_t sum = 0;
    size_t i;

    json_array_foreach (root, i, row) {
        const char *ts = json_string_value(json_object_get(row, "ts"));
        const json_t *ms = json_object_get(row, "ms_played");
        size_t found = 0;
        int64_t at;

        for (size_t k = 0; k < sizeof(wanted) / sizeof(wanted[0]); k++)
            found += json_object_get(row, wanted[k]) != NULL;
        if (ts != NULL && (found == 0 || !text_time_parse(ts, strlen(ts), &at)))
            sum = INT64_MIN / 2;
        if (ms == NULL)
            ms = json_object_get(row, "msPlayed");
        sum += json_integer_value(ms);
    }
    json_decref(root);
    return sum;
}

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

/* Time of this process alone: what else runs on the machine counts less. */
static int64_t cpu_us(void)
{
    struct timespec used = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* Texts a second, the median of some rounds; 0 if the text was not read as it should be. */
static double measure(bench_function *read, const struct buf *text)
{
    const int64_t sum = INT64_C(7) * (ROWS - 1) * ROWS / 2;
    double speeds[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        int64_t began = cpu_us();
        int64_t took = 0;
        int times = 0;

        while (took < ROUND_US) {
            if (read(text) != sum)
                return 0;
            times++;
            took = cpu_us() - began;
        }
        speeds[round] = times * 1e6 / (double)took;
    }
    qsort(speeds, ROUNDS, sizeof(speeds[0]), compare);
    return speeds[ROUNDS / 2];
}

static bool bench(const char *name, const struct buf *text)
{
    double jansson = measure(with_jansson, text);
    double ours = measure(with_decoder, text);

    printf("%-6s form, %.1f MB, %d rows\n", name, (double)text->len / 1e6, ROWS);
    printf("  jansson %7.0f MB/s %10.0f rows/s\n", jansson * (double)text->len / 1e6,
           jansson * ROWS);
    printf("  decode  %7.0f MB/s %10.0f rows/s %6.1f times jansson\n",
           ours * (double)text->len / 1e6, ours * ROWS, jansson > 0 ? ours / jansson : 0);
    return jansson > 0 && ours > 0;
}

int main(void)
{
    struct buf long_form = {0};
    struct buf short_form = {0};
    bool ok;

    make_long(&long_form);
    make_short(&short_form);
    ok = !long_form.failed && !short_form.failed && bench("long", &long_form);
    ok = bench("short", &short_form) && ok;
    buf_free(&long_form, false);
    buf_free(&short_form, false);
    return ok ? 0 : 1;
}
