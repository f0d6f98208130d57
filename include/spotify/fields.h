/* SPDX-License-Identifier: MIT */
/*
 * spotify/fields: reads the members of a JSON object into a struct, by a table of the keys that
 * matter. For spotify/history; unknown keys are skipped, of a key that comes twice the last one
 * counts, and a value of a wrong type is as good as none.
 */
#ifndef SPOTIFY_FIELDS_H
#define SPOTIFY_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json_pull.h"

#define FIELDS_NAME_MAX 10000 /* bytes kept of a name */
#define FIELDS_URI_MAX 1000   /* bytes of the longest uri taken */
#define FIELDS_ID_MAX 500     /* the same of an id: a uri is made of it */

struct fields_reader {
    struct json_pull *pull; /* fed with the whole text */
    struct arena *arena;    /* owns all texts that are read */
    const char *error;      /* static text once the text is no JSON or memory ran out, else NULL */
};

/* Reads the value that begins with the token just returned, to its end, into what the field is made
 * of. */
typedef void field_function(struct fields_reader *reader, enum json_token token, void *into);

struct field {
    const char *key;
    size_t key_len;
    field_function *read;
    size_t offset; /* of what it reads into, in the struct */
};

#define FIELD(key, read, type, member)                            \
    {                                                             \
        key, sizeof(key) - 1, read, offsetof(struct type, member) \
    }

/* A uri as it came. */
struct field_uri {
    const char *text; /* NULL: absent, or bad */
    bool bad;         /* there was one, but too long or with bytes that may not be in it */
};

/* The next token; JSON_TOKEN_ERROR (and reader->error) when nothing can be read any more. */
enum json_token fields_next(struct fields_reader *reader);

/* Skips the value that begins with the token. */
void fields_skip(struct fields_reader *reader, enum json_token token);

/* Reads an object by the table. Any other value is skipped, and false returned. */
bool fields_read_object(struct fields_reader *reader, enum json_token token,
                        const struct field *fields, size_t count, void *into);

/* Each is a field_function; behind it what it reads into, and its value for "nothing said". */
void fields_read_name(struct fields_reader *reader, enum json_token token,
                      void *into); /* const char *: NULL */
void fields_read_uri(struct fields_reader *reader, enum json_token token,
                     void *into); /* struct field_uri: {0} */
void fields_read_id(struct fields_reader *reader, enum json_token token,
                    void *into); /* struct field_uri: {0} */
void fields_read_count(struct fields_reader *reader, enum json_token token,
                       void *into); /* int64_t: -1 */
void fields_read_flag(struct fields_reader *reader, enum json_token token,
                      void *into); /* int, 1 or 0: -1 */

/* True if len bytes may be a uri. */
bool fields_uri_valid(const char *text, size_t len);

#endif
