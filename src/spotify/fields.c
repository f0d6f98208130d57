/* SPDX-License-Identifier: MIT */
#include "spotify/fields.h"

#include <string.h>

#include "base/text.h"

#define LOCAL_PREFIX "spotify:local:"

static const char out_of_memory[] = "out of memory";

enum json_token fields_next(struct fields_reader *reader)
{
    enum json_token token;
    uint64_t offset;

    if (reader->error != NULL)
        return JSON_TOKEN_ERROR;
    token = json_pull_next(reader->pull);
    if (token == JSON_TOKEN_ERROR)
        reader->error = json_pull_error(reader->pull, &offset);
    return token;
}

void fields_skip(struct fields_reader *reader, enum json_token token)
{
    uint64_t offset;

    if (reader->error == NULL && !json_pull_skip(reader->pull, token))
        reader->error = json_pull_error(reader->pull, &offset);
}

static const struct field *find_field(const struct field *fields, size_t count, const char *key,
                                      size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].key_len == len && memcmp(fields[i].key, key, len) == 0)
            return &fields[i];
    }
    return NULL;
}

bool fields_read_object(struct fields_reader *reader, enum json_token token,
                        const struct field *fields, size_t count, void *into)
{
    if (token != JSON_TOKEN_OBJECT_BEGIN) {
        fields_skip(reader, token);
        return false;
    }
    while (fields_next(reader) == JSON_TOKEN_KEY) {
        size_t len;
        const char *key = json_pull_text(reader->pull, &len);
        const struct field *field = find_field(fields, count, key, len);

        token = fields_next(reader);
        if (field != NULL)
            field->read(reader, token, (char *)into + field->offset);
        else
            fields_skip(reader, token);
    }
    return reader->error == NULL;
}

/* Copies len bytes; each NUL, which C texts cannot hold, becomes U+FFFD. Cut at a border of
 * characters. */
static const char *copy_name(struct arena *arena, const char *text, size_t len)
{
    static const char stand_in[] = "\xef\xbf\xbd";
    char name[FIELDS_NAME_MAX];
    size_t written = 0;

    for (size_t at = 0, step; at < len; at += step) {
        const char *from = text[at] == '\0' ? stand_in : text + at;
        size_t more = text_utf8_length(from, from == stand_in ? 3 : len - at);

        step = from == stand_in ? 1 : more;
        if (more == 0 || more > sizeof(name) - written)
            break;
        memcpy(name + written, from, more);
        written += more;
    }
    return arena_copy(arena, name, written);
}

void fields_read_name(struct fields_reader *reader, enum json_token token, void *into)
{
    const char **name = into;
    const char *text;
    size_t len;

    *name = NULL;
    if (token != JSON_TOKEN_STRING) {
        fields_skip(reader, token);
        return;
    }
    text = json_pull_text(reader->pull, &len);
    if (len <= FIELDS_NAME_MAX && memchr(text, '\0', len) == NULL)
        *name = arena_copy(reader->arena, text, len);
    else
        *name = copy_name(reader->arena, text, len);
    if (*name == NULL)
        reader->error = out_of_memory;
}

/* How many bytes at the beginning, eight at a time, are plain: ASCII, neither blank nor control. */
static size_t plain_length(const char *text, size_t len)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    size_t at = 0;
    uint64_t eight;

    for (; len - at >= sizeof(eight); at += sizeof(eight)) {
        memcpy(&eight, text + at, sizeof(eight));
        /* the high bit is set in 0x80 and more, in less than 0x21 with that taken away, and in 0x7f
         * with one added */
        if (((eight | (eight - 0x21 * each) | (eight + each)) & 0x80 * each) != 0)
            break;
    }
    return at;
}

bool fields_uri_valid(const char *text, size_t len)
{
    bool ascii = true;

    if (len == 0 || len > FIELDS_URI_MAX)
        return false;
    for (size_t i = plain_length(text, len); i < len; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte <= ' ' || byte == 0x7f)
            return false;
        ascii = ascii && byte < 0x80;
    }
    if (ascii)
        return true;
    return len > strlen(LOCAL_PREFIX) && memcmp(text, LOCAL_PREFIX, strlen(LOCAL_PREFIX)) == 0 &&
           text_printable(text, len);
}

static void read_known_by(struct fields_reader *reader, enum json_token token, size_t longest,
                          struct field_uri *uri)
{
    const char *text;
    size_t len;

    *uri = (struct field_uri){0};
    if (token != JSON_TOKEN_STRING) {
        fields_skip(reader, token);
        return;
    }
    text = json_pull_text(reader->pull, &len);
    if (len == 0)
        return;
    if (len > longest || !fields_uri_valid(text, len)) {
        uri->bad = true;
        return;
    }
    uri->text = arena_copy(reader->arena, text, len);
    if (uri->text == NULL)
        reader->error = out_of_memory;
}

void fields_read_uri(struct fields_reader *reader, enum json_token token, void *into)
{
    read_known_by(reader, token, FIELDS_URI_MAX, into);
}

void fields_read_id(struct fields_reader *reader, enum json_token token, void *into)
{
    read_known_by(reader, token, FIELDS_ID_MAX, into);
}

void fields_read_count(struct fields_reader *reader, enum json_token token, void *into)
{
    int64_t *count = into;
    int64_t value;

    *count = -1;
    if (token != JSON_TOKEN_NUMBER)
        fields_skip(reader, token);
    else if (json_pull_int(reader->pull, &value) && value >= 0 && value <= INT32_MAX)
        *count = value;
}

void fields_read_flag(struct fields_reader *reader, enum json_token token, void *into)
{
    int *flag = into;

    *flag = token == JSON_TOKEN_TRUE ? 1 : token == JSON_TOKEN_FALSE ? 0 : -1;
    fields_skip(reader, token);
}
