/* SPDX-License-Identifier: MIT */
/* What a person pastes at the login command: cut into lines as they come through a pipe, however it
 * is cut up there, and each read as the address that a sign-in ended on. */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "ctl/paste.h"
#include "fuzz/hold.h"
#include "spotify/callback.h"

#define REDIRECT "http://127.0.0.1:8888/spotify/callback"
#define PIPE_MAX 60000 /* fits into a pipe */

static bool read_address(const char *text, size_t len, struct spotify_callback *callback)
{
    const char *problem = "";
    bool ok = spotify_callback_parse_paste(text, len, REDIRECT, callback, &problem);

    hold(ok == (problem == NULL));
    return ok;
}

/* Line breaks and blanks of a terminal, and brackets of a mail, change nothing. */
static void try_address(const char *line, size_t len)
{
    struct spotify_callback one, other;
    bool ok = read_address(line, len, &one);
    struct buf wrapped = {0};

    if (ok && len < SPOTIFY_ADDRESS_MAX / 2) {
        hold(one.state[0] != '\0');
        hold(buf_add_text(&wrapped, " <"));
        for (size_t i = 0; i < len; i++) {
            /* Not inside of a letter of several bytes. */
            if (i % 40 == 39 && (unsigned char)line[i] < 0x80)
                hold(buf_add_text(&wrapped, "\n "));
            hold(buf_add(&wrapped, line + i, 1));
        }
        hold(buf_add_text(&wrapped, ">\r\n"));
        hold(read_address(wrapped.data, wrapped.len, &other));
        hold(memcmp(&one, &other, sizeof(one)) == 0);
    }
    buf_free(&wrapped, true);
    spotify_callback_wipe(&one);
    spotify_callback_wipe(&other);
}

/* The next line as it must come: behind at, without its end. */
static size_t line_length(const uint8_t *at, size_t left, size_t *used)
{
    const uint8_t *end = memchr(at, '\n', left < PASTE_LINE_MAX - 1 ? left : PASTE_LINE_MAX - 1);
    size_t len = end ? (size_t)(end - at) : left < PASTE_LINE_MAX - 1 ? left : PASTE_LINE_MAX - 1;

    *used = end ? len + 1 : len;
    return len > 0 && at[len - 1] == '\r' ? len - 1 : len;
}

/* The first byte says how much is written before somebody reads. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct paste paste;
    static char line[PASTE_LINE_MAX];
    size_t written, at = 1;
    int ends[2];

    if (size == 0 || size > PIPE_MAX)
        return 0;
    hold(pipe(ends) == 0);
    paste = (struct paste){.fd = ends[0]};
    written = 1 + (size_t)data[0] < size ? 1 + (size_t)data[0] : size;
    hold(write(ends[1], data + 1, written - 1) == (ssize_t)(written - 1));
    for (;;) {
        enum paste_result result = paste_read(&paste, 0, line);
        size_t used, len;

        if (result == PASTE_NOTHING) {
            hold(ends[1] >= 0);
            hold(write(ends[1], data + written, size - written) == (ssize_t)(size - written));
            close(ends[1]);
            ends[1] = -1;
            written = size;
            continue;
        }
        if (result == PASTE_END)
            break;
        len = line_length(data + at, written - at, &used);
        hold(memcmp(line, data + at, len) == 0 && line[len] == '\0');
        at += used;
        try_address(line, strlen(line));
    }
    hold(at == size && paste_read(&paste, 0, line) == PASTE_END);
    if (ends[1] >= 0)
        close(ends[1]);
    close(ends[0]);
    paste_wipe(&paste);
    return 0;
}
