/* SPDX-License-Identifier: MIT */
/* The daemon's life: who is due next, starts and stops, sign-ins; and the year as a whole. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulation/home.h"

#define BEGIN INT64_C(1767225600000) /* 2026-01-01 */
#define QUIET_DAYS 5                 /* at the end: so that what is late can come in */

void home_fail(struct home *home, const struct home_member *member, const char *format, ...)
{
    int used;
    va_list arguments;

    if (home->why[0])
        return;
    used = snprintf(home->why, sizeof(home->why),
                    "user %zu, day %.3f: ", member ? (size_t)(member - home->members) : 0,
                    (double)(home->now - home->begins) / (double)DAY);
    va_start(arguments, format);
    vsnprintf(home->why + used, sizeof(home->why) - (size_t)used, format, arguments);
    va_end(arguments);
}

int64_t home_boot(const struct home *home)
{
    return home->now - home->boot_at;
}

int64_t home_wall(const struct home *home)
{
    return home->now + home->offset;
}

/* ---- starts and stops ---- */

static void restore_gate(struct home *home)
{
    int64_t wall = home_wall(home);

    home->gate.opens_at = 0;
    home->gate.app_closings = 0;
    home->gate.hour = wall / HOUR;
    home->gate.hour_calls = home->ledger.hour == home->gate.hour ? home->ledger.calls : 0;
    if (home->ledger.closed)
        gate_restore(&home->gate, home_boot(home), wall, home->ledger.not_before,
                     home->ledger.set_at, "stored");
    /* A clock that was set forward while nobody looked, or a closing that no disk would take. */
    if (home->offset > home->ledger.offset || !home->ledger.closed)
        home->banned_until = home->now;
}

static void start(struct home *home)
{
    home->running = true;
    home->start_at = NEVER;
    restore_gate(home);
    for (size_t i = 0; i < home->count; i++) {
        struct home_member *member = &home->members[i];

        policy_start(&member->policy, home_boot(home), i, home->count, chance_next(&home->chance),
                     member->stored_state, book_cursor(&member->book, home_wall(home)));
        member->wait_until = 0;
        member->known_page[POLICY_TAIL] = member->known_page[POLICY_SWEEP] = false;
        member->pause = 0;
    }
}

void home_stop(struct home *home, bool cleanly, bool reboot, int64_t start_at)
{
    if (cleanly)
        home_flush(home);
    home->tally.restarts++;
    home->tally.kills += !cleanly;
    home->held_count = 0;
    home->running = false;
    home->start_at = start_at;
    if (reboot)
        home->boot_at = start_at - (int64_t)chance_below(&home->chance, 100 * (uint64_t)SECOND);
}

static void sign_in(struct home *home, struct home_member *member)
{
    home->tally.logins++;
    member->login_at = NEVER;
    member->stored_state = POLICY_ACTIVE;
    member->pause = 0;
    policy_on_login(&member->policy, home_boot(home));
}

/* Somebody sends the daemon a signal: to poll now, or to read its configuration again. */
static void request(struct home *home)
{
    home->request_at = home->now + 1 + (int64_t)chance_below(&home->chance, 14 * (uint64_t)DAY);
    for (size_t i = 0; i < home->count; i++) {
        struct home_member *member = &home->members[i];

        policy_on_reload(&member->policy, &home->config, home_boot(home));
        if (chance_hits(&home->chance, 0.5))
            continue;
        policy_on_request(&member->policy, home_boot(home));
        member->pause = 0;
    }
}

/* ---- what comes next ---- */

enum moment {
    MOMENT_END,
    MOMENT_START,
    MOMENT_STOP,
    MOMENT_FLUSH,
    MOMENT_LOGIN,
    MOMENT_REQUEST,
    MOMENT_POLL
};

struct next {
    int64_t at;
    enum moment what;
    struct home_member *who;
};

static void consider(struct next *next, int64_t at, enum moment what, struct home_member *who)
{
    if (at < next->at)
        *next = (struct next){at, what, who};
}

static struct next find_next(struct home *home)
{
    struct next next = {home->ends, MOMENT_END, NULL};

    if (!home->running) {
        consider(&next, home->start_at, MOMENT_START, NULL);
        return next;
    }
    consider(&next, trouble_next(&home->down, home->now), MOMENT_STOP, NULL);
    if (home->held_count > 0)
        consider(&next, home->flush_at, MOMENT_FLUSH, NULL);
    if (home->options->faults > 0)
        consider(&next, home->request_at, MOMENT_REQUEST, NULL);
    for (size_t i = 0; i < home->count; i++) {
        struct home_member *member = &home->members[i];

        consider(&next, member->login_at, MOMENT_LOGIN, member);
        if (member->policy.due != POLICY_NEVER) {
            int64_t due = member->policy.due + home->boot_at;

            consider(&next, due > member->wait_until ? due : member->wait_until, MOMENT_POLL,
                     member);
        }
    }
    return next;
}

/* Polls, or finds that it must wait: asleep, or before a closed gate. */
static void try_poll(struct home *home, struct home_member *member)
{
    int64_t ready;

    if (trouble_at(&home->asleep, home->now)) {
        member->wait_until = home->asleep.until;
        return;
    }
    ready = gate_ready_at(&home->gate, home_boot(home), home_wall(home));
    if (ready > home_boot(home))
        member->wait_until = ready + home->boot_at;
    else
        home_poll(home, member);
}

static void set_clock(struct home *home)
{
    home->offset = 0;
    if (!trouble_at(&home->clock, home->now))
        return;
    home->offset = (int64_t)((home->clock.nature >> 8) % (uint64_t)(3 * DAY));
    if (home->clock.nature & 1)
        home->offset = -home->offset;
}

static void do_next(struct home *home, const struct next *next)
{
    switch (next->what) {
    case MOMENT_START:
        start(home);
        break;
    case MOMENT_STOP:
        home_stop(home, home->down.nature & 1, home->down.nature & 2, home->down.until);
        break;
    case MOMENT_FLUSH:
        home_flush(home);
        break;
    case MOMENT_LOGIN:
        sign_in(home, next->who);
        break;
    case MOMENT_REQUEST:
        request(home);
        break;
    case MOMENT_POLL:
        try_poll(home, next->who);
        break;
    case MOMENT_END:
        break;
    }
}

static void live(struct home *home)
{
    for (;;) {
        struct next next = find_next(home);

        if (next.at > home->now)
            home->now = next.at;
        if (next.what == MOMENT_END || home->why[0])
            return;
        set_clock(home);
        do_next(home, &next);
    }
}

/* ---- before and after ---- */

static void plan_troubles(struct home *home)
{
    double often = home->options->faults;
    int64_t quiet = home->ends - QUIET_DAYS * DAY, begins = home->begins;
    struct chance *chance = &home->chance;

#define PLAN(trouble, per_year, shortest, longest) \
    trouble_plan(trouble, chance_next(chance), often *(per_year), shortest, longest, begins, quiet)
    PLAN(&home->storm, 30, MINUTE, DAY);
    PLAN(&home->limit, 6, SECOND, DAY);
    PLAN(&home->app, 1, HOUR, DAY);
    PLAN(&home->disk, 5, MINUTE, 12 * HOUR);
    PLAN(&home->down, 12, SECOND, 4 * DAY);
    PLAN(&home->asleep, 20, MINUTE, 12 * HOUR);
    PLAN(&home->clock, 3, HOUR, 2 * DAY);
    for (size_t i = 0; i < home->count; i++) {
        PLAN(&home->members[i].revoked, 2, 10 * MINUTE, 20 * DAY);
        PLAN(&home->members[i].refused, 1.5, 10 * MINUTE, 2 * DAY);
        PLAN(&home->members[i].private_session, 8, 10 * MINUTE, 5 * HOUR);
    }
#undef PLAN
}

static bool add_member(struct home *home, struct home_member *member)
{
    static const double plays_per_day[] = {4, 15, 40, 40, 80, 160};
    struct world_account_options account = world_account_options_default(home->begins - 3 * DAY);

    account.seed = chance_next(&home->chance);
    account.backlog = chance_hits(&home->chance, 0.1) ? 0 : 70;
    account.listener = home->options->listener;
    if (account.listener.plays_per_day == 0)
        account.listener.plays_per_day = CHANCE_PICK(&home->chance, plays_per_day);
    account.listener.zone_min = (int32_t)chance_below(&home->chance, 24) * 60;
    if (account.backlog == 0) /* somebody who begins to use Spotify now */
        account.begins_at = home->begins;
    book_open(&member->book);
    member->first_sweep = member->login_at = NEVER;
    member->cursor = member->naive_cursor = member->naive_hourly_cursor = POLICY_NO_TIME;
    return world_account_add(home->world, &account, &member->account) == 0;
}

static bool begin(struct home *home, const struct home_options *options)
{
    home->options = options;
    home->chance = chance_from(options->seed);
    home->begins = home->now = BEGIN + (int64_t)chance_below(&home->chance, 365) * DAY;
    home->ends = home->begins + options->days * DAY;
    home->boot_at = home->begins - HOUR;
    home->request_at = home->begins + DAY;
    home->start_at = home->begins;
    home->config.poll_interval_ms = options->poll_interval_ms;
    home->config.sweep_interval_ms = options->sweep_interval_ms;
    home->gate.max_in_flight = 8;
    home->gate.hour_limit = gate_hour_limit(options->users, options->poll_interval_ms);
    home->world = world_new(chance_next(&home->chance));
    if (!home->world)
        return false;
    for (; home->count < options->users; home->count++)
        if (!add_member(home, &home->members[home->count]))
            return false;
    plan_troubles(home);
    return true;
}

static void add_tally(struct home_tally *sum, const struct home_tally *tally)
{
    int64_t *to = (int64_t *)(void *)sum;
    const int64_t *from = (const int64_t *)(const void *)tally;
    int64_t most = sum->most_calls_a_day;

    _Static_assert(sizeof(*sum) % sizeof(int64_t) == 0, "a tally is counts and nothing else");
    for (size_t i = 0; i < sizeof(*sum) / sizeof(int64_t); i++)
        to[i] += from[i];
    sum->most_calls_a_day = tally->most_calls_a_day > most ? tally->most_calls_a_day : most;
}

bool home_live(const struct home_options *options, struct home_tally *sum, char *why, size_t size)
{
    struct home *home = calloc(1, sizeof(*home));
    bool good;

    snprintf(why, size, "no memory");
    if (!home)
        return false;
    if (begin(home, options)) {
        live(home);
        if (!home->why[0])
            home_judge(home);
        snprintf(why, size, "%s", home->why);
    }
    home->tally.homes = 1;
    home->tally.users = (int64_t)home->count;
    home->tally.user_days = (int64_t)home->count * options->days;
    add_tally(sum, &home->tally);
    good = home->why[0] == '\0' && home->count == options->users;
    for (size_t i = 0; i < home->count; i++)
        book_close(&home->members[i].book);
    world_free(home->world);
    free(home->held);
    free(home);
    return good;
}
