/* SPDX-License-Identifier: MIT */
/*
 * web/encode: how an answer goes over the wire: compressed or not, with a tag to know it again by,
 * under a name to save it under. Pure.
 */
#ifndef WEB_ENCODE_H
#define WEB_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "vault/vault.h"

#define ENCODE_GZIP_MIN 1024 /* bytes; what is shorter fits into one packet as it is */
#define ENCODE_TAG_SIZE (VAULT_DIGEST_SIZE * 2 + sizeof("\"-gzip\""))

/* Whether an Accept-Encoding (NULL: there was none) takes gzip: named or by '*', with a weight
 * above 0 (RFC 9110, 12.5.3). One that is malformed does not. */
bool encode_wants_gzip(const char *accept_encoding);

/* Puts the gzip form (RFC 1952) in place of the body. False without memory: it stays as it was. */
bool encode_gzip(struct buf *body);

/* The entity tag (RFC 9110, 8.8.3) of these bytes, strong; their gzip form has another. */
void encode_tag(const void *data, size_t len, bool gzip, char tag[static ENCODE_TAG_SIZE]);

/* Whether an If-None-Match (NULL: there was none) names the tag, by the weak comparison (RFC 9110,
 * 13.1.2). What cannot be read to its end names what stands before the fault. */
bool encode_tag_matches(const char *if_none_match, const char *tag);

/* Content-Disposition for saving under this name of valid UTF-8 (RFC 6266; RFC 8187 for what is not
 * plain ASCII). Folders in it are none: '/' becomes '_'. */
void encode_disposition(struct buf *buf, const char *filename);

#endif
