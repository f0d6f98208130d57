/* SPDX-License-Identifier: MIT */
/*
 * web/http's readers of what a client sent. The input is a request; its head is read as the server
 * does, what follows is read as chunks. Then the whole input is a path, a form and a Cookie header.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "web/http_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds)
{
    if (!holds)
        abort();
}

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

/* The status of a scan in pieces of the given size, and where it ended. */
static int scan(const char *data, size_t size, size_t piece, size_t *end)
{
    struct http_scan state = {0};
    int status = 0;

    *end = 0;
    while (status == 0 && *end < size) {
        size_t used = 0;
        size_t part = size - *end < piece ? size - *end : piece;

        status = http_scan(&state, data + *end, part, &used);
        hold(used > 0 && used <= part);
        *end += used;
    }
    return status;
}

static void check_head(const char *data, size_t size)
{
    char *text = copy_of(data, size);
    struct http_head *head = malloc(sizeof(*head));
    const char *reason = NULL;
    int status;

    hold(head != NULL);
    status = http_head_parse(text, size, head, &reason);
    hold(reason != NULL && (status == 0 || status >= 400));
    if (status == 0) {
        hold(head->method != HTTP_UNKNOWN && head->count <= HTTP_HEADER_LINES_MAX);
        hold(head->body_length <= WEB_HTTP_BODY_MAX && strlen(head->target) <= WEB_HTTP_TARGET_MAX);
        hold(head->target[0] == '/' || strcmp(head->target, "*") == 0);
        hold(!head->chunked || head->body_length == 0);
        for (size_t i = 0; i < head->count; i++)
            hold(strpbrk(head->fields[i].value, "\r\n") == NULL);
    }
    free(head);
    free(text);
}

static int feed(const char *data, size_t size, size_t piece, struct buf *body, size_t *end)
{
    struct http_chunks chunks = {0};
    int status = 0;

    *end = 0;
    while (status == 0 && *end < size) {
        size_t used = 0;
        size_t part = size - *end < piece ? size - *end : piece;

        status = http_chunks(&chunks, data + *end, part, body, &used);
        hold(used > 0 && used <= part);
        *end += used;
    }
    return status;
}

/* A body reads the same, however it is cut. */
static void check_chunks(const char *data, size_t size)
{
    struct buf whole = {0};
    struct buf bytes = {0};
    size_t whole_end, bytes_end;
    int status = feed(data, size, SIZE_MAX, &whole, &whole_end);

    hold(feed(data, size, 1, &bytes, &bytes_end) == status);
    hold(whole.len <= WEB_HTTP_BODY_MAX);
    if (status == 200)
        hold(whole_end == bytes_end && whole.len == bytes.len &&
             (whole.len == 0 || memcmp(whole.data, bytes.data, whole.len) == 0));
    buf_free(&whole, false);
    buf_free(&bytes, false);
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

static void check_texts(const char *data, size_t size)
{
    struct http_pair pairs[WEB_HTTP_FIELDS_MAX];
    char *path = copy_of(data, size);
    char *form = copy_of(data, size);
    char *cookies = copy_of(data, size);
    size_t count;

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
    const char *bytes = (const char *)data;
    size_t end, end_of_bytes;
    int status = scan(bytes, size, SIZE_MAX, &end);

    hold(scan(bytes, size, 1, &end_of_bytes) == status && end == end_of_bytes);
    hold(end <= WEB_HTTP_HEADERS_MAX + 1);
    if (status == 200) {
        check_head(bytes, end);
        check_chunks(bytes + end, size - end);
    }
    check_head(bytes, size);
    check_chunks(bytes, size);
    check_texts(bytes, size);
    return 0;
}
