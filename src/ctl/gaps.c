/* SPDX-License-Identifier: MIT */
#include "store/gaps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/fields.h"
#include "ctl/import_view.h"
#include "ctl/local.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "ctl/reader.h"
#include "ctl/user.h"
#include "daemon/open.h"

enum { OPTION_USER, OPTION_LAST, OPTION_JSON };

const struct ctl_option ctl_gaps_options[] = {
    [OPTION_USER] = {"user", "USER", "gaps of this user only", 0},
    [OPTION_LAST] = {"last", "N", "the newest N only", 'n'},
    [OPTION_JSON] = {"json", NULL, "print JSON", 0},
    {NULL, NULL, NULL, 0},
};

struct gaps {
    const json_t *users;
    struct print_table table;
    json_t *list; /* NULL: a table is wanted */
    size_t count, open;
    bool failed;
};

/* -- A gap --------------------------------------------------------------------------------------- */

static const char *name_of(const json_t *users, int64_t user_id)
{
    const json_t *user;
    size_t at;

    json_array_foreach (users, at, user)
        if (user_number(user) == user_id) {
            const char *name = field_text(user, "name", "");

            return *name ? name : field_text(user, "spotify_id", "?");
        }
    return "?";
}

static const char *time_cell(int64_t at, char text[static PRINT_TIME_SIZE])
{
    char time[TEXT_TIME_SIZE];

    return print_time(text_time_format(at, time), "?", text);
}

static void add_row(struct gaps *gaps, const struct store_gap_row *gap)
{
    char from[PRINT_TIME_SIZE], to[PRINT_TIME_SIZE], noticed[PRINT_TIME_SIZE];
    char filled[24] = "open", file[PRINT_CELL_SIZE];
    const char *cells[] = {
        name_of(gaps->users, gap->user_id),
        time_cell(gap->after_played_at, from),
        time_cell(gap->before_played_at, to),
        gap->certainty,
        gap->cause,
        time_cell(gap->detected_at, noticed),
        filled,
        import_name_cell(gap->file, file),
    };

    if (gap->filled_by != 0)
        snprintf(filled, sizeof(filled), "import %" PRId64, gap->filled_by);
    print_table_add(&gaps->table, cells);
}

static json_t *gap_json(const struct store_gap_row *gap)
{
    char after[TEXT_TIME_SIZE], before[TEXT_TIME_SIZE], detected[TEXT_TIME_SIZE];
    bool open = gap->filled_by == 0;

    return json_pack(
        "{s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "gap", (json_int_t)gap->gap_id, "user",
        (json_int_t)gap->user_id, "after", text_time_format(gap->after_played_at, after), "before",
        text_time_format(gap->before_played_at, before), "certainty", gap->certainty, "cause",
        gap->cause, "detected_at", text_time_format(gap->detected_at, detected), "filled_by",
        open ? json_null() : json_integer(gap->filled_by), "file",
        open ? json_null() : json_string(gap->file));
}

static void take_gap(const struct store_gap_row *gap, void *context)
{
    struct gaps *gaps = context;

    gaps->count++;
    gaps->open += gap->filled_by == 0;
    if (!gaps->list)
        add_row(gaps, gap);
    else if (json_array_append_new(gaps->list, gap_json(gap)) < 0)
        gaps->failed = true;
}

/* -- All of them --------------------------------------------------------------------------------- */

static void add_json(struct gaps *gaps, struct buf *out)
{
    json_t *json = json_pack("{s:O}", "gaps", gaps->list);

    look_add_json(json, out);
    json_decref(json);
}

static void add_text(struct gaps *gaps, struct buf *out)
{
    if (!print_table_end(&gaps->table, out)) {
        out->failed = true;
    } else if (gaps->count == 0) {
        out->len = 0; /* no headings without a row */
        buf_add_text(out, "No gap in the record is known.\n");
    }
    if (gaps->open > 0)
        buf_addf(out,
                 "%zu %s open. What was played then, Spotify sends on request: ask for the extended"
                 " streaming history at https://www.spotify.com/account/privacy and import it.\n",
                 gaps->open, gaps->open == 1 ? "gap is" : "gaps are");
}

static int print_gaps(const struct ctl_call *call, const struct config *config, struct store *store,
                      struct gaps *gaps, int64_t user_id, int64_t last)
{
    static const char *const headings[] = {"USER",  "FROM",    "TO",        "CERTAINTY",
                                           "CAUSE", "NOTICED", "FILLED BY", "FILE"};
    struct buf out = {0};
    enum store_result result;

    print_table_begin(&gaps->table, headings, sizeof(headings) / sizeof(headings[0]), 0);
    result = store_gaps_list(store, user_id, last, take_gap, gaps);
    if (gaps->list)
        add_json(gaps, &out);
    else
        add_text(gaps, &out);
    if (result != STORE_OK) {
        buf_free(&out, false);
        return reader_failed(call, config, store, result);
    }
    if (gaps->failed)
        out.failed = true;
    return print_out(&out);
}

/* -- The command --------------------------------------------------------------------------------- */

static bool find_user(const struct ctl_call *call, const json_t *users, int64_t *user_id)
{
    struct buf why = {0};
    const json_t *user;

    if (!call->option[OPTION_USER])
        return true;
    user = user_find(users, call->option[OPTION_USER], &why);
    if (user)
        *user_id = user_number(user);
    else
        print_error(call->command, "%s", why.data ? why.data : "out of memory");
    buf_free(&why, false);
    return user != NULL;
}

static int list(const struct ctl_call *call, const struct config *config, struct store *store,
                int64_t last)
{
    json_t *users = reader_users(store);
    struct gaps gaps = {.users = users, .list = call->option[OPTION_JSON] ? json_array() : NULL};
    int64_t user_id = 0;
    int status = EXIT_STATUS_USAGE;

    if (!users)
        status = reader_failed(call, config, store, STORE_IO);
    else if (call->option[OPTION_JSON] && !gaps.list)
        status = reader_failed(call, config, store, STORE_NOMEM);
    else if (find_user(call, users, &user_id))
        status = print_gaps(call, config, store, &gaps, user_id, last);
    json_decref(gaps.list);
    json_decref(users);
    return status;
}

int ctl_gaps(const struct ctl_call *call)
{
    const char *last = call->option[OPTION_LAST];
    struct store *store = NULL;
    struct config *config;
    int64_t count = 0;
    int status;

    if (last && (!text_int_parse(last, strlen(last), &count) || count <= 0)) {
        print_error(call->command, "--last %s: not a number from 1 on", last);
        return EXIT_STATUS_USAGE;
    }
    open_harden_process();
    config = local_config(call);
    if (!config)
        return EXIT_STATUS_CONFIG;
    status = reader_open(call, config, &store);
    if (status == EXIT_STATUS_OK)
        status = list(call, config, store, count);
    store_close(store);
    config_free(config);
    return status;
}
