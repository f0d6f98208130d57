/* SPDX-License-Identifier: MIT */
#include "web/page.h"

#include "web/html.h"

int page_signin_status(enum signin_result result)
{
    switch (result) {
    case SIGNIN_OK:
        return 200;
    case SIGNIN_NOT_REGISTERED:
    case SIGNIN_OWNER_PREMIUM:
    case SIGNIN_SCOPE:
        return 403;
    case SIGNIN_STORE:
        return 500;
    case SIGNIN_DOWN:
    case SIGNIN_REFUSED:
        return 502;
    case SIGNIN_WAIT:
    case SIGNIN_NO_CLIENT:
        return 503;
    default: /* what the browser brought, or what is configured */
        return 400;
    }
}

/* Whether the same again can help, without anything else being done before. Another account than
 * the one to renew: the button is beside that one. */
static bool can_try_again(enum signin_result result)
{
    return result != SIGNIN_CLIENT && result != SIGNIN_NO_CLIENT &&
           result != SIGNIN_OWNER_PREMIUM && result != SIGNIN_OTHER_ACCOUNT;
}

void page_signin(struct buf *buf, const struct page_site *site, const struct signin_report *report)
{
    page_begin(buf, site, PAGE_ACCOUNTS_PATH, signin_result_title(report->result));
    if (report->message[0]) {
        html_add(buf, "<p class=\"lead\">");
        html_add_text(buf, report->message);
        html_add(buf, "</p>\n");
    }
    html_add(buf, "<p>");
    html_add_text(buf, signin_result_advice(report->result));
    html_add(buf, "</p>\n<div class=\"actions\">\n");
    if (site->token && can_try_again(report->result)) {
        page_form(buf, site, "/spotify/connect");
        if (report->wanted > 0) {
            html_add(buf, "<input type=\"hidden\" name=\"user\" value=\"");
            html_add_number(buf, report->wanted);
            html_add(buf, "\">\n");
        }
        html_add(buf, "<button type=\"submit\">Try again</button>\n</form>\n");
    }
    html_add(buf, "<a class=\"button quiet\" href=\"/spotify\">Back to the accounts</a>\n"
                  "</div>\n");
    page_end(buf, site);
}
