/* SPDX-License-Identifier: MIT */
/* spotify/callback: the input once as a query, once as what a person pasted. */
#include <string.h>

#include "base/buf.h"
#include "fuzz/hold.h"
#include "spotify/callback.h"

#define REDIRECT "http://127.0.0.1:8888/spotify/callback"

static void check_text(const char *text, size_t size)
{
    size_t len = strnlen(text, size);

    hold(len < size);
    for (size_t i = 0; i < len; i++)
        hold(text[i] >= ' ' && text[i] <= '~');
}

/* What was read is whole, and what was not leaves nothing. */
static void check_callback(const struct spotify_callback *callback, bool ok, const char *problem)
{
    static const struct spotify_callback empty;

    hold(ok == (problem == NULL));
    if (!ok) {
        hold(problem[0] != '\0' && memcmp(callback, &empty, sizeof(empty)) == 0);
        return;
    }
    hold((callback->code[0] != '\0') != (callback->error[0] != '\0'));
    check_text(callback->code, sizeof(callback->code));
    check_text(callback->state, sizeof(callback->state));
    check_text(callback->error, sizeof(callback->error));
}

static void check_same(const struct spotify_callback *one, const struct spotify_callback *other)
{
    hold(strcmp(one->code, other->code) == 0);
    hold(strcmp(one->state, other->state) == 0);
    hold(strcmp(one->error, other->error) == 0);
}

/* Written anew behind our own address, it reads the same, in both ways. */
static void check_again(const struct spotify_callback *callback)
{
    static const char address[] = REDIRECT "?";
    struct spotify_callback again;
    struct buf text = {0};
    const char *problem;
    bool code = callback->code[0] != '\0';
    const char *value = code ? callback->code : callback->error;

    hold(buf_addf(&text, "%s%s=", address, code ? "code" : "error") &&
         buf_add_form(&text, value, strlen(value)) && buf_add_text(&text, "&state=") &&
         buf_add_form(&text, callback->state, strlen(callback->state)));
    hold(spotify_callback_parse_query(text.data + strlen(address), text.len - strlen(address),
                                      &again, &problem));
    check_same(callback, &again);
    if (callback->state[0] != '\0') {
        hold(spotify_callback_parse_paste(text.data, text.len, REDIRECT, &again, &problem));
        check_same(callback, &again);
    }
    buf_free(&text, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spotify_callback callback;
    const char *text = (const char *)data;
    const char *problem = NULL;
    bool ok = spotify_callback_parse_query(text, size, &callback, &problem);

    check_callback(&callback, ok, problem);
    if (ok)
        check_again(&callback);
    ok = spotify_callback_parse_paste(text, size, REDIRECT, &callback, &problem);
    check_callback(&callback, ok, problem);
    if (ok)
        check_again(&callback);
    spotify_callback_wipe(&callback);
    return 0;
}
