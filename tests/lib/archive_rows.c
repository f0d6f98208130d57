/* SPDX-License-Identifier: MIT */
#include "lib/archive_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/decode.h"
#include "base/text.h"

static const char *form_name(enum archive_form form)
{
    static const char *const names[] = {"unknown", "long", "short"};

    return names[form];
}

static const char *flag_name(enum archive_flag flag)
{
    return flag == ARCHIVE_NOT_TOLD ? "?" : flag == ARCHIVE_YES ? "yes" : "no";
}

static void add_time(struct buf *lines, int64_t at)
{
    char time[TEXT_TIME_SIZE];

    buf_add_text(lines, at == CLOCK_NO_TIME ? "-" : text_time_format(at, time));
}

static void add_row(struct buf *lines, const struct archive_row *row)
{
    static const char *const kinds[] = {"track", "episode", "chapter", "local"};

    buf_addf(lines, "%" PRId64 " %s ", row->row_no, form_name(row->form));
    add_time(lines, row->ended_at);
    buf_addf(lines, " ms=%" PRId64 " %s|%s|%s|%s|%s| %s %s %s %s shuffle=%s skipped=%s offline=%s ",
             row->ms_played, kinds[row->kind], row->uri, row->name, row->artist, row->album,
             row->reason_start, row->reason_end, row->platform, row->country,
             flag_name(row->shuffle), flag_name(row->skipped), flag_name(row->offline));
    add_time(lines, row->offline_at);
    buf_addf(lines, " incognito=%s\n", flag_name(row->incognito));
}

static void add_end(struct buf *lines, const struct archive_decoder *decoder,
                    enum archive_step step)
{
    uint64_t offset = 0;
    const char *error;

    if (step == ARCHIVE_STEP_ERROR) {
        error = archive_decoder_error(decoder, &offset);
        buf_addf(lines, "error at %" PRIu64 ": %s\n", offset, error);
    } else if (step == ARCHIVE_STEP_NOT_HISTORY) {
        buf_add_text(lines, "no history\n");
    } else {
        buf_addf(lines, "end of %s form, %" PRIu64 " bytes, %" PRIu64 " repaired\n",
                 form_name(archive_decoder_form(decoder)), archive_decoder_offset(decoder),
                 archive_decoder_repaired(decoder));
    }
}

void archive_rows_dump(const char *text, size_t len, size_t chunk, struct buf *lines)
{
    struct archive_decoder *decoder = archive_decoder_new(ARCHIVE_ROWS_NOW);
    enum archive_step step = ARCHIVE_STEP_MORE;
    char *block = NULL;
    size_t at = 0;

    while (step == ARCHIVE_STEP_MORE || step >= ARCHIVE_STEP_ROW) {
        const struct archive_rejected *rejected = archive_decoder_rejected(decoder);

        if (step == ARCHIVE_STEP_MORE) {
            size_t part = chunk < len - at ? chunk : len - at;

            free(block);
            block = malloc(part > 0 ? part : 1);
            memcpy(block, text + at, part);
            at += part;
            archive_decoder_feed(decoder, block, part, at == len);
        } else if (step == ARCHIVE_STEP_ROW) {
            add_row(lines, archive_decoder_row(decoder));
        } else {
            buf_addf(lines, "%" PRId64 " %s: %s\n", rejected->row_no,
                     archive_reject_name(rejected->reason), rejected->excerpt);
        }
        step = archive_decoder_next(decoder);
    }
    add_end(lines, decoder, step);
    free(block);
    archive_decoder_free(decoder);
}
