/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signature_check.h - does one signature hold? What DKIM and ARC share (RFC 6376 section 6.1). */
#ifndef MAILPROOF_AUTH_SIGNATURE_CHECK_H
#define MAILPROOF_AUTH_SIGNATURE_CHECK_H

#include "common/auth/dkim.h"
#include "common/auth/field_index.h"
#include "common/auth/signature.h"

/* The hash of what a DKIM or ARC message signature covers of the header. False: OpenSSL or memory failed. */
bool signature_header_hash(const struct signature *s, struct field_index *fields,
                           unsigned char hash[SHA256_SIZE]);
/* That of an ARC-Seal: these fields in this order, then itself (RFC 8617 section 5.1.1). */
bool signature_seal_hash(const struct signature *s, const struct header_field *fields, size_t count,
                         unsigned char hash[SHA256_SIZE]);

/* The key will be needed. */
void signature_prefetch(const struct signature *s, const struct lookup *lookup);
/* header_hash: NULL where it could not be had. bodies: NULL for an ARC-Seal, which covers no body. */
void signature_check(struct dkim_result *result, const struct signature *s, const unsigned char *header_hash,
                     const struct bodyhash *bodies, const struct lookup *lookup, time_t now);

#endif
