/* SPDX-License-Identifier: MIT */
#include "lib/chance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct chance chance_from(uint64_t seed)
{
    return (struct chance){.state = seed};
}

struct chance chance_open(const char *test)
{
    const char *given = getenv("TEST_SEED");
    struct timespec now = {0};
    uint64_t seed;

    clock_gettime(CLOCK_REALTIME, &now);
    seed = given != NULL ? strtoull(given, NULL, 0)
                         : (uint64_t)now.tv_sec * 1000000007 ^ (uint64_t)now.tv_nsec ^
                               (uint64_t)getpid() << 32;
    fprintf(stderr, "%s: TEST_SEED=%" PRIu64 "\n", test, seed);
    return chance_from(seed);
}

/* splitmix64 */
uint64_t chance_next(struct chance *chance)
{
    uint64_t mixed = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

uint64_t chance_below(struct chance *chance, uint64_t limit)
{
    return chance_next(chance) % limit;
}
