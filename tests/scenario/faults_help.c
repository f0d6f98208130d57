/* SPDX-License-Identifier: MIT */
#include "faults_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/chance.h"

#define SAMPLE_MEMORY 8 /* of a piece of work in make check */
#define SAMPLE_FILES 2  /* of each other kind */
#define LEFT_MAX 256

static const char *const kind_names[FAULTS_KINDS] = {"memory", "io",   "read", "full",
                                                     "short",  "kill", "power"};

/* What a run said of itself. */
struct left {
    char place[80];
    long count;
};

struct report {
    bool is_there, fired;
    long memory, changes, reads;
    long *places; /* free() */
    size_t place_count;
    struct left left[LEFT_MAX];
    size_t left_count;
};

/* One thing to go wrong. */
struct point {
    enum faults_kind kind;
    long at;
    bool for_ever;
};

static struct report good; /* nothing went wrong */
static struct chance chance;
static char report_path[HARNESS_PATH_SIZE], after_folder[HARNESS_PATH_SIZE];

static bool may_wait;

bool faults_may_wait(void)
{
    return may_wait;
}

/* -- the state ---------------------------------------------------------------------------------- */

#define STEP_PATH_SIZE (HARNESS_PATH_SIZE + 257)

static void copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out;
    struct stat status;
    ssize_t len = 0;

    ck_assert_msg(in >= 0 && fstat(in, &status) == 0, "%s", from);
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, status.st_mode & 07777);
    ck_assert_msg(out >= 0, "%s", to);
    while (len < status.st_size) {
        ssize_t sent = sendfile(out, in, NULL, (size_t)(status.st_size - len));

        ck_assert_msg(sent > 0, "%s", to);
        len += sent;
    }
    close(in);
    close(out);
}

/* Calls a function for each entry of a folder, which may move or remove it. */
static void each_file(const char *folder, const char *to,
                      void (*step)(const char *name, const char *from, const char *to))
{
    DIR *directory = opendir(folder);
    char one[STEP_PATH_SIZE], other[STEP_PATH_SIZE];

    ck_assert_ptr_nonnull(directory);
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(one, sizeof(one), "%.159s/%s", folder, entry->d_name);
        snprintf(other, sizeof(other), "%.159s/%s", to, entry->d_name);
        step(entry->d_name, one, other);
    }
    closedir(directory);
}

static void copy_step(const char *name, const char *from, const char *to)
{
    (void)name;
    copy_file(from, to);
}

/* A folder without folders in it. */
static void copy_folder(const char *from, const char *to)
{
    harness_remove_folder(to);
    ck_assert_int_eq(mkdir(to, 0700), 0);
    each_file(from, to, copy_step);
}

static const char *kept_folder(void)
{
    static char path[HARNESS_PATH_SIZE];

    snprintf(path, sizeof(path), "%.60s/kept", harness.folder);
    return path;
}

void faults_keep_state(void)
{
    copy_folder(harness.state, kept_folder());
}

void faults_put_state_back(void)
{
    copy_folder(kept_folder(), harness.state);
}

/* "NAME.gone": a file that the power cut took away. */
static void adopt_step(const char *name, const char *from, const char *to)
{
    static const char gone[] = ".gone";
    size_t len = strlen(name);
    char lost[STEP_PATH_SIZE];

    if (len < sizeof(gone) || strcmp(name + len - strlen(gone), gone) != 0) {
        ck_assert_int_eq(rename(from, to), 0);
        return;
    }
    snprintf(lost, sizeof(lost), "%.*s", (int)(strlen(to) - strlen(gone)), to);
    (void)unlink(lost);
    ck_assert_int_eq(unlink(from), 0);
}

/* What SQLite had open is as the power cut left it; every other file is as it was. */
static void adopt_what_is_left(void)
{
    char shared[HARNESS_PATH_SIZE + 8];

    snprintf(shared, sizeof(shared), "%s-shm", harness.database);
    (void)unlink(shared);
    each_file(after_folder, harness.state, adopt_step);
}

/* -- reports ----------------------------------------------------------------------------------- */

static void take_line(struct report *report, char *line)
{
    char place[80];
    long number;

    if (sscanf(line, "left %ld %*d %79s", &number, place) == 2) {
        ck_assert_uint_lt(report->left_count, LEFT_MAX);
        report->left[report->left_count].count = number;
        snprintf(report->left[report->left_count++].place, sizeof(place), "%s", place);
    } else if (sscanf(line, "place %ld", &number) == 1) {
        report->places =
            reallocarray(report->places, report->place_count + 1, sizeof(report->places[0]));
        ck_assert_ptr_nonnull(report->places);
        report->places[report->place_count++] = number;
    } else if (sscanf(line, "fired %ld", &number) == 1) {
        report->fired = number != 0;
        report->is_there = true;
    } else if (sscanf(line, "memory %ld", &report->memory) != 1 &&
               sscanf(line, "changes %ld", &report->changes) != 1) {
        sscanf(line, "reads %ld", &report->reads);
    }
}

static void read_report(struct report *report)
{
    FILE *file = fopen(report_path, "re");
    char line[200];

    free(report->places);
    *report = (struct report){0};
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file) != NULL)
        take_line(report, line);
    fclose(file);
}

/* More is left of a place than when nothing went wrong. */
static void check_leftovers(const struct report *report, const char *what)
{
    for (size_t i = 0; i < report->left_count; i++) {
        long usual = 0;

        for (size_t g = 0; g < good.left_count; g++)
            if (strcmp(good.left[g].place, report->left[i].place) == 0)
                usual = good.left[g].count;
        ck_assert_msg(report->left[i].count <= usual, "%s: %ld blocks of %s are left, not %ld",
                      what, report->left[i].count, report->left[i].place, usual);
    }
}

/* -- one run ----------------------------------------------------------------------------------- */

static void order(const struct faults_work *work, const struct point *point, bool places)
{
    static char texts[7][HARNESS_PATH_SIZE + 20];
    const char **environment = work->is_ctl ? harness.ctl_environment : harness.environment;
    size_t count = 0;

    snprintf(texts[0], sizeof(texts[0]), "FAULT_PROGRAM=%s", work->is_ctl ? "ctl" : "daemon");
    snprintf(texts[1], sizeof(texts[1]), "FAULT_KIND=%s",
             point->at == 0 ? "none" : kind_names[point->kind]);
    snprintf(texts[2], sizeof(texts[2]), "FAULT_AT=%ld", point->at);
    snprintf(texts[3], sizeof(texts[3]), "FAULT_FOLDER=%s", after_folder);
    snprintf(texts[4], sizeof(texts[4]), "FAULT_SEED=%ld", point->at + (long)harness.seed % 1000);
    snprintf(texts[5], sizeof(texts[5]), "FAULT_REPORT=%s", report_path);
    snprintf(texts[6], sizeof(texts[6]),
             point->for_ever ? "FAULT_FOREVER=1"
             : places        ? "FAULT_PLACES=1"
                             : "FAULT_=");
    while (count < COUNT_OF(texts)) {
        environment[count] = texts[count];
        count++;
    }
    environment[count] = NULL;
    *(work->is_ctl ? &harness.ctl_program : &harness.program) = "faulty";
}

static void order_nothing(void)
{
    harness.program = harness.ctl_program = NULL;
    harness.environment[0] = harness.ctl_environment[0] = NULL;
}

static void check_end(const struct faults_run *run, const struct report *report, const char *what)
{
    bool dies = run->kind == FAULTS_KILL || run->kind == FAULTS_POWER || run->for_ever;

    if (dies && run->status == -SIGKILL)
        return;
    ck_assert_msg(run->status == 0 || (run->status >= 64 && run->status <= 78),
                  "%s: it ended with %d", what, run->status);
    ck_assert_msg(report->is_there, "%s: it did not come to the end of main", what);
    if (run->at > 0)
        check_leftovers(report, what);
}

/* So that a failed test's log tells what was tried. */
static void note(const char *what)
{
    int fd = open(harness.log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    dprintf(fd, "--- %s\n", what);
    close(fd);
}

/* Whether it fired. */
static bool try_one(const struct faults_work *work, const struct point *point)
{
    static struct report report;
    struct faults_run run = {.kind = point->kind, .at = point->at, .for_ever = point->for_ever};
    char what[120];

    snprintf(what, sizeof(what), "%s: %s %ld%s, seed %u", work->name, kind_names[run.kind], run.at,
             run.for_ever ? " and after" : "", harness.seed);
    work->before();
    note(what);
    order(work, point, point->at == 0);
    may_wait = run.for_ever && run.kind != FAULTS_IO && run.kind != FAULTS_READ;
    run.status = work->work();
    may_wait = false;
    order_nothing();
    read_report(&report);
    check_end(&run, &report, what);
    run.fired = report.fired || run.status == -SIGKILL;
    if (run.kind == FAULTS_POWER && run.status == -SIGKILL)
        adopt_what_is_left();
    if (access(harness.database, F_OK) == 0)
        db_assert_integrity();
    note("looking at it");
    work->after(&run);
    if (point->at == 0) {
        good = report;
        report.places = NULL; /* good has them now */
    }
    return run.fired;
}

/* -- which ones -------------------------------------------------------------------------------- */

struct points {
    struct point *list;
    size_t count, cap;
};

static void add_point(struct points *points, enum faults_kind kind, long at, bool for_ever)
{
    if (points->count == points->cap) {
        points->cap = points->cap * 2 + 64;
        points->list = reallocarray(points->list, points->cap, sizeof(points->list[0]));
        ck_assert_ptr_nonnull(points->list);
    }
    points->list[points->count++] = (struct point){kind, at, for_ever};
}

static bool can_last(enum faults_kind kind)
{
    return kind != FAULTS_KILL && kind != FAULTS_POWER;
}

static long operations(enum faults_kind kind)
{
    return kind == FAULTS_READ ? good.reads : good.changes;
}

static void shuffle(struct points *points)
{
    for (size_t i = points->count; i > 1; i--) {
        size_t other = (size_t)chance_below(&chance, i);
        struct point kept = points->list[i - 1];

        points->list[i - 1] = points->list[other];
        points->list[other] = kept;
    }
}

/* From two lists in turn; what is left of the longer one at last. */
static void add_in_turn(struct points *points, const struct points *one, const struct points *other)
{
    for (size_t i = 0; i < one->count || i < other->count; i++) {
        if (i < one->count)
            add_point(points, one->list[i].kind, one->list[i].at, one->list[i].for_ever);
        if (i < other->count)
            add_point(points, other->list[i].kind, other->list[i].at, other->list[i].for_ever);
    }
}

/* Every file operation, and the first allocation of every place; once, and for ever. */
static void add_all(struct points *points)
{
    struct points memory = {0}, files = {0};

    for (size_t i = 0; i < good.place_count; i++) {
        add_point(&memory, FAULTS_MEMORY, good.places[i], false);
        add_point(&memory, FAULTS_MEMORY, good.places[i], true);
    }
    for (int kind = FAULTS_IO; kind < FAULTS_KINDS; kind++) {
        for (long at = 1; at <= operations((enum faults_kind)kind); at++) {
            add_point(&files, (enum faults_kind)kind, at, false);
            if (can_last((enum faults_kind)kind))
                add_point(&files, (enum faults_kind)kind, at, true);
        }
    }
    shuffle(&memory);
    shuffle(&files);
    add_in_turn(points, &memory, &files);
    free(memory.list);
    free(files.list);
}

/* So many of a kind, one of each part of the work. */
static void add_some(struct points *points, enum faults_kind kind, size_t count)
{
    size_t all = kind == FAULTS_MEMORY ? good.place_count : (size_t)operations(kind);

    for (size_t i = 0; i < count && all > 0; i++) {
        size_t from = all * i / count, to = all * (i + 1) / count;
        size_t at = from + (size_t)chance_below(&chance, to > from ? to - from : 1);

        add_point(points, kind, kind == FAULTS_MEMORY ? good.places[at] : (long)at + 1,
                  can_last(kind) && chance_below(&chance, 2) == 0);
    }
}

static void add_sample(struct points *points)
{
    for (int kind = 0; kind < FAULTS_KINDS; kind++)
        add_some(points, (enum faults_kind)kind,
                 kind == FAULTS_MEMORY ? SAMPLE_MEMORY : SAMPLE_FILES);
}

/* -- the loop ---------------------------------------------------------------------------------- */

static int64_t seconds(void)
{
    const char *text = getenv("FAULTS_SECONDS");

    return text != NULL ? atoll(text) : 0;
}

double faults_timeout(void)
{
    return (double)seconds() + 120;
}

static void begin(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (getenv("HARNESS_SEED") == NULL)
        harness.seed = (unsigned)(now.tv_nsec / 1000) ^ (unsigned)now.tv_sec;
    chance = chance_from(harness.seed);
    snprintf(report_path, sizeof(report_path), "%.60s/report", harness.folder);
    snprintf(after_folder, sizeof(after_folder), "%.60s/after", harness.folder);
    ck_assert_int_eq(mkdir(after_folder, 0700), 0);
}

void faults_try_all(const struct faults_work *work)
{
    struct points points = {0};
    int runs[FAULTS_KINDS] = {0}, fired = 0;
    size_t done = 0;
    int64_t end = harness_boot() + 1000 * seconds();

    begin();
    try_one(work, &(struct point){0});
    (seconds() > 0 ? add_all : add_sample)(&points);
    for (; done < points.count && (seconds() == 0 || harness_boot() < end); done++) {
        runs[points.list[done].kind]++;
        fired += try_one(work, &points.list[done]);
    }
    printf("faults: %s: seed %u, %ld allocations of %zu places, %ld changes, %ld reads; %zu of %zu "
           "tried, %d fired (memory %d, io %d, read %d, full %d, short %d, kill %d, power %d)\n",
           work->name, harness.seed, good.memory, good.place_count, good.changes, good.reads, done,
           points.count, fired, runs[0], runs[1], runs[2], runs[3], runs[4], runs[5], runs[6]);
    fflush(stdout);
    ck_assert(fired > 0 || done < 5); /* time for a few only */
    free(points.list);
    free(good.places);
}
