/* SPDX-License-Identifier: MIT */
#include "memory_help.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faulty/memory.h"

#define PLACES_MAX 4096

static sqlite3_mem_methods sqlite;

static void *spared_malloc(int size)
{
    void *block;

    fault_memory_pause();
    block = sqlite.xMalloc(size);
    fault_memory_go_on();
    return block;
}

static void *spared_realloc(void *block, int size)
{
    void *moved;

    fault_memory_pause();
    moved = sqlite.xRealloc(block, size);
    fault_memory_go_on();
    return moved;
}

static void spare_sqlite(void)
{
    sqlite3_mem_methods spared;

    ck_assert_int_eq(sqlite3_shutdown(), SQLITE_OK); /* no database may be open */
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite), SQLITE_OK);
    spared = sqlite;
    spared.xMalloc = spared_malloc;
    spared.xRealloc = spared_realloc;
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &spared), SQLITE_OK);
}

/* Whether malloc comes to us at all: valgrind has one of its own. */
static bool is_ours(void)
{
    void *volatile block;

    if (!fault_memory_works())
        return false;
    fault_memory_order(0, false);
    block = malloc(1);
    free(block);
    return fault_memory_count() > 0;
}

static void prepare(const struct memory_work *work)
{
    if (work->before != NULL)
        work->before();
}

/* What the order has left, as text; empty: nothing. It ends the order, and until then calls no
 * macro of check's, which asks for memory itself. */
static const char *leftovers(void)
{
    static char text[2000];
    FILE *file;
    size_t len;

    fault_memory_pause();
    file = tmpfile();
    if (file == NULL)
        abort();
    fault_memory_write_leftovers(file);
    fault_memory_go_on();
    rewind(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static void try_at(const struct memory_work *work, long at)
{
    bool is_short;
    const char *left;

    prepare(work);
    fault_memory_order(at, false);
    work->work();
    is_short = fault_memory_fired();
    left = leftovers();
    ck_assert_msg(left[0] == '\0', "%s: allocation %ld failed, and not freed: %s", work->name, at,
                  left);
    work->after(is_short ? at : 0);
}

/* The number of the first allocation of each place. */
static int find_places(const struct memory_work *work, long places[static PLACES_MAX])
{
    FILE *file = tmpfile();
    int count = 0;

    ck_assert_ptr_nonnull(file);
    prepare(work);
    fault_memory_watch();
    fault_memory_order(0, false);
    work->work();
    (void)leftovers();
    fault_memory_write_places(file);
    rewind(file);
    while (count < PLACES_MAX && fscanf(file, "place %ld ", &places[count]) == 1)
        count++;
    fclose(file);
    work->after(0);
    return count;
}

int memory_try_all(const struct memory_work *work)
{
    static long places[PLACES_MAX];
    int count;

    if (!work->with_sqlite)
        spare_sqlite();
    setenv("TZ", "UTC", 1); /* without it the C library copies the system's name each time */
    tzset();
    prepare(work);
    work->work(); /* what libraries keep for good is there from now on */
    work->after(0);
    if (!is_ours())
        return 0;
    (void)leftovers();
    count = find_places(work, places);
    for (int i = 0; i < count; i++)
        try_at(work, places[i]);
    return count;
}
