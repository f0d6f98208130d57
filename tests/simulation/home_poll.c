/* SPDX-License-Identifier: MIT */
/* One poll: what Spotify answers, what the daemon makes of it, and the rules about calls. */
#include <stdlib.h>
#include <string.h>

#include "simulation/home.h"

#define HELD_MAX 300   /* about what fits into the memory that the daemon allows for held pages */
#define CHAIN_MS 20000 /* calls at once are no further apart, other users' calls in between */

struct answer {
    bool page;
    enum policy_failure failure; /* when there is no page */
    int64_t wait_ms;
    bool empty; /* 204 */
    struct world_play *plays[WORLD_LIST_MAX];
    size_t count;
};

/* ---- the rules about calls ---- */

static void hold_to_rules(struct home *home, struct home_member *member)
{
    int64_t pause = home->now - member->last_call;

    if (member->may_chain && member->pause > 0 && pause < CHAIN_MS && pause < member->pause)
        member->chain++;
    else if (pause < member->pause)
        home_fail(home, member, "a call %lld ms after the last one, %lld at least were due",
                  (long long)pause, (long long)member->pause);
    else
        member->chain = 1;
    if (member->chain > POLICY_FOLLOW_UPS + 2)
        home_fail(home, member, "%u calls in a row without a pause", member->chain);
    if (home->now < home->banned_until)
        home_fail(home, member, "a call %lld ms before Spotify allows one",
                  (long long)(home->banned_until - home->now));
    if (home_boot(home) < home->gate.opens_at)
        home_fail(home, member, "a call while the gate is closed");
    if (home->gate.hour == home_wall(home) / HOUR && home->gate.hour_calls >= home->gate.hour_limit)
        home_fail(home, member, "more calls in an hour than the gate allows");
}

static void count_call(struct home *home, struct home_member *member)
{
    gate_count_call(&home->gate, home_wall(home));
    home->ledger.hour = home->gate.hour;
    home->ledger.calls = home->gate.hour_calls;
    home->tally.calls++;
    if (home->now / DAY != member->day)
        member->day_calls = 0;
    member->day = home->now / DAY;
    member->day_calls++;
    if (member->day_calls > home->tally.most_calls_a_day)
        home->tally.most_calls_a_day = member->day_calls;
}

/* The pause that the rules ask for after this poll. */
static void set_pause(struct home *home, struct home_member *member, const struct answer *answer,
                      bool success)
{
    int64_t interval = home->config.poll_interval_ms, slot = interval / 3 - interval / 50;

    member->last_call = home->now;
    member->may_chain = success;
    member->pause = success && POLICY_HURRY_MIN < slot ? POLICY_HURRY_MIN : slot;
    if (answer->page)
        return;
    switch (answer->failure) {
    case POLICY_FAIL_TRANSIENT:
        member->pause = POLICY_BACKOFF_MIN;
        break;
    case POLICY_FAIL_GATE:
        member->pause = answer->wait_ms;
        break;
    case POLICY_FAIL_OURS:
        member->pause = POLICY_OURS_WAIT;
        break;
    case POLICY_FAIL_FORBIDDEN:
        if (member->policy.state == POLICY_PAUSED)
            member->pause = POLICY_FORBIDDEN_WAIT;
        break;
    case POLICY_FAIL_NEEDS_LOGIN:
    case POLICY_FAIL_LOCAL:
        break;
    }
}

/* ---- Spotify ---- */

static bool refuse(struct answer *answer, enum policy_failure failure)
{
    answer->page = false;
    answer->failure = failure;
    return true;
}

static bool answer_limit(struct home *home, struct answer *answer)
{
    if (!(home->limit.nature & 3)) /* one in four comes without a number */
        return refuse(answer, POLICY_FAIL_TRANSIENT);
    answer->wait_ms = (home->limit.until - home->now + SECOND - 1) / SECOND * SECOND;
    home->banned_until = home->now + answer->wait_ms;
    return refuse(answer, POLICY_FAIL_GATE);
}

/* True if the answer is no page. */
static bool answer_trouble(struct home *home, struct home_member *member, struct answer *answer)
{
    double odd = home->options->faults;

    if (trouble_at(&home->limit, home->now))
        return answer_limit(home, answer);
    if (trouble_at(&home->app, home->now)) {
        answer->wait_ms = gate_app_wait(&home->gate);
        return refuse(answer, POLICY_FAIL_GATE);
    }
    if (trouble_at(&member->revoked, home->now)) {
        member->login_at = member->revoked.until;
        return refuse(answer, POLICY_FAIL_NEEDS_LOGIN);
    }
    if (trouble_at(&member->refused, home->now))
        return refuse(answer, POLICY_FAIL_FORBIDDEN);
    if (trouble_at(&home->storm, home->now) &&
        (home->storm.nature & 1 || chance_hits(&home->chance, 0.6)))
        return refuse(answer, POLICY_FAIL_TRANSIENT);
    if (chance_hits(&home->chance, 0.003 * odd))
        return refuse(answer, POLICY_FAIL_TRANSIENT);
    if (chance_hits(&home->chance, 0.00002 * odd))
        return refuse(answer, POLICY_FAIL_OURS);
    return false;
}

static void list(struct home *home, struct home_member *member, int64_t after,
                 struct answer *answer)
{
    struct world_query query = {.limit = WORLD_LIST_MAX};

    query.has_after = after != POLICY_NO_TIME;
    query.after = after;
    answer->count = world_list(home->world, member->account, &query, answer->plays);
}

static void let_time_pass(struct home *home, struct home_member *member)
{
    bool is_private = trouble_at(&member->private_session, home->now);

    if (world_account_advance(home->world, member->account, home->now) != 0)
        home_fail(home, member, "the world ran out of memory");
    if (is_private != member->is_private)
        world_account_private(home->world, member->account, is_private);
    member->is_private = is_private;
}

static void ask(struct home *home, struct home_member *member, struct policy_action action,
                struct answer *answer)
{
    answer->page = true;
    answer->empty = false;
    answer->wait_ms = 0;
    let_time_pass(home, member);
    if (answer_trouble(home, member, answer))
        return;
    answer->empty = member->is_private;
    if (!answer->empty)
        list(home, member, action.kind == POLICY_TAIL ? action.after : POLICY_NO_TIME, answer);
}

/* What others do: ask for what is newer than the newest they have. */
static void ask_naively(struct home *home, struct home_member *member, int64_t *cursor,
                        uint8_t mark)
{
    struct answer answer;

    list(home, member, *cursor, &answer);
    for (size_t i = 0; i < answer.count; i++)
        answer.plays[i]->mark |= mark;
    if (answer.count > 0 && answer.plays[0]->played_at > *cursor)
        *cursor = answer.plays[0]->played_at;
}

static void run_naive(struct home *home, struct home_member *member)
{
    if (!home->options->naive || member->chain > 1)
        return;
    ask_naively(home, member, &member->naive_cursor, MARK_NAIVE);
    if (home->now - member->naive_hourly_at < HOUR - 5 * MINUTE)
        return;
    member->naive_hourly_at = home->now;
    ask_naively(home, member, &member->naive_hourly_cursor, MARK_NAIVE_HOURLY);
}

/* ---- storing ---- */

/* True if the page's oldest item was stored, and joined to all before it: then nothing can be
 * missing. */
static bool oldest_is_joined(const struct home_member *member, const struct reconcile_item *items,
                             size_t count)
{
    const struct reconcile_item *oldest = &items[0];

    for (size_t i = 1; i < count; i++)
        if (items[i].reported < oldest->reported)
            oldest = &items[i];
    return count > 0 && member->book.anchor != RECONCILE_NO_TIME &&
           oldest->reported < member->book.anchor &&
           book_find(&member->book, oldest->reported, oldest->track) > 0;
}

static void check_result(struct home *home, struct home_member *member, bool joined,
                         const struct reconcile_result *result)
{
    if (joined && result->gap_count > 0)
        home_fail(home, member, "a page that overlapped opened a gap");
    if (result->cursor < member->cursor)
        home_fail(home, member, "the cursor moved back");
    member->cursor = result->cursor;
    home->tally.stored += (int64_t)result->added_count;
    home->tally.stored_late += (int64_t)result->late_count;
}

static void commit_page(struct home *home, const struct home_page *page, struct policy_page *told)
{
    struct home_member *member = &home->members[page->member];
    struct reconcile_item items[WORLD_LIST_MAX];
    struct book_page book_page = {page->kind == POLICY_SWEEP, items, page->count, page->at,
                                  page->latest};
    struct reconcile_result result;
    const char *why;
    bool joined;

    for (size_t i = 0; i < page->count; i++) {
        items[i] = (struct reconcile_item){page->plays[i]->played_at, page->plays[i]->track};
        page->plays[i]->mark |= MARK_STORED;
    }
    joined = oldest_is_joined(member, items, page->count);
    if (!book_apply(&member->book, &book_page, &result, &why))
        home_fail(home, member, "%s", why);
    check_result(home, member, joined, &result);
    if (result.added_count > 0 && result.added_count == member->book.count)
        member->began_short = !result.full;
    if (page->kind == POLICY_SWEEP && member->first_sweep == NEVER)
        member->first_sweep = home->now;
    member->known_witness[page->kind] = result.witness;
    *told = (struct policy_page){page->kind, result.full, result.witness, result.newer_count,
                                 result.cursor};
}

void home_flush(struct home *home)
{
    if (trouble_at(&home->disk, home->now)) {
        home->flush_at = home->disk.until + (int64_t)chance_below(&home->chance, (uint64_t)MINUTE);
        return;
    }
    for (size_t i = 0; i < home->held_count; i++) {
        struct home_page page = home->held[i].page;
        struct policy *policy = &home->members[page.member].policy;
        struct policy_page told;

        page.plays = home->held[i].plays;
        commit_page(home, &page, &told);
        if (told.cursor > policy->cursor)
            policy->cursor = told.cursor;
    }
    home->held_count = 0;
}

/* The database takes no writes: the page waits in memory, behind those that wait already. */
static void hold_page(struct home *home, const struct home_page *page)
{
    struct home_held *held;

    if (!home->held)
        home->held = calloc(HELD_MAX, sizeof(*home->held));
    if (!home->held) {
        home_fail(home, NULL, "no memory");
        return;
    }
    if (home->held_count == HELD_MAX)
        memmove(home->held, home->held + 1, --home->held_count * sizeof(*home->held));
    held = &home->held[home->held_count++];
    held->page = *page;
    for (size_t i = 0; i < page->count; i++)
        held->plays[i] = page->plays[i];
    home->tally.held++;
    home->flush_at = home->disk.until + (int64_t)chance_below(&home->chance, (uint64_t)MINUTE);
}

/* ---- after the answer ---- */

static bool page_is_known(struct home *home, struct home_member *member, enum policy_kind kind,
                          const struct answer *answer)
{
    bool known = member->known_page[kind] && member->last_count[kind] == answer->count &&
                 memcmp(member->last[kind], answer->plays, answer->count * sizeof(void *)) == 0;

    member->known_page[kind] = true;
    member->last_count[kind] = answer->count;
    memcpy(member->last[kind], answer->plays, answer->count * sizeof(void *));
    return known &&
           !chance_hits(&home->chance, 0.05); /* popularity drifts: other bytes, same plays */
}

static void succeed(struct home *home, struct home_member *member, const struct policy_page *page)
{
    policy_on_page(&member->policy, &home->config, home_boot(home), page);
    gate_succeeded(&home->gate);
    member->stored_state = POLICY_ACTIVE;
}

/* Nothing new was in the answer: the poll is noted and no more. */
static void take_nothing(struct home *home, struct home_member *member, enum policy_kind kind)
{
    struct policy_page page = {.kind = kind, .witness = true, .cursor = member->policy.cursor};

    home->tally.unchanged++;
    if (member->known_page[kind])
        page.witness = member->known_witness[kind];
    succeed(home, member, &page);
}

static void take_new(struct home *home, struct home_member *member, const struct home_page *page)
{
    struct policy_page told;

    home_flush(home);
    commit_page(home, page, &told);
    succeed(home, member, &told);
}

/* True if the poll is a success for the policy. */
static bool take_page(struct home *home, struct home_member *member, enum policy_kind kind,
                      const struct answer *answer)
{
    bool nothing = answer->empty || page_is_known(home, member, kind, answer);
    int64_t wall = home_wall(home);
    struct home_page page = {.member = (size_t)(member - home->members),
                             .kind = kind,
                             .at = wall,
                             .latest = wall > home->now ? wall : home->now, /* Spotify's Date */
                             .plays = answer->plays,
                             .count = answer->count};

    if (trouble_at(&home->disk, home->now)) {
        if (!nothing)
            hold_page(home, &page);
        policy_on_failure(&member->policy, &home->config, home_boot(home), POLICY_FAIL_LOCAL, 0);
        return false;
    }
    if (nothing)
        take_nothing(home, member, kind);
    else
        take_new(home, member, &page);
    return true;
}

static void close_gate(struct home *home, int64_t wait_ms)
{
    if (!gate_close(&home->gate, home_boot(home), wait_ms, "told to wait"))
        return;
    home->ledger.closed = !trouble_at(&home->disk, home->now);
    home->ledger.set_at = home_wall(home);
    home->ledger.not_before = home_wall(home) + home->gate.opens_at - home_boot(home);
    home->ledger.offset = home->offset;
}

static void take_failure(struct home *home, struct home_member *member, const struct answer *answer)
{
    home->tally.failures++;
    if (answer->failure == POLICY_FAIL_GATE)
        close_gate(home, answer->wait_ms);
    if (policy_on_failure(&member->policy, &home->config, home_boot(home), answer->failure,
                          answer->wait_ms))
        member->stored_state = member->policy.state;
}

void home_poll(struct home *home, struct home_member *member)
{
    struct policy_action action = policy_next(&member->policy, &home->config, home_boot(home));
    struct answer answer;
    bool success = false;

    hold_to_rules(home, member);
    count_call(home, member);
    ask(home, member, action, &answer);
    run_naive(home, member);
    home->now += 30 + (int64_t)chance_below(&home->chance, 400);
    if (chance_hits(&home->chance, 0.0001 * home->options->faults)) {
        /* killed between the answer and its commit: what the answer said is not known to anybody */
        if (!answer.page && answer.failure == POLICY_FAIL_GATE)
            home->banned_until = home->now;
        home_stop(home, false, false,
                  home->now + SECOND + (int64_t)chance_below(&home->chance, 60000));
        return;
    }
    home->tally.tails += action.kind == POLICY_TAIL;
    home->tally.sweeps += action.kind == POLICY_SWEEP;
    if (answer.page)
        success = take_page(home, member, action.kind, &answer);
    else
        take_failure(home, member, &answer);
    set_pause(home, member, &answer, success);
}
