/* SPDX-License-Identifier: MIT */
/*
 * A piece of work done again and again, each time with one allocation of it failing, wherever that
 * is: in our code, in SQLite, libcurl, libevent, jansson or the C library (faulty/memory.h).
 */
#ifndef TESTS_UNIT_MEMORY_HELP_H
#define TESTS_UNIT_MEMORY_HELP_H

#include <stdbool.h>

struct memory_work {
    const char *name;
    bool with_sqlite;     /* SQLite's allocations fail as well, of which there are thousands */
    void (*before)(void); /* prepares it; NULL: nothing to prepare */
    void (*work)(void);   /* does it; frees all it had asked for */
    /* Looks at what came of it. The number of the allocation that failed; 0: none did. */
    void (*after)(long failed);
};

/* Does it once as it is, and then once for each place in it (a chain of callers) that asks for
 * memory, without it there. Nothing may be left of any of these runs. Returns the number of places;
 * 0 where malloc belongs to a sanitizer or valgrind, who look at the run without a fault. */
int memory_try_all(const struct memory_work *work);

#endif
