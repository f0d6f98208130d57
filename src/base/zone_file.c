/* SPDX-License-Identifier: MIT */
/* TZif (RFC 9636): the changes of local time in one place. Every count is held against the size
 * before anything is read. */
#include <stdlib.h>
#include <string.h>

#include "base/zone_private.h"

#define HEADER_SIZE 44

struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

struct reader {
    const uint8_t *at;
    size_t left;
};

static bool skip(struct reader *reader, size_t size)
{
    if (size > reader->left)
        return false;
    reader->at += size;
    reader->left -= size;
    return true;
}

static uint32_t number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t long_number(const uint8_t *bytes)
{
    return (int64_t)((uint64_t)number(bytes) << 32 | number(bytes + 4));
}

/* Section 3.1. */
static bool read_header(struct reader *reader, uint8_t *version, struct counts *counts)
{
    const uint8_t *header = reader->at;

    if (!skip(reader, HEADER_SIZE) || memcmp(header, "TZif", 4) != 0)
        return false;
    *version = header[4];
    *counts = (struct counts){number(header + 20), number(header + 24), number(header + 28),
                              number(header + 32), number(header + 36), number(header + 40)};
    return counts->time <= ZONE_FILE_MAX && counts->type > 0 && counts->type <= 256 &&
           counts->chars > 0 && counts->chars <= ZONE_FILE_MAX && counts->leap <= ZONE_FILE_MAX &&
           (counts->isut == 0 || counts->isut == counts->type) &&
           (counts->isstd == 0 || counts->isstd == counts->type);
}

/* Bytes of a data block, section 3.2; width of a time: 4 or 8. */
static size_t block_size(const struct counts *counts, size_t width)
{
    return counts->time * (width + 1) + counts->type * 6 + counts->chars +
           counts->leap * (width + 4) + counts->isstd + counts->isut;
}

static bool read_changes(const uint8_t *block, const struct counts *counts, struct zone *zone)
{
    const uint8_t *to = block + counts->time * 8;

    zone->at = calloc(counts->time + 1, sizeof(*zone->at));
    zone->to = calloc(counts->time + 1, sizeof(*zone->to));
    if (!zone->at || !zone->to)
        return false;
    for (size_t i = 0; i < counts->time; i++) {
        zone->at[i] = long_number(block + i * 8);
        zone->to[i] = to[i];
        if (to[i] >= counts->type || (i > 0 && zone->at[i] <= zone->at[i - 1]))
            return false;
    }
    zone->count = counts->time;
    return true;
}

static bool read_types(const uint8_t *types, const struct counts *counts, struct zone *zone)
{
    const char *chars = (const char *)types + counts->type * 6;

    zone->types = calloc(counts->type, sizeof(*zone->types));
    if (!zone->types)
        return false;
    for (size_t i = 0; i < counts->type; i++) {
        struct zone_type *type = &zone->types[i];
        uint8_t at = types[i * 6 + 5];
        size_t len;

        type->offset = (int32_t)number(types + i * 6);
        /* Section 3.2: more than -25 h and less than 26 h. */
        if (type->offset <= -90000 || type->offset >= 93600 || at >= counts->chars)
            return false;
        len = strnlen(chars + at, counts->chars - at);
        if (len >= sizeof(type->abbreviation))
            len = sizeof(type->abbreviation) - 1;
        memcpy(type->abbreviation, chars + at, len);
    }
    zone->type_count = counts->type;
    return true;
}

/* Section 3.3: a TZ string between two newlines; empty: nothing is known of later times. */
static bool read_footer(struct reader *reader, struct zone *zone)
{
    const uint8_t *end;

    if (reader->left < 2 || reader->at[0] != '\n')
        return false;
    skip(reader, 1);
    end = memchr(reader->at, '\n', reader->left);
    if (!end)
        return false;
    return end == reader->at ||
           zone_rule_parse((const char *)reader->at, (size_t)(end - reader->at), &zone->rule);
}

bool zone_file_parse(const uint8_t *data, size_t size, struct zone *zone)
{
    struct reader reader = {data, size};
    struct counts counts;
    const uint8_t *block;
    uint8_t version;

    if (size > ZONE_FILE_MAX || !read_header(&reader, &version, &counts) || version < '2')
        return false; /* version 1 has no times after 2038, and nobody writes it any more */
    if (!skip(&reader, block_size(&counts, 4)) || !read_header(&reader, &version, &counts))
        return false;
    block = reader.at;
    if (!skip(&reader, block_size(&counts, 8)))
        return false;
    return read_changes(block, &counts, zone) &&
           read_types(block + counts.time * 9, &counts, zone) && read_footer(&reader, zone);
}
