/* SPDX-License-Identifier: MIT */
#include "archive/export.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/outfile.h"
#include "archive/zipped.h"
#include "base/clock.h"
#include "base/exit.h"
#include "ctl/choice.h"
#include "ctl/ctl.h"
#include "ctl/local.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "ctl/user.h"
#include "ctl/when.h"
#include "daemon/open.h"

#define ZIP_MEMBER "listens/listens.jsonl" /* where ListenBrainz's own exports have theirs */

enum { OPTION_FORMAT, OPTION_USER, OPTION_SINCE, OPTION_UNTIL, OPTION_OUTPUT };

const struct ctl_option ctl_export_options[] = {
    [OPTION_FORMAT] = {"format", "FORMAT", "csv, json, jsonl, extended or listenbrainz", 0},
    [OPTION_USER] = {"user", "USER", "plays of this user only", 0},
    [OPTION_SINCE] = {"since", "TIME", "plays from then on: " WHEN_FORMS, 0},
    [OPTION_UNTIL] = {"until", "TIME", "plays before then", 0},
    [OPTION_OUTPUT] = {"output", "FILE", "write this file, complete or not at all", 'o'},
    {NULL, NULL, NULL, 0},
};

/* -- Whom and when ----------------------------------------------------------------------------- */

static int choose(const struct ctl_call *call, const json_t *users,
                  const struct export_format *format, int64_t *user_id)
{
    const char *wish = call->option[OPTION_USER];
    struct buf why = {0};
    const json_t *user;

    if (!wish && !(format->one_user && json_array_size(users) > 1))
        return EXIT_STATUS_OK;
    user = wish ? user_find(users, wish, &why) : NULL;
    if (!wish)
        print_error(call->command, "%s is for the plays of one user: say whose, with --user",
                    format->name);
    else if (!user)
        print_error(call->command, "%s", why.data ? why.data : "out of memory");
    else
        *user_id = user_number(user);
    buf_free(&why, false);
    return user ? EXIT_STATUS_OK : EXIT_STATUS_USAGE;
}

static int choose_user(const struct ctl_call *call, const struct config *config,
                       struct store *store, struct export_request *request)
{
    json_t *users = reader_users(store);
    int status;

    if (!users)
        return reader_failed(call, config, store, STORE_IO);
    status = choose(call, users, request->format, &request->filter.user_id);
    json_decref(users);
    return status;
}

static bool ends_in_zip(const char *name)
{
    size_t len = name ? strlen(name) : 0;

    return len > 4 && strcmp(name + len - 4, ".zip") == 0;
}

/* The options, as far as they can be read without the database. */
static bool read_options(const struct ctl_call *call, struct export_request *request)
{
    const char *name = call->option[OPTION_FORMAT];

    request->now = clock_wall_ms();
    request->format = name ? export_format_find(name) : NULL;
    request->lines = ends_in_zip(call->option[OPTION_OUTPUT]);
    if (!request->format) {
        print_error(call->command, "%s%s: --format %s", name ? name : "",
                    name ? " is no format" : "which format?",
                    ctl_export_options[OPTION_FORMAT].help);
        return false;
    }
    if (request->lines && !request->format->zips) {
        print_error(call->command, "%s is not written as a zip: give another name", name);
        return false;
    }
    return choice_read_times(call, call->option[OPTION_SINCE], call->option[OPTION_UNTIL],
                             request->now, &request->filter.since, &request->filter.until);
}

/* -- Where to ---------------------------------------------------------------------------------- */

struct output {
    struct outfile file; /* fd -1: standard output */
    struct zipped zip;
    bool is_zip, terminal;
};

/* On a terminal a title must not do anything but be read. */
static int write_shown(const char *data, size_t len)
{
    struct buf shown = {0};
    int error;

    while (len > 0) {
        const char *end = memchr(data, '\n', len);
        size_t line = end ? (size_t)(end - data) : len;
        size_t text = line > 0 && data[line - 1] == '\r' ? line - 1 : line;
        char *copy = strndup(data, text);

        if (!copy || !print_text(&shown, copy) || (end && !buf_add_text(&shown, "\n")))
            shown.failed = true;
        free(copy);
        data += end ? line + 1 : line;
        len -= end ? line + 1 : line;
    }
    error = shown.failed ? ENOMEM : outfile_write(STDOUT_FILENO, shown.data, shown.len);
    buf_free(&shown, false);
    return error;
}

static int write_output(void *context, const void *data, size_t len)
{
    struct output *output = context;

    if (output->is_zip)
        return zipped_write(&output->zip, data, len);
    if (output->file.fd >= 0)
        return outfile_write(output->file.fd, data, len);
    return output->terminal ? write_shown(data, len) : outfile_write(STDOUT_FILENO, data, len);
}

static int begin_output(struct output *output, const char *name,
                        const struct export_request *request)
{
    time_t now = (time_t)(request->now / 1000);
    struct tm parts = {.tm_year = 80, .tm_mday = 1};
    int error = 0;

    *output = (struct output){.file.fd = -1, .terminal = !name && isatty(STDOUT_FILENO) == 1};
    if (name)
        error = outfile_begin(&output->file, name);
    output->is_zip = name && request->lines;
    if (error == 0 && output->is_zip) {
        localtime_r(&now, &parts);
        error = zipped_begin(&output->zip, output->file.fd, ZIP_MEMBER, &parts);
    }
    return error;
}

static int end_output(struct output *output)
{
    int error = output->is_zip ? zipped_end(&output->zip) : 0;

    if (error == 0 && output->file.fd >= 0)
        return outfile_commit(&output->file);
    return error;
}

/* -- The command ------------------------------------------------------------------------------- */

static const char *name_of(const struct ctl_call *call)
{
    const char *name = call->option[OPTION_OUTPUT];

    return name && strcmp(name, "-") != 0 ? name : NULL;
}

static int say_write_failed(const struct ctl_call *call, int error)
{
    const char *name = name_of(call);

    print_error(call->command, "%s: %s%s", name ? name : "standard output", strerror(error),
                name ? "; nothing was written, what was there is still there" : "");
    return error == EISDIR || error == EEXIST || error == ENOENT || error == ENOTDIR ||
                   error == EACCES || error == EROFS
               ? EXIT_STATUS_CANTCREAT
               : EXIT_STATUS_IO;
}

/* What listenbrainz has no place for is not passed over in silence. */
static void say_left_out(const struct ctl_call *call, const struct export_outcome *outcome)
{
    int64_t sum = 0;
    struct buf list = {0};

    for (int i = EXPORT_WRITTEN + 1; i < EXPORT_LEFT_OUT; i++) {
        if (outcome->count[i] > 0)
            buf_addf(&list, "%s%" PRId64 " %s", sum > 0 ? ", " : "", outcome->count[i],
                     export_left_out_name((enum export_left_out)i));
        sum += outcome->count[i];
    }
    if (sum > 0)
        print_error(call->command, "left out are %" PRId64 " of %" PRId64 " plays: %s", sum,
                    sum + outcome->count[EXPORT_WRITTEN], list.data ? list.data : "");
    buf_free(&list, false);
}

static int say_done(const struct ctl_call *call, const struct export_outcome *outcome)
{
    struct buf out = {0};

    say_left_out(call, outcome);
    if (!name_of(call))
        return EXIT_STATUS_OK;
    buf_addf(&out, "%" PRId64 " play%s in ", outcome->count[EXPORT_WRITTEN],
             outcome->count[EXPORT_WRITTEN] == 1 ? "" : "s");
    print_text(&out, name_of(call));
    buf_add_text(&out, "\n");
    return print_out(&out);
}

static int write_plays(const struct ctl_call *call, const struct config *config,
                       struct store *store, struct export_request *request, struct output *output)
{
    struct export_outcome outcome;
    int error;

    request->write = write_output;
    request->context = output;
    switch (export_run(store, request, &outcome)) {
    case EXPORT_OK:
        break;
    case EXPORT_STORE_FAILED:
        return reader_failed(call, config, store, outcome.result);
    case EXPORT_WRITE_FAILED:
        return say_write_failed(call, outcome.error);
    case EXPORT_STOPPED:
        outfile_drop(&output->file);
        reader_die();
        return EXIT_STATUS_TEMPFAIL;
    default:
        print_error(call->command, "out of memory");
        return EXIT_STATUS_SOFTWARE;
    }
    error = end_output(output);
    return error == 0 ? say_done(call, &outcome) : say_write_failed(call, error);
}

static int export_to(const struct ctl_call *call, const struct config *config, struct store *store,
                     struct export_request *request)
{
    const char *name = name_of(call);
    struct output output;
    int status = choose_user(call, config, store, request);
    int error;

    if (status != EXIT_STATUS_OK)
        return status;
    if (name) {
        reader_catch_stop();
        request->stop = &reader_stop;
    }
    error = begin_output(&output, name, request);
    status = error == 0 ? write_plays(call, config, store, request, &output)
                        : say_write_failed(call, error);
    outfile_drop(&output.file);
    return status;
}

int ctl_export(const struct ctl_call *call)
{
    struct export_request request = {0};
    struct store *store = NULL;
    struct config *config;
    int status;

    if (!read_options(call, &request))
        return EXIT_STATUS_USAGE;
    open_harden_process();
    config = local_config(call);
    if (!config)
        return EXIT_STATUS_CONFIG;
    if (name_of(call) && reader_is_in_use(call, config, name_of(call)))
        status = EXIT_STATUS_USAGE;
    else
        status = reader_open(call, config, &store);
    if (status == EXIT_STATUS_OK)
        status = export_to(call, config, store, &request);
    store_close(store);
    config_free(config);
    return status;
}
