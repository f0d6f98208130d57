/* SPDX-License-Identifier: MIT */
/*
 * daemon/config: the configuration, read from one file by libConfuse, checked against one table of
 * options.
 *
 * Owns: the table (name, type, range, default, help, whether a reload can change it), the reading,
 * the printing.
 * Offers: a struct config that is complete and valid, or messages "file:line: reason" - all that
 * are wrong, not just the first.
 * Never: starts anything, keeps a half-read configuration, prints a secret.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <config.h> /* configure's, not this file: HD_SYSCONFDIR */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"

#define CONFIG_DEFAULT_FILE HD_SYSCONFDIR "/spotify-historyd/spotify-historyd.conf"

struct config {
    struct {
        char *client_id;          /* "" = none yet: the daemon runs and says what to do */
        char *client_secret_file; /* "" = none */
        char *client_secret;      /* of that file or $SPOTIFY_CLIENT_SECRET; wiped when freed */
        char *redirect_uri;
        char *api_url; /* without a slash at the end */
        char *accounts_url;
    } spotify;
    struct {
        int64_t poll_interval_ms;
        int64_t sweep_interval_ms;
        int64_t daily_call_budget; /* 0 = none */
        int64_t request_timeout_ms;
        int64_t max_in_flight;
    } capture;
    struct {
        char *database;
        char *key_file;
    } store;
    struct {
        char *listen;        /* "": no page */
        char *password_file; /* "": none */
        char *password_hash; /* of that file, argon2id; "": none */
        char *title;
        char **allowed_hosts; /* NULL-terminated */
    } web;
    struct {
        char *socket;
    } control;
    struct {
        enum log_level level;
    } log;
};

/* Reads path ("-c FILE"; NULL: CONFIG_DEFAULT_FILE, whose absence means all defaults) with the
 * environment over it. NULL when anything is wrong; then problems holds one line each, "file:line:
 * reason\n" ("environment: reason\n"). Free with config_free(). */
struct config *config_load(const char *path, struct buf *problems);

/* The same for a person who may ask the daemon, but not read its secrets: those are then "". */
struct config *config_load_public(const char *path, struct buf *problems);
void config_free(struct config *config);

/* Writes it in the file's own form, each option with where its value is from (default, file:line,
 * environment); secrets as "(set)". config must come from config_load(). False on a write error. */
bool config_print(const struct config *config, FILE *out);

/* Writes the commented sample file: all defaults, help above each option. The installed sample is
 * this text. */
bool config_print_sample(FILE *out);

/* What differs between two configurations: one call an option, values as text (secrets: "(set)",
 * "(changed)"), restart tells that only a restart can change it. */
typedef void config_change_function(const char *option, const char *old_value,
                                    const char *new_value, bool restart, void *context);
void config_compare(const struct config *old_config, const struct config *new_config,
                    config_change_function *changed, void *context);

/* One row of the table, for the man page, completions and tests. NULL past the end. */
struct config_option {
    const char *name;          /* "capture.poll_interval" */
    const char *type;          /* "text", "duration", "number", "list", "path", "url", "level" */
    const char *default_value; /* as written in the file */
    const char *range;         /* for people, "" = any */
    const char *help;          /* one or two sentences */
    bool restart;              /* a reload cannot change it */
};
const struct config_option *config_option_at(size_t index);

#endif
