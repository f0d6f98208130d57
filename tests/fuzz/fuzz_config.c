/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a configuration file: they are read or refused, and what is read can be written and
 * read again as the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_change(const char *option, const char *old_value, const char *new_value,
                      bool restart, void *context)
{
    (void)restart;
    (void)context;
    fprintf(stderr, "%s: %s became %s\n", option, old_value, new_value);
    abort();
}

/* Prints it and reads that. */
static void check_printed(const struct config *config)
{
    struct buf problems = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct config *again;

    if (out == NULL || !config_print(config, out))
        abort();
    fclose(out);
    again = config_load_text("printed", text, len, &problems);
    if (again == NULL) {
        fprintf(stderr, "%s%s", text, problems.data);
        abort();
    }
    config_compare(config, again, no_change, NULL);
    config_free(again);
    buf_free(&problems, false);
    free(text);
}

/* A problem has a line of its own that begins with the file's name, and is in our own words:
 * libConfuse must not meet what it would complain about. */
static void check_problems(const struct buf *problems)
{
    const char *line = problems->data;

    if (problems->len == 0 || problems->data[problems->len - 1] != '\n')
        abort();
    while (*line != '\0') {
        if (strncmp(line, "fuzz:", 5) != 0)
            abort();
        line += 5;
        line += strspn(line, "0123456789:");
        if (strncmp(line, " libConfuse:", 12) == 0)
            abort();
        line = strchr(line, '\n') + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf problems = {0};
    struct config *config;

    /* A secret's file would be read from wherever the input says. */
    if (memmem(data, size, "client_secret_file", 18) != NULL)
        return 0;
    unsetenv("SPOTIFY_CLIENT_ID");
    unsetenv("SPOTIFY_CLIENT_SECRET");
    config = config_load_text("fuzz", (const char *)data, size, &problems);
    if (config != NULL && problems.len == 0)
        check_printed(config);
    else if (config == NULL)
        check_problems(&problems);
    else
        abort();
    config_free(config);
    buf_free(&problems, false);
    return 0;
}
