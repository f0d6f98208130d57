/* SPDX-License-Identifier: MIT */
/*
 * The first look at a configuration file. libConfuse stops at the first thing that it does not
 * understand, gives values no line, lets the last of two equal options win, puts environment
 * variables into strings, takes an unclosed comment or string at the end for an end, and may leave
 * the program on a read error. So the text is walked here first, with the same idea of words and
 * strings: all that is wrong is told at once, and only what is left goes to libConfuse, for the
 * values.
 */
#include "daemon/config_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define NAME_SIZE 64  /* of names that are looked up; a longer one is unknown anyway */
#define SHOWN_SIZE 50 /* of a token in a message */

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_SIGN };

struct token {
    enum token_kind kind;
    char sign;
    bool bad; /* it was complained about */
    int line;
    size_t begin;
    size_t end;
};

struct scan {
    struct config_reading *reading;
    char *text;
    size_t len;
    size_t at;
    int line;
    int told_line; /* the last line that was complained about: one slip often looks like several */
    struct token token; /* the one that is looked at */
    int section;        /* we are in, -1 = none */
    int section_line;
    int opened[OPTIONS_SECTIONS_MAX]; /* line where the section began, 0 = not yet */
    bool broken;                      /* past mending: braces or quotes do not pair */
};

static void complain(struct scan *scan, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes a problem, but one a line. */
static void complain(struct scan *scan, int line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (scan->told_line != line)
        config_problem_list(scan->reading, line, format, arguments);
    va_end(arguments);
    scan->told_line = line;
}

static void blank_out(struct scan *scan, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (scan->text[i] != '\n')
            scan->text[i] = ' ';
    }
}

/* -- Tokens ------------------------------------------------------------------------------------ */

static bool starts_with(const struct scan *scan, size_t at, const char *what)
{
    return strncmp(scan->text + at, what, strlen(what)) == 0; /* the text ends in NUL */
}

static void blank_line_comment(struct scan *scan)
{
    size_t end = scan->at + strcspn(scan->text + scan->at, "\n");

    blank_out(scan, scan->at, end);
    scan->at = end;
}

static void blank_block_comment(struct scan *scan)
{
    const char *close = strstr(scan->text + scan->at + 2, "*/");
    size_t end = close != NULL ? (size_t)(close - scan->text) + 2 : scan->len;

    if (close == NULL) {
        complain(scan, scan->line, "the comment that begins here is not closed: \"*/\" is missing");
        scan->broken = true;
    }
    for (size_t i = scan->at; i < end; i++)
        scan->line += scan->text[i] == '\n';
    blank_out(scan, scan->at, end);
    scan->at = end;
}

static void skip_blanks(struct scan *scan)
{
    for (;;) {
        char byte = scan->text[scan->at];

        if (byte == '\n') {
            scan->line++;
            scan->at++;
        } else if (byte == ' ' || byte == '\t') {
            scan->at++;
        } else if (byte == '\r') {
            scan->text[scan->at++] = ' ';
        } else if (byte == '#' || starts_with(scan, scan->at, "//")) {
            blank_line_comment(scan);
        } else if (starts_with(scan, scan->at, "/*")) {
            blank_block_comment(scan);
        } else {
            return;
        }
    }
}

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("_-.:/@%", byte) != NULL);
}

static void read_word(struct scan *scan, struct token *token)
{
    token->kind = TOKEN_WORD;
    while (is_word_byte(scan->text[scan->at])) {
        /* libConfuse has rules of its own for a comment that begins inside of a word. */
        if (starts_with(scan, scan->at, "//") || starts_with(scan, scan->at, "/*")) {
            complain(scan, scan->line, "a value with \"//\" or \"/*\" in it must stand in quotes");
            token->bad = true;
        }
        scan->at++;
    }
}

/* Why the byte at `at` cannot stand in a string as it is; *step is how many bytes it takes. */
static const char *string_fault(const struct scan *scan, char quote, size_t *step)
{
    const char *text = scan->text + scan->at;

    *step = 1;
    if (text[0] == '\\' && quote == '"') {
        *step = 2;
        if (text[1] == '\0' || strchr("\\\"$", text[1]) == NULL)
            return "only \\\\, \\\" and \\$ may follow a backslash (nothing needs one in single "
                   "quotes)";
    } else if (text[0] == '\\' && (text[1] == '\'' || text[1] == '\\')) {
        *step = 2;
    } else if (quote == '"' && text[0] == '$' && text[1] == '{') {
        return "\"${...}\" is not replaced by anything here; \"\\${\" stands for these two signs";
    } else if ((unsigned char)text[0] < ' ' || text[0] == '\x7f') {
        return "a control character in a string";
    }
    return NULL;
}

static void read_string(struct scan *scan, struct token *token)
{
    char quote = scan->text[scan->at++];
    const char *fault = NULL;

    token->kind = TOKEN_STRING;
    while (scan->text[scan->at] != quote) {
        const char *found;
        size_t step;

        if (strchr("\r\n", scan->text[scan->at]) != NULL) { /* also at the end, a NUL */
            fault = "a string must end on its line: the closing quote is missing";
            break;
        }
        found = string_fault(scan, quote, &step);
        fault = fault != NULL ? fault : found;
        if (found != NULL && scan->text[scan->at + step - 1] == '\n')
            step = 1;
        scan->at += step;
        if (scan->at > scan->len)
            scan->at = scan->len;
    }
    if (fault == NULL && !text_utf8_valid(scan->text + token->begin, scan->at - token->begin))
        fault = "a string that is not valid UTF-8";
    if (scan->text[scan->at] == quote)
        scan->at++;
    if (fault != NULL)
        complain(scan, scan->line, "%s", fault);
    token->bad = fault != NULL;
}

/* A sign is one byte of punctuation, or one character that has no business here. */
static void read_sign(struct scan *scan, struct token *token)
{
    size_t len = text_utf8_length(scan->text + scan->at, scan->len - scan->at);

    token->kind = TOKEN_SIGN;
    token->sign = scan->text[scan->at];
    scan->at += len > 0 ? len : 1;
}

/* Goes on to the next token. */
static void advance(struct scan *scan)
{
    struct token token = {.kind = TOKEN_END};
    char byte;

    skip_blanks(scan);
    token.line = scan->line;
    token.begin = scan->at;
    byte = scan->text[scan->at];
    if (scan->at >= scan->len)
        token.kind = TOKEN_END;
    else if (byte == '"' || byte == '\'')
        read_string(scan, &token);
    else if (is_word_byte(byte))
        read_word(scan, &token);
    else
        read_sign(scan, &token);
    token.end = scan->at;
    scan->token = token;
}

static bool at_sign(const struct scan *scan, char sign)
{
    return scan->token.kind == TOKEN_SIGN && scan->token.sign == sign;
}

static bool at_value(const struct scan *scan)
{
    return scan->token.kind == TOKEN_WORD || scan->token.kind == TOKEN_STRING;
}

/* Skips from an opening sign, which is looked at, to behind the sign that closes it. */
static void skip_pair(struct scan *scan, char open, char close)
{
    int depth = 0;

    do {
        depth += at_sign(scan, open) ? 1 : 0;
        depth -= at_sign(scan, close) ? 1 : 0;
        if (scan->token.kind == TOKEN_END) {
            scan->broken = true;
            return;
        }
        advance(scan);
    } while (depth > 0);
}

/* The token's text, for messages. */
static const char *show(const struct scan *scan, const struct token *token,
                        char buf[static SHOWN_SIZE])
{
    char excerpt[SHOWN_SIZE - 2];

    if (token->kind == TOKEN_END)
        return "the end of the file";
    if (token->kind == TOKEN_STRING)
        return "a string";
    text_excerpt(scan->text + token->begin, token->end - token->begin, excerpt, sizeof(excerpt));
    snprintf(buf, SHOWN_SIZE, "\"%s\"", excerpt);
    return buf;
}

static const char *name_of(const struct scan *scan, const struct token *token,
                           char buf[static NAME_SIZE])
{
    return text_excerpt(scan->text + token->begin, token->end - token->begin, buf, NAME_SIZE);
}

/* -- Statements inside a section --------------------------------------------------------------- */

static const char *section_name(const struct scan *scan)
{
    return option_section_at((size_t)scan->section)->name;
}

static void complain_unknown(struct scan *scan, int line, const char *name)
{
    const char *near = option_nearest(section_name(scan), name);
    const char *home = option_home(name);

    if (home != NULL)
        config_problem(scan->reading, line, "\"%s\" belongs into section \"%s\", not \"%s\"", name,
                       home, section_name(scan));
    else if (near != NULL)
        config_problem(scan->reading, line,
                       "unknown option \"%s\" in section \"%s\"; did you mean \"%s\"?", name,
                       section_name(scan), near);
    else
        config_problem(scan->reading, line, "unknown option \"%s\" in section \"%s\"", name,
                       section_name(scan));
}

struct value {
    bool bad;
    bool list;
    int line;
    size_t end;
};

/* "{ value, value }", its "{" is looked at. */
static void scan_list(struct scan *scan, struct value *value)
{
    char shown[SHOWN_SIZE];

    value->list = true;
    advance(scan);
    while (at_value(scan)) {
        value->bad = value->bad || scan->token.bad;
        advance(scan);
        if (!at_sign(scan, ','))
            break;
        advance(scan);
    }
    if (!at_sign(scan, '}')) {
        complain(scan, scan->token.line,
                 "the list that begins in line %d goes on with %s instead of \",\" or \"}\"",
                 value->line, show(scan, &scan->token, shown));
        value->bad = true;
        while (!at_sign(scan, '}') && scan->token.kind != TOKEN_END)
            advance(scan);
        scan->broken = true;
    }
    value->end = scan->token.end;
    advance(scan);
}

/* What follows "name =", on the same line: else a forgotten value would swallow the next option's
 * name. */
static struct value scan_value(struct scan *scan, const struct token *name)
{
    struct value value = {.line = scan->token.line, .end = scan->token.end, .bad = scan->token.bad};
    char shown[NAME_SIZE];

    if (scan->token.line == name->line && at_sign(scan, '{')) {
        scan_list(scan, &value);
    } else if (scan->token.line == name->line && at_value(scan)) {
        advance(scan);
    } else {
        complain(scan, name->line, "the value after \"%s =\" is missing on this line",
                 name_of(scan, name, shown));
        value.bad = true;
        value.end = scan->token.begin;
    }
    return value;
}

/* A whole "name = value" has been read. Takes it out of the text if it is not right. */
static void take_option(struct scan *scan, const struct token *token, const struct value *value)
{
    char name[NAME_SIZE];
    int index = option_find(section_name(scan), name_of(scan, token, name));
    int *line = index >= 0 ? &scan->reading->loaded->line[index] : NULL;
    bool good = false;

    if (index < 0)
        complain_unknown(scan, token->line, name);
    else if (*line != CONFIG_LINE_NONE)
        config_problem(scan->reading, token->line, "\"%s\" is set twice, first in line %d", name,
                       *line);
    else if (value->list && option_at((size_t)index)->kind != OPTION_LIST)
        config_problem(scan->reading, value->line, "\"%s\" takes one value, not a list", name);
    else
        good = !value->bad;
    if (!good)
        blank_out(scan, token->begin, value->end);
    if (line != NULL && *line == CONFIG_LINE_NONE)
        *line = value->line;
}

/* "name" without "=": says so and drops it, with what looks like its value. */
static void drop_half_option(struct scan *scan, const struct token *name)
{
    char shown_name[NAME_SIZE];
    char shown[SHOWN_SIZE];
    size_t end = scan->token.begin;

    complain(scan, name->line,
             "\"=\" is expected after \"%s\", not %s (a value with blanks must stand in quotes)",
             name_of(scan, name, shown_name), show(scan, &scan->token, shown));
    if (at_value(scan) && scan->token.line == name->line) {
        end = scan->token.end;
        advance(scan);
    }
    blank_out(scan, name->begin, end);
}

/* "name {" inside a section, or "name (" anywhere: there are no such things. */
static void drop_block(struct scan *scan, const struct token *name)
{
    char text[NAME_SIZE];
    bool function = at_sign(scan, '(');

    name_of(scan, name, text);
    if (function)
        complain(scan, name->line, "\"%s(...)\": there are no functions and no include files here",
                 text);
    else if (scan->section >= 0 && option_find(section_name(scan), text) >= 0)
        complain(scan, name->line, "\"=\" is missing between \"%s\" and its list", text);
    else
        complain_unknown(scan, name->line, text);
    skip_pair(scan, function ? '(' : '{', function ? ')' : '}');
    blank_out(scan, name->begin, scan->token.begin);
}

static void scan_statement(struct scan *scan, const struct token *name)
{
    struct value value;
    bool plus = at_sign(scan, '+');

    if (at_sign(scan, '{') || at_sign(scan, '(')) {
        drop_block(scan, name);
        return;
    }
    if (plus) {
        complain(scan, name->line, "\"+=\" is not known here: write all values into one list");
        advance(scan);
    }
    if (!at_sign(scan, '=')) {
        drop_half_option(scan, name);
        return;
    }
    advance(scan);
    value = scan_value(scan, name);
    value.bad = value.bad || plus;
    take_option(scan, name, &value);
}

/* -- Sections ---------------------------------------------------------------------------------- */

static void enter_section(struct scan *scan, const struct token *name, int index)
{
    int *opened = &scan->opened[index];

    if (*opened != 0)
        complain(scan, name->line, "section \"%s\" is there twice, first in line %d",
                 option_section_at((size_t)index)->name, *opened);
    else
        *opened = name->line;
    scan->section = index;
    scan->section_line = name->line;
    advance(scan);
}

static void complain_unclosed(struct scan *scan)
{
    config_problem(scan->reading, scan->section_line,
                   "section \"%s\" is not closed: \"}\" is missing", section_name(scan));
    scan->broken = true;
}

/* A name at the place where an option is expected. */
static void scan_inside(struct scan *scan)
{
    struct token name = scan->token;
    char text[NAME_SIZE];
    int section = option_section_find(name_of(scan, &name, text));

    advance(scan);
    if (section >= 0 && at_sign(scan, '{')) { /* sections do not nest: a "}" was forgotten */
        complain_unclosed(scan);
        enter_section(scan, &name, section);
    } else {
        scan_statement(scan, &name);
    }
}

static void drop_stray_name(struct scan *scan, const struct token *token)
{
    char name[NAME_SIZE];
    char shown[SHOWN_SIZE];
    const char *home = option_home(name_of(scan, token, name));
    struct value value;

    if (!at_sign(scan, '=')) {
        complain(scan, token->line, "\"{\" is expected after \"%s\", not %s", name,
                 show(scan, &scan->token, shown));
        blank_out(scan, token->begin, token->end);
        return;
    }
    complain(scan, token->line, "\"%s\" stands outside of a section; write \"%s { %s = ... }\"",
             name, home != NULL ? home : "section", name);
    advance(scan);
    value = scan_value(scan, token);
    blank_out(scan, token->begin, value.end);
}

/* A name at the place where a section is expected. */
static void scan_outside(struct scan *scan)
{
    struct token token = scan->token;
    char name[NAME_SIZE];
    const char *near = option_nearest(NULL, name_of(scan, &token, name));
    int index = option_section_find(name);

    advance(scan);
    if (at_sign(scan, '(')) {
        drop_block(scan, &token);
    } else if (!at_sign(scan, '{')) {
        drop_stray_name(scan, &token);
    } else if (index >= 0) {
        enter_section(scan, &token, index);
    } else {
        config_problem(scan->reading, token.line, "unknown section \"%s\"%s%s%s", name,
                       near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                       near != NULL ? "\"?" : "");
        skip_pair(scan, '{', '}');
        blank_out(scan, token.begin, scan->token.begin);
    }
}

static void drop_stray_token(struct scan *scan)
{
    char shown[SHOWN_SIZE];

    complain(scan, scan->token.line, "%s is not expected here, but %s",
             show(scan, &scan->token, shown),
             scan->section < 0 ? "a section such as \"capture {\"" : "an option or \"}\"");
    blank_out(scan, scan->token.begin, scan->token.end);
    advance(scan);
}

/* -- The whole --------------------------------------------------------------------------------- */

static int line_at(const char *text, size_t at)
{
    int line = 1;

    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

/* Bytes that make the rest unreadable. */
static bool check_bytes(struct config_reading *reading, const char *text, size_t len)
{
    const char *zero = memchr(text, '\0', len);

    if (zero != NULL) {
        config_problem(reading, line_at(text, (size_t)(zero - text)),
                       "a NUL byte: this is not a text file in UTF-8");
        return false;
    }
    /* The lines of a file that separates them by CR alone would all be part of its first comment.
     */
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\r' && text[i + 1] != '\n') {
            config_problem(reading, line_at(text, i), "a carriage return that does not end a line");
            return false;
        }
    }
    return true;
}

bool config_scan(struct config_reading *reading, char *text, size_t len)
{
    struct scan scan = {.reading = reading, .text = text, .len = len, .line = 1, .section = -1};

    if (!check_bytes(reading, text, len))
        return false;
    if (starts_with(&scan, 0, "\xef\xbb\xbf")) /* a byte order mark */
        blank_out(&scan, 0, 3);
    advance(&scan);
    while (scan.token.kind != TOKEN_END) {
        if (scan.token.kind == TOKEN_WORD && scan.section < 0) {
            scan_outside(&scan);
        } else if (scan.token.kind == TOKEN_WORD) {
            scan_inside(&scan);
        } else if (at_sign(&scan, '}') && scan.section >= 0) {
            scan.section = -1;
            advance(&scan);
        } else {
            drop_stray_token(&scan);
        }
    }
    if (scan.section >= 0)
        complain_unclosed(&scan);
    return !scan.broken;
}
