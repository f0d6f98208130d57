/* SPDX-License-Identifier: MIT */
/*
 * store/store_private: what the files of this room share. Only src/store and its tests include it.
 *
 * A function that fails leaves its reason in store->message. A query remembers its first error, so
 * that a caller binds and steps without asking each time and looks at the result once, at
 * store_query_end().
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "store/gaps.h"
#include "store/ledger.h"
#include "store/plays.h"
#include "store/prune.h"
#include "store/store.h"
#include "store/users.h"

#define STORE_APPLICATION_ID 0x53504844 /* "SPHD" in the file's header */

#define STORE_FILE_MODE 0640       /* the owner writes, the group may read */
#define STORE_BUSY_WRITER_MS 50    /* longest wait of the writer for another process */
#define STORE_BUSY_READER_MS 2000  /* the same for a reader */
#define STORE_CHECKPOINT_PAGES 256 /* WAL pages (of 4 KiB) from which a commit also checkpoints */
#define STORE_WAL_LIMIT_BYTES 4194304 /* what a WAL file that grew is cut back to */
#define STORE_CACHE_KIB 2000          /* pages kept in memory, as SQLite has it by itself */
#define STORE_CACHE_LONG_KIB 14336    /* the same during a long change */
#define STORE_PRUNE_ROWS 1000         /* polls looked at in one store_polls_prune() */
#define STORE_NUDGE_BOUND CLOCK_HOUR  /* further no play was moved from its moment */
#define STORE_GATE_HOURS 192          /* hours for which calls are remembered: 8 days */

/* What a play p was heard for, in SQL. */
#define STORE_LISTENED      \
    "coalesce(p.ms_played," \
    " (SELECT t.duration_ms FROM tracks AS t WHERE t.track_id = p.track_id), 0)"

/* Every statement of the room but those of schema, migration and inspection; the texts are in
 * sql.c and sql_derived.c. */
enum store_sql {
    STORE_SQL_BEGIN,
    STORE_SQL_BEGIN_READ,
    STORE_SQL_COMMIT,
    STORE_SQL_ROLLBACK,
    STORE_SQL_MARK,
    STORE_SQL_MARK_KEEP,
    STORE_SQL_MARK_UNDO,

    STORE_SQL_USERS_LOAD,
    STORE_SQL_USER_GET,
    STORE_SQL_USER_BY_ACCOUNT,
    STORE_SQL_USER_BY_NAME,
    STORE_SQL_USER_ADD,
    STORE_SQL_USER_UPDATE,
    STORE_SQL_USER_STATE,
    STORE_SQL_USER_PROGRESS,
    STORE_SQL_USER_REFUSED,
    STORE_SQL_USER_COUNTDOWN,

    STORE_SQL_TOKEN_GET,
    STORE_SQL_TOKEN_PUT,
    STORE_SQL_TOKENS_EXIST,
    STORE_SQL_REFRESH_BEGIN,
    STORE_SQL_REFRESH_END,
    STORE_SQL_REFRESH_GET,

    STORE_SQL_TRACK_FIND,
    STORE_SQL_TRACK_ADD,
    STORE_SQL_TRACK_CHANGE,
    STORE_SQL_ALBUM_FIND,
    STORE_SQL_ALBUM_ADD,
    STORE_SQL_ALBUM_CHANGE,
    STORE_SQL_ARTIST_FIND,
    STORE_SQL_ARTIST_ADD,
    STORE_SQL_ARTIST_CHANGE,
    STORE_SQL_TRACK_ARTISTS,
    STORE_SQL_TRACK_ARTISTS_CLEAR,
    STORE_SQL_TRACK_ARTISTS_ADD,
    STORE_SQL_ALBUM_ARTISTS,
    STORE_SQL_ALBUM_ARTISTS_CLEAR,
    STORE_SQL_ALBUM_ARTISTS_ADD,

    STORE_SQL_PLAYS_BETWEEN,
    STORE_SQL_PLAY_BEFORE,
    STORE_SQL_PLAY_AFTER,
    STORE_SQL_PLAY_NEWEST_API,
    STORE_SQL_PLAY_INSERT,
    STORE_SQL_API_SINCE,
    STORE_SQL_CONTEXT_FIND,
    STORE_SQL_CONTEXT_ADD,
    STORE_SQL_PLAY_COUNT,
    STORE_SQL_PLAY_COUNT_ALL,
    STORE_SQL_PLAY_COUNT_SINCE,

    STORE_SQL_TOLD_BETWEEN,
    STORE_SQL_TOLD_TRACKS,
    STORE_SQL_TOLD_OTHER_TRACKS,
    STORE_SQL_TOLD_FENCE,
    STORE_SQL_TOLD_BY_IMPORT,
    STORE_SQL_DETAILS_GET,
    STORE_SQL_DETAILS_FIND,
    STORE_SQL_DETAILS_ADD,
    STORE_SQL_TELLING_ADD,
    STORE_SQL_TELLING_PUT,
    STORE_SQL_TELLING_DROP,
    STORE_SQL_PLAY_MARKS,
    STORE_SQL_PLAY_CHANGE,
    STORE_SQL_PLAY_REMOVE,
    STORE_SQL_PLAY_FREE,
    STORE_SQL_PLAY_IMPORTED_BETWEEN,
    STORE_SQL_NAMES_VERSION,
    STORE_SQL_TRACK_TITLE,
    STORE_SQL_TRACK_TITLE_BY_URI,

    STORE_SQL_IMPORT_ADD,
    STORE_SQL_IMPORT_FINISH,
    STORE_SQL_IMPORT_GET,
    STORE_SQL_IMPORT_SAME,
    STORE_SQL_IMPORT_REMOVE,
    STORE_SQL_IMPORTS_LIST,
    STORE_SQL_IMPORTS_ONE,
    STORE_SQL_REJECTS_LIST,
    STORE_SQL_REJECT_ADD,
    STORE_SQL_GAPS_OPEN,
    STORE_SQL_GAP_FILL,
    STORE_SQL_GAPS_REOPEN,
    STORE_SQL_GAPS_LIST,
    STORE_SQL_PRUNE_TRACK_OF,
    STORE_SQL_PRUNE_TRACK_ARTISTS,
    STORE_SQL_PRUNE_TRACK,
    STORE_SQL_PRUNE_ALBUM_ARTISTS,
    STORE_SQL_PRUNE_ALBUM,
    STORE_SQL_PRUNE_ARTIST,
    STORE_SQL_PRUNE_MADE_UP_ALBUM,
    STORE_SQL_PRUNE_MADE_UP_ARTIST,

    STORE_SQL_LISTING_PLAYS,
    STORE_SQL_LISTING_TRACK,
    STORE_SQL_LISTING_ARTISTS,

    STORE_SQL_STATS_STALE,
    STORE_SQL_STATS_FIRST,
    STORE_SQL_STATS_LAST,
    STORE_SQL_STATS_PLAYS,
    STORE_SQL_STATS_QUARTERS,
    STORE_SQL_STATS_BLOCKS,
    STORE_SQL_STATS_FIRST_OF_TRACK,
    STORE_SQL_STATS_ARTISTS_OF,
    STORE_SQL_STATS_ARTISTS,
    STORE_SQL_STATS_ALBUM_OF,
    STORE_SQL_STATS_ALBUMS,
    STORE_SQL_STATS_TRACKS_OF_ARTIST,
    STORE_SQL_STATS_TRACKS_OF_ALBUM,
    STORE_SQL_DETAIL_TRACK,
    STORE_SQL_DETAIL_ARTIST,
    STORE_SQL_DETAIL_ALBUM,
    STORE_SQL_DETAIL_TRACK_ARTISTS,
    STORE_SQL_DETAIL_ALBUM_ARTISTS,
    STORE_SQL_DETAIL_TRACKS_OF_TRACK,
    STORE_SQL_DETAIL_TRACKS_OF_ARTIST,
    STORE_SQL_DETAIL_TRACKS_OF_ALBUM,
    STORE_SQL_DETAIL_PLAYS,

    STORE_SQL_COVERAGE_GAPS,
    STORE_SQL_COVERAGE_RUNS,

    STORE_SQL_STATS_NAME_TRACK,
    STORE_SQL_STATS_NAME_ARTIST,
    STORE_SQL_STATS_NAME_ALBUM,
    STORE_SQL_STATS_RECENT,
    STORE_SQL_STATS_GAPS,

    STORE_SQL_POLL_ADD,
    STORE_SQL_POLLS_PRUNE,
    STORE_SQL_POLLS_WALK,
    STORE_SQL_RUNS_WALK,
    STORE_SQL_GAP_ADD,
    STORE_SQL_GAP_SETTLE,
    STORE_SQL_RUN_BEGIN,
    STORE_SQL_RUN_ALIVE,
    STORE_SQL_RUN_END,
    STORE_SQL_GATE_GET,
    STORE_SQL_GATE_PUT,
    STORE_SQL_GATE_SPEND,
    STORE_SQL_GATE_HOUR,
    STORE_SQL_GATE_FORGET,
    STORE_SQL_GATE_SPENT,

    STORE_SQL_MEASURE_GAPS,
    STORE_SQL_MEASURE_IMPORTS,

    STORE_SQL_HOLD_PLAYS,
    STORE_SQL_HOLD_LEDGER,
    STORE_SQL_HOLD_TRACKS,
    STORE_SQL_HOLD_ALBUMS,
    STORE_SQL_HOLD_ARTISTS,
    STORE_SQL_FORGET_TOKENS,
    STORE_SQL_FORGET_REFRESHES,
    STORE_SQL_FORGET_PLAYS_UP_TO,
    STORE_SQL_FORGET_DELETED_PLAYS,
    STORE_SQL_FORGET_PLAYS,
    STORE_SQL_FORGET_SUMS,
    STORE_SQL_FORGET_GAPS,
    STORE_SQL_FORGET_POLLS,
    STORE_SQL_FORGET_REJECTS,
    STORE_SQL_FORGET_FILLINGS,
    STORE_SQL_FORGET_IMPORTS,
    STORE_SQL_FORGET_CONTEXTS,
    STORE_SQL_FORGET_USER,
    STORE_SQL_FORGET_LAST_POLL,
    STORE_SQL_FORGET_LAST_TRACK,
    STORE_SQL_FORGET_LAST_ALBUM,
    STORE_SQL_FORGET_LAST_ARTIST,
    STORE_SQL_FORGET_TRACKS,
    STORE_SQL_FORGET_ALBUMS,
    STORE_SQL_FORGET_ARTISTS,

    STORE_SQL_STALE_COUNT,
    STORE_SQL_DERIVED = STORE_SQL_STALE_COUNT, /* what follows is derived of the rest */
    STORE_SQL_STALE_NEWEST,
    STORE_SQL_STALE_HAS,
    STORE_SQL_STALE_ADD,
    STORE_SQL_STALE_DROP,
    STORE_SQL_TOTALS_PLAYS,
    STORE_SQL_TOTALS_LENGTH,
    STORE_SQL_TOTALS_GET,
    STORE_SQL_TOTALS_PUT,
    STORE_SQL_TOTALS_DROP,
    STORE_SQL_TOTALS_SUM,
    STORE_SQL_TOTALS_NEXT_USER,
    STORE_SQL_TOTALS_NEXT_BLOCK,
    STORE_SQL_TOTALS_EMPTY,

    STORE_SQL_WORDS_MATCH,
    STORE_SQL_WORDS_STALE,
    STORE_SQL_WORDS_SOME,
    STORE_SQL_WORDS_DROP,
    STORE_SQL_WORDS_PUT,
    STORE_SQL_WORDS_DONE,
    STORE_SQL_WORDS_LEFT,
    STORE_SQL_WORDS_MARK,
    STORE_SQL_WORDS_MERGE,
    STORE_SQL_WORDS_REMOVE,
    STORE_SQL_WORDS_MAKE,
    STORE_SQL_WORDS_ALL_STALE,
    STORE_SQL_WORDS_PLAYS_OF,
    STORE_SQL_WORDS_ALBUM_OF,
    STORE_SQL_WORDS_ARTISTS_OF,
    STORE_SQL_WORDS_NAME_TRACK,
    STORE_SQL_WORDS_NAME_ARTIST,
    STORE_SQL_WORDS_NAME_ALBUM,

    STORE_SQL_SEARCH_OLDER,
    STORE_SQL_SEARCH_NEWER,
    STORE_SQL_SEARCH_TRACK_OLDER,
    STORE_SQL_SEARCH_TRACK_NEWER,
    STORE_SQL_SEARCH_PLAY,
    STORE_SQL_SEARCH_DELETED,
    STORE_SQL_PLAY_DELETE,
    STORE_SQL_PLAY_RESTORE,

    STORE_SQL_COUNT
};

const char *store_sql_text(enum store_sql id);
/* The same of those from STORE_SQL_DERIVED on. */
const char *store_sql_text_derived(enum store_sql id);

/* Takes one row of numbers, NULL as STORE_NO_TIME. Not STORE_OK (it has said why): no more. */
typedef enum store_result store_visit(void *context, const int64_t *row);

#define STORE_FEED_COLUMNS 4

struct store_feed {
    store_visit *visit;
    void *context;
    enum store_result result;
};

enum store_transaction { STORE_TRANSACTION_NONE, STORE_TRANSACTION_READ, STORE_TRANSACTION_WRITE };

/* Which file a name stood for. */
struct store_file_id {
    bool known;
    dev_t dev;
    ino_t ino;
};

struct stats_kept; /* what a reader keeps of statistics (stats_kept.c) */
void stats_kept_free(struct stats_kept *kept);

/* Of a transaction that marks for itself (marks.c). */
#define STORE_MARKS_TRIGGERS 5
struct store_marks {
    bool own;                             /* it does */
    char *triggers[STORE_MARKS_TRIGGERS]; /* texts of those that were taken away */
    bool known;                           /* the block below is marked */
    int64_t user_id, block;
    int64_t track_id; /* the last whose words were marked, 0: none was */
};

struct store {
    sqlite3 *db;
    enum store_mode mode;
    char *path; /* resolved: no symbolic link in it */
    char *wal_path;
    char *shm_path;
    struct store_file_id file;
    struct store_file_id wal; /* the two below only of a writer */
    struct store_file_id shm;
    enum store_transaction transaction;
    bool is_long;             /* a long change is open; paused while transaction is NONE */
    bool marked;              /* a savepoint is open */
    enum store_result doomed; /* why SQLite rolled the open transaction back by itself */
    bool broken;              /* the disk failed: nothing is tried any more */
    struct store_feed *feed;  /* who takes the rows of the statement that runs */
    int log_pages;            /* in the WAL and not yet in the file, after the newest commit */
    enum store_durability synced_as; /* what PRAGMA synchronous says now */
    int64_t budget_ms;               /* of the reads under way, for messages; 0: none */
    int64_t late_at;                 /* boot ms at which it is used up */
    atomic_bool stopped;             /* by store_stop() */
    struct stats_kept *kept;         /* NULL: nothing yet */
    int64_t names_changed;           /* see store_names_version() */
    struct store_marks marks;
    sqlite3_stmt *statements[STORE_SQL_COUNT];
    char message[1024];
};

/* -- errors.c --------------------------------------------------------------------------------- */

/* Readies the library once a process: SQLite's own log goes into our messages. */
void store_library_init(void);

/* What a (possibly extended) SQLite code means; system_errno is looked at for I/O codes only. */
enum store_result store_result_of(int code, int system_errno);

/* The same for what has just failed on db. */
enum store_result store_result_failed(sqlite3 *db, int code);

/* Writes the message of a failure and returns result. One line: control bytes become blanks. */
enum store_result store_fail(struct store *store, enum store_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a code that SQLite returned on db: sorts it, tells what was tried and what SQLite
 * said. A writer whose disk failed is broken from here on. */
enum store_result store_fail_sqlite(struct store *store, sqlite3 *db, int code, const char *what);

/* The same for errno. */
enum store_result store_fail_errno(struct store *store, int error, const char *what);

/* -- file.c: the file, before and beside SQLite ----------------------------------------------- */

/* Resolves path into store->path. STORE_NOT_FOUND: there is nothing yet, its directory exists. */
enum store_result store_file_find(struct store *store, const char *path);

/* Looks at the file without changing a byte of it: refuses what is not a plain file of one name,
 * not a database, not ours, or newer than version. */
enum store_result store_file_inspect(struct store *store, int version);

/* Writes a new file with this content: at once complete, or not there. STORE_EXISTS if one is there
 * now; STORE_CANTOPEN beside the log of one that is not. */
enum store_result store_file_create(struct store *store, const void *content, size_t size);

/* Takes away what others may do with the file and its two companions; says so in store->message. */
enum store_result store_file_protect(struct store *store);

/* Remembers which files the names stand for; STORE_GONE when one of them stands for another file
 * now. */
enum store_result store_file_note(struct store *store);
enum store_result store_file_check(struct store *store);

/* Makes a name durable: syncs the directory it is in. 0 or errno. */
int store_file_sync_directory(const char *path);

/* The index of words (schema.c tells what it is); made anew to empty it, which row by row takes
 * longer than to fill it. */
#define STORE_WORDS_TABLE                                                           \
    "CREATE VIRTUAL TABLE track_words USING fts5(\n"                                \
    "  words,  -- of the track, its artists and its album; rowid is track_id\n"     \
    "  tokenize = 'unicode61 remove_diacritics 2', detail = none, columnsize = 0\n" \
    ")"

/* -- schema.c, migrate.c ---------------------------------------------------------------------- */

/* One step of the ladder. Runs in one transaction together with its user_version. */
struct store_step {
    int version; /* user_version after it; ascending by one */
    const char *description;
    bool destructive;        /* loses or rewrites data: a copy of the file is made first */
    const char *const *sql;  /* texts run in order, ended by NULL; or NULL */
    int (*run)(sqlite3 *db); /* after the texts, returns a SQLite code; or NULL */
};

struct store_ladder {
    const struct store_step *steps;
    size_t count;
};

extern const struct store_ladder store_schema;
extern const char *const store_schema_1[]; /* its first step */

int store_ladder_version(const struct store_ladder *ladder);

/* Brings db from its version to that of the ladder. copies: make copies before destructive steps.
 * *steps (may be NULL) tells how many were taken. */
enum store_result store_migrate(struct store *store, sqlite3 *db, const struct store_ladder *ladder,
                                bool copies, int *steps);

/* The bytes of a fresh database (sqlite3_free() them). */
enum store_result store_schema_image(struct store *store, const struct store_ladder *ladder,
                                     unsigned char **image, size_t *size);

/* -- store.c ---------------------------------------------------------------------------------- */

/* store_open() with another ladder (tests). */
enum store_result store_open_ladder(const char *path, enum store_mode mode,
                                    const struct store_ladder *ladder, struct store **store,
                                    char *why, size_t size);

/* -- budget.c --------------------------------------------------------------------------------- */

/* STORE_OK while there is time left; else STORE_LATE, and what was tried in the message. */
enum store_result store_budget_check(struct store *store, const char *what);

/* The failure of a statement that was interrupted. */
enum store_result store_budget_fail(struct store *store, const char *what);

/* -- query.c ---------------------------------------------------------------------------------- */

struct store_query {
    struct store *store;
    sqlite3_stmt *statement; /* NULL when it could not be had */
    const char *what;        /* what is being tried, for messages */
    enum store_result result;
    int bound; /* number of the parameter that was bound last */
};

/* Takes the statement, prepared once. A writing one outside of a write transaction is STORE_MISUSE,
 * and in one that SQLite has rolled back already it fails for the reason of that. */
void store_query_begin(struct store_query *query, struct store *store, enum store_sql id,
                       const char *what);

/* Bind by name. Texts and blobs are not copied: they must live until the end. NULL text and equal
 * to none: NULL. */
void store_query_int(struct store_query *query, const char *name, int64_t value);
void store_query_int_or_null(struct store_query *query, const char *name, int64_t value,
                             int64_t none);
void store_query_text(struct store_query *query, const char *name, const char *text);
void store_query_text_or_null(struct store_query *query, const char *name,
                              const char *text); /* "" too is NULL */
void store_query_blob(struct store_query *query, const char *name, const void *data, size_t len);

/* The next row; false at the end and on failure. */
bool store_query_row(struct store_query *query);

/* Columns of the row, from 0. NULL reads as none and "". */
int64_t store_query_get_int(const struct store_query *query, int column, int64_t none);
void store_query_get_text(struct store_query *query, int column, char *text, size_t size);
const void *store_query_get_blob(const struct store_query *query, int column,
                                 size_t *len); /* until the next row or the end */

/* Back to before the first row; what was bound stays, until it is bound anew. */
void store_query_again(struct store_query *query);

/* Gives the statement back. The first error, or STORE_OK. */
enum store_result store_query_end(struct store_query *query);

/* Steps to the end and gives it back; *changes (may be NULL) tells how many rows it changed. */
enum store_result store_query_run(struct store_query *query, int64_t *changes);

/* Steps once, expecting a row of one number. STORE_NOT_FOUND without a row, or when it is NULL. */
enum store_result store_query_run_int(struct store_query *query, int64_t *value);

/* Notes what a step came to; true: there is a row. */
bool store_query_stepped(struct store_query *query, int code);

/* Runs a statement of the form SELECT feed(...) FROM ..., hands each row to visit, and gives it
 * back. visit may run other statements that only read. */
enum store_result store_query_feed(struct store_query *query, store_visit *visit, void *context);

/* Runs BEGIN, COMMIT and their like, which no rule of transactions applies to. A SQLite code. */
int store_query_control(struct store *store, enum store_sql id);

/* No play whose reported moment is before until has a larger key. */
int64_t store_key_bound(int64_t until);

/* Text of a statement that was not given back, NULL: none. */
/* -- marks.c ---------------------------------------------------------------------------------- */

/* Before a commit: brings the triggers back. After a rollback: forgets that they were gone. */
enum store_result store_marks_give(struct store *store);
void store_marks_forget(struct store *store);

/* A play was added. */
struct store_play;
enum store_result store_marks_added(struct store *store, const struct store_play *play);

/* A track was added, or artists were tied to one. */
enum store_result store_marks_named(struct store *store, int64_t track_id);

/* -- plays.c ---------------------------------------------------------------------------------- */

/* Finds or adds the context of a play; 0: it has none. */
enum store_result store_play_context(struct store *store, const struct store_play *play,
                                     int64_t *context_id);

/* Binds :detail_id and :offline_ms. */
void store_play_bind_details(struct store_query *query, const struct store_play *play);

const char *store_query_left(const struct store *store);

void store_query_finalize_all(struct store *store);

/* -- feed.c ----------------------------------------------------------------------------------- */

/* Makes feed() known to the connection. A SQLite code. */
int store_feed_offer(struct store *store);

/* -- prune.c ---------------------------------------------------------------------------------- */

/* Adds the numbers in the first column of what a statement finds by :id (NULL is passed over). */
enum store_result store_ids_read(struct store *store, enum store_sql id, int64_t of,
                                 struct store_ids *ids);

/* -- stats_names.c ---------------------------------------------------------------------------- */

/* A copy (from malloc) of a text of any length in the row; NULL: it is NULL or empty, or, with
 * query->result, there is no memory. */
char *store_name_text(struct store_query *query, int column);

#endif
