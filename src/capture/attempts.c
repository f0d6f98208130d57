/* SPDX-License-Identifier: MIT */
#include "capture/attempts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "vault/vault.h"

#define PAST_MAX 256 /* how many of those that are over are remembered */
#define TEXT_BYTES 32

_Static_assert(ATTEMPT_TEXT_SIZE == (4 * TEXT_BYTES + 2) / 3 + 1, "32 bytes as base64url");

/* One that is over. Its state is worth nothing any more; a digest is enough to know it again. */
struct past {
    uint8_t state[VAULT_DIGEST_SIZE];
    enum attempt_result became; /* ATTEMPT_USED, ATTEMPT_EXPIRED */
    int64_t until;              /* boot ms; 0: no entry */
};

struct attempts {
    struct attempt open[ATTEMPTS_MAX]; /* the oldest first */
    size_t count;
    struct past past[PAST_MAX];
    size_t next; /* where the next that is over is noted, in turn */
};

void attempt_wipe(struct attempt *attempt)
{
    buf_wipe(attempt, sizeof(*attempt));
}

struct attempts *attempts_new(void)
{
    return calloc(1, sizeof(struct attempts));
}

void attempts_free(struct attempts *attempts)
{
    if (attempts == NULL)
        return;
    buf_wipe(attempts, sizeof(*attempts));
    free(attempts);
}

/* Closes the one at index: notes what became of it, and until when that is remembered. */
static void attempt_close(struct attempts *attempts, size_t index, enum attempt_result became,
                          int64_t since)
{
    struct attempt *attempt = &attempts->open[index];
    struct past *past = &attempts->past[attempts->next];

    vault_digest(attempt->state, strlen(attempt->state), past->state);
    past->became = became;
    past->until = since + ATTEMPTS_REMEMBER_MS;
    attempts->next = (attempts->next + 1) % PAST_MAX;
    attempts->count--;
    memmove(attempt, attempt + 1, (attempts->count - index) * sizeof(*attempt));
    attempt_wipe(&attempts->open[attempts->count]);
}

/* Closes those whose time is over. All live equally long: they end in the order of the table. */
static void attempts_expire(struct attempts *attempts, int64_t now)
{
    while (attempts->count > 0 && attempts->open[0].ends_at <= now)
        attempt_close(attempts, 0, ATTEMPT_EXPIRED, attempts->open[0].ends_at);
}

void attempts_begin(struct attempts *attempts, int64_t now, struct attempt *attempt)
{
    attempts_expire(attempts, now);
    if (attempts->count == ATTEMPTS_MAX)
        attempt_close(attempts, 0, ATTEMPT_EXPIRED, now);
    vault_random_text(attempt->id, TEXT_BYTES);
    vault_random_text(attempt->state, TEXT_BYTES);
    vault_random_text(attempt->verifier, TEXT_BYTES);
    attempt->ends_at = now + ATTEMPTS_LIFE_MS;
    attempts->open[attempts->count++] = *attempt;
}

/* Index of the open one of a state, count for none. All are compared: how long it takes does not
 * tell which. */
static size_t open_find(const struct attempts *attempts, const char *state)
{
    size_t found = attempts->count;

    for (size_t i = 0; i < attempts->count; i++) {
        if (vault_equal(attempts->open[i].state, state))
            found = i;
    }
    return found;
}

/* What became of the one of a state that is not open. */
static enum attempt_result past_find(const struct attempts *attempts, int64_t now,
                                     const char *state)
{
    uint8_t digest[VAULT_DIGEST_SIZE];

    vault_digest(state, strlen(state), digest);
    for (size_t i = 0; i < PAST_MAX; i++) {
        const struct past *past = &attempts->past[i];

        if (past->until > now && memcmp(past->state, digest, sizeof(digest)) == 0)
            return past->became;
    }
    return ATTEMPT_UNKNOWN;
}

static bool browser_is(const struct attempt *attempt, const uint8_t *browser)
{
    uint8_t differs = 0;

    for (size_t i = 0; i < ATTEMPT_BROWSER_SIZE; i++)
        differs |= attempt->browser[i] ^ browser[i];
    return differs == 0;
}

enum attempt_result attempts_take(struct attempts *attempts, int64_t now, const char *state,
                                  const uint8_t *browser, struct attempt *attempt)
{
    size_t index;

    attempts_expire(attempts, now);
    index = open_find(attempts, state);
    if (index == attempts->count)
        return past_find(attempts, now, state);
    if (browser != NULL && attempts->open[index].has_browser &&
        !browser_is(&attempts->open[index], browser))
        return ATTEMPT_FOREIGN;
    *attempt = attempts->open[index];
    attempt_close(attempts, index, ATTEMPT_USED, now);
    return ATTEMPT_OK;
}
