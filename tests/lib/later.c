/* SPDX-License-Identifier: MIT */
#include "lib/later.h"

#include "base/clock.h"

static int64_t ahead;

int64_t __real_clock_boot_ms(void);
int64_t __wrap_clock_boot_ms(void);

int64_t __wrap_clock_boot_ms(void)
{
    return __real_clock_boot_ms() + ahead;
}

void later(int64_t ms)
{
    ahead += ms;
}
