/* SPDX-License-Identifier: MIT */
#include "lib/metrics_text.h"

#include <check.h>
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NAME_MAX_LEN 100
#define LABELS_MAX_LEN 400
#define SERIES_MAX 20000

struct family {
    char name[NAME_MAX_LEN];
    char type[16];
    size_t samples;
    char labels[LABELS_MAX_LEN]; /* histogram: of the group being read, without le */
    double bucket, infinite;     /* the newest of the group; that of +Inf, negative: none yet */
    double bound;
    bool has_sum;
};

struct reader {
    struct family now;
    char *names[200]; /* families that were there */
    size_t name_count;
    char *series[SERIES_MAX];
    size_t series_count;
};

static char problem[400];

static bool complain(const char *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(const char *line, const char *format, ...)
{
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(problem, sizeof(problem), format, arguments);
    va_end(arguments);
    snprintf(problem + len, sizeof(problem) - (size_t)len, ": %.200s", line);
    return false;
}

bool metrics_text_is_name(const char *name, size_t len)
{
    if (len == 0 || len >= NAME_MAX_LEN || isdigit((unsigned char)name[0]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return false;
    return true;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), more = strlen(end);

    return len >= more && strcmp(text + len - more, end) == 0;
}

static bool is_histogram(const struct family *family)
{
    return strcmp(family->type, "histogram") == 0;
}

/* -- the end of a family ----------------------------------------------------------------------- */

static bool end_group(const struct family *family, const char *line)
{
    if (family->labels[0] == '\0')
        return true;
    if (family->infinite < 0 || !family->has_sum)
        return complain(line, "a histogram without its last bucket or its sum before this");
    return true;
}

static bool end_family(struct reader *reader, const char *line)
{
    if (reader->now.name[0] && reader->now.samples == 0)
        return complain(line, "%s has no sample", reader->now.name);
    return !is_histogram(&reader->now) || end_group(&reader->now, line);
}

/* -- comments ---------------------------------------------------------------------------------- */

static bool help_is_escaped(const char *help)
{
    for (; *help; help++) {
        if (*help == '\\' && *++help != '\\' && *help != 'n')
            return false;
    }
    return true;
}

static bool read_help(struct reader *reader, const char *line)
{
    const char *name = line + strlen("# HELP ");
    size_t len = strcspn(name, " ");

    if (!end_family(reader, line))
        return false;
    if (!metrics_text_is_name(name, len) || name[len] != ' ' || name[len + 1] == '\0')
        return complain(line, "no name, or no help");
    if (!help_is_escaped(name + len))
        return complain(line, "a backslash of no use");
    reader->now = (struct family){.infinite = -1, .bound = -INFINITY};
    snprintf(reader->now.name, sizeof(reader->now.name), "%.*s", (int)len, name);
    for (size_t i = 0; i < reader->name_count; i++)
        if (strcmp(reader->names[i], reader->now.name) == 0)
            return complain(line, "the family was there already");
    ck_assert_uint_lt(reader->name_count, sizeof(reader->names) / sizeof(reader->names[0]));
    reader->names[reader->name_count++] = strdup(reader->now.name);
    return true;
}

static bool read_type(struct reader *reader, const char *line)
{
    const char *name = line + strlen("# TYPE ");
    size_t len = strlen(reader->now.name);
    const char *type = name + len + 1;
    bool total = ends_with(reader->now.name, "_total");

    if (len == 0 || strncmp(name, reader->now.name, len) != 0 || name[len] != ' ')
        return complain(line, "the type of another family than the help before it");
    if (reader->now.type[0] || reader->now.samples > 0)
        return complain(line, "a type too late, or twice");
    if (strcmp(type, "counter") != 0 && strcmp(type, "gauge") != 0 &&
        strcmp(type, "histogram") != 0)
        return complain(line, "a type that there is not");
    if (total != (strcmp(type, "counter") == 0))
        return complain(line, "counters, and they alone, end in _total");
    snprintf(reader->now.type, sizeof(reader->now.type), "%s", type);
    return true;
}

/* -- samples ----------------------------------------------------------------------------------- */

/* Past a label's value, which begins behind its quote; NULL: it is not well-formed. */
static const char *past_value(const char *text)
{
    for (; *text && *text != '"'; text++) {
        if (*text == '\\' && *++text != '\\' && *text != '"' && *text != 'n')
            return NULL;
    }
    return *text ? text + 1 : NULL;
}

/* Past the labels in braces; those but le go into rest, the value of le into bound. */
static const char *past_labels(const char *text, char *rest, char *bound)
{
    size_t used = 0;

    rest[0] = bound[0] = '\0';
    if (*text != '{')
        return text;
    do {
        const char *name = ++text, *value;
        size_t len = strcspn(name, "=");

        if (!metrics_text_is_name(name, len) || name[len] != '=' || name[len + 1] != '"')
            return NULL;
        value = name + len + 2;
        text = past_value(value);
        if (!text || used + (size_t)(text - name) + 2 >= LABELS_MAX_LEN)
            return NULL;
        if (len == 2 && strncmp(name, "le", 2) == 0)
            snprintf(bound, 40, "%.*s", (int)(text - 1 - value), value);
        else
            used += (size_t)sprintf(rest + used, "%.*s,", (int)(text - name), name);
    } while (*text == ',');
    return *text == '}' ? text + 1 : NULL;
}

static bool read_bucket(struct family *family, const char *line, const char *le, double value)
{
    char *end;
    double bound = strtod(le, &end);

    if (!le[0] || *end)
        return complain(line, "a bucket without a bound");
    if (bound <= family->bound)
        return complain(line, "buckets out of order");
    if (value < family->bucket)
        return complain(line, "a bucket with less than the one before");
    family->bound = bound;
    family->bucket = value;
    if (isinf(bound))
        family->infinite = value;
    return true;
}

static bool read_histogram(struct family *family, const char *line, const char *suffix,
                           const char *labels, const char *le, double value)
{
    if (strcmp(labels, family->labels) != 0) {
        if (!end_group(family, line))
            return false;
        family->bucket = 0;
        family->bound = -INFINITY;
        family->infinite = -1;
        family->has_sum = false;
        snprintf(family->labels, sizeof(family->labels), "%s", labels);
    }
    if (strcmp(suffix, "_bucket") == 0)
        return read_bucket(family, line, le, value);
    if (le[0])
        return complain(line, "a bound that is of no bucket");
    if (strcmp(suffix, "_sum") == 0) {
        family->has_sum = true;
        return true;
    }
    if (strcmp(suffix, "_count") != 0)
        return complain(line, "no part of a histogram");
    return value == family->infinite || complain(line, "a count that is not the last bucket's");
}

static bool keep_series(struct reader *reader, const char *line, size_t len)
{
    for (size_t i = 0; i < reader->series_count; i++)
        if (strlen(reader->series[i]) == len && strncmp(reader->series[i], line, len) == 0)
            return complain(line, "the series was there already");
    ck_assert_uint_lt(reader->series_count, SERIES_MAX);
    reader->series[reader->series_count++] = strndup(line, len);
    return true;
}

static bool is_number(const char *text)
{
    if (*text == '-')
        text++;
    return isdigit((unsigned char)*text) && text[strspn(text, "0123456789.")] == '\0';
}

static bool read_sample(struct reader *reader, const char *line)
{
    struct family *family = &reader->now;
    size_t len = strlen(family->name), name_len = strcspn(line, "{ ");
    char labels[LABELS_MAX_LEN], le[40], suffix[16] = "";
    const char *rest = past_labels(line + name_len, labels, le);
    double value;

    if (!family->type[0] || strncmp(line, family->name, len) != 0)
        return complain(line, "a sample outside of its family");
    if (name_len > len)
        snprintf(suffix, sizeof(suffix), "%.*s", (int)(name_len - len), line + len);
    if (!rest || *rest != ' ' || !is_number(rest + 1))
        return complain(line, "labels or a number that are not well-formed");
    value = strtod(rest + 1, NULL);
    if (strcmp(family->type, "gauge") != 0 && value < 0)
        return complain(line, "a count below 0");
    family->samples++;
    if (!keep_series(reader, line, (size_t)(rest - line)))
        return false;
    if (is_histogram(family))
        return read_histogram(family, line, suffix, labels, le, value);
    return (suffix[0] == '\0' && !le[0]) || complain(line, "a sample outside of its family");
}

/* ---------------------------------------------------------------------------------------------- */

static bool read_line(struct reader *reader, const char *line)
{
    if (strncmp(line, "# HELP ", 7) == 0)
        return read_help(reader, line);
    if (strncmp(line, "# TYPE ", 7) == 0)
        return read_type(reader, line);
    return read_sample(reader, line);
}

const char *metrics_text_problem(const char *text)
{
    struct reader reader = {.name_count = 0};
    char *copy = strdup(text), *rest = copy, *line;
    bool good = true;
    size_t len = strlen(text);

    if (!text_utf8_valid(text, len))
        good = complain("", "not UTF-8");
    else if (len == 0 || text[len - 1] != '\n')
        good = complain("", "no line end at the end");
    else
        copy[len - 1] = '\0';
    while (good && (line = strsep(&rest, "\n")))
        good = read_line(&reader, line);
    if (good)
        good = end_family(&reader, "the end");
    for (size_t i = 0; i < reader.name_count; i++)
        free(reader.names[i]);
    for (size_t i = 0; i < reader.series_count; i++)
        free(reader.series[i]);
    free(copy);
    return good ? NULL : problem;
}

const char *metrics_text_value(const char *text, const char *series)
{
    static char value[64];
    size_t len = strlen(series);

    for (const char *line = text; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, series, len) == 0 && line[len] == ' ') {
            snprintf(value, sizeof(value), "%.*s", (int)strcspn(line + len + 1, "\n"),
                     line + len + 1);
            return value;
        }
    }
    return NULL;
}

double metrics_text_number(const char *text, const char *series)
{
    const char *value = metrics_text_value(text, series);

    ck_assert_msg(value != NULL, "there is no %s", series);
    return strtod(value, NULL);
}

size_t metrics_text_count(const char *text, const char *name)
{
    size_t count = 0, len = strlen(name);

    for (const char *line = text; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        count += strncmp(line, name, len) == 0 && (line[len] == ' ' || line[len] == '{');
    return count;
}
