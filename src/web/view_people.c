/* SPDX-License-Identifier: MIT */
/* Whose plays a page is about, and the links that keep to it. */
#include "web/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/html.h"

#define LINKS_MAX 20 /* accounts; of more there is a list to choose from */

bool view_people_read(struct store *store, const struct view_request *request,
                      struct view_answer *answer, struct view_people *people,
                      enum store_result *result)
{
    int64_t wanted = view_field_number(request, "user");

    *people = (struct view_people){.user_id = wanted > 0 ? wanted : 0};
    *result = store_users_load(store, &people->users, &people->count);
    if (*result != STORE_OK)
        return false;
    for (size_t i = 0; i < people->count && wanted > 0; i++) {
        if (people->users[i].user_id == wanted)
            return true;
    }
    if (wanted == 0)
        return true;
    *result = view_error(request, answer, 404, "There is no such account here.");
    return false;
}

static const char *name_of(const struct store_user *user)
{
    return user->display_name[0] ? user->display_name : user->spotify_id;
}

const char *view_people_name(const struct view_people *people, int64_t user_id)
{
    for (size_t i = 0; i < people->count; i++) {
        if (people->users[i].user_id == user_id)
            return name_of(&people->users[i]);
    }
    return "";
}

/* -- addresses --------------------------------------------------------------------------------- */

/* Begins with '?' or goes on with '&'. */
static void add_field(struct buf *buf, bool *any, const char *name, const char *value)
{
    if (*any)
        html_add(buf, "&amp;");
    else
        html_add(buf, "?");
    html_add_url_part(buf, name);
    html_add(buf, "=");
    html_add_url_part(buf, value);
    *any = true;
}

static void add_user(struct buf *buf, bool *any, int64_t user_id)
{
    char number[24];

    if (user_id <= 0)
        return;
    snprintf(number, sizeof(number), "%" PRId64, user_id);
    add_field(buf, any, "user", number);
}

void view_add_address(struct buf *buf, const struct view_people *people, const char *path,
                      const char *const *pairs)
{
    bool any = false;

    html_add_href(buf, path);
    for (; pairs && pairs[0]; pairs += 2) {
        if (pairs[1] && pairs[1][0])
            add_field(buf, &any, pairs[0], pairs[1]);
    }
    add_user(buf, &any, people->user_id);
}

/* -- the choice -------------------------------------------------------------------------------- */

/* The path of the page that is being drawn: it came decoded. */
static void add_path(struct buf *buf, const char *path)
{
    for (const char *at = path; *at != '\0';) {
        size_t len = strcspn(at, "/");

        if (len > 0)
            buf_add_form(buf, at, len);
        at += len;
        if (*at == '/') {
            html_add(buf, "/");
            at++;
        }
    }
}

static bool stays(const struct view_field *field)
{
    return strcmp(field->name, "user") != 0 && field->value[0] != '\0';
}

/* The same page for somebody else: all that was asked for stays. */
static void add_choice(struct buf *buf, const struct view_request *request,
                       const struct view_people *people, int64_t user_id, const char *name)
{
    bool any = false;

    html_add(buf, "<li><a href=\"");
    add_path(buf, request->path);
    for (size_t i = 0; i < request->field_count; i++) {
        if (stays(&request->fields[i]))
            add_field(buf, &any, request->fields[i].name, request->fields[i].value);
    }
    add_user(buf, &any, user_id);
    html_add(buf, "\"");
    if (people->user_id == user_id)
        html_add(buf, " aria-current=\"true\"");
    html_add(buf, "><bdi>");
    html_add_text(buf, name);
    html_add(buf, "</bdi></a></li>\n");
}

static void add_links(struct buf *buf, const struct view_request *request,
                      const struct view_people *people)
{
    html_add(buf, "<nav class=\"people\" aria-label=\"Accounts\">\n<ul>\n");
    add_choice(buf, request, people, 0, "Everybody");
    for (size_t i = 0; i < people->count; i++)
        add_choice(buf, request, people, people->users[i].user_id, name_of(&people->users[i]));
    html_add(buf, "</ul>\n</nav>\n");
}

static void add_option(struct buf *buf, const struct view_people *people, int64_t user_id,
                       const char *name)
{
    buf_addf(buf, "<option value=\"%" PRId64 "\"", user_id);
    if (people->user_id == user_id)
        html_add(buf, " selected");
    html_add(buf, ">");
    html_add_text(buf, name);
    html_add(buf, "</option>\n");
}

static void add_list(struct buf *buf, const struct view_request *request,
                     const struct view_people *people)
{
    html_add(buf, "<form class=\"people\" method=\"get\" action=\"");
    add_path(buf, request->path);
    html_add(buf, "\">\n");
    for (size_t i = 0; i < request->field_count; i++) {
        if (!stays(&request->fields[i]))
            continue;
        html_add(buf, "<input type=\"hidden\" name=\"");
        html_add_text(buf, request->fields[i].name);
        html_add(buf, "\" value=\"");
        html_add_text(buf, request->fields[i].value);
        html_add(buf, "\">\n");
    }
    html_add(buf, "<label for=\"user\">Account</label>\n<select id=\"user\" name=\"user\">\n"
                  "<option value=\"\">Everybody</option>\n");
    for (size_t i = 0; i < people->count; i++)
        add_option(buf, people, people->users[i].user_id, name_of(&people->users[i]));
    html_add(buf, "</select>\n<button class=\"quiet\" type=\"submit\">Show</button>\n</form>\n");
}

void view_add_people(struct buf *buf, const struct view_request *request,
                     const struct view_people *people)
{
    if (people->count > LINKS_MAX)
        add_list(buf, request, people);
    else if (people->count > 1)
        add_links(buf, request, people);
}
