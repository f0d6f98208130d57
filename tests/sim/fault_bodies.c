/* SPDX-License-Identifier: MIT */
/* Answers as no client should ever get them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define BIG (10 * 1024 * 1024)
#define DEEP 100000
#define BOMB_REPEATS 520223 /* of 258 bytes: 128 MiB */

static void set_type(struct sim_request *r, const char *type)
{
    evhttp_remove_header(evhttp_request_get_output_headers(r->http), "Content-Type");
    if (type != NULL && *type != '\0')
        sim_answer_header(r, "Content-Type", type);
}

static int body_repeat(struct evbuffer *out, const char *text, size_t times)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < times; i++)
        if (evbuffer_add(out, text, length) != 0)
            return -1;
    return 0;
}

/* Sound JSON that is much too large. */
static int body_big(struct sim_request *r)
{
    char line[1025];

    memset(line, 'x', 1024);
    line[1024] = '\0';
    evbuffer_add_printf(r->body,
                        "{\"items\":[],\"next\":null,\"cursors\":null,\"limit\":50,\"padding\":\"");
    if (body_repeat(r->body, line, BIG / 1024) != 0)
        return -1;
    return evbuffer_add_printf(r->body, "\"}") < 0 ? -1 : 0;
}

static int body_deep(struct sim_request *r)
{
    evbuffer_add_printf(r->body, "{\"items\":");
    if (body_repeat(r->body, "[", DEEP) != 0 || body_repeat(r->body, "]", DEEP) != 0)
        return -1;
    return evbuffer_add_printf(r->body, "}") < 0 ? -1 : 0;
}

static void body_wrong_types(struct sim_request *r)
{
    if (r->kind == SIM_TOKEN)
        evbuffer_add_printf(r->body,
                            "{\"access_token\":12345,\"token_type\":null,\"expires_in\":\"soon\","
                            "\"refresh_token\":{\"a\":1},\"scope\":[]}");
    else if (r->kind == SIM_ME)
        evbuffer_add_printf(r->body,
                            "{\"id\":42,\"account_id\":[],\"display_name\":{},\"type\":1}");
    else
        evbuffer_add_printf(
            r->body,
            "{\"items\":[{\"track\":\"none\",\"played_at\":20261120,\"context\":4},7,null],"
            "\"next\":5,\"cursors\":[1],\"limit\":\"fifty\",\"href\":false}");
}

static void body_bad_utf8(struct sim_request *r)
{
    static const char bad[] =
        "{\"items\":[],\"next\":null,\"cursors\":null,\"limit\":50,\"href\":\"\xc3\x28\xff\xfe"
        "\xed\xa0\x80\xf8\x88\"}";

    evbuffer_add(r->body, bad, sizeof(bad) - 1);
}

static void body_html(struct sim_request *r)
{
    evbuffer_add_printf(r->body,
                        "<html>\r\n<head><title>%d %s</title></head>\r\n"
                        "<body>\r\n<center><h1>%d %s</h1></center>\r\n"
                        "<hr><center>an edge server</center>\r\n</body>\r\n</html>\r\n",
                        r->status, sim_status_phrase(r->status), r->status,
                        sim_status_phrase(r->status));
}

/* The error as Spotify writes it for this status and this endpoint. */
static void body_json_error(struct sim_request *r)
{
    if (r->status < 300)
        return;
    if (r->kind == SIM_TOKEN)
        evbuffer_add_printf(r->body, "{\"error\":\"%s\",\"error_description\":\"%s\"}",
                            r->status < 500 ? "invalid_request" : "server_error",
                            sim_status_phrase(r->status));
    else
        evbuffer_add_printf(r->body, "{\"error\":{\"status\":%d,\"message\":\"%s\"}}", r->status,
                            sim_status_phrase(r->status));
}

/* ---- half of something ---- */

/* The true answer when there is one, else one that looks like it. */
static void body_fill(struct sim_request *r)
{
    if (evbuffer_get_length(r->body) > 1)
        return;
    evbuffer_add_printf(
        r->body,
        "{\"items\":[{\"played_at\":\"2026-01-01T00:00:00.001Z\",\"context\":null,\"track\":"
        "{\"id\":null}}],\"next\":null,\"cursors\":null,\"limit\":50}");
}

static int body_half(struct sim_request *r, bool declare_all)
{
    size_t length, half;
    char *copy;

    body_fill(r);
    length = evbuffer_get_length(r->body);
    half = length / 2;
    copy = malloc(half + 1);
    if (copy == NULL)
        return -1;
    evbuffer_remove(r->body, copy, half);
    evbuffer_drain(r->body, evbuffer_get_length(r->body));
    evbuffer_add(r->body, copy, half);
    free(copy);
    if (declare_all)
        r->declared = length;
    return 0;
}

/* ---- a small answer that becomes a large one ---- */

struct bits {
    struct evbuffer *out;
    unsigned char byte;
    unsigned used;
};

static void bit_add(struct bits *bits, unsigned bit)
{
    bits->byte = (unsigned char)(bits->byte | (bit & 1) << bits->used);
    if (++bits->used == 8) {
        evbuffer_add(bits->out, &bits->byte, 1);
        bits->byte = 0;
        bits->used = 0;
    }
}

/* Huffman codes go from their highest bit on, everything else from the lowest. */
static void code_add(struct bits *bits, unsigned code, unsigned length)
{
    while (length-- > 0)
        bit_add(bits, code >> length);
}

/*
 * One block with the fixed codes: a space, and then "258 bytes from one byte ago" over and over, 13
 * bits each. At the end the checksum and the length of all those spaces, worked out once.
 */
static void body_gzip_bomb(struct sim_request *r)
{
    static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    static const unsigned char tail[] = {0x8e, 0xd4, 0xb3, 0xf4, 0x3f, 0xff, 0xff, 0x07};
    struct bits bits = {.out = r->body};

    evbuffer_add(r->body, head, sizeof(head));
    bit_add(&bits, 1);
    bit_add(&bits, 1);
    bit_add(&bits, 0);
    code_add(&bits, 0x30 + ' ', 8);
    for (unsigned i = 0; i < BOMB_REPEATS; i++) {
        code_add(&bits, 0xc5, 8);
        code_add(&bits, 0, 5);
    }
    code_add(&bits, 0, 7);
    while (bits.used != 0)
        bit_add(&bits, 0);
    evbuffer_add(r->body, tail, sizeof(tail));
    sim_answer_header(r, "Content-Encoding", "gzip");
}

/* ---- putting it in place ---- */

static void body_text(struct sim_request *r, const char *text)
{
    evbuffer_add(r->body, text, strlen(text));
    set_type(r, *text == '{' || *text == '[' ? "application/json" : "text/plain; charset=utf-8");
}

static int body_make(struct sim_request *r, const struct sim_fault *fault)
{
    enum sim_body body = fault->body == SIM_BODY_NONE ? SIM_BODY_JSON_ERROR : fault->body;

    if (body == SIM_BODY_TRUNCATED || body == SIM_BODY_HALF_JSON)
        return body_half(r, body == SIM_BODY_TRUNCATED);
    evbuffer_drain(r->body, evbuffer_get_length(r->body));
    set_type(r, "application/json; charset=utf-8");
    switch (body) {
    case SIM_BODY_TEXT:
        body_text(r, fault->text);
        return 0;
    case SIM_BODY_PLAIN:
        body_text(r, r->status == 429 ? "Too many requests"
                                      : "upstream connect error or disconnect/reset");
        return 0;
    case SIM_BODY_NOT_JSON:
        evbuffer_add_printf(r->body, "this says JSON, and is none");
        return 0;
    case SIM_BODY_HTML:
        set_type(r, "text/html; charset=UTF-8");
        body_html(r);
        return 0;
    case SIM_BODY_BIG:
        return body_big(r);
    case SIM_BODY_DEEP:
        return body_deep(r);
    case SIM_BODY_BAD_UTF8:
        body_bad_utf8(r);
        return 0;
    case SIM_BODY_WRONG_TYPES:
        body_wrong_types(r);
        return 0;
    case SIM_BODY_GZIP_BOMB:
        body_gzip_bomb(r);
        return 0;
    case SIM_BODY_JSON_ERROR:
        body_json_error(r);
        return 0;
    default: /* empty */
        set_type(r, NULL);
        return 0;
    }
}

int sim_fault_apply(struct sim_request *r, const struct sim_fault *fault)
{
    int failed = 0;

    if (sim_fault_replaces(fault)) {
        r->status = fault->status != 0 ? fault->status : 200;
        failed = body_make(r, fault);
        if (fault->type != NULL)
            set_type(r, fault->type);
    }
    for (size_t i = 0; i < fault->header_count; i++)
        sim_answer_header(r, fault->headers[i].name, fault->headers[i].value);
    return failed;
}
