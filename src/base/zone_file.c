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

/* Where the next bytes begin; NULL if there are not so many. */
static const uint8_t *take(struct reader *reader, size_t size)
{
    const uint8_t *at = reader->at;

    if (size > reader->left)
        return NULL;
    reader->at += size;
    reader->left -= size;
    return at;
}

static uint32_t number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Numbers are in two's complement, and so is int64_t. */
static int64_t read_time(const uint8_t *bytes, size_t width)
{
    if (width == 4)
        return (int32_t)number(bytes);
    return (int64_t)((uint64_t)number(bytes) << 32 | number(bytes + 4));
}

/* Section 3.1. No count is larger than a file may be, so that sums of them do not overflow. */
static bool read_header(struct reader *reader, uint8_t *version, struct counts *counts)
{
    const uint8_t *header = take(reader, HEADER_SIZE);

    if (!header || memcmp(header, "TZif", 4) != 0)
        return false;
    *version = header[4];
    *counts = (struct counts){number(header + 20), number(header + 24), number(header + 28),
                              number(header + 32), number(header + 36), number(header + 40)};
    return counts->isut <= ZONE_FILE_MAX && counts->isstd <= ZONE_FILE_MAX &&
           counts->leap <= ZONE_FILE_MAX && counts->time <= ZONE_FILE_MAX &&
           counts->type <= ZONE_FILE_MAX && counts->chars <= ZONE_FILE_MAX;
}

/* What a block must be that is read, and not only skipped. */
static bool counts_fit(const struct counts *counts)
{
    return counts->type > 0 && counts->type <= 256 && counts->chars > 0 && counts->leap == 0 &&
           (counts->isut == 0 || counts->isut == counts->type) &&
           (counts->isstd == 0 || counts->isstd == counts->type);
}

/* Bytes of a data block, section 3.2; width of a time: 4 or 8. */
static size_t block_size(const struct counts *counts, size_t width)
{
    return counts->time * (width + 1) + counts->type * 6 + counts->chars +
           counts->leap * (width + 4) + counts->isstd + counts->isut;
}

static bool read_changes(const uint8_t *block, const struct counts *counts, size_t width,
                         struct zone *zone)
{
    const uint8_t *to = block + counts->time * width;

    zone->at = calloc(counts->time + 1, sizeof(*zone->at));
    zone->to = calloc(counts->time + 1, sizeof(*zone->to));
    if (!zone->at || !zone->to)
        return false;
    for (size_t i = 0; i < counts->time; i++) {
        zone->at[i] = read_time(block + i * width, width);
        zone->to[i] = to[i];
        if (to[i] >= counts->type || (i > 0 && zone->at[i] <= zone->at[i - 1]))
            return false;
    }
    zone->count = counts->time;
    return true;
}

/* The text at an index of so many, with the NUL that ends it. */
static bool read_abbreviation(const char *chars, size_t count, size_t index, char *abbreviation)
{
    size_t len = 0;

    for (; index + len < count && chars[index + len] != '\0'; len++) {
        if (len == ZONE_ABBREVIATION_MAX - 1 || !zone_letter_fits(chars[index + len]))
            return false;
        abbreviation[len] = chars[index + len];
    }
    abbreviation[len] = '\0';
    return len > 0 && index + len < count;
}

static bool read_types(const uint8_t *types, const struct counts *counts, struct zone *zone)
{
    const char *chars = (const char *)types + counts->type * 6;

    zone->types = calloc(counts->type, sizeof(*zone->types));
    if (!zone->types)
        return false;
    for (size_t i = 0; i < counts->type; i++) {
        const uint8_t *entry = types + i * 6; /* offset, summer or not, index */
        struct zone_type *type = &zone->types[i];

        type->offset = (int32_t)number(entry);
        if (type->offset < ZONE_OFFSET_LEAST || type->offset > ZONE_OFFSET_MOST || entry[4] > 1 ||
            !read_abbreviation(chars, counts->chars, entry[5], type->abbreviation))
            return false;
    }
    zone->type_count = counts->type;
    return true;
}

static bool read_block(struct reader *reader, const struct counts *counts, size_t width,
                       struct zone *zone)
{
    const uint8_t *block = take(reader, block_size(counts, width));

    return block && counts_fit(counts) && read_changes(block, counts, width, zone) &&
           read_types(block + counts->time * (width + 1), counts, zone);
}

/* Section 3.3: a TZ string between two newlines; empty: nothing is known of later times. */
static bool read_footer(struct reader *reader, struct zone *zone)
{
    const uint8_t *mark = take(reader, 1);
    const uint8_t *end;

    if (!mark || *mark != '\n')
        return false;
    end = memchr(reader->at, '\n', reader->left);
    if (!end)
        return false;
    return end == reader->at ||
           zone_rule_parse((const char *)reader->at, (size_t)(end - reader->at), &zone->rule);
}

/* From version 2 on a second block, with larger times, follows the first, which says nothing more.
 * Later versions than 4 are to be read as that one. */
bool zone_file_parse(const uint8_t *data, size_t size, struct zone *zone)
{
    struct reader reader = {data, size};
    struct counts counts;
    uint8_t version;

    if (size > ZONE_FILE_MAX || !read_header(&reader, &version, &counts))
        return false;
    if (version == 0)
        return read_block(&reader, &counts, 4, zone);
    return version >= '2' && take(&reader, block_size(&counts, 4)) &&
           read_header(&reader, &version, &counts) && read_block(&reader, &counts, 8, zone) &&
           read_footer(&reader, zone);
}
