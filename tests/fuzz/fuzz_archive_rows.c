/* SPDX-License-Identifier: MIT */
/* archive/decode: whatever comes, it is the same in chunks of any size, and all that a row promises
 * is true. The first byte is the size of the chunks. */
#include <string.h>

#include "archive/decode.h"
#include "fuzz/hold.h"
#include "lib/archive_rows.h"

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
            hold(archive_rows_sound(archive_decoder_row(decoder)));
        } else {
            hold(rejected->row_no == row_no && archive_rows_sound_rejected(rejected));
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
