/* SPDX-License-Identifier: MIT */
#include "base/json_pull.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_scan.h"

/* What may stand at the next byte that is no blank. */
enum expect {
    EXPECT_START, /* the very beginning: a value, or a byte order mark */
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* behind "[" */
    EXPECT_KEY,
    EXPECT_KEY_OR_END, /* behind "{" */
    EXPECT_COLON,
    EXPECT_COMMA_OR_END,
    EXPECT_NOTHING /* behind the one value */
};

/* The token that a chunk has cut. */
enum partial { PARTIAL_NONE, PARTIAL_MARK, PARTIAL_LITERAL, PARTIAL_NUMBER, PARTIAL_STRING };

struct json_pull {
    const char *at;    /* next byte of the chunk */
    const char *end;   /* behind its last */
    const char *begin; /* its first */
    uint64_t before;   /* bytes of all chunks before it */
    bool last;

    enum expect expect;
    bool in_object; /* of the innermost level */
    size_t depth;
    unsigned char objects[JSON_PULL_DEPTH / 8 + 1]; /* a bit a level: 1 for an object */

    const char *text; /* of the last key, string or number */
    size_t text_len;

    enum partial partial;
    uint64_t token_at;              /* where the token under way began */
    bool is_key;                    /* the string under way is one */
    enum json_number number;        /* of the number under way */
    const struct literal *literal;  /* the one under way */
    size_t literal_len;             /* bytes of it, or of the mark, that were seen */
    char carry[JSON_SCAN_UNIT_MAX]; /* an escape or UTF-8 sequence that a chunk has cut */
    size_t carry_len;
    struct buf
        scratch; /* string or number under way, as far as it is not in one piece in the chunk */

    bool repairs;
    uint64_t repaired;

    const char *error;
    uint64_t error_at;
};

static const struct literal {
    const char *text;
    size_t len;
    enum json_token token;
} literals[] = {
    {"true", 4, JSON_TOKEN_TRUE}, {"false", 5, JSON_TOKEN_FALSE}, {"null", 4, JSON_TOKEN_NULL}};

struct json_pull *json_pull_new(void)
{
    struct json_pull *pull = calloc(1, sizeof(*pull));

    if (pull != NULL)
        pull->scratch.limit = JSON_PULL_STRING_MAX;
    return pull;
}

void json_pull_free(struct json_pull *pull)
{
    if (pull == NULL)
        return;
    buf_free(&pull->scratch, true); /* the text may have held a token */
    free(pull);
}

void json_pull_reset(struct json_pull *pull)
{
    struct buf scratch = pull->scratch;
    bool repairs = pull->repairs;

    buf_clear(&scratch, false);
    *pull = (struct json_pull){.scratch = scratch, .repairs = repairs};
}

void json_pull_feed(struct json_pull *pull, const char *data, size_t len, bool last)
{
    pull->before += (uint64_t)(pull->end - pull->begin);
    pull->begin = len > 0 ? data : "";
    pull->at = pull->begin;
    pull->end = pull->begin + len;
    pull->last = last;
}

void json_pull_repair(struct json_pull *pull)
{
    pull->repairs = true;
}

uint64_t json_pull_repaired(const struct json_pull *pull)
{
    return pull->repaired;
}

uint64_t json_pull_offset(const struct json_pull *pull)
{
    return pull->before + (uint64_t)(pull->at - pull->begin);
}

size_t json_pull_depth(const struct json_pull *pull)
{
    return pull->depth;
}

const char *json_pull_text(const struct json_pull *pull, size_t *len)
{
    *len = pull->text_len;
    return pull->text;
}

bool json_pull_int(const struct json_pull *pull, int64_t *value)
{
    return json_scan_int(pull->text, pull->text_len, value);
}

const char *json_pull_error(const struct json_pull *pull, uint64_t *offset)
{
    *offset = pull->error_at;
    return pull->error;
}

static enum json_token fail_at(struct json_pull *pull, const char *error, uint64_t offset)
{
    pull->error = error;
    pull->error_at = offset;
    return JSON_TOKEN_ERROR;
}

static enum json_token fail(struct json_pull *pull, const char *error)
{
    return fail_at(pull, error, json_pull_offset(pull));
}

/* The bytes are used up. */
static enum json_token chunk_ended(struct json_pull *pull)
{
    if (!pull->last)
        return JSON_TOKEN_MORE;
    if (pull->expect == EXPECT_NOTHING && pull->partial == PARTIAL_NONE)
        return JSON_TOKEN_END;
    return fail(pull, "the text ends too early");
}

static enum expect expect_behind_value(const struct json_pull *pull)
{
    return pull->depth > 0 ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
}

static void value_ended(struct json_pull *pull)
{
    pull->partial = PARTIAL_NONE;
    pull->expect = expect_behind_value(pull);
}

static enum json_token container_begin(struct json_pull *pull, bool object)
{
    unsigned char bit = (unsigned char)(1u << (pull->depth & 7));

    if (pull->depth == JSON_PULL_DEPTH)
        return fail(pull, "nested too deeply");
    if (object)
        pull->objects[pull->depth >> 3] |= bit;
    else
        pull->objects[pull->depth >> 3] &= (unsigned char)~bit;
    pull->depth++;
    pull->in_object = object;
    pull->at++;
    pull->expect = object ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
    return object ? JSON_TOKEN_OBJECT_BEGIN : JSON_TOKEN_ARRAY_BEGIN;
}

static enum json_token container_end(struct json_pull *pull)
{
    bool object = pull->in_object;

    pull->at++;
    pull->depth--;
    if (pull->depth > 0) {
        size_t level = pull->depth - 1;

        pull->in_object = (pull->objects[level >> 3] >> (level & 7) & 1) != 0;
    }
    value_ended(pull);
    return object ? JSON_TOKEN_OBJECT_END : JSON_TOKEN_ARRAY_END;
}

/* Keeps part of the token under way, because the rest of it is elsewhere. */
static bool keep(struct json_pull *pull, const char *part, size_t len)
{
    if (buf_add(&pull->scratch, part, len))
        return true;
    if (len > JSON_PULL_STRING_MAX - pull->scratch.len)
        fail_at(pull, "string or number too long", pull->token_at);
    else
        fail_at(pull, "out of memory", pull->token_at);
    return false;
}

/* The token under way ends with these bytes of the chunk. */
static bool text_ended(struct json_pull *pull, const char *part, size_t len)
{
    if (pull->scratch.len > 0) {
        if (!keep(pull, part, len))
            return false;
        part = pull->scratch.data;
        len = pull->scratch.len;
    } else if (len > JSON_PULL_STRING_MAX) {
        fail_at(pull, "string or number too long", pull->token_at);
        return false;
    }
    pull->text = part;
    pull->text_len = len;
    return true;
}

static enum json_token string_bad(struct json_pull *pull, uint64_t offset, unsigned char byte)
{
    const char *error = "invalid UTF-8";

    if (byte == '\\')
        error = "invalid escape";
    else if (byte < 0x20)
        error = "control character in a string";
    return fail_at(pull, error, offset);
}

/* Puts U+FFFD for what is wrong at the beginning of len bytes. Returns how many bytes that was; 0
 * if it stays wrong, or does not fit. */
static size_t string_repair(struct json_pull *pull, const char *at, size_t len)
{
    size_t wrong = pull->repairs ? json_scan_repair(at, len) : 0;

    if (wrong == 0 || !keep(pull, "\xef\xbf\xbd", 3))
        return 0;
    pull->repaired++;
    return wrong;
}

/* Reads the escape or UTF-8 sequence at pull->at. Returns false if the string cannot go on now: an
 * error, or the chunk ends inside of it. */
static bool string_unit(struct json_pull *pull)
{
    size_t left = (size_t)(pull->end - pull->at);
    size_t len = 0;
    char out[4];
    int step = json_scan_unit(pull->at, left, out, &len);

    if (step == JSON_SCAN_BAD) {
        size_t wrong = string_repair(pull, pull->at, left);

        if (wrong == 0 && pull->error == NULL)
            string_bad(pull, json_pull_offset(pull), (unsigned char)*pull->at);
        pull->at += wrong;
        return wrong > 0;
    }
    if (step == JSON_SCAN_MORE) {
        memcpy(pull->carry, pull->at, left);
        pull->carry_len = left;
        pull->at = pull->end;
        return false;
    }
    pull->at += step;
    return keep(pull, out, len);
}

/* Repairs the carry, which turned out wrong with its last byte; what follows the wrong part stays
 * in it, unless it is a byte that begins no unit: that one was taken too early. */
static bool carry_repair(struct json_pull *pull, uint64_t began)
{
    size_t wrong = string_repair(pull, pull->carry, pull->carry_len);

    if (wrong == 0) {
        if (pull->error == NULL)
            string_bad(pull, began, (unsigned char)pull->carry[0]);
        return false;
    }
    pull->carry_len -= wrong;
    memmove(pull->carry, pull->carry + wrong, pull->carry_len);
    if (pull->carry_len == 1 && pull->carry[0] != '\\' && (unsigned char)pull->carry[0] < 0x80) {
        pull->carry_len = 0;
        pull->at--;
    }
    return true;
}

/* Goes on with a unit whose beginning was in an earlier chunk, and with what a repair leaves of it.
 * False as in string_unit(). */
static bool string_carry(struct json_pull *pull)
{
    while (pull->carry_len > 0) {
        uint64_t began = json_pull_offset(pull) - pull->carry_len;
        size_t len = 0;
        char out[4];
        int step = json_scan_unit(pull->carry, pull->carry_len, out, &len);

        if (step == JSON_SCAN_MORE) {
            if (pull->at == pull->end)
                return false;
            pull->carry[pull->carry_len++] = *pull->at++;
        } else if (step == JSON_SCAN_BAD) {
            if (!carry_repair(pull, began))
                return false;
        } else {
            pull->carry_len = 0;
            return keep(pull, out, len);
        }
    }
    return true;
}

/* The string ends with the part of the chunk from part to the quote at stop. */
static enum json_token string_ended(struct json_pull *pull, const char *part, const char *stop)
{
    if (!text_ended(pull, part, (size_t)(stop - part)))
        return JSON_TOKEN_ERROR;
    pull->at = stop + 1;
    value_ended(pull);
    if (!pull->is_key)
        return JSON_TOKEN_STRING;
    pull->expect = EXPECT_COLON;
    return JSON_TOKEN_KEY;
}

static enum json_token string_more(struct json_pull *pull)
{
    if (pull->carry_len > 0 && !string_carry(pull))
        return pull->error != NULL ? JSON_TOKEN_ERROR : chunk_ended(pull);
    for (;;) {
        const char *part = pull->at;
        const char *stop = json_scan_plain(part, pull->end);

        if (stop < pull->end && *stop == '"')
            return string_ended(pull, part, stop);
        pull->at = stop;
        if (!keep(pull, part, (size_t)(stop - part)))
            return JSON_TOKEN_ERROR;
        if (stop == pull->end || !string_unit(pull))
            return pull->error != NULL ? JSON_TOKEN_ERROR : chunk_ended(pull);
    }
}

static enum json_token string_begin(struct json_pull *pull, bool is_key)
{
    const char *part = pull->at + 1;
    const char *stop = json_scan_plain(part, pull->end);

    /* nearly every string is in one piece, and nearly all time is spent on strings */
    if (stop < pull->end && *stop == '"' && stop - part <= JSON_PULL_STRING_MAX) {
        pull->text = part;
        pull->text_len = (size_t)(stop - part);
        pull->at = stop + 1;
        pull->expect = is_key ? EXPECT_COLON : expect_behind_value(pull);
        return is_key ? JSON_TOKEN_KEY : JSON_TOKEN_STRING;
    }
    pull->token_at = json_pull_offset(pull);
    pull->at = part;
    pull->is_key = is_key;
    pull->partial = PARTIAL_STRING;
    pull->carry_len = 0;
    pull->scratch.len = 0;
    return string_more(pull);
}

static enum json_token number_more(struct json_pull *pull)
{
    const char *part = pull->at;

    pull->at = json_scan_number(part, pull->end, &pull->number);
    if (pull->at == pull->end && !pull->last)
        return keep(pull, part, (size_t)(pull->at - part)) ? JSON_TOKEN_MORE : JSON_TOKEN_ERROR;
    if (!json_scan_number_ended(pull->number))
        return pull->at == pull->end ? chunk_ended(pull) : fail(pull, "invalid number");
    if (!text_ended(pull, part, (size_t)(pull->at - part)))
        return JSON_TOKEN_ERROR;
    value_ended(pull);
    return JSON_TOKEN_NUMBER;
}

static enum json_token number_begin(struct json_pull *pull)
{
    pull->token_at = json_pull_offset(pull);
    pull->partial = PARTIAL_NUMBER;
    pull->number = JSON_NUMBER_START;
    pull->scratch.len = 0;
    return number_more(pull);
}

static enum json_token literal_more(struct json_pull *pull)
{
    const struct literal *literal = pull->literal;

    while (pull->literal_len < literal->len) {
        if (pull->at == pull->end)
            return chunk_ended(pull);
        if (*pull->at != literal->text[pull->literal_len])
            return fail(pull, "invalid literal");
        pull->at++;
        pull->literal_len++;
    }
    value_ended(pull);
    return literal->token;
}

static enum json_token literal_begin(struct json_pull *pull, const struct literal *literal)
{
    if ((size_t)(pull->end - pull->at) >= literal->len &&
        memcmp(pull->at, literal->text, literal->len) == 0) {
        pull->at += literal->len;
        value_ended(pull);
        return literal->token;
    }
    pull->partial = PARTIAL_LITERAL;
    pull->literal = literal;
    pull->literal_len = 0;
    return literal_more(pull);
}

static enum json_token value_begin(struct json_pull *pull, char byte)
{
    switch (byte) {
    case '{':
        return container_begin(pull, true);
    case '[':
        return container_begin(pull, false);
    case '"':
        return string_begin(pull, false);
    case 't':
        return literal_begin(pull, &literals[0]);
    case 'f':
        return literal_begin(pull, &literals[1]);
    case 'n':
        return literal_begin(pull, &literals[2]);
    default:
        if (byte == '-' || (byte >= '0' && byte <= '9'))
            return number_begin(pull);
        return fail(pull, "a value is expected");
    }
}

/* Goes on with a byte order mark. Anything but JSON_TOKEN_NULL is what json_pull_next() must
 * return. */
static enum json_token mark_more(struct json_pull *pull)
{
    static const char mark[] = "\xef\xbb\xbf";

    while (pull->literal_len < sizeof(mark) - 1) {
        if (pull->at == pull->end)
            return chunk_ended(pull);
        if (*pull->at != mark[pull->literal_len])
            return fail(pull, "a value is expected");
        pull->at++;
        pull->literal_len++;
    }
    pull->partial = PARTIAL_NONE;
    pull->expect = EXPECT_VALUE;
    return JSON_TOKEN_NULL;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* The token that begins at the next byte that is no blank. */
static enum json_token token_begin(struct json_pull *pull)
{
    for (;;) {
        char byte;

        pull->at = skip_blanks(pull->at, pull->end);
        if (pull->at == pull->end)
            return chunk_ended(pull);
        byte = *pull->at;
        switch (pull->expect) {
        case EXPECT_COMMA_OR_END:
            if (byte == (pull->in_object ? '}' : ']'))
                return container_end(pull);
            if (byte != ',')
                return fail(pull, "a comma or an end is expected");
            pull->expect = pull->in_object ? EXPECT_KEY : EXPECT_VALUE;
            break;
        case EXPECT_COLON:
            if (byte != ':')
                return fail(pull, "a colon is expected");
            pull->expect = EXPECT_VALUE;
            break;
        case EXPECT_KEY_OR_END:
            if (byte == '}')
                return container_end(pull);
            __attribute__((fallthrough));
        case EXPECT_KEY:
            if (byte != '"')
                return fail(pull, "a key is expected");
            return string_begin(pull, true);
        case EXPECT_VALUE_OR_END:
            if (byte == ']')
                return container_end(pull);
            return value_begin(pull, byte);
        case EXPECT_START:
        case EXPECT_VALUE:
            return value_begin(pull, byte);
        case EXPECT_NOTHING:
            return fail(pull, "something follows the value");
        }
        pull->at++;
    }
}

/* Goes on with the token that the chunk before has cut. */
static enum json_token token_more(struct json_pull *pull)
{
    enum json_token token;

    switch (pull->partial) {
    case PARTIAL_STRING:
        return string_more(pull);
    case PARTIAL_NUMBER:
        return number_more(pull);
    case PARTIAL_LITERAL:
        return literal_more(pull);
    case PARTIAL_MARK:
        token = mark_more(pull);
        return token == JSON_TOKEN_NULL ? token_begin(pull) : token;
    case PARTIAL_NONE:
        break;
    }
    return token_begin(pull);
}

enum json_token json_pull_next(struct json_pull *pull)
{
    if (pull->error != NULL)
        return JSON_TOKEN_ERROR;
    if (pull->expect == EXPECT_START && pull->partial == PARTIAL_NONE &&
        json_pull_offset(pull) == 0 && pull->at < pull->end && *pull->at == '\xef') {
        pull->partial = PARTIAL_MARK;
        pull->literal_len = 0;
    }
    if (pull->partial != PARTIAL_NONE)
        return token_more(pull);
    return token_begin(pull);
}

bool json_pull_take_key(struct json_pull *pull, const char *key, size_t len)
{
    const char *at = skip_blanks(pull->at, pull->end);

    if (!pull->in_object || pull->depth == 0 || pull->partial != PARTIAL_NONE ||
        pull->error != NULL)
        return false;
    if (pull->expect == EXPECT_COMMA_OR_END) {
        if (at == pull->end || *at != ',')
            return false;
        at = skip_blanks(at + 1, pull->end);
    } else if (pull->expect != EXPECT_KEY && pull->expect != EXPECT_KEY_OR_END) {
        return false;
    }
    if ((size_t)(pull->end - at) < len + 2 || *at != '"' || memcmp(at + 1, key, len) != 0 ||
        at[len + 1] != '"')
        return false;
    at = skip_blanks(at + len + 2, pull->end);
    if (at == pull->end || *at != ':')
        return false;
    pull->at = at + 1;
    pull->expect = EXPECT_VALUE;
    return true;
}

bool json_pull_skip(struct json_pull *pull, enum json_token token)
{
    size_t depth = pull->depth;

    if (token == JSON_TOKEN_ERROR)
        return false;
    if (token != JSON_TOKEN_OBJECT_BEGIN && token != JSON_TOKEN_ARRAY_BEGIN)
        return true;
    while (pull->depth >= depth) {
        token = json_pull_next(pull);
        if (token == JSON_TOKEN_ERROR || token == JSON_TOKEN_MORE)
            return false;
    }
    return true;
}
