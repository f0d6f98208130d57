/* SPDX-License-Identifier: MIT */
#include "capture/apply.h"

#include <stdlib.h>
#include <string.h>

#include "archive/settle.h"
#include "base/log.h"
#include "base/text.h"
#include "capture/reconcile.h"
#include "store/gaps.h"
#include "store/ledger.h"
#include "store/plays.h"
#include "store/tellings.h"
#include "store/totals.h"
#include "store/users.h"

_Static_assert(RECONCILE_MAX >= SPOTIFY_HISTORY_MAX, "a page must fit the reconciler");
_Static_assert(RECONCILE_SLACK > STORE_NUDGE_MOST + RECONCILE_MAX, "a moved play must be found");
_Static_assert(RECONCILE_SLACK < CLOCK_DAY, "what is read around items must not overlap");

/* Everything that one page needs on its way into the database. */
struct page_work {
    struct store *store;
    const struct commit_outcome *outcome;
    const struct spotify_page *page;
    struct store_user user;
    struct reconcile_item items[SPOTIFY_HISTORY_MAX];
    struct reconcile_stored *stored;
    struct trackbook **book;
    int64_t track_ids[SPOTIFY_HISTORY_MAX]; /* of the plays that are added */
    size_t stored_count;
    struct reconcile_input input;
    struct reconcile_result result;
};

/* STORE_NOT_FOUND is an answer, not a failure: *ms becomes "none". */
static enum store_result or_none(enum store_result result, int64_t *ms)
{
    if (result != STORE_NOT_FOUND)
        return result;
    *ms = STORE_NO_TIME;
    return STORE_OK;
}

/* Gives each item the number of its track: the stored one, or for a track never seen a negative
 * one, the same for the same uri. */
static enum store_result number_tracks(struct page_work *work)
{
    for (size_t i = 0; i < work->page->play_count; i++) {
        const struct spotify_play *play = &work->page->plays[i];
        struct reconcile_item *item = &work->items[i];
        enum store_result result = store_track_find(work->store, play->track.uri, &item->track);

        item->reported = play->played_at_ms;
        if (result == STORE_NOT_FOUND) {
            item->track = -(int64_t)i - 1;
            for (size_t k = 0; k < i; k++)
                if (work->items[k].track < 0 &&
                    strcmp(work->page->plays[k].track.uri, play->track.uri) == 0)
                    item->track = work->items[k].track;
        } else if (result != STORE_OK) {
            return result;
        }
    }
    return STORE_OK;
}

/* Adds the stored plays of a stretch to those that the reconciler sees. */
static enum store_result add_stored(struct page_work *work, int64_t from, int64_t to)
{
    struct store_play_mark *marks = NULL;
    struct reconcile_stored *grown;
    size_t count = 0, cap = 0;
    enum store_result result =
        store_plays_between(work->store, work->user.user_id, from, to, &marks, &count, &cap);

    grown = reallocarray(work->stored, work->stored_count + count + 1, sizeof(*grown));
    if (grown)
        work->stored = grown;
    else if (result == STORE_OK)
        result = STORE_NOMEM;
    for (size_t i = 0; i < count && result == STORE_OK; i++)
        work->stored[work->stored_count++] =
            (struct reconcile_stored){marks[i].played_at, marks[i].nudge_ms, marks[i].track_id,
                                      marks[i].source != STORE_SOURCE_API};
    free(marks);
    return result;
}

static int by_time(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return a < b ? -1 : a > b;
}

/* Around the items only: one item of a wrong year must not make the loop read all years between. */
static enum store_result read_stored(struct page_work *work)
{
    int64_t at[SPOTIFY_HISTORY_MAX], from;
    size_t count = work->page->play_count;
    enum store_result result = STORE_OK;

    if (count == 0)
        return STORE_OK;
    for (size_t i = 0; i < count; i++)
        at[i] = work->items[i].reported;
    qsort(at, count, sizeof(at[0]), by_time);
    from = at[0];
    for (size_t i = 0; i < count && result == STORE_OK; i++) {
        if (i + 1 < count && at[i + 1] - at[i] <= CLOCK_DAY)
            continue;
        result = add_stored(work, from, at[i] + RECONCILE_SLACK);
        from = i + 1 < count ? at[i + 1] : from;
    }
    if (result != STORE_OK)
        return result;
    return or_none(store_play_before(work->store, work->user.user_id, at[0], &work->input.before),
                   &work->input.before);
}

static enum store_result read_marks(struct page_work *work)
{
    struct reconcile_input *input = &work->input;
    int64_t user = work->user.user_id;
    enum store_result result;

    result =
        or_none(store_play_before(work->store, user, INT64_MAX, &input->newest), &input->newest);
    if (result != STORE_OK)
        return result;
    input->anchor = work->user.anchor_played_at;
    input->after_anchor = STORE_NO_TIME;
    if (input->anchor != STORE_NO_TIME)
        result = or_none(store_play_after(work->store, user, input->anchor, &input->after_anchor),
                         &input->after_anchor);
    if (result != STORE_OK)
        return result;
    input->swept_at = work->user.first_sweep_at;
    input->latest = work->outcome->latest_wall_ms;
    return or_none(store_play_newest_api(work->store, user, input->latest, &input->cursor),
                   &input->cursor);
}

static enum store_result judge(struct page_work *work)
{
    enum store_result result = number_tracks(work);

    work->input.before = STORE_NO_TIME;
    if (result == STORE_OK && work->page->play_count > 0)
        result = read_stored(work);
    if (result == STORE_OK)
        result = read_marks(work);
    if (result != STORE_OK)
        return result;
    work->input.sweep = work->outcome->kind == POLICY_SWEEP;
    work->input.items = work->items;
    work->input.item_count = work->page->play_count;
    work->input.sent_count = work->page->item_count;
    work->input.stored = work->stored;
    work->input.stored_count = work->stored_count;
    reconcile_page(&work->input, &work->result);
    return STORE_OK;
}

static const struct store_artist *convert_artists(
    const struct spotify_artist *artists, size_t count,
    struct store_artist out[static SPOTIFY_ARTISTS_MAX])
{
    for (size_t i = 0; i < count; i++)
        out[i] = (struct store_artist){artists[i].uri, artists[i].name};
    return out;
}

static enum store_result put_track(struct page_work *work, const struct spotify_track *track,
                                   int64_t *track_id)
{
    struct store_artist artists[SPOTIFY_ARTISTS_MAX], album_artists[SPOTIFY_ARTISTS_MAX];
    struct store_track row = {
        .uri = track->uri,
        .kind = spotify_kind_name(track->kind),
        .name = track->name,
        .isrc = track->isrc,
        .duration_ms = track->duration_ms,
        .track_number = track->track_number,
        .disc_number = track->disc_number,
        .explicit_lyrics = track->explicit_lyrics,
        .artists = convert_artists(track->artists, track->artist_count, artists),
        .artist_count = track->artist_count,
        .album_uri = track->album.uri,
        .album_name = track->album.name,
        .album_type = track->album.type,
        .album_release_date = track->album.release_date,
        .album_cover_url = track->album.cover_url,
        .album_total_tracks = track->album.total_tracks,
        .album_artists =
            convert_artists(track->album.artists, track->album.artist_count, album_artists),
        .album_artist_count = track->album.artist_count,
    };

    return store_track_put(work->store, &row, work->outcome->finished_wall_ms, track_id);
}

/* Where exports told of plays around, what comes may be one of these. */
static enum store_result look_for_imports(struct page_work *work, bool *any)
{
    const struct reconcile_result *found = &work->result;

    *any = false;
    if (found->added_count == 0)
        return STORE_OK;
    return store_told_any(work->store, work->user.user_id, found->added[0].played_at - MATCH_NEAR,
                          found->added[found->added_count - 1].played_at + MATCH_NEAR, any);
}

/* Their tracks go first: sums need their lengths, and matching their names. */
static enum store_result put_tracks(struct page_work *work)
{
    enum store_result result = STORE_OK;

    for (size_t i = 0; i < work->result.added_count && result == STORE_OK; i++) {
        const struct spotify_play *play = &work->page->plays[work->result.added[i].item];

        result = put_track(work, &play->track, &work->track_ids[i]);
        if (result == STORE_OK && *work->book)
            trackbook_drop(*work->book, work->track_ids[i]);
    }
    return result;
}

static enum store_result hand_in_plays(struct page_work *work, struct settle *settle)
{
    enum store_result result = trackbook_look(*work->book);

    settle_begin(settle);
    for (size_t i = 0; i < work->result.added_count && result == STORE_OK; i++) {
        const struct spotify_play *play = &work->page->plays[work->result.added[i].item];
        struct settle_api api = {play->played_at_ms, work->track_ids[i], play->context_uri};

        result = settle_add_api(settle, &api);
    }
    return result;
}

/* A play that takes the row of an export over may stand before the ms that seemed free. */
static enum store_result move_anchor(struct page_work *work)
{
    int64_t anchor = work->result.anchor;

    if (anchor == work->input.anchor || anchor == STORE_NO_TIME)
        return STORE_OK;
    return or_none(
        store_play_before(work->store, work->user.user_id, anchor + 1, &work->result.anchor),
        &work->result.anchor);
}

/* The plays that come, held against those of exports. *alone: no export tells of their tracks, and
 * nothing is written. */
static enum store_result settle_plays(struct page_work *work, bool *alone)
{
    struct settle *settle =
        settle_new(work->store, *work->book, work->user.user_id, work->outcome->finished_wall_ms);
    enum store_result result = settle ? hand_in_plays(work, settle) : STORE_NOMEM;

    if (result == STORE_OK)
        result = settle_read_kin(settle);
    *alone = result == STORE_OK && settle_stored(settle) == 0;
    if (result == STORE_OK && !*alone)
        result = settle_solve(settle);
    for (bool done = *alone; result == STORE_OK && !done;)
        result = settle_write(settle, SIZE_MAX, &done);
    settle_free(settle);
    return result == STORE_OK && !*alone ? move_anchor(work) : result;
}

static void make_rows(struct page_work *work, struct store_play *rows)
{
    for (size_t i = 0; i < work->result.added_count; i++) {
        const struct reconcile_new *added = &work->result.added[i];

        rows[i] = (struct store_play){
            .user_id = work->user.user_id,
            .played_at = added->played_at,
            .nudge_ms = added->nudge,
            .track_id = work->track_ids[i],
            .context_uri = work->page->plays[added->item].context_uri,
            .source = STORE_SOURCE_API,
            .first_seen_at = work->outcome->finished_wall_ms,
            .ms_played = -1,
        };
    }
}

static enum store_result follow_plays(struct page_work *work, const struct store_play *rows,
                                      int64_t *block, bool *can)
{
    int64_t first = INT64_MAX, last = INT64_MIN;

    for (size_t i = 0; i < work->result.added_count; i++) {
        int64_t moment = rows[i].played_at - rows[i].nudge_ms;

        first = moment < first ? moment : first;
        last = moment > last ? moment : last;
    }
    return store_totals_follow(work->store, work->user.user_id, first, last, block, can);
}

static enum store_result insert_plays(struct page_work *work)
{
    struct store_play rows[SPOTIFY_HISTORY_MAX];
    enum store_result result = STORE_OK;
    int64_t block;
    bool can = false;

    make_rows(work, rows);
    if (work->result.added_count > 0)
        result = follow_plays(work, rows, &block, &can);
    for (size_t i = 0; i < work->result.added_count && result == STORE_OK; i++)
        result = store_play_insert(work->store, &rows[i]);
    if (result == STORE_OK && can)
        result = store_totals_add(work->store, block, rows, work->result.added_count);
    return result;
}

static enum store_result write_plays(struct page_work *work)
{
    bool any, alone = true;
    enum store_result result = look_for_imports(work, &any);

    if (result == STORE_OK)
        result = put_tracks(work);
    if (result == STORE_OK && any && !*work->book)
        *work->book = trackbook_new(work->store, TRACKBOOK_PLACES);
    if (result == STORE_OK && any)
        result = *work->book ? settle_plays(work, &alone) : STORE_NOMEM;
    return result == STORE_OK && alone ? insert_plays(work) : result;
}

/* Why plays may be missing: what the ledger says of the time since the last answer. */
static enum store_result find_cause(struct page_work *work, bool held, const char **cause)
{
    int64_t until = work->outcome->started_wall_ms, since = work->user.last_success_at;
    struct store_outage ledger;
    struct reconcile_outage outage = {.full_database = held};
    enum store_result result;

    if (since == STORE_NO_TIME || since > until)
        since = until;
    result = store_outage_get(work->store, work->user.user_id, since, until, &ledger);
    if (result != STORE_OK)
        return result;
    outage.silent_ms = until - since;
    outage.down_ms = ledger.down_ms;
    outage.needs_login = ledger.needs_login;
    outage.rate_limit = ledger.rate_limit;
    outage.failing = ledger.transient + ledger.other;
    *cause = reconcile_cause(&outage);
    return STORE_OK;
}

static enum store_result write_gaps(struct page_work *work, bool held, struct apply_report *report)
{
    const char *cause;
    enum store_result result;

    if (work->result.gap_count == 0)
        return STORE_OK;
    result = find_cause(work, held, &cause);
    for (size_t i = 0; i < work->result.gap_count && result == STORE_OK; i++) {
        const struct reconcile_gap *gap = &work->result.gaps[i];
        struct store_gap row = {
            .user_id = work->user.user_id,
            .after_played_at = gap->after,
            .before_played_at = gap->before,
            .certainty = gap->likely ? "likely" : "possible",
            .cause = gap->batch ? "late_batch" : cause,
            .detected_at = work->outcome->finished_wall_ms,
        };

        result = store_gap_add(work->store, &row);
        report->gaps[i].after = gap->after;
        report->gaps[i].before = gap->before;
        report->gaps[i].likely = gap->likely;
        report->gaps[i].cause = row.cause;
        report->gap_count = i + 1;
    }
    return result;
}

static void tell(const struct page_work *work, struct commit_result *result,
                 struct apply_report *report)
{
    const struct reconcile_result *found = &work->result;
    size_t most = sizeof(report->newest) / sizeof(report->newest[0]);
    size_t from = found->added_count > most ? found->added_count - most : 0;

    result->page.kind = work->outcome->kind;
    result->page.full = found->full;
    result->page.witness = found->witness;
    result->page.newer = found->newer_count;
    result->page.cursor = found->cursor;
    result->added = report->added = found->added_count;
    result->late = report->late = found->late_count;
    report->odd = work->page->odd_count;
    report->newest_count = 0;
    for (size_t i = from; i < found->added_count; i++)
        report->newest[report->newest_count++] = found->added[i].item;
}

static enum store_result apply_page(struct page_work *work, bool held, struct commit_result *result,
                                    struct apply_report *report)
{
    enum store_result stored = judge(work);

    if (stored == STORE_OK)
        stored = write_plays(work);
    if (stored == STORE_OK)
        stored = write_gaps(work, held, report);
    if (stored == STORE_OK)
        tell(work, result, report);
    free(work->stored);
    return stored;
}

static enum store_result write_ledger(struct page_work *work, const struct apply_report *report)
{
    const struct commit_outcome *outcome = work->outcome;
    struct store_poll poll = {
        .user_id = work->user.user_id,
        .started_at = outcome->started_wall_ms,
        .kind = outcome->kind == POLICY_SWEEP ? "sweep" : "tail",
        .cursor = outcome->after,
        .outcome = outcome->outcome,
        .http_status = outcome->http_status,
        .detail = outcome->detail[0] ? outcome->detail : NULL,
        .items = outcome->has_page ? (int64_t)outcome->page.item_count : 0,
        .added = (int64_t)report->added,
        .late = (int64_t)report->late,
        .odd = (int64_t)report->odd,
        .duration_ms = outcome->duration_ms,
    };

    return store_poll_add(work->store, &poll);
}

/* Moves the user's marks with the rows. A page that was held counts from when it came. */
static enum store_result write_progress(struct page_work *work, bool has_page)
{
    const struct commit_outcome *outcome = work->outcome;
    int64_t swept = work->user.first_sweep_at, anchor = work->user.anchor_played_at;

    if (has_page && outcome->kind == POLICY_SWEEP && swept == STORE_NO_TIME)
        swept = outcome->started_wall_ms;
    if (has_page)
        anchor = work->result.anchor;
    return store_user_set_progress(work->store, work->user.user_id, outcome->finished_wall_ms,
                                   swept, anchor);
}

static enum store_result write_state(struct page_work *work)
{
    const struct commit_outcome *outcome = work->outcome;
    enum store_result result = STORE_OK;

    if (outcome->sets_refused)
        result = store_user_set_refused(work->store, work->user.user_id, outcome->refused_at,
                                        outcome->retries);
    if (result != STORE_OK)
        return result;
    if (outcome->sets_state)
        return store_user_set_state(work->store, work->user.user_id,
                                    (enum store_user_state)outcome->state, outcome->detail,
                                    outcome->finished_wall_ms);
    if (!outcome->success || work->user.state == STORE_USER_ACTIVE)
        return STORE_OK;
    result = store_user_set_state(work->store, work->user.user_id, STORE_USER_ACTIVE, "",
                                  outcome->finished_wall_ms);
    if (result == STORE_OK && work->user.refused_at != STORE_NO_TIME)
        result = store_user_set_refused(work->store, work->user.user_id, STORE_NO_TIME, 0);
    return result;
}

enum store_result apply_outcome(struct store *store, struct trackbook **book,
                                const struct commit_outcome *outcome, bool held,
                                struct commit_result *result, struct apply_report *report)
{
    struct page_work *work = calloc(1, sizeof(*work));
    enum store_result stored;

    if (!work)
        return STORE_NOMEM;
    *report = (struct apply_report){0};
    work->store = store;
    work->book = book;
    work->outcome = outcome;
    work->page = &outcome->page;
    stored = store_user_get(store, outcome->user_id, &work->user);
    if (stored == STORE_OK && outcome->has_page)
        stored = apply_page(work, held || outcome->blocked, result, report);
    if (stored == STORE_OK && outcome->success)
        stored = write_progress(work, outcome->has_page);
    if (stored == STORE_OK)
        stored = write_state(work);
    if (stored == STORE_OK)
        stored = write_ledger(work, report);
    free(work);
    return stored;
}

static void log_play(const struct commit_outcome *outcome, const struct spotify_play *play)
{
    const char *artist = play->track.artist_count > 0 ? play->track.artists[0].name : "";
    char time[TEXT_TIME_SIZE];

    log_info("%s: recorded %s  %s%s%s", outcome->user_name,
             text_time_format(play->played_at_ms, time), artist, artist[0] ? " - " : "",
             play->track.name);
}

static void log_gaps(const struct commit_outcome *outcome, const struct apply_report *report)
{
    char after[TEXT_TIME_SIZE], before[TEXT_TIME_SIZE];

    for (size_t i = 0; i < report->gap_count; i++)
        log_warning("%s: plays between %s and %s are %s missing (%s); noted as a gap",
                    outcome->user_name, text_time_format(report->gaps[i].after, after),
                    text_time_format(report->gaps[i].before, before),
                    report->gaps[i].likely ? "likely" : "possibly", report->gaps[i].cause);
}

void apply_log(const struct commit_outcome *outcome, const struct apply_report *report)
{
    if (report->added > report->newest_count)
        log_info("%s: recorded %zu plays, the newest of them:", outcome->user_name, report->added);
    for (size_t i = 0; i < report->newest_count; i++)
        log_play(outcome, &outcome->page.plays[report->newest[i]]);
    if (report->late > 0)
        log_info("%s: %zu of them came late, behind newer ones", outcome->user_name, report->late);
    log_gaps(outcome, report);
}
