/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/truststore.h"

#include <ctype.h>
#include <dirent.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <string.h>

enum { HASH_DIGITS = 8 };

static bool is_hash_link(const char *name)
{
    for (int i = 0; i < HASH_DIGITS; i++)
        if (strchr("0123456789abcdef", name[i]) == NULL || name[i] == '\0')
            return false;
    return name[HASH_DIGITS] == '.' && isdigit((unsigned char)name[HASH_DIGITS + 1]);
}

bool truststore_is_hashed(const char *directory)
{
    DIR *dir = opendir(directory);
    bool found = false;

    if (dir == NULL)
        return false;
    for (const struct dirent *entry; !found && (entry = readdir(dir)) != NULL;)
        found = is_hash_link(entry->d_name);
    closedir(dir);
    return found;
}

const char *truststore_system(void)
{
    static const char debian[] = "/etc/ssl/certs";
    const char *openssl = X509_get_default_cert_dir();

    if (truststore_is_hashed(debian))
        return debian;
    return truststore_is_hashed(openssl) ? openssl : NULL;
}
