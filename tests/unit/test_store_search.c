/* SPDX-License-Identifier: MIT */
/* Pages of plays, against a plain list of what was stored: each play once, in order, whichever way
 * and however it is looked for. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chance.h"
#include "store/search.h"
#include "store/totals.h"
#include "store_help.h"

#define USERS 3
#define TRACKS 90
#define ARTISTS 20
#define ALBUMS 16
#define PLAYS 3000
#define SPAN 40000 /* ms in which they lie: users have keys in common */
#define HOUR INT64_C(3600000)

/* As they are written, and as they are compared. */
static const struct {
    const char *shown, *plain;
} pool[] = {
    {"Velvet", "velvet"},     {"Vel", "vel"},   {"Harbour", "harbour"}, {"Björk", "bjork"},
    {"ÅNGSTRÖM", "angstrom"}, {"Éa", "ea"},     {"n0", "n0"},           {"Señor", "senor"},
    {"o\u0308x", "ox"},       {"the", "the"},   {"The", "the"},         {"Ørn", "ørn"},
    {"МОСКВА", "москва"},     {"東京", "東京"}, {"Naïve", "naive"},     {"naivety", "naivety"},
};
#define POOL (sizeof(pool) / sizeof(pool[0]))

static const char *const sources[] = {"api", "extended", "account"};

struct name {
    char shown[120];
    char plain[120]; /* each word with a blank before it */
};

struct kept {
    struct store_place place;
    int64_t moment;
    int track; /* from 0; its number is one more */
    int source;
    bool deleted, here;
};

static struct store *store;
static struct name tracks[TRACKS], artists[ARTISTS], albums[ALBUMS];
static struct kept plays[2 * PLAYS];
static size_t play_count;

static void assert_ok(enum store_result result)
{
    ck_assert_msg(result == STORE_OK, "%s: %s", store_result_name(result), store_message(store));
}

/* -- a world ----------------------------------------------------------------------------------- */

/* Adds to a text in a field of its own size. */
#define ADD(field, ...) add_text(field, sizeof(field), __VA_ARGS__)

static void add_text(char *text, size_t size, const char *more, size_t most)
{
    size_t len = strlen(text);

    snprintf(text + len, size - len, "%.*s", (int)most, more);
}

static void name_make(struct chance *chance, struct name *name)
{
    static const char *const between[] = {" ", " - ", "/", " \"", "'s ", ". "};
    size_t words = 1 + chance_below(chance, 3);

    *name = (struct name){0};
    for (size_t i = 0; i < words; i++) {
        size_t word = chance_below(chance, POOL);
        const char *gap = i > 0 ? CHANCE_PICK(chance, between) : "";

        ADD(name->shown, gap, 9);
        ADD(name->shown, pool[word].shown, 99);
        if (strcmp(gap, "'s ") == 0)
            ADD(name->plain, " s", 2);
        ADD(name->plain, " ", 1);
        ADD(name->plain, pool[word].plain, 99);
    }
}

static int artist_of(int track)
{
    return track * 7 % ARTISTS;
}

static int album_of(int track)
{
    return track * 5 % ALBUMS;
}

/* A quoted text, with its quotes doubled. */
static void put_text(FILE *sql, const char *text)
{
    fputc('\'', sql);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', sql);
        fputc(*text, sql);
    }
    fputc('\'', sql);
}

static void put_names(FILE *sql, struct chance *chance, const char *table, struct name *names,
                      int count)
{
    for (int i = 0; i < count; i++) {
        name_make(chance, &names[i]);
        fprintf(sql, "UPDATE %s SET name = ", table);
        put_text(sql, names[i].shown);
        fprintf(sql, " WHERE rowid = %d;", i + 1);
    }
}

static void put_catalogue(FILE *sql, struct chance *chance)
{
    for (int i = 1; i <= USERS; i++)
        fprintf(sql, "INSERT INTO users (spotify_id, state_since, added_at) VALUES ('u%d', 0, 0);",
                i);
    for (int i = 1; i <= ARTISTS; i++)
        fprintf(sql, "INSERT INTO artists VALUES (%d, 'a%d', '', 0);", i, i);
    for (int i = 1; i <= ALBUMS; i++)
        fprintf(sql,
                "INSERT INTO albums (album_id, uri, name, updated_at)"
                " VALUES (%d, 'b%d', '', 0);",
                i, i);
    for (int i = 0; i < TRACKS; i++)
        fprintf(sql,
                "INSERT INTO tracks (track_id, uri, kind, name, album_id, updated_at)"
                " VALUES (%d, 't%d', 'track', '', %d, 0);"
                "INSERT INTO track_artists VALUES (%d, 0, %d);",
                i + 1, i, album_of(i) + 1, i + 1, artist_of(i) + 1);
    put_names(sql, chance, "artists", artists, ARTISTS);
    put_names(sql, chance, "albums", albums, ALBUMS);
    put_names(sql, chance, "tracks", tracks, TRACKS);
}

/* False: the key is taken. The rarer a track, the older are its plays. */
static bool play_add(struct chance *chance, FILE *sql)
{
    struct kept play = {.here = true};
    int64_t nudge = (int64_t)(chance_below(chance, 4) == 0 ? chance_below(chance, 50) : 0);

    play.place.key = STORE_HELP_T0 + (int64_t)chance_below(chance, SPAN);
    play.place.user_id = 1 + (int64_t)(chance_below(chance, 5) == 0 ? 1 : 0);
    play.moment = play.place.key - nudge;
    play.track = (int)chance_below(chance, play.place.key > STORE_HELP_T0 + SPAN / 4 ? 60 : TRACKS);
    play.source = chance_below(chance, 3) == 0 ? (int)chance_below(chance, 3) : 0;
    play.deleted = chance_below(chance, 40) == 0;
    for (size_t i = 0; i < play_count; i++)
        if (plays[i].place.key == play.place.key && plays[i].place.user_id == play.place.user_id)
            return false;
    plays[play_count++] = play;
    fprintf(sql,
            "INSERT INTO played_tracks (user_id, played_at, track_id, source, first_seen_at,"
            " nudge_ms, deleted_at) VALUES (%d, %" PRId64 ", %d, '%s', 0, %" PRId64 ", %s);",
            (int)play.place.user_id, play.place.key, play.track + 1, sources[play.source], nudge,
            play.deleted ? "7" : "NULL");
    return true;
}

static void run(char *text)
{
    store_help_exec(store_help_db(), text);
    free(text);
}

static void words_refresh(void)
{
    int64_t left = 1;

    store_help_begin(store, STORE_RELAXED);
    assert_ok(store_words_refresh(store, 100000, &left));
    ck_assert_int_eq(left, 0);
    store_help_commit(store);
}

enum state { FRESH, STALE, SOME_STALE, STATES };

static struct chance world_make(const char *test, int state)
{
    struct chance chance = chance_open(test);
    char *text = NULL;
    size_t len = 0;
    FILE *sql = open_memstream(&text, &len);

    play_count = 0;
    fputs("BEGIN;", sql);
    put_catalogue(sql, &chance);
    for (int i = 0; i < PLAYS; i++)
        play_add(&chance, sql);
    fputs("COMMIT;", sql);
    fclose(sql);
    store = store_help_open(STORE_WRITER);
    run(text);
    if (state != STALE)
        words_refresh();
    if (state == SOME_STALE) {
        sql = open_memstream(&text, &len);
        put_names(sql, &chance, "artists", artists, 4);
        put_names(sql, &chance, "albums", albums, 3);
        put_names(sql, &chance, "tracks", tracks, 9);
        fclose(sql);
        run(text);
    }
    store_close(store);
    store = store_help_open(STORE_READER);
    assert_ok(store_begin_read(store));
    return chance;
}

static void teardown(void)
{
    store_close(store);
    store = NULL;
    store_help_teardown();
}

/* -- what a plain list says -------------------------------------------------------------------- */

struct wanted {
    struct store_search search;
    char words[STORE_SEARCH_WORDS_MAX];
    const char *plain[3]; /* what the words are compared as */
    size_t plain_len[3];
    size_t count;
};

static bool has_word(const char *text, const char *word, size_t len)
{
    for (; (text = strchr(text, ' ')) != NULL; text++)
        if (strncmp(text + 1, word, len) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct wanted *wanted, const struct kept *play)
{
    const struct store_search *search = &wanted->search;

    if (!play->here || play->deleted != search->deleted ||
        (search->user_id != 0 && search->user_id != play->place.user_id) ||
        (search->source && strcmp(search->source, sources[play->source]) != 0) ||
        (search->since != STORE_NO_TIME && play->moment < search->since) ||
        (search->until != STORE_NO_TIME && play->moment >= search->until))
        return false;
    for (size_t i = 0; i < wanted->count; i++)
        if (!has_word(tracks[play->track].plain, wanted->plain[i], wanted->plain_len[i]) &&
            !has_word(artists[artist_of(play->track)].plain, wanted->plain[i],
                      wanted->plain_len[i]) &&
            !has_word(albums[album_of(play->track)].plain, wanted->plain[i], wanted->plain_len[i]))
            return false;
    return true;
}

static int newest_first(const void *one, const void *other)
{
    const struct kept *a = one, *b = other;
    int order = (a->place.key < b->place.key) - (a->place.key > b->place.key);

    return order ? order
                 : (a->place.user_id > b->place.user_id) - (a->place.user_id < b->place.user_id);
}

/* All that is wanted, newest first, from malloc. */
static struct kept *list_make(const struct wanted *wanted, size_t *count)
{
    struct kept *list = calloc(play_count + 1, sizeof(*list));

    *count = 0;
    for (size_t i = 0; i < play_count; i++)
        if (is_wanted(wanted, &plays[i]))
            list[(*count)++] = plays[i];
    qsort(list, *count, sizeof(*list), newest_first);
    return list;
}

static int64_t some_moment(struct chance *chance)
{
    return chance_below(chance, 3) ? STORE_NO_TIME
                                   : STORE_HELP_T0 + (int64_t)chance_below(chance, SPAN);
}

/* A word as a person may type it: begun, in any case, among other signs. */
static void add_word(struct chance *chance, struct wanted *wanted)
{
    static const char *const before[] = {"", " ", "\"", "(", "-", "* "};
    size_t word = chance_below(chance, POOL);
    size_t i = wanted->count++;
    bool is_whole = pool[word].plain[0] & 0x80 || chance_below(chance, 2);

    wanted->plain[i] = pool[word].plain;
    wanted->plain_len[i] =
        is_whole ? strlen(pool[word].plain) : 1 + chance_below(chance, strlen(pool[word].plain));
    if (i > 0)
        ADD(wanted->words, " ", 1);
    ADD(wanted->words, CHANCE_PICK(chance, before), 9);
    if (is_whole && chance_below(chance, 2))
        ADD(wanted->words, pool[word].shown, 99);
    else
        ADD(wanted->words, pool[word].plain, wanted->plain_len[i]);
}

static void wanted_make(struct chance *chance, struct wanted *wanted)
{
    size_t words = chance_below(chance, 4);

    *wanted = (struct wanted){
        .search = {.user_id = (int64_t)chance_below(chance, USERS + 1),
                   .since = some_moment(chance),
                   .until = some_moment(chance),
                   .source = chance_below(chance, 3) ? NULL : CHANCE_PICK(chance, sources),
                   .deleted = chance_below(chance, 5) == 0}};
    for (size_t i = 0; i + 1 < words; i++)
        add_word(chance, wanted);
    wanted->search.words = words > 0 ? wanted->words : NULL;
}

/* -- pages ------------------------------------------------------------------------------------- */

static void check_row(const struct store_shown *shown, const struct kept *play)
{
    ck_assert_int_eq(shown->place.key, play->place.key);
    ck_assert_int_eq(shown->place.user_id, play->place.user_id);
    ck_assert_int_eq(shown->played_at, play->moment);
    ck_assert_str_eq(shown->source, sources[play->source]);
    ck_assert_int_eq(shown->title.self.id, play->track + 1);
    ck_assert_str_eq(shown->title.self.name, tracks[play->track].shown);
    ck_assert_int_eq(shown->deleted_at, play->deleted ? 7 : STORE_NO_TIME);
}

static void check_page(const struct wanted *wanted, struct store_place from, bool back, size_t n,
                       const struct kept *list, size_t first, size_t count, size_t all)
{
    struct store_plays_page page;

    assert_ok(store_plays_find(store, &wanted->search, from, back, n, &page));
    ck_assert_uint_eq(page.count, count);
    for (size_t i = 0; i < count; i++)
        check_row(&page.items[i], &list[first + i]);
    ck_assert_int_eq(page.newer, first > 0);
    ck_assert_int_eq(page.older, first + count < all);
    store_plays_free(&page);
}

/* From end to end and back again. */
static void check_all_pages(struct chance *chance, const struct wanted *wanted)
{
    struct store_place from = {0};
    size_t all, n = 1 + chance_below(chance, 120);
    struct kept *list = list_make(wanted, &all);

    for (size_t first = 0; first < all || first == 0; first += n) {
        size_t count = all - first < n ? all - first : n;

        check_page(wanted, from, false, n, list, first, count, all);
        if (count > 0)
            from = list[first + count - 1].place;
    }
    from = (struct store_place){0};
    for (size_t left = all; left > 0;) {
        size_t count = left < n ? left : n;

        check_page(wanted, from, true, n, list, left - count, count, all);
        left -= count;
        from = list[left].place;
    }
    free(list);
}

START_TEST(pages_are_what_a_plain_list_says_from_end_to_end_and_back)
{
    struct chance chance =
        world_make("pages_are_what_a_plain_list_says_from_end_to_end_and_back", _i);
    struct wanted wanted;

    for (int i = 0; i < 40; i++) {
        wanted_make(&chance, &wanted);
        check_all_pages(&chance, &wanted);
    }
}
END_TEST

/* A place need not be a play, nor one of those that are looked for. */
START_TEST(a_page_goes_on_from_any_place)
{
    struct chance chance = world_make("a_page_goes_on_from_any_place", SOME_STALE);

    for (int i = 0; i < 300; i++) {
        struct wanted wanted;
        struct store_place from = {STORE_HELP_T0 + (int64_t)chance_below(&chance, SPAN),
                                   1 + (int64_t)chance_below(&chance, USERS)};
        bool back = chance_below(&chance, 2);
        size_t all, first = 0, n = 1 + chance_below(&chance, 30);

        wanted_make(&chance, &wanted);
        struct kept *list = list_make(&wanted, &all);
        struct kept at = {.place = from};
        while (first < all && newest_first(&list[first], &at) < 0)
            first++;
        if (back) {
            size_t count = first < n ? first : n;

            check_page(&wanted, from, true, n, list, first - count, count, all);
        } else {
            first += first < all && newest_first(&list[first], &at) == 0;
            check_page(&wanted, from, false, n, list, first, all - first < n ? all - first : n,
                       all);
        }
        free(list);
    }
}
END_TEST

START_TEST(places_beyond_all_plays_are_the_ends)
{
    struct chance chance = world_make("places_beyond_all_plays_are_the_ends", FRESH);
    static const int64_t keys[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX};
    static const int64_t users[] = {INT64_MIN, -1, 1, USERS, INT64_MAX};
    struct wanted wanted = {.search = {.since = STORE_NO_TIME, .until = STORE_NO_TIME}};
    size_t all;
    struct kept *list = list_make(&wanted, &all);

    (void)chance;
    for (size_t k = 0; k < 4; k++)
        for (size_t u = 0; u < 5; u++) {
            struct store_place from = {keys[k], users[u]};

            check_page(&wanted, from, false, 9, list, k < 2 ? all : 0, k < 2 ? 0 : 9, all);
            check_page(&wanted, from, true, 9, list, k < 2 ? all - 9 : 0, k < 2 ? 9 : 0, all);
        }
    free(list);
}
END_TEST

START_TEST(of_a_user_who_is_not_there_nothing_is_listed)
{
    world_make("of_a_user_who_is_not_there_nothing_is_listed", FRESH);
    struct store_search search = {
        .user_id = USERS + 1, .since = STORE_NO_TIME, .until = STORE_NO_TIME, .deleted = _i};
    struct store_plays_page page;

    ck_assert_int_eq(store_plays_find(store, &search, (struct store_place){0}, false, 5, &page),
                     STORE_NOT_FOUND);
    ck_assert_uint_eq(page.count, 0);
    store_plays_free(&page);
}
END_TEST

/* -- while others write ------------------------------------------------------------------------ */

/* Some come and some are deleted, anywhere. Those that were there all the time are noted. */
static void change_some(struct chance *chance, bool *stayed)
{
    char *text = NULL;
    size_t len = 0, count = play_count;
    FILE *sql = open_memstream(&text, &len);

    fputs("BEGIN;", sql);
    for (int i = 0; i < 20; i++)
        play_add(chance, sql);
    for (int i = 0; i < 20; i++) {
        size_t at = chance_below(chance, count);

        plays[at].deleted = true;
        stayed[at] = false;
        fprintf(
            sql,
            "UPDATE played_tracks SET deleted_at = 7 WHERE user_id = %d AND played_at = %" PRId64
            ";",
            (int)plays[at].place.user_id, plays[at].place.key);
    }
    fputs("COMMIT;", sql);
    fclose(sql);
    run(text);
}

static size_t index_of(struct store_place place)
{
    size_t at = 0;

    while (plays[at].place.key != place.key || plays[at].place.user_id != place.user_id)
        at++;
    return at;
}

START_TEST(each_play_is_visited_once_while_others_come_and_go)
{
    struct chance chance =
        world_make("each_play_is_visited_once_while_others_come_and_go", SOME_STALE);
    struct store_search search = {
        .since = STORE_NO_TIME, .until = STORE_NO_TIME, .words = _i / 2 ? "v" : NULL};
    struct wanted wanted = {.search = search, .plain = {"v"}, .plain_len = {1}, .count = _i / 2};
    static bool stayed[2 * PLAYS];
    static int seen[2 * PLAYS];
    struct store_place from = {0};
    struct store_plays_page page;
    bool back = _i % 2, more = true;
    size_t pages = 0;

    for (size_t i = 0; i < play_count; i++)
        stayed[i] = is_wanted(&wanted, &plays[i]);
    for (; more; pages++) {
        assert_ok(store_plays_find(store, &search, from, back, 50, &page));
        for (size_t i = 0; i < page.count; i++)
            seen[index_of(page.items[i].place)]++;
        more = back ? page.newer : page.older;
        if (page.count > 0)
            from = page.items[back ? 0 : page.count - 1].place;
        store_plays_free(&page);
        store_rollback(store);
        change_some(&chance, stayed);
        assert_ok(store_begin_read(store));
    }
    ck_assert_uint_gt(pages, 10);
    for (size_t i = 0; i < play_count; i++)
        ck_assert_msg(seen[i] <= 1 && (seen[i] == 1 || !stayed[i]), "play %zu: %d", i, seen[i]);
}
END_TEST

/* -- deleting ---------------------------------------------------------------------------------- */

START_TEST(a_play_is_deleted_and_brought_back_once)
{
    world_make("a_play_is_deleted_and_brought_back_once", FRESH);
    struct wanted wanted = {.search = {.since = STORE_NO_TIME, .until = STORE_NO_TIME}};
    size_t all;
    struct kept *list = list_make(&wanted, &all);
    struct kept *play = &plays[index_of(list[3].place)];
    char *before = NULL, *after = NULL;

    free(list);
    store_close(store);
    before = store_help_dump_table(store_help_db(), "played_tracks");
    store = store_help_open(STORE_WRITER);
    ck_assert_int_eq(store_play_delete(store, play->place, 7), STORE_MISUSE);
    store_help_begin(store, STORE_DURABLE);
    ck_assert_int_eq(store_play_restore(store, play->place), STORE_NOT_FOUND);
    assert_ok(store_play_delete(store, play->place, 7));
    ck_assert_int_eq(store_play_delete(store, play->place, 8), STORE_NOT_FOUND);
    ck_assert_int_eq(store_play_delete(store, (struct store_place){1, 1}, 8), STORE_NOT_FOUND);
    play->deleted = true;
    list = list_make(&wanted, &all);
    check_page(&wanted, (struct store_place){0}, false, 9, list, 0, 9, all);
    free(list);
    wanted.search.deleted = true;
    list = list_make(&wanted, &all);
    check_page(&wanted, (struct store_place){0}, false, 9, list, 0, 9, all);
    free(list);
    assert_ok(store_play_restore(store, play->place));
    ck_assert_int_eq(store_play_restore(store, play->place), STORE_NOT_FOUND);
    store_help_commit(store);
    store_close(store);
    after = store_help_dump_table(store_help_db(), "played_tracks");
    store = NULL;
    ck_assert_str_eq(after, before);
    free(before);
    free(after);
}
END_TEST

/* -- names ------------------------------------------------------------------------------------- */

/* Plays of a track, artist or album by a user; 0: by all of them. */
static int64_t plays_of(int kind, int64_t id, int64_t user_id)
{
    int64_t count = 0;

    for (size_t i = 0; i < play_count; i++) {
        int track = plays[i].track;
        int own[STORE_KINDS] = {track, artist_of(track), album_of(track)};

        count += !plays[i].deleted && own[kind] + 1 == id &&
                 (user_id == 0 || plays[i].place.user_id == user_id);
    }
    return count;
}

static bool has_words(const char *text, const char *const words[2])
{
    return has_word(text, words[0], strlen(words[0])) &&
           (!words[1] || has_word(text, words[1], strlen(words[1])));
}

/* Of one kind, for one user. */
static void check_names(const struct store_counts *found, int kind, int64_t user_id,
                        const char *const words[2])
{
    static const struct name *const names[STORE_KINDS] = {tracks, artists, albums};
    static const int counts[STORE_KINDS] = {TRACKS, ARTISTS, ALBUMS};
    size_t wanted = 0;

    for (size_t i = 0; i < found->count; i++) {
        ck_assert(has_words(names[kind][found->items[i].id - 1].plain, words));
        ck_assert(i == 0 || found->items[i].plays <= found->items[i - 1].plays);
        ck_assert_int_eq(found->items[i].plays, plays_of(kind, found->items[i].id, user_id));
    }
    for (int i = 0; i < counts[kind]; i++)
        wanted += has_words(names[kind][i].plain, words) &&
                  (user_id == 0 || plays_of(kind, i + 1, user_id) > 0);
    ck_assert_uint_eq(found->count, wanted);
}

START_TEST(names_are_those_that_have_the_words_themselves_most_played_first)
{
    static const char *const words[] = {"vel", "THE", "bjork", "no such", "Éa n"};
    static const char *const plain[][2] = {
        {"vel"}, {"the"}, {"bjork"}, {"no", "such"}, {"ea", "n"}};
    int64_t left = 1;

    world_make("names_are_those_that_have_the_words_themselves_most_played_first", _i);
    if (_i == FRESH) {
        store_close(store);
        store = store_help_open(STORE_WRITER);
        store_help_begin(store, STORE_RELAXED);
        assert_ok(store_totals_refresh(store, 100000, &left));
        ck_assert_int_eq(left, 0);
    }
    for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
        for (int64_t user_id = 0; user_id <= USERS; user_id++) {
            struct store_counts found[STORE_KINDS];

            assert_ok(store_search_names(store, user_id, words[w], 100, found));
            for (int kind = 0; kind < STORE_KINDS; kind++) {
                check_names(&found[kind], kind, user_id, plain[w]);
                free(found[kind].items);
            }
        }
}
END_TEST

Suite *store_search_suite(void)
{
    Suite *suite = suite_create("store_search");
    TCase *pages = tcase_create("pages"), *marks = tcase_create("marks");

    tcase_add_checked_fixture(pages, store_help_setup, teardown);
    tcase_set_timeout(pages, 60);
    tcase_add_loop_test(pages, pages_are_what_a_plain_list_says_from_end_to_end_and_back, 0,
                        STATES);
    tcase_add_test(pages, a_page_goes_on_from_any_place);
    tcase_add_test(pages, places_beyond_all_plays_are_the_ends);
    tcase_add_loop_test(pages, of_a_user_who_is_not_there_nothing_is_listed, 0, 2);
    tcase_add_loop_test(pages, each_play_is_visited_once_while_others_come_and_go, 0, 4);
    tcase_add_loop_test(pages, names_are_those_that_have_the_words_themselves_most_played_first, 0,
                        STATES);
    suite_add_tcase(suite, pages);

    tcase_add_checked_fixture(marks, store_help_setup, teardown);
    tcase_add_test(marks, a_play_is_deleted_and_brought_back_once);
    suite_add_tcase(suite, marks);
    return suite;
}
