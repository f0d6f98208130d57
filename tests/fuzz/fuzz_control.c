/* SPDX-License-Identifier: MIT */
/*
 * The control interface from end to end: a server over a real database, a request on its socket,
 * and the answer as the command reads it. The input is "METHOD TARGET", a line break and the body;
 * what begins with a NUL goes over the socket as it is.
 *
 * Every input finds the same database: two users, three plays, nothing under way.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "capture/login.h"
#include "capture/recorder.h"
#include "ctl/client.h"
#include "fuzz/hold.h"
#include "store/plays.h"
#include "store/store.h"
#include "vault/vault.h"
#include "web/web.h"

#define INPUT_MAX 20000
#define TURNS 5000 /* of the loop, until there must be an answer */
#define T0 INT64_C(1767225600000)

static struct {
    char folder[64];
    int pid; /* who made it */
    struct event_base *base;
    struct vault *vault;
    struct store *store;
    struct recorder *recorder;
    struct login *login;
    struct web *web;
    char *template; /* the database as every input finds it */
    size_t template_len;
} world;

/* -- files ------------------------------------------------------------------------------------- */

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", world.folder, name);
    return path;
}

static void tear_down_files(void)
{
    static const char *const names[] = {"db", "db-wal", "db-shm", "key", "socket"};

    if (getpid() != world.pid)
        return;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path_of(names[i]));
    rmdir(world.folder);
}

static void read_template(void)
{
    int fd = open(path_of("db"), O_RDONLY | O_CLOEXEC);
    off_t len = lseek(fd, 0, SEEK_END);

    hold(fd >= 0 && len > 0);
    world.template_len = (size_t)len;
    world.template = malloc(world.template_len);
    hold(world.template != NULL);
    hold(pread(fd, world.template, world.template_len, 0) == (ssize_t)len);
    close(fd);
}

static void write_template(void)
{
    int fd;

    unlink(path_of("db-wal"));
    unlink(path_of("db-shm"));
    fd = open(path_of("db"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    hold(fd >= 0 && write(fd, world.template, world.template_len) == (ssize_t)world.template_len);
    close(fd);
}

/* -- the database ------------------------------------------------------------------------------ */

static void open_store(void)
{
    char why[512];

    hold(store_open(path_of("db"), STORE_WRITER, &world.store, why, sizeof(why)) == STORE_OK);
}

static void put_user(const char *id)
{
    struct store_user user = {.state_since = T0,
                              .added_at = T0,
                              .authorized_at = STORE_NO_TIME,
                              .last_success_at = STORE_NO_TIME,
                              .first_sweep_at = STORE_NO_TIME,
                              .anchor_played_at = STORE_NO_TIME,
                              .refused_at = STORE_NO_TIME};

    snprintf(user.spotify_id, sizeof(user.spotify_id), "%s", id);
    hold(store_user_add(world.store, &user) == STORE_OK);
}

static void put_plays(void)
{
    struct store_artist artist = {"spotify:artist:1", "Artist"};
    struct store_track track = {.uri = "spotify:track:1",
                                .kind = "track",
                                .name = "Track",
                                .artists = &artist,
                                .artist_count = 1,
                                .album_uri = "spotify:album:1",
                                .album_name = "Album",
                                .album_artists = &artist,
                                .album_artist_count = 1};
    int64_t track_id;

    hold(store_track_put(world.store, &track, T0, &track_id) == STORE_OK);
    for (int i = 0; i < 3; i++) {
        struct store_play play = {.user_id = 1,
                                  .played_at = T0 + i,
                                  .track_id = track_id,
                                  .first_seen_at = T0,
                                  .ms_played = -1,
                                  .source = STORE_SOURCE_API};

        hold(store_play_insert(world.store, &play) == STORE_OK);
    }
}

static void make_template(void)
{
    open_store();
    hold(store_begin(world.store, STORE_DURABLE) == STORE_OK);
    put_user("one");
    put_user("two");
    put_plays();
    hold(store_commit(world.store) == STORE_OK);
    hold(store_checkpoint(world.store) == STORE_OK);
    store_close(world.store);
    world.store = NULL;
    read_template();
}

/* -- the daemon's part ------------------------------------------------------------------------- */

static void failed(enum store_result result, const char *message, void *context)
{
    (void)context;
    fprintf(stderr, "the database failed (%s): %s\n", store_result_name(result), message);
    abort();
}

static void ignored(void *context)
{
    (void)context;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    unlink(path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    hold(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    hold(listen(fd, 8) == 0);
    return fd;
}

/* Of Spotify there is nothing: nobody listens at its address. */
static void begin_world(void)
{
    const struct recorder_config recorder = {.database = path_of("db"),
                                             .client_id = "0123456789abcdef0123456789abcdef",
                                             .client_secret = "",
                                             .api_url = "http://127.0.0.1:1",
                                             .accounts_url = "http://127.0.0.1:1",
                                             .poll_interval_ms = 600000,
                                             .sweep_interval_ms = 3600000,
                                             .daily_call_budget = 10000,
                                             .request_timeout_ms = 1000,
                                             .max_in_flight = 4};
    const struct recorder_events events = {.fatal = failed, .stopped = ignored};
    const struct web_config web = {
        .title = "Fuzz", .config_file = "/etc/x.conf", .database = path_of("db")};
    char why[400];

    world.base = event_base_new();
    open_store();
    world.recorder =
        recorder_new(world.base, world.store, world.vault, 0, &recorder, &events, why, sizeof(why));
    hold(world.recorder != NULL && recorder_start(world.recorder) == STORE_OK);
    world.login = login_new(world.recorder, "http://127.0.0.1:8888/spotify/callback");
    hold(world.login != NULL);
    world.web = web_new(world.base, world.store, world.recorder, world.login, &web, T0);
    hold(world.web != NULL && web_serve_control(world.web, listen_at(path_of("socket"))));
}

static void end_world(void)
{
    web_free(world.web);
    login_free(world.login);
    recorder_free(world.recorder);
    store_close(world.store);
    event_base_free(world.base);
    world.base = NULL;
}

static void set_up(void)
{
    char why[512];

    log_set_level(LOG_LEVEL_ERROR);
    signal(SIGPIPE, SIG_IGN); /* as in the daemon: clients come and go */
    snprintf(world.folder, sizeof(world.folder), "%s/fuzz-control.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    hold(mkdtemp(world.folder) != NULL && atexit(tear_down_files) == 0);
    world.pid = getpid();
    hold(vault_open(path_of("key"), true, &world.vault, why, sizeof(why)) == VAULT_OK);
    make_template();
}

/* -- a request --------------------------------------------------------------------------------- */

/* Sends and hears until the server closes. shut: nothing more is to come, and it is told so, which
 * is how a client looks that has left. */
static void talk(const struct buf *request, bool shut, struct buf *answer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    size_t sent = 0;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path_of("socket"));
    hold(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    for (int turn = 0; turn < TURNS; turn++) {
        char block[8192];
        ssize_t got;

        if (sent < request->len) {
            got = send(fd, request->data + sent, request->len - sent, MSG_NOSIGNAL);
            sent = got > 0 ? sent + (size_t)got : sent;
            if (sent == request->len || (got < 0 && errno != EAGAIN)) {
                sent = request->len;
                if (shut)
                    shutdown(fd, SHUT_WR);
            }
        }
        hold(event_base_loop(world.base, EVLOOP_NONBLOCK) >= 0);
        got = read(fd, block, sizeof(block));
        hold(got <= 0 || buf_add(answer, block, (size_t)got));
        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        if (got < 0)
            poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, turn < 100 ? 0 : 1);
        hold(turn < TURNS - 1);
    }
    close(fd);
}

/* What the command makes of the answer: a refusal or an object, never something that it does not
 * know. only_head: there is no body. Returns the status. */
static int check_answer(const struct buf *answer, bool only_head)
{
    const char *end = strstr(answer->data, "\r\n\r\n");
    struct client_answer read = {.status = 0};
    int status = 0;

    hold(sscanf(answer->data, "HTTP/1.%*1[01] %3d ", &status) == 1 && end != NULL);
    hold(status == 200 || status == 201 || status == 202 || (status >= 400 && status <= 599));
    hold(strstr(answer->data, "\r\nContent-Type: application/json\r\n") != NULL);
    end += 4;
    if (only_head)
        return status;
    client_answer_read(status, end, (size_t)(answer->data + answer->len - end), &read);
    if (status < 300)
        hold(read.result == CLIENT_OK && read.json != NULL && read.message[0] == '\0');
    else
        hold(read.result == CLIENT_REFUSED && read.code[0] != '\0' && read.message[0] != '\0');
    hold(text_printable(read.message, strlen(read.message)));
    hold((client_exit_status(&read) == 0) == (status < 300));
    client_answer_free(&read);
    return status;
}

/* To noise. What libevent cannot read it refuses in its own words, before anybody is
 * asked. */
static void check_any_answer(const struct buf *answer)
{
    int status = 0;

    hold(sscanf(answer->data, "HTTP/1.%*1[01] %3d ", &status) == 1);
    hold(strstr(answer->data, "\r\n\r\n") != NULL);
    hold(status == 100 || status >= 400 ||
         strstr(answer->data, "\r\nContent-Type: application/json\r\n") != NULL);
}

/* A word that stands in a request line as it is. */
static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return len > 0;
}

/* What libevent refuses by itself is noise. */
static bool is_method(const char *text, size_t len)
{
    static const char *const methods[] = {"GET", "POST", "HEAD", "PUT", "DELETE"};

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strlen(methods[i]) == len && memcmp(methods[i], text, len) == 0)
            return true;
    return false;
}

/* "POST /v1/sync\n{}" as the command would say it; false: it is none. */
static bool put_request(const char *text, size_t size, struct buf *request, bool *head)
{
    const char *line = memchr(text, '\n', size);
    const char *blank = line ? memchr(text, ' ', (size_t)(line - text)) : NULL;
    const char *type = "application/json";
    size_t body;

    if (!blank || blank[1] != '/' || blank[2] == '/' || !is_method(text, (size_t)(blank - text)) ||
        !is_plain(blank + 1, (size_t)(line - blank - 1)))
        return false;
    body = size - (size_t)(line + 1 - text);
    if (memmem(text, (size_t)(line - text), "/rows", 5))
        type = "application/octet-stream";
    *head = blank - text == 4 && memcmp(text, "HEAD", 4) == 0;
    return buf_add(request, text, (size_t)(line - text)) &&
           buf_addf(request,
                    " HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n"
                    "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                    type, body) &&
           buf_add(request, line + 1, body);
}

static int ask(const struct buf *request, bool is_request, bool head)
{
    struct buf answer = {.limit = 1 << 24};
    int status = 0;

    talk(request, !is_request, &answer);
    hold(buf_add(&answer, "", 1));
    answer.len--;
    if (is_request)
        status = check_answer(&answer, head);
    else if (answer.len > 0)
        check_any_answer(&answer);
    buf_free(&answer, false);
    return status;
}

/* Anybody who says nothing wrong is answered, before and after. */
static void ask_status(void)
{
    struct buf request = {.data = NULL};

    hold(buf_add_text(&request, "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    hold(ask(&request, true, false) == 200);
    buf_free(&request, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf request = {.data = NULL};
    bool is_request = false, head = false;
    int status;

    if (size < 2 || size > INPUT_MAX)
        return 0;
    is_request = put_request((const char *)data, size, &request, &head);
    if (!is_request && (data[0] != '\0' || !buf_add(&request, data + 1, size - 1)))
        return 0;
    if (world.template == NULL)
        set_up();
    if (world.base == NULL) {
        write_template();
        begin_world();
    }
    status = ask(&request, is_request, head);
    /* Something may have changed, or a connection been left behind. */
    if (!is_request || (data[0] == 'P' && status < 300)) {
        ask_status();
        end_world();
    }
    buf_free(&request, false);
    return 0;
}
