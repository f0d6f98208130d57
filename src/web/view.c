/* SPDX-License-Identifier: MIT */
/* What all views ask of their request, and the answer that says what is wrong with it. */
#include "web/view.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"

const char *view_field(const struct view_request *request, const char *name)
{
    for (size_t i = 0; i < request->field_count; i++) {
        if (strcmp(request->fields[i].name, name) == 0)
            return request->fields[i].value;
    }
    return NULL;
}

/* A number from 1 on as people write it; -1: something else. */
static int64_t read_number(const char *text)
{
    int64_t number;

    if (text[0] < '1' || text[0] > '9' || !text_int_parse(text, strlen(text), &number))
        return -1;
    return number;
}

int64_t view_field_number(const struct view_request *request, const char *name)
{
    const char *text = view_field(request, name);

    return text && text[0] ? read_number(text) : 0;
}

int64_t view_rest_number(const struct view_request *request)
{
    return request->rest[0] ? read_number(request->rest) : 0;
}

enum store_result view_error(const struct view_request *request, struct view_answer *answer,
                             int status, const char *what)
{
    if (answer->fd >= 0)
        close(answer->fd);
    answer->fd = -1;
    answer->status = status;
    answer->type = VIEW_HTML;
    answer->filename = answer->location = NULL;
    buf_clear(&answer->body, false);
    page_error(&answer->body, &request->site, status, what);
    return STORE_OK;
}
