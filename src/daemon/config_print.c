/* SPDX-License-Identifier: MIT */
#include "daemon/config_private.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define COMMENT_COLUMN 100 /* comments of the sample are broken here */
#define INDENT "    "
#define SOURCE_SIZE 512

/* -- --print-config ---------------------------------------------------------------------------- */

/* Where a value is from, for a comment. */
static const char *source_of(const struct config_loaded *loaded, size_t index,
                             char buf[static SOURCE_SIZE])
{
    char file[SOURCE_SIZE - 16];
    int line = loaded->line[index];

    if (line == CONFIG_LINE_NONE)
        return "default";
    if (line == CONFIG_LINE_ENVIRONMENT)
        return "environment";
    text_excerpt(loaded->file, strlen(loaded->file), file, sizeof(file));
    snprintf(buf, SOURCE_SIZE, "%s:%d", file, line);
    return buf;
}

static void print_section_begin(const struct option_row *row, FILE *out)
{
    fprintf(out, "%s {\n", row->section);
}

/* Whether the row after this one begins another section, or there is none. */
static bool is_last_of_section(size_t index)
{
    const struct option_row *next = option_at(index + 1);

    return next == NULL || strcmp(next->section, option_at(index)->section) != 0;
}

static bool is_first_of_section(size_t index)
{
    return index == 0 || is_last_of_section(index - 1);
}

static bool print_option(const struct config_loaded *loaded, size_t index, FILE *out)
{
    const struct option_row *row = option_at(index);
    struct buf value = {0};
    char source[SOURCE_SIZE];
    bool ok = config_value_write(row, &loaded->config, &value);

    if (ok)
        fprintf(out, INDENT "%s = %s  # %s\n", row->key, value.data,
                source_of(loaded, index, source));
    buf_free(&value, false);
    return ok;
}

static void print_secret(const struct config_loaded *loaded, FILE *out)
{
    if (*loaded->config.spotify.client_secret != '\0')
        fprintf(out, INDENT "# client secret: (set)  # %s\n",
                loaded->secret_from_environment ? "environment" : "client_secret_file");
}

bool config_print(const struct config *config, FILE *out)
{
    const struct config_loaded *loaded = (const struct config_loaded *)config;
    const struct option_row *row;
    bool ok = true;

    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        if (is_first_of_section(i))
            print_section_begin(row, out);
        ok = print_option(loaded, i, out) && ok;
        if (strcmp(row->shown.name, "spotify.client_secret_file") == 0)
            print_secret(loaded, out);
        if (is_last_of_section(i))
            fputs("}\n", out);
    }
    return fflush(out) == 0 && !ferror(out) && ok;
}

/* -- The sample -------------------------------------------------------------------------------- */

/* Writes text as a comment, broken between words. */
static void print_comment(const char *indent, const char *text, FILE *out)
{
    while (*text != '\0') {
        size_t room = COMMENT_COLUMN - strlen(indent) - 2;
        size_t len = strlen(text);

        if (len > room) {
            len = room;
            while (len > 0 && text[len] != ' ')
                len--;
        }
        if (len == 0) /* one word that is longer than a line */
            len = strcspn(text, " ");
        fprintf(out, "%s# %.*s\n", indent, (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
}

static void print_sample_option(const struct option_row *row, FILE *out)
{
    char range[128];

    print_comment(INDENT, row->shown.help, out);
    snprintf(range, sizeof(range), "(%s%s)", row->shown.range,
             row->shown.restart ? "; a change needs a restart" : "");
    print_comment(INDENT, range, out);
    fprintf(out, INDENT "#%s = %s\n", row->key, row->shown.default_value);
}

bool config_print_sample(FILE *out)
{
    const struct option_section *section;
    const struct option_row *row;
    size_t s = 0;

    fputs("# Configuration of spotify-historyd(8).\n"
          "#\n"
          "# All options, with their defaults. Take away the \"#\" before an option to change it, "
          "then\n"
          "# try the file with \"spotify-historyd --check-config\" and have it read with SIGHUP.\n",
          out);
    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        if (is_first_of_section(i) && (section = option_section_at(s++)) != NULL) {
            fputs("\n", out);
            print_comment("", section->help, out);
            print_section_begin(row, out);
        } else {
            fputs("\n", out);
        }
        print_sample_option(row, out);
        if (is_last_of_section(i))
            fputs("}\n", out);
    }
    return fflush(out) == 0 && !ferror(out);
}

/* -- Comparing --------------------------------------------------------------------------------- */

static void compare_secrets(const char *old_secret, const char *new_secret,
                            config_change_function *changed, void *context)
{
    const char *new_shown = *old_secret != '\0' ? "(changed)" : "(set)";

    if (strcmp(old_secret, new_secret) == 0)
        return;
    changed("spotify.client_secret", *old_secret != '\0' ? "(set)" : "(none)",
            *new_secret != '\0' ? new_shown : "(none)", false, context);
}

void config_compare(const struct config *old_config, const struct config *new_config,
                    config_change_function *changed, void *context)
{
    const struct option_row *row;

    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        struct buf old_value = {0};
        struct buf new_value = {0};

        /* Without memory nothing can be said: better one change too many than one kept quiet. */
        if (!config_value_write(row, old_config, &old_value) ||
            !config_value_write(row, new_config, &new_value))
            changed(row->shown.name, "?", "?", row->shown.restart, context);
        else if (strcmp(old_value.data, new_value.data) != 0)
            changed(row->shown.name, old_value.data, new_value.data, row->shown.restart, context);
        buf_free(&old_value, false);
        buf_free(&new_value, false);
    }
    compare_secrets(old_config->spotify.client_secret, new_config->spotify.client_secret, changed,
                    context);
}
