/* SPDX-License-Identifier: MIT */
/*
 * web/http's readers of what a client sent. The input is a target, a form and a Cookie header.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "fuzz/hold.h"
#include "web/http_private.h"

/* A copy of exactly so many bytes and a NUL. */
static char *copy_of(const char *data, size_t size)
{
    char *copy = malloc(size + 1);

    hold(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

/* What was decoded is encoded and decoded again to the same. */
static void check_clean(const char *text)
{
    struct buf encoded = {0};
    char *again;

    hold(text_utf8_valid(text, strlen(text)));
    hold(buf_add_form(&encoded, text, strlen(text)));
    again = malloc(encoded.len + 1);
    hold(again != NULL);
    hold(http_decode(again, encoded.data, encoded.len, true) && strcmp(again, text) == 0);
    free(again);
    buf_free(&encoded, false);
}

static void check_target(const char *target)
{
    if (http_target_plausible(target))
        hold(target[0] == '/' && target[1] != '/' && strpbrk(target, " \t\r\n#\x7f") == NULL &&
             text_utf8_valid(target, strlen(target)));
    hold(!http_host_plausible(target) || strpbrk(target, "@/, \t\r\n%") == NULL);
    hold(!http_field_plausible("A", target) || strpbrk(target, "\r\n") == NULL);
}

static void check_texts(const char *data, size_t size)
{
    struct http_pair pairs[WEB_HTTP_FIELDS_MAX];
    char *path = copy_of(data, size);
    char *form = copy_of(data, size);
    char *cookies = copy_of(data, size);
    size_t count;

    check_target(path);
    if (http_decode(path, path, size, false))
        check_clean(path);
    if (http_fields_split(form, size, pairs, &count)) {
        for (size_t i = 0; i < count; i++) {
            check_clean(pairs[i].name);
            check_clean(pairs[i].value);
        }
    }
    hold(count <= WEB_HTTP_FIELDS_MAX);
    count = http_cookies_split(cookies, pairs, 3);
    hold(count <= 3);
    for (size_t i = 0; i < count; i++)
        hold(pairs[i].name[0] != '\0' && strpbrk(pairs[i].name, "=;") == NULL &&
             strchr(pairs[i].value, ';') == NULL);
    free(path);
    free(form);
    free(cookies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_texts((const char *)data, size);
    return 0;
}
