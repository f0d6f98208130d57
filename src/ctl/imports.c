/* SPDX-License-Identifier: MIT */
#include "store/imports.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

enum { OPTION_USER, OPTION_LAST, OPTION_REJECTS, OPTION_JSON };

const struct ctl_option ctl_imports_options[] = {
    [OPTION_USER] = {"user", "USER", "imports for this user only", 0},
    [OPTION_LAST] = {"last", "N", "the newest N only", 'n'},
    [OPTION_REJECTS] = {"rejects", NULL, "list the rows of IMPORT that were not taken", 0},
    [OPTION_JSON] = {"json", NULL, "print JSON", 0},
    {NULL, NULL, NULL, 0},
};

/* What is asked for. */
struct wish {
    int64_t import_id; /* 0: all */
    int64_t user_id;   /* 0: of all */
    int64_t last;      /* 0: all */
};

/* -- Rejected rows ------------------------------------------------------------------------------- */

struct rejects {
    struct buf out;
    json_t *list; /* NULL: text is wanted */
};

static void add_reject(const struct store_import_reject *reject, void *context)
{
    struct rejects *rejects = context;

    if (rejects->list) {
        json_t *row = json_pack("{s:I,s:s,s:s}", "row", (json_int_t)reject->row_no, "reason",
                                reject->reason, "excerpt", reject->excerpt);

        if (json_array_append_new(rejects->list, row) < 0)
            rejects->out.failed = true;
        return;
    }
    buf_addf(&rejects->out, "row %" PRId64 ": ", reject->row_no);
    print_text(&rejects->out, import_reject_words(reject->reason));
    if (reject->excerpt[0]) {
        buf_add_text(&rejects->out, ": ");
        print_text(&rejects->out, reject->excerpt);
    }
    buf_add_text(&rejects->out, "\n");
}

static int print_rejects(const struct ctl_call *call, const struct config *config,
                         struct store *store, int64_t import_id)
{
    struct rejects rejects = {.list = call->option[OPTION_JSON] ? json_array() : NULL};
    enum store_result result = store_import_rejects(store, import_id, add_reject, &rejects);
    json_t *json = NULL;

    if (result != STORE_OK) {
        json_decref(rejects.list);
        buf_free(&rejects.out, false);
        return reader_failed(call, config, store, result);
    }
    if (rejects.list) {
        json = json_pack("{s:I,s:o}", "import", (json_int_t)import_id, "rejects", rejects.list);
        look_add_json(json, &rejects.out);
        json_decref(json);
    } else if (rejects.out.len == 0) {
        buf_addf(&rejects.out, "All rows of import %" PRId64 " were taken.\n", import_id);
    }
    return print_out(&rejects.out);
}

/* -- The list ------------------------------------------------------------------------------------ */

static const json_t *user_of(const json_t *users, int64_t user_id)
{
    const json_t *user;
    size_t at;

    json_array_foreach (users, at, user)
        if (user_number(user) == user_id)
            return user;
    return NULL;
}

static const char *name_of(const json_t *user)
{
    const char *name = field_text(user, "name", "");

    return *name ? name : field_text(user, "spotify_id", "?");
}

static const char *form_of(const struct store_import *import)
{
    return strcmp(import->source, "extended") == 0 ? "long" : "short";
}

/* A moment as a cell: "2026-11-22 18:00", or its day only. */
static const char *time_cell(int64_t at, bool day, char text[static PRINT_TIME_SIZE])
{
    char time[TEXT_TIME_SIZE];

    if (at == STORE_NO_TIME || strcmp(print_time(text_time_format(at, time), "", text), "") == 0)
        return "";
    if (day)
        text[strcspn(text, " ")] = '\0';
    return text;
}

static void add_row(struct print_table *table, const struct store_import *import,
                    const json_t *users)
{
    const int64_t numbers[] = {import->import_id, import->row_count, import->added,
                               import->matched,   import->duplicate, import->rejected};
    char text[6][24], name[PRINT_CELL_SIZE];
    char when[PRINT_TIME_SIZE], first[PRINT_TIME_SIZE], last[PRINT_TIME_SIZE];
    const char *cells[] = {
        text[0],
        name_of(user_of(users, import->user_id)),
        form_of(import),
        time_cell(import->started_at, false, when),
        text[1],
        text[2],
        text[3],
        text[4],
        text[5],
        time_cell(import->first_at, true, first),
        time_cell(import->last_at, true, last),
        import_name_cell(import->file, name),
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        snprintf(text[i], sizeof(text[i]), "%" PRId64, numbers[i]);
    print_table_add(table, cells);
}

static void add_table(const struct store_import *imports, size_t count, const json_t *users,
                      struct buf *out)
{
    static const char *const headings[] = {"IMPORT",   "USER",  "FORM",    "WHEN",
                                           "READ",     "NEW",   "MATCHED", "DUPLICATE",
                                           "REJECTED", "FIRST", "LAST",    "FILE"};
    struct print_table table;

    print_table_begin(&table, headings, sizeof(headings) / sizeof(headings[0]),
                      1U << 0 | 1U << 4 | 1U << 5 | 1U << 6 | 1U << 7 | 1U << 8);
    table.cut = 1U << 1 | 1U << 11;
    table.dim = 1U << 2 | 1U << 3 | 1U << 11;
    for (size_t i = 0; i < count; i++)
        add_row(&table, &imports[i], users);
    if (!print_table_end(&table, out))
        out->failed = true;
}

static json_t *time_json(int64_t at)
{
    char time[TEXT_TIME_SIZE];

    return at == STORE_NO_TIME ? json_null() : json_string(text_time_format(at, time));
}

static json_t *import_json(const struct store_import *import)
{
    return json_pack("{s:I,s:I,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I}", "import",
                     (json_int_t)import->import_id, "user", (json_int_t)import->user_id, "file",
                     import->file, "hash", import->hash, "form", form_of(import), "started_at",
                     time_json(import->started_at), "finished_at", time_json(import->finished_at),
                     "first_at", time_json(import->first_at), "last_at", time_json(import->last_at),
                     "read", (json_int_t)import->row_count, "new", (json_int_t)import->added,
                     "matched", (json_int_t)import->matched, "duplicate",
                     (json_int_t)import->duplicate, "rejected", (json_int_t)import->rejected);
}

static json_t *list_json(const struct store_import *imports, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < count; i++)
        if (json_array_append_new(list, import_json(&imports[i])) < 0) {
            json_decref(list);
            list = NULL;
        }
    return json_pack("{s:o}", "imports", list);
}

/* Keeps those that are asked for; how many. */
static size_t choose(struct store_import *imports, size_t count, const struct wish *wish)
{
    size_t kept = 0, surplus;

    for (size_t i = 0; i < count; i++)
        if ((wish->import_id == 0 || imports[i].import_id == wish->import_id) &&
            (wish->user_id == 0 || imports[i].user_id == wish->user_id))
            imports[kept++] = imports[i];
    surplus = wish->last > 0 && kept > (size_t)wish->last ? kept - (size_t)wish->last : 0;
    if (surplus > 0)
        memmove(imports, imports + surplus, (kept - surplus) * sizeof(*imports));
    return kept - surplus;
}

static int print_imports(const struct ctl_call *call, const struct store_import *imports,
                         size_t count, const json_t *users)
{
    struct buf out = {0};
    json_t *json = NULL;

    if (call->option[OPTION_JSON]) {
        json = list_json(imports, count);
        look_add_json(json, &out);
        json_decref(json);
    } else if (count > 0) {
        add_table(imports, count, users, &out);
    } else {
        buf_add_text(&out, "Nothing was imported yet: spotify-historyctl import FILE\n");
    }
    return print_out(&out);
}

/* -- The command --------------------------------------------------------------------------------- */

static bool read_number(const char *text, int64_t *number)
{
    return text_int_parse(text, strlen(text), number) && *number > 0;
}

static bool read_wish(const struct ctl_call *call, struct wish *wish)
{
    const char *number = call->operand_count > 0 ? call->operands[0] : NULL;
    const char *last = call->option[OPTION_LAST];

    if (number && !read_number(number, &wish->import_id)) {
        print_error(call->command, "%s is no import: without it all are listed with their numbers",
                    number);
        return false;
    }
    if (last && !read_number(last, &wish->last)) {
        print_error(call->command, "--last %s: not a number from 1 on", last);
        return false;
    }
    if (call->option[OPTION_REJECTS] && wish->import_id == 0) {
        print_error(call->command, "--rejects: which import?");
        return false;
    }
    return true;
}

static bool find_user(const struct ctl_call *call, const json_t *users, struct wish *wish)
{
    struct buf why = {0};
    const json_t *user;

    if (!call->option[OPTION_USER])
        return true;
    user = user_find(users, call->option[OPTION_USER], &why);
    if (user)
        wish->user_id = user_number(user);
    else
        print_error(call->command, "%s", why.data ? why.data : "out of memory");
    buf_free(&why, false);
    return user != NULL;
}

static int list(const struct ctl_call *call, const struct config *config, struct store *store,
                struct wish *wish)
{
    struct store_import *imports = NULL;
    json_t *users = reader_users(store);
    size_t count = 0;
    enum store_result result = store_imports_load(store, &imports, &count);
    int status = EXIT_STATUS_OK;

    if (!users || result != STORE_OK) {
        status = reader_failed(call, config, store, result != STORE_OK ? result : STORE_IO);
    } else if (!find_user(call, users, wish)) {
        status = EXIT_STATUS_USAGE;
    } else {
        count = choose(imports, count, wish);
        if (wish->import_id != 0 && count == 0) {
            print_error(call->command, "there is no import %" PRId64, wish->import_id);
            status = EXIT_STATUS_USAGE;
        } else if (call->option[OPTION_REJECTS]) {
            status = print_rejects(call, config, store, wish->import_id);
        } else {
            status = print_imports(call, imports, count, users);
        }
    }
    free(imports);
    json_decref(users);
    return status;
}

int ctl_imports(const struct ctl_call *call)
{
    struct wish wish = {0};
    struct store *store = NULL;
    struct config *config;
    int status;

    if (!read_wish(call, &wish))
        return EXIT_STATUS_USAGE;
    open_harden_process();
    config = local_config(call);
    if (!config)
        return EXIT_STATUS_CONFIG;
    status = reader_open(call, config, &store);
    if (status == EXIT_STATUS_OK)
        status = list(call, config, store, &wish);
    store_close(store);
    config_free(config);
    return status;
}
