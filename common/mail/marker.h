/* SPDX-License-Identifier: GPL-3.0-or-later */
/* marker.h - the one-time word that makes a message ours.
 *
 * Letters and digits in one word, because servers' tokenizers split on anything else; fixed prefix and
 * length; upper and lower case mean the same, since some systems fold it. It holds the service's key, the
 * send time and 80 random bits, so that any node can tell whose it is and how old, without shared state. */
#ifndef MAILPROOF_MAIL_MARKER_H
#define MAILPROOF_MAIL_MARKER_H

#include <stdint.h>
#include <time.h>

#include "common/base/err.h"

/* what every marker begins with: a word to search for */
#define MARKER_PREFIX "mproof"
/* length without the NUL: prefix 6, key 8, time 8, random 16 and check 2 letters */
enum { MARKER_LENGTH = 40, MARKER_KEY_BITS = 40, MARKER_RANDOM_BITS = 80 };

struct marker {
    char text[MARKER_LENGTH + 1]; /* lower case */
    uint64_t key;                 /* of the service, MARKER_KEY_BITS wide */
    time_t sent;
};

/* The service's key: a hash of its name or of its endpoints and addresses, never of secrets. */
uint64_t marker_key(struct slice identity);
/* FAULT_INTERNAL where no randomness can be had. */
bool marker_new(struct marker *m, uint64_t key, time_t now, struct err *err);
/* text must be a marker from its first to its last byte, in either case. */
bool marker_parse(struct marker *m, struct slice text);
/* The first marker in text that stands as a word of its own: between bytes that are no ASCII letters or
 * digits. */
bool marker_find(struct marker *m, struct slice text);
/* 60 of its random bits: the same for the same marker, so that what is chosen by them can be chosen again. */
uint64_t marker_random(const struct marker *m);

#endif
