/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "archive/export_private.h"

#define FLUSH_SIZE 65536 /* bytes that are gathered before they are written */

static const struct export_writer writers[] = {
    {{"csv", false, false}, EXPORT_TABLE, export_csv_head, export_row_csv},
    {{"json", false, false}, EXPORT_ARRAY, "", export_row_json},
    {{"jsonl", false, false}, EXPORT_LINES, "", export_row_json},
    {{"extended", true, false}, EXPORT_ARRAY, "", export_row_extended},
    {{"listenbrainz", true, true}, EXPORT_ARRAY, "", export_row_listenbrainz},
};

#define WRITER_COUNT (sizeof(writers) / sizeof(writers[0]))

static const char *const left_out_names[EXPORT_LEFT_OUT] = {
    [EXPORT_WRITTEN] = "written",
    [EXPORT_PODCAST] = "of podcasts and books",
    [EXPORT_PRIVATE] = "of private sessions",
    [EXPORT_SHORT] = "that were too short",
    [EXPORT_NAMELESS] = "without a title or an artist",
};

const struct export_format *export_format_at(size_t index)
{
    return index < WRITER_COUNT ? &writers[index].format : NULL;
}

const struct export_format *export_format_find(const char *name)
{
    for (size_t i = 0; i < WRITER_COUNT; i++)
        if (strcmp(writers[i].format.name, name) == 0)
            return &writers[i].format;
    return NULL;
}

const char *export_left_out_name(enum export_left_out reason)
{
    return left_out_names[reason];
}

/* -- One run ----------------------------------------------------------------------------------- */

struct run {
    const struct export_request *request;
    const struct export_writer *writer;
    enum export_shape shape;
    struct export_outcome *outcome;
    struct buf out;
};

static enum export_result flush(struct run *run)
{
    if (run->out.failed)
        return EXPORT_NO_MEMORY;
    run->outcome->error =
        run->out.len > 0 ? run->request->write(run->request->context, run->out.data, run->out.len)
                         : 0;
    buf_clear(&run->out, false);
    return run->outcome->error == 0 ? EXPORT_OK : EXPORT_WRITE_FAILED;
}

static void add_between(struct run *run)
{
    if (run->shape == EXPORT_ARRAY)
        buf_add_text(&run->out, run->outcome->count[EXPORT_WRITTEN] > 0 ? ",\n" : "[\n");
}

static enum export_result add_row(struct run *run, const struct store_listed *row)
{
    const struct export_request *request = run->request;
    size_t before = run->out.len;
    enum export_left_out what;

    if (request->wants && !request->wants(row, request->wants_context))
        return EXPORT_OK;
    add_between(run);
    what = run->writer->row(&run->out, row, run->request->now);
    if (what != EXPORT_WRITTEN && !run->out.failed)
        run->out.len = before; /* what stands between rows is taken back */
    else if (run->shape == EXPORT_LINES)
        buf_add(&run->out, "\n", 1);
    run->outcome->count[what]++;
    return run->out.len >= FLUSH_SIZE || run->out.failed ? flush(run) : EXPORT_OK;
}

static void add_end(struct run *run)
{
    if (run->shape == EXPORT_ARRAY)
        buf_add_text(&run->out, run->outcome->count[EXPORT_WRITTEN] > 0 ? "\n]\n" : "[]\n");
}

static bool is_stopped(const struct export_request *request)
{
    return request->stop && *request->stop != 0;
}

static enum export_result write_all(struct run *run, struct store_listing *listing)
{
    enum export_result result = EXPORT_OK;
    struct store_listed row;

    buf_add_text(&run->out, run->writer->head);
    while (result == EXPORT_OK && store_listing_next(listing, &row))
        result = is_stopped(run->request) ? EXPORT_STOPPED : add_row(run, &row);
    if (result != EXPORT_OK)
        return result;
    add_end(run);
    return EXPORT_OK;
}

static enum export_result list(struct run *run, struct store *store)
{
    struct store_listing *listing;
    enum export_result result;

    run->outcome->result = store_listing_begin(store, &run->request->filter, &listing);
    if (run->outcome->result != STORE_OK)
        return EXPORT_STORE_FAILED;
    result = write_all(run, listing);
    run->outcome->result = store_listing_end(listing);
    if (result == EXPORT_OK && run->outcome->result != STORE_OK)
        return EXPORT_STORE_FAILED;
    return result == EXPORT_OK ? flush(run) : result;
}

enum export_result export_run(struct store *store, const struct export_request *request,
                              struct export_outcome *outcome)
{
    /* A format that is handed out is the first member of its writer. */
    const struct export_writer *writer = (const struct export_writer *)request->format;
    struct run run = {.request = request, .writer = writer, .outcome = outcome};
    enum export_result result = EXPORT_STORE_FAILED;

    *outcome = (struct export_outcome){0};
    run.shape = request->lines && writer->format.zips ? EXPORT_LINES : writer->shape;
    if (!request->inside)
        outcome->result = store_begin_read(store);
    if (outcome->result == STORE_OK)
        result = list(&run, store);
    if (!request->inside)
        store_rollback(store);
    buf_free(&run.out, false);
    return result;
}
