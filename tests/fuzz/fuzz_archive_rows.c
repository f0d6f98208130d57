/* SPDX-License-Identifier: MIT */
/* archive/decode: whatever comes, it is the same in chunks of any size, and all that a row promises
 * is true. The first byte is the size of the chunks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/decode.h"
#include "base/text.h"
#include "lib/archive_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(const char *text, size_t size)
{
    hold(strlen(text) < size && text_utf8_valid(text, strlen(text)));
}

static void check_row(const struct archive_row *row)
{
    hold(row->form == ARCHIVE_FORM_LONG || row->form == ARCHIVE_FORM_SHORT);
    hold(row->ended_at >= ARCHIVE_EARLIEST && row->ended_at <= ARCHIVE_ROWS_NOW + 2 * CLOCK_DAY);
    hold(row->ms_played >= -1 && row->ms_played <= ARCHIVE_MS_PLAYED_MAX);
    hold(row->uri[0] != '\0' || row->name[0] != '\0');
    hold(row->uri[0] == '\0' || strncmp(row->uri, "spotify:", 8) == 0);
    hold(text_printable(row->uri, strlen(row->uri)));
    hold(row->offline_at == CLOCK_NO_TIME || row->offline_at >= ARCHIVE_EARLIEST);
    check_text(row->uri, sizeof(row->uri));
    check_text(row->name, sizeof(row->name));
    check_text(row->artist, sizeof(row->artist));
    check_text(row->album, sizeof(row->album));
    check_text(row->reason_start, sizeof(row->reason_start));
    check_text(row->reason_end, sizeof(row->reason_end));
    check_text(row->platform, sizeof(row->platform));
    check_text(row->country, sizeof(row->country));
}

/* Numbers go up one by one: no element is left out. */
static void check_rows(const char *text, size_t len)
{
    struct archive_decoder *decoder = archive_decoder_new(ARCHIVE_ROWS_NOW);
    enum archive_step step;
    int64_t row_no = 0;

    archive_decoder_feed(decoder, text, len, true);
    while ((step = archive_decoder_next(decoder)) >= ARCHIVE_STEP_ROW) {
        const struct archive_rejected *rejected = archive_decoder_rejected(decoder);

        row_no++;
        if (step == ARCHIVE_STEP_ROW) {
            hold(archive_decoder_row(decoder)->row_no == row_no);
            check_row(archive_decoder_row(decoder));
        } else {
            hold(rejected->row_no == row_no && rejected->reason != ARCHIVE_ACCEPTED);
            check_text(rejected->excerpt, sizeof(rejected->excerpt));
            hold(text_printable(rejected->excerpt, strlen(rejected->excerpt)));
        }
    }
    hold(step != ARCHIVE_STEP_MORE);
    archive_decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = {0};
    struct buf parts = {0};
    const char *text;

    if (size == 0)
        return 0;
    text = (const char *)data + 1;
    check_rows(text, size - 1);
    archive_rows_dump(text, size - 1, size, &whole);
    archive_rows_dump(text, size - 1, data[0] > 0 ? data[0] : 1, &parts);
    hold(whole.len == parts.len && memcmp(whole.data, parts.data, whole.len) == 0);
    buf_free(&whole, false);
    buf_free(&parts, false);
    return 0;
}
