/* SPDX-License-Identifier: MIT */
/* The style sheet: what is written and what is drawn stands out from what lies behind it, by day
 * and by night (WCAG 2.2, contrast ratio). */
#include "web/assets.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 4.5
#define GRAPHIC 3.0

static char *sheet;

static void setup(void)
{
    sheet = strndup((const char *)web_style_css, web_style_css_size);
    ck_assert_ptr_nonnull(sheet);
}

static void teardown(void)
{
    free(sheet);
}

static double linear(unsigned long channel)
{
    double value = (double)channel / 255;

    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

/* Relative luminance of the colour of that name in the first or second list of them. */
static double luminance(const char *name, int scheme)
{
    const char *list = strstr(sheet, ":root {");
    char wanted[40];
    unsigned long colour;

    snprintf(wanted, sizeof(wanted), "--%s: #", name);
    for (int i = 0; i < scheme && list != NULL; i++)
        list = strstr(list + 1, ":root {");
    list = list != NULL ? strstr(list, wanted) : NULL;
    if (list == NULL)
        ck_abort_msg("no %s", name);
    colour = strtoul(list + strlen(wanted), NULL, 16);
    return 0.2126 * linear(colour >> 16 & 255) + 0.7152 * linear(colour >> 8 & 255) +
           0.0722 * linear(colour & 255);
}

static const struct {
    const char *front, *back;
    double least;
} pairs[] = {
    {"text", "ground", TEXT},
    {"text", "paper", TEXT},
    {"text", "quiet-ground", TEXT},
    {"text", "late-ground", TEXT},
    {"text", "bad-ground", TEXT},
    {"soft", "ground", TEXT},
    {"soft", "paper", TEXT},
    {"soft", "quiet-ground", TEXT},
    {"accent", "ground", TEXT},
    {"accent", "paper", TEXT},
    {"accent", "late-ground", TEXT},
    {"accent", "bad-ground", TEXT},
    {"accent-hover", "ground", TEXT},
    {"on-accent", "accent", TEXT},
    {"on-accent", "accent-hover", TEXT},
    {"good", "ground", TEXT},
    {"good", "good-ground", TEXT},
    {"late", "ground", TEXT},
    {"late", "late-ground", TEXT},
    {"bad", "ground", TEXT},
    {"bad", "bad-ground", TEXT},
    {"focus", "ground", GRAPHIC},
    {"focus", "paper", GRAPHIC},
    {"column", "ground", GRAPHIC},
    {"column", "late-ground", GRAPHIC},
    {"column", "bad-ground", GRAPHIC},
    {"part", "ground", GRAPHIC},
    {"heat-1", "ground", GRAPHIC},
    {"heat-2", "ground", GRAPHIC},
    {"heat-3", "ground", GRAPHIC},
    {"heat-4", "ground", GRAPHIC},
    {"late-mark", "ground", GRAPHIC},
    {"late-mark", "late-ground", GRAPHIC},
    {"bad-mark", "ground", GRAPHIC},
    {"bad-mark", "bad-ground", GRAPHIC},
};

START_TEST(what_is_in_front_stands_out)
{
    for (int scheme = 0; scheme < 2; scheme++) {
        double a = luminance(pairs[_i].front, scheme), b = luminance(pairs[_i].back, scheme);
        double contrast = (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);

        ck_assert_msg(contrast >= pairs[_i].least, "%s on %s: %.2f (%s)", pairs[_i].front,
                      pairs[_i].back, contrast, scheme == 0 ? "light" : "dark");
    }
}
END_TEST

/* A level that is hardly darker than the one before is none. */
START_TEST(levels_can_be_told_apart)
{
    char name[24];

    for (int scheme = 0; scheme < 2; scheme++) {
        double before = luminance("heat-0", scheme);

        for (int level = 1; level < 5; level++) {
            double now;

            snprintf(name, sizeof(name), "heat-%d", level);
            now = luminance(name, scheme);
            ck_assert_msg((fmax(now, before) + 0.05) / (fmin(now, before) + 0.05) > 1.4, "%s",
                          name);
            ck_assert(scheme == 0 ? now < before : now > before);
            before = now;
        }
    }
}
END_TEST

/* The policy lets nothing be fetched from elsewhere; nothing is to ask for it either. */
START_TEST(nothing_is_fetched)
{
    ck_assert_ptr_null(strstr(sheet, "url("));
    ck_assert_ptr_null(strstr(sheet, "@import"));
}
END_TEST

Suite *web_style_suite(void);
Suite *web_style_suite(void)
{
    Suite *suite = suite_create("web_style");
    TCase *tests = tcase_create("style");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, what_is_in_front_stands_out, 0,
                        (int)(sizeof(pairs) / sizeof(pairs[0])));
    tcase_add_test(tests, levels_can_be_told_apart);
    tcase_add_test(tests, nothing_is_fetched);
    suite_add_tcase(suite, tests);
    return suite;
}
