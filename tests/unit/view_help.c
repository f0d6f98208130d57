/* SPDX-License-Identifier: MIT */
#include "view_help.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/zone.h"
#include "store_help.h"

#define DEPTH 64
#define IDS 2000
#define FIELDS 8

static struct zone *zone;
static const char *zone_title;
static int64_t now;
static struct view_answer answer;

/* -- a history ----------------------------------------------------------------------------------- */

void view_help_setup(void)
{
    store_help_setup();
    store_help_make();
    view_help_sql("DELETE FROM played_tracks");
    view_help_sql("UPDATE tracks SET duration_ms = 180000");
    view_help_zone("UTC");
    view_help_now(VIEW_HELP_NOW);
}

static void drop_answer(void)
{
    buf_free(&answer.body, false);
    arena_free(&answer.arena);
    answer = (struct view_answer){.status = 200, .type = VIEW_HTML, .fd = -1};
}

void view_help_teardown(void)
{
    drop_answer();
    zone_free(zone);
    zone = NULL;
    store_help_teardown();
}

void view_help_zone(const char *name)
{
    zone_free(zone);
    zone = zone_open(name);
    zone_title = name;
    ck_assert_msg(zone != NULL, "there is no zone %s here", name);
}

void view_help_now(int64_t moment)
{
    now = moment;
}

void view_help_sql(const char *format, ...)
{
    char *sql = NULL;
    va_list values;

    va_start(values, format);
    ck_assert_int_ge(vasprintf(&sql, format, values), 0);
    va_end(values);
    store_help_exec(store_help_db(), sql);
    free(sql);
}

void view_help_play(int64_t user_id, int64_t moment, int64_t track_id, int64_t ms_played)
{
    view_help_sql("INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at,"
                  " ms_played) VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ", 'api', %" PRId64
                  ", nullif(%" PRId64 ", -1))",
                  user_id, moment, track_id, moment, ms_played);
}

void view_help_gap(int64_t after, int64_t before, const char *certainty)
{
    view_help_sql("INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause,"
                  " detected_at) VALUES (1, %" PRId64 ", %" PRId64 ", '%s', 'daemon_down', %" PRId64
                  ")",
                  after, before, certainty, before);
}

int64_t view_help_ask(const char *format, ...)
{
    char *sql = NULL;
    int64_t number;
    va_list values;

    va_start(values, format);
    ck_assert_int_ge(vasprintf(&sql, format, values), 0);
    va_end(values);
    number = strtoll(store_help_ask(sql), NULL, 10);
    free(sql);
    return number;
}

int64_t view_help_day(int year, int month, int day)
{
    return zone_day_of((struct zone_date){year, month, day}) * VIEW_HELP_DAY;
}

/* -- well-formed --------------------------------------------------------------------------------- */

struct markup {
    const char *text; /* all of it, for messages */
    const char *at;
    char open[DEPTH][24];
    int depth;
    char ids[IDS][24];
    int id_count;
};

#define SURE(markup, condition, ...)                                                         \
    ck_assert_msg(condition, "%s, at \"%.80s\" behind \"%.60s\"", __VA_ARGS__, (markup)->at, \
                  (markup)->at - (markup)->text > 60 ? (markup)->at - 60 : (markup)->text)

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static const char *top(const struct markup *markup)
{
    return markup->depth > 0 ? markup->open[markup->depth - 1] : "";
}

/* HTML lets the ends of rows and cells be left out. */
static void end_cells(struct markup *markup, bool row)
{
    if (strcmp(top(markup), "td") == 0 || strcmp(top(markup), "th") == 0)
        markup->depth--;
    if (row && strcmp(top(markup), "tr") == 0)
        markup->depth--;
}

static void begin_element(struct markup *markup, const char *name)
{
    static const char *const empty[] = {"meta", "link", "input", "img", "br", "hr", NULL};

    if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0 || strcmp(name, "tr") == 0)
        end_cells(markup, strcmp(name, "tr") == 0);
    if (is_one_of(name, empty))
        return;
    SURE(markup, markup->depth < DEPTH, "too deep");
    snprintf(markup->open[markup->depth++], sizeof(markup->open[0]), "%s", name);
}

static void end_element(struct markup *markup, const char *name)
{
    static const char *const tables[] = {"thead", "tbody", "table", "tr", NULL};

    if (is_one_of(name, tables))
        end_cells(markup, strcmp(name, "tr") != 0);
    SURE(markup, strcmp(top(markup), name) == 0, "an end that nothing begins");
    markup->depth--;
}

static void take_reference(struct markup *markup)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strncmp(markup->at, known[i], strlen(known[i])) == 0) {
            markup->at += strlen(known[i]);
            return;
        }
    SURE(markup, false, "a bare &");
}

static void note_id(struct markup *markup, const char *value, size_t len)
{
    char *id = markup->ids[markup->id_count];

    SURE(markup, markup->id_count < IDS - 1, "too many ids");
    snprintf(id, sizeof(markup->ids[0]), "%.*s", (int)len, value);
    for (int i = 0; i < markup->id_count; i++)
        SURE(markup, strcmp(markup->ids[i], id) != 0, "an id twice");
    markup->id_count++;
}

/* name="value", name="" or name. */
static void take_attribute(struct markup *markup)
{
    const char *name = markup->at, *value;
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:");

    SURE(markup, len > 0, "no name of an attribute");
    markup->at += len;
    if (*markup->at != '=')
        return;
    SURE(markup, markup->at[1] == '"', "a value without quotes");
    value = markup->at += 2;
    while (*markup->at && *markup->at != '"') {
        SURE(markup, *markup->at != '<', "a < in a value");
        if (*markup->at == '&')
            take_reference(markup);
        else
            markup->at++;
    }
    SURE(markup, *markup->at == '"', "a value without end");
    if (len == 2 && strncmp(name, "id", 2) == 0)
        note_id(markup, value, (size_t)(markup->at - value));
    markup->at++;
}

static void take_tag(struct markup *markup)
{
    bool end = markup->at[1] == '/';
    const char *name = markup->at + 1 + end;
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    char text[24];

    SURE(markup, len > 0 && len < sizeof(text), "a bare <");
    snprintf(text, sizeof(text), "%.*s", (int)len, name);
    markup->at = name + len;
    if (end)
        end_element(markup, text);
    else
        begin_element(markup, text);
    while (*markup->at == ' ' || *markup->at == '\n') {
        markup->at++;
        if (*markup->at != '>' && *markup->at != '/')
            take_attribute(markup);
    }
    if (*markup->at == '/' && !end) {
        end_element(markup, text);
        markup->at++;
    }
    SURE(markup, *markup->at == '>', "a tag without end");
    markup->at++;
}

static void check_markup(const char *text)
{
    static struct markup markup;

    markup = (struct markup){.text = text, .at = text};
    if (strncmp(markup.at, "<!DOCTYPE html>", 15) == 0)
        markup.at += 15;
    else if (strncmp(markup.at, "<?xml", 5) == 0)
        markup.at = strstr(markup.at, "?>") + 2;
    while (*markup.at) {
        SURE(&markup, *markup.at != '>', "a bare >");
        if (*markup.at == '<')
            take_tag(&markup);
        else if (*markup.at == '&')
            take_reference(&markup);
        else
            markup.at++;
    }
    SURE(&markup, markup.depth == 0, "an element without end");
}

static void check_bytes(const char *text, size_t len)
{
    ck_assert_uint_eq(strlen(text), len);
    for (size_t at = 0, step; at < len; at += step) {
        step = text_utf8_length(text + at, len - at);
        ck_assert_msg(step > 0, "no UTF-8 at \"%.40s\"", text + at);
        ck_assert_msg(step > 1 || text[at] == '\n' || !iscntrl((unsigned char)text[at]),
                      "a control character at \"%.40s\"", text + at);
    }
}

/* -- drawing ------------------------------------------------------------------------------------- */

/* Cuts "a=b&c=d" up; fields need no decoding in these tests. */
static size_t read_fields(char *query, struct view_field *fields)
{
    size_t count = 0;
    char *rest = NULL;

    for (char *word = strtok_r(query, "&", &rest); word; word = strtok_r(NULL, "&", &rest)) {
        char *value = strchr(word, '=');

        ck_assert_ptr_nonnull(value);
        *value = '\0';
        ck_assert_uint_lt(count, FIELDS);
        fields[count++] = (struct view_field){word, value + 1};
    }
    return count;
}

static void draw_it(view_draw *draw, const struct view_request *request)
{
    struct store *store = store_help_open(STORE_READER);
    enum store_result result = store_begin_read(store);

    ck_assert_int_eq(result, STORE_OK);
    result = draw(store, request, &answer);
    ck_assert_msg(result == STORE_OK, "%s: %s", store_result_name(result), store_message(store));
    store_rollback(store);
    store_close(store);
}

const char *view_help_draw(view_draw *draw, const char *address)
{
    char path[200], query[200] = "";
    struct view_field fields[FIELDS];
    struct view_request request = {
        .site = {.title = "Play history",
                 .token = "TOKEN",
                 .version = "1",
                 .zone = zone_title,
                 .here = address},
        .path = path,
        .fields = fields,
        .zone = zone,
        .zone_chosen = "",
        .now = now,
        .covers = true,
    };
    const char *mark = strchr(address, '?');

    drop_answer();
    snprintf(path, sizeof(path), "%.*s", (int)strcspn(address, "?"), address);
    if (mark)
        snprintf(query, sizeof(query), "%s", mark + 1);
    request.rest = strrchr(path, '/') + 1;
    request.field_count = read_fields(query, fields);
    draw_it(draw, &request);
    ck_assert(!answer.body.failed && answer.body.len > 0);
    check_bytes(answer.body.data, answer.body.len);
    check_markup(answer.body.data);
    return answer.body.data;
}

int view_help_status(void)
{
    return answer.status;
}

int view_help_count(const char *text)
{
    int count = 0;

    for (const char *at = answer.body.data; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

void view_help_has(const char *text)
{
    ck_assert_msg(view_help_count(text) > 0, "no \"%s\" in:\n%.3000s", text, answer.body.data);
}

void view_help_has_not(const char *text)
{
    ck_assert_msg(view_help_count(text) == 0, "\"%s\" in:\n%.3000s", text, answer.body.data);
}

/* -- names that were made to do harm ------------------------------------------------------------- */

static const struct {
    const char *sql;   /* an expression */
    const char *shown; /* part of what a page has of it */
} hostile[VIEW_HELP_HOSTILE] = {
    {"'</title></a><script>alert(1)</script>&amp;'",
     "&lt;/title&gt;&lt;/a&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;"},
    {"char(34) || ' onclick=' || char(34) || 'x' || char(39)", "&quot; onclick=&quot;x&#39;"},
    {"char(8238) || 'evil' || char(8297) || char(1606, 1605)", "evil\xd9\x86\xd9\x85"},
    {"char(1, 27, 65535) || 'x' || char(10)", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\n"},
    {"replace(hex(zeroblob(5000)), '0', char(128512))", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"},
};
static int chosen;

void view_help_hostile(int which)
{
    const char *sql = hostile[which].sql;

    chosen = which;
    view_help_sql("UPDATE tracks SET name = %s", sql);
    view_help_sql("UPDATE artists SET name = %s", sql);
    view_help_sql("UPDATE albums SET name = %s", sql);
    view_help_sql("UPDATE users SET display_name = %s", sql);
}

void view_help_hostile_check(void)
{
    view_help_has(hostile[chosen].shown);
    view_help_has_not("<script");
    view_help_has_not(
        (const char[]){'\xe2', '\x80', '\xae', '\0'}); /* would turn the line around */
}
