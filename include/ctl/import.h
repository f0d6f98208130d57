/* SPDX-License-Identifier: MIT */
/*
 * ctl/import: what the commands import and undo-import share: where the rows go (to the running
 * daemon, into the database in its place, or into a copy that vanishes), and a line on the terminal
 * that tells how far it is.
 */
#ifndef CTL_IMPORT_H
#define CTL_IMPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/import.h"
#include "archive/intake.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/import_view.h"
#include "daemon/config.h"
#include "daemon/open.h"

/* -- the line on the terminal (import_watch.c) ------------------------------------------------- */

struct import_watch {
    const struct ctl_call *call;
    bool is_terminal;     /* standard error is one */
    bool shown;           /* a line stands there */
    bool waited;          /* it was said that something is waited for */
    int64_t began, drawn; /* boot ms */
    struct import_meter meter;
};

/* paths: measured if there is a terminal to tell how far it is; NULL: nothing to measure. */
void import_watch_begin(struct import_watch *watch, const struct ctl_call *call,
                        const char *const *paths, size_t count);

/* The meter was changed: draws it now and then. */
void import_watch_draw(struct import_watch *watch);

/* Takes the line away: something else is to be printed. */
void import_watch_clear(struct import_watch *watch);

/* print_error() for the command, after import_watch_clear(). */
void import_watch_say(struct import_watch *watch, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says once what is waited for, and waits for so many ms, or until a signal came. */
void import_watch_wait(struct import_watch *watch, const char *why, int ms);

/* -- where the rows go (import_place.c) -------------------------------------------------------- */

enum import_way { IMPORT_BY_DAEMON, IMPORT_ALONE, IMPORT_SCRATCH };

struct import_place {
    const struct config *config;
    enum import_way way;
    json_t *users;          /* an array as doc/control.md has them */
    struct store *store;    /* NULL: by the daemon */
    struct open_state open; /* of IMPORT_ALONE */
    struct trackbook *book; /* from one file to the next, unless by the daemon; NULL: none yet */
};

/* Finds the daemon, or takes its place, waiting as long as somebody else has it. dry_run: a copy of
 * the database. Returns an exit status; not OK: said, and nothing is held. */
int import_place_find(struct import_watch *watch, const struct config *config, bool dry_run,
                      struct import_place *place);
void import_place_leave(struct import_place *place);

/* The user who was named, or the only one there is; NULL: said. */
const json_t *import_place_user(const struct ctl_call *call, const struct import_place *place,
                                const char *wish);

/* -- into the database (import_sink.c, import_daemon.c) ---------------------------------------- */

/* What became of an import or its undoing. */
struct import_end {
    enum archive_import_end end;
    struct archive_import_counts counts;
    int64_t import_id;
    int status; /* exit status of ARCHIVE_IMPORT_FAILED */
    char error[ARCHIVE_INTAKE_ERROR_SIZE];
};

/* One at a time is under way. Zero-initialised but for watch and place: none. */
struct import_sink {
    struct import_watch *watch;
    struct import_place *place;
    bool under_way;
    char id[64];                        /* the daemon's, of what is under way */
    struct import_end end;              /* alone: of what was begun last */
    int64_t records, size;              /* of the file that is under way */
    int64_t rows_before, stored_before; /* meter before it */
};

/* Each returns an exit status; not OK: said, or (reader_stop is set) it was stopped, and nothing of
 * this file is imported.
 *
 * begin: hands in all records of a history. wait: until it is done. Before another one is begun the
 * one under way must be waited for. */
int import_sink_begin(struct import_sink *sink, struct archive_intake *intake,
                      const struct archive_import_options *options);
int import_sink_wait(struct import_sink *sink, struct import_end *end);

/* Undoes an import, and waits for that. */
int import_sink_undo(struct import_sink *sink, int64_t import_id, struct import_end *end);

/* The ways of the daemon. */
int import_daemon_begin(struct import_sink *sink, struct archive_intake *intake,
                        const struct archive_import_options *options);
int import_daemon_wait(struct import_sink *sink, struct import_end *end);
int import_daemon_undo(struct import_sink *sink, int64_t import_id);

/* Reads the daemon's word on an import (doc/control.md). True: it is done. Pure. */
bool import_daemon_read(const json_t *json, struct import_end *end);

#endif
