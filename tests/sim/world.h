/* SPDX-License-Identifier: MIT */
/*
 * The world behind the fake Spotify: accounts, the people who listen with them, and the list of
 * recent plays as Spotify would show it at a virtual moment. Pure and deterministic: no clock, no
 * network, no JSON; the same seed and the same calls give the same world on every machine. Needs
 * only the C library and -lm.
 *
 * All times are milliseconds since 1970, UTC. Accounts are numbered from 0 here. A world must be
 * used by one thread at a time. Functions that return int return 0, or -1 when memory ran out or an
 * argument was wrong.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_LIST_MAX 50           /* Spotify keeps no more plays than this in its list */
#define WORLD_NEVER INT64_MAX       /* a moment that does not come */
#define WORLD_TRACK_MAX 0x7fffffffu /* largest number of an invented track */
#define WORLD_NAME_MAX 640          /* bytes of a name, with its end */
#define WORLD_URI_MAX 512           /* bytes of a uri, with its end */
#define WORLD_ID_LENGTH 22          /* characters of an id */
#define WORLD_ARTISTS_MAX 4         /* artists of one track */

struct world; /* opaque */

/* What an item of the list is, or is made to look like. */
enum world_kind {
    WORLD_TRACK,
    WORLD_LOCAL,         /* spotify:local:..., is_local true, no id */
    WORLD_EPISODE,       /* spotify:episode:..., type episode */
    WORLD_NULL_TRACK,    /* track is null */
    WORLD_NULL_ID,       /* id is null, uri spotify:local:... */
    WORLD_WRONG_TYPES,   /* numbers where text belongs and the other way round */
    WORLD_NO_PLAYED_AT,  /* played_at missing */
    WORLD_BAD_PLAYED_AT, /* played_at is no time */
    WORLD_NOT_AN_OBJECT, /* the item is a bare string */
    WORLD_KINDS
};

/* Where a play was started from; WORLD_CONTEXT_ANY leaves it to the play's own hash. */
enum world_context {
    WORLD_CONTEXT_ANY,
    WORLD_CONTEXT_NULL,
    WORLD_CONTEXT_PLAYLIST,
    WORLD_CONTEXT_OLD_PLAYLIST, /* spotify:user:NAME:playlist:ID */
    WORLD_CONTEXT_ALBUM,
    WORLD_CONTEXT_ARTIST,
    WORLD_CONTEXT_COLLECTION,
    WORLD_CONTEXT_SHOW,
    WORLD_CONTEXT_ODD_HREF,
    WORLD_CONTEXT_WRONG_TYPE,
    WORLD_CONTEXTS
};

/*
 * One play: the truth about it. Owned by the world and never moved, so a pointer is good as an
 * identity until world_free(). The fields below `shown` may be used by whoever runs the simulation.
 */
struct world_play {
    int64_t played_at;      /* the END of the play, as Spotify reports it */
    int64_t visible_at;     /* when the list begins to show it; WORLD_NEVER: it never does */
    int64_t vanishes_at;    /* when it is gone for good; WORLD_NEVER: it stays */
    int64_t twice_until;    /* until then it stands twice in the list; 0: only once */
    int64_t first_shown_at; /* when it was in an answer for the first time; 0: never was */
    uint32_t times_shown;   /* how many answers contained it */
    uint32_t track;         /* for world_track_describe() */
    uint8_t kind;           /* enum world_kind */
    uint8_t context;        /* enum world_context */
    uint8_t late;           /* part of a batch that was made to come late */
    uint8_t mark;           /* free for the caller, 0 at first */
    uint32_t user;          /* free for the caller, 0 at first */
};

/* How often reality is odd. All zero: never. Chances are 0 ... 1. */
struct world_quirks {
    double delay_s;    /* mean seconds from the end of a play until it is listed */
    double late_batch; /* chance a session: up to 21 plays are listed 6 h ... 2 days late, all at
                          once */
    double stalls_per_day; /* the pipeline stands still for 2 ... 10 h, then everything comes at
                              once */
    double long_stalls_per_day; /* the same for 1 ... 3 days */
    double twin;                /* chance a play: another track at the very same ms */
    double twice;               /* chance a play: the same item twice in the list, for 1 ... 8 h */
    double echo;                /* chance a play: the same track again 30 ... 600 ms later */
    double burst;               /* chance a session: it begins with 13 plays within one second */
    double binge;               /* chance a session: 46 ... 76 skipped tracks within 2 h */
    double repeat;              /* chance a session: one track again and again */
    double whole_second;        /* chance a play: its ms are 000 (1 in 1000 are so anyway) */
    double vanish;              /* chance a play: gone for good 1 ... 12 h after it was listed */
    double short_per_day;       /* for 2 ... 12 h only 2 ... 49 plays are kept */
    double back_per_day;        /* for 20 ... 70 min the newest 22 ... 25 are hidden */
};

/* Who listens. */
struct world_listener {
    bool listens;         /* false: only plays that are added by hand */
    int64_t pace_ms;      /* mean time between plays, day and night; 0: sessions, days and nights */
    double plays_per_day; /* with pace_ms 0; 0 means 40 */
    int32_t zone_min;     /* minutes to add to UTC for the listener's day and night */
    struct world_quirks quirks;
};

struct world_account_options {
    uint64_t seed;     /* mixed with the world's; 0: from the account's number */
    int64_t begins_at; /* the listener's first moment */
    uint32_t backlog;  /* plays that ended before begins_at and are already listed */
    struct world_listener listener;
};

/* What a client asks of the list. */
struct world_query {
    uint32_t limit; /* 1 ... 50 */
    bool has_after, has_before;
    int64_t after;    /* strictly newer only */
    int64_t before;   /* strictly older only */
    bool from_cursor; /* with after: the ones next to the cursor, not the newest (reports contradict
                         each other) */
};

/* One artist of a track or an album. */
struct world_artist {
    char id[WORLD_ID_LENGTH + 1];
    char name[WORLD_NAME_MAX];
};

/* Everything that Spotify would tell about a track. Large (about 7 KB): keep one and fill it again.
 */
struct world_track {
    char id[WORLD_ID_LENGTH + 1]; /* empty for a custom uri without an id */
    char uri[WORLD_URI_MAX];
    char name[WORLD_NAME_MAX];
    char isrc[16]; /* empty: none */
    uint32_t duration_ms;
    uint32_t disc_number;
    uint32_t track_number;
    bool is_explicit;
    bool has_preview;
    struct world_artist artists[WORLD_ARTISTS_MAX];
    size_t artist_count; /* at least 1 */
    char album_id[WORLD_ID_LENGTH + 1];
    char album_name[WORLD_NAME_MAX];
    struct world_artist album_artist;
    const char *album_type; /* album, single, compilation */
    char release_date[16];
    const char *release_precision; /* day, month, year */
    uint32_t album_tracks;
    uint32_t version; /* grows when a custom track was described anew */
};

/* A track that a test describes itself. NULL or 0: invented from the number. Texts are copied. */
struct world_custom {
    const char *uri;
    const char *name;
    const char *artist;
    const char *album;
    const char *isrc; /* "": none */
    uint32_t duration_ms;
    uint32_t base; /* invented track that gives the rest */
};

/* Makes an empty world. NULL when memory ran out. The caller frees it with world_free(). */
struct world *world_new(uint64_t seed);

/* Frees a world and everything in it. NULL is fine. */
void world_free(struct world *w);

/* The quirks at the rates that were measured on real answers. */
struct world_quirks world_quirks_measured(void);

/* Options of an account with a quirk-free listener of 40 plays a day that begins at `begins_at`. */
struct world_account_options world_account_options_default(int64_t begins_at);

/* Adds an account; its number goes into *account when that is not NULL. */
int world_account_add(struct world *w, const struct world_account_options *options,
                      size_t *account);

/* How many accounts there are. */
size_t world_account_count(const struct world *w);

/* Changes who listens, from the account's present moment on. */
int world_account_listen(struct world *w, size_t account, const struct world_listener *listener);

/* Who listens now. The pointer is good until world_free(); the contents change with
 * world_account_listen(). */
const struct world_listener *world_account_listener(const struct world *w, size_t account);

/*
 * Lets time pass until `now` for every account, or for one: the listeners play. Going back in time
 * is allowed: nothing is unplayed, but what was not listed yet at that moment is not listed.
 */
int world_advance(struct world *w, int64_t now);
int world_account_advance(struct world *w, size_t account, int64_t now);

/* When the listener's next play ends; WORLD_NEVER when nobody listens. */
int64_t world_account_next(const struct world *w, size_t account);

/*
 * Adds a play by hand. `play` gives played_at, visible_at, vanishes_at, twice_until, track, kind
 * and context; the rest is ignored. The same track, kind and played_at again is not a second play:
 * the first is then listed twice for ever and is what is returned. NULL when memory ran out or an
 * argument was wrong.
 */
struct world_play *world_play_add(struct world *w, size_t account, const struct world_play *play);

/* A play with these three, visible at once (at played_at), never vanishing, of kind WORLD_TRACK. */
struct world_play world_play_plain(int64_t played_at, uint32_t track);

/*
 * The list as Spotify shows it at the account's present moment: newest first, at most 50 that exist
 * at all, then cut by the query. Fills `out` and returns how many. A play that stands twice in the
 * list is there twice (the same pointer). No allocation; the cost grows with the distance from the
 * newest play, at most some 50 steps besides hidden ones.
 */
size_t world_list(const struct world *w, size_t account, const struct world_query *query,
                  struct world_play *out[WORLD_LIST_MAX]);

/* Tells the world that these were in an answer that arrived. Doubles in `plays` count once. */
void world_mark_shown(struct world_play *const *plays, size_t count, int64_t now);

/* The whole truth, oldest first: every play, also future ones added by hand. *plays is good until
 * the next change. */
size_t world_plays(const struct world *w, size_t account, struct world_play *const **plays);

/* Whether a play is still unknown to the list although it is in the world: hidden, private,
 * vanished or to come. */
bool world_play_is_listed(const struct world_play *play, int64_t now);

/* Hides the newest n for as long as n is not set back to 0; older ones move up, as in a stale copy.
 */
int world_account_hide(struct world *w, size_t account, uint32_t n);

/* Keeps only the newest k; 0 or 50: all. */
int world_account_keep(struct world *w, size_t account, uint32_t k);

/* Freezes the list as it is now, or lets it go: then all that was held back comes at once. */
int world_account_freeze(struct world *w, size_t account, bool on);
bool world_account_is_frozen(const struct world *w, size_t account);

/* Private session: what is played while it is on will never be listed. */
int world_account_private(struct world *w, size_t account, bool on);
bool world_account_is_private(const struct world *w, size_t account);

/*
 * A track of the caller's own making. The same uri again is the same track; fields that are given
 * replace what it had (metadata that drifts). The number for world_play_add() goes into *track.
 */
int world_track_custom(struct world *w, const struct world_custom *custom, uint32_t *track);

/* Fills in everything about a track; the same number gives the same answer every time. */
void world_track_describe(const struct world *w, uint32_t track, struct world_track *out);

/*
 * The uri that Spotify reports for a play, by its kind (a local file has another than a track); the
 * empty string for WORLD_NULL_TRACK and WORLD_NOT_AN_OBJECT. Writes at most WORLD_URI_MAX bytes
 * into out.
 */
void world_play_uri(const struct world *w, const struct world_play *play, char out[WORLD_URI_MAX]);

/* A number that is the same for the same inputs and looks random otherwise: for choices that must
 * not change. */
uint64_t world_hash(const struct world *w, uint64_t what, uint64_t number);

#endif
