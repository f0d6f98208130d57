/* SPDX-License-Identifier: MIT */
/* spotify/errors: two bytes of status, one that picks endpoint and Retry-After, and the body. */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "fuzz/hold.h"
#include "spotify/errors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t waits[] = {-2, -1, 0, 1, 5, 86400, 200000, INT64_MAX};
    struct spotify_failure failure;
    enum spotify_endpoint endpoint;
    int status;

    if (size < 3)
        return 0;
    status = (data[0] << 8 | data[1]) % 700;
    endpoint = data[2] % 2 == 0 ? SPOTIFY_ENDPOINT_API : SPOTIFY_ENDPOINT_TOKEN;
    spotify_failure_sort(endpoint, status, waits[data[2] / 2 % 8], (const char *)data + 3, size - 3,
                         &failure);
    hold(failure.failure > SPOTIFY_FAILURE_NONE && failure.failure <= SPOTIFY_FAILURE_OURS);
    hold(failure.code[0] != '\0' && memchr(failure.code, '\0', sizeof(failure.code)) != NULL);
    hold(failure.reason[0] != '\0' && memchr(failure.reason, '\0', sizeof(failure.reason)) != NULL);
    hold(text_printable(failure.code, strlen(failure.code)));
    hold(text_printable(failure.reason, strlen(failure.reason)));
    hold(failure.retry_after_s >= 0 && failure.retry_after_s <= 172800);
    hold((failure.retry_after_s > 0) == (failure.failure == SPOTIFY_FAILURE_RATE_LIMIT));
    return 0;
}
