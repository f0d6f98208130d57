/* SPDX-License-Identifier: MIT */
/* One file after another: the next one is read while the daemon still works on the one before. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "ctl/import.h"
#include "ctl/local.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "ctl/user.h"

#define NONE SIZE_MAX

enum { OPTION_USER, OPTION_DRY_RUN, OPTION_JSON };

const struct ctl_option ctl_import_options[] = {
    [OPTION_USER] = {"user", "USER", "whose history it is, where there is more than one user", 0},
    [OPTION_DRY_RUN] = {"dry-run", NULL, "tell what would come of it, and change nothing", 0},
    [OPTION_JSON] = {"json", NULL, "print the outcome as JSON", 0},
    {NULL, NULL, NULL, 0},
};

struct run {
    const struct ctl_call *call;
    struct import_watch watch;
    struct import_place place;
    struct import_sink sink;
    struct archive_intake *intake;
    struct import_list list;
    int64_t read_before; /* bytes of the files before this one */
    size_t pending;      /* place in the list of the file that is under way; NONE */
    int64_t user_id;
    int status; /* the first thing that went wrong */
    bool dry_run;
};

/* Remembers how it went: the first failure counts, and more than a file that is broken. */
static void note(struct run *run, int status)
{
    if (run->status == EXIT_STATUS_OK || run->status == EXIT_STATUS_DATA)
        run->status = status;
}

/* -- What is told of each file ------------------------------------------------------------------- */

static void tell(struct run *run, const struct import_line *line)
{
    struct buf out = {0};

    if (run->watch.is_terminal)
        return; /* the table comes at once behind the bar */
    import_view_line(line, run->dry_run, &out);
    fputs(out.data && !out.failed ? out.data : "", stderr);
    buf_free(&out, false);
}

/* NULL: said. */
static struct import_line *add_line(struct run *run, enum import_outcome outcome)
{
    const struct archive_intake_file *file = archive_intake_file(run->intake);
    struct import_line *line = import_list_add(&run->list);

    if (!line) {
        import_watch_say(&run->watch, "out of memory");
        note(run, EXIT_STATUS_SOFTWARE);
        return NULL;
    }
    line->outcome = outcome;
    line->form = file->form;
    line->records = file->rows;
    line->repaired = (int64_t)file->repaired;
    snprintf(line->file, sizeof(line->file), "%s", file->label);
    snprintf(line->why, sizeof(line->why), "%s", file->error);
    return line;
}

/* Any file but a history: it is done with once it was read. */
static bool pass_over(struct run *run, enum import_outcome outcome)
{
    const struct archive_intake_file *file = archive_intake_file(run->intake);
    const struct import_line *line = add_line(run, outcome);

    if (!line)
        return false;
    if (outcome == IMPORT_BROKEN && run->status == EXIT_STATUS_OK)
        note(run, EXIT_STATUS_DATA);
    run->watch.meter.stored += file->size > 0 ? file->size : 0;
    tell(run, line);
    return true;
}

/* -- A history ----------------------------------------------------------------------------------- */

static bool take_end(struct run *run, struct import_line *line, const struct import_end *end)
{
    line->counts = end->counts;
    line->import_id = end->import_id;
    line->outcome = end->end == ARCHIVE_IMPORT_STORED  ? IMPORT_STORED
                    : end->end == ARCHIVE_IMPORT_KNOWN ? IMPORT_KNOWN
                                                       : IMPORT_FAILED;
    if (line->outcome == IMPORT_FAILED) {
        snprintf(line->why, sizeof(line->why), "%s", end->error);
        note(run, end->status);
    } else if (!import_line_adds_up(line)) {
        import_watch_say(&run->watch,
                         "%s: the counts do not add up, which is a fault of this program: %" PRId64
                         " rows were handed in, and %" PRId64 " accounted for",
                         line->file, line->records, line->counts.rows);
        note(run, EXIT_STATUS_SOFTWARE);
    }
    tell(run, line);
    return line->outcome != IMPORT_FAILED;
}

/* The last one that was begun is waited for. False: nothing more is to be begun. */
static bool finish(struct run *run)
{
    struct import_line *line;
    struct import_end end;
    int status;

    if (run->pending == NONE)
        return true;
    line = &run->list.items[run->pending];
    run->pending = NONE;
    status = import_sink_wait(&run->sink, &end);
    if (status != EXIT_STATUS_OK) {
        if (!reader_stop) {
            line->outcome = IMPORT_LOST;
            tell(run, line);
        }
        note(run, status);
        return false;
    }
    return take_end(run, line, &end) && !reader_stop;
}

static bool begin(struct run *run)
{
    const struct archive_intake_file *file = archive_intake_file(run->intake);
    struct archive_import_options options = {.user_id = run->user_id,
                                             .file = file->label,
                                             .hash = file->hash,
                                             .form = file->form,
                                             .now = clock_wall_ms()};
    int status;

    reader_catch_stop();
    if (!finish(run) || !add_line(run, IMPORT_FAILED))
        return false;
    run->pending = run->list.count - 1;
    status = import_sink_begin(&run->sink, run->intake, &options);
    if (status == EXIT_STATUS_OK)
        return true;
    if (status == EXIT_STATUS_TEMPFAIL)
        snprintf(run->list.items[run->pending].why, sizeof(run->list.items[0].why),
                 "it could not be handed over; the same command again finishes the job");
    run->pending = NONE;
    note(run, status);
    return false;
}

/* -- All of them --------------------------------------------------------------------------------- */

static bool note_reading(void *context, const struct archive_intake_file *file)
{
    struct run *run = context;

    run->watch.meter.read = run->read_before + file->bytes;
    import_watch_draw(&run->watch);
    return !reader_stop;
}

/* What was not looked at of a file counts as read. */
static void note_read(struct run *run)
{
    const struct archive_intake_file *file = archive_intake_file(run->intake);

    run->read_before += file->size > file->bytes ? file->size : file->bytes;
    run->watch.meter.read = run->read_before;
}

static bool take_next(struct run *run)
{
    enum archive_intake_step step = archive_intake_next(run->intake);

    if (step == ARCHIVE_INTAKE_END || step == ARCHIVE_INTAKE_STOPPED)
        return false;
    note_read(run);
    switch (step) {
    case ARCHIVE_INTAKE_HISTORY:
        return begin(run);
    case ARCHIVE_INTAKE_NOT_HISTORY:
        return pass_over(run, IMPORT_NOT_HISTORY);
    case ARCHIVE_INTAKE_BROKEN:
        return pass_over(run, IMPORT_BROKEN);
    default:
        import_watch_say(&run->watch, "%s", archive_intake_file(run->intake)->error);
        note(run, EXIT_STATUS_IO);
        return false;
    }
}

/* What went in before it was stopped. */
static void say_stopped(struct run *run)
{
    struct buf imports = {0};
    int64_t stored = 0;

    for (size_t i = 0; i < run->list.count; i++) {
        if (run->list.items[i].outcome == IMPORT_STORED)
            buf_addf(&imports, "%s%" PRId64, stored++ > 0 ? ", " : "",
                     run->list.items[i].import_id);
    }
    if (stored == 0 || run->dry_run)
        import_watch_say(&run->watch, "stopped: nothing was imported");
    else
        import_watch_say(&run->watch,
                         "stopped: %" PRId64 " file%s imported and stay%s so (import %s)", stored,
                         stored == 1 ? " is" : "s are", stored == 1 ? "s" : "",
                         imports.data ? imports.data : "");
    buf_free(&imports, false);
}

static int report(struct run *run)
{
    struct buf out = {0};
    json_t *json;
    int status;

    if (run->call->option[OPTION_JSON]) {
        json = import_view_json(&run->list, run->user_id, run->dry_run);
        look_add_json(json, &out);
        json_decref(json);
    } else if (run->list.count > 0) {
        import_view_table(&run->list, run->dry_run, &out);
    }
    status = print_out(&out);
    if (status == EXIT_STATUS_OK && run->status == EXIT_STATUS_OK &&
        !import_list_has_history(&run->list)) {
        print_error(run->call->command,
                    "no history was found. Spotify sends it as a zip, some days after it was asked "
                    "for at https://www.spotify.com/account/privacy");
        return EXIT_STATUS_DATA;
    }
    return status != EXIT_STATUS_OK ? status : run->status;
}

static int take_all(struct run *run)
{
    while (take_next(run))
        ;
    if (run->pending != NONE) /* also after a stop: it is given up then */
        (void)finish(run);
    import_watch_clear(&run->watch);
    if (reader_stop) {
        say_stopped(run);
        reader_die();
        return EXIT_STATUS_TEMPFAIL;
    }
    return report(run);
}

static int import_for(struct run *run)
{
    struct archive_intake_options options = {
        .now = clock_wall_ms(), .progress = note_reading, .context = run};
    const json_t *user = import_place_user(run->call, &run->place, run->call->option[OPTION_USER]);
    int status = EXIT_STATUS_SOFTWARE;

    if (!user)
        return EXIT_STATUS_USAGE;
    run->user_id = user_number(user);
    run->sink = (struct import_sink){.watch = &run->watch, .place = &run->place};
    run->intake = archive_intake_new(&options, (const char *const *)run->call->operands,
                                     (size_t)run->call->operand_count);
    if (run->intake)
        status = take_all(run);
    else
        print_error(run->call->command, "out of memory");
    archive_intake_free(run->intake);
    import_list_free(&run->list);
    return status;
}

int ctl_import(const struct ctl_call *call)
{
    struct run run = {
        .call = call, .pending = NONE, .dry_run = call->option[OPTION_DRY_RUN] != NULL};
    struct config *config = local_config(call);
    int status;

    if (!config)
        return EXIT_STATUS_CONFIG;
    import_watch_begin(&run.watch, call, (const char *const *)call->operands,
                       (size_t)call->operand_count);
    status = import_place_find(&run.watch, config, run.dry_run, &run.place);
    if (status == EXIT_STATUS_OK) {
        run.watch.began = clock_boot_ms();
        status = import_for(&run);
        import_place_leave(&run.place);
    }
    config_free(config);
    return status;
}
