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
    double least_memory_kib, least_descriptors, log_kib;
    int64_t count;
};

static struct sums quarters[2]; /* the second, the last */
static struct soak_figures figures;

/* What the life under way has counted up to the last look, and what all lives had for a longest
 * turn. */
static struct {
    int64_t count, up_to_20ms;
    double longest_s, waited_s;
} life;

#define CALM_S 0.01

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

/* How long a small sync takes, in s. */
static double time_sync(void)
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
    return took;
}

/* -- what the daemon says ---------------------------------------------------------------------- */

/* The longest turn has a name in its label. */
static double read_longest(const char *text, char in[static 40])
{
    static const char name[] = "\n" PREFIX "longest_turn_seconds{work=\"";
    const char *line = strstr(text, name), *value = line ? strchr(line, ' ') : NULL;

    in[0] = '\0';
    if (value == NULL)
        return 0;
    line += strlen(name);
    snprintf(in, 40, "%.*s", (int)strcspn(line, "\""), line);
    return strtod(value, NULL);
}

static void add_turns(struct soak_turns *turns, int64_t count, int64_t over, double longest,
                      const char *in)
{
    turns->count += count;
    turns->over_20ms += over;
    if (longest <= turns->longest_s)
        return;
    turns->longest_s = longest;
    snprintf(turns->longest_in, sizeof(turns->longest_in), "%s", in);
}

/* What has come since the last look. Only a longest turn that is longer than before came since
 * then. */
static void look_at_turns(struct browser *browser)
{
    struct page page = browser_get(browser, "/metrics");
    char in[40];
    int64_t count, up_to;
    double longest, waited = waited_s(), sync = time_sync();
    bool is_calm = waited - life.waited_s < CALM_S && sync < CALM_S;

    ck_assert_int_eq(page.status, 200);
    count = (int64_t)metrics_text_number(page.body, PREFIX "turn_seconds_count");
    up_to = (int64_t)metrics_text_number(page.body, PREFIX "turn_seconds_bucket{le=\"0.020\"}");
    longest = read_longest(page.body, in);
    page_free(&page);
    for (int calm = 0; calm <= (is_calm ? 1 : 0); calm++)
        add_turns(calm ? &figures.calm : &figures.all, count - life.count,
                  count - life.count - (up_to - life.up_to_20ms),
                  longest > life.longest_s ? longest : 0, in);
    figures.waited_s += waited - life.waited_s;
    life.count = count;
    life.up_to_20ms = up_to;
    life.longest_s = longest;
    life.waited_s = waited;
}

/* -- all of it --------------------------------------------------------------------------------- */

void soak_gauge_look(struct browser *browser, double progress)
{
    double memory = memory_kib(), open_files = descriptors(), log = log_kib();
    struct sums *sums = progress >= 0.25 && progress < 0.5 ? &quarters[0]
                        : progress >= 0.75 && progress < 1 ? &quarters[1]
                                                           : NULL;

    look_at_turns(browser);
    if (memory > figures.most_memory_kib)
        figures.most_memory_kib = memory;
    if (log > figures.most_log_kib)
        figures.most_log_kib = log;
    if (sums == NULL)
        return;
    if (sums->count == 0 || memory < sums->least_memory_kib)
        sums->least_memory_kib = memory;
    if (sums->count == 0 || open_files < sums->least_descriptors)
        sums->least_descriptors = open_files;
    sums->log_kib += log;
    sums->count++;
}

void soak_gauge_restart(void)
{
    memset(&life, 0, sizeof(life));
}

struct soak_figures soak_gauge_read(void)
{
    for (size_t i = 0; i < COUNT_OF(quarters); i++) {
        const struct sums *sums = &quarters[i];

        ck_assert_int_gt(sums->count, 0);
        figures.memory_kib[i] = sums->least_memory_kib;
        figures.descriptors[i] = sums->least_descriptors;
        figures.log_kib[i] = sums->log_kib / (double)sums->count;
    }
    return figures;
}
