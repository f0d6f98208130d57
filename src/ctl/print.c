/* SPDX-License-Identifier: MIT */
#include "ctl/print.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/exit.h"
#include "base/text.h"

#define ERROR_SIZE 2048

bool print_text(struct buf *out, const char *text)
{
    char piece[17];

    /* One sequence at a time: a name may be of any length. */
    while (text && *text) {
        size_t step = text_utf8_length(text, strlen(text));

        if (step == 0)
            step = 1;
        text_line(text, step, piece, sizeof(piece));
        if (!buf_add_text(out, piece))
            return false;
        text += step;
    }
    return !out->failed;
}

const char *print_time(const char *time, const char *absent, char text[static PRINT_TIME_SIZE])
{
    struct tm parts;
    int64_t ms;
    time_t seconds;

    if (!time || !text_time_parse(time, strlen(time), &ms))
        return absent;
    seconds = (time_t)(ms / 1000);
    if (!localtime_r(&seconds, &parts) ||
        strftime(text, PRINT_TIME_SIZE, "%Y-%m-%d %H:%M", &parts) == 0)
        return absent;
    return text;
}

int print_out(struct buf *out)
{
    int status = EXIT_STATUS_OK;

    if (out->failed)
        status = EXIT_STATUS_SOFTWARE;
    else if ((out->len > 0 && fwrite(out->data, 1, out->len, stdout) != out->len) ||
             fflush(stdout) != 0)
        status = EXIT_STATUS_IO;
    if (status == EXIT_STATUS_IO)
        perror("spotify-historyctl: standard output");
    else if (status == EXIT_STATUS_SOFTWARE)
        fputs("spotify-historyctl: out of memory\n", stderr);
    buf_free(out, false);
    return status;
}

void print_error(const char *command, const char *format, ...)
{
    char message[ERROR_SIZE], line[ERROR_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    text_line(message, strlen(message), line, sizeof(line));
    fprintf(stderr, "spotify-historyctl: %s%s%s\n", command ? command : "", command ? ": " : "",
            line);
}
