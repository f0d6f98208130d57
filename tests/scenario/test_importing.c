/* SPDX-License-Identifier: MIT */
/* Imports at the control interface: what is taken, what is refused, what comes of it. */
#include "import_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define HASH "0123456789abcdef0123456789abcdef"

/* -- what comes of it -------------------------------------------------------------------------- */

START_TEST(rows_of_a_file_become_plays)
{
    const char *id;

    harness_run_by_hand(2);
    id = import_begin(1, NULL, import_many(3000, IMPORT_T0, 200000));
    import_expect_end(id, "stored");
    ck_assert_int_eq(import_number(id, "received"), 3000);
    ck_assert_int_eq(import_number(id, "rows"), 3000);
    ck_assert_int_eq(import_number(id, "added"), 3000);
    ck_assert_str_eq(import_text(id, "first_at"), "2014-05-13T16:53:20.000Z");
    ck_assert_int_eq(db_plays(1), 3000);
    ck_assert_int_eq(db_plays(2), 0);
    ck_assert_int_eq(db_int("SELECT import_id FROM imports"), import_number(id, "import"));
    ck_assert(hd_logged(": export.json: imported 3000 rows: 3000 new, 0 matched, 0 there twice, 0 "
                        "rejected (import 1)"));
}
END_TEST

START_TEST(a_file_without_rows_is_imported_too)
{
    harness_run_by_hand(1);
    import_expect_end(import_begin(1, NULL, (struct import_rows){0}), "stored");
    ck_assert_int_eq(db_int("SELECT row_count FROM imports"), 0);
}
END_TEST

START_TEST(rejected_rows_are_told_by_their_reasons)
{
    struct import_rows rows = {0};
    const char *id;
    json_t *json, *reasons;

    harness_run_by_hand(1);
    import_add_rejected(&rows, 1, ARCHIVE_NO_TITLE);
    import_add_rejected(&rows, 2, ARCHIVE_NO_TITLE);
    import_add_rejected(&rows, 3, ARCHIVE_BAD_URI);
    import_add(&rows, IMPORT_T0, 1);
    id = import_begin(1, NULL, rows);
    import_expect_end(id, "stored");
    ck_assert_int_eq(import_number(id, "rejected"), 3);
    json = control_expect(200, "GET", import_path(id, ""), NULL);
    reasons = json_object_get(json, "reasons");
    ck_assert_int_eq(json_integer_value(json_object_get(reasons, "no_title")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(reasons, "bad_uri")), 1);
    ck_assert_uint_eq(json_object_size(reasons), 2);
    json_decref(json);
    ck_assert_int_eq(db_int("SELECT count(*) FROM import_rejects"), 3);
}
END_TEST

START_TEST(the_same_file_again_is_known)
{
    const char *id;

    harness_run_by_hand(1);
    import_expect_end(import_begin(1, HASH, import_many(100, IMPORT_T0, 200000)), "stored");
    id = import_begin(1, HASH, import_many(100, IMPORT_T0, 200000));
    import_expect_end(id, "known");
    ck_assert_int_eq(import_number(id, "import"), 1);
    ck_assert_int_eq(db_int("SELECT count(*) FROM imports"), 1);
    ck_assert(hd_logged("nothing in it is new since import 1"));
}
END_TEST

START_TEST(an_import_is_undone_and_nothing_of_it_is_left)
{
    char *before, *after, *sums_before, *sums_after;
    json_t *json;
    char id[40];

    harness_run_by_hand(1);
    before = db_dump();
    sums_before = db_sums();
    import_expect_end(import_begin(1, NULL, import_many(1000, IMPORT_T0, 200000)), "stored");
    json = control_expect(202, "POST", "/v1/undo-import", "{'import':1}");
    ck_assert(json_is_true(json_object_get(json, "undoing")));
    snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(json, "id")));
    json_decref(json);
    import_expect_end(id, "stored");
    ck_assert_int_eq(import_number(id, "added"), 1000);
    after = db_dump();
    ck_assert_str_eq(before, after);
    sums_after = db_sums();
    ck_assert_str_eq(sums_before, sums_after);
    ck_assert(hd_logged(": export.json: import 1 is undone: 1000 plays removed, 0 stay without"));
    free(before);
    free(after);
    free(sums_before);
    free(sums_after);
}
END_TEST

/* -- refused ----------------------------------------------------------------------------------- */

static const struct {
    const char *path, *body;
    long status;
    const char *says;
} refusals[] = {
    {"/v1/imports", "[]", 400, "JSON object"},
    {"/v1/imports", "{'user':1,'user':1}", 400, "key twice"},
    {"/v1/imports", "{'use':1}", 400, "not known here"},
    {"/v1/imports", "{'user':1,'file':'a','hash':'" HASH "','form':'long'}", 400, "version"},
    {"/v1/imports", "{'user':1,'file':'a','hash':'" HASH "','form':'long','version':999}", 400,
     "not of the same version"},
    {"/v1/imports", "{'user':1,'file':'a','hash':'" HASH "','form':'long','version':'1'}", 400,
     "version"},
    {"/v1/imports", "{'user':7,'file':'a','hash':'" HASH "','form':'long','version':1}", 404,
     "no such user"},
    {"/v1/imports", "{'user':'1','file':'a','hash':'" HASH "','form':'long','version':1}", 400,
     "user"},
    {"/v1/imports", "{'file':'a','hash':'" HASH "','form':'long','version':1}", 400, "user"},
    {"/v1/imports", "{'user':1,'file':'','hash':'" HASH "','form':'long','version':1}", 400,
     "file"},
    {"/v1/imports", "{'user':1,'file':'a\\nb','hash':'" HASH "','form':'long','version':1}", 400,
     "file"},
    {"/v1/imports", "{'user':1,'file':7,'hash':'" HASH "','form':'long','version':1}", 400, "file"},
    {"/v1/imports", "{'user':1,'file':'a','hash':'0123','form':'long','version':1}", 400, "hash"},
    {"/v1/imports",
     "{'user':1,'file':'a','hash':'0123456789ABCDEF0123456789ABCDEF','form':'long','version':1}",
     400, "hash"},
    {"/v1/imports", "{'user':1,'file':'a','hash':'" HASH "0','form':'long','version':1}", 400,
     "hash"},
    {"/v1/imports", "{'user':1,'file':'a','hash':'" HASH "','form':'wide','version':1}", 400,
     "form"},
    {"/v1/imports", "{'user':1,'file':'a','hash':'" HASH "','version':1}", 400, "form"},
    {"/v1/undo-import", "{}", 400, "number of an import"},
    {"/v1/undo-import", "{'import':0}", 400, "number of an import"},
    {"/v1/undo-import", "{'import':7}", 404, "no such import"},
    {"/v1/imports/0123456789012345678901/start", "{}", 404, "no such import"},
    {"/v1/imports/0123456789012345678901/cancel", "{}", 404, "no such import"},
    {"/v1/imports/0123/start", "{}", 404, "no such import"},
    {"/v1/imports/0123/begin", "{}", 404, "no such address"},
};

START_TEST(what_is_wrong_is_refused_and_said)
{
    long status = 0;
    json_t *json;

    harness_run_by_hand(1);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        char *text;

        json = control_ask(&status, "POST", refusals[i].path, "%s", refusals[i].body);
        text = json_dumps(json, JSON_COMPACT);
        ck_assert_msg(status == refusals[i].status && strstr(text, refusals[i].says),
                      "%s %s: %ld %s", refusals[i].path, refusals[i].body, status, text);
        free(text);
        json_decref(json);
    }
    json_decref(control_expect(404, "GET", "/v1/imports/0123", NULL));
    ck_assert_int_eq(hd_log_count("control: user"), 0);
}
END_TEST

START_TEST(a_file_name_of_511_bytes_is_taken_and_none_of_512)
{
    char name[600];
    json_t *json;

    harness_run_by_hand(1);
    memset(name, 'n', sizeof(name));
    name[512] = '\0';
    ck_assert_str_eq(import_code(control_expect(400, "POST", "/v1/imports",
                                                "{'user':1,'file':'%s','hash':'" HASH
                                                "','form':'long','version':1}",
                                                name)),
                     "bad_request");
    name[511] = '\0';
    json =
        control_expect(201, "POST", "/v1/imports",
                       "{'user':1,'file':'%s','hash':'" HASH "','form':'short','version':1}", name);
    json_decref(json);
}
END_TEST

START_TEST(each_address_takes_its_method_only)
{
    const char *id;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    json_decref(control_expect(405, "GET", "/v1/imports", NULL));
    json_decref(control_expect(405, "GET", "/v1/undo-import", NULL));
    json_decref(control_expect(405, "GET", import_path(id, "/rows"), NULL));
    json_decref(control_expect(405, "GET", import_path(id, "/start"), NULL));
    json_decref(control_expect(405, "POST", import_path(id, ""), "{}"));
    ck_assert_str_eq(import_text(id, "stage"), "receiving");
}
END_TEST

/* Sends what must be refused, and that nothing of it is taken. */
static void expect_unsound(const char *id, const void *bytes, size_t len)
{
    int64_t received = import_number(id, "received");

    ck_assert_str_eq(import_code(import_send(id, bytes, len, 400)), "bad_request");
    ck_assert_int_eq(import_number(id, "received"), received);
}

START_TEST(unsound_rows_are_refused_and_those_before_stay)
{
    struct import_rows rows = {0}, bad = {0};
    const char *id;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    import_add(&rows, IMPORT_T0, 1);
    import_add(&rows, IMPORT_T0 + 300000, 2);
    json_decref(import_send(id, rows.data, rows.len, 200));
    expect_unsound(id, "garbage", 7);
    expect_unsound(id, rows.data, rows.len); /* behind what came before */
    import_add(&bad, IMPORT_T0 + 600000, 3);
    expect_unsound(id, bad.data, bad.len - 1);
    import_add(&bad, IMPORT_T0 + 500000, 4); /* behind the one before */
    expect_unsound(id, bad.data, bad.len);
    bad.len = 0;
    import_add(&bad, harness_now() + INT64_C(3) * 86400000, 3);
    expect_unsound(id, bad.data, bad.len);
    bad.len = 0;
    import_add_rejected(&bad, 9, ARCHIVE_BAD_MS); /* rejected ones come first */
    expect_unsound(id, bad.data, bad.len);
    import_start(id);
    import_expect_end(id, "stored");
    ck_assert_int_eq(db_plays(1), 2);
    free(rows.data);
    free(bad.data);
}
END_TEST

START_TEST(rows_of_another_type_are_refused)
{
    long status = 0;
    const char *id;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    ck_assert_str_eq(
        import_code(control_send(&status, import_path(id, "/rows"), "application/json", "{}", 2)),
        "unsupported_media_type");
    ck_assert_int_eq(status, 415);
}
END_TEST

START_TEST(json_has_less_room_than_rows)
{
    static char blanks[262144];
    static const char too_long[] = "POST /v1/imports/x/rows HTTP/1.1\r\nHost: localhost\r\n"
                                   "Content-Length: 262145\r\n\r\n";
    struct import_rows rows = import_many(3000, IMPORT_T0, 200000);
    struct raw_answer answer;
    const char *id;
    long status = 0;

    harness_run_by_hand(1);
    memset(blanks, ' ', sizeof(blanks));
    ck_assert_str_eq(
        import_code(control_send(&status, "/v1/sync", "application/json", blanks, 65537)),
        "too_large");
    ck_assert_int_eq(status, 413);
    id = import_open(1, NULL);
    ck_assert_uint_gt(rows.len, 262144);
    expect_unsound(id, rows.data, 262144); /* as many bytes are taken, but the last row is cut */
    answer = raw_ask_on(raw_connect_control(), too_long, strlen(too_long), 5000);
    ck_assert_int_eq(answer.status, 413);
    raw_free(&answer);
    free(rows.data);
}
END_TEST

/* -- one at a time ----------------------------------------------------------------------------- */

START_TEST(a_second_one_is_told_that_the_first_is_under_way)
{
    static const char body[] = "{'user':1,'file':'a','hash':'" HASH "','form':'long','version':1}";
    const char *id;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    ck_assert_str_eq(import_code(control_expect(409, "POST", "/v1/imports", body)), "busy");
    json_decref(control_expect(200, "POST", import_path(id, "/cancel"), "{}"));
    json_decref(control_expect(201, "POST", "/v1/imports", body));
    json_decref(control_expect(404, "GET", import_path(id, ""), NULL));
}
END_TEST

/* Or its command would be told that there is no such import, and not that it is stored. */
START_TEST(the_end_of_one_is_told_before_the_next_is_opened)
{
    char id[40];

    harness_run_by_hand(1);
    snprintf(id, sizeof(id), "%s", import_begin(1, NULL, import_many(10, IMPORT_T0, 200000)));
    harness_wait_until(db_int("SELECT count(*) FROM imports") == 1);
    ck_assert_str_eq(import_code(control_expect(
                         409, "POST", "/v1/imports",
                         "{'user':1,'file':'b.json','hash':'0123456789abcdef0123456789abcdef',"
                         "'form':'long','version':%d}",
                         ARCHIVE_RECORD_VERSION)),
                     "busy");
    import_expect_end(id, "stored");
    import_expect_end(import_begin(1, NULL, import_many(10, IMPORT_T0, 200000)), "known");
}
END_TEST

START_TEST(what_was_given_up_takes_nothing_more_and_stores_nothing)
{
    struct import_rows rows = import_many(10, IMPORT_T0, 200000);
    const char *id;

    harness_run_by_hand(1);
    id = import_open(1, NULL);
    import_send_all(id, &rows);
    json_decref(control_expect(200, "POST", import_path(id, "/cancel"), "{}"));
    json_decref(control_expect(200, "POST", import_path(id, "/cancel"), "{}"));
    ck_assert_str_eq(import_text(id, "end"), "failed");
    ck_assert_str_eq(import_text(id, "error"), "it was given up");
    ck_assert_str_eq(import_code(import_send(id, rows.data, rows.len, 409)), "conflict");
    ck_assert_str_eq(import_code(control_expect(409, "POST", import_path(id, "/start"), "{}")),
                     "conflict");
    ck_assert_int_eq(db_plays(1), 0);
    ck_assert_int_eq(hd_log_count("gives up an import"), 1);
    free(rows.data);
}
END_TEST

START_TEST(it_is_started_once)
{
    const char *id;

    harness_run_by_hand(1);
    id = import_begin(1, NULL, import_many(10, IMPORT_T0, 200000));
    ck_assert_str_eq(import_code(control_expect(409, "POST", import_path(id, "/start"), "{}")),
                     "conflict");
    import_expect_end(id, "stored");
    json_decref(control_expect(200, "POST", import_path(id, "/cancel"), "{}"));
    ck_assert_int_eq(db_plays(1), 10);
    ck_assert_int_eq(hd_log_count("imports export.json for user 1"), 1);
}
END_TEST

/* -- no room ----------------------------------------------------------------------------------- */

/* No file of the daemon may grow beyond this. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    ck_assert_int_eq(prlimit(harness.daemon.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

START_TEST(rows_that_cannot_be_kept_end_it)
{
    struct import_rows rows = import_many(2000, IMPORT_T0, 200000);
    const char *id;
    char *before, *after;

    harness_run_by_hand(1);
    before = db_dump();
    id = import_open(1, NULL);
    limit_files(100000);
    ck_assert_str_eq(import_code(import_send(id, rows.data, rows.len, 503)), "unavailable");
    limit_files(RLIM_INFINITY);
    import_expect_end(id, "failed");
    ck_assert_ptr_nonnull(strstr(import_text(id, "error"), "the rows cannot be kept"));
    after = db_dump();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    free(rows.data);
}
END_TEST

START_TEST(I10_a_database_without_room_leaves_everything_as_it_was)
{
    char *before, *after;
    const char *id;

    harness_run_by_hand(1);
    before = db_dump();
    id = import_open(1, NULL);
    {
        struct import_rows rows = import_many(4000, IMPORT_T0, 200000);

        import_send_all(id, &rows);
        free(rows.data);
    }
    limit_files(300000);
    import_start(id);
    import_expect_end(id, "failed");
    limit_files(RLIM_INFINITY);
    after = db_dump();
    ck_assert_str_eq(before, after);
    import_expect_end(import_begin(1, NULL, import_many(4000, IMPORT_T0, 200000)), "stored");
    ck_assert_int_eq(db_plays(1), 4000);
    free(before);
    free(after);
}
END_TEST

Suite *importing_suite(void)
{
    Suite *suite = suite_create("importing");
    TCase *stored = harness_case(suite, "stored");
    TCase *refused = harness_case(suite, "refused");
    TCase *one = harness_case(suite, "one at a time");
    TCase *room = harness_case(suite, "no room");

    tcase_add_test(stored, rows_of_a_file_become_plays);
    tcase_add_test(stored, a_file_without_rows_is_imported_too);
    tcase_add_test(stored, rejected_rows_are_told_by_their_reasons);
    tcase_add_test(stored, the_same_file_again_is_known);
    tcase_add_test(stored, an_import_is_undone_and_nothing_of_it_is_left);
    tcase_add_test(refused, what_is_wrong_is_refused_and_said);
    tcase_add_test(refused, a_file_name_of_511_bytes_is_taken_and_none_of_512);
    tcase_add_test(refused, each_address_takes_its_method_only);
    tcase_add_test(refused, unsound_rows_are_refused_and_those_before_stay);
    tcase_add_test(refused, rows_of_another_type_are_refused);
    tcase_add_test(refused, json_has_less_room_than_rows);
    tcase_add_test(one, a_second_one_is_told_that_the_first_is_under_way);
    tcase_add_test(one, the_end_of_one_is_told_before_the_next_is_opened);
    tcase_add_test(one, what_was_given_up_takes_nothing_more_and_stores_nothing);
    tcase_add_test(one, it_is_started_once);
    tcase_add_test(room, rows_that_cannot_be_kept_end_it);
    tcase_add_test(room, I10_a_database_without_room_leaves_everything_as_it_was);
    return suite;
}
