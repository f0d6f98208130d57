/* SPDX-License-Identifier: MIT */
/* base/json_pull against jansson, at once and in chunks; skipped and repaired it is taken or
 * refused as it is when it is read. The first byte is the size of the chunks. */
#include <string.h>

#include "base/json_pull.h"
#include "fuzz/hold.h"
#include "lib/json_tree.h"

/* The last token of a text, all of them read, or what is inside of the first one skipped. */
static enum json_token last_token(struct json_pull *pull, const char *text, size_t len, bool skip)
{
    enum json_token token;
    uint64_t offset = 0;

    json_pull_reset(pull);
    json_pull_feed(pull, text, len, true);
    token = json_pull_next(pull);
    if (skip && token != JSON_TOKEN_ERROR && !json_pull_skip(pull, token))
        return JSON_TOKEN_ERROR;
    while (token != JSON_TOKEN_ERROR && token != JSON_TOKEN_END) {
        hold(token != JSON_TOKEN_MORE && json_pull_offset(pull) >= offset);
        offset = json_pull_offset(pull);
        hold(offset <= len && json_pull_depth(pull) <= JSON_PULL_DEPTH);
        token = json_pull_next(pull);
    }
    if (token == JSON_TOKEN_ERROR) {
        hold(json_pull_error(pull, &offset) != NULL && offset <= len);
        hold(json_pull_next(pull) == JSON_TOKEN_ERROR);
    }
    return token;
}

static void try_ways(const char *text, size_t len)
{
    struct json_pull *pull = json_pull_new();
    enum json_token read, repaired;

    hold(pull != NULL);
    read = last_token(pull, text, len, false);
    hold(json_pull_repaired(pull) == 0);
    hold(last_token(pull, text, len, true) == read);
    json_pull_repair(pull);
    repaired = last_token(pull, text, len, false);
    hold(read == JSON_TOKEN_ERROR || (repaired == read && json_pull_repaired(pull) == 0));
    hold(repaired == read || json_pull_repaired(pull) > 0);
    json_pull_free(pull);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *difference;
    char *text;

    if (size == 0)
        return 0;
    difference = json_tree_compare((const char *)data + 1, size - 1, data[0] > 0 ? data[0] : 1);
    if (difference != NULL) {
        fprintf(stderr, "json_pull: %s\n", difference);
        abort();
    }
    text = malloc(size); /* a block of its own, so that a step beyond it is seen */
    hold(text != NULL);
    memcpy(text, data + 1, size - 1);
    try_ways(text, size - 1);
    free(text);
    return 0;
}
