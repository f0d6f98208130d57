/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/import_view.h"

#define STORING 3     /* times as long as reading */
#define BAR_LEAST 10  /* characters */
#define BAR_MOST 30   /* the same */
#define LEFT_SHARE 20 /* thousandths from which on a guess is worth something */
#define LEFT_MS 1000  /* the same */
#define RATE_MS 500   /* the same, for rows a second */

int import_meter_share(const struct import_meter *meter)
{
    double done, all = (double)meter->total * (1 + STORING);

    if (meter->total <= 0)
        return -1;
    done = (double)meter->read + (double)meter->stored * STORING;
    return done >= all ? 1000 : (int)(done * 1000 / all);
}

/* Appends "1:05" or "2:01:05"; rounded up: "0:00" would be a lie. */
static void add_left(int64_t ms, struct buf *out)
{
    int64_t seconds = (ms + CLOCK_SECOND - 1) / CLOCK_SECOND;

    if (seconds >= 3600)
        buf_addf(out, "  %" PRId64 ":%02d:%02d left", seconds / 3600, (int)(seconds / 60 % 60),
                 (int)(seconds % 60));
    else
        buf_addf(out, "  %d:%02d left", (int)(seconds / 60), (int)(seconds % 60));
}

static void add_words(const struct import_meter *meter, int share, struct buf *out)
{
    if (share >= 0)
        buf_addf(out, "%3d %%", share / 10);
    else
        buf_addf(out, "%" PRId64 " MiB read", meter->read >> 20);
    if (meter->rows > 0)
        buf_addf(out, "  %" PRId64 " rows", meter->rows);
    if (meter->rows > 0 && meter->elapsed_ms >= RATE_MS)
        buf_addf(out, "  %.0f/s",
                 (double)meter->rows * (double)CLOCK_SECOND / (double)meter->elapsed_ms);
    if (share >= LEFT_SHARE && meter->elapsed_ms >= LEFT_MS)
        add_left((int64_t)((double)meter->elapsed_ms * (1000 - share) / share), out);
}

static void add_bar(int share, size_t width, struct buf *out)
{
    size_t full = width * (size_t)share / 1000;

    buf_add_text(out, "[");
    for (size_t i = 0; i < width; i++)
        buf_add_text(out, i < full ? "#" : ".");
    buf_add_text(out, "] ");
}

void import_meter_add(const struct import_meter *meter, size_t columns, struct buf *out)
{
    int share = import_meter_share(meter);
    struct buf words = {0};
    size_t rest;

    add_words(meter, share, &words);
    rest = words.len + sizeof("[] ");
    if (share >= 0 && columns >= rest + BAR_LEAST)
        add_bar(share, columns - rest < BAR_MOST ? columns - rest : BAR_MOST, out);
    if (words.data && columns > 0)
        buf_add(out, words.data, words.len < columns ? words.len : columns - 1);
    buf_free(&words, false);
}
