/* SPDX-License-Identifier: MIT */
#include "ctl/check.h"

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

enum { OPTION_JSON, OPTION_OFFLINE };

const struct ctl_option ctl_check_options[] = {
    [OPTION_JSON] = {"json", NULL, "print what was found as JSON", 0},
    [OPTION_OFFLINE] = {"offline", NULL, "ask nothing of Spotify", 0},
    {NULL, NULL, NULL, 0},
};

/* Every check, in the order in which they run and are told. A new one is a row here. */
static const struct {
    const char *name;
    void (*run)(struct check_tour *tour);
} checks[] = {
    {"configuration", check_config},
    {"permissions", check_permissions},
    {"key", check_key},
    {"database", check_database},
    {"references", check_references},
    {"consistency", check_rules},
    {"disk space", check_disk},
    {"daemon", check_daemon},
    {"sign-ins", check_sign_ins},
    {"rate limit", check_gate},
    {"network", check_network},
    {"clock", check_clock},
};

#define CHECK_COUNT (sizeof(checks) / sizeof(checks[0]))

void check_found(struct check_tour *tour, const struct check_verdict *verdict)
{
    check_list_add(tour->list, tour->check, verdict);
}

void check_skip(struct check_tour *tour, const char *why)
{
    struct check_verdict verdict = {0};

    check_say(&verdict, CHECK_UNCHECKED, "%s", why);
    check_found(tour, &verdict);
}

bool check_has_store(struct check_tour *tour)
{
    if (!tour->store)
        check_skip(tour, tour->is_new ? "there is no database yet" : "the database is not open");
    return tour->store != NULL;
}

/* -- what all look at -------------------------------------------------------------------------- */

static void open_database(struct check_tour *tour)
{
    const char *path = tour->config->store.database;
    struct stat status;

    tour->owner = (uid_t)-1;
    tour->store_state = CHECK_FAILURE;
    if (stat(path, &status) == 0)
        tour->owner = status.st_uid;
    else if (errno == ENOENT)
        tour->is_new = true;
    if (access(path, R_OK) < 0 && errno == EACCES) {
        tour->store_state = CHECK_UNCHECKED;
        snprintf(tour->store_why, sizeof(tour->store_why), "no permission to read %s", path);
    } else if (!tour->is_new) {
        (void)store_open(path, STORE_READER, &tour->store, tour->store_why,
                         sizeof(tour->store_why));
    }
}

static void ask_daemon(struct check_tour *tour)
{
    struct client_request request = {.socket = tour->config->control.socket,
                                     .target = "/v1/status",
                                     .timeout_ms = DAEMON_TIMEOUT_MS};
    int64_t begun = clock_boot_ms();

    client_call(&request, &tour->daemon);
    tour->daemon_ms = clock_boot_ms() - begun;
}

static void run_checks(struct check_tour *tour)
{
    ask_daemon(tour);
    open_database(tour);
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        tour->check = checks[i].name;
        checks[i].run(tour);
    }
    store_close(tour->store);
    client_answer_free(&tour->daemon);
}

/* Without a configuration nobody knows where anything is. */
static void tell_problems(const struct buf *problems, struct check_list *list)
{
    struct check_verdict verdict = {0};

    for (const char *line = problems->data; line && *line;) {
        size_t len = strcspn(line, "\n");

        check_say(&verdict, CHECK_FAILURE, "%.*s", (int)len, line);
        check_advise(&verdict,
                     "correct it; spotify-historyd --check-config tells when it is right");
        check_list_add(list, checks[0].name, &verdict);
        line += len + (line[len] != '\0');
    }
    verdict = (struct check_verdict){0};
    check_say(&verdict, CHECK_UNCHECKED, "needs a valid configuration");
    for (size_t i = 1; i < CHECK_COUNT; i++)
        check_list_add(list, checks[i].name, &verdict);
}

/* -- telling it -------------------------------------------------------------------------------- */

static int tell(const struct check_list *list, bool as_json)
{
    struct buf out = {.failed = list->failed};
    json_t *json = as_json ? check_json(list) : NULL;
    int status;

    if (as_json && json)
        look_add_json(json, &out);
    else if (as_json)
        out.failed = true;
    else
        check_print(list, &out);
    json_decref(json);
    status = print_out(&out);
    return status == EXIT_STATUS_OK ? check_exit_status(list) : status;
}

int ctl_check(const struct ctl_call *call)
{
    struct buf problems = {0};
    struct check_list list = {0};
    struct config *config;
    int status;

    open_harden_process();
    config = config_load_public(call->config_file, &problems);
    if (config) {
        struct check_tour tour = {.config = config,
                                  .offline = call->option[OPTION_OFFLINE] != NULL,
                                  .now = clock_wall_ms(),
                                  .list = &list};

        run_checks(&tour);
    } else {
        tell_problems(&problems, &list);
    }
    status = tell(&list, call->option[OPTION_JSON] != NULL);
    check_list_free(&list);
    buf_free(&problems, false);
    config_free(config);
    return status;
}
