/* SPDX-License-Identifier: MIT */
/*
 * How fast rows of an export are decoded, beside jansson doing the same: the text into a tree, and
 * from it the members that an import needs.
 */
#include <jansson.h>
#include <string.h>

#include "archive/decode.h"
#include "base/text.h"
#include "measure.h"
#include "texts.h"

#define ROWS 20000 /* about 12 MB, as an export file has */
#define CHUNK 65536

/* Both read the whole text once and return the sum of what was played. */
static int64_t with_decoder(const void *input)
{
    const struct buf *text = input;
    struct archive_decoder *decoder = archive_decoder_new(TEXTS_NOW);
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

static int64_t with_jansson(const void *input)
{
    const struct buf *text = input;
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

static bool bench(const char *figure, const struct buf *text)
{
    struct measure measure = {.figure = figure,
                              .unit = "rows/s",
                              .amount = ROWS,
                              .ours = with_decoder,
                              .theirs = with_jansson,
                              .alternative = "jansson",
                              .input = text,
                              .wanted = texts_ms_played(ROWS),
                              .limit = ">=7"};

    return !text->failed && measure_compare(&measure);
}

int main(void)
{
    struct buf extended = {0}, account = {0};
    bool ok;

    texts_add_extended(&extended, ROWS);
    texts_add_account(&account, ROWS);
    ok = bench("decode the extended history", &extended);
    ok = bench("decode an account's data", &account) && ok;
    buf_free(&extended, false);
    buf_free(&account, false);
    return ok ? 0 : 1;
}
