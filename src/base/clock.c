/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

/* Both clocks exist on every Linux this builds on, so a failure cannot happen; zero is as good as
 * any. */
static struct timespec clock_read(clockid_t id)
{
    struct timespec now = {0};

    (void)clock_gettime(id, &now);
    return now;
}

static int64_t clock_to_ms(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    return clock_to_ms(clock_read(CLOCK_REALTIME));
}

int64_t clock_boot_ms(void)
{
    return clock_to_ms(clock_read(CLOCK_BOOTTIME));
}

static int64_t clock_to_us(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

int64_t clock_boot_us(void)
{
    return clock_to_us(clock_read(CLOCK_BOOTTIME));
}

int64_t clock_awake_us(void)
{
    return clock_to_us(clock_read(CLOCK_MONOTONIC));
}
