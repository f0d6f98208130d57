/* SPDX-License-Identifier: MIT */
#include "archive/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/decode.h"
#include "archive/record.h"
#include "archive/sort.h"
#include "base/text.h"

#define CHUNK_SIZE 65536

struct archive_intake {
    struct archive_intake_options options;
    const char *const *paths;
    size_t count, at; /* paths[at] is the next one to be opened */

    struct archive_source *source; /* NULL: none is open */
    struct archive_decoder *decoder;
    struct archive_sort *sort;
    struct archive_intake_file file;
    bool supplying; /* the rows of the file are there */
    char chunk[CHUNK_SIZE];
};

static const char *sort_directory(const char *wish)
{
    const char *folder = wish ? wish : getenv("TMPDIR");

    return folder && folder[0] == '/' ? folder : "/var/tmp"; /* /tmp may be memory */
}

struct archive_intake *archive_intake_new(const struct archive_intake_options *options,
                                          const char *const *paths, size_t count)
{
    struct archive_intake *intake = calloc(1, sizeof(*intake));
    size_t memory = options->memory > 0 ? options->memory : ARCHIVE_SORT_MEMORY;

    if (!intake)
        return NULL;
    intake->options = *options;
    intake->paths = paths;
    intake->count = count;
    intake->decoder = archive_decoder_new(options->now);
    intake->sort = archive_sort_new(memory, sort_directory(options->directory));
    if (!intake->decoder || !intake->sort) {
        archive_intake_free(intake);
        return NULL;
    }
    return intake;
}

void archive_intake_free(struct archive_intake *intake)
{
    if (!intake)
        return;
    archive_source_close(intake->source);
    archive_decoder_free(intake->decoder);
    archive_sort_free(intake->sort);
    free(intake);
}

const struct archive_intake_file *archive_intake_file(const struct archive_intake *intake)
{
    return &intake->file;
}

/* -- One file ---------------------------------------------------------------------------------- */

static enum archive_intake_step fail(struct archive_intake *intake, enum archive_intake_step step,
                                     const char *error)
{
    snprintf(intake->file.error, sizeof(intake->file.error), "%s", error ? error : "");
    return step;
}

static enum archive_intake_step fail_decoding(struct archive_intake *intake)
{
    uint64_t offset = 0;
    const char *error = archive_decoder_error(intake->decoder, &offset);

    if (intake->file.bytes == 0)
        return fail(intake, ARCHIVE_INTAKE_BROKEN, "it is empty");
    if (offset < CHUNK_SIZE && intake->file.bytes <= CHUNK_SIZE && intake->file.rows == 0 &&
        intake->chunk[offset] == '<')
        return fail(intake, ARCHIVE_INTAKE_BROKEN, "it is a web page and no JSON");
    snprintf(intake->file.error, sizeof(intake->file.error), "at byte %" PRIu64 ": %s", offset,
             error);
    return ARCHIVE_INTAKE_BROKEN;
}

/* The row, or the rejected one, that the decoder has come to. */
static bool keep(struct archive_intake *intake, enum archive_step step)
{
    uint8_t record[ARCHIVE_RECORD_MAX];
    size_t len;
    int64_t key;

    if (step == ARCHIVE_STEP_ROW) {
        const struct archive_row *row = archive_decoder_row(intake->decoder);

        len = archive_record_put_row(record, row);
        key = archive_record_key_of_row(row);
    } else {
        const struct archive_rejected *rejected = archive_decoder_rejected(intake->decoder);

        len = archive_record_put_rejected(record, rejected);
        key = archive_record_key_of_rejected(rejected);
        intake->file.rejected++;
    }
    intake->file.rows++;
    return archive_sort_add(intake->sort, key, record, len);
}

static void write_digest(struct archive_intake *intake)
{
    uint8_t digest[VAULT_DIGEST_SIZE];

    if (!archive_source_digest(intake->source, digest))
        return;
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(intake->file.hash + 2 * i, 3, "%02x", digest[i]);
}

/* All rows are in the sorter. */
static enum archive_intake_step complete(struct archive_intake *intake)
{
    intake->file.form = archive_decoder_form(intake->decoder);
    intake->file.repaired = archive_decoder_repaired(intake->decoder);
    write_digest(intake);
    if (intake->file.form == ARCHIVE_FORM_UNKNOWN)
        return ARCHIVE_INTAKE_NOT_HISTORY;
    if (!intake->file.hash[0])
        return fail(intake, ARCHIVE_INTAKE_BROKEN, "it could not be read to its end");
    if (!archive_sort_rewind(intake->sort))
        return fail(intake, ARCHIVE_INTAKE_FAILED, archive_sort_error(intake->sort));
    intake->supplying = true;
    return ARCHIVE_INTAKE_HISTORY;
}

/* Hands the decoder the next piece. True: go on decoding. */
static bool feed(struct archive_intake *intake, enum archive_intake_step *step)
{
    int64_t got = archive_source_read(intake->source, intake->chunk, sizeof(intake->chunk));

    if (got < 0) {
        *step = fail(intake, ARCHIVE_INTAKE_BROKEN, archive_source_error(intake->source));
        return false;
    }
    intake->file.bytes += got;
    if (intake->options.progress &&
        !intake->options.progress(intake->options.context, &intake->file)) {
        *step = ARCHIVE_INTAKE_STOPPED;
        return false;
    }
    archive_decoder_feed(intake->decoder, intake->chunk, (size_t)got, got == 0);
    return true;
}

static enum archive_intake_step read_file(struct archive_intake *intake)
{
    enum archive_intake_step step = ARCHIVE_INTAKE_END;

    archive_decoder_reset(intake->decoder);
    archive_sort_reset(intake->sort);
    for (;;) {
        enum archive_step found = archive_decoder_next(intake->decoder);

        switch (found) {
        case ARCHIVE_STEP_MORE:
            if (!feed(intake, &step))
                return step;
            break;
        case ARCHIVE_STEP_ROW:
        case ARCHIVE_STEP_REJECTED:
            if (!keep(intake, found))
                return fail(intake, ARCHIVE_INTAKE_FAILED, archive_sort_error(intake->sort));
            break;
        case ARCHIVE_STEP_END:
            return complete(intake);
        case ARCHIVE_STEP_NOT_HISTORY:
            return ARCHIVE_INTAKE_NOT_HISTORY;
        default:
            return fail_decoding(intake);
        }
    }
}

/* -- One after another ------------------------------------------------------------------------- */

/* Where in name the last part of the path begins that a person gave. */
static const char *label_of(const char *name, const char *path)
{
    char folder[ARCHIVE_NAME_SIZE];
    size_t len = strlen(path);

    while (len > 0 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    text_line(path, len, folder, sizeof(folder));
    len = strlen(folder);
    return strncmp(name, folder, len) == 0 && name[len] ? name + len : name;
}

static void begin_file(struct archive_intake *intake, const char *name, int64_t size)
{
    intake->file = (struct archive_intake_file){.size = size};
    snprintf(intake->file.name, sizeof(intake->file.name), "%s", name);
    intake->file.label = label_of(intake->file.name, intake->paths[intake->at - 1]);
}

static void begin_found(struct archive_intake *intake)
{
    begin_file(intake, archive_source_name(intake->source), archive_source_size(intake->source));
}

/* Opens the next path. False: said in file. */
static bool open_path(struct archive_intake *intake)
{
    const char *path = intake->paths[intake->at++];
    char name[ARCHIVE_NAME_SIZE];

    begin_file(intake, text_line(path, strlen(path), name, sizeof(name)), -1);
    intake->source = archive_source_open(path, intake->options.limits, intake->file.error,
                                         sizeof(intake->file.error));
    return intake->source != NULL;
}

enum archive_intake_step archive_intake_next(struct archive_intake *intake)
{
    intake->supplying = false;
    for (;;) {
        if (!intake->source) {
            if (intake->at == intake->count)
                return ARCHIVE_INTAKE_END;
            if (!open_path(intake))
                return ARCHIVE_INTAKE_BROKEN;
        }
        switch (archive_source_next(intake->source)) {
        case ARCHIVE_SOURCE_FILE:
            begin_found(intake);
            return read_file(intake);
        case ARCHIVE_SOURCE_PROBLEM:
            begin_found(intake);
            return fail(intake, ARCHIVE_INTAKE_BROKEN, archive_source_error(intake->source));
        default:
            archive_source_close(intake->source);
            intake->source = NULL;
        }
    }
}

/* -- The rows ---------------------------------------------------------------------------------- */

static const uint8_t *next_record(void *context, size_t *len, bool *failed)
{
    struct archive_intake *intake = context;
    const void *record = intake->supplying ? archive_sort_next(intake->sort, len) : NULL;

    *failed = !record && (!intake->supplying || archive_sort_error(intake->sort));
    return record;
}

struct archive_supply archive_intake_supply(struct archive_intake *intake)
{
    if (intake->supplying && !archive_sort_rewind(intake->sort))
        intake->supplying = false;
    return (struct archive_supply){.next = next_record, .context = intake};
}

const char *archive_intake_supply_error(const struct archive_intake *intake)
{
    return archive_sort_error(intake->sort);
}

/* -- How much there is ------------------------------------------------------------------------- */

/* A pipe is gone once it was looked at. */
static bool can_look(const char *path)
{
    struct stat info;

    return strcmp(path, "-") != 0 && stat(path, &info) == 0 &&
           (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode));
}

static int64_t measure_source(struct archive_source *source)
{
    enum archive_source_step step;
    int64_t sum = 0;

    while ((step = archive_source_next(source)) != ARCHIVE_SOURCE_END) {
        int64_t size = archive_source_size(source);

        if (step != ARCHIVE_SOURCE_FILE)
            continue;
        if (size < 0 || size > INT64_MAX / 16 - sum) /* a zip may claim anything */
            return -1;
        sum += size;
    }
    return sum;
}

int64_t archive_intake_measure(const char *const *paths, size_t count,
                               const struct archive_limits *limits)
{
    char error[ARCHIVE_INTAKE_ERROR_SIZE];
    int64_t sum = 0, here;

    for (size_t i = 0; i < count; i++) {
        struct archive_source *source =
            can_look(paths[i]) ? archive_source_open(paths[i], limits, error, sizeof(error)) : NULL;

        if (!source)
            return -1;
        here = measure_source(source);
        archive_source_close(source);
        if (here < 0 || here > INT64_MAX / 16 - sum)
            return -1;
        sum += here;
    }
    return sum;
}
