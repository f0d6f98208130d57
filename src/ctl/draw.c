/* SPDX-License-Identifier: MIT */
#include "ctl/draw.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define EIGHTHS 8
#define LEVELS 8

bool draw_has_blocks(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* part of whole, of so many steps, without overflow. */
static int64_t scale(int64_t part, int64_t whole, int64_t steps)
{
    if (part <= 0 || whole <= 0)
        return 0;
    return part >= whole ? steps : (int64_t)((double)part / (double)whole * (double)steps + 0.5);
}

void draw_bar(struct buf *out, int64_t part, int64_t whole, size_t width, bool blocks)
{
    static const char *const ends[EIGHTHS] = {
        "",
        "\xe2\x96\x8f",
        "\xe2\x96\x8e",
        "\xe2\x96\x8d",
        "\xe2\x96\x8c",
        "\xe2\x96\x8b",
        "\xe2\x96\x8a",
        "\xe2\x96\x89",
    };
    int64_t unit = blocks ? EIGHTHS : 1;
    int64_t steps = scale(part, whole, (int64_t)width * unit);

    if (steps == 0 && part > 0 && whole > 0 && width > 0)
        steps = 1;
    for (int64_t i = 0; i < steps / unit; i++)
        buf_add_text(out, blocks ? "\xe2\x96\x88" : "#");
    if (blocks)
        buf_add_text(out, ends[steps % EIGHTHS]);
}

void draw_sparkline(struct buf *out, const int64_t *values, size_t count, bool blocks)
{
    static const char ascii[LEVELS + 1] = "_.,:-=+#";
    int64_t most = 0;

    for (size_t i = 0; i < count; i++)
        if (values[i] > most)
            most = values[i];
    for (size_t i = 0; i < count; i++) {
        int64_t level = scale(values[i], most, LEVELS - 1);

        if (level == 0 && values[i] > 0)
            level = 1;
        if (blocks)
            buf_add(out, (const char[]){(char)0xe2, (char)0x96, (char)(0x81 + level)}, 3);
        else
            buf_add(out, &ascii[level], 1);
    }
}

const char *draw_listened(int64_t ms, char text[static DRAW_TIME_SIZE])
{
    int64_t minutes = ms / 60000;

    if (minutes == 0)
        snprintf(text, DRAW_TIME_SIZE, "%" PRId64 " s", ms / 1000);
    else if (minutes < 60)
        snprintf(text, DRAW_TIME_SIZE, "%" PRId64 " min", minutes);
    else
        snprintf(text, DRAW_TIME_SIZE, "%" PRId64 " h %02" PRId64 " min", minutes / 60,
                 minutes % 60);
    return text;
}

const char *draw_length(int64_t ms, char text[static DRAW_TIME_SIZE])
{
    int64_t seconds = ms / 1000;

    if (seconds < 3600)
        snprintf(text, DRAW_TIME_SIZE, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    else
        snprintf(text, DRAW_TIME_SIZE, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    return text;
}

const char *draw_day(int64_t day, char text[static DRAW_TIME_SIZE])
{
    time_t seconds = (time_t)(day * 86400);
    struct tm parts;

    text[0] = '\0';
    if (gmtime_r(&seconds, &parts))
        (void)strftime(text, DRAW_TIME_SIZE, "%Y-%m-%d", &parts);
    return text;
}

const char *draw_change(int64_t now, int64_t before, char text[static DRAW_TIME_SIZE])
{
    double percent;

    if (before <= 0)
        return now > 0 ? "new" : "";
    percent = ((double)now - (double)before) / (double)before * 100;
    if (percent > -0.5 && percent < 0.5)
        return "=";
    snprintf(text, DRAW_TIME_SIZE, "%+.0f %%", percent);
    return text;
}
