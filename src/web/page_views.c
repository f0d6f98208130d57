/* SPDX-License-Identifier: MIT */
/*
 * The way of a page that shows history. On the loop: what the view needs of the request is copied
 * and queued. On a reader's thread: the view draws, and the answer is compressed and tagged. On the
 * loop again: it is sent. Between the two nothing is shared but a visit, which one of them has.
 */
#include "web/web_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/recorder.h"
#include "web/encode.h"
#include "web/reader.h"

#define PAGES_BUDGET_MS 2000
#define PAGES_QUEUE 32
#define DOWNLOADS_BUDGET_MS 120000
#define DOWNLOADS_QUEUE 2
#define RETRY_AFTER "5" /* seconds */

struct visit {
    struct web *web;
    struct web_request *request;
    struct reader_job *job;
    view_draw *draw;
    bool wants_gzip;
    bool failed; /* no memory for a copy */
    const char *zone_name, *if_none_match;
    struct arena arena; /* of the copies */
    struct view_request asked;
    struct zone *zone;
    struct view_answer answer;
    size_t file_size;
    bool is_gzip, is_known; /* known: the browser has it */
    char tag[ENCODE_TAG_SIZE];
};

static const struct view_row {
    const char *path;
    view_draw *draw;
    bool is_download;
} rows[] = {
#define VIEW_ROW(path, draw) {path, draw, false},
#define DOWNLOAD_ROW(path, draw) {path, draw, true},
    WEB_VIEWS(VIEW_ROW) WEB_DOWNLOADS(DOWNLOAD_ROW)};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* -- on the thread ----------------------------------------------------------------------------- */

/* Compressed and tagged, or found to be what the browser has. */
static void answer_encode(struct visit *visit)
{
    struct view_answer *answer = &visit->answer;
    bool gzip = visit->wants_gzip && answer->body.len > ENCODE_GZIP_MIN;

    if (answer->body.failed)
        return;
    encode_tag(answer->body.data, answer->body.len, gzip, visit->tag);
    visit->is_known = answer->status == 200 && encode_tag_matches(visit->if_none_match, visit->tag);
    if (visit->is_known || !gzip)
        return;
    if (!encode_gzip(&answer->body)) {
        encode_tag(answer->body.data, answer->body.len, false, visit->tag);
        return;
    }
    visit->is_gzip = true;
}

static enum store_result answer_measure(struct visit *visit)
{
    struct stat status;

    if (fstat(visit->answer.fd, &status) != 0)
        return STORE_IO;
    visit->file_size = (size_t)status.st_size;
    return STORE_OK;
}

/* Whatever the cookie says, there is one: that of the server. */
static bool open_zone(struct visit *visit)
{
    if (visit->zone_name)
        visit->zone = zone_open(visit->zone_name);
    visit->asked.zone_chosen = visit->zone ? visit->zone_name : "";
    if (!visit->zone)
        visit->zone = zone_open(NULL);
    if (!visit->zone)
        return false;
    visit->asked.zone = visit->zone;
    visit->asked.site.zone = zone_name(visit->zone);
    return true;
}

static enum store_result visit_run(struct store *store, void *context)
{
    struct visit *visit = context;
    enum store_result result;

    if (!open_zone(visit))
        return STORE_NOMEM;
    result = visit->draw(store, &visit->asked, &visit->answer);
    if (result != STORE_OK || visit->answer.location)
        return result;
    if (visit->answer.fd >= 0)
        return answer_measure(visit);
    answer_encode(visit);
    return STORE_OK;
}

/* -- the answer -------------------------------------------------------------------------------- */

static void visit_drop(void *context)
{
    struct visit *visit = context;

    zone_free(visit->zone);
    if (visit->answer.fd >= 0)
        close(visit->answer.fd);
    buf_free(&visit->answer.body, false);
    arena_free(&visit->answer.arena);
    arena_free(&visit->arena);
    free(visit);
}

static void visit_gone(void *context)
{
    struct visit *visit = context;

    reader_cancel(visit->job);
}

static void answer_busy(struct web_request *request, struct web *web, const char *what)
{
    web_request_add_header(request, "Retry-After", RETRY_AFTER);
    web_page_error(request, web, 503, what);
}

static void answer_failure(struct visit *visit, enum store_result result, const char *why)
{
    struct web *web = visit->web;

    log_episode_meet(&web->reading, clock_boot_ms(), LOG_LEVEL_WARNING,
                     "page: the database cannot be read: %s", why);
    if (result == STORE_LATE)
        answer_busy(visit->request, web, "This page took longer to draw than a page may.");
    else if (store_result_is_temporary(result))
        answer_busy(visit->request, web, "The database cannot be read now.");
    else
        web_page_error(visit->request, web, 500, "The database cannot be read.");
}

static void add_disposition(struct visit *visit)
{
    struct buf header = {.limit = WEB_HTTP_HEADERS_MAX};

    if (!visit->answer.filename)
        return;
    encode_disposition(&header, visit->answer.filename);
    if (!header.failed)
        web_request_add_header(visit->request, "Content-Disposition", header.data);
    buf_free(&header, false);
}

/* Only the browser keeps it, and asks each time whether it is still so. */
static void add_headers(struct visit *visit)
{
    struct web_request *request = visit->request;
    const struct view_answer *answer = &visit->answer;

    web_request_add_header(request, "Cache-Control", "private, no-cache");
    web_request_add_header(request, "Vary", "Accept-Encoding, Cookie");
    if (visit->asked.covers && strcmp(answer->type, VIEW_HTML) == 0)
        web_request_add_header(request, "Content-Security-Policy", visit->web->texts.policy_covers);
    if (answer->status == 200 && visit->tag[0])
        web_request_add_header(request, "ETag", visit->tag);
    if (visit->is_gzip)
        web_request_add_header(request, "Content-Encoding", "gzip");
    add_disposition(visit);
}

static void answer_file(struct visit *visit)
{
    int fd = visit->answer.fd;

    visit->answer.fd = -1;
    add_disposition(visit);
    web_answer_file(visit->request, visit->answer.status, visit->answer.type, fd, visit->file_size);
}

static void visit_done(enum store_result result, const char *why, void *context)
{
    struct visit *visit = context;
    struct view_answer *answer = &visit->answer;

    if (result != STORE_OK) {
        answer_failure(visit, result, why);
        return;
    }
    log_episode_leave(&visit->web->reading, clock_boot_ms(), "page: the database is read again");
    if (answer->location) {
        web_page_see_other(visit->request, answer->location);
    } else if (answer->fd >= 0) {
        answer_file(visit);
    } else {
        add_headers(visit);
        if (visit->is_known)
            web_answer(visit->request, 304, NULL, NULL);
        else
            web_answer(visit->request, answer->status, answer->type, &answer->body);
    }
}

/* -- the request ------------------------------------------------------------------------------- */

static const char *copy(struct visit *visit, const char *text)
{
    const char *made = text ? arena_copy(&visit->arena, text, strlen(text)) : NULL;

    visit->failed = visit->failed || (text && !made);
    return made;
}

static void copy_fields(struct visit *visit, const struct web_request *request)
{
    bool (*field_at)(const struct web_request *, size_t, const char **, const char **) =
        web_request_method(request) == WEB_POST ? web_request_form_at : web_request_query_at;
    const char *name, *value;
    struct view_field *fields =
        arena_alloc(&visit->arena, WEB_HTTP_FIELDS_MAX * sizeof(struct view_field));

    visit->failed = visit->failed || !fields;
    for (size_t i = 0; fields && field_at(request, i, &name, &value); i++) {
        fields[i] = (struct view_field){copy(visit, name), copy(visit, value)};
        visit->asked.field_count = i + 1;
    }
    visit->asked.fields = fields;
}

/* The address of the page as it is asked for; one that is odd is taken for home. */
static const char *make_here(struct visit *visit, const struct web_request *request)
{
    const char *path = web_request_path(request), *query = web_request_query_text(request);
    struct buf here = {.limit = GUARD_NEXT_MAX};
    const char *made;

    buf_add_text(&here, path);
    if (query[0]) {
        buf_add(&here, "?", 1);
        buf_add(&here, query, strlen(query));
    }
    /* The path is decoded here: one that needs coding is none of ours. */
    if (here.failed || strpbrk(path, "%?#&") || !guard_next_is_ours(here.data))
        made = copy(visit, "/");
    else
        made = copy(visit, here.data);
    buf_free(&here, false);
    return made;
}

static void copy_site(struct visit *visit, struct web_request *request)
{
    char token[VAULT_MAC_SIZE];
    struct page_site site = web_page_site(visit->web, request, token);

    site.title = copy(visit, site.title);
    site.token = copy(visit, site.token);
    site.version = copy(visit, site.version);
    site.here = make_here(visit, request);
    visit->asked.site = site;
}

/* NULL without memory. */
static struct visit *visit_new(struct web_request *request, struct web *web, view_draw *draw)
{
    struct visit *visit = calloc(1, sizeof(*visit));
    const struct web_attention *attention = web_attention_look(web);
    const char *covers = web_request_cookie(request, WEB_COVERS_COOKIE);

    if (!visit)
        return NULL;
    *visit = (struct visit){
        .web = web,
        .request = request,
        .draw = draw,
        .wants_gzip = encode_wants_gzip(web_request_header(request, "Accept-Encoding")),
        .asked = {.now = clock_wall_ms(), .covers = !covers || strcmp(covers, "off") != 0},
        .answer = {.status = 200, .type = VIEW_HTML, .body = {.limit = WEB_PAGE_LIMIT}, .fd = -1},
    };
    visit->zone_name = copy(visit, web_request_cookie(request, WEB_ZONE_COOKIE));
    visit->if_none_match = copy(visit, web_request_header(request, "If-None-Match"));
    visit->asked.path = copy(visit, web_request_path(request));
    visit->asked.rest = copy(visit, web_request_rest(request));
    visit->asked.attention = attention->text[0] ? copy(visit, attention->text) : NULL;
    copy_fields(visit, request);
    copy_site(visit, request);
    if (!visit->failed)
        return visit;
    visit_drop(visit);
    return NULL;
}

static void answer_by(struct web_request *request, struct web *web, view_draw *draw,
                      struct reader *reader)
{
    static const struct reader_work work = {visit_run, visit_done, visit_drop};
    struct visit *visit = visit_new(request, web, draw);
    struct reader_job *job;

    if (!visit) {
        web_page_error(request, web, 500, NULL);
        return;
    }
    job = reader_do(reader, &work, visit);
    if (!job) {
        answer_busy(request, web, "Too much is being asked for at once.");
        return;
    }
    visit->job = job;
    web_request_later(request, visit_gone, visit);
}

void web_view_answer(struct web_request *request, struct web *web, view_draw *draw)
{
    answer_by(request, web, draw, web->pages);
}

/* rest points to what stands for the '*', or to the end of the path. */
static bool is_of(const struct view_row *row, const char *path, const char *rest)
{
    size_t len = strlen(row->path);

    if (row->path[len - 1] != '*')
        return strcmp(row->path, path) == 0;
    return rest == path + len - 1 && strncmp(row->path, path, len - 1) == 0;
}

void web_get_view(struct web_request *request, void *context)
{
    struct web *web = context;
    const char *path = web_request_path(request);
    const struct view_row *row = rows;

    /* The routes are these rows: one is found. */
    while (row < rows + ROW_COUNT - 1 && !is_of(row, path, web_request_rest(request)))
        row++;
    if (strcmp(path, "/") == 0 && web_attention_look(web)->is_empty)
        web_page_see_other(request, PAGE_ACCOUNTS_PATH);
    else
        answer_by(request, web, row->draw, row->is_download ? web->downloads : web->pages);
}

/* -- life -------------------------------------------------------------------------------------- */

bool web_views_begin(struct web *web)
{
    struct turns *turns = web->recorder ? recorder_turns(web->recorder) : NULL;
    const struct reader_config pages = {.database = web->texts.database,
                                        .budget_ms = PAGES_BUDGET_MS,
                                        .queue = PAGES_QUEUE,
                                        .turns = turns};
    const struct reader_config downloads = {.database = web->texts.database,
                                            .budget_ms = DOWNLOADS_BUDGET_MS,
                                            .queue = DOWNLOADS_QUEUE,
                                            .turns = turns};

    web->pages = reader_new(web->base, &pages);
    web->downloads = reader_new(web->base, &downloads);
    return web->pages && web->downloads;
}

void web_views_end(struct web *web)
{
    reader_free(web->pages);
    reader_free(web->downloads);
}
