/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/net/oauth2_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/interrupt.h"
#include "common/base/state_dir.h"
#include "common/base/text.h"
#include "common/net/oauth2_json.h"

enum { VERSION = 1, NAME_DIGITS = 32, CACHE_MAX = 2 * SECRET_MAX + 4096, ENTRY_MODE = 0600 };
enum { LOCK_PAUSE_MS = 10, LOCK_PAUSE_MAX_MS = 80 };

static bool hash(char out[OAUTH2_HASH_MAX], struct slice in)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    if (EVP_Digest(in.data, in.len, digest, &size, EVP_sha256(), NULL) != 1)
        return false;
    text_hex(out, digest, size);
    return true;
}

bool oauth2_cache_open(struct oauth2_cache *cache, const char *state_dir, struct slice identity,
                       struct slice secrets, struct err *err)
{
    char digest[OAUTH2_HASH_MAX];

    *cache = (struct oauth2_cache){.directory = -1, .lock = -1};
    if (!hash(digest, identity) || !hash(cache->secrets, secrets))
        return err_set(err, FAULT_STATE, STAGE_NONE, "no SHA-256 to name the cached token by");
    snprintf(cache->name, sizeof cache->name, "token-%.*s", NAME_DIGITS, digest);
    return state_dir_open(&cache->directory, state_dir, NULL, 0, err);
}

void oauth2_cache_close(struct oauth2_cache *cache)
{
    if (cache->lock >= 0)
        close(cache->lock);
    if (cache->directory >= 0)
        close(cache->directory);
    *cache = (struct oauth2_cache){.directory = -1, .lock = -1};
}

static void file_name(char out[64], const struct oauth2_cache *cache, const char *suffix)
{
    snprintf(out, 64, "%s%s", cache->name, suffix);
}

/* --- the lock --- */

bool oauth2_cache_lock(struct oauth2_cache *cache, struct deadline deadline, struct err *err)
{
    char name[64];
    int pause = LOCK_PAUSE_MS;

    if (cache->directory < 0)
        return err_set(err, FAULT_STATE, STAGE_NONE, "there is no state directory");
    file_name(name, cache, ".lock");
    int fd = openat(cache->directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, ENTRY_MODE);
    if (fd < 0)
        return err_set(err, FAULT_STATE, STAGE_NONE, "cannot open the token's lock %s: %s", name,
                       strerror(errno));
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if ((errno == EWOULDBLOCK || errno == EINTR) && !deadline_passed(deadline) && !interrupt_seen()) {
            poll(NULL, 0, pause);
            pause = pause < LOCK_PAUSE_MAX_MS ? 2 * pause : pause;
            continue;
        }
        err_set(err, FAULT_STATE, STAGE_NONE, "cannot lock %s: %s", name,
                errno == EWOULDBLOCK ? "another run holds it, fetching a token" : strerror(errno));
        close(fd);
        return false;
    }
    cache->lock = fd;
    return true;
}

/* --- reading --- */

static bool read_file(struct buffer *out, int fd)
{
    char block[4096];
    ssize_t n;
    bool fits = true;

    while (fits && ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            fits = buffer_append(out, slice_of(block, (size_t)n));
    explicit_bzero(block, sizeof block);
    return fits && n == 0;
}

/* What others could have written, or read, is none of ours. */
static bool is_ours(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static void take_entry(const struct oauth2_cache *cache, struct oauth2_entry *entry, const json_t *object)
{
    struct slice token = oauth2_json_text(object, "access_token"),
                 renewed = oauth2_json_text(object, "refresh_token");
    double version = 0;

    if (!oauth2_json_number(object, "version", &version) || version != VERSION ||
        !slice_eq(oauth2_json_text(object, "secrets"), slice_from(cache->secrets)))
        return;
    if (renewed.len > 0 && !text_has_line_break(renewed))
        secret_set(&entry->renewed, renewed);
    if (token.len > 0 && !text_has_line_break(token) &&
        oauth2_json_number(object, "fetched", &entry->fetched) &&
        oauth2_json_number(object, "expires", &entry->expires))
        secret_set(&entry->token, token);
}

void oauth2_cache_load(const struct oauth2_cache *cache, struct oauth2_entry *entry)
{
    struct buffer text = BUFFER_SECRET(CACHE_MAX);
    int fd = cache->directory < 0
                 ? -1
                 : openat(cache->directory, cache->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return;
    json_t *object = is_ours(fd) && read_file(&text, fd) ? oauth2_json_read(buffer_slice(&text)) : NULL;
    close(fd);
    buffer_clear(&text);
    if (object != NULL)
        take_entry(cache, entry, object);
    oauth2_json_free(&object);
}

/* --- writing --- */

static bool write_all(int fd, struct slice text)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.data, text.len);
        if (n < 0 && errno != EINTR)
            return false;
        text = slice_skip(text, n > 0 ? (size_t)n : 0);
    }
    /* the endpoint has forgotten the refresh token that a new one replaces */
    return fdatasync(fd) == 0;
}

static bool entry_text(struct buffer *out, const struct oauth2_cache *cache, const struct oauth2_entry *entry)
{
    json_t *object = json_pack("{s:i, s:s, s:f, s:f}", "version", VERSION, "secrets", cache->secrets,
                               "fetched", entry->fetched, "expires", entry->expires);
    struct slice token = secret_slice(&entry->token), renewed = secret_slice(&entry->renewed);

    bool ok = object != NULL &&
              (!entry->token.set ||
               json_object_set_new(object, "access_token", json_stringn(token.data, token.len)) == 0) &&
              (!entry->renewed.set ||
               json_object_set_new(object, "refresh_token", json_stringn(renewed.data, renewed.len)) == 0) &&
              oauth2_json_write(out, object);
    oauth2_json_free(&object);
    return ok;
}

static bool replace(const struct oauth2_cache *cache, struct slice text)
{
    char fresh[64];

    file_name(fresh, cache, ".new");
    unlinkat(cache->directory, fresh, 0); /* left by a run that was killed */
    int fd =
        openat(cache->directory, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, ENTRY_MODE);
    if (fd < 0)
        return false;
    bool ok = write_all(fd, text);
    int error = errno;
    close(fd);
    if (ok && renameat(cache->directory, fresh, cache->directory, cache->name) == 0)
        return true;
    if (ok)
        error = errno;
    unlinkat(cache->directory, fresh, 0);
    errno = error;
    return false;
}

bool oauth2_cache_store(const struct oauth2_cache *cache, const struct oauth2_entry *entry, struct err *err)
{
    struct buffer text = BUFFER_SECRET(CACHE_MAX);

    if (cache->lock < 0)
        return err_set(err, FAULT_STATE, STAGE_NONE, "the token cannot be kept: another run holds its lock");
    errno = ENOMEM;
    bool ok = entry_text(&text, cache, entry) && replace(cache, buffer_slice(&text));
    if (!ok)
        err_set(err, FAULT_STATE, STAGE_NONE, "the token cannot be kept in the state directory: %s",
                strerror(errno));
    buffer_clear(&text);
    return ok;
}

void oauth2_entry_clear(struct oauth2_entry *entry)
{
    secret_clear(&entry->token);
    secret_clear(&entry->renewed);
    entry->fetched = entry->expires = 0;
}
