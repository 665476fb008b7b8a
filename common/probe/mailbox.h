/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailbox.h - looks into a mailbox, over IMAP or POP3: what matches, where it lies, how old it is.
 *
 * Nothing is downloaded but what may match: IMAP searches from the newest backwards and compares headers
 * itself; POP3 reads the headers (TOP) of the newest 200 messages at most. Read-only (EXAMINE, BODY.PEEK,
 * TOP) unless asked to clean. Has no opinion: a message in the junk folder is a fact here. */
#ifndef MAILPROOF_PROBE_MAILBOX_H
#define MAILPROOF_PROBE_MAILBOX_H

#include "common/base/timeline.h"
#include "common/mail/dsn.h"
#include "common/net/session.h"

enum folder_role { FOLDER_INBOX, FOLDER_GIVEN, FOLDER_JUNK };
enum { FOLDERS_MAX = 16, FINDINGS_MAX = 64, HEADERS_MAX = 256 * 1024 };

/* What to find: all that is given must hold. Nothing given: every message. */
struct matcher {
    const struct marker *marker; /* exact; also finds bounces that quote it */
    const char *subject;         /* substring, case-insensitive, decoded */
    const char *from;            /* address or part of it, of the From: header */
    const char *header_name;
    const char *header_text; /* substring of that header, case-insensitive, decoded */
};

struct mailbox_request {
    const struct endpoint *endpoint;
    const char *const *folders; /* UTF-8 names, looked at in place of INBOX; POP3: must be empty */
    size_t folder_count;
    bool junk; /* also the \Junk folder: special-use, then well-known names; absent is no error */
    struct matcher matcher;
    bool only_new;       /* nothing that was there when mailbox_open ended (UIDNEXT) */
    double newer_than_s; /* > 0: messages older than that need not be looked at */
    bool count_all;      /* find all matches (--expect), not only the newest */
    bool read_write;     /* SELECT: the caller will clean */
};

/* One message that matches. Owned by the mailbox; valid until mailbox_close. (With more than FINDINGS_MAX
 * matches, the oldest make room for newer ones in later looks.) */
struct finding {
    size_t folder;        /* index into mailbox_folder */
    uint32_t uid;         /* POP3: the message number of the newest session */
    uint32_t uidvalidity; /* IMAP: what the uid belongs to */
    char uidl[72];        /* POP3 only */
    time_t internal_date; /* POP3: of the topmost Received; 0 unknown */
    bool date_known;
    unsigned long long size; /* octets; 0 unknown */
    enum message_kind kind;
    struct marker marker;    /* zeroed where none */
    struct dsn dsn;          /* of a bounce */
    struct buffer headers;   /* the header section as received */
    struct timespec noticed; /* CLOCK_MONOTONIC */
};

struct folder {
    char name[256]; /* UTF-8, cleaned */
    enum folder_role role;
    bool selectable; /* false: missing or refused; .failure says why */
    struct err failure;
    uint32_t uidvalidity, uidnext; /* as noted on opening; 0 unknown */
    uint32_t messages;
};

struct quota {
    bool known;
    double used_percent; /* the worst of STORAGE and MESSAGE (RFC 9208) */
};

struct mailbox;

/* Connects, signs in, finds the folders and notes where each ends now. *m is set even on failure, so that the
 * timeline and the certificate can be read; always mailbox_close it. */
bool mailbox_open(struct mailbox **m, const struct mailbox_request *request, struct resolver *resolver,
                  struct transcript *transcript, struct deadline deadline, struct err *err);
/* Says LOGOUT or QUIT within a short time, closes, frees, clears the pointer. */
void mailbox_close(struct mailbox **m);

/* Looks once at every folder. New findings are added to those of earlier looks (by folder and uid). */
bool mailbox_look(struct mailbox *m, struct err *err);
/* Looks, and goes on waiting (NOOPs at growing intervals, then IDLE with a safety poll; POP3: new sessions at
 * growing intervals) until enough(m, context) is true or the seconds are over. True in both cases. A lost
 * connection is made anew once for each time it held for a while. */
typedef bool mailbox_enough_fn(const struct mailbox *m, void *context);
bool mailbox_wait(struct mailbox *m, double seconds, mailbox_enough_fn *enough, void *context,
                  struct err *err);
/* The whole message, up to out's maximum, BODY.PEEK[] or RETR. */
bool mailbox_fetch(struct mailbox *m, const struct finding *finding, struct buffer *out, struct err *err);

size_t mailbox_finding_count(const struct mailbox *m); /* at most FINDINGS_MAX are kept, the newest ... */
size_t mailbox_match_count(const struct mailbox *m);   /* ... of so many that matched */
const struct finding *mailbox_finding(const struct mailbox *m, size_t n); /* newest first */
size_t mailbox_folder_count(const struct mailbox *m);
const struct folder *mailbox_folder(const struct mailbox *m, size_t n);
bool mailbox_count_complete(const struct mailbox *m); /* false: older messages were not looked at */

const struct timeline *mailbox_timeline(const struct mailbox *m);
const struct certificate *mailbox_certificate(const struct mailbox *m);
const char *mailbox_address(const struct mailbox *m);
const char *mailbox_mechanism(const struct mailbox *m); /* "" before login */
const char *mailbox_tls_version(const struct mailbox *m);
bool mailbox_encrypted(const struct mailbox *m);
const char *mailbox_alert(const struct mailbox *m); /* the last [ALERT] to users, cleaned; "" */
struct quota mailbox_quota(struct mailbox *m);      /* asks once where QUOTA is offered */
/* connection + last search + last fetch: a whole look, waiting not counted. False before the first look. */
bool mailbox_retrieve_seconds(const struct mailbox *m, double *seconds);

enum cleanup { CLEANUP_NONE, CLEANUP_DELETE, CLEANUP_MOVE };
struct cleaning {
    enum cleanup how;
    const char *move_to; /* UTF-8 */
    uint64_t key;        /* only probes (and their bounces) with this service key ... */
    bool any_key;        /* ... or with any mailproof marker (--purge-all-older-than) */
    double older_than_s; /* >= 0: those older; < 0: only the findings of this run */
};
struct cleaned {
    size_t removed;
    bool refused; /* neither UIDPLUS nor MOVE (or no permission): nothing was expunged; err says so
                     (FAULT_CLEANUP) */
};
/* Looked-at folders only, own probes only, by UID EXPUNGE or MOVE (Gmail: to \Trash), POP3 by DELE and QUIT.
 * False with FAULT_CLEANUP where it was refused. */
bool mailbox_clean(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out, struct err *err);

#endif
