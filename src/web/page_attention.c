/* SPDX-License-Identifier: MIT */
/* The one sentence that says on every page of history that somebody must do something. */
#include "web/web_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "capture/accounts.h"

static void say(struct web_attention *attention, const char *sentence)
{
    snprintf(attention->text, sizeof(attention->text), "%s", sentence);
}

static void say_of_accounts(struct web_attention *attention, const struct account *accounts,
                            size_t count)
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
        snprintf(attention->text, sizeof(attention->text), "%s (and %zu more).", first->todo, more);
    else if (first)
        snprintf(attention->text, sizeof(attention->text), "%s.", first->todo);
}

/* The first that is true, gravest first. */
static void judge(struct web *web, const struct account *accounts, size_t count)
{
    struct web_attention *attention = &web->attention;
    struct recorder_status status;

    recorder_status(web->recorder, &status);
    attention->is_empty = count == 0;
    attention->text[0] = '\0';
    if (status.database_held)
        say(attention, "The database takes no writes: is the disk full?");
    else if (!status.has_client)
        say(attention, "No client id is configured: nothing is recorded.");
    else if (status.app_trouble)
        say(attention, "Spotify refuses the app itself: nobody is recorded.");
    else if (count == 0)
        say(attention, "No account is connected: nothing is recorded.");
    else
        say_of_accounts(attention, accounts, count);
}

const struct web_attention *web_attention_look(struct web *web)
{
    struct web_attention *attention = &web->attention;
    struct account *accounts = NULL;
    int64_t begun = clock_boot_us();
    size_t count = 0;

    if (attention->made_at > 0 && begun - attention->made_at < 10 * attention->cost)
        return attention;
    if (recorder_accounts(web->recorder, &accounts, &count) == STORE_OK)
        judge(web, accounts, count);
    else
        say(attention, "The database cannot be read: the recorder's log says why.");
    free(accounts);
    attention->made_at = clock_boot_us();
    attention->cost = attention->made_at - begun;
    return attention;
}
