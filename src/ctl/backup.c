/* SPDX-License-Identifier: MIT */
#include "archive/backup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "archive/keep.h"
#include "base/clock.h"
#include "base/exit.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/local.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "daemon/open.h"

#define KEEP_MOST 100000

enum { OPTION_KEEP };

const struct ctl_option ctl_backup_options[] = {
    [OPTION_KEEP] = {"keep", "N", "then remove all but the newest N files of this pattern", 0},
    {NULL, NULL, NULL, 0},
};

/* How many to keep; 0: all. False: said. */
static bool read_options(const struct ctl_call *call, long *keep)
{
    const char *text = call->option[OPTION_KEEP], *problem;
    int64_t number = 0;

    if (text &&
        (!text_int_parse(text, strlen(text), &number) || number < 1 || number > KEEP_MOST)) {
        print_error(call->command, "--keep %s: not a number from 1 to %d", text, KEEP_MOST);
        return false;
    }
    *keep = (long)number;
    problem = keep_problem(call->operands[0], text != NULL);
    if (problem)
        print_error(call->command, "%s: %s", call->operands[0], problem);
    return problem == NULL;
}

static int say_file_failed(const struct ctl_call *call, const char *name, int error)
{
    print_error(call->command, "%s: %s; what was there is still there", name, strerror(error));
    return error == EISDIR || error == EEXIST || error == ENOENT || error == ENOTDIR ||
                   error == EACCES || error == EROFS
               ? EXIT_STATUS_CANTCREAT
               : EXIT_STATUS_IO;
}

/* After a copy that is good. */
static int remove_older(const struct ctl_call *call, const char *name, long keep, struct buf *out)
{
    struct buf removed = {0};
    int error = keep_newest(call->operands[0], name, keep, &removed);

    for (const char *at = removed.data; at && *at;) {
        size_t len = strcspn(at, "\n");
        char line[300];

        buf_addf(out, "removed %s\n", text_line(at, len, line, sizeof(line)));
        at += len + (at[len] == '\n');
    }
    if (removed.failed)
        out->failed = true;
    buf_free(&removed, false);
    if (error == 0)
        return EXIT_STATUS_OK;
    print_error(call->command, "%s is complete, but older ones could not be removed: %s", name,
                strerror(error));
    return EXIT_STATUS_IO;
}

static int say_done(const struct ctl_call *call, const char *name, long keep,
                    const struct backup_outcome *outcome)
{
    struct buf out = {0};
    int status = EXIT_STATUS_OK, printed;

    print_text(&out, name);
    buf_addf(&out, ": %" PRId64 " play%s, %" PRId64 " bytes, verified\n", outcome->plays,
             outcome->plays == 1 ? "" : "s", outcome->size);
    if (keep > 0)
        status = remove_older(call, name, keep, &out);
    printed = print_out(&out);
    return status != EXIT_STATUS_OK ? status : printed;
}

static int back_up(const struct ctl_call *call, const struct config *config, const char *name,
                   long keep)
{
    struct backup_request request = {.name = name, .stop = &reader_stop};
    struct backup_outcome outcome;
    struct store *store = NULL;
    int status = reader_open(call, config, &store);

    if (status != EXIT_STATUS_OK)
        return status;
    reader_catch_stop();
    switch (backup_run(store, &request, &outcome)) {
    case BACKUP_OK:
        status = say_done(call, name, keep, &outcome);
        break;
    case BACKUP_STORE_FAILED:
        status = reader_failed(call, config, store, outcome.result);
        break;
    case BACKUP_FILE_FAILED:
        status = say_file_failed(call, name, outcome.error);
        break;
    default:
        reader_die();
        status = EXIT_STATUS_TEMPFAIL;
    }
    store_close(store);
    return status;
}

int ctl_backup(const struct ctl_call *call)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct buf name = {0};
    struct config *config;
    struct tm parts;
    long keep = 0;
    int status = EXIT_STATUS_SOFTWARE;

    if (!read_options(call, &keep) || !localtime_r(&now, &parts))
        return EXIT_STATUS_USAGE;
    open_harden_process();
    config = local_config(call);
    if (!config)
        return EXIT_STATUS_CONFIG;
    keep_expand(call->operands[0], &parts, &name);
    if (!name.data || name.failed)
        print_error(call->command, "out of memory");
    else if (reader_is_in_use(call, config, name.data))
        status = EXIT_STATUS_USAGE;
    else
        status = back_up(call, config, name.data, keep);
    buf_free(&name, false);
    config_free(config);
    return status;
}
