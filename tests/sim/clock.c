/* SPDX-License-Identifier: MIT */
/* Virtual time, and the forms it is written in. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim.h"

int64_t sim_clock_real(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t sim_clock_now(const struct sim_clock *clock)
{
    double elapsed = (double)(sim_clock_real() - clock->base_real) * clock->speed;

    return clock->base_virtual + (int64_t)floor(elapsed);
}

void sim_clock_set(struct sim_clock *clock, int64_t now)
{
    clock->base_virtual = now;
    clock->base_real = sim_clock_real();
}

void sim_clock_speed(struct sim_clock *clock, double speed)
{
    sim_clock_set(clock, sim_clock_now(clock));
    clock->speed = speed;
}

bool sim_time_parse(const char *text, int64_t *ms)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    int64_t fraction = 0, unit = 100;

    if (rest == NULL)
        return false;
    if (*rest == '.') {
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction += (*rest - '0') * unit;
    }
    if (strcmp(rest, "Z") != 0)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000 + fraction;
    return true;
}

size_t sim_time_print(char out[SIM_TIME_MAX], int64_t ms)
{
    int64_t fraction = (ms % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((ms - fraction) / 1000);
    struct tm tm;
    size_t used;

    if (gmtime_r(&seconds, &tm) == NULL)
        memset(&tm, 0, sizeof(tm));
    used = strftime(out, SIM_TIME_MAX - 8, "%Y-%m-%dT%H:%M:%S", &tm);
    if (fraction == 0)
        return used + (size_t)snprintf(out + used, SIM_TIME_MAX - used, "Z");
    return used + (size_t)snprintf(out + used, SIM_TIME_MAX - used, ".%03dZ", (int)fraction);
}

int64_t sim_time_half_year(int64_t ms)
{
    int64_t fraction = (ms % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((ms - fraction) / 1000);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL)
        return WORLD_NEVER;
    tm.tm_mon += 6;
    return (int64_t)timegm(&tm) * 1000 + fraction;
}
