/* SPDX-License-Identifier: MIT */
#include "soak.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/metrics_text.h"

#define PREFIX "spotify_historyd_loop_"

struct sums {
    double memory_kib, descriptors, log_kib;
    int64_t count;
};

static struct sums quarters[2]; /* the second, the last */
static struct soak_figures figures;

/* What the life under way has counted so far; added to the figures when it ends. */
static struct {
    int64_t turns, turns_up_to_20ms;
    double waited_s;
} life;

/* -- what the system says ---------------------------------------------------------------------- */

static char *read_proc(const char *name, char *text, size_t size)
{
    char path[64];
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)harness.daemon.pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s", path);
    len = read(fd, text, size - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

/* Anonymous resident memory: what is the daemon's own (proc(5), RssAnon). */
static double memory_kib(void)
{
    char text[4096];
    const char *line = strstr(read_proc("status", text, sizeof(text)), "RssAnon:");

    ck_assert_ptr_nonnull(line);
    return strtod(line + strlen("RssAnon:"), NULL);
}

static double descriptors(void)
{
    char path[64];
    double count = 0;
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)harness.daemon.pid);
    folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count - 2; /* . and .. */
}

static double log_kib(void)
{
    char path[HARNESS_PATH_SIZE + 8];
    struct stat status;

    snprintf(path, sizeof(path), "%s-wal", harness.database);
    return stat(path, &status) == 0 ? (double)status.st_size / 1024 : 0;
}

/* How long it was ready to run and had no processor (the second number of schedstat, in ns). */
static double waited_s(void)
{
    char text[200];
    char *second = strchr(read_proc("schedstat", text, sizeof(text)), ' ');

    return second ? strtod(second, NULL) / 1e9 : 0;
}

static void time_sync(void)
{
    char path[HARNESS_PATH_SIZE + 8], page[4096] = "";
    int64_t began = harness_boot();
    double took;
    int fd;

    snprintf(path, sizeof(path), "%s/sync", harness.state);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, page, sizeof(page), 0), (ssize_t)sizeof(page));
    ck_assert_int_eq(fdatasync(fd), 0);
    close(fd);
    took = (double)(harness_boot() - began) / 1000;
    if (took > figures.slowest_sync_s)
        figures.slowest_sync_s = took;
}

/* -- what the daemon says ---------------------------------------------------------------------- */

/* The longest turn has a name in its label. */
static void look_at_longest(const char *text)
{
    const char *line = strstr(text, "\n" PREFIX "longest_turn_seconds{work=\"");
    double took;
    int end = 0;
    char in[40] = "";

    if (line == NULL ||
        sscanf(line, "\n" PREFIX "longest_turn_seconds{work=\"%39[^\"]\"} %n", in, &end) != 1)
        return;
    took = strtod(line + end, NULL);
    if (took <= figures.longest_s)
        return;
    figures.longest_s = took;
    snprintf(figures.longest_in, sizeof(figures.longest_in), "%s", in);
}

static void look_at_turns(struct browser *browser)
{
    struct page page = browser_get(browser, "/metrics");

    ck_assert_int_eq(page.status, 200);
    life.turns = (int64_t)metrics_text_number(page.body, PREFIX "turn_seconds_count");
    life.turns_up_to_20ms =
        (int64_t)metrics_text_number(page.body, PREFIX "turn_seconds_bucket{le=\"0.020\"}");
    look_at_longest(page.body);
    page_free(&page);
    life.waited_s = waited_s();
}

/* -- all of it --------------------------------------------------------------------------------- */

void soak_gauge_look(struct browser *browser, double progress)
{
    struct sums now = {memory_kib(), descriptors(), log_kib(), 1};
    struct sums *sums = progress >= 0.25 && progress < 0.5 ? &quarters[0]
                        : progress >= 0.75 && progress < 1 ? &quarters[1]
                                                           : NULL;

    look_at_turns(browser);
    time_sync();
    if (now.memory_kib > figures.most_memory_kib)
        figures.most_memory_kib = now.memory_kib;
    if (now.log_kib > figures.most_log_kib)
        figures.most_log_kib = now.log_kib;
    if (sums == NULL)
        return;
    sums->memory_kib += now.memory_kib;
    sums->descriptors += now.descriptors;
    sums->log_kib += now.log_kib;
    sums->count++;
}

void soak_gauge_restart(void)
{
    figures.turns += life.turns;
    figures.turns_over_20ms += life.turns - life.turns_up_to_20ms;
    figures.waited_s += life.waited_s;
    memset(&life, 0, sizeof(life));
}

struct soak_figures soak_gauge_read(void)
{
    soak_gauge_restart();
    for (size_t i = 0; i < COUNT_OF(quarters); i++) {
        const struct sums *sums = &quarters[i];

        ck_assert_int_gt(sums->count, 0);
        figures.memory_kib[i] = sums->memory_kib / (double)sums->count;
        figures.descriptors[i] = sums->descriptors / (double)sums->count;
        figures.log_kib[i] = sums->log_kib / (double)sums->count;
    }
    return figures;
}
