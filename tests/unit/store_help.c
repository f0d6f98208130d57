/* SPDX-License-Identifier: MIT */
#include "store_help.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/unpack.h"
#include "store/totals.h"

static char folder[64];

/* In memory where that is possible: hundreds of syncs would only wait for the disk. */
void store_help_setup(void)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/store-test.XXXXXX", base);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void store_help_teardown(void)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *store_help_folder(void)
{
    return folder;
}

const char *store_help_path(const char *name)
{
    static char paths[8][384];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

const char *store_help_db(void)
{
    return store_help_path("history.db");
}

struct store *store_help_open(enum store_mode mode)
{
    struct store *store = NULL;
    char why[512];
    enum store_result result = store_open(store_help_db(), mode, &store, why, sizeof why);
    ck_assert_msg(result == STORE_OK, "%s: %s", store_result_name(result), why);
    return store;
}

const char *store_help_refused(const char *path, enum store_mode mode, enum store_result expected)
{
    static char why[512];
    struct store *store = NULL;
    enum store_result result = store_open(path, mode, &store, why, sizeof why);
    ck_assert_msg(result == expected, "%s, not %s: %s", store_result_name(result),
                  store_result_name(expected), why);
    ck_assert_ptr_null(store);
    ck_assert_str_ne(why, "");
    ck_assert_ptr_null(strchr(why, '\n'));
    return why;
}

void store_help_begin(struct store *store, enum store_durability durability)
{
    enum store_result result = store_begin(store, durability);
    ck_assert_msg(result == STORE_OK, "%s: %s", store_result_name(result), store_message(store));
}

void store_help_commit(struct store *store)
{
    enum store_result result = store_commit(store);
    ck_assert_msg(result == STORE_OK, "%s: %s", store_result_name(result), store_message(store));
}

int64_t store_help_user(struct store *store, const char *spotify_id)
{
    struct store_user user = {
        .state_since = STORE_HELP_T0,
        .added_at = STORE_HELP_T0,
        .authorized_at = STORE_NO_TIME,
        .last_success_at = STORE_NO_TIME,
        .first_sweep_at = STORE_NO_TIME,
        .anchor_played_at = STORE_NO_TIME,
        .refused_at = STORE_NO_TIME,
    };
    snprintf(user.spotify_id, sizeof user.spotify_id, "%s", spotify_id);
    enum store_result result = store_user_add(store, &user);
    ck_assert_msg(result == STORE_OK, "%s", store_message(store));
    return user.user_id;
}

int64_t store_help_track(struct store *store, int n)
{
    char uri[64], name[64], artist_uri[64], artist_name[64], album_uri[64], album_name[64];
    snprintf(uri, sizeof uri, "spotify:track:%022d", n);
    snprintf(name, sizeof name, "Track %d", n);
    snprintf(artist_uri, sizeof artist_uri, "spotify:artist:%022d", n / 10);
    snprintf(artist_name, sizeof artist_name, "Artist %d", n / 10);
    snprintf(album_uri, sizeof album_uri, "spotify:album:%022d", n / 5);
    snprintf(album_name, sizeof album_name, "Album %d", n / 5);
    struct store_artist artist = {artist_uri, artist_name};
    struct store_track track = {
        .uri = uri,
        .kind = "track",
        .name = name,
        .isrc = "SEABC2600001",
        .duration_ms = 200000,
        .track_number = 1,
        .disc_number = 1,
        .explicit_lyrics = 0,
        .artists = &artist,
        .artist_count = 1,
        .album_uri = album_uri,
        .album_name = album_name,
        .album_type = "album",
        .album_release_date = "2019-03-01",
        .album_cover_url = "https://i.scdn.co/image/ab67616d0000b273",
        .album_total_tracks = 11,
        .album_artists = &artist,
        .album_artist_count = 1,
    };
    int64_t track_id = 0;
    enum store_result result = store_track_put(store, &track, STORE_HELP_T0, &track_id);
    ck_assert_msg(result == STORE_OK, "%s", store_message(store));
    return track_id;
}

enum store_result store_help_play(struct store *store, int64_t user_id, int64_t played_at,
                                  int64_t track_id)
{
    struct store_play play = {
        .user_id = user_id,
        .played_at = played_at,
        .track_id = track_id,
        .context_uri = "spotify:playlist:37i9dQZF1DXcBWIGoYBM5M",
        .source = STORE_SOURCE_API,
        .first_seen_at = played_at + 60000,
        .ms_played = -1,
    };
    return store_play_insert(store, &play);
}

void store_help_make(void)
{
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    store_help_user(store, "ann");
    for (int n = 1; n <= 3; n++) {
        store_help_track(store, n);
    }
    store_help_commit(store);
    store_close(store);
}

enum store_result store_help_forget(struct store *store, int64_t user_id, int64_t rows,
                                    struct store_holdings *removed, int *steps)
{
    struct store_forget forget;
    enum store_result result = store_forget_begin(&forget, store, user_id);
    bool done = false;
    int step = 0;
    while (result == STORE_OK && !done) {
        result = store_forget_step(&forget, rows, &done);
        ck_assert_int_lt(step++, 1000);
    }
    *removed = result == STORE_OK ? forget.removed : (struct store_holdings){0};
    if (steps != NULL) {
        *steps = step;
    }
    return result;
}

static sqlite3 *open_plain(const char *path, int flags)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, flags, NULL);
    ck_assert_msg(code == SQLITE_OK, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return db;
}

void store_help_exec(const char *path, const char *sql)
{
    sqlite3 *db = open_plain(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    ck_assert_msg(code == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

const char *store_help_query(const char *path, const char *sql)
{
    static char text[65536];
    size_t len = 0;
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = open_plain(path, SQLITE_OPEN_READONLY);
    unpack_sums_for(db, sql);
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    ck_assert_msg(code == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    text[0] = '\0';
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            const char *before = i > 0 ? "|" : len > 0 ? "\n" : "";
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", before,
                                    value != NULL ? value : "NULL");
            ck_assert_uint_lt(len, sizeof text);
        }
    }
    ck_assert_msg(code == SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return text;
}

const char *store_help_ask(const char *sql)
{
    return store_help_query(store_help_db(), sql);
}

/* Adds the rows of a query to a stream. */
static void dump_table(sqlite3 *db, const char *table, FILE *out)
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY 1, 2", table);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    fprintf(out, "-- %s\n", table);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            fprintf(out, "%s%s", i > 0 ? "|" : "", value != NULL ? value : "NULL");
        }
        fputc('\n', out);
    }
    sqlite3_finalize(statement);
    sqlite3_free(sql);
}

void store_help_sum_up(void)
{
    struct store *store = store_help_open(STORE_WRITER);
    int64_t left = -1;
    store_help_begin(store, STORE_RELAXED);
    ck_assert_int_eq(store_totals_refresh(store, 60000, &left), STORE_OK);
    ck_assert_int_eq(left, 0);
    store_help_commit(store);
    store_close(store);
}

char *store_help_dump(const char *path)
{
    sqlite3 *db = open_plain(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *names = NULL;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_int_eq(sqlite3_prepare_v2(db,
                                        "SELECT name FROM sqlite_schema WHERE type = 'table' AND"
                                        " name NOT LIKE 'sqlite_%' AND name NOT LIKE 'track_words%'"
                                        " AND name <> 'stale_words' ORDER BY name",
                                        -1, &names, NULL),
                     SQLITE_OK);
    while (sqlite3_step(names) == SQLITE_ROW) {
        dump_table(db, (const char *)sqlite3_column_text(names, 0), out);
    }
    sqlite3_finalize(names);
    sqlite3_close(db);
    fclose(out);
    return text;
}

static size_t lines_that_differ(const char *one, const char *other)
{
    size_t different = 0;
    while (*one != '\0' && *other != '\0') {
        size_t a = strcspn(one, "\n");
        size_t b = strcspn(other, "\n");
        if ((a != b || strncmp(one, other, a) != 0) && different++ < 5) {
            printf("%.*s\n  %.*s\n", (int)a, one, (int)b, other);
        }
        one += a + (one[a] != '\0');
        other += b + (other[b] != '\0');
    }
    return different + (*one != *other);
}

void store_help_expect_equal(char *one, char *other)
{
    ck_assert_uint_eq(lines_that_differ(one, other), 0);
    free(one);
    free(other);
}

void store_help_expect_dump(char *before)
{
    store_help_expect_equal(before, store_help_dump(store_help_db()));
}

char *store_help_dump_table(const char *path, const char *table)
{
    sqlite3 *db = open_plain(path, SQLITE_OPEN_READONLY);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    dump_table(db, table, out);
    sqlite3_close(db);
    fclose(out);
    return text;
}

char *store_help_read(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *data = NULL;
    size_t room = 0;
    FILE *memory = open_memstream(&data, &room);
    int c;
    while ((c = getc(file)) != EOF) {
        putc(c, memory);
    }
    fclose(memory);
    fclose(file);
    *len = room;
    return data;
}

static uint64_t digest(const char *path)
{
    size_t len = 0;
    char *data = store_help_read(path, &len);
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)data[i]) * UINT64_C(1099511628211);
    }
    free(data);
    return hash;
}

static int visible(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

char *store_help_snapshot(bool every_change)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, visible, alphasort);
    for (int i = 0; i < count; i++) {
        struct stat status;
        const char *path = store_help_path(entries[i]->d_name);
        ck_assert_int_eq(lstat(path, &status), 0);
        bool regular = S_ISREG(status.st_mode);
        fprintf(out, "%s mode %o size %lld written %lld.%09ld changed %lld.%09ld content %016llx\n",
                entries[i]->d_name, (unsigned)status.st_mode, (long long)status.st_size,
                (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                every_change ? (long long)status.st_ctim.tv_sec : 0,
                every_change ? status.st_ctim.tv_nsec : 0,
                (unsigned long long)(regular ? digest(path) : 0));
        free(entries[i]);
    }
    free(entries);
    fclose(out);
    return text;
}

void store_help_write(const char *path, const void *data, size_t len, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

bool store_help_holds(const char *path, const void *text, size_t len)
{
    size_t size = 0;
    char *data = store_help_read(path, &size);
    bool found = data != NULL && memmem(data, size, text, len) != NULL;
    free(data);
    return found;
}

/* By way of another program: valgrind would look for leaks if we killed ourselves. All descriptors
 * of SQLite are closed on exec, so its locks end at the same moment. */
void store_help_die(void)
{
    execl("/bin/sh", "sh", "-c", "kill -KILL $$", (char *)NULL);
    abort();
}

bool store_help_was_killed(int pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    ck_assert_msg(killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0),
                  "the other process ended with %d", status);
    return killed;
}

void store_help_wait(int pid)
{
    (void)store_help_was_killed(pid);
}

void store_help_restore(const char *data, size_t size)
{
    unlink(store_help_path("history.db-wal"));
    unlink(store_help_path("history.db-shm"));
    store_help_write(store_help_db(), data, size, 0640);
}

void store_help_start(struct store_help_other *other, void (*run)(struct store_help_other *self))
{
    int to[2];
    int from[2];
    char turn;
    ck_assert_int_eq(pipe(to), 0);
    ck_assert_int_eq(pipe(from), 0);
    other->pid = fork();
    if (other->pid == 0) {
        struct store_help_other self = {.to = from[1], .from = to[0]};
        close(to[1]);
        close(from[0]);
        if (read(self.from, &turn, 1) == 1) {
            run(&self);
        }
        store_help_die();
    }
    close(to[0]);
    close(from[1]);
    other->to = to[1];
    other->from = from[0];
}

bool store_help_pass(struct store_help_other *other)
{
    char turn = 'x';
    return write(other->to, &turn, 1) == 1 && read(other->from, &turn, 1) == 1;
}
