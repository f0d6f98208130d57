/* SPDX-License-Identifier: MIT */
/* Who has an account: invented people with the odd ids and names that real ones have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static const char *const given_names[] = {"Mirelle", "Oskin", "Talvi", "Juna",
                                          "Bextor",  "Quill", "Fenna", "Ilvar"};
static const char *const odd_names[] = {
    "\xd0\x9c\xd0\xb8\xd1\x80\xd0\xb5\xd0\xbb\xd1\x8c",
    "\xe6\x9c\x88\xe3\x81\xae\xe7\xb4\x99",
    "\xd9\x86\xd9\x88\xd8\xb1",
    "<b>Quill</b> & \"Co\"",
    "\xf0\x9f\x8e\xa7",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct sim_account_spec sim_account_spec_default(const struct sim *sim)
{
    struct sim_account_spec spec = {0};

    spec.options = world_account_options_default(sim_clock_now(&sim->clock));
    spec.options.backlog = sim->options.backlog;
    spec.options.listener.listens = sim->options.listener;
    spec.options.listener.pace_ms = (int64_t)(sim->options.pace_s * 1000);
    if (sim->options.measured)
        spec.options.listener.quirks = world_quirks_measured();
    return spec;
}

/* Ids as they are seen: a name, digits only, 25 letters and digits, a name with a dot. All
 * different. */
static char *invent_id(const struct sim *sim, size_t number)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t h = world_hash(sim->world, 'i', number);
    char name[32], text[64];

    snprintf(name, sizeof(name), "%s", given_names[h % COUNT(given_names)]);
    name[0] = (char)(name[0] - 'A' + 'a');
    switch (number % 4) {
    case 0:
        snprintf(text, sizeof(text), "%s%02zu", name, number + 1);
        break;
    case 1:
        snprintf(text, sizeof(text), "11%08zu", (number + 1) * 7919 % 100000000);
        break;
    case 2:
        snprintf(text, sizeof(text), "31");
        for (size_t i = 2; i < 25; i++, h = h * 6364136223846793005u + 1)
            text[i] = digits[(h >> 33) % 36];
        text[25] = '\0';
        break;
    default:
        snprintf(text, sizeof(text), "%s.vesk-%zu", name, number + 1);
    }
    return strdup(text);
}

static char *invent_name(const struct sim *sim, size_t number)
{
    uint64_t h = world_hash(sim->world, 'n', number);

    if (number % 7 == 5)
        return NULL;
    if (number % 5 == 3)
        return strdup(odd_names[h % COUNT(odd_names)]);
    return strdup(given_names[world_hash(sim->world, 'i', number) % COUNT(given_names)]);
}

static char *invent_account_id(const struct sim *sim, size_t number)
{
    char text[32];

    snprintf(text, sizeof(text), "aB%016llx",
             (unsigned long long)world_hash(sim->world, 'a', number));
    return strdup(text);
}

static void account_free(struct sim_account *account)
{
    free(account->id);
    free(account->display_name);
    free(account->account_id);
    for (int type = 0; type < SIM_TOKEN_TYPES; type++)
        free(account->tokens[type].list);
    free(account);
}

/* False when memory ran out. */
static bool account_name(const struct sim *sim, struct sim_account *account,
                         const struct sim_account_spec *spec)
{
    size_t number = account->number;

    account->id = spec->id != NULL ? strdup(spec->id) : invent_id(sim, number);
    if (!spec->display_name_null)
        account->display_name =
            spec->display_name != NULL ? strdup(spec->display_name) : invent_name(sim, number);
    if (!spec->account_id_absent)
        account->account_id =
            spec->account_id != NULL ? strdup(spec->account_id) : invent_account_id(sim, number);
    return account->id != NULL;
}

struct sim_account *sim_account_add(struct sim *sim, const struct sim_account_spec *spec)
{
    struct sim_account *account;

    if (sim->account_count == sim->account_room) {
        size_t room = sim->account_room == 0 ? 16 : sim->account_room * 2;
        struct sim_account **larger = realloc(sim->accounts, room * sizeof(struct sim_account *));

        if (larger == NULL)
            return NULL;
        sim->accounts = larger;
        sim->account_room = room;
    }
    account = calloc(1, sizeof(*account));
    if (account == NULL)
        return NULL;
    account->number = sim->account_count;
    account->old_shape = spec->old_shape;
    account->registered = !spec->unregistered;
    account->forbidden = 1;
    account->answer = sim->options.answer;
    account->kill_old = true;
    account->expires_in_s = 3600;
    if (!account_name(sim, account, spec) ||
        world_account_add(sim->world, &spec->options, NULL) != 0) {
        account_free(account);
        return NULL;
    }
    sim->accounts[sim->account_count++] = account;
    return account;
}

void sim_accounts_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->account_count; i++)
        account_free(sim->accounts[i]);
    free(sim->accounts);
    sim->accounts = NULL;
    sim->account_count = sim->account_room = 0;
}

int sim_account_advance(struct sim *sim, struct sim_account *account)
{
    return world_account_advance(sim->world, account->number, sim_clock_now(&sim->clock));
}
