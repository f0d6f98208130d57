/* SPDX-License-Identifier: MIT */
/* base/text: what is read as a time, a duration or a number is written and read as the same. */
#include <string.h>

#include "base/text.h"
#include "fuzz/hold.h"

static void try_time(const char *text, size_t len)
{
    char buf[TEXT_TIME_SIZE];
    int64_t ms;
    int64_t again;

    if (!text_time_parse(text, len, &ms))
        return;
    hold(ms >= 0 && len >= 20);
    text_time_format(ms, buf);
    hold(strlen(buf) == 24 && text_time_parse(buf, 24, &again) && again == ms);
    hold(text[len - 1] != 'Z' || text[18] > '9' || memcmp(text + 17, "60", 2) == 0 ||
         memcmp(text, buf, 19) == 0);
}

static void try_duration(const char *text)
{
    char buf[TEXT_DURATION_SIZE];
    int64_t ms;
    int64_t again;

    if (!text_duration_parse(text, &ms))
        return;
    hold(ms >= 0);
    text_duration_format(ms, buf);
    hold(text_duration_parse(buf, &again) && again == ms);
    hold(text_duration_human(ms, buf)[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    char excerpt[64];
    int64_t value;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    try_time((const char *)data, size);
    try_duration(text);
    if (text_int_parse((const char *)data, size, &value))
        hold(strtoll(text, NULL, 10) == value);
    text_excerpt((const char *)data, size, excerpt, sizeof(excerpt));
    hold(text_printable(excerpt, strlen(excerpt)));
    if (size >= sizeof(value)) {
        char buf[TEXT_TIME_SIZE];

        memcpy(&value, data, sizeof(value));
        hold(strlen(text_time_format(value, buf)) < sizeof(buf));
    }
    free(text);
    return 0;
}
