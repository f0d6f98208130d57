/* SPDX-License-Identifier: MIT */
#include "capture/importing.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/turns.h"
#include "capture/poller.h"
#include "capture/rowfile.h"
#include "capture/upkeep.h"
#include "store/imports.h"

#define ID_BYTES 16
#define LOOK_EVERY_MS 50
#define TURN_US 5000 /* of a turn of the loop */
#define KEPT_MS (10 * CLOCK_MINUTE)
/* The next one has to wait for so long at most until somebody was told how this one ended. */
#define TELL_MS (10 * CLOCK_SECOND)
#define WAIT_LONGEST_MS (2 * CLOCK_MINUTE) /* for tokens that must be stored first */
#define FLUSH_EVERY_MS (2 * CLOCK_SECOND)  /* between tries while the database takes no writes */
/* No token is refreshed while it works. Users whose token would run out meanwhile get a new one
 * first. */
#define RENEW_AHEAD_MS (2 * CLOCK_MINUTE)
#define RENEW_LONGEST_MS (10 * CLOCK_SECOND)
/* The commit takes longer than a step, up to a second for a million rows: it is put where no poll
 * is due. */
#define QUIET_MS 300
#define QUIET_ROWS_PER_MS 1000
#define QUIET_LONGEST_MS (3 * CLOCK_SECOND)

struct importing {
    struct recorder *recorder;
    struct event *timer;
    char id[IMPORTING_ID_SIZE];
    struct importing_status status; /* counts and what follows them: once it is done */
    char *file, *hash;
    struct archive_import_options options; /* its texts are the two above */
    struct rowfile *rows;
    struct archive_import *import; /* IMPORTING_WORKING */
    bool user_gone;                /* the number may be somebody else's by now */
    bool renewed;                  /* IMPORTING_WAITING: tokens are being refreshed, or were */
    int64_t renew_until, wait_until, flush_at; /* boot ms */
    int64_t quiet_until;                       /* boot ms; 0: it is not ready yet */
    bool told;                                 /* IMPORTING_DONE: somebody knows, or nobody asks */
};

static void timer_fired(evutil_socket_t fd, short what, void *context);

static void set_timer(struct importing *importing, int64_t ms)
{
    struct timeval in = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    evtimer_add(importing->timer, &in);
}

/* -- begin and end ----------------------------------------------------------------------------- */

/* Lets go of what only one that is not done needs. A transaction that is open is rolled back. */
static void release(struct importing *importing)
{
    archive_import_free(importing->import);
    importing->import = NULL;
    rowfile_free(importing->rows);
    importing->rows = NULL;
}

static void importing_free(struct importing *importing)
{
    release(importing);
    importing->recorder->importing = NULL;
    if (importing->timer)
        event_free(importing->timer);
    free(importing->file);
    free(importing->hash);
    free(importing);
}

static struct importing *importing_new(struct recorder *recorder)
{
    struct importing *importing = calloc(1, sizeof(*importing));

    if (!importing)
        return NULL;
    importing->timer = evtimer_new(recorder->base, timer_fired, importing);
    if (!importing->timer) {
        free(importing);
        return NULL;
    }
    importing->recorder = recorder;
    vault_random_text(importing->id, ID_BYTES);
    importing->status.file = "";
    importing->status.counts.first_at = importing->status.counts.last_at = CLOCK_NO_TIME;
    return importing;
}

/* A finished one gives way to the next, but not before its end was asked for: who waits for it
 * would be told that there is no such import. */
static enum importing_result make_room(struct recorder *recorder)
{
    if (recorder->stopping || recorder->failed)
        return IMPORTING_BUSY;
    if (!recorder->importing)
        return IMPORTING_OK;
    if (recorder->importing->status.stage != IMPORTING_DONE || !recorder->importing->told)
        return IMPORTING_BUSY;
    importing_free(recorder->importing);
    return IMPORTING_OK;
}

static void done(struct importing *importing, enum archive_import_end end)
{
    importing->status.stage = IMPORTING_DONE;
    importing->status.end = end;
    release(importing);
    set_timer(importing, TELL_MS);
}

/* Its end is known to who asked for it, or nobody asks. */
static void note_told(struct importing *importing)
{
    if (importing->status.stage != IMPORTING_DONE || importing->told)
        return;
    importing->told = true;
    set_timer(importing, KEPT_MS);
}

static void fail(struct importing *importing, enum store_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct importing *importing, enum store_result result, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(importing->status.error, sizeof(importing->status.error), format, arguments);
    va_end(arguments);
    importing->status.result = result;
    done(importing, ARCHIVE_IMPORT_FAILED);
}

/* -- what is said ------------------------------------------------------------------------------ */

static void name_it(const struct importing *importing, char *text, size_t size)
{
    const struct poller *poller = recorder_poller(importing->recorder, importing->status.user_id);
    char file[120];

    text_excerpt(importing->file, strlen(importing->file), file, sizeof(file));
    snprintf(text, size, "%s: %s", poller ? poller->name : "a user", file);
}

static void say_failure(const struct importing *importing)
{
    char name[200];

    name_it(importing, name, sizeof(name));
    log_warning("%s: %s failed: %s", name, importing->status.undoing ? "undoing" : "importing",
                importing->status.error);
}

static void say_success(const struct importing *importing)
{
    const struct archive_import_counts *counts = &importing->status.counts;
    char name[200];

    name_it(importing, name, sizeof(name));
    if (importing->status.undoing)
        log_notice(
            "%s: import %lld is undone: %lld play%s removed, %lld stay%s without what it told",
            name, (long long)importing->status.import_id, (long long)counts->added,
            counts->added == 1 ? "" : "s", (long long)counts->matched,
            counts->matched == 1 ? "s" : "");
    else if (importing->status.end == ARCHIVE_IMPORT_KNOWN)
        log_notice("%s: nothing in it is new since import %lld", name,
                   (long long)importing->status.import_id);
    else
        log_notice("%s: imported %lld row%s: %lld new, %lld matched, %lld there twice, %lld "
                   "rejected (import %lld)",
                   name, (long long)counts->rows, counts->rows == 1 ? "" : "s",
                   (long long)counts->added, (long long)counts->matched,
                   (long long)counts->duplicate, (long long)counts->rejected,
                   (long long)importing->status.import_id);
}

/* -- working ----------------------------------------------------------------------------------- */

/* True unless a poll is due within ms, or has just begun. One that waits for this very commit
 * wants it now. */
static bool is_quiet(const struct recorder *recorder, int64_t ms)
{
    int64_t now = clock_boot_ms();
    bool quiet = true;

    for (size_t i = 0; i < recorder->count; i++) {
        const struct poller *poller = recorder->pollers[i];

        if (poller->postponed)
            return true;
        if (poller->stage == POLLER_WAITING ||
            (poller->stage == POLLER_IDLE && poller->policy.due <= now + ms) ||
            (poller->stage == POLLER_ASKING && poller->started_boot > now - QUIET_MS))
            quiet = false;
    }
    return quiet;
}

/* True if the next step is the commit, and this is no good moment for it. */
static bool holds_back(struct importing *importing)
{
    int64_t now = clock_boot_ms();
    int64_t rows = archive_import_counts(importing->import)->rows;

    if (!archive_import_is_ready(importing->import))
        return false;
    if (importing->quiet_until == 0)
        importing->quiet_until = now + QUIET_LONGEST_MS;
    return now < importing->quiet_until &&
           !is_quiet(importing->recorder, QUIET_MS + rows / QUIET_ROWS_PER_MS);
}

static void worked(struct importing *importing, enum archive_import_end end)
{
    struct archive_import *import = importing->import;

    importing->status.counts = *archive_import_counts(import);
    if (!importing->status.undoing)
        importing->status.import_id = archive_import_id(import);
    if (end == ARCHIVE_IMPORT_FAILED) {
        fail(importing, archive_import_result(import), "%s", archive_import_error(import));
        say_failure(importing);
    } else {
        done(importing, end);
        say_success(importing);
        upkeep_look(importing->recorder->upkeep);
    }
}

static void work(struct importing *importing)
{
    int64_t until = clock_boot_us() + TURN_US;
    enum archive_import_end end = ARCHIVE_IMPORT_MORE;

    while (end == ARCHIVE_IMPORT_MORE && clock_boot_us() < until) {
        if (holds_back(importing)) {
            set_timer(importing, LOOK_EVERY_MS);
            return;
        }
        end = archive_import_step(importing->import);
    }
    if (end == ARCHIVE_IMPORT_MORE)
        set_timer(importing, 0);
    else
        worked(importing, end);
}

/* -- waiting ----------------------------------------------------------------------------------- */

static bool may_ask(struct recorder *recorder)
{
    int64_t now = clock_boot_ms();

    return recorder_may_poll(recorder) &&
           gate_ready_at(&recorder->gate, now, clock_wall_ms()) <= now;
}

static void renew_tokens(struct importing *importing)
{
    struct recorder *recorder = importing->recorder;

    importing->renewed = true;
    importing->renew_until = clock_boot_ms() + RENEW_LONGEST_MS;
    if (!may_ask(recorder))
        return;
    for (size_t i = 0; i < recorder->count; i++)
        if (poller_needs_token(recorder->pollers[i], RENEW_AHEAD_MS))
            poller_renew(recorder->pollers[i]);
    recorder_set_alarm(recorder);
}

/* True while one of those polls has not begun. */
static bool is_renewing(const struct importing *importing)
{
    const struct recorder *recorder = importing->recorder;

    if (clock_boot_ms() >= importing->renew_until)
        return false;
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->pollers[i]->renew)
            return true;
    return false;
}

static void end_renewing(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->count; i++)
        recorder->pollers[i]->renew = false;
}

/* What a token request brings may be the only valid token: it must not have to wait for the end of
 * this. */
static bool must_wait(struct importing *importing)
{
    if (importing->recorder->leaving) {
        importing->wait_until = clock_boot_ms() + WAIT_LONGEST_MS;
        return true;
    }
    if (!importing->renewed)
        renew_tokens(importing);
    if (is_renewing(importing))
        return true;
    end_renewing(importing->recorder);
    return recorder_tokens_awaited(importing->recorder) > 0;
}

/* What polls have brought is stored before, if the database takes it. */
static enum store_result begin(struct importing *importing)
{
    struct recorder *recorder = importing->recorder;
    struct archive_supply supply;
    int64_t now = clock_boot_ms();

    if (importing->user_gone)
        return STORE_NOT_FOUND;
    if (now < importing->flush_at)
        return STORE_BUSY;
    importing->flush_at = now + FLUSH_EVERY_MS;
    if (!commit_flush(recorder->commit))
        return STORE_BUSY;
    if (importing->status.undoing)
        return archive_undo_begin(recorder->store, importing->status.import_id, clock_wall_ms(),
                                  ARCHIVE_IMPORT_BLOCK_LOOP, &importing->import);
    supply = rowfile_supply(importing->rows);
    return archive_import_begin(recorder->store, &importing->options, &supply, &importing->import);
}

static void refuse(struct importing *importing, enum store_result result)
{
    if (result == STORE_NOT_FOUND)
        fail(importing, result, "the user was removed");
    else if (store_result_is_temporary(result))
        fail(importing, result, "the database takes no writes for now; try again");
    else
        fail(importing, result, "it could not begin: %s",
             store_message(importing->recorder->store));
    say_failure(importing);
}

/* Begins when nothing is in the way, for some time. */
static void try_to_begin(struct importing *importing)
{
    bool waits = must_wait(importing);
    enum store_result result = waits ? STORE_BUSY : begin(importing);

    if (result == STORE_OK) {
        importing->status.stage = IMPORTING_WORKING;
        set_timer(importing, 0);
    } else if (store_result_is_temporary(result) && clock_boot_ms() < importing->wait_until) {
        set_timer(importing, LOOK_EVERY_MS);
    } else if (waits) {
        fail(importing, result, "tokens that must be stored first did not come; try again");
        say_failure(importing);
    } else {
        refuse(importing, result);
    }
}

static void wait_first(struct importing *importing)
{
    importing->status.stage = IMPORTING_WAITING;
    importing->wait_until = clock_boot_ms() + WAIT_LONGEST_MS;
    try_to_begin(importing);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
    struct importing *importing = context;

    (void)fd;
    (void)what;
    turns_mark(importing->recorder->turns, "import");
    switch (importing->status.stage) {
    case IMPORTING_RECEIVING:
        fail(importing, STORE_OK, "it was given up: no rows came for a minute");
        say_failure(importing);
        note_told(importing);
        break;
    case IMPORTING_WAITING:
        try_to_begin(importing);
        break;
    case IMPORTING_WORKING:
        work(importing);
        break;
    case IMPORTING_DONE:
        if (importing->told)
            importing_free(importing);
        else
            note_told(importing);
        break;
    }
}

/* -- what is asked for ------------------------------------------------------------------------- */

/* The one of that id; NULL: there is none (any more). */
static struct importing *find(const struct recorder *recorder, const char *id)
{
    struct importing *importing = recorder->importing;

    return importing && strcmp(importing->id, id) == 0 ? importing : NULL;
}

static bool is_open(const struct importing *importing)
{
    return importing->status.stage == IMPORTING_RECEIVING;
}

static bool set_options(struct importing *importing, const struct archive_import_options *options)
{
    importing->file = strdup(options->file);
    importing->hash = strdup(options->hash);
    importing->rows = rowfile_new(importing->recorder->database,
                                  archive_record_latest(options->now), IMPORTING_BYTES_MAX);
    if (!importing->file || !importing->hash || !importing->rows)
        return false;
    importing->options = *options;
    importing->options.file = importing->status.file = importing->file;
    importing->options.hash = importing->hash;
    importing->options.block_rows = ARCHIVE_IMPORT_BLOCK_LOOP;
    importing->status.user_id = options->user_id;
    return true;
}

enum importing_result recorder_import_open(struct recorder *recorder,
                                           const struct archive_import_options *options,
                                           char id[static IMPORTING_ID_SIZE])
{
    struct importing *importing;
    enum importing_result result;

    if (!recorder_poller(recorder, options->user_id))
        return IMPORTING_NO_USER;
    result = make_room(recorder);
    if (result != IMPORTING_OK)
        return result;
    importing = importing_new(recorder);
    if (!importing)
        return IMPORTING_NO_MEMORY;
    if (!set_options(importing, options)) {
        importing_free(importing);
        return IMPORTING_NO_MEMORY;
    }
    recorder->importing = importing;
    set_timer(importing, IMPORTING_IDLE_MS);
    memcpy(id, importing->id, IMPORTING_ID_SIZE);
    return IMPORTING_OK;
}

enum importing_result recorder_import_rows(struct recorder *recorder, const char *id,
                                           const void *data, size_t len)
{
    struct importing *importing = find(recorder, id);

    if (!importing)
        return IMPORTING_NO_IMPORT;
    if (!is_open(importing))
        return IMPORTING_TOO_LATE;
    set_timer(importing, IMPORTING_IDLE_MS);
    switch (rowfile_add(importing->rows, data, len)) {
    case ROWFILE_OK:
        importing->status.rows_received = rowfile_count(importing->rows);
        return IMPORTING_OK;
    case ROWFILE_UNSOUND:
        return IMPORTING_UNSOUND;
    case ROWFILE_TOO_LARGE:
        return IMPORTING_TOO_LARGE;
    case ROWFILE_FAILED:
        break;
    }
    fail(importing, STORE_FULL, "the rows cannot be kept: %s", rowfile_error(importing->rows));
    say_failure(importing);
    return IMPORTING_NO_SPACE;
}

enum importing_result recorder_import_start(struct recorder *recorder, const char *id)
{
    struct importing *importing = find(recorder, id);

    if (!importing)
        return IMPORTING_NO_IMPORT;
    if (!is_open(importing))
        return IMPORTING_TOO_LATE;
    if (importing->user_gone) {
        refuse(importing, STORE_NOT_FOUND);
        return IMPORTING_NO_USER;
    }
    wait_first(importing);
    return IMPORTING_OK;
}

static bool set_undone(struct importing *importing, int64_t import_id,
                       const struct store_import_brief *undone)
{
    importing->file = strdup(undone->file);
    if (!importing->file)
        return false;
    importing->status.undoing = true;
    importing->status.import_id = import_id;
    importing->status.user_id = undone->user_id;
    importing->status.file = importing->file;
    return true;
}

enum importing_result recorder_import_undo(struct recorder *recorder, int64_t import_id,
                                           char id[static IMPORTING_ID_SIZE])
{
    struct store_import_brief undone = {.user_id = 0};
    struct importing *importing;
    enum importing_result result;

    if (store_import_get(recorder->store, import_id, &undone) == STORE_NOT_FOUND)
        return IMPORTING_NO_IMPORT;
    result = make_room(recorder);
    if (result != IMPORTING_OK)
        return result;
    importing = importing_new(recorder);
    if (!importing)
        return IMPORTING_NO_MEMORY;
    if (!set_undone(importing, import_id, &undone)) {
        importing_free(importing);
        return IMPORTING_NO_MEMORY;
    }
    recorder->importing = importing;
    memcpy(id, importing->id, IMPORTING_ID_SIZE);
    wait_first(importing);
    return IMPORTING_OK;
}

enum importing_result recorder_import_status(const struct recorder *recorder, const char *id,
                                             struct importing_status *status)
{
    struct importing *importing = find(recorder, id);

    if (!importing)
        return IMPORTING_NO_IMPORT;
    *status = importing->status;
    if (importing->import)
        status->counts = *archive_import_counts(importing->import);
    note_told(importing);
    return IMPORTING_OK;
}

enum importing_result recorder_import_cancel(struct recorder *recorder, const char *id)
{
    struct importing *importing = find(recorder, id);

    if (!importing)
        return IMPORTING_NO_IMPORT;
    if (importing->status.stage != IMPORTING_DONE)
        fail(importing, STORE_OK, "it was given up");
    note_told(importing);
    return IMPORTING_OK;
}

void recorder_import_of_removed(struct recorder *recorder, int64_t user_id)
{
    if (recorder->importing && recorder->importing->status.user_id == user_id)
        recorder->importing->user_gone = true;
}

void recorder_import_drop(struct recorder *recorder)
{
    if (!recorder->importing)
        return;
    if (recorder->importing->status.stage != IMPORTING_DONE)
        log_notice("an import was given up: everything is as it was");
    importing_free(recorder->importing);
}
