/* SPDX-License-Identifier: MIT */
/* Imports at the control interface: opened, fed with rows, started, looked at, undone. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "capture/importing.h"
#include "web/control.h"

#define FILE_NAME_MAX 511 /* bytes */
#define HASH_DIGITS ((size_t)2 * VAULT_DIGEST_SIZE)

/* -- answers ----------------------------------------------------------------------------------- */

static json_t *reasons_json(const struct archive_import_counts *counts)
{
    json_t *json = json_object();

    for (int reason = 0; json && reason < ARCHIVE_REJECTS; reason++) {
        if (counts->by_reason[reason] > 0 &&
            json_object_set_new(json, archive_reject_name((enum archive_reject)reason),
                                json_integer(counts->by_reason[reason])) != 0) {
            json_decref(json);
            json = NULL;
        }
    }
    return json;
}

static const char *time_or_null(int64_t ms, char text[static TEXT_TIME_SIZE])
{
    return ms == CLOCK_NO_TIME ? NULL : text_time_format(ms, text);
}

static json_t *error_json(const struct importing_status *status)
{
    char line[sizeof(status->error) * 4];

    return status->error[0]
               ? json_string(text_line(status->error, strlen(status->error), line, sizeof(line)))
               : json_null();
}

static json_t *import_json(const char *id, const struct importing_status *status)
{
    static const char *const stages[] = {[IMPORTING_RECEIVING] = "receiving",
                                         [IMPORTING_WAITING] = "waiting",
                                         [IMPORTING_WORKING] = "working",
                                         [IMPORTING_DONE] = "done"};
    static const char *const ends[] = {[ARCHIVE_IMPORT_STORED] = "stored",
                                       [ARCHIVE_IMPORT_KNOWN] = "known",
                                       [ARCHIVE_IMPORT_FAILED] = "failed"};
    const struct archive_import_counts *counts = &status->counts;
    bool done = status->stage == IMPORTING_DONE;
    bool numbered = done && status->end != ARCHIVE_IMPORT_FAILED;
    char first[TEXT_TIME_SIZE], last[TEXT_TIME_SIZE];

    return json_pack("{s:s,s:s,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:s?,s:s?,s:I,s:o,s:s?,s:o}", //
                     "id", id,                                                               //
                     "stage", stages[status->stage],                                         //
                     "undoing", status->undoing,                                             //
                     "received", (json_int_t)status->rows_received,                          //
                     "rows", (json_int_t)counts->rows,                                       //
                     "added", (json_int_t)counts->added,                                     //
                     "matched", (json_int_t)counts->matched,                                 //
                     "duplicate", (json_int_t)counts->duplicate,                             //
                     "rejected", (json_int_t)counts->rejected,                               //
                     "reasons", reasons_json(counts),                                        //
                     "first_at", time_or_null(counts->first_at, first),                      //
                     "last_at", time_or_null(counts->last_at, last),                         //
                     "gaps_filled", (json_int_t)counts->gaps_filled,                         //
                     "import", numbered ? json_integer(status->import_id) : json_null(),     //
                     "end", done ? ends[status->end] : NULL,                                 //
                     "error", error_json(status));
}

static void refuse(struct web_request *request, struct web *web, const char *id,
                   enum importing_result result)
{
    struct importing_status status;

    switch (result) {
    case IMPORTING_BUSY:
        control_refuse(request, 409, "busy",
                       "another import is under way, or the daemon stops; try again in a moment");
        break;
    case IMPORTING_NO_USER:
        control_refuse(request, 404, NULL, "there is no such user");
        break;
    case IMPORTING_NO_IMPORT:
        control_refuse(request, 404, NULL, "there is no such import (any more)");
        break;
    case IMPORTING_TOO_LATE:
        control_refuse(request, 409, NULL, "this import was started already, or given up");
        break;
    case IMPORTING_UNSOUND:
        control_refuse(request, 400, NULL,
                       "these are no whole records, or they are not in the order of their moments");
        break;
    case IMPORTING_TOO_LARGE:
        control_refuse(request, 413, NULL, "the rows of one file have %lld bytes at most",
                       (long long)IMPORTING_BYTES_MAX);
        break;
    case IMPORTING_NO_SPACE:
        if (recorder_import_status(web->recorder, id, &status) != IMPORTING_OK)
            status.error[0] = '\0';
        control_refuse(request, 503, NULL, "%s", status.error);
        break;
    case IMPORTING_OK:
    case IMPORTING_NO_MEMORY:
        control_refuse(request, 500, NULL, "no memory");
        break;
    }
}

/* The import as it stands now, or why what was asked for was not done. */
static void answer(struct web_request *request, struct web *web, int status, const char *id,
                   enum importing_result result)
{
    struct importing_status import;

    if (result == IMPORTING_OK)
        result = recorder_import_status(web->recorder, id, &import);
    if (result == IMPORTING_OK)
        control_answer(request, status, import_json(id, &import));
    else
        refuse(request, web, id, result);
}

/* -- opening ----------------------------------------------------------------------------------- */

/* The number of a key that must be there; 0: it is not, or none above 0. */
static int64_t get_number(const json_t *body, const char *key)
{
    const json_t *value = json_object_get(body, key);

    return json_is_integer(value) && json_integer_value(value) > 0 ? json_integer_value(value) : 0;
}

/* "" if it is not there, or no text. */
static const char *get_text(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));

    return text ? text : "";
}

static bool is_file_name(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= FILE_NAME_MAX && text_printable(text, len);
}

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_DIGITS && strspn(text, "0123456789abcdef") == HASH_DIGITS;
}

static enum archive_form form_of(const char *text)
{
    if (strcmp(text, "long") == 0)
        return ARCHIVE_FORM_LONG;
    return strcmp(text, "short") == 0 ? ARCHIVE_FORM_SHORT : ARCHIVE_FORM_UNKNOWN;
}

/* What is wrong, NULL: nothing. The texts stay body's. */
static const char *read_options(const json_t *body, struct archive_import_options *options)
{
    *options = (struct archive_import_options){.user_id = get_number(body, "user"),
                                               .file = get_text(body, "file"),
                                               .hash = get_text(body, "hash"),
                                               .form = form_of(get_text(body, "form")),
                                               .now = clock_wall_ms()};
    if (get_number(body, "version") != ARCHIVE_RECORD_VERSION)
        return "version must be that of the daemon: the command and the daemon are not of the same "
               "version";
    if (options->user_id == 0)
        return "user must be the number of a user";
    if (!is_file_name(options->file))
        return "file must be a name of 1 to 511 bytes without control characters";
    if (!is_hash(options->hash))
        return "hash must be 32 lower-case hexadecimal digits";
    return options->form == ARCHIVE_FORM_UNKNOWN ? "form must be long or short" : NULL;
}

void control_post_imports(struct web_request *request, void *context)
{
    static const char *const keys[] = {"user", "file", "hash", "form", "version", NULL};
    struct web *web = context;
    json_t *body = control_body(request, keys);
    struct archive_import_options options;
    char id[IMPORTING_ID_SIZE] = "";
    const char *problem;

    if (!body)
        return;
    problem = read_options(body, &options);
    if (problem)
        control_refuse(request, 400, NULL, "%s", problem);
    else
        answer(request, web, 201, id, recorder_import_open(web->recorder, &options, id));
    json_decref(body);
}

/* -- one of them ------------------------------------------------------------------------------- */

static bool is_bytes_type(const char *type)
{
    static const char bytes[] = "application/octet-stream";

    return !type || strcasecmp(type, bytes) == 0;
}

static void post_rows(struct web_request *request, struct web *web, const char *id)
{
    size_t len;
    const char *rows = web_request_body(request, &len);

    if (!is_bytes_type(web_request_header(request, "Content-Type")))
        control_refuse(request, 415, NULL, "the body must be application/octet-stream");
    else
        answer(request, web, 200, id, recorder_import_rows(web->recorder, id, rows, len));
}

/* Said before it is done: what the recorder has to say of it comes behind. */
static void log_start(struct web_request *request, struct web *web, const char *id)
{
    struct importing_status status;
    char file[120];

    if (recorder_import_status(web->recorder, id, &status) == IMPORTING_OK &&
        status.stage == IMPORTING_RECEIVING)
        control_log(request, "imports %s for user %lld",
                    text_excerpt(status.file, strlen(status.file), file, sizeof(file)),
                    (long long)status.user_id);
}

static void log_cancel(struct web_request *request, struct web *web, const char *id)
{
    struct importing_status status;

    if (recorder_import_status(web->recorder, id, &status) == IMPORTING_OK &&
        status.stage != IMPORTING_DONE)
        control_log(request, "gives up an import");
}

/* A body that says nothing: {}. */
static bool has_empty_body(struct web_request *request)
{
    static const char *const keys[] = {NULL};
    json_t *body = control_body(request, keys);

    json_decref(body);
    return body;
}

static void post_start(struct web_request *request, struct web *web, const char *id)
{
    if (!has_empty_body(request))
        return;
    log_start(request, web, id);
    answer(request, web, 202, id, recorder_import_start(web->recorder, id));
}

static void post_cancel(struct web_request *request, struct web *web, const char *id)
{
    if (!has_empty_body(request))
        return;
    log_cancel(request, web, id);
    answer(request, web, 200, id, recorder_import_cancel(web->recorder, id));
}

static void get_import(struct web_request *request, struct web *web, const char *id)
{
    answer(request, web, 200, id, IMPORTING_OK);
}

/* /v1/imports/ID and what is below it */
void control_handle_import(struct web_request *request, void *context)
{
    static const struct {
        const char *name;
        enum web_method method;
        void (*handle)(struct web_request *request, struct web *web, const char *id);
    } actions[] = {{"", WEB_GET, get_import},
                   {"/rows", WEB_POST, post_rows},
                   {"/start", WEB_POST, post_start},
                   {"/cancel", WEB_POST, post_cancel}};
    const char *rest = web_request_rest(request);
    size_t len = strcspn(rest, "/");
    char id[IMPORTING_ID_SIZE] = "";

    if (len == IMPORTING_ID_SIZE - 1)
        memcpy(id, rest, len);
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(rest + len, actions[i].name) == 0) {
            if (control_method(request, actions[i].method))
                actions[i].handle(request, context, id);
            return;
        }
    }
    control_refuse(request, 404, NULL, "there is no such address");
}

/* -- undoing ----------------------------------------------------------------------------------- */

void control_post_undo(struct web_request *request, void *context)
{
    static const char *const keys[] = {"import", NULL};
    struct web *web = context;
    json_t *body = control_body(request, keys);
    int64_t number = get_number(body, "import");
    char id[IMPORTING_ID_SIZE] = "";
    enum importing_result result;

    if (!body)
        return;
    json_decref(body);
    if (number == 0) {
        control_refuse(request, 400, NULL, "import must be the number of an import");
        return;
    }
    result = recorder_import_undo(web->recorder, number, id);
    if (result == IMPORTING_OK)
        control_log(request, "undoes import %lld", (long long)number);
    answer(request, web, 202, id, result);
}
