/* SPDX-License-Identifier: MIT */
#include "archive/match.h"

#include <string.h>

#include "base/text.h"

/* FNV-1a, 64 bits. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

struct key {
    uint64_t hash;
    bool any;   /* something but blanks was added since the text began */
    bool blank; /* blanks wait for something to follow */
};

/* A byte of invalid UTF-8 stands for itself. */
static uint32_t decode(const char *text, size_t length)
{
    return length > 1 ? text_utf8_decode(text, length) : (unsigned char)*text;
}

static bool is_blank(uint32_t c)
{
    return c <= 0x20 || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x3000;
}

static bool is_invisible(uint32_t c)
{
    return c == 0x200b || c == 0xfeff;
}

static uint32_t plain(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7))
        return c + 0x20;
    if (c == 0x2018 || c == 0x2019 || c == 0x2032 || c == 0x2bc || c == '`' || c == 0xb4)
        return '\'';
    if (c == 0x201c || c == 0x201d || c == 0x2033)
        return '"';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
        return '-';
    return c;
}

static void add_unit(struct key *key, uint32_t c)
{
    for (int shift = 0; shift < 24; shift += 8) {
        key->hash ^= c >> shift & 0xff;
        key->hash *= HASH_PRIME;
    }
}

static void add_character(struct key *key, uint32_t c)
{
    if (is_invisible(c))
        return;
    if (is_blank(c)) {
        key->blank = key->any;
        return;
    }
    if (key->blank)
        add_unit(key, ' ');
    key->any = true;
    key->blank = false;
    if (c == 0x2026) {
        add_unit(key, '.');
        add_unit(key, '.');
        c = '.';
    }
    add_unit(key, plain(c));
}

static void add_text(struct key *key, const char *text)
{
    size_t left = strlen(text);

    key->any = key->blank = false;
    while (left > 0) {
        size_t length = text_utf8_length(text, left);

        add_character(key, decode(text, length));
        length = length ? length : 1;
        text += length;
        left -= length;
    }
}

uint64_t match_name_key(const char *name, const char *artist)
{
    struct key key = {.hash = HASH_START};

    add_text(&key, name);
    if (!key.any)
        return 0;
    add_unit(&key, 0x1f); /* no text adds this one: it counts as blank there */
    add_text(&key, artist);
    return key.hash ? key.hash : 1;
}
