/* SPDX-License-Identifier: MIT */
/*
 * What stands before the content: the request line, the headers, the framing of chunks. Strict:
 * what HTTP allows to refuse is refused, so that there is only one way to read a request.
 */
#include "base/text.h"
#include "web/http_private.h"

#include <string.h>
#include <strings.h>

#define REQUEST_LINE_MAX (WEB_HTTP_TARGET_MAX + 64) /* with the method and the version */

#define CHUNK_LINE_MAX 256   /* a chunk's size and extensions, or a trailer line */
#define CHUNK_MORE_MAX 65536 /* all of them: chunks of one byte each cost their sender */

static bool is_control(unsigned char byte)
{
    return (byte < ' ' && byte != '\t') || byte == 0x7f;
}

int http_scan(struct http_scan *scan, const char *data, size_t len, size_t *used)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)data[i];

        *used = i + 1;
        if (++scan->total > WEB_HTTP_HEADERS_MAX)
            return 431;
        if (scan->cr != (byte == '\n'))
            return 400; /* a CR or an LF alone */
        if (byte == '\n') {
            if (scan->line == 0 && scan->begun)
                return 200;
            scan->first = false;
            scan->cr = false;
            scan->line = 0;
            continue;
        }
        scan->cr = byte == '\r';
        if (scan->cr)
            continue;
        if (is_control(byte))
            return 400;
        scan->first = scan->first || !scan->begun;
        scan->begun = true;
        if (++scan->line > REQUEST_LINE_MAX && scan->first)
            return 414;
    }
    *used = len;
    return 0;
}

/* --- request line and headers ----------------------------------------------------------------- */

static bool is_token_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static bool is_token(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (!is_token_byte(text[i]))
            return false;
    }
    return len > 0;
}

/* Cuts the line at *at from the rest, which is at *at afterwards. */
static char *next_line(char **at)
{
    char *line = *at;
    char *end = strstr(line, "\r\n");

    if (end == NULL)
        return NULL;
    *end = '\0';
    *at = end + 2;
    return line;
}

static enum http_method method_of(const char *name)
{
    static const struct {
        const char *name;
        enum http_method method;
    } methods[] = {
        {"GET", HTTP_GET},         {"HEAD", HTTP_HEAD},   {"POST", HTTP_POST},
        {"OPTIONS", HTTP_OPTIONS}, {"PUT", HTTP_OTHER},   {"DELETE", HTTP_OTHER},
        {"PATCH", HTTP_OTHER},     {"TRACE", HTTP_OTHER}, {"CONNECT", HTTP_OTHER},
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(name, methods[i].name) == 0)
            return methods[i].method;
    }
    return HTTP_UNKNOWN;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static int parse_version(const char *version, struct http_head *head, const char **reason)
{
    *reason = "This is not an HTTP request.";
    if (strlen(version) != 8 || memcmp(version, "HTTP/", 5) != 0 || !is_digit(version[5]) ||
        version[6] != '.' || !is_digit(version[7]))
        return 400;
    *reason = "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
    if (version[5] != '1')
        return 505;
    head->minor = version[7] == '0' ? 0 : 1;
    return 0;
}

/* RFC 9112, 3: method SP target SP version. */
static int parse_request_line(char *line, struct http_head *head, const char **reason)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strchr(target + 1, ' ') : NULL;
    int status;

    *reason = "This is not an HTTP request.";
    if (version == NULL)
        return 400;
    *target++ = '\0';
    *version++ = '\0';
    if (!is_token(line) || *target == '\0')
        return 400;
    head->method = method_of(line);
    head->target = target;
    status = parse_version(version, head, reason);
    if (status != 0)
        return status;
    *reason = "The address is too long.";
    if (strlen(target) > WEB_HTTP_TARGET_MAX)
        return 414;
    *reason = "This method does not exist here.";
    return head->method == HTTP_UNKNOWN ? 501 : 0;
}

/* RFC 9112, 5: no blank before the colon, no folded lines. */
static int parse_field(char *line, struct http_head *head, const char **reason)
{
    char *value = strchr(line, ':');
    size_t len;

    *reason = "A header is malformed.";
    if (value == NULL)
        return 400;
    *value++ = '\0';
    if (!is_token(line))
        return 400;
    *reason = "There are too many headers.";
    if (head->count == HTTP_HEADER_LINES_MAX)
        return 431;
    value += strspn(value, " \t");
    len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        value[--len] = '\0';
    head->fields[head->count++] = (struct http_pair){line, value};
    return 0;
}

const char *http_head_find(const struct http_head *head, const char *name, size_t *times)
{
    const char *found = NULL;
    size_t count = 0;

    for (size_t i = 0; i < head->count; i++) {
        if (strcasecmp(head->fields[i].name, name) == 0) {
            found = head->fields[i].value;
            count++;
        }
    }
    if (times != NULL)
        *times = count;
    return count == 1 ? found : NULL;
}

/* --- what the headers say --------------------------------------------------------------------- */

/* Exactly one Host (RFC 9112, 3.2), of the letters that a host and a port are made of. */
static int check_host(struct http_head *head, const char **reason)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
    size_t times;
    const char *host = http_head_find(head, "Host", &times);

    *reason = "There must be one Host header.";
    if (times > 1 || (times == 0 && head->minor > 0))
        return 400;
    *reason = "The Host header is malformed.";
    if (host != NULL && host[strspn(host, letters)] != '\0')
        return 400;
    head->host = host != NULL ? host : "";
    return 0;
}

/* A target with a scheme or a host in it, "*" and what else a proxy would be asked for are none of
 * ours. A fragment never leaves a browser. */
static int check_target(struct http_head *head, const char **reason)
{
    *reason = "The address is malformed.";
    if (head->method == HTTP_OPTIONS && strcmp(head->target, "*") == 0)
        return 0;
    if (!http_path_plausible(head->target) || strpbrk(head->target, "#\t") != NULL ||
        !text_utf8_valid(head->target, strlen(head->target)))
        return 400;
    return 0;
}

static int parse_length(const char *text, size_t *length, const char **reason)
{
    *reason = "The Content-Length is malformed.";
    if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
        return 400;
    *reason = "The body is too long.";
    *length = 0;
    for (; *text != '\0'; text++) {
        *length = *length * 10 + (size_t)(*text - '0');
        if (*length > WEB_HTTP_BODY_MAX)
            return 413;
    }
    return 0;
}

/* RFC 9112, 6: how long the body is. Two ways to tell are how requests are smuggled. */
static int check_framing(struct http_head *head, const char **reason)
{
    size_t lengths, codings;
    const char *length = http_head_find(head, "Content-Length", &lengths);
    const char *coding = http_head_find(head, "Transfer-Encoding", &codings);

    *reason = "The length of the body is told in more than one way.";
    if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0) ||
        (codings > 0 && head->minor == 0))
        return 400;
    if (coding != NULL) {
        *reason = "This transfer coding is not known here.";
        head->chunked = strcasecmp(coding, "chunked") == 0;
        return head->chunked ? 0 : 501;
    }
    if (length != NULL)
        return parse_length(length, &head->body_length, reason);
    *reason = "The length of the body is not told.";
    return head->method == HTTP_POST ? 411 : 0;
}

/* RFC 9110, 7.6.1 and 10.1.1. */
static int check_wishes(struct http_head *head, const char **reason)
{
    size_t times;
    const char *expect = http_head_find(head, "Expect", &times);

    head->close = head->minor == 0;
    for (size_t i = 0; i < head->count; i++) {
        if (strcasecmp(head->fields[i].name, "Connection") == 0 &&
            http_list_has(head->fields[i].value, "close"))
            head->close = true;
    }
    *reason = "This expectation cannot be met.";
    if (times == 0 || head->minor == 0)
        return 0;
    head->expects = expect != NULL && strcasecmp(expect, "100-continue") == 0;
    return head->expects ? 0 : 417;
}

int http_head_parse(char *text, size_t len, struct http_head *head, const char **reason)
{
    static int (*const checks[])(struct http_head *, const char **) = {check_target, check_host,
                                                                       check_framing, check_wishes};
    char *at = text;
    char *line;
    int status;

    memset(head, 0, sizeof(*head));
    head->target = "";
    head->host = "";
    *reason = "This is not an HTTP request.";
    if (len != strlen(text))
        return 400;
    do {
        line = next_line(&at);
    } while (line != NULL && *line == '\0');
    status = line != NULL ? parse_request_line(line, head, reason) : 400;
    while (status == 0 && (line = next_line(&at)) != NULL && *line != '\0')
        status = parse_field(line, head, reason);
    for (size_t i = 0; status == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
        status = checks[i](head, reason);
    return status;
}

/* --- chunks ----------------------------------------------------------------------------------- */

enum chunk_stage {
    CHUNK_SIZE,      /* hexadecimal digits */
    CHUNK_EXTENSION, /* up to the end of the line: passed over */
    CHUNK_DATA,
    CHUNK_DATA_END,
    CHUNK_TRAILER, /* lines up to an empty one: passed over */
    CHUNK_DONE
};

/* A line of framing is over: what comes next? */
static int chunk_line_ended(struct http_chunks *chunks)
{
    size_t line = chunks->line;

    chunks->line = 0;
    switch (chunks->stage) {
    case CHUNK_SIZE:
    case CHUNK_EXTENSION:
        if (line == 0)
            return 400;
        chunks->stage = chunks->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
        return 0;
    case CHUNK_DATA_END:
        chunks->stage = CHUNK_SIZE;
        return 0;
    default:
        chunks->stage = line == 0 ? CHUNK_DONE : CHUNK_TRAILER;
        return line == 0 ? 200 : 0;
    }
}

static int chunk_line_byte(struct http_chunks *chunks, char byte)
{
    int digit = http_hex_value(byte);

    if (++chunks->line > CHUNK_LINE_MAX || is_control((unsigned char)byte) ||
        chunks->stage == CHUNK_DATA_END || chunks->stage == CHUNK_DONE)
        return 400;
    if (chunks->stage != CHUNK_SIZE)
        return 0;
    if (digit < 0) {
        chunks->stage = CHUNK_EXTENSION;
        return chunks->line > 1 && (byte == ';' || byte == ' ' || byte == '\t') ? 0 : 400;
    }
    chunks->left = chunks->left * 16 + (size_t)digit;
    return chunks->left > WEB_HTTP_BODY_MAX ? 413 : 0;
}

static int chunk_framing_byte(struct http_chunks *chunks, char byte)
{
    if (++chunks->more > CHUNK_MORE_MAX)
        return 413;
    if (chunks->cr != (byte == '\n'))
        return 400;
    chunks->cr = byte == '\r';
    if (byte == '\n')
        return chunk_line_ended(chunks);
    return chunks->cr ? 0 : chunk_line_byte(chunks, byte);
}

int http_chunks(struct http_chunks *chunks, const char *data, size_t len, struct buf *body,
                size_t *used)
{
    size_t at = 0;
    int status = 0;

    while (at < len && status == 0) {
        if (chunks->stage == CHUNK_DATA) {
            size_t part = chunks->left < len - at ? chunks->left : len - at;

            if (part > WEB_HTTP_BODY_MAX - body->len)
                status = 413;
            else if (!buf_add(body, data + at, part))
                status = 500;
            at += part;
            chunks->left -= part;
            if (chunks->left == 0)
                chunks->stage = CHUNK_DATA_END;
        } else {
            status = chunk_framing_byte(chunks, data[at++]);
        }
    }
    *used = at;
    return status;
}
