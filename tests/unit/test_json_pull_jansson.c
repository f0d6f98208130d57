/* SPDX-License-Identifier: MIT */
/* The tokeniser against jansson, on texts made and broken by chance. */
#include "base/json_pull.h"

#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "lib/chance.h"
#include "lib/json_tree.h"

static void add_blank(struct buf *text, struct chance *chance)
{
    static const char *const blanks[] = {"", "", "", "", " ", "\n", "\t", "\r\n", "  "};

    buf_add_text(text, CHANCE_PICK(chance, blanks));
}

static void add_string(struct buf *text, struct chance *chance)
{
    static const char *const parts[] = {
        "a",
        "Morning",
        "The Example",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0041",
        "\\u00FC",
        "\\u20ac",
        "\\b\\f",
        "\xc3\xbc",
        "\xe2\x82\xac",
        "\xf0\x9f\x8e\xb5",
        "\\ud83c\\udfb5",
        "\\u0000",
        "https://open.spotify.com/track/3cD4eF5gH6iJ7kL8mN9oP0",
        " ",
        "\x7f",
        "\\u001f",
        "\xef\xbb\xbf",
        "\xef\xbf\xbf",
        "\xed\x9f\xbf",
        "\\uffff",
    };

    buf_add_text(text, "\"");
    for (uint64_t i = chance_below(chance, 6); i > 0; i--)
        buf_add_text(text, CHANCE_PICK(chance, parts));
    buf_add_text(text, "\"");
}

static void add_key(struct buf *text, struct chance *chance)
{
    static const char *const keys[] = {
        "\"a\"", "\"b\"", "\"track\"", "\"\"", "\"k\\u00e9y\"", "\"\xc3\xbc\"", "\"played_at\"",
    };

    buf_add_text(text, CHANCE_PICK(chance, keys));
}

static void add_scalar(struct buf *text, struct chance *chance)
{
    static const char *const scalars[] = {
        "0",
        "-0",
        "12",
        "-7",
        "1795197851207",
        "9223372036854775807",
        "1.5",
        "-0.0",
        "1e3",
        "1E-7",
        "2.50e+10",
        "true",
        "false",
        "null",
        "0e0",
        "1e-400",
        "-9223372036854775808",
        "123456789.123456789",
    };

    if (chance_below(chance, 2) == 0)
        add_string(text, chance);
    else
        buf_add_text(text, CHANCE_PICK(chance, scalars));
}

static void add_value(struct buf *text, struct chance *chance, int depth)
{
    uint64_t kind = chance_below(chance, depth > 0 ? 4 : 2);
    uint64_t count = chance_below(chance, 5);

    add_blank(text, chance);
    if (kind < 2) {
        add_scalar(text, chance);
        add_blank(text, chance);
        return;
    }
    buf_add_text(text, kind == 2 ? "[" : "{");
    for (uint64_t i = 0; i < count; i++) {
        buf_add_text(text, i > 0 ? "," : "");
        if (kind == 3) {
            add_blank(text, chance);
            add_key(text, chance);
            add_blank(text, chance);
            buf_add_text(text, ":");
        }
        add_value(text, chance, depth - 1);
    }
    if (count == 0)
        add_blank(text, chance);
    buf_add_text(text, kind == 2 ? "]" : "}");
    add_blank(text, chance);
}

static void mutate(struct buf *text, struct chance *chance)
{
    static const char pieces[] = "{}[]\",:\\u0deE+-.123 \n\t\xc3\xbc\xed\xa0\x80\xf0\xff\0tfnd8";

    for (uint64_t i = 1 + chance_below(chance, 3); i > 0 && text->len > 0; i--) {
        size_t at = chance_below(chance, text->len);
        char piece = CHANCE_PICK(chance, pieces);

        switch (chance_below(chance, 4)) {
        case 0: /* another byte */
            text->data[at] = piece;
            break;
        case 1: /* one byte less */
            memmove(text->data + at, text->data + at + 1, text->len - at);
            text->len--;
            break;
        case 2: /* one byte more */
            buf_add(text, "", 1);
            memmove(text->data + at + 1, text->data + at, text->len - 1 - at);
            text->data[at] = piece;
            break;
        default: /* cut */
            text->len = at + 1;
            break;
        }
    }
}

static void compare_generated(const char *test, int count, bool mutated)
{
    struct chance chance = chance_open(test);
    struct buf text = {0};

    for (int i = 0; i < count; i++) {
        const char *difference;
        char excerpt[2000];

        buf_clear(&text, false);
        add_value(&text, &chance, 5);
        if (mutated)
            mutate(&text, &chance);
        difference = json_tree_compare(text.data, text.len, 1 + chance_below(&chance, 20));
        ck_assert_msg(difference == NULL, "%s: %s", difference,
                      text_excerpt(text.data, text.len, excerpt, sizeof(excerpt)));
    }
    buf_free(&text, false);
}

START_TEST(generated_texts_mean_the_same_to_jansson)
{
    compare_generated("json_pull_generated", 4000, false);
}
END_TEST

START_TEST(mutated_texts_are_accepted_or_refused_as_by_jansson)
{
    compare_generated("json_pull_mutated", 12000, true);
}
END_TEST

Suite *json_pull_jansson_suite(void)
{
    Suite *suite = suite_create("json_pull_jansson");
    TCase *tcase = tcase_create("json_pull_jansson");

    tcase_add_test(tcase, generated_texts_mean_the_same_to_jansson);
    tcase_add_test(tcase, mutated_texts_are_accepted_or_refused_as_by_jansson);
    suite_add_tcase(suite, tcase);
    return suite;
}
