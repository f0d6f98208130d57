/* SPDX-License-Identifier: MIT */
#include "ctl/user.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ctl/fields.h"
#include "ctl/print.h"
#include "ctl/utf8.h"

#define NAMED_MAX 20 /* candidates that a message names */

typedef bool match_function(const json_t *user, const char *text);

static bool match_number(const json_t *user, const char *text)
{
    int64_t number;

    return text_int_parse(text, strlen(text), &number) && number > 0 && user_number(user) == number;
}

static bool match_id(const json_t *user, const char *text)
{
    return strcmp(field_text(user, "spotify_id", ""), text) == 0;
}

static bool match_name(const json_t *user, const char *text)
{
    return strcmp(field_text(user, "name", ""), text) == 0;
}

static bool match_any_case(const json_t *user, const char *text)
{
    return utf8_same_in_any_case(field_text(user, "name", ""), text);
}

int64_t user_number(const json_t *user)
{
    return field_number(user, "user", 0);
}

void user_add_name(struct buf *out, const json_t *user)
{
    const char *name = field_text(user, "name", "");
    const char *id = field_text(user, "spotify_id", "?");

    print_text(out, *name ? name : id);
    if (*name) {
        buf_add_text(out, " (");
        print_text(out, id);
        buf_add_text(out, ")");
    }
}

/* Names those that match; NULL: all. */
static void name_candidates(const json_t *users, match_function *match, const char *text,
                            struct buf *why)
{
    size_t named = 0, at;
    const json_t *user;

    json_array_foreach (users, at, user) {
        if (match && !match(user, text))
            continue;
        if (named++ == NAMED_MAX) {
            buf_add_text(why, ", ...");
            return;
        }
        buf_addf(why, "%s%" PRId64 " ", named > 1 ? ", " : "", user_number(user));
        user_add_name(why, user);
    }
}

void user_add_names(struct buf *out, const json_t *users)
{
    name_candidates(users, NULL, NULL, out);
}

static void say_unknown(const json_t *users, const char *text, struct buf *why)
{
    if (json_array_size(users) == 0) {
        buf_add_text(why, "nobody has signed in yet: spotify-historyctl login");
        return;
    }
    buf_add_text(why, "there is no user \"");
    print_text(why, text);
    buf_add_text(why, "\"; there are: ");
    name_candidates(users, NULL, text, why);
}

static void say_ambiguous(const json_t *users, match_function *match, const char *text,
                          struct buf *why)
{
    buf_add_text(why, "more than one user is called \"");
    print_text(why, text);
    buf_add_text(why, "\", give the number: ");
    name_candidates(users, match, text, why);
}

const json_t *user_find(const json_t *users, const char *text, struct buf *why)
{
    static match_function *const ways[] = {match_number, match_id, match_name, match_any_case};

    for (size_t way = 0; *text && way < sizeof(ways) / sizeof(ways[0]); way++) {
        const json_t *user, *found = NULL;
        size_t matches = 0, at;

        json_array_foreach (users, at, user) {
            if (ways[way](user, text)) {
                found = user;
                matches++;
            }
        }
        if (matches == 1)
            return found;
        if (matches > 1) {
            say_ambiguous(users, ways[way], text, why);
            return NULL;
        }
    }
    say_unknown(users, text, why);
    return NULL;
}
