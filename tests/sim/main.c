/* SPDX-License-Identifier: MIT */
/* fake-spotify: the command line, and the life of the program. What it does is described in
 * README.md of this folder. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

/* ---- options ---- */

enum option_type {
    OPTION_NUMBER,
    OPTION_REAL,
    OPTION_TEXT,
    OPTION_SET,
    OPTION_CLEAR,
    OPTION_SPECIAL
};

static const struct option_row {
    const char *name;
    enum option_type type;
    size_t offset;
    double high; /* of numbers */
    const char *argument, *help;
} option_rows[] = {
    {"port", OPTION_SPECIAL, 0, 65535, "N", "port on 127.0.0.1; 0 takes a free one"},
    {"seed", OPTION_NUMBER, offsetof(struct sim_options, seed), 9e18, "N",
     "everything invented comes from it (1)"},
    {"accounts", OPTION_SPECIAL, 0, 100000, "N", "accounts at the start (1)"},
    {"pace", OPTION_REAL, offsetof(struct sim_options, pace_s), 1e7, "SECONDS",
     "mean time between plays, day and night; 0: sessions, days and nights (0)"},
    {"no-listener", OPTION_CLEAR, offsetof(struct sim_options, listener), 0, NULL,
     "nobody listens"},
    {"backlog", OPTION_SPECIAL, 0, 1e7, "N", "plays that each account already has (0)"},
    {"start", OPTION_SPECIAL, 0, 0, "TIME|now", "virtual time at the start (now)"},
    {"speed", OPTION_REAL, offsetof(struct sim_options, speed), 1e9, "X",
     "virtual seconds a real one (1)"},
    {"client-id", OPTION_TEXT, offsetof(struct sim_options, client_id), 0, "ID",
     "the known app (sim-client-id)"},
    {"client-secret", OPTION_TEXT, offsetof(struct sim_options, client_secret), 0, "S",
     "its secret (none)"},
    {"redirect-uri", OPTION_SPECIAL, 0, 0, "URI",
     "registered address to come back to; may be repeated"},
    {"rotate", OPTION_SPECIAL, 0, 0, "MODE", "refresh answers: new, absent, null, empty (absent)"},
    {"quirks", OPTION_SPECIAL, 0, 0, "measured|none", "how odd the list is (none)"},
    {"faults", OPTION_TEXT, offsetof(struct sim_options, faults_file), 0, "FILE", "rules, as JSON"},
    {"token-file", OPTION_TEXT, offsetof(struct sim_options, token_file), 0, "FILE",
     "gets a line ID<TAB>REFRESH_TOKEN an account"},
    {"die-with-parent", OPTION_SET, offsetof(struct sim_options, die_with_parent), 0, NULL,
     "end when the parent process ends"},
    {"gzip", OPTION_SET, offsetof(struct sim_options, gzip), 0, NULL,
     "pack answers, as Spotify does"},
    {"quiet", OPTION_SET, offsetof(struct sim_options, quiet), 0, NULL, "no line for each request"},
    {"help", OPTION_SPECIAL, 0, 0, NULL, "this text"},
};

#define OPTION_ROWS (sizeof(option_rows) / sizeof(option_rows[0]))

static void options_help(void)
{
    char left[40];

    printf("usage: fake-spotify [OPTION...]\n\nPlays Spotify on 127.0.0.1, for tests.\n\n");
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];

        snprintf(left, sizeof(left), "--%s%s%s", row->name, row->argument != NULL ? " " : "",
                 row->argument != NULL ? row->argument : "");
        printf("  %-26s %s\n", left, row->help);
    }
}

static bool parse_real(const char *text, double high, double *out)
{
    char *end;

    errno = 0;
    *out = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && *out >= 0 && *out <= high;
}

static bool parse_whole(const char *text, double high, uint64_t *out)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && (double)*out <= high;
}

static bool option_rotate(const char *text, enum sim_answer *answer)
{
    static const char *const names[SIM_ANSWERS] = {"new", "absent", "null", "empty"};

    for (int i = 0; i < SIM_ANSWERS; i++)
        if (strcmp(names[i], text) == 0) {
            *answer = (enum sim_answer)i;
            return true;
        }
    return false;
}

static bool option_start(const char *text, int64_t *start)
{
    *start = -1;
    return strcmp(text, "now") == 0 || (sim_time_parse(text, start) && *start >= 0);
}

static bool option_redirect(struct sim_options *options, const char *text)
{
    if (options->redirect_count == SIM_REDIRECTS_MAX)
        return false;
    options->redirects[options->redirect_count++] = text;
    return true;
}

static bool option_special(struct sim_options *options, const struct option_row *row,
                           const char *text)
{
    uint64_t number = 0;

    if (strcmp(row->name, "rotate") == 0)
        return option_rotate(text, &options->answer);
    if (strcmp(row->name, "start") == 0)
        return option_start(text, &options->start);
    if (strcmp(row->name, "redirect-uri") == 0)
        return option_redirect(options, text);
    if (strcmp(row->name, "quirks") == 0) {
        options->measured = strcmp(text, "measured") == 0;
        return options->measured || strcmp(text, "none") == 0;
    }
    if (!parse_whole(text, row->high, &number))
        return false;
    if (strcmp(row->name, "port") == 0)
        options->port = (uint16_t)number;
    else if (strcmp(row->name, "accounts") == 0)
        options->accounts = (uint32_t)number;
    else
        options->backlog = (uint32_t)number;
    return true;
}

static bool option_take(struct sim_options *options, const struct option_row *row, const char *text)
{
    void *field = (char *)options + row->offset;

    switch (row->type) {
    case OPTION_NUMBER:
        return parse_whole(text, row->high, field);
    case OPTION_REAL:
        return parse_real(text, row->high, field);
    case OPTION_TEXT:
        *(const char **)field = text;
        return *text != '\0';
    case OPTION_SET:
        *(bool *)field = true;
        return true;
    case OPTION_CLEAR:
        *(bool *)field = false;
        return true;
    default:
        return option_special(options, row, text);
    }
}

/* 0: go on; 1: the help was printed; -1: a mistake, named. */
static int options_read(struct sim_options *options, int argc, char **argv)
{
    struct option longs[OPTION_ROWS + 1] = {{0}};
    int index;

    for (size_t i = 0; i < OPTION_ROWS; i++) {
        longs[i].name = option_rows[i].name;
        longs[i].has_arg = option_rows[i].argument != NULL ? required_argument : no_argument;
        longs[i].val = (int)i + 1;
    }
    while ((index = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        const struct option_row *row;

        if (index < 1 || (size_t)index > OPTION_ROWS)
            return -1;
        row = &option_rows[index - 1];
        if (strcmp(row->name, "help") == 0) {
            options_help();
            return 1;
        }
        if (!option_take(options, row, optarg)) {
            fprintf(stderr, "fake-spotify: --%s: not understood: %s\n", row->name, optarg);
            return -1;
        }
    }
    if (optind < argc)
        fprintf(stderr, "fake-spotify: what is \"%s\" for?\n", argv[optind]);
    return optind < argc ? -1 : 0;
}

static void options_default(struct sim_options *options)
{
    *options = (struct sim_options){.seed = 1,
                                    .accounts = 1,
                                    .listener = true,
                                    .start = -1,
                                    .speed = 1,
                                    .client_id = "sim-client-id",
                                    .answer = SIM_ANSWER_ABSENT};
}

/* ---- beginning ---- */

static int start_faults(struct sim *sim)
{
    char error[256] = "";
    json_error_t where;
    json_t *rules;
    int failed;

    if (sim->options.faults_file == NULL)
        return 0;
    rules = json_load_file(sim->options.faults_file, 0, &where);
    if (rules == NULL) {
        fprintf(stderr, "fake-spotify: %s:%d: %s\n", sim->options.faults_file, where.line,
                where.text);
        return -1;
    }
    failed = sim_faults_add(sim, rules, NULL, error, sizeof(error));
    json_decref(rules);
    if (failed)
        fprintf(stderr, "fake-spotify: %s: %s\n", sim->options.faults_file, error);
    return failed;
}

static int start_accounts(struct sim *sim)
{
    struct sim_account_spec spec = sim_account_spec_default(sim);

    for (uint32_t i = 0; i < sim->options.accounts; i++) {
        struct sim_account *account = sim_account_add(sim, &spec);

        if (account == NULL || sim_token_make(sim, account, SIM_REFRESH, NULL, SIM_SCOPE) == NULL)
            return -1;
    }
    return 0;
}

static int start_token_file(const struct sim *sim)
{
    const char *path = sim->options.token_file;
    FILE *file;
    int fd;

    if (path == NULL)
        return 0;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        fprintf(stderr, "fake-spotify: %s: %s\n", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    for (size_t i = 0; i < sim->account_count; i++)
        fprintf(file, "%s\t%s\n", sim->accounts[i]->id,
                sim_token_newest(sim, sim->accounts[i])->text);
    if (fclose(file) != 0) {
        fprintf(stderr, "fake-spotify: %s: %s\n", path, strerror(errno));
        return -1;
    }
    return 0;
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    (void)number;
    (void)what;
    event_base_loopbreak(context);
}

static int start_signals(struct sim *sim)
{
    sim->on_int = evsignal_new(sim->base, SIGINT, on_signal, sim->base);
    sim->on_term = evsignal_new(sim->base, SIGTERM, on_signal, sim->base);
    if (sim->on_int == NULL || sim->on_term == NULL)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    return event_add(sim->on_int, NULL) | event_add(sim->on_term, NULL);
}

static int sim_start(struct sim *sim)
{
    struct timespec now;

    if (sim->options.redirect_count == 0) {
        option_redirect(&sim->options, "http://127.0.0.1/spotify/callback");
        option_redirect(&sim->options, "http://[::1]/spotify/callback");
    }
    clock_gettime(CLOCK_REALTIME, &now);
    sim->started_real = sim_clock_real();
    sim_clock_set(&sim->clock, sim->options.start >= 0
                                   ? sim->options.start
                                   : (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    sim->clock.speed = sim->options.speed;
    sim->world = world_new(sim->options.seed);
    sim->log.lines = calloc(SIM_LOG_KEPT, sizeof(sim->log.lines[0]));
    sim->base = event_base_new();
    if (sim->world == NULL || sim->log.lines == NULL || sim->base == NULL)
        return -1;
    if (start_signals(sim) != 0 || start_accounts(sim) != 0)
        return -1;
    return start_faults(sim);
}

static void sim_stop(struct sim *sim)
{
    sim_server_stop(sim);
    if (sim->on_int != NULL)
        event_free(sim->on_int);
    if (sim->on_term != NULL)
        event_free(sim->on_term);
    if (sim->base != NULL)
        event_base_free(sim->base);
    sim_faults_clear(sim, 0);
    sim_tokens_free(sim);
    sim_accounts_free(sim);
    sim_items_free(sim);
    world_free(sim->world);
    free(sim->log.lines);
    libevent_global_shutdown();
}

/* When the parent is gone already the signal never comes, so it is looked at once more. */
static int follow_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        return -1;
    return getppid() == parent ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct sim sim = {0};
    pid_t parent = getppid();
    uint16_t port = 0;
    int status = EXIT_FAILURE, read;

    options_default(&sim.options);
    read = options_read(&sim.options, argc, argv);
    if (read != 0)
        return read > 0 ? EXIT_SUCCESS : 64;
    if (sodium_init() < 0 || (sim.options.die_with_parent && follow_parent(parent) != 0))
        return EXIT_FAILURE;
    if (sim_start(&sim) != 0)
        goto out;
    if (sim_server_start(&sim, &port) != 0) {
        fprintf(stderr, "fake-spotify: cannot listen on 127.0.0.1:%u\n", sim.options.port);
        goto out;
    }
    if (start_token_file(&sim) != 0)
        goto out;
    printf("fake-spotify: listening on http://127.0.0.1:%u\n", port);
    fflush(stdout);
    event_base_dispatch(sim.base);
    status = EXIT_SUCCESS;
out:
    sim_stop(&sim);
    return status;
}
