/* SPDX-License-Identifier: GPL-3.0-or-later */
/* truststore.h - where the system keeps its CA certificates. */
#ifndef MAILPROOF_NET_TRUSTSTORE_H
#define MAILPROOF_NET_TRUSTSTORE_H

#include <stdbool.h>

/* Whether a directory holds certificates by their subject's hash ("002c0b4f.0"): from such a one OpenSSL
 * reads the few that it needs, where parsing the system's bundle costs some 30 ms a run. */
bool truststore_is_hashed(const char *directory);
/* The system's hashed directory; NULL where there is none, and libcurl's default has to do. Static. */
const char *truststore_system(void);

#endif
