/* SPDX-License-Identifier: MIT */
#include "simulation/tellings.h"

#include <stdlib.h>

#define SONGS 4000
#define BEGIN INT64_C(1600000000123)
#define OFFSETS_MAX 60 /* s; beyond, a row is displaced */

struct maker {
    const struct tellings_options *options;
    struct tellings *tellings;
    struct chance chance;
    int64_t now;
    bool failed;
};

/* What became of an offline session. */
enum upload {
    UPLOAD_NONE,      /* online */
    UPLOAD_EXPORT,    /* the export has the moment of the upload, the API that of the play */
    UPLOAD_API,       /* the other way round: a burst in the API */
    UPLOAD_TOLD_RIGHT /* both have that of the play */
};

struct session {
    enum upload upload;
    int64_t uploaded_at;
    bool on_repeat;
    uint32_t song;
};

struct tellings_options tellings_measured(uint64_t seed, size_t plays)
{
    return (struct tellings_options){
        .seed = seed,
        .plays = plays,
        .sessions_on_repeat = 0.05,
        .sessions_offline = 0.02,
        .displaced = 0.006,
        .unlisted = 0.05,
        .left_out = 0.01,
        .twice = 33.0 / 6474,
        .echo = 15.0 / 14842,
        .twin = 2.0 / 13214,
        .market = 0.03,
        .renamed = 0.02,
    };
}

static bool happens(struct maker *maker, double chance)
{
    return (double)chance_below(&maker->chance, 1000000) < chance * 1000000;
}

static int64_t between(struct maker *maker, int64_t low, int64_t high)
{
    return low + (int64_t)chance_below(&maker->chance, (uint64_t)(high - low + 1));
}

static uint64_t mixed(uint64_t kind, uint64_t number)
{
    struct chance chance = chance_from(kind * 1000003 + number);

    return chance_next(&chance) | 1;
}

/* ---- songs ---- */

static int64_t song_length(uint32_t song)
{
    uint64_t hash = mixed(1, song);

    if (hash % 50 == 0)
        return 5000 + (int64_t)(hash / 64 % 15000);
    if (hash % 50 == 1)
        return 31000 + (int64_t)(hash / 64 % 20000);
    return 120000 + (int64_t)(hash / 64 % 180000);
}

static uint64_t song_name(const struct maker *maker, uint32_t song, bool album_artist)
{
    uint64_t hash = mixed(2, song);

    if ((double)(hash % 1000) < maker->options->renamed * 1000)
        song = song / 2 * 2;
    if (album_artist && mixed(3, song) % 20 == 0)
        return mixed(4, song);
    return mixed(5, song);
}

static struct match_keys song_keys(const struct maker *maker, uint32_t song,
                                   enum match_source source, bool other_market)
{
    struct match_keys keys = {.names = {song_name(maker, song, true), 0}};

    if (source != MATCH_SHORT)
        keys.uri = mixed(other_market ? 6 : 7, song);
    if (source == MATCH_API) {
        keys.names[1] = song_name(maker, song, false);
        if (mixed(8, song) % 1000 > 7)
            keys.isrc = mixed(9, song);
    }
    return keys;
}

/* Few songs are heard often. */
static uint32_t pick_song(struct maker *maker)
{
    uint64_t a = chance_below(&maker->chance, SONGS), b = chance_below(&maker->chance, SONGS);

    return (uint32_t)(a * b / SONGS * (1 + chance_below(&maker->chance, SONGS)) / SONGS);
}

/* ---- tellings ---- */

static void *grown(void *array, size_t count, size_t *room, size_t size)
{
    void *larger;

    if (count < *room)
        return array;
    larger = realloc(array, (*room ? *room * 2 : 1024) * size);
    if (larger)
        *room = *room ? *room * 2 : 1024;
    return larger;
}

static void tell(struct maker *maker, const struct telling *telling)
{
    struct tellings *tellings = maker->tellings;
    enum match_source source = telling->piece.source;
    struct telling *larger = grown(tellings->told[source], tellings->counts[source],
                                   &tellings->rooms[source], sizeof(*larger));

    if (!larger) {
        maker->failed = true;
        return;
    }
    tellings->told[source] = larger;
    larger[tellings->counts[source]++] = *telling;
}

static int64_t floor_to(int64_t ms, int64_t unit)
{
    return ms - ms % unit;
}

static int64_t either_sign(struct maker *maker, int64_t ms)
{
    return happens(maker, 0.5) ? ms : -ms;
}

/* Measured: ts is the second of played_at for 67 %, within one of it for 91 %, within two for 97 %.
 */
static int64_t row_moment(struct maker *maker, struct truth *truth, const struct session *session)
{
    int64_t second = floor_to(truth->ended, 1000);
    int64_t luck = between(maker, 0, 979);

    if (session->upload == UPLOAD_EXPORT)
        return floor_to(session->uploaded_at, 1000);
    if (happens(maker, maker->options->displaced)) {
        truth->displaced = true;
        return second + either_sign(maker, between(maker, 61, 61 << between(maker, 0, 5)) * 1000);
    }
    if (luck < 670)
        return second;
    if (luck < 910)
        return second + either_sign(maker, 1000);
    if (luck < 970)
        return second + either_sign(maker, 2000);
    return second + either_sign(maker, between(maker, 3, 3 << between(maker, 0, 4)) * 1000);
}

static void tell_api(struct maker *maker, const struct truth *truth, uint32_t number,
                     const struct session *session)
{
    struct telling telling = {.truth = number};
    double unlisted = truth->ms_played < 30000 ? 0.85 : maker->options->unlisted;

    if (happens(maker, unlisted))
        return;
    telling.piece = (struct match_piece){
        .at = session->upload == UPLOAD_API ? session->uploaded_at : truth->ended,
        .ms_played = -1,
        .offline_at = CLOCK_NO_TIME,
        .keys = song_keys(maker, truth->song, MATCH_API, happens(maker, maker->options->market)),
        .source = MATCH_API,
        .play = MATCH_NONE,
    };
    tell(maker, &telling);
    if (happens(maker, maker->options->echo)) {
        telling.piece.at += between(maker, 30, 600);
        telling.echo = true;
        tell(maker, &telling);
    }
}

static void tell_rows(struct maker *maker, struct truth *truth, uint32_t number,
                      const struct session *session)
{
    int64_t at = row_moment(maker, truth, session), began = floor_to(truth->started, 1000);
    struct telling telling = {.truth = number};
    bool in_long = !happens(maker, maker->options->left_out);
    bool in_short = !happens(maker, maker->options->left_out);

    telling.piece = (struct match_piece){
        .at = at,
        .ms_played = truth->ms_played,
        .offline_at = happens(maker, 0.1) ? CLOCK_NO_TIME : began + between(maker, -2, 2) * 1000,
        .keys = song_keys(maker, truth->song, MATCH_LONG, false),
        .source = MATCH_LONG,
        .play = MATCH_NONE,
        .offline = session->upload != UPLOAD_NONE,
    };
    if (in_long)
        tell(maker, &telling);
    if (in_long && happens(maker, maker->options->twice)) {
        telling.piece.at += happens(maker, 0.3) ? 0 : between(maker, 1, 8) * 1000;
        tell(maker, &telling);
    }
    telling.piece.at = floor_to(at, 60000);
    telling.piece.offline_at = CLOCK_NO_TIME;
    telling.piece.keys = song_keys(maker, truth->song, MATCH_SHORT, false);
    telling.piece.source = MATCH_SHORT;
    telling.piece.offline = false;
    if (in_short)
        tell(maker, &telling);
}

/* ---- listening ---- */

static void add_play(struct maker *maker, struct session *session, uint32_t song, int64_t ms_played)
{
    struct tellings *tellings = maker->tellings;
    uint32_t number = (uint32_t)tellings->truth_count;
    struct truth *truth = grown(tellings->truths, number, &tellings->truth_room, sizeof(*truth));
    bool twin = number > 0 && happens(maker, maker->options->twin);

    if (!truth) {
        maker->failed = true;
        return;
    }
    tellings->truths = truth;
    truth += number;
    *truth = (struct truth){.started = maker->now, .ms_played = ms_played, .song = song};
    maker->now += ms_played + (happens(maker, 0.03) ? between(maker, 1000, 600000) : 0);
    if (twin && truth[-1].song != song)
        maker->now = truth[-1].ended;
    truth->ended = maker->now;
    truth->displaced = session->upload == UPLOAD_EXPORT || session->upload == UPLOAD_API;
    tellings->truth_count++;
    tell_api(maker, truth, number, session);
    tell_rows(maker, truth, number, session);
    maker->now += between(maker, 0, 400);
    session->uploaded_at += between(maker, 5, 90);
}

static void play_song(struct maker *maker, struct session *session)
{
    uint32_t song = session->on_repeat ? session->song : pick_song(maker);
    int64_t length = song_length(song), luck = between(maker, 0, 999);

    if (luck < 10)
        add_play(maker, session, song, 0);
    else if (luck < 105)
        add_play(maker, session, song, between(maker, 400, length < 29000 ? length : 29000));
    else if (luck < 150)
        add_play(maker, session, song, between(maker, length / 4, length));
    else
        add_play(maker, session, song, length);
    if (luck >= 980 && !maker->failed) /* a song is begun again */
        add_play(maker, session, song, between(maker, 400, length));
}

static void play_session(struct maker *maker)
{
    struct session session = {.on_repeat = happens(maker, maker->options->sessions_on_repeat),
                              .song = pick_song(maker)};
    int64_t songs = between(maker, 1, 30);

    maker->now += between(maker, 10, 900) * CLOCK_MINUTE;
    if (happens(maker, maker->options->sessions_offline)) {
        session.upload = (enum upload)between(maker, UPLOAD_EXPORT, UPLOAD_TOLD_RIGHT);
        session.uploaded_at = maker->now + between(maker, 6, 46) * CLOCK_HOUR;
        songs = songs < 21 ? songs : 21;
    }
    while (songs-- > 0 && maker->tellings->truth_count < maker->options->plays && !maker->failed)
        play_song(maker, &session);
}

bool tellings_make(const struct tellings_options *options, struct tellings *tellings)
{
    struct maker maker = {.options = options,
                          .tellings = tellings,
                          .chance = chance_from(options->seed),
                          .now = BEGIN};

    *tellings = (struct tellings){0};
    while (tellings->truth_count < options->plays && !maker.failed)
        play_session(&maker);
    return !maker.failed;
}

void tellings_free(struct tellings *tellings)
{
    free(tellings->truths);
    for (int source = 0; source < MATCH_SOURCES; source++)
        free(tellings->told[source]);
    *tellings = (struct tellings){0};
}
