/* SPDX-License-Identifier: MIT */
/*
 * vault/random: random texts, what is derived from them, and comparing them.
 */
#include "vault/vault.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define TEXT_BYTES_MAX 64
#define MAC_BYTES 16
#define BASE64URL sodium_base64_VARIANT_URLSAFE_NO_PADDING

_Static_assert(sodium_base64_ENCODED_LEN(MAC_BYTES, BASE64URL) == VAULT_MAC_SIZE, "of vault.h");
_Static_assert(sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, BASE64URL) ==
                   VAULT_CHALLENGE_SIZE,
               "of vault.h");

void vault_random_text(char *text, size_t size)
{
    unsigned char bytes[TEXT_BYTES_MAX];
    assert(size <= sizeof bytes);
    randombytes_buf(bytes, size);
    sodium_bin2base64(text, sodium_base64_ENCODED_LEN(size, BASE64URL), bytes, size, BASE64URL);
    sodium_memzero(bytes, sizeof bytes);
}

void vault_pkce_challenge(const char *verifier, char challenge[static VAULT_CHALLENGE_SIZE])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)verifier, strlen(verifier));
    sodium_bin2base64(challenge, VAULT_CHALLENGE_SIZE, digest, sizeof digest, BASE64URL);
}

bool vault_equal(const char *one, const char *other)
{
    size_t len = strlen(one);
    return strlen(other) == len && sodium_memcmp(one, other, len) == 0;
}

/* The one piece of state that belongs to the process: a key that nobody hands in or stores, made at
 * the first use and never told. What was derived from it means nothing after a restart. */
static struct {
    pthread_once_t once;
    unsigned char key[crypto_generichash_KEYBYTES];
} mac_process = {.once = PTHREAD_ONCE_INIT};

static void mac_key_make(void)
{
    sodium_mlock(mac_process.key,
                 sizeof mac_process.key); /* where it cannot be, it works as well */
    randombytes_buf(mac_process.key, sizeof mac_process.key);
}

void vault_mac(const char *purpose, const char *text, char mac[static VAULT_MAC_SIZE])
{
    crypto_generichash_state state;
    unsigned char digest[MAC_BYTES];
    pthread_once(&mac_process.once, mac_key_make);
    crypto_generichash_init(&state, mac_process.key, sizeof mac_process.key, sizeof digest);
    /* With its NUL, so that no purpose runs into its text. */
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_memzero(&state, sizeof state);
    sodium_bin2base64(mac, VAULT_MAC_SIZE, digest, sizeof digest, BASE64URL);
}
