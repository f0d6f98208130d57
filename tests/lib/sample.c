/* SPDX-License-Identifier: MIT */
#include "lib/sample.h"

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

char *sample_read(const char *name, size_t *len)
{
    char path[PATH_MAX];
    struct stat status;
    FILE *file;
    char *data;

    snprintf(path, sizeof(path), "%s/tests/data/%s", TEST_SRCDIR, name);
    file = fopen(path, "rb");
    ck_assert_msg(file != NULL && fstat(fileno(file), &status) == 0, "cannot read %s", path);
    *len = (size_t)status.st_size;
    data = malloc(*len > 0 ? *len : 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(fread(data, 1, *len, file), *len);
    fclose(file);
    return data;
}
