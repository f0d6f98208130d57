/* SPDX-License-Identifier: MIT */
#include "import_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- rows -------------------------------------------------------------------------------------- */

static uint8_t *make_room(struct import_rows *rows)
{
    if (rows->cap - rows->len < ARCHIVE_RECORD_MAX) {
        rows->cap = rows->cap * 2 + 4 * ARCHIVE_RECORD_MAX;
        rows->data = realloc(rows->data, rows->cap);
        ck_assert_ptr_nonnull(rows->data);
    }
    return rows->data + rows->len;
}

void import_add(struct import_rows *rows, int64_t ended_at, int track)
{
    static struct archive_row row;

    row = (struct archive_row){.form = ARCHIVE_FORM_LONG,
                               .row_no = (int64_t)rows->len + 1,
                               .ended_at = ended_at,
                               .ms_played = 180000,
                               .kind = ARCHIVE_TRACK,
                               .shuffle = ARCHIVE_NO,
                               .skipped = ARCHIVE_NO,
                               .offline = ARCHIVE_NO,
                               .incognito = ARCHIVE_NO,
                               .offline_at = CLOCK_NO_TIME};
    snprintf(row.uri, sizeof(row.uri), "spotify:track:%022d", track);
    snprintf(row.name, sizeof(row.name), "Title %d", track);
    snprintf(row.artist, sizeof(row.artist), "Artist %d", track % 10);
    snprintf(row.album, sizeof(row.album), "Album %d", track % 20);
    snprintf(row.reason_start, sizeof(row.reason_start), "trackdone");
    snprintf(row.reason_end, sizeof(row.reason_end), "trackdone");
    snprintf(row.platform, sizeof(row.platform), "linux");
    snprintf(row.country, sizeof(row.country), "SE");
    rows->len += archive_record_put_row(make_room(rows), &row);
}

void import_add_rejected(struct import_rows *rows, int64_t row_no, enum archive_reject reason)
{
    struct archive_rejected rejected = {.reason = reason, .row_no = row_no, .excerpt = "{}"};

    rows->len += archive_record_put_rejected(make_room(rows), &rejected);
}

struct import_rows import_many(int count, int64_t from, int64_t step)
{
    struct import_rows rows = {0};

    for (int i = 0; i < count; i++)
        import_add(&rows, from + i * step, i % 50 + 1);
    return rows;
}

/* -- the transfer ------------------------------------------------------------------------------ */

const char *import_path(const char *id, const char *action)
{
    static char paths[4][80];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "/v1/imports/%s%s", id, action);
    return path;
}

const char *import_open(int account, const char *hash)
{
    static char id[40];
    json_t *json =
        control_expect(201, "POST", "/v1/imports",
                       "{'user':%lld,'file':'export.json','hash':'%s','form':'long','version':%d}",
                       (long long)db_user(account),
                       hash ? hash : "0123456789abcdef0123456789abcdef", ARCHIVE_RECORD_VERSION);

    snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(json, "id")));
    json_decref(json);
    return id;
}

json_t *import_send(const char *id, const void *bytes, size_t len, long expected)
{
    long status = 0;
    json_t *json =
        control_send(&status, import_path(id, "/rows"), "application/octet-stream", bytes, len);

    if (status != expected) {
        char *text = json_dumps(json, JSON_COMPACT);

        ck_abort_msg("%zu bytes: %ld instead of %ld: %s", len, status, expected, text);
    }
    return json;
}

void import_send_all(const char *id, const struct import_rows *rows)
{
    size_t from = 0, to = 0;

    while (to < rows->len) {
        size_t length = archive_record_length(rows->data + to, rows->len - to);

        if (to + length - from > IMPORT_PIECE) {
            json_decref(import_send(id, rows->data + from, to - from, 200));
            from = to;
        }
        to += length;
    }
    if (to > from)
        json_decref(import_send(id, rows->data + from, to - from, 200));
}

void import_start(const char *id)
{
    json_decref(control_expect(202, "POST", import_path(id, "/start"), "{}"));
}

const char *import_begin(int account, const char *hash, struct import_rows rows)
{
    const char *id = import_open(account, hash);

    import_send_all(id, &rows);
    free(rows.data);
    import_start(id);
    return id;
}

/* -- looking ----------------------------------------------------------------------------------- */

const char *import_text(const char *id, const char *key)
{
    static char text[400];
    json_t *json = control_expect(200, "GET", import_path(id, ""), NULL);
    const char *value = json_string_value(json_object_get(json, key));

    snprintf(text, sizeof(text), "%s", value ? value : "");
    json_decref(json);
    return text;
}

int64_t import_number(const char *id, const char *key)
{
    json_t *json = control_expect(200, "GET", import_path(id, ""), NULL);
    int64_t value = json_integer_value(json_object_get(json, key));

    json_decref(json);
    return value;
}

void import_expect_end(const char *id, const char *end)
{
    harness_wait_until(strcmp(import_text(id, "stage"), "done") == 0);
    if (strcmp(import_text(id, "end"), end) != 0)
        ck_abort_msg("it did not end with %s: %s", end, import_text(id, "error"));
}

const char *import_code(json_t *refusal)
{
    static char code[40];
    const char *value =
        json_string_value(json_object_get(json_object_get(refusal, "error"), "code"));

    snprintf(code, sizeof(code), "%s", value ? value : "");
    json_decref(refusal);
    return code;
}
