/* SPDX-License-Identifier: MIT */
/* web/encode: what a client says it takes and has, bodies packed and unpacked again, names of
 * files. Up to three texts, with a NUL between them: headers, and a name. */
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/text.h"
#include "fuzz/hold.h"
#include "web/encode.h"

/* What two of them make of a list of codings: its letters' case, blanks around it and codings
 * behind it that nobody has heard of are nothing to it. */
static void try_accept(const char *text)
{
    bool wants = encode_wants_gzip(text);
    struct buf changed = {0};

    hold(buf_add_text(&changed, " \t, ") && buf_add_text(&changed, text) &&
         buf_add_text(&changed, " ,zzz;q=0.5"));
    for (size_t i = 0; i < changed.len; i++)
        if (changed.data[i] >= 'a' && changed.data[i] <= 'z')
            changed.data[i] = (char)(changed.data[i] - 'a' + 'A');
    hold(encode_wants_gzip(changed.data) == wants);
    hold(!wants || strchr(text, '*') != NULL || strcasestr(text, "gzip") != NULL);
    buf_free(&changed, false);
    hold(buf_addf(&changed, "gzip;q=0,%s", text) && !encode_wants_gzip(changed.data));
    buf_free(&changed, false);
}

static void try_match(const char *text)
{
    char plain[ENCODE_TAG_SIZE], packed[ENCODE_TAG_SIZE];
    struct buf list = {0};

    encode_tag(text, strlen(text), false, plain);
    encode_tag(text, strlen(text), true, packed);
    hold(strcmp(plain, packed) != 0 && strlen(packed) < ENCODE_TAG_SIZE);
    hold(!encode_tag_matches(NULL, plain) && encode_tag_matches(plain, plain));
    /* Nobody has a tag by chance: only '*' and the tag itself name it. */
    hold(!encode_tag_matches(text, plain) || strcmp(text, "*") == 0 || strstr(text, plain));
    hold(buf_addf(&list, "W/\"x\", W/%s,%s", plain, text));
    hold(encode_tag_matches(list.data, plain));
    hold(!encode_tag_matches(list.data, packed) || strstr(text, packed));
    buf_free(&list, false);
}

/* Unpacks what must be so many bytes. */
static void unpack(const struct buf *packed, const uint8_t *data, size_t size)
{
    unsigned char *out = malloc(size + 1);
    z_stream stream = {
        .next_in = (Bytef *)packed->data, .avail_in = (uInt)packed->len, .next_out = out};

    hold(out != NULL && inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.avail_out = (uInt)size + 1;
    hold(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    hold(stream.total_out == size && (size == 0 || memcmp(out, data, size) == 0));
    hold(stream.avail_in == 0);
    inflateEnd(&stream);
    free(out);
}

static void try_gzip(const uint8_t *data, size_t size)
{
    struct buf body = {0}, narrow = {.limit = 24};

    hold(buf_add(&body, data, size) && buf_add(&narrow, data, size < 24 ? size : 24));
    hold(encode_gzip(&body));
    unpack(&body, data, size);
    buf_free(&body, false);
    if (!encode_gzip(&narrow))
        hold(narrow.len == (size < 24 ? size : 24) && !narrow.failed);
    buf_free(&narrow, false);
}

/* One line, all of it visible, and the long form says the name but for its slashes. */
static void try_name(const char *name)
{
    struct buf header = {0};
    const char *end, *at;

    if (!text_utf8_valid(name, strlen(name)))
        return;
    encode_disposition(&header, name);
    hold(!header.failed && strncmp(header.data, "attachment; filename=\"", 22) == 0);
    for (size_t i = 0; i < header.len; i++)
        hold(header.data[i] >= ' ' && header.data[i] <= '~');
    end = strchr(header.data + 22, '"');
    hold(end != NULL && (size_t)(end - header.data) == 22 + strlen(name));
    hold(memchr(header.data + 22, '/', strlen(name)) == NULL);
    at = end + 1;
    if (*at == '\0') {
        hold(strncmp(header.data + 22, name, strlen(name)) == 0);
    } else {
        hold(strncmp(at, "; filename*=UTF-8''", 19) == 0);
        for (at += 19; *name != '\0'; name++) {
            unsigned value = (unsigned char)*at;

            if (*at == '%') {
                hold(sscanf(at + 1, "%2x", &value) == 1);
                at += 2;
            }
            hold(value == (*name == '/' ? '_' : (unsigned char)*name));
            at++;
        }
        hold(*at == '\0');
    }
    buf_free(&header, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *accept = calloc(1, size + 3);
    const char *match, *name;

    hold(accept != NULL);
    memcpy(accept, data, size);
    match = accept + strlen(accept) + 1;
    name = match + strlen(match) + 1;
    try_accept(accept);
    try_match(match);
    try_name(name);
    try_gzip(data, size);
    free(accept);
    return 0;
}
