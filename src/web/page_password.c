/* SPDX-License-Identifier: MIT */
#include "web/page.h"

#include "base/clock.h"
#include "web/html.h"

static void add_problem(struct buf *buf, bool wrong, int64_t wait_ms)
{
    if (wait_ms > 0) {
        html_add(buf, "<p class=\"problem\" id=\"problem\" role=\"alert\">Passwords came "
                      "too fast or were wrong, so this one was not looked at. Try again in ");
        html_add_count(buf, (wait_ms + CLOCK_SECOND - 1) / CLOCK_SECOND);
        html_add(buf, " s.</p>\n");
    } else if (wrong) {
        html_add(buf, "<p class=\"problem\" id=\"problem\" role=\"alert\">This is not the "
                      "password.</p>\n");
    }
}

void page_password(struct buf *buf, const struct page_site *site, const char *next, bool wrong,
                   int64_t wait_ms)
{
    page_begin(buf, site, NULL, "Password");
    html_add(buf, "<div class=\"narrow\">\n");
    add_problem(buf, wrong, wait_ms);
    page_form(buf, site, "/password");
    html_add(buf, "<input type=\"hidden\" name=\"next\" value=\"");
    html_add_text(buf, next);
    html_add(buf, "\">\n<label for=\"password\">Password of this page</label>\n"
                  "<input id=\"password\" name=\"password\" type=\"password\" required autofocus "
                  "autocomplete=\"current-password\"");
    if (wrong || wait_ms > 0)
        html_add(buf, " aria-invalid=\"true\" aria-describedby=\"problem\"");
    html_add(buf, ">\n<button type=\"submit\">Open</button>\n</form>\n</div>\n");
    page_end(buf, site);
}
