/* SPDX-License-Identifier: MIT */
/* The rows of one file into the database: by the daemon, or in its place. */
#include <stdio.h>

#include "base/clock.h"
#include "base/exit.h"
#include "ctl/import.h"
#include "ctl/reader.h"

/* -- In the daemon's place ----------------------------------------------------------------------- */

static void note_progress(struct import_sink *sink, const struct archive_import_counts *counts)
{
    struct import_meter *meter = &sink->watch->meter;

    meter->rows = sink->rows_before + counts->rows;
    if (sink->records > 0)
        meter->stored = sink->stored_before + (int64_t)((double)sink->size * (double)counts->rows /
                                                        (double)sink->records);
    import_watch_draw(sink->watch);
}

/* Steps until it is done or somebody wants to stop, which a stopped transaction survives. */
static int work(struct import_sink *sink, struct archive_import *import)
{
    enum archive_import_end end;

    do {
        end = archive_import_step(import);
        note_progress(sink, archive_import_counts(import));
        if (end == ARCHIVE_IMPORT_MORE && reader_stop)
            return EXIT_STATUS_TEMPFAIL;
    } while (end == ARCHIVE_IMPORT_MORE);
    sink->end = (struct import_end){.end = end,
                                    .counts = *archive_import_counts(import),
                                    .import_id = archive_import_id(import)};
    if (end == ARCHIVE_IMPORT_FAILED) {
        enum store_result result = archive_import_result(import);

        sink->end.status = result == STORE_OK ? EXIT_STATUS_IO : open_status(result);
        snprintf(sink->end.error, sizeof(sink->end.error), "%s", archive_import_error(import));
    }
    return EXIT_STATUS_OK;
}

static int not_begun(struct import_sink *sink, enum store_result result)
{
    import_watch_say(sink->watch, "%s: %s", sink->place->config->store.database,
                     store_message(sink->place->store));
    return open_status(result);
}

/* The tracks of one file are mostly those of the next. */
static int begin_alone(struct import_sink *sink, struct archive_intake *intake,
                       const struct archive_import_options *options)
{
    struct archive_supply supply = archive_intake_supply(intake);
    struct archive_import_options all = *options;
    struct archive_import *import = NULL;
    enum store_result result;
    int status;

    if (!sink->place->book)
        sink->place->book = trackbook_new(sink->place->store, TRACKBOOK_PLACES);
    all.book = sink->place->book;
    result = archive_import_begin(sink->place->store, &all, &supply, &import);
    status = result == STORE_OK ? work(sink, import) : not_begun(sink, result);
    archive_import_free(import);
    return status;
}

static int undo_alone(struct import_sink *sink, int64_t import_id)
{
    struct archive_import *import = NULL;
    enum store_result result =
        archive_undo_begin(sink->place->store, import_id, clock_wall_ms(), 0, &import);
    int status = result == STORE_OK ? work(sink, import) : not_begun(sink, result);

    archive_import_free(import);
    return result == STORE_NOT_FOUND ? EXIT_STATUS_USAGE : status;
}

/* -- Either ------------------------------------------------------------------------------------- */

int import_sink_begin(struct import_sink *sink, struct archive_intake *intake,
                      const struct archive_import_options *options)
{
    const struct archive_intake_file *file = archive_intake_file(intake);
    int status;

    sink->records = file->rows;
    sink->size = file->bytes;
    sink->rows_before = sink->watch->meter.rows;
    sink->stored_before = sink->watch->meter.stored;
    status = sink->place->way == IMPORT_BY_DAEMON ? import_daemon_begin(sink, intake, options)
                                                  : begin_alone(sink, intake, options);
    sink->under_way = status == EXIT_STATUS_OK;
    return status;
}

int import_sink_wait(struct import_sink *sink, struct import_end *end)
{
    int status = EXIT_STATUS_OK;

    if (sink->place->way == IMPORT_BY_DAEMON)
        status = import_daemon_wait(sink, end);
    else
        *end = sink->end;
    sink->under_way = false;
    sink->watch->meter.rows = sink->rows_before + sink->records;
    sink->watch->meter.stored = sink->stored_before + sink->size;
    return status;
}

int import_sink_undo(struct import_sink *sink, int64_t import_id, struct import_end *end)
{
    int status;

    if (sink->place->way == IMPORT_BY_DAEMON)
        status = import_daemon_undo(sink, import_id);
    else
        status = undo_alone(sink, import_id);
    return status == EXIT_STATUS_OK ? import_sink_wait(sink, end) : status;
}
