/* SPDX-License-Identifier: MIT */
/* After the year: what Spotify listed against what is stored and what the gaps say. */
#include "simulation/home.h"

#define SETTLED (4 * HOUR) /* before the end: later plays may still be on their way */

/* The whole truth about one member, oldest first. */
struct truth {
    struct world_play *const *plays;
    size_t count;
};

static void check_stored(struct home *home, const struct home_member *member,
                         const struct truth *truth)
{
    size_t shown = 0;

    for (size_t i = 0; i < truth->count; i++) {
        const struct world_play *play = truth->plays[i];
        size_t rows = book_find(&member->book, play->played_at, play->track);
        bool wanted = play->mark & MARK_STORED;

        shown += wanted;
        if (rows != wanted)
            home_fail(home, member, "play %lld is stored %zu times and was in %s committed page",
                      (long long)play->played_at, rows, wanted ? "a" : "no");
    }
    if (shown != member->book.count)
        home_fail(home, member, "%zu plays are stored and %zu were in committed pages",
                  member->book.count, shown);
}

/* True if so many newer ones were out at that moment that there was no room for it. */
static bool is_beyond_list(const struct truth *truth, size_t play, int64_t at)
{
    size_t newer = 0;

    for (size_t i = play + 1; i < truth->count && truth->plays[i]->played_at <= at; i++)
        if (world_play_is_listed(truth->plays[i], at) && ++newer >= WORLD_LIST_MAX)
            return true;
    return false;
}

/* True if the list showed it at a moment. Time goes back for that, which is slow: with many losses
 * it must do that there was room. */
static bool was_listed(struct home *home, const struct home_member *member,
                       const struct truth *truth, size_t play, int64_t at)
{
    struct world_query query = {.limit = WORLD_LIST_MAX};
    struct world_play *list[WORLD_LIST_MAX];
    size_t count;

    if (is_beyond_list(truth, play, at))
        return false;
    if (home->options->faults > 0)
        return true;
    world_account_advance(home->world, member->account, at);
    count = world_list(home->world, member->account, &query, list);
    for (size_t i = 0; i < count; i++)
        if (list[i] == truth->plays[play])
            return true;
    return false;
}

/* With all well, what stays in the list until the next poll is not lost; a late play, until the
 * next sweep. */
static void judge_time_listed(struct home *home, const struct home_member *member,
                              const struct truth *truth, size_t i, bool behind)
{
    int64_t interval = home->config.poll_interval_ms, since = truth->plays[i]->visible_at;
    int64_t enough = behind ? home->config.sweep_interval_ms + interval : interval + interval / 10;

    if (!was_listed(home, member, truth, i, since))
        return;
    home->tally.lost_listed += !behind;
    home->tally.lost_late_listed += behind;
    if (home->options->faults <= 0 && was_listed(home, member, truth, i, since + enough))
        home_fail(home, member, "play %lld was listed from %lld for long enough and is lost",
                  (long long)truth->plays[i]->played_at, (long long)since);
}

/* Where the list was empty at the first look and short at the next, nothing tells whether the
 * record's first play was the first play. An account so new that it has no plays is rare, and a gap
 * for each would nearly always be empty: none is noted. */
static bool is_before_record(const struct home_member *member, const struct world_play *play)
{
    return member->began_short && member->book.count > 0 &&
           play->played_at <= member->book.rows[0].played_at;
}

static void judge_lost(struct home *home, const struct home_member *member,
                       const struct truth *truth, size_t i, bool behind)
{
    const struct world_play *play = truth->plays[i];
    bool noted = book_in_gap(&member->book, play->played_at, false);

    if (play->vanishes_at <= home->ends) {
        home->tally.vanished++;
        return;
    }
    judge_time_listed(home, member, truth, i, behind);
    if (behind) {
        home->tally.lost_late++;
        home->tally.lost_late_in_gap += noted;
        return;
    }
    home->tally.lost++;
    home->tally.lost_covered += noted && !book_in_gap(&member->book, play->played_at, true);
    if (!noted && is_before_record(member, play))
        home->tally.before_record++;
    else if (!noted && play->played_at > member->first_sweep)
        home_fail(home, member,
                  "play %lld (listed at %lld) was pushed out unseen and lies in no gap",
                  (long long)play->played_at, (long long)play->visible_at);
}

/* Plays that were listed after the first look and before the end, and are not stored. */
static void check_lost(struct home *home, const struct home_member *member,
                       const struct truth *truth)
{
    int64_t first_newer = NEVER; /* when the first of those newer than this one was listed */

    for (size_t i = truth->count; i-- > 0;) {
        const struct world_play *play = truth->plays[i];
        bool stored = play->mark & MARK_STORED;

        if (!stored && play->visible_at > member->first_sweep &&
            play->visible_at < home->ends - SETTLED)
            judge_lost(home, member, truth, i, play->visible_at > first_newer);
        if (play->visible_at < first_newer)
            first_newer = play->visible_at;
    }
}

/* What a naive poller missed of those plays that the list showed at some time after the first look.
 */
static void count_naive(struct home *home, const struct home_member *member,
                        const struct truth *truth)
{
    for (size_t i = 0; i < truth->count; i++) {
        const struct world_play *play = truth->plays[i];

        if (play->visible_at <= member->first_sweep || play->visible_at >= home->ends - SETTLED)
            continue;
        if (!play->mark && !was_listed(home, member, truth, i, play->visible_at))
            continue;
        home->tally.listed++;
        home->tally.naive_missed += !(play->mark & MARK_NAIVE);
        home->tally.naive_hourly_missed += !(play->mark & MARK_NAIVE_HOURLY);
    }
}

static bool anything_lost_in(const struct home *home, const struct book_gap *gap,
                             const struct truth *truth)
{
    struct world_play *const *plays = truth->plays;
    size_t low = 0, high = truth->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (plays[middle]->played_at < gap->after)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < truth->count && plays[low]->played_at <= gap->before; low++)
        if (!(plays[low]->mark & MARK_STORED) && plays[low]->visible_at < home->ends)
            return true;
    return false;
}

static void count_gaps(struct home *home, const struct home_member *member,
                       const struct truth *truth)
{
    for (size_t i = 0; i < member->book.gap_count; i++) {
        const struct book_gap *gap = &member->book.gaps[i];
        bool empty = !anything_lost_in(home, gap, truth);

        home->tally.likely += gap->likely;
        home->tally.possible += !gap->likely;
        home->tally.empty_likely += empty && gap->likely;
        home->tally.empty_possible += empty && !gap->likely;
        home->tally.covered += gap->covered;
        home->tally.empty_open += empty && !gap->covered;
    }
}

void home_judge(struct home *home)
{
    for (size_t i = 0; i < home->count; i++) {
        const struct home_member *member = &home->members[i];
        struct truth truth;

        world_account_advance(home->world, member->account, home->now);
        truth.count = world_plays(home->world, member->account, &truth.plays);
        check_stored(home, member, &truth);
        check_lost(home, member, &truth);
        count_gaps(home, member, &truth);
        if (home->options->naive)
            count_naive(home, member, &truth);
    }
}
