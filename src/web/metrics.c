/* SPDX-License-Identifier: MIT */
#include "web/metrics.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/turns.h"
#include "web/health.h"

#define NAME(name) "spotify_historyd_" name
#define USER_SIZE 24

typedef const struct metrics_sources sources;

/* -- the process ------------------------------------------------------------------------------- */

static void write_build(struct prometheus *family, sources *from)
{
    const struct prometheus_label label = {"version", from->version};

    prometheus_sample(family, "", &label, 1, 1, 1);
}

static bool read_uptime(sources *from, int64_t *value)
{
    *value = from->uptime_ms;
    return true;
}

static bool read_start(sources *from, int64_t *value)
{
    *value = from->started_at;
    return true;
}

static bool known(int64_t measured, int64_t *value)
{
    *value = measured;
    return measured != PROCESS_UNKNOWN;
}

static bool read_cpu(sources *from, int64_t *value)
{
    return known(from->process.cpu_us, value);
}

static bool read_resident(sources *from, int64_t *value)
{
    return known(from->process.resident_bytes, value);
}

static bool read_virtual(sources *from, int64_t *value)
{
    return known(from->process.virtual_bytes, value);
}

static bool read_open_fds(sources *from, int64_t *value)
{
    return known(from->process.open_fds, value);
}

static bool read_max_fds(sources *from, int64_t *value)
{
    return known(from->process.max_fds, value);
}

/* -- recording --------------------------------------------------------------------------------- */

static bool read_healthy(sources *from, int64_t *value)
{
    *value = health_is_good(from->recorder, from->now);
    return true;
}

static void write_polls(struct prometheus *family, sources *from)
{
    for (size_t i = 0; i < COUNTERS_OUTCOMES; i++) {
        const struct prometheus_label label = {"outcome", counters_outcome(i)};

        prometheus_sample(family, "", &label, 1, from->recorder->counters->polls[i], 1);
    }
}

static bool read_plays(sources *from, int64_t *value)
{
    *value = from->recorder->counters->plays;
    return true;
}

static bool read_late(sources *from, int64_t *value)
{
    *value = from->recorder->counters->late;
    return true;
}

static bool read_odd(sources *from, int64_t *value)
{
    *value = from->recorder->counters->odd;
    return true;
}

static void write_gaps(struct prometheus *family, sources *from)
{
    const struct prometheus_label likely = {"certainty", "likely"};
    const struct prometheus_label possible = {"certainty", "possible"};

    if (!from->has_rows)
        return;
    prometheus_sample(family, "", &likely, 1, from->rows.likely_gaps, 1);
    prometheus_sample(family, "", &possible, 1, from->rows.possible_gaps, 1);
}

static void write_imported(struct prometheus *family, sources *from)
{
    static const char *const results[] = {
        [STORE_MEASURE_ADDED] = "added",
        [STORE_MEASURE_MATCHED] = "matched",
        [STORE_MEASURE_DUPLICATE] = "duplicate",
        [STORE_MEASURE_REJECTED] = "rejected",
    };

    for (size_t i = 0; i < STORE_MEASURE_ROWS && from->has_rows; i++) {
        const struct prometheus_label label = {"result", results[i]};

        prometheus_sample(family, "", &label, 1, from->rows.imported[i], 1);
    }
}

/* -- users ------------------------------------------------------------------------------------- */

static void write_states(struct prometheus *family, sources *from)
{
    for (size_t i = 0; i < from->recorder->count; i++) {
        const struct measures_user *user = &from->recorder->users[i];
        char number[USER_SIZE];

        snprintf(number, sizeof(number), "%" PRId64, user->user_id);
        for (int state = 0; state < MEASURES_STATES; state++) {
            const struct prometheus_label labels[] = {
                {"user", number}, {"state", measures_state_name((enum measures_state)state)}};

            prometheus_sample(family, "", labels, 2, (int)user->state == state, 1);
        }
    }
}

static bool success_age(sources *from, const struct measures_user *user, int64_t *value)
{
    if (user->last_success_at == CLOCK_NO_TIME)
        return false;
    *value = from->now > user->last_success_at ? from->now - user->last_success_at : 0;
    return true;
}

static bool failed_polls(sources *from, const struct measures_user *user, int64_t *value)
{
    (void)from;
    *value = user->failures;
    return true;
}

/* Of a sign-in that a person has ended, or Spotify, nothing is left. */
static bool sign_in_left(sources *from, const struct measures_user *user, int64_t *value)
{
    bool ended = user->state == MEASURES_NEEDS_LOGIN || user->state == MEASURES_SIGNED_OUT;

    if (!ended && user->ends_at == CLOCK_NO_TIME)
        return false;
    *value = ended ? 0 : user->ends_at - from->now;
    return true;
}

/* -- requests ---------------------------------------------------------------------------------- */

static bool read_gate(sources *from, int64_t *value)
{
    *value = from->recorder->opens_in_ms == 0;
    return true;
}

static bool read_opens_in(sources *from, int64_t *value)
{
    *value = from->recorder->opens_in_ms;
    return true;
}

static bool read_app_trouble(sources *from, int64_t *value)
{
    *value = from->recorder->app_trouble;
    return true;
}

static bool read_in_flight(sources *from, int64_t *value)
{
    *value = from->recorder->in_flight;
    return true;
}

static bool read_calls_hour(sources *from, int64_t *value)
{
    *value = from->recorder->calls_hour;
    return true;
}

static bool read_calls_day(sources *from, int64_t *value)
{
    *value = from->calls_day;
    return from->calls_day >= 0;
}

static bool read_budget(sources *from, int64_t *value)
{
    *value = from->recorder->budget;
    return from->recorder->budget > 0;
}

static bool read_budget_left(sources *from, int64_t *value)
{
    int64_t left = from->recorder->budget - from->calls_day;

    *value = left > 0 ? left : 0;
    return from->recorder->budget > 0 && from->calls_day >= 0;
}

/* The upper end of a bucket, in seconds. */
static void write_bound(int64_t us, char bound[static USER_SIZE])
{
    if (us % 1000000 == 0)
        snprintf(bound, USER_SIZE, "%" PRId64, us / 1000000);
    else if (us % 1000 == 0)
        snprintf(bound, USER_SIZE, "%" PRId64 ".%03" PRId64, us / 1000000, us / 1000 % 1000);
    else
        snprintf(bound, USER_SIZE, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
}

/* The buckets of the format count all that are not longer; ours only what lies in them. */
static void write_request(struct prometheus *family, enum counters_request request,
                          const struct counters_latency *latency)
{
    const struct prometheus_label kind = {"request", counters_request_name(request)};
    int64_t below = 0;

    for (size_t i = 0; i < COUNTERS_BUCKETS; i++) {
        char bound[USER_SIZE];
        struct prometheus_label labels[] = {kind, {"le", bound}};

        write_bound(counters_bucket(i) * 1000, bound);
        below += latency->buckets[i];
        prometheus_sample(family, "_bucket", labels, 2, below, 1);
    }
    prometheus_sample(family, "_bucket", (const struct prometheus_label[]){kind, {"le", "+Inf"}}, 2,
                      latency->count, 1);
    prometheus_sample(family, "_sum", &kind, 1, latency->sum_us, 1000000);
    prometheus_sample(family, "_count", &kind, 1, latency->count, 1);
}

static void write_latency(struct prometheus *family, sources *from)
{
    for (int i = 0; i < COUNTERS_REQUESTS; i++)
        write_request(family, (enum counters_request)i, &from->recorder->counters->latency[i]);
}

/* -- the loop ---------------------------------------------------------------------------------- */

static void write_turns(struct prometheus *family, sources *from)
{
    const struct turns *turns = from->recorder->turns;
    int64_t below = 0;

    if (!turns)
        return;
    for (size_t i = 0; i < TURNS_BUCKETS; i++) {
        char bound[USER_SIZE];
        const struct prometheus_label label = {"le", bound};

        write_bound(turns_bucket_us(i), bound);
        below += turns->buckets[i];
        prometheus_sample(family, "_bucket", &label, 1, below, 1);
    }
    prometheus_sample(family, "_bucket", &(const struct prometheus_label){"le", "+Inf"}, 1,
                      turns->count, 1);
    prometheus_sample(family, "_sum", NULL, 0, turns->sum_us, 1000000);
    prometheus_sample(family, "_count", NULL, 0, turns->count, 1);
}

static void write_longest_turn(struct prometheus *family, sources *from)
{
    const struct turns *turns = from->recorder->turns;

    if (turns && turns->longest_in)
        prometheus_sample(family, "", &(const struct prometheus_label){"work", turns->longest_in},
                          1, turns->longest_us, 1000000);
}

/* -- the database ------------------------------------------------------------------------------ */

static bool read_writes(sources *from, int64_t *value)
{
    *value = from->recorder->takes_writes;
    return true;
}

static bool read_size(sources *from, int64_t *value)
{
    *value = from->sizes.file_bytes;
    return from->has_sizes;
}

static bool read_log_size(sources *from, int64_t *value)
{
    *value = from->sizes.log_bytes;
    return from->has_sizes;
}

static bool read_log_pages(sources *from, int64_t *value)
{
    *value = from->sizes.log_pages;
    return from->has_sizes;
}

/* -- all of them ------------------------------------------------------------------------------- */

const struct metric metrics_table[] = {
    {NAME("build_info"), PROMETHEUS_GAUGE, 1, "Version of the program; the value is always 1.",
     .write = write_build},
    {NAME("uptime_seconds"), PROMETHEUS_GAUGE, 1000,
     "Time since the start of the daemon, the machine's sleep included.", .read = read_uptime},
    {NAME("healthy"), PROMETHEUS_GAUGE, 1, "1 if /healthz says ok, 0 if it says failing.",
     .read = read_healthy},

    {NAME("polls_total"), PROMETHEUS_COUNTER, 1,
     "Polls that ended since the start, by outcome as in the ledger.", .write = write_polls},
    {NAME("plays_recorded_total"), PROMETHEUS_COUNTER, 1, "Plays stored as new by polls.",
     .read = read_plays},
    {NAME("late_plays_total"), PROMETHEUS_COUNTER, 1,
     "Of the plays recorded, those older than one that was stored already.", .read = read_late},
    {NAME("odd_items_total"), PROMETHEUS_COUNTER, 1,
     "Items of Spotify's answers that were not understood, and are not stored.", .read = read_odd},
    {NAME("open_gaps"), PROMETHEUS_GAUGE, 1,
     "Gaps in the record that no import has filled, by how certain it is that plays are missing.",
     .write = write_gaps},
    {NAME("imported_rows"), PROMETHEUS_GAUGE, 1,
     "Rows of privacy exports in the database's list of imports, by what became of them.",
     .write = write_imported},

    {NAME("user_state"), PROMETHEUS_GAUGE, 1,
     "1 for the state that a user is in, 0 for the others.", .write = write_states},
    {NAME("user_last_success_age_seconds"), PROMETHEUS_GAUGE, 1000,
     "Time since Spotify last answered for a user and the answer was stored; absent before the "
     "first.",
     .of_user = success_age},
    {NAME("user_failed_polls"), PROMETHEUS_GAUGE, 1,
     "Polls of a user that failed in a row, to now.", .of_user = failed_polls},
    {NAME("user_sign_in_left_seconds"), PROMETHEUS_GAUGE, 1000,
     "Time until Spotify ends a user's sign-in; 0 for one that is over, absent if nobody knows.",
     .of_user = sign_in_left},

    {NAME("gate_open"), PROMETHEUS_GAUGE, 1, "1 if requests may be sent to Spotify now, else 0.",
     .read = read_gate},
    {NAME("gate_opens_in_seconds"), PROMETHEUS_GAUGE, 1000,
     "Time until requests may be sent again, 0 if they may.", .read = read_opens_in},
    {NAME("gate_app_trouble"), PROMETHEUS_GAUGE, 1,
     "1 if Spotify refuses the app itself, and a person must act, else 0.",
     .read = read_app_trouble},
    {NAME("requests_in_flight"), PROMETHEUS_GAUGE, 1, "Polls that have a request under way.",
     .read = read_in_flight},
    {NAME("requests_this_hour"), PROMETHEUS_GAUGE, 1,
     "Requests for polls in this hour of the clock, which has a limit.", .read = read_calls_hour},
    {NAME("requests_last_day"), PROMETHEUS_GAUGE, 1,
     "Requests to Spotify in this hour of the clock and the 23 before, restarts included.",
     .read = read_calls_day},
    {NAME("daily_request_budget"), PROMETHEUS_GAUGE, 1,
     "Requests that are planned for a day; absent if there is no budget.", .read = read_budget},
    {NAME("daily_request_budget_left"), PROMETHEUS_GAUGE, 1,
     "What requests_last_day leaves of the budget, 0 at least; absent if there is no budget.",
     .read = read_budget_left},
    {NAME("request_duration_seconds"), PROMETHEUS_HISTOGRAM, 1,
     "Time from a request to the end of a complete answer, whatever it said, for history and for "
     "tokens.",
     .write = write_latency},

    {NAME("loop_turn_seconds"), PROMETHEUS_HISTOGRAM, 1,
     "Time that one turn of the event loop kept everything else waiting.", .write = write_turns},
    {NAME("loop_longest_turn_seconds"), PROMETHEUS_GAUGE, 1,
     "The longest turn of the event loop since the start, by what took the most of it.",
     .write = write_longest_turn},

    {NAME("database_takes_writes"), PROMETHEUS_GAUGE, 1,
     "1 if the newest try to write to the database worked, else 0.", .read = read_writes},
    {NAME("database_size_bytes"), PROMETHEUS_GAUGE, 1, "Size of the database file.",
     .read = read_size},
    {NAME("database_log_bytes"), PROMETHEUS_GAUGE, 1,
     "Size of the file of the write-ahead log, which is used again and again.",
     .read = read_log_size},
    {NAME("database_log_pages"), PROMETHEUS_GAUGE, 1,
     "Pages of the write-ahead log that are not in the database file yet.", .read = read_log_pages},

    {"process_start_time_seconds", PROMETHEUS_GAUGE, 1000,
     "Start of the daemon, in seconds since 1970-01-01 UTC.", .read = read_start},
    {"process_cpu_seconds_total", PROMETHEUS_COUNTER, 1000000, "User and system time spent.",
     .read = read_cpu},
    {"process_resident_memory_bytes", PROMETHEUS_GAUGE, 1, "Resident memory.",
     .read = read_resident},
    {"process_virtual_memory_bytes", PROMETHEUS_GAUGE, 1, "Virtual memory.", .read = read_virtual},
    {"process_open_fds", PROMETHEUS_GAUGE, 1, "Open file descriptors.", .read = read_open_fds},
    {"process_max_fds", PROMETHEUS_GAUGE, 1, "Most file descriptors that may be open.",
     .read = read_max_fds},
};

const size_t metrics_count = sizeof(metrics_table) / sizeof(metrics_table[0]);

static void write_users(struct prometheus *family, const struct metric *metric, sources *from)
{
    for (size_t i = 0; i < from->recorder->count; i++) {
        const struct measures_user *user = &from->recorder->users[i];
        char number[USER_SIZE];
        const struct prometheus_label label = {"user", number};
        int64_t value;

        if (!metric->of_user(from, user, &value))
            continue;
        snprintf(number, sizeof(number), "%" PRId64, user->user_id);
        prometheus_sample(family, "", &label, 1, value, metric->per);
    }
}

void metrics_write(struct buf *buf, const struct metrics_sources *from)
{
    for (size_t i = 0; i < metrics_count; i++) {
        const struct metric *metric = &metrics_table[i];
        struct prometheus family = prometheus_begin(buf, metric->name, metric->type, metric->help);
        int64_t value;

        if (metric->write)
            metric->write(&family, from);
        else if (metric->of_user)
            write_users(&family, metric, from);
        else if (metric->read(from, &value))
            prometheus_sample(&family, "", NULL, 0, value, metric->per);
    }
}
