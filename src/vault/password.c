/* SPDX-License-Identifier: MIT */
/*
 * vault/password: passwords that people made up: only their hashes are kept, and a hash costs
 * enough that guessing does not pay.
 */
#include "vault/vault.h"

#include <sodium.h>
#include <string.h>

/* What OWASP's Password Storage Cheat Sheet asks for at least. libsodium's "interactive" limits
 * take 64 MiB, which a small computer, or a service with MemoryMax=, may not have for a page beside
 * the recording. */
#define OPS 2
#define MEMORY ((size_t)19 << 20)

_Static_assert(VAULT_PASSWORD_HASH_SIZE == crypto_pwhash_argon2id_STRBYTES, "of vault.h");

/* libsodium looks here at what the processor can do; without it argon2 runs in its slowest form. */
static bool library_is_ready(void)
{
    return sodium_init() >= 0;
}

bool vault_password_hash(const char *password, char hash[static VAULT_PASSWORD_HASH_SIZE])
{
    hash[0] = '\0';
    return library_is_ready() &&
           crypto_pwhash_argon2id_str(hash, password, strlen(password), OPS, MEMORY) == 0;
}

bool vault_password_is_hash(const char *hash)
{
    /* -1: cannot be read; 1: of other limits, which somebody chose. */
    return strlen(hash) < VAULT_PASSWORD_HASH_SIZE &&
           crypto_pwhash_argon2id_str_needs_rehash(hash, OPS, MEMORY) != -1;
}

bool vault_password_verify(const char *password, const char *hash)
{
    return library_is_ready() && vault_password_is_hash(hash) &&
           crypto_pwhash_argon2id_str_verify(hash, password, strlen(password)) == 0;
}
