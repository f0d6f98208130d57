/* SPDX-License-Identifier: MIT */
/*
 * web/status: how the recorder and its users stand, as the JSON that doc/control.md describes. The
 * control interface sends it; the command prints the same from the database alone when no daemon
 * runs.
 */
#ifndef WEB_STATUS_H
#define WEB_STATUS_H

#include <jansson.h>

#include "capture/accounts.h"

/* What the status is made of; NULL and STORE_NO_TIME where nothing is known. */
struct web_status {
    bool running;
    int64_t started_at, now;                /* wall ms */
    const struct recorder_status *recorder; /* NULL: the daemon does not run */
    bool has_client;
    const char *config_file, *redirect_uri, *database;
    const char *page, *page_problem;
    const struct account *accounts;
    size_t count;
};

/* New references; NULL without memory. */
json_t *web_account_json(const struct account *account);
json_t *web_status_json(const struct web_status *status);

/* The three steps of a first start, one sentence each; index 0 .. 2. Into text of size bytes. */
void web_setup_step(int index, const char *config_file, const char *redirect_uri, char *text,
                    size_t size);

#endif
