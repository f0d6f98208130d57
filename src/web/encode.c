/* SPDX-License-Identifier: MIT */
#include "web/encode.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define GZIP_LEVEL 5
#define GZIP_WINDOW (15 + 16) /* the largest, in gzip's frame */
#define GZIP_MEMORY 8

/* -- Accept-Encoding --------------------------------------------------------------------------- */

/* "0.5" of len bytes: whether it is above 0. Malformed: it is not. */
static bool weight_is_positive(const char *text, size_t len)
{
    bool positive = false;

    if (len == 0 || len > 5 || (text[0] != '0' && text[0] != '1') || (len > 1 && text[1] != '.'))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (i == 1)
            continue;
        if (text[i] < '0' || text[i] > '9')
            return false;
        positive = positive || text[i] != '0';
    }
    return positive && (text[0] == '0' || strspn(text + 1, ".0") >= len - 1);
}

/* The bytes of text up to stop, without blanks at its ends. */
static const char *trim(const char *text, const char *stop, size_t *len)
{
    while (text < stop && (*text == ' ' || *text == '\t'))
        text++;
    while (stop > text && (stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    *len = (size_t)(stop - text);
    return text;
}

/* One element of the list: "gzip", "gzip;q=0". A parameter that is no weight is malformed. */
static bool element_is_wanted(const char *text, size_t len)
{
    const char *semicolon = memchr(text, ';', len), *weight;
    size_t weight_len;

    if (!semicolon)
        return true;
    weight = trim(semicolon + 1, text + len, &weight_len);
    return weight_len > 2 && strncasecmp(weight, "q=", 2) == 0 &&
           weight_is_positive(weight + 2, weight_len - 2);
}

static bool element_is(const char *text, size_t len, const char *name)
{
    const char *semicolon = memchr(text, ';', len);
    size_t name_len;

    text = trim(text, semicolon ? semicolon : text + len, &name_len);
    return name_len == strlen(name) && strncasecmp(text, name, name_len) == 0;
}

bool encode_wants_gzip(const char *accept_encoding)
{
    bool any = false; /* by '*' */

    for (const char *at = accept_encoding; at && *at != '\0';) {
        size_t whole = strcspn(at, ","), len;
        const char *element = trim(at, at + whole, &len);

        if (element_is(element, len, "gzip") || element_is(element, len, "x-gzip"))
            return element_is_wanted(element, len);
        if (element_is(element, len, "*"))
            any = element_is_wanted(element, len);
        at += whole + (at[whole] == ',' ? 1 : 0);
    }
    return any;
}

/* -- gzip -------------------------------------------------------------------------------------- */

bool encode_gzip(struct buf *body)
{
    z_stream stream = {.next_in = (Bytef *)body->data};
    struct buf out = {.limit = body->limit};
    unsigned char block[16384];
    int code;

    if (body->len > UINT_MAX || deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW,
                                             GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    stream.avail_in = (uInt)body->len;
    do {
        stream.next_out = block;
        stream.avail_out = sizeof(block);
        code = deflate(&stream, Z_FINISH);
        buf_add(&out, block, sizeof(block) - stream.avail_out);
    } while (code == Z_OK && !out.failed);
    deflateEnd(&stream);
    if (code != Z_STREAM_END || out.failed) {
        buf_free(&out, false);
        return false;
    }
    buf_free(body, false);
    *body = out;
    return true;
}

/* -- tags -------------------------------------------------------------------------------------- */

void encode_tag(const void *data, size_t len, bool gzip, char tag[static ENCODE_TAG_SIZE])
{
    uint8_t digest[VAULT_DIGEST_SIZE];
    char *at = tag;

    vault_digest(data, len, digest);
    *at++ = '"';
    for (size_t i = 0; i < sizeof(digest); i++, at += 2)
        snprintf(at, 3, "%02x", digest[i]);
    snprintf(at, ENCODE_TAG_SIZE - (size_t)(at - tag), "%s", gzip ? "-gzip\"" : "\"");
}

bool encode_tag_matches(const char *if_none_match, const char *tag)
{
    const char *at = if_none_match ? if_none_match : "";
    size_t len = strlen(tag);

    if (strcmp(at, "*") == 0)
        return true;
    for (;;) {
        const char *end;

        at += strspn(at, " \t,");
        if (strncmp(at, "W/", 2) == 0)
            at += 2;
        end = *at == '"' ? strchr(at + 1, '"') : NULL;
        if (!end)
            return false;
        end++;
        if ((size_t)(end - at) == len && memcmp(at, tag, len) == 0)
            return true;
        at = end;
    }
}

/* -- names of files ---------------------------------------------------------------------------- */

/* What every reader of the header takes for itself, between quotes. */
static bool is_plain(unsigned char byte)
{
    return byte >= ' ' && byte < 0x7f && !strchr("\"\\/%", byte);
}

void encode_disposition(struct buf *buf, const char *filename)
{
    bool plain = true;

    buf_add_text(buf, "attachment; filename=\"");
    for (const char *at = filename; *at != '\0'; at++) {
        bool is_same = is_plain((unsigned char)*at);

        buf_add(buf, is_same ? at : "_", 1);
        plain = plain && is_same;
    }
    buf_add_text(buf, "\"");
    if (plain)
        return;
    buf_add_text(buf, "; filename*=UTF-8''");
    for (const char *at = filename; *at != '\0'; at++)
        buf_add_form(buf, *at == '/' ? "_" : at, 1);
}
