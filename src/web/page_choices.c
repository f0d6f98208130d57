/* SPDX-License-Identifier: MIT */
/* The reader's choices become cookies of their browser: nothing is kept here. */
#include "web/web_private.h"

#include <stdio.h>
#include <string.h>

#define KEPT_S (365 * CLOCK_DAY / CLOCK_SECOND)

/* "": it is taken away. value has been checked: nothing in it ends a cookie. */
static void set_cookie(struct web_request *request, const char *name, const char *value)
{
    char header[ZONE_NAME_MAX + 128];

    snprintf(header, sizeof(header), "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax", name,
             value, value[0] ? (long long)KEPT_S : 0);
    web_request_add_header(request, "Set-Cookie", header);
}

void web_post_choices(struct web_request *request, void *context)
{
    struct web *web = context;
    const char *zone = web_request_form(request, "zone");
    const char *covers = web_request_form(request, "covers");
    const char *next = web_request_form(request, "next");

    if (!web_page_check_form(web, request))
        return;
    if (zone && zone[0] && !zone_exists(zone)) {
        web_view_answer(request, web, view_choices); /* says what is wrong */
        return;
    }
    set_cookie(request, WEB_ZONE_COOKIE, zone ? zone : "");
    set_cookie(request, WEB_COVERS_COOKIE, covers && strcmp(covers, "on") == 0 ? "" : "off");
    web_page_see_other(request, next && guard_next_is_ours(next) ? next : "/");
}
