/* SPDX-License-Identifier: MIT */
#include "web/prometheus.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* What is written for a byte, NULL: itself. Quotes are only escaped where they would end something.
 */
static const char *escape_of(char byte, bool quoted)
{
    switch (byte) {
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '"':
        return quoted ? "\\\"" : NULL;
    default:
        return NULL;
    }
}

static void add_escaped(struct buf *buf, const char *text, bool quoted)
{
    size_t len = strlen(text);
    size_t plain = 0; /* where the bytes begin that are written as they are */

    for (size_t at = 0; at < len;) {
        size_t step = text_utf8_length(text + at, len - at);
        const char *escape = step > 0 ? escape_of(text[at], quoted) : REPLACEMENT;

        if (step == 0)
            step = 1;
        if (escape) {
            buf_add(buf, text + plain, at - plain);
            buf_add_text(buf, escape);
            plain = at + step;
        }
        at += step;
    }
    buf_add(buf, text + plain, len - plain);
}

static void add_head(struct prometheus *family)
{
    static const char *const types[] = {
        [PROMETHEUS_COUNTER] = "counter",
        [PROMETHEUS_GAUGE] = "gauge",
        [PROMETHEUS_HISTOGRAM] = "histogram",
    };

    if (family->begun)
        return;
    family->begun = true;
    buf_addf(family->buf, "# HELP %s ", family->name);
    add_escaped(family->buf, family->help, false);
    buf_addf(family->buf, "\n# TYPE %s %s\n", family->name, types[family->type]);
}

static void add_labels(struct buf *buf, const struct prometheus_label *labels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_text(buf, i == 0 ? "{" : ",");
        buf_add_text(buf, labels[i].name);
        buf_add_text(buf, "=\"");
        add_escaped(buf, labels[i].value, true);
        buf_add_text(buf, "\"");
    }
    if (count > 0)
        buf_add_text(buf, "}");
}

/* Without floating point: no rounding, and no locale. */
static void add_value(struct buf *buf, int64_t value, int64_t per)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int digits = per == 1000000 ? 6 : 3;

    buf_addf(buf, " %s%" PRIu64, value < 0 ? "-" : "", size / (uint64_t)per);
    if (size % (uint64_t)per != 0)
        buf_addf(buf, ".%0*" PRIu64, digits, size % (uint64_t)per);
    buf_add_text(buf, "\n");
}

struct prometheus prometheus_begin(struct buf *buf, const char *name, enum prometheus_type type,
                                   const char *help)
{
    return (struct prometheus){.buf = buf, .name = name, .help = help, .type = type};
}

void prometheus_sample(struct prometheus *family, const char *suffix,
                       const struct prometheus_label *labels, size_t count, int64_t value,
                       int64_t per)
{
    add_head(family);
    buf_add_text(family->buf, family->name);
    buf_add_text(family->buf, suffix);
    add_labels(family->buf, labels, count);
    add_value(family->buf, value, per);
}
