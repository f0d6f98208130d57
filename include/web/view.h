/* SPDX-License-Identifier: MIT */
/*
 * web/view: what a page that shows history is asked for, and what it answers, as plain values: they
 * cross from the loop to the reader's thread and back.
 *
 * A view is one function: it reads what it needs from the store (inside of a read transaction) and
 * draws it into the answer. It knows no server, no socket and no other thread.
 */
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include "base/buf.h"
#include "base/zone.h"
#include "store/users.h"
#include "web/page.h"

#define VIEW_HTML "text/html; charset=utf-8"

struct view_field {
    const char *name, *value; /* decoded, valid UTF-8 */
};

struct view_request {
    struct page_site site;     /* also its forms' token */
    const char *path;          /* "/artist/12" */
    const char *rest;          /* what stood for '*': "12" */
    struct view_field *fields; /* of the query */
    size_t field_count;
    const struct zone *zone; /* of the reader */
    const char *zone_chosen; /* its name, "": the reader chose none, it is that of the server */
    int64_t now;             /* wall ms */
    bool covers;             /* pictures from Spotify's image host are wanted */
    const char *attention;   /* NULL, or why a person must act, one sentence; leads to /spotify */
};

struct view_answer {
    int status;           /* 200 unless said otherwise */
    const char *type;     /* static; VIEW_HTML unless said otherwise */
    struct buf body;      /* or fd */
    int fd;               /* -1: none; else a file to send from its beginning to its end */
    const char *filename; /* NULL; static or in arena: offered for saving under this name */
    const char *location; /* NULL; in arena: 303 See Other, the rest is not used */
    struct arena arena;
};

typedef enum store_result view_draw(struct store *store, const struct view_request *request,
                                    struct view_answer *answer);

/* A field of the query, NULL if it is absent; the first if there are several. */
const char *view_field(const struct view_request *request, const char *name);

/* A number from 1 on of a field or of rest; 0: absent or empty; -1: none, or too large. */
int64_t view_field_number(const struct view_request *request, const char *name);
int64_t view_rest_number(const struct view_request *request);

/* Makes the answer a page for a status, in the frame of all pages; what was drawn is thrown away.
 */
enum store_result view_error(const struct view_request *request, struct view_answer *answer,
                             int status, const char *what);

/* Who is there, and whose plays the page is about: "?user=N", else all. With an account that does
 * not exist the answer is a 404 and false is returned. */
struct view_people {
    struct store_user *users; /* free() */
    size_t count;
    int64_t user_id; /* 0: all of them */
};
bool view_people_read(struct store *store, const struct view_request *request,
                      struct view_answer *answer, struct view_people *people,
                      enum store_result *result);
/* The name of one, as pages show it. */
const char *view_people_name(const struct view_people *people, int64_t user_id);

/* Writes a link's address into an open attribute: path, then the fields given as pairs name, value
 * (ended by NULL; a pair whose value is NULL or "" is left out), then the account, if one is
 * chosen. path is a literal or made of numbers. */
void view_add_address(struct buf *buf, const struct view_people *people, const char *path,
                      const char *const *pairs);

/* A choice of accounts (nothing, if there is but one): links to the same page. */
void view_add_people(struct buf *buf, const struct view_request *request,
                     const struct view_people *people);

/* -- the views ---------------------------------------------------------------------------------- */

view_draw view_home;     /* "/" */
view_draw view_artist;   /* "/artist/N" */
view_draw view_album;    /* "/album/N" */
view_draw view_track;    /* "/track/N" */
view_draw view_plays;    /* "/plays" */
view_draw view_download; /* "/plays.csv", "/plays.json" */
view_draw view_year;     /* "/year/2026" and "/year/2026.svg" */
view_draw view_coverage; /* "/coverage" */
view_draw view_choices;  /* "/choices": time zone and covers */

#endif
