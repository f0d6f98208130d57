/* SPDX-License-Identifier: MIT */
#include "store_memory.h"

#include <check.h>
#include <sqlite3.h>

static sqlite3_mem_methods real;
static int countdown;
static bool fired;

static bool fails(void)
{
    bool now = countdown > 0 && --countdown == 0;

    fired = fired || now;
    return now;
}

static void *failing_malloc(int size)
{
    return fails() ? NULL : real.xMalloc(size);
}

static void *failing_realloc(void *block, int size)
{
    return fails() ? NULL : real.xRealloc(block, size);
}

void store_memory_install(void)
{
    sqlite3_mem_methods memory;

    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real), SQLITE_OK);
    memory = real;
    memory.xMalloc = failing_malloc;
    memory.xRealloc = failing_realloc;
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory), SQLITE_OK);
    /* No small blocks of a connection's own: each one asks. */
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
}

void store_memory_order(int k)
{
    fired = false;
    countdown = k;
}

bool store_memory_end(void)
{
    countdown = 0;
    return fired;
}
