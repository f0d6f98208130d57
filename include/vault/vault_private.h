/* SPDX-License-Identifier: MIT */
/*
 * vault/vault_private: what the two files of this room share.
 */
#ifndef VAULT_VAULT_PRIVATE_H
#define VAULT_VAULT_PRIVATE_H

#include "vault/vault.h"

#define VAULT_KEY_SIZE 32
#define VAULT_KEY_ID_SIZE 8

/* Lives in memory that is locked, guarded and left out of core files (sodium_malloc()). */
struct vault {
    unsigned char key[VAULT_KEY_SIZE];
    unsigned char key_id[VAULT_KEY_ID_SIZE]; /* tells keys apart and says nothing about this one */
};

#endif
