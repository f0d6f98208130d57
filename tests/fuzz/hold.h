/* SPDX-License-Identifier: MIT */
/* What every fuzzer has: the function that libFuzzer and replay.c call, and a promise that must
 * hold, or the input is a find. */
#ifndef TESTS_FUZZ_HOLD_H
#define TESTS_FUZZ_HOLD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define hold(promise)                                                                    \
    do {                                                                                 \
        if (!(promise)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #promise); \
            abort();                                                                     \
        }                                                                                \
    } while (0)

#endif
