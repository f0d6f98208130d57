/* SPDX-License-Identifier: MIT */
#include "ctl/health.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "ctl/look.h"
#include "ctl/print.h"
#include "daemon/open.h"

#define DAEMON_TIMEOUT_MS 5000
#define CONFIGURATION "configuration"

enum { OPTION_JSON, OPTION_OFFLINE };

const struct ctl_option ctl_check_options[] = {
    [OPTION_JSON] = {"json", NULL, "print what was found as JSON", 0},
    [OPTION_OFFLINE] = {"offline", NULL, "ask nothing of Spotify", 0},
    {NULL, NULL, NULL, 0},
};

/* clang-format off */
/* Every check, in the order in which they run and are told; a new one is a row here. Permissions are
 * looked at before anything is opened: SQLite, run by root, gives the database's companions the
 * owner that they should have. */
static const struct {
    const char *name;
    void (*run)(struct health_tour *tour);
} checks[] = {
    {"permissions", health_permissions},
    {CONFIGURATION, health_config},
    {"key", health_key},
    {"database", health_database},
    {"references", health_references},
    {"consistency", health_rules},
    {"totals", health_totals},
    {"disk space", health_disk},
    {"daemon", health_daemon},
    {"sign-ins", health_sign_ins},
    {"rate limit", health_gate},
    {"network", health_network},
    {"clock", health_clock},
};
/* clang-format on */

#define HEALTH_COUNT (sizeof(checks) / sizeof(checks[0]))

void health_found(struct health_tour *tour, const struct health_verdict *verdict)
{
    health_list_add(tour->list, tour->check, verdict);
}

void health_skip(struct health_tour *tour, const char *why)
{
    struct health_verdict verdict = {0};

    health_say(&verdict, HEALTH_UNCHECKED, "%s", why);
    health_found(tour, &verdict);
}

bool health_has_store(struct health_tour *tour)
{
    if (!health_store(tour))
        health_skip(tour, tour->is_new ? "there is no database yet" : "the database is not open");
    return tour->store != NULL;
}

/* -- what all look at -------------------------------------------------------------------------- */

static void find_database(struct health_tour *tour)
{
    struct stat status;

    tour->owner = (uid_t)-1;
    if (stat(tour->config->store.database, &status) == 0)
        tour->owner = status.st_uid;
    else if (errno == ENOENT)
        tour->is_new = true;
}

struct store *health_store(struct health_tour *tour)
{
    const char *path = tour->config->store.database;

    if (tour->was_opened)
        return tour->store;
    tour->was_opened = true;
    tour->store_state = HEALTH_FAILURE;
    if (access(path, R_OK) < 0 && errno == EACCES) {
        tour->store_state = HEALTH_UNCHECKED;
        snprintf(tour->store_why, sizeof(tour->store_why), "no permission to read %s", path);
    } else if (!tour->is_new) {
        (void)store_open(path, STORE_READER, &tour->store, tour->store_why,
                         sizeof(tour->store_why));
    }
    return tour->store;
}

static void ask_daemon(struct health_tour *tour)
{
    struct client_request request = {.socket = tour->config->control.socket,
                                     .target = "/v1/status",
                                     .timeout_ms = DAEMON_TIMEOUT_MS};
    int64_t begun = clock_boot_ms();

    client_call(&request, &tour->daemon);
    tour->daemon_ms = clock_boot_ms() - begun;
}

static void run_checks(struct health_tour *tour)
{
    ask_daemon(tour);
    find_database(tour);
    for (size_t i = 0; i < HEALTH_COUNT; i++) {
        tour->check = checks[i].name;
        checks[i].run(tour);
    }
    store_close(tour->store);
    client_answer_free(&tour->daemon);
}

/* Without a configuration nobody knows where anything is. */
static void tell_problems(const struct buf *problems, struct health_list *list)
{
    struct health_verdict verdict = {0};

    for (const char *line = problems->data; line && *line;) {
        size_t len = strcspn(line, "\n");

        health_say(&verdict, HEALTH_FAILURE, "%.*s", (int)len, line);
        health_advise(&verdict,
                      "correct it; spotify-historyd --check-config tells when it is right");
        health_list_add(list, CONFIGURATION, &verdict);
        line += len + (line[len] != '\0');
    }
    verdict = (struct health_verdict){0};
    health_say(&verdict, HEALTH_UNCHECKED, "needs a valid configuration");
    for (size_t i = 0; i < HEALTH_COUNT; i++)
        if (checks[i].run != health_config)
            health_list_add(list, checks[i].name, &verdict);
}

/* -- telling it -------------------------------------------------------------------------------- */

static int tell(const struct health_list *list, bool as_json)
{
    struct buf out = {.failed = list->failed};
    json_t *json = as_json ? health_json(list) : NULL;
    int status;

    if (as_json && json)
        look_add_json(json, &out);
    else if (as_json)
        out.failed = true;
    else
        health_print(list, print_look_now(), &out);
    json_decref(json);
    status = print_out(&out);
    return status == EXIT_STATUS_OK ? health_exit_status(list) : status;
}

int ctl_check(const struct ctl_call *call)
{
    struct buf problems = {0};
    struct health_list list = {0};
    struct config *config;
    int status;

    open_harden_process();
    config = config_load_public(call->config_file, &problems);
    if (config) {
        struct health_tour tour = {.config = config,
                                   .offline = call->option[OPTION_OFFLINE] != NULL,
                                   .now = clock_wall_ms(),
                                   .list = &list};

        run_checks(&tour);
    } else {
        tell_problems(&problems, &list);
    }
    status = tell(&list, call->option[OPTION_JSON] != NULL);
    health_list_free(&list);
    buf_free(&problems, false);
    config_free(config);
    return status;
}
