/* SPDX-License-Identifier: MIT */
/* archive/record: of a stream of records, what is taken keeps the rules of a row and is the same
 * bytes when it is packed again. Lengths are followed also behind a record that is refused. */
#include <string.h>

#include "archive/record.h"
#include "fuzz/hold.h"
#include "lib/archive_rows.h"

static void check_record(const struct archive_record *record, const uint8_t *data, size_t len)
{
    uint8_t again[ARCHIVE_RECORD_MAX];

    if (record->kind == ARCHIVE_RECORD_ROW) {
        hold(archive_rows_sound(&record->row));
        hold(archive_record_put_row(again, &record->row) == len);
    } else {
        hold(record->kind == ARCHIVE_RECORD_REJECTED);
        hold(archive_rows_sound_rejected(&record->rejected));
        hold(archive_record_put_rejected(again, &record->rejected) == len);
    }
    hold(memcmp(again, data, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t latest = archive_record_latest(ARCHIVE_ROWS_NOW);
    struct archive_record record;
    size_t length;

    for (; (length = archive_record_length(data, size)) > 0 && length <= size; size -= length) {
        size_t got;

        memset(&record, 'x', sizeof(record)); /* what is not set must not look as if it were */
        got = archive_record_get(data, size, latest, &record);
        hold(got == 0 || got == length);
        if (got > 0)
            check_record(&record, data, got);
        data += length;
    }
    hold(archive_record_get(data, size, latest, &record) == 0);
    return 0;
}
