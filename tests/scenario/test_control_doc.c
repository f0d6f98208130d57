/* SPDX-License-Identifier: MIT */
/* doc/control.md is true: each key of its examples is sent by the daemon, and the other way round.
 */
#include "import_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/signin.h"

#define MANUAL_MAX 65536

static char *read_manual(void)
{
    FILE *file = fopen(TEST_SRCDIR "/doc/control.md", "re");
    char *text = calloc(1, MANUAL_MAX + 1);
    size_t len;

    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(text);
    len = fread(text, 1, MANUAL_MAX, file);
    ck_assert_uint_gt(len, 0);
    ck_assert_uint_lt(len, MANUAL_MAX);
    fclose(file);
    return text;
}

/* From one text up to another, or to the end; the caller frees it. */
static char *part(const char *begin, const char *end)
{
    char *text = read_manual(), *from = strstr(text, begin), *to, *copy;

    ck_assert_msg(from != NULL, "no \"%s\" in doc/control.md", begin);
    from += strlen(begin);
    to = strstr(from, end);
    copy = to != NULL ? strndup(from, (size_t)(to - from)) : strdup(from);
    free(text);
    return copy;
}

/* The keys of all objects in an example, as an object's. */
static json_t *keys_of_example(const char *name)
{
    json_t *keys = json_object();
    char head[40], *text, *colon;

    snprintf(head, sizeof(head), "\n**%s**", name);
    text = part(head, "\n**");
    for (char *at = text; (colon = strstr(at, "\":")) != NULL; at = colon + 2) {
        *colon = '\0';
        json_object_set_new(keys, strrchr(at, '"') + 1, json_true());
    }
    free(text);
    ck_assert_uint_gt(json_object_size(keys), 0);
    return keys;
}

/* Collects the keys of all objects; a user in another answer has an example of their own. */
static void collect(const json_t *json, bool with_users, json_t *keys)
{
    const char *key;
    json_t *value;
    size_t i;

    json_array_foreach (json, i, value)
        collect(value, with_users, keys);
    json_object_foreach ((json_t *)json, key, value) {
        json_object_set_new(keys, key, json_true());
        if (with_users || strncmp(key, "user", 4) != 0)
            collect(value, with_users, keys);
    }
}

/* Takes the answer. */
static void assert_example(const char *name, json_t *answer, bool with_users)
{
    json_t *example = keys_of_example(name), *sent = json_object(), *value;
    const char *key;

    collect(answer, with_users, sent);
    json_object_foreach (example, key, value)
        ck_assert_msg(json_object_get(sent, key) != NULL, "%s: %s is not sent", name, key);
    json_object_foreach (sent, key, value)
        ck_assert_msg(json_object_get(example, key) != NULL, "%s: %s is not described", name, key);
    json_decref(example);
    json_decref(sent);
    json_decref(answer);
}

START_TEST(the_example_of_the_status_is_true)
{
    harness_run_by_hand(1);
    assert_example("status", control_expect(200, "GET", "/v1/status", NULL), false);
}
END_TEST

START_TEST(the_example_of_a_user_is_true)
{
    harness_run_by_hand(1);
    assert_example("user", control_expect(200, "GET", "/v1/users/1", NULL), true);
}
END_TEST

START_TEST(the_example_of_sync_is_true)
{
    harness_run_by_hand(1);
    assert_example("sync", control_expect(202, "POST", "/v1/sync", "{}"), true);
}
END_TEST

START_TEST(the_example_of_a_login_is_true)
{
    harness_run_by_hand(1);
    assert_example("login", control_expect(201, "POST", "/v1/login", "{}"), false);
}
END_TEST

START_TEST(the_example_of_an_import_is_true)
{
    struct import_rows rows = {0};
    const char *id;

    harness_run_by_hand(1);
    import_add_rejected(&rows, 1, ARCHIVE_NO_TITLE);
    id = import_begin(1, NULL, rows);
    import_expect_end(id, "stored");
    assert_example("import", control_expect(200, "GET", import_path(id, ""), NULL), false);
}
END_TEST

START_TEST(the_example_of_a_rebuilding_is_true)
{
    harness_run_by_hand(1);
    json_decref(control_expect(202, "POST", "/v1/rebuild", "{}"));
    assert_example("rebuilding", control_expect(200, "GET", "/v1/rebuild", NULL), false);
}
END_TEST

START_TEST(the_example_of_a_play_is_true)
{
    char path[80];

    harness_run_by_hand(1);
    fake_play(1, 1, harness_now() - 1000);
    hd_poll_and_wait();
    snprintf(path, sizeof(path), "/v1/users/1/plays/%lld/delete",
             (long long)db_int("SELECT play_key FROM plays"));
    assert_example("play", control_expect(200, "POST", path, "{}"), true);
}
END_TEST

START_TEST(the_example_of_a_refusal_is_true)
{
    char *text = part("A refused request changes nothing and gets\n\n", "\n\n");
    json_t *example = json_loads(text, 0, NULL), *answer;

    ck_assert_ptr_nonnull(example);
    harness_run_by_hand(1);
    answer = control_expect(404, "GET", "/v1/users/7", NULL);
    ck_assert(json_equal(example, answer));
    json_decref(example);
    json_decref(answer);
    free(text);
}
END_TEST

/* Words in backquotes. */
static size_t quoted_words(const char *text)
{
    size_t marks = 0;

    for (; *text; text++)
        marks += *text == '`';
    return marks / 2;
}

static bool is_quoted(const char *text, const char *word)
{
    char quoted[60];

    snprintf(quoted, sizeof(quoted), "`%s`", word);
    return strstr(text, quoted) != NULL;
}

START_TEST(what_is_counted_of_a_user_who_was_removed_is_described)
{
    char *text = part("What was removed is counted: ", ".\n");
    json_t *answer, *removed, *value;
    const char *key;

    harness_run_by_hand(1);
    answer = control_expect(200, "POST", "/v1/users/1/forget", "{'keep_plays':false}");
    removed = json_object_get(answer, "removed");
    ck_assert_uint_gt(json_object_size(removed), 0);
    json_object_foreach (removed, key, value)
        ck_assert_msg(is_quoted(text, key), "%s is not described", key);
    ck_assert_uint_eq(json_object_size(removed), quoted_words(text));
    json_decref(answer);
    free(text);
}
END_TEST

START_TEST(each_word_for_why_a_login_failed_is_described)
{
    char *text = part("or a word for why not: ", ", with `title`");

    harness.no_database = true;
    for (int result = 0; result < SIGNIN_RESULTS; result++)
        ck_assert_msg(result == SIGNIN_OK ||
                          is_quoted(text, signin_result_name((enum signin_result)result)),
                      "%s is not described", signin_result_name((enum signin_result)result));
    ck_assert_uint_eq(quoted_words(text), SIGNIN_RESULTS - 1);
    free(text);
}
END_TEST

Suite *control_doc_suite(void)
{
    Suite *suite = suite_create("control_doc");
    TCase *examples = harness_case(suite, "examples");
    TCase *words = harness_case(suite, "words");

    tcase_add_test(examples, the_example_of_the_status_is_true);
    tcase_add_test(examples, the_example_of_a_user_is_true);
    tcase_add_test(examples, the_example_of_sync_is_true);
    tcase_add_test(examples, the_example_of_a_login_is_true);
    tcase_add_test(examples, the_example_of_an_import_is_true);
    tcase_add_test(examples, the_example_of_a_rebuilding_is_true);
    tcase_add_test(examples, the_example_of_a_play_is_true);
    tcase_add_test(examples, the_example_of_a_refusal_is_true);
    tcase_add_test(words, what_is_counted_of_a_user_who_was_removed_is_described);
    tcase_add_test(words, each_word_for_why_a_login_failed_is_described);
    return suite;
}
