/* SPDX-License-Identifier: MIT */
/*
 * archive/decode: from tokens to rows.
 */
#include "archive/decode.h"

#include <stdlib.h>
#include <string.h>

#include "archive/decode_private.h"

/* What the next token belongs to. */
enum phase {
    PHASE_BETWEEN, /* before the first value of the file, or behind one: blanks, or another one */
    PHASE_TOP,     /* the first token of a value of the file */
    PHASE_LIST,    /* an element of an array, or its end */
    PHASE_ROW,     /* a key of a row, or its end */
    PHASE_VALUE,   /* the value of decoder->key */
    PHASE_SKIP     /* inside something that is not looked at */
};

#define STEP_NONE ((enum archive_step) - 1) /* nothing to tell yet */

struct archive_decoder {
    struct json_pull *pull;
    int64_t now_ms;

    const char *chunk;
    size_t chunk_len;
    size_t chunk_at; /* of the chunk, behind the last value; in PHASE_BETWEEN only */
    bool last;
    uint64_t before; /* bytes of the chunks before this one */
    uint64_t base;   /* bytes before the value under way, which has a tokeniser begun anew */

    enum phase phase;
    bool in_list; /* the row under way is an element of an array */
    int key;
    size_t skip_depth; /* PHASE_SKIP ends when the depth is back to it */
    enum phase after_skip;
    int64_t row_no;
    uint64_t repaired; /* in values before the one under way */

    enum archive_form form; /* UNKNOWN: no row has told it */
    /* Elements before the row that told the form, and that row if it was rejected. */
    struct archive_rejected strange[ARCHIVE_STRANGE_MAX + 1];
    size_t strange_count, strange_given;
    bool row_held; /* the row that told it waits until they are told */

    struct archive_rejected rejected;
    enum archive_step ended; /* ERROR, END or NOT_HISTORY once one of them was reached */
    const char *error;
    uint64_t error_at;

    struct archive_draft draft;
};

struct archive_decoder *archive_decoder_new(int64_t now_ms)
{
    struct archive_decoder *decoder = calloc(1, sizeof(*decoder));

    if (decoder == NULL)
        return NULL;
    decoder->pull = json_pull_new();
    if (decoder->pull == NULL) {
        free(decoder);
        return NULL;
    }
    json_pull_repair(decoder->pull);
    decoder->now_ms = now_ms;
    archive_decoder_reset(decoder);
    return decoder;
}

void archive_decoder_free(struct archive_decoder *decoder)
{
    if (decoder == NULL)
        return;
    json_pull_free(decoder->pull);
    free(decoder);
}

void archive_decoder_reset(struct archive_decoder *decoder)
{
    json_pull_reset(decoder->pull);
    decoder->chunk = "";
    decoder->chunk_len = decoder->chunk_at = 0;
    decoder->last = false;
    decoder->before = decoder->base = 0;
    decoder->phase = PHASE_TOP;
    decoder->in_list = false;
    decoder->row_no = 0;
    decoder->repaired = 0;
    decoder->form = ARCHIVE_FORM_UNKNOWN;
    decoder->strange_count = decoder->strange_given = 0;
    decoder->row_held = false;
    decoder->ended = STEP_NONE;
    decoder->error = NULL;
    decoder->error_at = 0;
}

void archive_decoder_feed(struct archive_decoder *decoder, const char *data, size_t len, bool last)
{
    decoder->before += decoder->chunk_len;
    decoder->chunk = len > 0 ? data : "";
    decoder->chunk_len = len;
    decoder->chunk_at = 0;
    decoder->last = last;
    if (decoder->phase != PHASE_BETWEEN)
        json_pull_feed(decoder->pull, decoder->chunk, len, last);
}

const struct archive_row *archive_decoder_row(const struct archive_decoder *decoder)
{
    return &decoder->draft.row;
}

const struct archive_rejected *archive_decoder_rejected(const struct archive_decoder *decoder)
{
    return &decoder->rejected;
}

enum archive_form archive_decoder_form(const struct archive_decoder *decoder)
{
    return decoder->form;
}

const char *archive_decoder_error(const struct archive_decoder *decoder, uint64_t *offset)
{
    *offset = decoder->error_at;
    return decoder->error;
}

uint64_t archive_decoder_offset(const struct archive_decoder *decoder)
{
    if (decoder->phase == PHASE_BETWEEN)
        return decoder->before + decoder->chunk_at;
    return decoder->base + json_pull_offset(decoder->pull);
}

uint64_t archive_decoder_repaired(const struct archive_decoder *decoder)
{
    return decoder->repaired + json_pull_repaired(decoder->pull);
}

static enum archive_step fail(struct archive_decoder *decoder, const char *error, uint64_t offset)
{
    decoder->error = error;
    decoder->error_at = offset;
    return decoder->ended = ARCHIVE_STEP_ERROR;
}

static enum archive_step fail_json(struct archive_decoder *decoder)
{
    uint64_t offset;
    const char *error = json_pull_error(decoder->pull, &offset);

    return fail(decoder, error, decoder->base + offset);
}

/* No row has told that this is a history, and none will. */
static enum archive_step end_unknown(struct archive_decoder *decoder)
{
    return decoder->ended = ARCHIVE_STEP_NOT_HISTORY;
}

static enum archive_step end_file(struct archive_decoder *decoder)
{
    if (decoder->form == ARCHIVE_FORM_UNKNOWN && decoder->row_no > 0)
        return end_unknown(decoder);
    return decoder->ended = ARCHIVE_STEP_END;
}

/* A value of the file has ended. */
static void end_value(struct archive_decoder *decoder)
{
    decoder->chunk_at = (size_t)(decoder->base + json_pull_offset(decoder->pull) - decoder->before);
    decoder->phase = PHASE_BETWEEN;
}

/* Looks behind a value: another one begins, or the file ends. */
static enum archive_step look_behind(struct archive_decoder *decoder)
{
    while (decoder->chunk_at < decoder->chunk_len &&
           memchr(" \t\r\n", decoder->chunk[decoder->chunk_at], 4) != NULL)
        decoder->chunk_at++;
    if (decoder->chunk_at == decoder->chunk_len)
        return decoder->last ? end_file(decoder) : ARCHIVE_STEP_MORE;
    decoder->repaired += json_pull_repaired(decoder->pull);
    decoder->base = decoder->before + decoder->chunk_at;
    json_pull_reset(decoder->pull);
    json_pull_feed(decoder->pull, decoder->chunk + decoder->chunk_at,
                   decoder->chunk_len - decoder->chunk_at, decoder->last);
    decoder->phase = PHASE_TOP;
    return STEP_NONE;
}

/* True while elements from before the first known row are still to be told. */
static bool strange_waits(const struct archive_decoder *decoder)
{
    return decoder->strange_given < decoder->strange_count;
}

static enum archive_step reject(struct archive_decoder *decoder, enum archive_reject reason,
                                const char *excerpt)
{
    bool waits = decoder->form == ARCHIVE_FORM_UNKNOWN || strange_waits(decoder);
    struct archive_rejected *rejected = &decoder->rejected;

    if (decoder->form == ARCHIVE_FORM_UNKNOWN && decoder->strange_count == ARCHIVE_STRANGE_MAX)
        return end_unknown(decoder);
    if (waits)
        rejected = &decoder->strange[decoder->strange_count++];
    rejected->reason = reason;
    rejected->row_no = decoder->row_no;
    if (excerpt != NULL)
        memcpy(rejected->excerpt, excerpt, strlen(excerpt) + 1);
    else
        archive_draft_excerpt(&decoder->draft, rejected->excerpt);
    return waits ? STEP_NONE : ARCHIVE_STEP_REJECTED;
}

static void row_begin(struct archive_decoder *decoder, bool in_list)
{
    decoder->row_no++;
    decoder->in_list = in_list;
    decoder->phase = PHASE_ROW;
    archive_draft_begin(&decoder->draft);
    decoder->draft.row.row_no = decoder->row_no;
}

static enum archive_step row_end(struct archive_decoder *decoder)
{
    enum archive_reject reason;

    if (decoder->in_list)
        decoder->phase = PHASE_LIST;
    else
        end_value(decoder);
    if (decoder->form == ARCHIVE_FORM_UNKNOWN)
        decoder->form = archive_draft_form(&decoder->draft);
    reason = archive_draft_finish(&decoder->draft, decoder->form, decoder->now_ms);
    if (reason == ARCHIVE_ACCEPTED && decoder->form == ARCHIVE_FORM_UNKNOWN)
        reason = ARCHIVE_NOT_OBJECT;
    if (reason != ARCHIVE_ACCEPTED)
        return reject(decoder, reason, NULL);
    decoder->row_held = strange_waits(decoder);
    return decoder->row_held ? STEP_NONE : ARCHIVE_STEP_ROW;
}

/* Skips the object or array that has just begun. */
static void skip(struct archive_decoder *decoder, enum phase after)
{
    decoder->skip_depth = json_pull_depth(decoder->pull) - 1;
    decoder->after_skip = after;
    decoder->phase = PHASE_SKIP;
}

static enum archive_step at_top(struct archive_decoder *decoder, enum json_token token)
{
    if (token == JSON_TOKEN_ARRAY_BEGIN) {
        decoder->phase = PHASE_LIST;
        return STEP_NONE;
    }
    if (token == JSON_TOKEN_OBJECT_BEGIN) {
        row_begin(decoder, false);
        return STEP_NONE;
    }
    if (decoder->form == ARCHIVE_FORM_UNKNOWN)
        return end_unknown(decoder);
    return fail(decoder, "a row or an array of rows is expected", decoder->base);
}

static const char *kind_of_element(enum json_token token)
{
    switch (token) {
    case JSON_TOKEN_ARRAY_BEGIN:
        return "an array";
    case JSON_TOKEN_STRING:
        return "a string";
    case JSON_TOKEN_NUMBER:
        return "a number";
    case JSON_TOKEN_NULL:
        return "null";
    default:
        return "true or false";
    }
}

static enum archive_step at_element(struct archive_decoder *decoder, enum json_token token)
{
    if (token == JSON_TOKEN_OBJECT_BEGIN) {
        row_begin(decoder, true);
        return STEP_NONE;
    }
    if (token == JSON_TOKEN_ARRAY_END) {
        end_value(decoder);
        return STEP_NONE;
    }
    decoder->row_no++;
    if (token == JSON_TOKEN_ARRAY_BEGIN)
        skip(decoder, PHASE_LIST);
    return reject(decoder, ARCHIVE_NOT_OBJECT, kind_of_element(token));
}

static enum archive_step at_key(struct archive_decoder *decoder, enum json_token token)
{
    size_t len;
    const char *text;

    if (token == JSON_TOKEN_OBJECT_END)
        return row_end(decoder);
    text = json_pull_text(decoder->pull, &len);
    decoder->key = archive_draft_key(&decoder->draft, text, len);
    decoder->phase = PHASE_VALUE;
    return STEP_NONE;
}

static enum archive_step at_value(struct archive_decoder *decoder, enum json_token token)
{
    decoder->phase = PHASE_ROW;
    if (decoder->key != ARCHIVE_KEY_NONE)
        archive_draft_value(&decoder->draft, decoder->key, token, decoder->pull);
    if (token != JSON_TOKEN_OBJECT_BEGIN && token != JSON_TOKEN_ARRAY_BEGIN)
        return STEP_NONE;
    /* rows are flat, and a library or a playlist is one deep object, which may be long */
    if (decoder->form == ARCHIVE_FORM_UNKNOWN && !decoder->in_list)
        return end_unknown(decoder);
    skip(decoder, PHASE_ROW);
    return STEP_NONE;
}

static enum archive_step take(struct archive_decoder *decoder, enum json_token token)
{
    switch (decoder->phase) {
    case PHASE_TOP:
        return at_top(decoder, token);
    case PHASE_LIST:
        return at_element(decoder, token);
    case PHASE_ROW:
        return at_key(decoder, token);
    case PHASE_VALUE:
        return at_value(decoder, token);
    case PHASE_BETWEEN:
    case PHASE_SKIP:
        break;
    }
    if (json_pull_depth(decoder->pull) == decoder->skip_depth)
        decoder->phase = decoder->after_skip;
    return STEP_NONE;
}

/* What was held back, one step after another; STEP_NONE if nothing was. */
static enum archive_step give_held(struct archive_decoder *decoder)
{
    if (strange_waits(decoder)) {
        decoder->rejected = decoder->strange[decoder->strange_given++];
        return ARCHIVE_STEP_REJECTED;
    }
    if (!decoder->row_held)
        return STEP_NONE;
    decoder->row_held = false;
    return ARCHIVE_STEP_ROW;
}

enum archive_step archive_decoder_next(struct archive_decoder *decoder)
{
    enum archive_step step = decoder->ended;

    while (step == STEP_NONE) {
        enum json_token token;

        if (decoder->form != ARCHIVE_FORM_UNKNOWN && (step = give_held(decoder)) != STEP_NONE)
            return step;
        if (decoder->phase == PHASE_BETWEEN) {
            step = look_behind(decoder);
            continue;
        }
        if (decoder->phase == PHASE_ROW) {
            decoder->key = archive_draft_expect(&decoder->draft, decoder->pull);
            if (decoder->key != ARCHIVE_KEY_NONE)
                decoder->phase = PHASE_VALUE;
        }
        token = json_pull_next(decoder->pull);
        if (token == JSON_TOKEN_MORE)
            return ARCHIVE_STEP_MORE;
        if (token == JSON_TOKEN_ERROR)
            return fail_json(decoder);
        step = take(decoder, token);
    }
    return step;
}
