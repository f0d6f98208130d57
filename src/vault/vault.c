/* SPDX-License-Identifier: MIT */
/*
 * vault/vault: sealing and unsealing, digests, random bytes.
 */
#include "vault/vault.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "vault/vault_private.h"

#define SEAL_VERSION 1
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

/* Where the parts of a sealed text begin. */
enum {
    AT_VERSION = 0,
    AT_KEY_ID = 1,
    AT_NONCE = AT_KEY_ID + VAULT_KEY_ID_SIZE,
    AT_CIPHERTEXT = AT_NONCE + NONCE_SIZE,
    SEAL_OVERHEAD = AT_CIPHERTEXT + TAG_SIZE
};

_Static_assert(NONCE_SIZE == 24 && TAG_SIZE == 16, "the layout in vault.h");
_Static_assert(VAULT_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
               "the key file holds one key");

#define TYPE_MAX 32
#define BOUND_MAX (1 + VAULT_KEY_ID_SIZE + 8 + TYPE_MAX)

/* What a sealed text is bound to: moved to another user or type, it does not open. The type is
 * last, so its length needs no mark. Returns the length, 0 for a type that is too long. */
static size_t bound_make(const struct vault *vault, int64_t user_id, const char *type,
                         unsigned char bound[static BOUND_MAX])
{
    size_t type_len = strlen(type);
    size_t at = 0;
    if (type_len > TYPE_MAX) {
        return 0;
    }
    bound[at++] = SEAL_VERSION;
    memcpy(bound + at, vault->key_id, VAULT_KEY_ID_SIZE);
    at += VAULT_KEY_ID_SIZE;
    for (int i = 0; i < 8; i++) {
        bound[at++] = (unsigned char)((uint64_t)user_id >> (8 * i));
    }
    memcpy(bound + at, type, type_len);
    return at + type_len;
}

enum vault_result vault_seal(const struct vault *vault, int64_t user_id, const char *type,
                             const char *plain, size_t len, void **sealed, size_t *sealed_len)
{
    unsigned char bound[BOUND_MAX];
    size_t bound_len = bound_make(vault, user_id, type, bound);
    *sealed = NULL;
    *sealed_len = 0;
    if (bound_len == 0 || len > SIZE_MAX - SEAL_OVERHEAD) {
        return VAULT_TAMPERED;
    }
    unsigned char *made = malloc(len + SEAL_OVERHEAD);
    if (made == NULL) {
        return VAULT_NOMEM;
    }
    made[AT_VERSION] = SEAL_VERSION;
    memcpy(made + AT_KEY_ID, vault->key_id, VAULT_KEY_ID_SIZE);
    randombytes_buf(made + AT_NONCE, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(made + AT_CIPHERTEXT, NULL,
                                               (const unsigned char *)plain, len, bound, bound_len,
                                               NULL, made + AT_NONCE, vault->key);
    *sealed = made;
    *sealed_len = len + SEAL_OVERHEAD;
    return VAULT_OK;
}

enum vault_result vault_unseal(const struct vault *vault, int64_t user_id, const char *type,
                               const void *sealed, size_t sealed_len, char **plain, size_t *len)
{
    const unsigned char *from = sealed;
    unsigned char bound[BOUND_MAX];
    size_t bound_len = bound_make(vault, user_id, type, bound);
    *plain = NULL;
    *len = 0;
    if (bound_len == 0 || sealed_len < SEAL_OVERHEAD || from[AT_VERSION] != SEAL_VERSION) {
        return VAULT_TAMPERED;
    }
    if (memcmp(from + AT_KEY_ID, vault->key_id, VAULT_KEY_ID_SIZE) != 0) {
        return VAULT_WRONG_KEY;
    }
    size_t made_len = sealed_len - SEAL_OVERHEAD;
    char *made = malloc(made_len + 1);
    if (made == NULL) {
        return VAULT_NOMEM;
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)made, NULL, NULL,
                                                   from + AT_CIPHERTEXT, made_len + TAG_SIZE, bound,
                                                   bound_len, from + AT_NONCE, vault->key) != 0) {
        free(made);
        return VAULT_TAMPERED;
    }
    made[made_len] = '\0';
    *plain = made;
    *len = made_len;
    return VAULT_OK;
}

void vault_wipe_free(char *text)
{
    if (text != NULL) {
        sodium_memzero(text, strlen(text));
        free(text);
    }
}

void vault_digest(const void *data, size_t len, uint8_t digest[static VAULT_DIGEST_SIZE])
{
    crypto_generichash(digest, VAULT_DIGEST_SIZE, data, len, NULL, 0);
}

_Static_assert(sizeof(struct vault_digest_stream) >= sizeof(crypto_generichash_state),
               "room for libsodium's state");
_Static_assert(_Alignof(struct vault_digest_stream) >= _Alignof(crypto_generichash_state),
               "a place for libsodium's state");

static crypto_generichash_state *digest_state(struct vault_digest_stream *stream)
{
    return (crypto_generichash_state *)(void *)stream->opaque;
}

void vault_digest_begin(struct vault_digest_stream *stream)
{
    crypto_generichash_init(digest_state(stream), NULL, 0, VAULT_DIGEST_SIZE);
}

void vault_digest_add(struct vault_digest_stream *stream, const void *data, size_t len)
{
    crypto_generichash_update(digest_state(stream), data, len);
}

void vault_digest_end(struct vault_digest_stream *stream, uint8_t digest[static VAULT_DIGEST_SIZE])
{
    crypto_generichash_final(digest_state(stream), digest, VAULT_DIGEST_SIZE);
}

void vault_random(void *data, size_t len)
{
    randombytes_buf(data, len);
}

const char *vault_result_name(enum vault_result result)
{
    switch (result) {
    case VAULT_OK:
        return "ok";
    case VAULT_MISSING:
        return "there is no key file";
    case VAULT_EXPOSED:
        return "others can read or change the key file";
    case VAULT_BAD_KEY:
        return "not a key file: 64 hexadecimal digits are expected";
    case VAULT_IO:
        return "the key file cannot be read or made";
    case VAULT_WRONG_KEY:
        return "sealed with another key";
    case VAULT_TAMPERED:
        return "changed, cut off, or of another user";
    case VAULT_NOMEM:
        return "out of memory";
    }
    return "unknown";
}
