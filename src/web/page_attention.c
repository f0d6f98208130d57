/* SPDX-License-Identifier: MIT */
/* The one sentence that says on every page of history that somebody must do something. */
#include "web/web_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "capture/accounts.h"

static void say_of_accounts(const struct account *accounts, size_t count, char *text, size_t size)
{
    const struct account *first = NULL;
    size_t more = 0;

    for (size_t i = 0; i < count; i++) {
        if (!accounts[i].must_act)
            continue;
        if (!first)
            first = &accounts[i];
        else
            more++;
    }
    if (first && more > 0)
        snprintf(text, size, "%s (and %zu more).", first->todo, more);
    else if (first)
        snprintf(text, size, "%s.", first->todo);
}

void page_attention(const struct recorder_status *recorder, const struct account *accounts,
                    size_t count, char *text, size_t size)
{
    const char *sentence = "";

    if (recorder->database_held)
        sentence = "The database takes no writes: is the disk full?";
    else if (!recorder->has_client)
        sentence = "No client id is configured: nothing is recorded.";
    else if (recorder->app_trouble)
        sentence = "Spotify refuses the app itself: nobody is recorded.";
    else if (count == 0)
        sentence = "No account is connected: nothing is recorded.";
    snprintf(text, size, "%s", sentence);
    if (!sentence[0])
        say_of_accounts(accounts, count, text, size);
}

const struct web_attention *web_attention_look(struct web *web)
{
    struct web_attention *attention = &web->attention;
    struct recorder_status status;
    struct account *accounts = NULL;
    int64_t begun = clock_boot_us();
    size_t count = 0;

    if (attention->made_at > 0 && begun - attention->made_at < attention->cost * WEB_ATTENTION_REST)
        return attention;
    attention->is_empty = false;
    if (recorder_accounts(web->recorder, &accounts, &count) == STORE_OK) {
        recorder_status(web->recorder, &status);
        attention->is_empty = count == 0;
        page_attention(&status, accounts, count, attention->text, sizeof(attention->text));
    } else {
        snprintf(attention->text, sizeof(attention->text), "The database cannot be read now.");
    }
    free(accounts);
    attention->made_at = clock_boot_us();
    attention->cost = attention->made_at - begun;
    return attention;
}
