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
enum {
    FOLDERS_MAX = 16,
    FINDINGS_MAX = 1024, /* of a service's probes; of other matches: */
    MATCHES_KEPT_MAX = 64,
    HEADERS_MAX = 256 * 1024, /* of one finding */
    UIDL_SIZE = 72            /* RFC 1939: 70 characters and the NUL */
};

/* What to find: all that is given must hold. Nothing given: every message. */
struct matcher {
    const struct marker *marker; /* exact; also finds bounces that quote it */
    bool own;            /* in its place: every probe whose marker has this key, and every bounce ... */
    uint64_t key;        /* ... that quotes one (marker.h) */
    const char *subject; /* substring, case-insensitive, decoded */
    const char *from;    /* address or part of it, of the From: header */
    const char *header_name;
    const char *header_text; /* substring of that header, case-insensitive, decoded */
};

/* Where an earlier look at a folder ended: what lies below was looked at and need not be again. It holds as
 * long as the folder keeps its UIDVALIDITY (RFC 3501 section 2.3.1.1) and UIDNEXT has not fallen below it; of
 * a maildrop, as long as its last message is still there. */
struct resume {
    uint64_t folder; /* folder_hash of its name; a maildrop's is "INBOX" */
    uint32_t uidvalidity, uidnext;
    char uidl[UIDL_SIZE]; /* POP3: of the last message; "": there was none, and uidnext is 1 */
};

/* name: UTF-8; all spellings of INBOX are one. */
uint64_t folder_hash(const char *name);

struct mailbox_request {
    const struct endpoint *endpoint;
    const char *const *folders; /* UTF-8 names, looked at in place of INBOX; POP3: must be empty */
    size_t folder_count;
    bool junk; /* also the \Junk folder: special-use, then well-known names; absent is no error */
    struct matcher matcher;
    bool only_new;       /* nothing that was there when mailbox_open ended (UIDNEXT) */
    double newer_than_s; /* > 0: messages older than that need not be looked at */
    /* Of the folders that have one that still holds, the first look covers everything from there on. In
     * others the old messages are sought, unless only_new. Must outlive the mailbox. */
    const struct resume *resume;
    size_t resume_count;
    bool count_all;  /* find all matches (--expect), not only the newest; implied by matcher.own */
    bool read_write; /* SELECT: the caller will clean */
};

/* One message that matches. Owned by the mailbox; valid until mailbox_close. (With more matches than are
 * kept, the oldest make room for newer ones in later looks.) */
struct finding {
    size_t folder;        /* index into mailbox_folder */
    uint32_t uid;         /* POP3: the message number of the newest session */
    uint32_t uidvalidity; /* IMAP: what the uid belongs to */
    char uidl[UIDL_SIZE]; /* POP3 only */
    bool fresh; /* it was not there when the mailbox was opened, or at the resume that holds: no look has seen
                   it */
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
/* From now on that deadline counts in place of the one of mailbox_open. */
void mailbox_extend(struct mailbox *m, struct deadline deadline);
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

size_t mailbox_finding_count(const struct mailbox *m);                    /* the newest are kept ... */
size_t mailbox_match_count(const struct mailbox *m);                      /* ... of so many that matched */
const struct finding *mailbox_finding(const struct mailbox *m, size_t n); /* newest first */
size_t mailbox_folder_count(const struct mailbox *m);
const struct folder *mailbox_folder(const struct mailbox *m, size_t n);
bool mailbox_count_complete(const struct mailbox *m); /* false: older messages were not looked at */
/* Whether the last look saw all that the request asks for, in every folder that exists: what was not found is
 * not there. False before the first look, after one that failed, where a folder or a part of it was refused,
 * where there was more than can be listed, kept or (POP3) read. */
bool mailbox_look_complete(const struct mailbox *m);
/* Whether the server refused to show some of what was to be looked at (an EXAMINE of a folder that exists, a
 * FETCH, a TOP): *err has its words. What was not found may be there all the same. */
bool mailbox_was_refused(const struct mailbox *m, struct err *err);
/* How far looks at that folder have reached, for a later mailbox: what has come since, or was refused, lies
 * beyond. False where a part of the folder was refused, or it has no lasting numbers (POP3 without UIDL).
 * After mailbox_clean the same, less what was removed. */
bool mailbox_resume(const struct mailbox *m, size_t folder, struct resume *out);

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

typedef bool mailbox_chosen_fn(void *context, const struct finding *finding);
enum cleanup { CLEANUP_NONE, CLEANUP_DELETE, CLEANUP_MOVE };
struct cleaning {
    enum cleanup how;
    const char *move_to;       /* UTF-8 */
    uint64_t key;              /* only probes (and their bounces) with this service key ... */
    bool any_key;              /* ... or with any mailproof marker (--purge-all-older-than) */
    double older_than_s;       /* >= 0: those older; < 0: only the findings of this run ... */
    mailbox_chosen_fn *chosen; /* ... and of these only those that it says true of; NULL: all */
    void *context;
};
struct cleaned {
    size_t removed;
    struct quota quota; /* after it, where tidy_run asked */
    bool refused;       /* neither UIDPLUS nor MOVE (or no permission): nothing was expunged */
};
/* Looked-at folders only, own probes only, by UID EXPUNGE or MOVE (Gmail: to \Trash), POP3 by DELE and QUIT.
 * False with FAULT_CLEANUP where it was refused or could not be finished, whatever it was that stood in the
 * way: what was found stands. */
bool mailbox_clean(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out, struct err *err);

#endif
