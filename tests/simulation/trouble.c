/* SPDX-License-Identifier: MIT */
#include "simulation/trouble.h"

#include <math.h>

double chance_unit(struct chance *chance)
{
    return (double)(chance_next(chance) >> 11) * 0x1.0p-53;
}

bool chance_hits(struct chance *chance, double probability)
{
    return probability > 0 && chance_unit(chance) < probability;
}

/* The next stretch that begins after `after`. */
static void draw(struct trouble *trouble, int64_t after)
{
    double ratio = (double)trouble->longest / (double)trouble->shortest;

    trouble->from = trouble->until = NEVER;
    if (trouble->mean_ms <= 0)
        return;
    after += 1 + (int64_t)(-log(1 - chance_unit(&trouble->chance)) * trouble->mean_ms);
    if (after >= trouble->quiet_from)
        return;
    trouble->from = after;
    trouble->until =
        after + (int64_t)((double)trouble->shortest * pow(ratio, chance_unit(&trouble->chance)));
    if (trouble->until > trouble->quiet_from)
        trouble->until = trouble->quiet_from;
    trouble->nature = chance_next(&trouble->chance);
}

void trouble_plan(struct trouble *trouble, uint64_t seed, double per_year, int64_t shortest,
                  int64_t longest, int64_t begins, int64_t quiet_from)
{
    *trouble = (struct trouble){
        .chance = chance_from(seed),
        .mean_ms = per_year > 0 ? 365 * (double)DAY / per_year : 0,
        .shortest = shortest,
        .longest = longest,
        .quiet_from = quiet_from,
    };
    draw(trouble, begins);
}

bool trouble_at(struct trouble *trouble, int64_t t)
{
    while (trouble->until <= t)
        draw(trouble, trouble->until);
    return trouble->from <= t;
}

int64_t trouble_next(struct trouble *trouble, int64_t t)
{
    trouble_at(trouble, t);
    return trouble->from;
}
