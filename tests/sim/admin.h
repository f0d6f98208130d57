/* SPDX-License-Identifier: MIT */
/* What the files of the admin API share. The API itself is described in README.md of this folder.
 */
#ifndef SIM_ADMIN_H
#define SIM_ADMIN_H

#include "args.h"
#include "sim.h"

/* Names of enum world_kind and enum world_context, in order. */
extern const char *const sim_kind_words[WORLD_KINDS];
extern const char *const sim_context_words[WORLD_CONTEXTS];

/* Answers 400 with the reason. */
void sim_admin_refuse(struct sim_request *r, const char *why);

/* Accounts that a request means: the one it names, or all. False: there is no such account. */
struct sim_admin_range {
    size_t first, end;
};
bool sim_admin_range(struct sim *sim, struct sim_args *args, struct sim_admin_range *range);

/* Reads "measured", "none" or an object of chances into a listener's quirks. */
void sim_admin_quirks(struct sim_args *args, struct world_quirks *quirks);

json_t *sim_admin_time(int64_t ms); /* null for WORLD_NEVER */

/* One handler an address; `body` is what was posted, NULL for GET. */
void sim_admin_accounts(struct sim_request *r, const json_t *body);
void sim_admin_listener(struct sim_request *r, const json_t *body);
void sim_admin_tokens(struct sim_request *r, const json_t *body);
void sim_admin_plays(struct sim_request *r, const json_t *body);
void sim_admin_listing(struct sim_request *r, const json_t *body);
void sim_admin_truth(struct sim_request *r, const json_t *body);

#endif
