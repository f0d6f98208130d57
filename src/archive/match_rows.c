/* SPDX-License-Identifier: MIT */
#include "match_rows.h"

#include <string.h>

/* What a stored play has. */
struct row {
    uint32_t piece[MATCH_SOURCES];
};

struct builder {
    const struct match_input *input;
    struct match_links *links;
    struct match_result *result;
    struct row *rows;  /* of each stored play */
    uint32_t *owners;  /* of each piece that stands for itself: the stored play that has it or one
                          that repeats it */
    uint32_t *parents; /* pieces that share a play, as stored or as solved, form a tree */
    int64_t from, to;  /* of what comes or goes */
    bool *near;        /* of each root: some piece of it is near enough to be touched */
};

static uint32_t *indices_new(size_t count, uint32_t value, struct arena *arena)
{
    uint32_t *indices = arena_alloc(arena, (count + 1) * sizeof(*indices));

    for (size_t i = 0; indices && i < count; i++)
        indices[i] = value;
    return indices;
}

static void number(uint32_t *indices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        indices[i] = (uint32_t)i;
}

bool match_links_new(struct match_links *links, size_t count, struct arena *arena)
{
    links->fold = indices_new(count, 0, arena);
    links->mate = indices_new(count, MATCH_NONE, arena);
    links->told = indices_new(count, MATCH_NONE, arena);
    if (!links->fold || !links->mate || !links->told)
        return false;
    number(links->fold, count);
    return true;
}

static void read_rows(struct builder *builder)
{
    const struct match_input *input = builder->input;

    for (size_t i = 0; i < input->stored; i++)
        for (int source = 0; source < MATCH_SOURCES; source++)
            builder->rows[i].piece[source] = MATCH_NONE;
    for (size_t i = 0; i < input->count; i++) {
        const struct match_piece *piece = &input->pieces[i];

        if (piece->play != MATCH_NONE)
            builder->rows[piece->play].piece[piece->source] = (uint32_t)i;
    }
}

/* ---- what is too far away stays as it is ---- */

static uint32_t root(uint32_t *parents, uint32_t piece)
{
    while (parents[piece] != piece) {
        parents[piece] = parents[parents[piece]];
        piece = parents[piece];
    }
    return piece;
}

static void join(struct builder *builder, uint32_t a, uint32_t b)
{
    if (a == MATCH_NONE || b == MATCH_NONE)
        return;
    a = root(builder->parents, a);
    b = root(builder->parents, b);
    if (a < b)
        builder->parents[b] = a;
    else
        builder->parents[a] = b;
}

static bool is_news(const struct match_piece *piece)
{
    return piece->play == MATCH_NONE || piece->gone;
}

/* From when to when something comes or goes. */
static void find_span(struct builder *builder)
{
    const struct match_input *input = builder->input;

    for (size_t i = 0; i < input->count; i++) {
        const struct match_piece *piece = &input->pieces[i];

        if (!is_news(piece))
            continue;
        builder->from = piece->at < builder->from ? piece->at : builder->from;
        builder->to = piece->at > builder->to ? piece->at : builder->to;
    }
}

static bool is_near(const struct builder *builder, const struct match_piece *piece)
{
    return is_news(piece) ||
           (builder->from <= builder->to && piece->at >= builder->from - MATCH_SETTLED &&
            piece->at <= builder->to + MATCH_SETTLED);
}

static void restore(struct match_links *links, const struct row *row)
{
    uint32_t api = row->piece[MATCH_API], lng = row->piece[MATCH_LONG];
    uint32_t shrt = row->piece[MATCH_SHORT], head = lng != MATCH_NONE ? lng : api;

    for (int source = 0; source < MATCH_SOURCES; source++) {
        uint32_t piece = row->piece[source];

        if (piece == MATCH_NONE)
            continue;
        links->fold[piece] = piece;
        links->mate[piece] = links->told[piece] = MATCH_NONE;
    }
    if (api != MATCH_NONE && lng != MATCH_NONE) {
        links->mate[api] = lng;
        links->mate[lng] = api;
    }
    if (shrt != MATCH_NONE && head != MATCH_NONE) {
        links->told[head] = shrt;
        links->told[shrt] = head;
    }
}

static void keep_far_rows(struct builder *builder)
{
    const struct match_input *input = builder->input;
    struct match_links *links = builder->links;

    for (uint32_t i = 0; i < input->count; i++) {
        const struct match_piece *piece = &input->pieces[i];

        join(builder, i, links->fold[i]);
        join(builder, i, links->mate[i]);
        join(builder, i, links->told[i]);
        for (int source = 0; source < MATCH_SOURCES && piece->play != MATCH_NONE; source++)
            join(builder, i, builder->rows[piece->play].piece[source]);
    }
    for (uint32_t i = 0; i < input->count; i++)
        if (is_near(builder, &input->pieces[i]))
            builder->near[root(builder->parents, i)] = true;
    for (uint32_t i = 0; i < input->count; i++) {
        const struct match_piece *piece = &input->pieces[i];

        if (piece->play != MATCH_NONE && !builder->near[root(builder->parents, i)])
            restore(links, &builder->rows[piece->play]);
    }
}

/* ---- plays ---- */

static void add_play(struct builder *builder, uint32_t api, uint32_t lng, uint32_t shrt)
{
    struct match_result *result = builder->result;
    struct match_play *play = &result->plays[result->play_count];
    uint32_t piece[MATCH_SOURCES] = {api, lng, shrt};

    *play = (struct match_play){.continues = MATCH_NONE};
    memcpy(play->piece, piece, sizeof(piece));
    for (int source = 0; source < MATCH_SOURCES; source++)
        if (piece[source] != MATCH_NONE)
            result->play_of[piece[source]] = (uint32_t)result->play_count;
    result->play_count++;
}

/* Each piece that has no better one in its play brings the play. */
static void add_plays(struct builder *builder)
{
    const struct match_links *links = builder->links;

    for (uint32_t i = 0; i < builder->input->count; i++) {
        uint32_t mate = links->mate[i];

        if (links->fold[i] != i || builder->input->pieces[i].gone)
            continue;
        switch (builder->input->pieces[i].source) {
        case MATCH_API:
            add_play(builder, i, mate, links->told[mate != MATCH_NONE ? mate : i]);
            break;
        case MATCH_LONG:
            if (mate == MATCH_NONE)
                add_play(builder, MATCH_NONE, i, links->told[i]);
            break;
        default:
            if (links->told[i] == MATCH_NONE)
                add_play(builder, MATCH_NONE, MATCH_NONE, i);
        }
    }
}

/* A row goes where its best telling goes. */
static void claim_rows(struct builder *builder)
{
    struct match_result *result = builder->result;

    for (int source = 0; source < MATCH_SOURCES; source++) {
        for (size_t i = 0; i < result->play_count; i++) {
            struct match_play *play = &result->plays[i];
            uint32_t piece = play->piece[source];
            uint32_t owner = piece == MATCH_NONE ? MATCH_NONE : builder->owners[piece];

            if (play->continues != MATCH_NONE || owner == MATCH_NONE ||
                result->continued[owner] != MATCH_NONE)
                continue;
            play->continues = owner;
            result->continued[owner] = (uint32_t)i;
        }
    }
    for (size_t i = 0; i < result->play_count; i++) {
        struct match_play *play = &result->plays[i];

        play->changed =
            play->continues == MATCH_NONE ||
            memcmp(play->piece, builder->rows[play->continues].piece, sizeof(play->piece)) != 0;
    }
}

/* ---- outcomes ---- */

static void own(struct builder *builder)
{
    const struct match_input *input = builder->input;

    for (size_t i = 0; i < input->count; i++) {
        uint32_t *owner = &builder->owners[builder->links->fold[i]];

        if (*owner == MATCH_NONE && !input->pieces[i].gone)
            *owner = input->pieces[i].play;
    }
}

static enum match_outcome outcome_of(const struct builder *builder, uint32_t index)
{
    const struct match_piece *piece = &builder->input->pieces[index];
    const struct match_play *play;
    size_t tellings = 0;

    if (piece->play != MATCH_NONE)
        return MATCH_STORED;
    play = &builder->result->plays[builder->result->play_of[index]];
    if (builder->links->fold[index] != index || builder->owners[index] != MATCH_NONE)
        return MATCH_DUPLICATE;
    if (piece->source == MATCH_SHORT && play->piece[MATCH_LONG] != MATCH_NONE)
        return MATCH_DUPLICATE;
    for (int source = 0; source < MATCH_SOURCES; source++)
        tellings += play->piece[source] != MATCH_NONE;
    return tellings > 1 ? MATCH_MATCHED : MATCH_NEW;
}

static void judge(struct builder *builder)
{
    struct match_result *result = builder->result;

    for (uint32_t i = 0; i < builder->input->count; i++)
        result->play_of[i] = result->play_of[builder->links->fold[i]];
    for (uint32_t i = 0; i < builder->input->count; i++)
        result->outcomes[i] = outcome_of(builder, i);
}

static bool prepare(struct builder *builder, struct arena *arena)
{
    size_t count = builder->input->count, stored = builder->input->stored;
    struct match_result *result = builder->result;

    *result = (struct match_result){0};
    builder->rows = arena_alloc(arena, (stored + 1) * sizeof(*builder->rows));
    builder->near = arena_alloc(arena, count + 1);
    builder->owners = indices_new(count, MATCH_NONE, arena);
    builder->parents = indices_new(count, 0, arena);
    result->plays = arena_alloc(arena, (count + 1) * sizeof(*result->plays));
    result->outcomes = arena_alloc(arena, (count + 1) * sizeof(*result->outcomes));
    result->play_of = indices_new(count, MATCH_NONE, arena);
    result->continued = indices_new(stored, MATCH_NONE, arena);
    return builder->rows && builder->near && builder->owners && builder->parents && result->plays &&
           result->outcomes && result->play_of && result->continued;
}

bool match_rows(const struct match_input *input, struct match_links *links, struct arena *arena,
                struct match_result *result)
{
    struct builder builder = {
        .input = input, .links = links, .result = result, .from = INT64_MAX, .to = INT64_MIN};

    if (!prepare(&builder, arena))
        return false;
    number(builder.parents, input->count);
    read_rows(&builder);
    find_span(&builder);
    keep_far_rows(&builder);
    own(&builder);
    add_plays(&builder);
    claim_rows(&builder);
    judge(&builder);
    return true;
}
