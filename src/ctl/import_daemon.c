/* SPDX-License-Identifier: MIT */
/* Imports through the running daemon: doc/control.md, "import". */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/text.h"
#include "ctl/fields.h"
#include "ctl/import.h"
#include "ctl/reader.h"

#define PIECE_SIZE 262144 /* most bytes of one request */
#define BUSY_EVERY_MS 1000
#define LOOK_FIRST_MS 20
#define LOOK_LATER_MS 250
#define TARGET_SIZE 120
#define BUSY "another import, or a user's removal, is under way"

/* -- What it says -------------------------------------------------------------------------------- */

static int64_t time_of(const json_t *json, const char *key)
{
    const char *text = field_text(json, key, NULL);
    int64_t ms;

    return text && text_time_parse(text, strlen(text), &ms) ? ms : CLOCK_NO_TIME;
}

static void read_counts(const json_t *json, struct archive_import_counts *counts)
{
    const json_t *reasons = json_object_get(json, "reasons");

    *counts = (struct archive_import_counts){
        .rows = field_number(json, "rows", 0),
        .added = field_number(json, "added", 0),
        .matched = field_number(json, "matched", 0),
        .duplicate = field_number(json, "duplicate", 0),
        .rejected = field_number(json, "rejected", 0),
        .gaps_filled = field_number(json, "gaps_filled", 0),
        .first_at = time_of(json, "first_at"),
        .last_at = time_of(json, "last_at"),
    };
    for (int i = ARCHIVE_ACCEPTED + 1; i < ARCHIVE_REJECTS; i++)
        counts->by_reason[i] =
            field_number(reasons, archive_reject_name((enum archive_reject)i), 0);
}

bool import_daemon_read(const json_t *json, struct import_end *end)
{
    const char *word = field_text(json, "end", "");

    *end = (struct import_end){.end = ARCHIVE_IMPORT_MORE};
    read_counts(json, &end->counts);
    end->import_id = field_number(json, "import", 0);
    if (strcmp(field_text(json, "stage", ""), "done") != 0)
        return false;
    if (strcmp(word, "stored") == 0) {
        end->end = ARCHIVE_IMPORT_STORED;
    } else if (strcmp(word, "known") == 0) {
        end->end = ARCHIVE_IMPORT_KNOWN;
    } else {
        end->end = ARCHIVE_IMPORT_FAILED;
        end->status = EXIT_STATUS_TEMPFAIL; /* nothing has changed */
        snprintf(end->error, sizeof(end->error), "%s",
                 field_text(json, "error", "the daemon does not say why"));
    }
    return true;
}

/* -- Asking it ----------------------------------------------------------------------------------- */

static void ask(const struct import_sink *sink, const char *target, const char *body,
                struct client_answer *answer)
{
    struct client_request request = {
        .socket = sink->place->config->control.socket, .target = target, .body = body};

    client_call(&request, answer);
}

/* About the one under way; action "": how it stands. */
static void ask_about(const struct import_sink *sink, const char *action,
                      struct client_answer *answer)
{
    char target[TARGET_SIZE];

    snprintf(target, sizeof(target), "/v1/imports/%s%s", sink->id, action);
    ask(sink, target, *action ? "{}" : NULL, answer);
}

static int failed(struct import_sink *sink, const struct client_answer *answer)
{
    if (answer->result == CLIENT_ABSENT)
        import_watch_say(sink->watch, "the daemon has ended meanwhile");
    else
        import_watch_say(sink->watch, "%s", answer->message);
    return answer->result == CLIENT_ABSENT ? EXIT_STATUS_TEMPFAIL : client_exit_status(answer);
}

/* Gives up what is under way. True if it was done before that. tell: says when it cannot be known.
 */
static bool cancel(struct import_sink *sink, bool tell, struct import_end *end)
{
    struct client_answer answer;
    bool done;

    ask_about(sink, "/cancel", &answer);
    if (answer.result != CLIENT_OK && tell)
        (void)failed(sink, &answer);
    done = answer.result == CLIENT_OK && import_daemon_read(answer.json, end) &&
           end->end != ARCHIVE_IMPORT_FAILED;
    client_answer_free(&answer);
    return done;
}

/* POSTs what opens something, waiting as long as something else is under way. */
static int open_one(struct import_sink *sink, const char *target, const char *body)
{
    struct client_answer answer;
    int status;
    bool busy;

    for (;;) {
        ask(sink, target, body, &answer);
        status = client_exit_status(&answer);
        busy = answer.result == CLIENT_REFUSED && strcmp(answer.code, "busy") == 0;
        if (status == EXIT_STATUS_OK)
            snprintf(sink->id, sizeof(sink->id), "%s", field_text(answer.json, "id", ""));
        else if (!busy)
            status = failed(sink, &answer);
        client_answer_free(&answer);
        if (!busy)
            return status;
        import_watch_wait(sink->watch, BUSY, BUSY_EVERY_MS);
        if (reader_stop)
            return EXIT_STATUS_TEMPFAIL;
    }
}

/* -- Handing in ---------------------------------------------------------------------------------- */

static int open_import(struct import_sink *sink, const struct archive_import_options *options)
{
    json_t *json = json_pack("{s:I,s:s,s:s,s:s,s:i}", "user", (json_int_t)options->user_id, "file",
                             options->file, "hash", options->hash, "form",
                             import_form_name(options->form), "version", ARCHIVE_RECORD_VERSION);
    char *body = json ? json_dumps(json, JSON_COMPACT) : NULL;
    int status = EXIT_STATUS_SOFTWARE;

    if (body)
        status = open_one(sink, "/v1/imports", body);
    else
        import_watch_say(sink->watch, "out of memory");
    free(body);
    json_decref(json);
    return status;
}

static int send_piece(struct import_sink *sink, struct buf *piece)
{
    char target[TARGET_SIZE];
    struct client_request request = {.socket = sink->place->config->control.socket,
                                     .target = target,
                                     .body_data = piece->data,
                                     .body_len = piece->len,
                                     .body_type = "application/octet-stream"};
    struct client_answer answer;
    int status = EXIT_STATUS_OK;

    if (piece->len == 0)
        return EXIT_STATUS_OK;
    snprintf(target, sizeof(target), "/v1/imports/%s/rows", sink->id);
    client_call(&request, &answer);
    if (answer.result != CLIENT_OK)
        status = failed(sink, &answer);
    client_answer_free(&answer);
    buf_clear(piece, false);
    import_watch_draw(sink->watch);
    return reader_stop ? EXIT_STATUS_TEMPFAIL : status;
}

static int send_rows(struct import_sink *sink, struct archive_intake *intake)
{
    struct archive_supply supply = archive_intake_supply(intake);
    struct buf piece = {.limit = PIECE_SIZE};
    int status = EXIT_STATUS_OK;
    const uint8_t *record;
    bool lost = false;
    size_t len;

    while (status == EXIT_STATUS_OK &&
           (record = supply.next(supply.context, &len, &lost)) != NULL) {
        if (piece.len + len > PIECE_SIZE)
            status = send_piece(sink, &piece);
        if (status == EXIT_STATUS_OK && !buf_add(&piece, record, len)) {
            import_watch_say(sink->watch, "out of memory");
            status = EXIT_STATUS_SOFTWARE;
        }
    }
    if (status == EXIT_STATUS_OK && lost) {
        import_watch_say(sink->watch, "%s", archive_intake_supply_error(intake));
        status = EXIT_STATUS_IO;
    }
    if (status == EXIT_STATUS_OK)
        status = send_piece(sink, &piece);
    buf_free(&piece, false);
    return status;
}

static int start(struct import_sink *sink)
{
    struct client_answer answer;
    int status = EXIT_STATUS_OK;

    ask_about(sink, "/start", &answer);
    if (answer.result != CLIENT_OK && answer.result != CLIENT_LOST) /* it may have begun */
        status = failed(sink, &answer);
    client_answer_free(&answer);
    return status;
}

int import_daemon_begin(struct import_sink *sink, struct archive_intake *intake,
                        const struct archive_import_options *options)
{
    struct import_end end;
    int status = open_import(sink, options);

    if (status != EXIT_STATUS_OK)
        return status;
    status = send_rows(sink, intake);
    if (status == EXIT_STATUS_OK)
        status = start(sink);
    if (status != EXIT_STATUS_OK)
        (void)cancel(sink, false, &end);
    return status;
}

int import_daemon_undo(struct import_sink *sink, int64_t import_id)
{
    char body[64];

    snprintf(body, sizeof(body), "{\"import\": %" PRId64 "}", import_id);
    return open_one(sink, "/v1/undo-import", body);
}

/* -- Waiting ------------------------------------------------------------------------------------- */

static void note_progress(struct import_sink *sink, const struct import_end *end)
{
    struct import_meter *meter = &sink->watch->meter;

    meter->rows = sink->rows_before + end->counts.rows;
    if (sink->records > 0)
        meter->stored =
            sink->stored_before +
            (int64_t)((double)sink->size * (double)end->counts.rows / (double)sink->records);
    import_watch_draw(sink->watch);
}

int import_daemon_wait(struct import_sink *sink, struct import_end *end)
{
    int status = EXIT_STATUS_OK, pause = LOOK_FIRST_MS;
    bool done = false;

    while (!done) {
        struct client_answer answer;

        if (reader_stop)
            return cancel(sink, true, end) ? EXIT_STATUS_OK : EXIT_STATUS_TEMPFAIL;
        ask_about(sink, "", &answer);
        if (answer.result == CLIENT_OK)
            done = import_daemon_read(answer.json, end);
        else
            status = failed(sink, &answer);
        client_answer_free(&answer);
        if (status != EXIT_STATUS_OK)
            return status == EXIT_STATUS_USAGE ? EXIT_STATUS_TEMPFAIL : status; /* it was dropped */
        note_progress(sink, end);
        if (!done)
            (void)poll(NULL, 0, pause);
        pause = pause < LOOK_LATER_MS ? 2 * pause : LOOK_LATER_MS;
    }
    return EXIT_STATUS_OK;
}
