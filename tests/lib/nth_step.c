/* SPDX-License-Identifier: MIT */
#include "lib/nth_step.h"

#include <sqlite3.h>
#include <string.h>

static struct {
    long left; /* 0: no order, or it has happened */
    int code;
    bool for_ever, fired;
} order;

void nth_step_order(int code, long k, bool for_ever)
{
    order.left = k;
    order.code = code;
    order.for_ever = for_ever;
    order.fired = false;
}

bool nth_step_end(void)
{
    order.left = 0;
    order.for_ever = false;
    return order.fired;
}

static bool is_due(sqlite3_stmt *statement)
{
    const char *sql = sqlite3_sql(statement);

    if (sql && strncmp(sql, "ROLLBACK", 8) == 0)
        return false;
    if (order.left > 0 && --order.left == 0)
        order.fired = true;
    else if (order.left > 0 || !order.fired || !order.for_ever)
        return false;
    return true;
}

int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement);

int __wrap_sqlite3_step(sqlite3_stmt *statement)
{
    return is_due(statement) ? order.code : __real_sqlite3_step(statement);
}
