/* SPDX-License-Identifier: MIT */
/* base/json_pull against jansson, at once and in chunks. The first byte is the size of the chunks.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_pull.h"
#include "lib/json_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *difference;

    if (size == 0)
        return 0;
    difference = json_tree_compare((const char *)data + 1, size - 1, data[0] > 0 ? data[0] : 1);
    if (difference != NULL) {
        fprintf(stderr, "json_pull: %s\n", difference);
        abort();
    }
    return 0;
}
