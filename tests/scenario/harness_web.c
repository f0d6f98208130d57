/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* -- answers ----------------------------------------------------------------------------------- */

void page_free(struct page *page)
{
    free(page->body);
    free(page->headers);
    *page = (struct page){0};
}

bool page_has(const struct page *page, const char *text)
{
    return strstr(page->body, text) != NULL;
}

static char found[4096];

const char *page_header(const struct page *page, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = page->headers; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 1;
            line += strspn(line, " ");
            snprintf(found, sizeof(found), "%.*s", (int)strcspn(line, "\r\n"), line);
            return found;
        }
    }
    return NULL;
}

const char *page_field(const struct page *page, const char *name)
{
    char wanted[80];
    const char *field, *value, *end;

    snprintf(wanted, sizeof(wanted), "name=\"%s\"", name);
    field = strstr(page->body, wanted);
    end = field ? strchr(field, '>') : NULL;
    value = field ? strstr(field, "value=\"") : NULL;
    if (!value || !end || value > end)
        return NULL;
    value += strlen("value=\"");
    snprintf(found, sizeof(found), "%.*s", (int)strcspn(value, "\""), value);
    return found;
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
    FILE *file = context;

    return fwrite(data, size, count, file);
}

/* -- a browser --------------------------------------------------------------------------------- */

struct browser {
    CURL *handle;
};

struct browser *browser_open(void)
{
    struct browser *browser = calloc(1, sizeof(*browser));

    ck_assert_ptr_nonnull(browser);
    browser->handle = curl_easy_init();
    ck_assert_ptr_nonnull(browser->handle);
    curl_easy_setopt(browser->handle, CURLOPT_COOKIEFILE, "");
    return browser;
}

void browser_close(struct browser *browser)
{
    curl_easy_cleanup(browser->handle);
    free(browser);
}

static struct page perform(CURL *handle, const char *address)
{
    struct page page = {0};
    size_t headers_len;
    FILE *body = open_memstream(&page.body, &page.len);
    FILE *headers = open_memstream(&page.headers, &headers_len);
    CURLcode code;

    curl_easy_setopt(handle, CURLOPT_URL, address);
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)HARNESS_PATIENCE_MS);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, headers);
    code = curl_easy_perform(handle);
    fclose(body);
    fclose(headers);
    ck_assert_msg(code == CURLE_OK, "%s: %s", address, curl_easy_strerror(code));
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &page.status);
    return page;
}

struct page browser_send(struct browser *browser, const char *address, const char *form,
                         const char *header)
{
    struct curl_slist *list = NULL;
    char whole[8192], origin[100];
    struct page page;

    snprintf(whole, sizeof(whole), "%s%s", address[0] == '/' ? harness.page : "", address);
    snprintf(origin, sizeof(origin), "Origin: %s", harness.page);
    if (form)
        list = curl_slist_append(list, origin);
    if (header)
        list = curl_slist_append(list, header);
    curl_easy_setopt(browser->handle, CURLOPT_HTTPHEADER, list);
    if (form)
        curl_easy_setopt(browser->handle, CURLOPT_COPYPOSTFIELDS, form);
    else
        curl_easy_setopt(browser->handle, CURLOPT_HTTPGET, 1L);
    page = perform(browser->handle, whole);
    curl_easy_setopt(browser->handle, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
    return page;
}

struct page browser_get(struct browser *browser, const char *address)
{
    return browser_send(browser, address, NULL, NULL);
}

struct page browser_post(struct browser *browser, const char *address, const char *form)
{
    return browser_send(browser, address, form, NULL);
}

/* The cookies as a header line's value; Netscape's form has seven fields, the last two are name and
 * value. */
static void write_cookies(CURL *handle, FILE *out)
{
    struct curl_slist *all = NULL;

    curl_easy_getinfo(handle, CURLINFO_COOKIELIST, &all);
    for (struct curl_slist *at = all; at; at = at->next) {
        const char *value = strrchr(at->data, '\t'), *name = value;

        while (name && name > at->data && name[-1] != '\t')
            name--;
        if (name)
            fprintf(out, "%s%.*s=%s", at == all ? "" : "; ", (int)(value - name), name, value + 1);
    }
    curl_slist_free_all(all);
}

int browser_start(struct browser *browser, const char *address)
{
    int fd = raw_connect();
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    const char *path = strchr(address + strlen("http://"), '/');

    fprintf(out, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nCookie: ", path,
            harness.page + strlen("http://"));
    write_cookies(browser->handle, out);
    fprintf(out, "\r\n\r\n");
    fclose(out);
    ck_assert_int_eq(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
    free(text);
    return fd;
}

long browser_end(int fd)
{
    char answer[64] = "";
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    long status = 0;

    if (poll(&wait, 1, HARNESS_PATIENCE_MS) > 0 && recv(fd, answer, sizeof(answer) - 1, 0) > 12)
        status = atol(answer + strlen("HTTP/1.1 "));
    close(fd);
    return status;
}

/* -- signing in -------------------------------------------------------------------------------- */

static char *location_of(struct page *page)
{
    const char *location = page_header(page, "Location");
    char *copy;

    ck_assert_msg(page->status == 302 || page->status == 303, "status %ld: %s", page->status,
                  page->body);
    ck_assert_ptr_nonnull(location);
    copy = strdup(location);
    page_free(page);
    return copy;
}

char *browser_begin_login(struct browser *browser, int64_t user)
{
    struct page page = browser_get(browser, "/spotify");
    const char *token = page_field(&page, "token");
    char form[300];

    ck_assert_msg(token != NULL, "status %ld: %s", page.status, page.body);
    if (user != 0)
        snprintf(form, sizeof(form), "token=%s&user=%lld", token, (long long)user);
    else
        snprintf(form, sizeof(form), "token=%s", token);
    page_free(&page);
    page = browser_post(browser, "/spotify/connect", form);
    return location_of(&page);
}

char *browser_at_spotify(struct browser *browser, const char *address, int account)
{
    char whole[4096];
    struct page page;

    if (account > 0)
        snprintf(whole, sizeof(whole), "%s&sim_account=%d", address, account);
    else
        snprintf(whole, sizeof(whole), "%s&sim_deny=1", address);
    page = browser_get(browser, whole);
    return location_of(&page);
}

void browser_login(struct browser *browser, int account)
{
    char *address = browser_begin_login(browser, 0);
    char *back = browser_at_spotify(browser, address, account);
    struct page page = browser_get(browser, back);

    ck_assert_msg(page.status == 303, "status %ld: %s", page.status, page.body);
    page_free(&page);
    free(address);
    free(back);
}

/* -- bytes ------------------------------------------------------------------------------------- */

static int page_socket(struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address->sin_port = htons((uint16_t)atoi(strrchr(harness.page, ':') + 1));
    return fd;
}

int raw_listen(void)
{
    struct sockaddr_in address;
    int fd = page_socket(&address);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

int raw_connect(void)
{
    struct sockaddr_in address;
    int fd = page_socket(&address);

    ck_assert_msg(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "%s: %s",
                  harness.page, strerror(errno));
    return fd;
}

size_t raw_exchange(const char *send_this, size_t len, char *answer, size_t size, int64_t ms)
{
    int fd = raw_connect();
    size_t got = 0;
    ssize_t count = 1;

    (void)send(fd, send_this, len, MSG_NOSIGNAL);
    while (count > 0 && got < size - 1) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};

        if (poll(&wait, 1, (int)ms) <= 0)
            break;
        count = recv(fd, answer + got, size - 1 - got, 0);
        got += count > 0 ? (size_t)count : 0;
    }
    answer[got] = '\0';
    close(fd);
    return got;
}

/* -- the control interface --------------------------------------------------------------------- */

/* body NULL: none. */
static json_t *control(long *status, const char *method, const char *path, const char *type,
                       const void *body, size_t len)
{
    CURL *handle = curl_easy_init();
    struct curl_slist *list;
    char address[600], header[100];
    struct page page;
    json_t *json;

    ck_assert_ptr_nonnull(handle);
    snprintf(address, sizeof(address), "http://localhost%s", path);
    snprintf(header, sizeof(header), "Content-Type: %s", type);
    list = curl_slist_append(NULL, header);
    curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, harness.control);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
    if (body) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)len);
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
    page = perform(handle, address);
    curl_easy_cleanup(handle);
    curl_slist_free_all(list);
    json = json_loads(page.body, 0, NULL);
    ck_assert_msg(json != NULL, "%s %s: %ld: %s", method, path, page.status, page.body);
    if (status)
        *status = page.status;
    page_free(&page);
    return json;
}

json_t *control_send(long *status, const char *path, const char *type, const void *bytes,
                     size_t len)
{
    return control(status, "POST", path, type, bytes, len);
}

static json_t *vcontrol(long *status, const char *method, const char *path, const char *body,
                        va_list arguments) __attribute__((format(printf, 4, 0)));

static json_t *vcontrol(long *status, const char *method, const char *path, const char *body,
                        va_list arguments)
{
    char *text = NULL;
    json_t *json;

    if (body) {
        ck_assert_int_ge(vasprintf(&text, body, arguments), 0);
        for (char *mark = text; (mark = strchr(mark, '\'')) != NULL;)
            *mark = '"';
    }
    json = control(status, method, path, "application/json", text, text ? strlen(text) : 0);
    free(text);
    return json;
}

json_t *control_ask(long *status, const char *method, const char *path, const char *body, ...)
{
    va_list arguments;
    json_t *json;

    va_start(arguments, body);
    json = vcontrol(status, method, path, body, arguments);
    va_end(arguments);
    return json;
}

json_t *control_expect(long status, const char *method, const char *path, const char *body, ...)
{
    va_list arguments;
    long got = 0;
    json_t *json;

    va_start(arguments, body);
    json = vcontrol(&got, method, path, body, arguments);
    va_end(arguments);
    if (got != status) {
        char *text = json_dumps(json, JSON_COMPACT);

        ck_abort_msg("%s %s: %ld instead of %ld: %s", method, path, got, status, text);
    }
    return json;
}
