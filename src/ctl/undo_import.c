/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/text.h"
#include "ctl/import.h"
#include "ctl/local.h"
#include "ctl/paste.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "store/imports.h"

enum { OPTION_YES };

const struct ctl_option ctl_undo_import_options[] = {
    [OPTION_YES] = {"yes", NULL, "do not ask", 0},
    {NULL, NULL, NULL, 0},
};

/* -- What would go ------------------------------------------------------------------------------- */

/* The import as it is stored. By the daemon somebody may not be allowed to read it: STORE_CANTOPEN.
 */
static enum store_result load(const struct import_place *place, int64_t import_id,
                              struct store_import *import)
{
    struct store *store = place->store;
    enum store_result result;
    char why[1200];

    if (store)
        return store_import_load(store, import_id, import);
    result = store_open(place->config->store.database, STORE_READER, &store, why, sizeof(why));
    if (result == STORE_OK)
        result = store_import_load(store, import_id, import);
    else
        result = STORE_CANTOPEN;
    store_close(store);
    return result;
}

static void add_plays(int64_t plays, struct buf *out)
{
    buf_addf(out, "%" PRId64 " play%s", plays, plays == 1 ? "" : "s");
}

static void add_import(const struct store_import *import, struct buf *out)
{
    char text[PRINT_TIME_SIZE], time[TEXT_TIME_SIZE];

    buf_addf(out, "import %" PRId64 ": ", import->import_id);
    print_text(out, import->file);
    buf_addf(out, ", imported %s\n  ",
             print_time(text_time_format(import->started_at, time), "once", text));
    add_plays(import->added, out);
    buf_add_text(out, " that it brought will be removed, unless the API or another import told of "
                      "them as well\n");
    if (import->matched == 0)
        return;
    buf_add_text(out, "  ");
    add_plays(import->matched, out);
    buf_add_text(out, " that were there stay, without what it told of them\n");
}

static int show(const struct ctl_call *call, const struct import_place *place, int64_t import_id)
{
    struct store_import import;
    struct buf out = {0};

    switch (load(place, import_id, &import)) {
    case STORE_OK:
        add_import(&import, &out);
        return print_out(&out);
    case STORE_NOT_FOUND:
        print_error(call->command, "there is no import %" PRId64, import_id);
        return EXIT_STATUS_USAGE;
    case STORE_CANTOPEN:
        buf_addf(&out, "import %" PRId64 ": what it brought will be removed\n", import_id);
        return print_out(&out);
    default:
        print_error(call->command, "reading the database failed");
        return EXIT_STATUS_IO;
    }
}

/* -- Asking -------------------------------------------------------------------------------------- */

static bool is_yes(const char *answer)
{
    return strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 || strcmp(answer, "yes") == 0;
}

static int ask(const struct ctl_call *call)
{
    struct paste paste = {.fd = STDIN_FILENO};
    char line[PASTE_LINE_MAX];

    fputs("Undo this import? [y/N] ", stderr);
    if (paste_read(&paste, -1, line) != PASTE_LINE) {
        fputs("\n", stderr);
        line[0] = '\0';
    }
    line[strcspn(line, " ")] = '\0';
    if (is_yes(line))
        return EXIT_STATUS_OK;
    print_error(call->command, "nothing was removed");
    return EXIT_STATUS_USAGE;
}

static int confirm(const struct ctl_call *call, const struct import_place *place, int64_t import_id)
{
    int status = show(call, place, import_id);

    if (status != EXIT_STATUS_OK || call->option[OPTION_YES])
        return status;
    if (isatty(STDIN_FILENO))
        return ask(call);
    print_error(call->command,
                "there is no terminal to ask on: nothing was removed (--yes removes unasked)");
    return EXIT_STATUS_USAGE;
}

/* -- Undoing ------------------------------------------------------------------------------------- */

static int report(const struct ctl_call *call, int64_t import_id, const struct import_end *end)
{
    struct buf out = {0};

    if (end->end == ARCHIVE_IMPORT_FAILED) {
        print_error(call->command, "nothing was removed: %s", end->error);
        return end->status;
    }
    buf_addf(&out, "import %" PRId64 " is undone: ", import_id);
    add_plays(end->counts.added, &out);
    buf_add_text(&out, " removed");
    if (end->counts.matched > 0) {
        buf_add_text(&out, ", ");
        add_plays(end->counts.matched, &out);
        buf_addf(&out, " stay%s without what it told", end->counts.matched == 1 ? "s" : "");
    }
    buf_add_text(&out, "\n");
    return print_out(&out);
}

static int undo(const struct ctl_call *call, struct import_watch *watch, struct import_place *place,
                int64_t import_id)
{
    struct import_sink sink = {.watch = watch, .place = place};
    struct import_end end = {.end = ARCHIVE_IMPORT_MORE};
    int status = confirm(call, place, import_id);

    if (status != EXIT_STATUS_OK)
        return status;
    reader_catch_stop();
    status = import_sink_undo(&sink, import_id, &end);
    import_watch_clear(watch);
    if (status == EXIT_STATUS_OK)
        status = report(call, import_id, &end);
    else if (reader_stop)
        print_error(call->command, "stopped: nothing was removed");
    if (reader_stop)
        reader_die();
    return status;
}

int ctl_undo_import(const struct ctl_call *call)
{
    const char *text = call->operands[0];
    struct import_watch watch;
    struct import_place place;
    struct config *config;
    int64_t import_id = 0;
    int status;

    if (!text_int_parse(text, strlen(text), &import_id) || import_id < 1) {
        print_error(call->command,
                    "%s is no import: spotify-historyctl imports lists their numbers", text);
        return EXIT_STATUS_USAGE;
    }
    config = local_config(call);
    if (!config)
        return EXIT_STATUS_CONFIG;
    import_watch_begin(&watch, call, NULL, 0);
    status = import_place_find(&watch, config, false, &place);
    if (status == EXIT_STATUS_OK) {
        status = undo(call, &watch, &place, import_id);
        import_place_leave(&place);
    }
    config_free(config);
    return status;
}
