/* SPDX-License-Identifier: MIT */
#include "lib/archive_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_text(const char *text, size_t size)
{
    size_t len = strnlen(text, size);

    return len < size && text_utf8_valid(text, len);
}

static bool is_flag(enum archive_flag flag)
{
    return flag == ARCHIVE_NOT_TOLD || flag == ARCHIVE_NO || flag == ARCHIVE_YES;
}

static bool is_moment(int64_t at)
{
    return at >= ARCHIVE_EARLIEST && at <= ARCHIVE_ROWS_NOW + 2 * CLOCK_DAY;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool uri_fits(const struct archive_row *row)
{
    if (row->uri[0] == '\0')
        return row->name[0] != '\0' && row->kind != ARCHIVE_LOCAL;
    if (!begins(row->uri, "spotify:") || !text_printable(row->uri, strlen(row->uri)) ||
        strpbrk(row->uri, " ") != NULL)
        return false;
    return row->kind == ARCHIVE_EPISODE || row->kind == ARCHIVE_CHAPTER ||
           begins(row->uri, "spotify:local:") == (row->kind == ARCHIVE_LOCAL);
}

bool archive_rows_sound(const struct archive_row *row)
{
    return (row->form == ARCHIVE_FORM_LONG || row->form == ARCHIVE_FORM_SHORT) && row->row_no > 0 &&
           is_moment(row->ended_at) && row->ms_played >= -1 &&
           row->ms_played <= ARCHIVE_MS_PLAYED_MAX && row->kind >= ARCHIVE_TRACK &&
           row->kind <= ARCHIVE_LOCAL && is_text(row->uri, sizeof(row->uri)) &&
           is_text(row->name, sizeof(row->name)) && is_text(row->artist, sizeof(row->artist)) &&
           is_text(row->album, sizeof(row->album)) &&
           is_text(row->reason_start, sizeof(row->reason_start)) &&
           is_text(row->reason_end, sizeof(row->reason_end)) &&
           is_text(row->platform, sizeof(row->platform)) &&
           is_text(row->country, sizeof(row->country)) && uri_fits(row) && is_flag(row->shuffle) &&
           is_flag(row->skipped) && is_flag(row->offline) && is_flag(row->incognito) &&
           (row->offline_at == CLOCK_NO_TIME || is_moment(row->offline_at));
}

bool archive_rows_sound_rejected(const struct archive_rejected *rejected)
{
    return rejected->reason > ARCHIVE_ACCEPTED && rejected->reason < ARCHIVE_REJECTS &&
           rejected->row_no > 0 && is_text(rejected->excerpt, sizeof(rejected->excerpt)) &&
           text_printable(rejected->excerpt, strlen(rejected->excerpt));
}
