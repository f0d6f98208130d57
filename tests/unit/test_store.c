/* SPDX-License-Identifier: MIT */
/* Opening, refusing, file modes, transactions. */
#include "store/store.h"

#include <check.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_private.h"
#include "store_help.h"

static unsigned mode_of(const char *name)
{
    struct stat status;
    ck_assert_int_eq(stat(store_help_path(name), &status), 0);
    return status.st_mode & 07777;
}

static bool is_there(const char *name)
{
    return access(store_help_path(name), F_OK) == 0;
}

/* Opening must fail, and leave everything in the folder as it was. */
static const char *refused_untouched(enum store_mode mode, enum store_result expected)
{
    char *before = store_help_snapshot(true);
    const char *why = store_help_refused(store_help_db(), mode, expected);
    store_help_expect_equal(before, store_help_snapshot(true));
    return why;
}

/* -- a new file ------------------------------------------------------------------------------- */

START_TEST(a_new_database_is_ours_and_of_the_newest_version)
{
    struct store *store = store_help_open(STORE_WRITER);
    ck_assert_str_eq(store_help_ask("PRAGMA application_id"), "1397770308");
    ck_assert_int_eq(atoi(store_help_ask("PRAGMA user_version")),
                     store_ladder_version(&store_schema));
    ck_assert_str_eq(store_help_ask("PRAGMA journal_mode"), "wal");
    ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(store_help_ask("PRAGMA foreign_key_check"), "");
    store_close(store);
}
END_TEST

START_TEST(all_tables_are_strict_and_every_column_has_a_comment)
{
    store_help_make();
    ck_assert_str_eq(
        store_help_ask("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict"
                       " AND schema = 'main' AND name NOT LIKE 'sqlite_%'"),
        "");
    /* Each definition with what follows it in the text, up to the next one. */
    const char *without =
        store_help_ask("WITH columns AS (SELECT t.name AS tab, c.name AS col, c.cid,"
                       "  max(instr(t.sql, char(10) || '  ' || c.name || ' '),"
                       "      instr(t.sql, ', ' || c.name || ' ')) AS at, t.sql AS sql"
                       "  FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
                       "  WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
                       "    AND t.name NOT LIKE 'track_words%')"
                       "SELECT tab, col FROM (SELECT *, substr(sql, at,"
                       "  lead(at, 1, 1000000) OVER (PARTITION BY tab ORDER BY cid) - at) AS text"
                       "  FROM columns)"
                       " WHERE at = 0 OR (text NOT LIKE '%-- %' AND text NOT LIKE '%/* %*/%')");
    ck_assert_str_eq(without, "");
}
END_TEST

START_TEST(the_key_of_the_plays_is_stated_and_costs_one_tree_only)
{
    store_help_make();
    ck_assert_ptr_nonnull(
        strstr(store_help_ask("SELECT sql FROM sqlite_schema WHERE name = 'played_tracks'"),
               "UNIQUE (user_id, played_at)"));
    ck_assert_str_eq(store_help_ask("SELECT name, origin FROM pragma_index_list('played_tracks')"
                                    " WHERE \"unique\""),
                     "sqlite_autoindex_played_tracks_1|pk");
    ck_assert_str_eq(store_help_ask("SELECT wr FROM pragma_table_list('played_tracks')"), "1");
}
END_TEST

START_TEST(a_new_file_gets_mode_0640_whatever_the_umask)
{
    static const mode_t masks[] = {0, 022, 077, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        mode_t before = umask(masks[i]);
        struct store *store = store_help_open(STORE_WRITER);
        umask(before);
        ck_assert_uint_eq(mode_of("history.db"), 0640);
        ck_assert_uint_eq(mode_of("history.db-wal"), 0640);
        ck_assert_uint_eq(mode_of("history.db-shm"), 0640);
        store_close(store);
        unlink(store_help_path("history.db"));
        unlink(store_help_path("history.db-wal"));
        unlink(store_help_path("history.db-shm"));
    }
}
END_TEST

START_TEST(a_start_cut_off_while_making_the_file_is_no_obstacle)
{
    store_help_write(store_help_path("history.db.new"), "SQLite", 6, 0600);
    store_close(store_help_open(STORE_WRITER));
    ck_assert(!is_there("history.db.new"));
    ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
}
END_TEST

START_TEST(a_log_without_its_database_is_kept_and_nothing_is_made_beside_it)
{
    static const char *const logs[] = {"history.db-wal", "history.db-journal"};
    for (size_t i = 0; i < 2; i++) {
        store_help_write(store_help_path(logs[i]), "the last plays", 14, 0640);
        const char *why = refused_untouched(STORE_WRITER, STORE_CANTOPEN);
        ck_assert_ptr_nonnull(strstr(why, "without its database"));
        unlink(store_help_path(logs[i]));
        store_help_write(store_help_path(logs[i]), "", 0, 0640); /* an empty one holds nothing */
    }
    store_close(store_help_open(STORE_WRITER));
    ck_assert_str_eq(store_help_ask("PRAGMA integrity_check"), "ok");
}
END_TEST

START_TEST(a_missing_directory_is_not_made)
{
    const char *why =
        store_help_refused(store_help_path("no/history.db"), STORE_WRITER, STORE_CANTOPEN);
    ck_assert_ptr_nonnull(strstr(why, "No such file or directory"));
    ck_assert(!is_there("no"));
    store_help_refused(store_help_path("no/"), STORE_WRITER, STORE_CANTOPEN);
    store_help_refused("", STORE_WRITER, STORE_CANTOPEN);
}
END_TEST

START_TEST(a_reader_makes_no_file)
{
    refused_untouched(STORE_READER, STORE_CANTOPEN);
    ck_assert(!is_there("history.db"));
}
END_TEST

START_TEST(opening_again_keeps_what_was_there)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    struct store_user user;
    ck_assert_int_eq(store_user_get(store, 1, &user), STORE_OK);
    ck_assert_str_eq(user.spotify_id, "ann");
    store_close(store);
}
END_TEST

/* -- files that are not touched ---------------------------------------------------------------- */

START_TEST(E6_an_empty_file_is_refused_and_untouched)
{
    store_help_write(store_help_db(), "", 0, 0644);
    refused_untouched(STORE_WRITER, STORE_CORRUPT);
    refused_untouched(STORE_READER, STORE_CORRUPT);
}
END_TEST

START_TEST(E6_a_file_that_is_no_database_is_refused_and_untouched)
{
    static const char text[] =
        "SQLite format 3 is what this text is about, but it is none. It goes on and on until "
        "it is longer than the header of a database would be.";
    store_help_write(store_help_db(), text, sizeof text, 0644);
    refused_untouched(STORE_WRITER, STORE_CORRUPT);
    refused_untouched(STORE_READER, STORE_CORRUPT);
    store_help_write(store_help_db(), "SQLite format 3", 16, 0644);
    refused_untouched(STORE_WRITER, STORE_CORRUPT);
}
END_TEST

START_TEST(E6_a_database_of_another_program_is_refused_and_untouched)
{
    store_help_exec(store_help_db(), "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    refused_untouched(STORE_WRITER, STORE_NOT_OURS);
    refused_untouched(STORE_READER, STORE_NOT_OURS);
    /* In WAL mode too, where opening it would leave files. */
    store_help_exec(
        store_help_db(),
        "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; INSERT INTO t VALUES (2)");
    refused_untouched(STORE_WRITER, STORE_NOT_OURS);
    refused_untouched(STORE_READER, STORE_NOT_OURS);
}
END_TEST

START_TEST(E11_a_database_of_a_newer_version_is_refused_and_untouched)
{
    store_help_make();
    store_help_exec(store_help_db(), "PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)");
    const char *why = refused_untouched(STORE_WRITER, STORE_NEWER);
    ck_assert_ptr_nonnull(strstr(why, "newer version"));
    refused_untouched(STORE_READER, STORE_NEWER);
    unlink(store_help_path("history.db-wal"));
    unlink(store_help_path("history.db-shm"));
    refused_untouched(STORE_WRITER, STORE_NEWER);
    refused_untouched(STORE_READER, STORE_NEWER);
}
END_TEST

START_TEST(E11_a_newer_version_that_is_only_in_the_log_is_refused_and_untouched)
{
    store_help_make();
    store_help_exec(store_help_db(), "PRAGMA user_version = 999");
    size_t size = 0;
    char *log = store_help_read(store_help_path("history.db-wal"), &size);
    ck_assert_uint_gt(size, 0);
    free(log);
    /* Only the shared memory may change: it is the index of the log, made anew from it. */
    unlink(store_help_path("history.db-shm"));
    char *before = store_help_snapshot(false);
    store_help_refused(store_help_db(), STORE_WRITER, STORE_NEWER);
    store_help_refused(store_help_db(), STORE_READER, STORE_NEWER);
    unlink(store_help_path("history.db-shm"));
    store_help_expect_equal(before, store_help_snapshot(false));
}
END_TEST

START_TEST(what_is_not_a_plain_file_is_refused)
{
    ck_assert_int_eq(mkfifo(store_help_db(), 0600), 0);
    refused_untouched(STORE_WRITER, STORE_CANTOPEN);
    refused_untouched(STORE_READER, STORE_CANTOPEN);
    unlink(store_help_db());
    ck_assert_int_eq(mkdir(store_help_db(), 0700), 0);
    refused_untouched(STORE_WRITER, STORE_CANTOPEN);
    ck_assert_int_eq(rmdir(store_help_db()), 0);
}
END_TEST

START_TEST(E18_a_symbolic_link_is_resolved)
{
    ck_assert_int_eq(mkdir(store_help_path("elsewhere"), 0700), 0);
    ck_assert_int_eq(symlink("elsewhere/real.db", store_help_db()), 0);
    store_help_refused(store_help_db(), STORE_WRITER, STORE_CANTOPEN); /* it leads nowhere */
    ck_assert_int_eq(unlink(store_help_db()), 0);
    store_help_make();
    ck_assert_int_eq(rename(store_help_db(), store_help_path("elsewhere/real.db")), 0);
    unlink(store_help_path("history.db-wal"));
    unlink(store_help_path("history.db-shm"));
    ck_assert_int_eq(symlink("elsewhere/real.db", store_help_db()), 0);
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    store_help_commit(store);
    ck_assert(is_there("elsewhere/real.db-wal"));
    ck_assert(!is_there("history.db-wal"));
    store_close(store);
}
END_TEST

START_TEST(E18_a_file_with_two_names_is_refused_and_untouched)
{
    store_help_make();
    ck_assert_int_eq(link(store_help_db(), store_help_path("other.db")), 0);
    const char *why = refused_untouched(STORE_WRITER, STORE_CANTOPEN);
    ck_assert_ptr_nonnull(strstr(why, "hard links"));
    refused_untouched(STORE_READER, STORE_CANTOPEN);
}
END_TEST

START_TEST(E6_a_damaged_database_of_ours_is_reported_and_kept)
{
    store_help_make();
    size_t size = 0;
    char *data = store_help_read(store_help_db(), &size);
    memset(data + 100, 0xff, 3000); /* the root of the schema, behind the header */
    store_help_write(store_help_db(), data, size, 0640);
    store_help_refused(store_help_db(), STORE_WRITER, STORE_CORRUPT);
    store_help_refused(store_help_db(), STORE_READER, STORE_CORRUPT);
    size_t size_after = 0;
    char *after = store_help_read(store_help_db(), &size_after);
    ck_assert_uint_eq(size_after, size);
    ck_assert_mem_eq(data, after, size);
    free(after);
    free(data);
}
END_TEST

/* -- modes ------------------------------------------------------------------------------------ */

START_TEST(E9_files_that_others_can_read_are_closed_to_them)
{
    store_help_make();
    chmod(store_help_path("history.db"), 0644);
    chmod(store_help_path("history.db-wal"), 0666);
    chmod(store_help_path("history.db-shm"), 0604);
    struct store *store = NULL;
    char why[512];
    ck_assert_int_eq(store_open(store_help_db(), STORE_WRITER, &store, why, sizeof why), STORE_OK);
    ck_assert_ptr_nonnull(strstr(why, "had mode"));
    ck_assert_uint_eq(mode_of("history.db"), 0640);
    ck_assert_uint_eq(mode_of("history.db-wal"), 0640);
    ck_assert_uint_eq(mode_of("history.db-shm"), 0600);
    store_close(store);
}
END_TEST

START_TEST(E9_a_tighter_mode_is_kept)
{
    store_help_make();
    chmod(store_help_path("history.db"), 0600);
    chmod(store_help_path("history.db-wal"), 0600);
    chmod(store_help_path("history.db-shm"), 0600);
    store_close(store_help_open(STORE_WRITER));
    ck_assert_uint_eq(mode_of("history.db"), 0600);
    ck_assert_uint_eq(mode_of("history.db-wal"), 0600);
    ck_assert_uint_eq(mode_of("history.db-shm"), 0600);
}
END_TEST

/* -- transactions ------------------------------------------------------------------------------ */

START_TEST(what_is_not_committed_is_not_there)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    int64_t count = -1;
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0, 1), STORE_OK);
    store_rollback(store);
    store_rollback(store); /* fine when none is open */
    ck_assert_int_eq(store_play_count(store, 1, &count), STORE_OK);
    ck_assert_int_eq(count, 0);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0, 1), STORE_OK);
    store_close(store); /* with the transaction open */
    ck_assert_str_eq(store_help_ask("SELECT count(*) FROM played_tracks"), "0");
}
END_TEST

START_TEST(transactions_do_not_nest_and_nothing_is_written_outside_of_one)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0, 1), STORE_MISUSE);
    ck_assert_int_eq(store_commit(store), STORE_MISUSE);
    ck_assert_int_eq(store_mark(store), STORE_MISUSE);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_MISUSE);
    ck_assert_int_eq(store_begin_read(store), STORE_MISUSE);
    ck_assert_int_eq(store_checkpoint(store), STORE_MISUSE);
    store_help_commit(store);
    store_close(store);

    store = store_help_open(STORE_READER);
    ck_assert_int_eq(store_begin(store, STORE_DURABLE), STORE_MISUSE);
    ck_assert_int_eq(store_checkpoint(store), STORE_MISUSE);
    ck_assert_int_eq(store_help_play(store, 1, STORE_HELP_T0, 1), STORE_MISUSE);
    store_close(store);
}
END_TEST

START_TEST(a_mark_undoes_one_part_of_a_transaction)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_mark_keep(store), STORE_MISUSE);
    ck_assert_int_eq(store_mark_undo(store), STORE_MISUSE);
    ck_assert_int_eq(store_mark(store), STORE_OK);
    ck_assert_int_eq(store_mark(store), STORE_MISUSE);
    ck_assert_int_eq(store_help_play(store, 1, 1, 1), STORE_OK);
    ck_assert_int_eq(store_mark_keep(store), STORE_OK);
    ck_assert_int_eq(store_mark(store), STORE_OK);
    ck_assert_int_eq(store_help_play(store, 1, 2, 1), STORE_OK);
    ck_assert_int_eq(store_mark_undo(store), STORE_OK);
    ck_assert_int_eq(store_mark(store), STORE_OK);
    ck_assert_int_eq(store_help_play(store, 1, 3, 1), STORE_OK);
    ck_assert_int_eq(store_mark_keep(store), STORE_OK);
    store_help_commit(store);
    store_close(store);
    ck_assert_str_eq(store_help_ask("SELECT played_at FROM played_tracks ORDER BY 1"), "1\n3");
}
END_TEST

START_TEST(a_failed_statement_leaves_the_rest_of_the_transaction_alone)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(store, 1, 1, 1), STORE_OK);
    ck_assert_int_eq(store_help_play(store, 1, 2, 999), STORE_MISUSE); /* there is no such track */
    ck_assert_ptr_nonnull(strstr(store_message(store), "FOREIGN KEY"));
    ck_assert_int_eq(store_help_play(store, 77, 2, 1), STORE_MISUSE); /* nor such a user */
    store_help_commit(store);
    store_close(store);
    ck_assert_str_eq(store_help_ask("SELECT played_at FROM played_tracks"), "1");
}
END_TEST

START_TEST(a_read_transaction_sees_one_moment)
{
    store_help_make();
    struct store *writer = store_help_open(STORE_WRITER);
    struct store *reader = store_help_open(STORE_READER);
    int64_t count = -1;
    ck_assert_int_eq(store_begin_read(reader), STORE_OK);
    ck_assert_int_eq(store_play_count(reader, 0, &count), STORE_OK);
    store_help_begin(writer, STORE_DURABLE);
    ck_assert_int_eq(store_help_play(writer, 1, 1, 1), STORE_OK);
    store_help_commit(writer);
    ck_assert_int_eq(store_play_count(reader, 0, &count), STORE_OK);
    ck_assert_int_eq(count, 0);
    store_rollback(reader);
    ck_assert_int_eq(store_play_count(reader, 0, &count), STORE_OK);
    ck_assert_int_eq(count, 1);
    store_close(reader);
    store_close(writer);
}
END_TEST

START_TEST(a_statement_that_was_not_given_back_is_named_and_stops_the_commit)
{
    store_help_make();
    struct store *store = store_help_open(STORE_WRITER);
    struct store_query query;
    store_help_begin(store, STORE_DURABLE);
    store_query_begin(&query, store, STORE_SQL_USERS_LOAD, "testing");
    ck_assert(store_query_row(&query));
    ck_assert_ptr_nonnull(strstr(store_query_left(store), "FROM users"));
    ck_assert_int_eq(store_commit(store), STORE_MISUSE);
    ck_assert_ptr_nonnull(strstr(store_message(store), "FROM users"));
    store_query_end(&query);
    ck_assert_ptr_null(store_query_left(store));
    store_close(store);
}
END_TEST

START_TEST(a_wrong_name_of_a_parameter_is_an_error)
{
    struct store *store = store_help_open(STORE_WRITER);
    struct store_query query;
    store_query_begin(&query, store, STORE_SQL_USER_GET, "testing");
    store_query_int(&query, ":no_such", 1);
    ck_assert(!store_query_row(&query));
    ck_assert_int_eq(store_query_end(&query), STORE_MISUSE);
    store_close(store);
}
END_TEST

START_TEST(every_result_has_a_name_and_codes_are_sorted)
{
    for (int i = STORE_OK; i <= STORE_MISUSE; i++) {
        ck_assert_str_ne(store_result_name((enum store_result)i), "unknown");
    }
    static const struct {
        int code;
        int error;
        enum store_result result;
    } table[] = {
        {SQLITE_OK, 0, STORE_OK},
        {SQLITE_BUSY_SNAPSHOT, 0, STORE_BUSY},
        {SQLITE_FULL, 0, STORE_FULL},
        {SQLITE_IOERR_SHMSIZE, ENOSPC, STORE_FULL},
        {SQLITE_IOERR_WRITE, EDQUOT, STORE_FULL},
        {SQLITE_IOERR_WRITE, EFBIG, STORE_FULL},
        {SQLITE_IOERR_WRITE, EIO, STORE_IO},
        {SQLITE_IOERR_FSYNC, ENOSPC, STORE_IO},
        {SQLITE_IOERR_FSYNC, EIO, STORE_IO},
        {SQLITE_IOERR_READ, EIO, STORE_IO},
        {SQLITE_IOERR_SHORT_READ, 0, STORE_CORRUPT},
        {SQLITE_IOERR_NOMEM, 0, STORE_NOMEM},
        {SQLITE_NOMEM, 0, STORE_NOMEM},
        {SQLITE_READONLY_DBMOVED, 0, STORE_GONE},
        {SQLITE_READONLY, 0, STORE_READONLY},
        {SQLITE_CANTOPEN, EROFS, STORE_READONLY},
        {SQLITE_CANTOPEN, EACCES, STORE_CANTOPEN},
        {SQLITE_CANTOPEN, EMFILE, STORE_NOMEM},
        {SQLITE_CORRUPT_INDEX, 0, STORE_CORRUPT},
        {SQLITE_NOTADB, 0, STORE_CORRUPT},
        {SQLITE_CONSTRAINT_UNIQUE, 0, STORE_EXISTS},
        {SQLITE_CONSTRAINT_PRIMARYKEY, 0, STORE_EXISTS},
        {SQLITE_CONSTRAINT_CHECK, 0, STORE_MISUSE},
        {SQLITE_ERROR, 0, STORE_MISUSE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ck_assert_int_eq(store_result_of(table[i].code, table[i].error), table[i].result);
    }
}
END_TEST

Suite *store_suite(void)
{
    Suite *suite = suite_create("store");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, store_help_setup, store_help_teardown);
    tcase_add_test(files, a_new_database_is_ours_and_of_the_newest_version);
    tcase_add_test(files, all_tables_are_strict_and_every_column_has_a_comment);
    tcase_add_test(files, the_key_of_the_plays_is_stated_and_costs_one_tree_only);
    tcase_add_test(files, a_new_file_gets_mode_0640_whatever_the_umask);
    tcase_add_test(files, a_start_cut_off_while_making_the_file_is_no_obstacle);
    tcase_add_test(files, a_log_without_its_database_is_kept_and_nothing_is_made_beside_it);
    tcase_add_test(files, a_missing_directory_is_not_made);
    tcase_add_test(files, a_reader_makes_no_file);
    tcase_add_test(files, opening_again_keeps_what_was_there);
    tcase_add_test(files, E6_an_empty_file_is_refused_and_untouched);
    tcase_add_test(files, E6_a_file_that_is_no_database_is_refused_and_untouched);
    tcase_add_test(files, E6_a_database_of_another_program_is_refused_and_untouched);
    tcase_add_test(files, E6_a_damaged_database_of_ours_is_reported_and_kept);
    tcase_add_test(files, E11_a_database_of_a_newer_version_is_refused_and_untouched);
    tcase_add_test(files, E11_a_newer_version_that_is_only_in_the_log_is_refused_and_untouched);
    tcase_add_test(files, what_is_not_a_plain_file_is_refused);
    tcase_add_test(files, E18_a_symbolic_link_is_resolved);
    tcase_add_test(files, E18_a_file_with_two_names_is_refused_and_untouched);
    tcase_add_test(files, E9_files_that_others_can_read_are_closed_to_them);
    tcase_add_test(files, E9_a_tighter_mode_is_kept);
    suite_add_tcase(suite, files);

    TCase *transactions = tcase_create("transactions");
    tcase_add_checked_fixture(transactions, store_help_setup, store_help_teardown);
    tcase_add_test(transactions, what_is_not_committed_is_not_there);
    tcase_add_test(transactions, transactions_do_not_nest_and_nothing_is_written_outside_of_one);
    tcase_add_test(transactions, a_mark_undoes_one_part_of_a_transaction);
    tcase_add_test(transactions, a_failed_statement_leaves_the_rest_of_the_transaction_alone);
    tcase_add_test(transactions, a_read_transaction_sees_one_moment);
    tcase_add_test(transactions, a_statement_that_was_not_given_back_is_named_and_stops_the_commit);
    tcase_add_test(transactions, a_wrong_name_of_a_parameter_is_an_error);
    tcase_add_test(transactions, every_result_has_a_name_and_codes_are_sorted);
    suite_add_tcase(suite, transactions);

    return suite;
}
