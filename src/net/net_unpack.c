/* SPDX-License-Identifier: MIT */
/*
 * Bodies that come packed and are unpacked only when somebody wants to read them. Whoever asks for
 * the same page again and again can tell from what was sent that it is the same, for a tenth of
 * the work.
 */
#include "net/net_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define PIECE 16384
#define WINDOW_GZIP (16 + MAX_WBITS) /* RFC 1952; see inflateInit2() of zlib */
#define WINDOW_ZLIB MAX_WBITS        /* RFC 1950 */
#define WINDOW_BARE (-MAX_WBITS)     /* RFC 1951 */
#define GZIP_UNSIGNED 8              /* bytes in front; the last of them: the time of packing */

static const struct {
    const char *name;
    enum net_coding coding;
} codings[] = {
    {"gzip", NET_CODING_GZIP},
    {"x-gzip", NET_CODING_GZIP},
    {"deflate", NET_CODING_DEFLATE},
    {"identity", NET_CODING_NONE},
};

enum net_coding net_coding_of(const char *name)
{
    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
        if (strcasecmp(name, codings[i].name) == 0)
            return codings[i].coding;
    }
    return NET_CODING_UNKNOWN;
}

void net_answer_signature(const struct net_answer *answer, const char **data, size_t *len)
{
    size_t skipped =
        answer->coding == NET_CODING_GZIP && answer->body_len > GZIP_UNSIGNED ? GZIP_UNSIGNED : 0;

    *data = answer->body + skipped;
    *len = answer->body_len - skipped;
}

/* "deflate" means what RFC 1950 packs (RFC 9110 section 8.4.1.2); some servers leave its two bytes
 * in front out, which are a multiple of 31. */
static int window_of(const struct net_answer *packed)
{
    const unsigned char *at = (const unsigned char *)packed->body;

    if (packed->coding == NET_CODING_GZIP)
        return WINDOW_GZIP;
    if (packed->body_len < 2 || (at[0] & 15) != Z_DEFLATED || (at[0] << 8 | at[1]) % 31 != 0)
        return WINDOW_BARE;
    return WINDOW_ZLIB;
}

/* Until the end of what was packed; what follows that is nobody's. */
static enum net_error inflate_all(z_stream *stream, struct buf *body)
{
    unsigned char piece[PIECE];
    int result = Z_OK;

    while (result == Z_OK) {
        size_t len;

        stream->next_out = piece;
        stream->avail_out = sizeof(piece);
        result = inflate(stream, Z_NO_FLUSH);
        len = sizeof(piece) - stream->avail_out;
        if (len > 0 && !buf_add(body, piece, len))
            return len > body->limit - body->len ? NET_ERROR_TOO_BIG : NET_ERROR_LOCAL;
    }
    buf_wipe(piece, sizeof(piece));
    if (result == Z_MEM_ERROR)
        return NET_ERROR_LOCAL;
    return result == Z_STREAM_END ? NET_OK : NET_ERROR_BROKEN;
}

static enum net_error unpack(const struct net_answer *packed, struct buf *body)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed->body,
                       .avail_in = (uInt)packed->body_len};
    enum net_error error;

    if (packed->coding == NET_CODING_UNKNOWN || packed->body_len > UINT32_MAX)
        return NET_ERROR_BROKEN;
    if (inflateInit2(&stream, window_of(packed)) != Z_OK)
        return NET_ERROR_LOCAL;
    error = inflate_all(&stream, body);
    inflateEnd(&stream);
    return error;
}

static void say(struct net_answer *plain, const struct buf *body)
{
    if (plain->error == NET_ERROR_TOO_BIG)
        snprintf(plain->message, sizeof(plain->message), "answer is larger than %zu bytes",
                 body->limit);
    else if (plain->error == NET_ERROR_LOCAL)
        snprintf(plain->message, sizeof(plain->message), "no memory");
    else
        snprintf(plain->message, sizeof(plain->message), "answer cannot be unpacked");
}

void net_answer_unpack(const struct net_answer *packed, struct buf *body, struct net_answer *plain)
{
    *plain = *packed;
    plain->coding = NET_CODING_NONE;
    if (packed->error != NET_OK || packed->coding == NET_CODING_NONE || packed->body_len == 0)
        return;
    plain->error = unpack(packed, body);
    if (plain->error == NET_OK) {
        plain->body = body->data != NULL ? body->data : "";
        plain->body_len = body->len;
        return;
    }
    say(plain, body);
    plain->body = "";
    plain->body_len = 0;
}
