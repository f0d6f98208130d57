/* SPDX-License-Identifier: MIT */
/*
 * vault: secrets at rest: seals and unseals tokens (XChaCha20-Poly1305-IETF by libsodium), and
 * gives digests and random bytes.
 *
 * Owns: the key, in locked memory, and the key file.
 * Offers: seal, unseal, digest, random.
 * Never: writes a secret anywhere, makes a new key over an old one, uses a key that others can
 * read.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vault_result {
    VAULT_OK = 0,
    VAULT_MISSING,   /* there is no key file */
    VAULT_EXPOSED,   /* others than the owner can read or write it, or it is owned by a stranger */
    VAULT_BAD_KEY,   /* not a key file: wrong length or content */
    VAULT_IO,        /* cannot be read or made; errno is set */
    VAULT_WRONG_KEY, /* sealed with another key */
    VAULT_TAMPERED,  /* changed, cut, or belongs to another user or type */
    VAULT_NOMEM
};

struct vault;

/* Opens the key: from $CREDENTIALS_DIRECTORY/token.key if that exists (name in *source), else from
 * path. With create and no file at path a new key is made (0600, exclusively, synced). source (of
 * size bytes) gets the path used, also on failure. */
enum vault_result vault_open(const char *path, bool create, struct vault **vault, char *source,
                             size_t size);
void vault_close(struct vault *vault);

/* Seals len bytes for a user and type ("access", "refresh"): malloc'ed *sealed. Layout: version 1,
 * key id 8, nonce 24, ciphertext, tag 16; associated data: version, key id, user id (64 bit, little
 * endian), type. */
enum vault_result vault_seal(const struct vault *vault, int64_t user_id, const char *type,
                             const char *plain, size_t len, void **sealed, size_t *sealed_len);

/* Unseals into a malloc'ed, NUL-terminated *plain; wipe it with vault_wipe_free(). */
enum vault_result vault_unseal(const struct vault *vault, int64_t user_id, const char *type,
                               const void *sealed, size_t sealed_len, char **plain, size_t *len);

/* Overwrites a malloc'ed text (a secret holds no NUL byte) and frees it. NULL is fine. */
void vault_wipe_free(char *text);

#define VAULT_DIGEST_SIZE 16
/* BLAKE2b-128 of data: to know a page again. */
void vault_digest(const void *data, size_t len, uint8_t digest[static VAULT_DIGEST_SIZE]);

/* The same digest of data that comes piece by piece. What is in it is nobody's business. */
struct vault_digest_stream {
    _Alignas(64) unsigned char opaque[384];
};
void vault_digest_begin(struct vault_digest_stream *stream);
void vault_digest_add(struct vault_digest_stream *stream, const void *data, size_t len);
void vault_digest_end(struct vault_digest_stream *stream, uint8_t digest[static VAULT_DIGEST_SIZE]);

/* Random bytes that no one can guess; a random 64-bit number for jitter seeds. */
void vault_random(void *data, size_t len);

/* size random bytes as base64url without padding (RFC 4648 section 5): (4 * size + 2) / 3
 * characters and NUL into text. size at most 64. */
void vault_random_text(char *text, size_t size);

/* The PKCE challenge of a verifier by the method S256 (RFC 7636 section 4.2): 43 characters and
 * NUL. */
#define VAULT_CHALLENGE_SIZE 44
void vault_pkce_challenge(const char *verifier, char challenge[static VAULT_CHALLENGE_SIZE]);

/* True if both texts are the same; takes a time that depends on their lengths only. */
bool vault_equal(const char *one, const char *other);

/* A keyed digest (BLAKE2b-128, as 22 characters of base64url and NUL): shows that whoever holds
 * text got it from us. The key is random and lives as long as the process. */
#define VAULT_MAC_SIZE 23
void vault_mac(const char *purpose, const char *text, char mac[static VAULT_MAC_SIZE]);

/* Passwords: argon2id, 19 MiB and two passes (some 25 ms). The hash is one line
 * of printable ASCII. False without memory. */
#define VAULT_PASSWORD_HASH_SIZE 128
bool vault_password_hash(const char *password, char hash[static VAULT_PASSWORD_HASH_SIZE]);
bool vault_password_verify(const char *password, const char *hash);

/* True if a text is such a hash. */
bool vault_password_is_hash(const char *hash);

const char *vault_result_name(enum vault_result result); /* one phrase for people */

#endif
