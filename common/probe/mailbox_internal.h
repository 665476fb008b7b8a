/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailbox_internal.h - what the parts of mailbox.h share among themselves.
 *
 * mailbox.c            the life of a mailbox, connections made anew, what the callers read
 * mailbox_findings.c   the list of findings
 * mailbox_resume.c     where an earlier look ended, and this one
 * mailbox_imap.c       IMAP: signing in, folders, which of them is selected
 * mailbox_look.c       IMAP: what is new, and what is old
 * mailbox_examine.c    IMAP: fetching headers and comparing them
 * uids.c               lists of UIDs
 * mailbox_wait.c       waiting, IMAP and POP3
 * mailbox_clean.c      IMAP: cleaning and quota
 * mailbox_pop3.c       POP3: sessions, looking, fetching
 * mailbox_pop3_clean.c POP3: cleaning */
#ifndef MAILPROOF_PROBE_MAILBOX_INTERNAL_H
#define MAILPROOF_PROBE_MAILBOX_INTERNAL_H

#include "common/net/imap.h"
#include "common/net/pop3.h"
#include "common/probe/folders.h"
#include "common/probe/mailbox.h"
#include "common/probe/match.h"

/* In life session_open, session_close and a pause; in tests, arrays of bytes. */
struct mailbox_ops {
    bool (*connect)(void *context, struct session *s, const struct endpoint *endpoint,
                    struct resolver *resolver, struct timeline *timeline, struct transcript *transcript,
                    struct deadline deadline, struct err *err);
    void (*disconnect)(void *context, struct session *s);
    void (*pause)(void *context, double seconds);
    void *context;
};

enum {
    BODIES_MAX = 32,           /* possible bounces to look into, in one look; for all probes of a service: */
    OWN_BODIES_MAX = 256,      /* this many */
    BODY_SIZE = 64 * 1024,     /* of each */
    TRASH_PLACE = FOLDERS_MAX, /* for purging alone: callers do not see it */
    PLACES_MAX,
    NO_FOLDER = PLACES_MAX,
    UIDS_MAX = 100 * 1000, /* of one search or listing: 400 KB */
    RESTART_SLACK_S = 120, /* a clock's error, where only dates can tell new from old */
    POP3_BODY_LINES = 400, /* of a possible bounce */
    POP3_LOOK_MAX = 200,   /* messages of a maildrop that a look reads the header of, newest first */
    ALL_HEADERS_MAX = 16 * 1024 * 1024 /* of all findings: of later ones nothing is kept */
};

/* What is known of a folder beside what callers see of it. */
struct place {
    struct buffer wire;         /* its name as the server writes it */
    uint32_t next;              /* messages from this UID on were not looked at; 0: not known yet */
    uint32_t known;             /* messages that there were when it was last looked at */
    uint32_t uidnext;           /* last told by the server; 0: not told */
    bool changed;               /* something may have arrived ... */
    struct timespec changed_at; /* ... as was noticed then */
    bool searched;              /* the old ones were sought */
    bool restarted;             /* UIDVALIDITY changed: only dates tell new from old */
    uint64_t hash;              /* folder_hash of the whole name */
    uint32_t border;            /* all messages below were compared, or need not be; 0: not known */
    bool told;                  /* the last look learned how it stands */
    bool partial;               /* some that should have been compared could not be, or not be kept */
    struct err refusal;         /* of what should have been shown; FAULT_NONE: nothing was refused */
    bool missing;               /* the server said that there is no such folder */
};

struct mailbox {
    struct mailbox_request request;
    struct mailbox_ops ops;
    struct resolver *resolver;
    struct transcript *transcript;
    struct deadline deadline;

    struct session session;
    bool connected;
    struct timespec connected_at;
    struct timeline timeline;
    struct certificate certificate; /* these outlive the session */
    char address[ADDRESS_TEXT_MAX];
    char tls_version[16];
    bool encrypted;
    char mechanism[24];
    double opening_s;   /* the whole of mailbox_open, but for what it waited for a lock */
    double opened_wall; /* when mailbox_open ended */
    bool opened;

    size_t folder_count;
    struct folder folder[PLACES_MAX];
    struct place place[PLACES_MAX];

    size_t finding_count;
    struct finding *finding[FINDINGS_MAX]; /* newest first */
    size_t header_bytes;                   /* of all of them */
    size_t matches;
    bool incomplete;
    bool look_done;    /* the last look came to its end */
    bool list_refused; /* which is the junk folder is not known */

    /* IMAP */
    struct imap imap;
    struct special_folders special;
    size_t selected;   /* index into place, or NO_FOLDER */
    unsigned heard;    /* imap.announced when the selected folder was last looked at */
    double fetching_s; /* of the look under way: what fetching took of it */
    bool idle_refused;
    bool search_refused; /* SEARCH as such, or its charset */
    unsigned refusals;   /* of FETCH, one after the other */
    bool quota_asked;
    struct quota quota;

    /* POP3 */
    struct pop3 pop3;
    uint32_t maildrop;             /* messages in this session */
    uint32_t base;                 /* messages up to this number were looked at ... */
    char base_uidl[POP3_UIDL_MAX]; /* ... and this is the id of that one; "" not known */
    bool base_told;       /* a later session can begin there: the id is known, or there is no message */
    uint32_t base_serial; /* the session in which it has that number */
    bool looked;          /* in this session */
    bool quit_lost;       /* a QUIT got no answer: later ones will not either */
    uint32_t serial;      /* of the session: message numbers of another one mean nothing */
};

bool mailbox_open_with(struct mailbox **m, const struct mailbox_ops *ops,
                       const struct mailbox_request *request, struct resolver *resolver,
                       struct transcript *transcript, struct deadline deadline, struct err *err);

/* mailbox.c */
bool mailbox_connect(struct mailbox *m,
                     struct err *err); /* session and login; the protocol's part of opening follows */
void mailbox_disconnect(struct mailbox *m, bool politely);
bool mailbox_is_pop3(const struct mailbox *m);
/* All matches are wanted, not only the newest. */
bool mailbox_wants_all(const struct mailbox *m);
/* Some of the selected folder (POP3: of the maildrop) could not be looked at. */
void mailbox_lacks(struct mailbox *m);
/* Fills *err: this message's header was not compared to its end. */
void mailbox_too_long(struct err *err, uint32_t uid);
/* Findings that are worth their headers. */
size_t mailbox_keeps(const struct mailbox *m);
/* Possible bounces whose bodies a look reads, the newest. */
size_t mailbox_looks_into(const struct mailbox *m);
/* Whether the message is new enough for newer_than_s, and, where only dates can tell, for only_new. */
bool mailbox_date_fits(const struct mailbox *m, const struct place *place, bool fresh, bool dated,
                       time_t date);

/* mailbox_findings.c */
/* A finding of that folder and UID (or uidl), or NULL. */
struct finding *mailbox_find(const struct mailbox *m, size_t folder, uint32_t uid, const char *uidl);
/* Takes copies, and counts a match. Where the list is full, the oldest makes room. False where it is not
 * kept. */
bool mailbox_add(struct mailbox *m, const struct finding *like, struct slice headers,
                 const struct matched *matched);
void mailbox_findings_clear(struct mailbox *m);

/* mailbox_resume.c */
/* IMAP, when the folders are known: where the request has a resume that holds, looking begins there. */
void mailbox_resume_places(struct mailbox *m);
/* The request's resume for a folder, or NULL. */
const struct resume *mailbox_resume_of(const struct mailbox *m, uint64_t folder);

/* mailbox_imap.c */
bool mailbox_imap_open(struct mailbox *m, struct err *err);
bool mailbox_imap_reopen(struct mailbox *m, struct err *err);
/* EXAMINE or SELECT, unless it is selected already: 1 it is, 0 refused (the folder's .failure says why), -1
 * error. */
int mailbox_select(struct mailbox *m, size_t folder, enum stage stage, struct err *err);
/* LIST of all folders, for .special. */
bool mailbox_list(struct mailbox *m, struct err *err);
void mailbox_mark_changed(struct mailbox *m, size_t folder, struct timespec at);
/* NOOP, and with it STATUS of all but the selected folder, in one flight: sets place.changed. */
bool mailbox_ask(struct mailbox *m, bool others, struct err *err);
/* The first one that can be selected: waited on, and selected most of the time; NO_FOLDER where none can. */
size_t mailbox_main_folder(const struct mailbox *m);

/* mailbox_look.c */
/* A search key with the day that was so long ago, " SINCE 1-Feb-2026" (RFC 3501 section 9). */
void mailbox_queue_date(struct mailbox *m, const char *key, double age_s);
bool mailbox_imap_look(struct mailbox *m, struct err *err);
/* Where .changed (or all, with everywhere): what came since the last look. */
bool mailbox_look_new(struct mailbox *m, bool everywhere, struct err *err);
/* Asks (others: the other folders too) and looks where something has changed. */
bool mailbox_poll(struct mailbox *m, bool others, struct err *err);
/* The same without asking: the server has announced something. */
bool mailbox_heed(struct mailbox *m, struct err *err);

/* mailbox_wait.c */
/* The waiting began some time ago already. */
bool mailbox_wait_since(struct mailbox *m, struct timespec began, double seconds, mailbox_enough_fn *enough,
                        void *context, struct err *err);

/* uids.c */
struct uids {
    size_t count;
    uint32_t *uid; /* owned */
    size_t capacity;
    bool cut; /* there were more than UIDS_MAX */
};
void uids_add(struct uids *u, uint32_t uid);
void uids_sort(struct uids *u);                        /* descending, each once */
bool uids_contain(const struct uids *u, uint32_t uid); /* of sorted ones */
void uids_print(const struct uids *u, size_t from, size_t count, struct buffer *out); /* "9,7,2" */
void uids_clear(struct uids *u);

/* mailbox_examine.c */
enum depth { DEPTH_FIELDS, DEPTH_HEADER, DEPTH_BODY };
struct examination {
    struct mailbox *m;
    /* what is to be done with a message's bytes: it may add to the lists */
    void (*compare)(struct examination *e, const struct imap_fetch *fetch, struct slice text);
    void *context; /* compare's */
    enum depth depth;
    uint32_t from, to;         /* UIDs that are taken; a server may send others unasked */
    const struct uids *wanted; /* the same, as a list; NULL: all of them */
    struct uids hits;          /* match by their fields */
    struct uids bodies;        /* only the body can tell */
    bool fresh;                /* no look has seen these before */
    uint32_t highest;
    struct uids seen, bare; /* given with the bytes to compare, and (perhaps too) without */
    bool refused;           /* some of it was: not all was seen */
    struct err refusal;     /* the same, in the server's words; not where the message has gone meanwhile */
};
/* FETCH of these, from the selected folder; uids is sorted. */
bool mailbox_fetch_list(struct examination *e, enum depth depth, const struct uids *uids, size_t from,
                        size_t count, struct err *err);
void examination_clear(struct examination *e);

/* Fetches the headers of these messages of the selected folder (sorted), compares, adds findings. stop: once
 * there is a match, older ones need not be looked at. */
bool mailbox_examine(struct mailbox *m, const struct uids *uids, bool stop, struct err *err);
/* The same for sequence numbers first to last, of messages below place.next. */
bool mailbox_examine_range(struct mailbox *m, uint32_t first, uint32_t last, bool stop, struct err *err);
/* The same for all from place.next on; moves place.next and place.border. */
bool mailbox_examine_tail(struct mailbox *m, struct err *err);
bool mailbox_imap_fetch(struct mailbox *m, const struct finding *finding, struct buffer *out,
                        struct err *err);

/* mailbox_clean.c */
/* Whether a message of that kind with that marker is ours to remove. */
bool mailbox_is_own(const struct cleaning *cleaning, enum message_kind kind, const struct marker *marker);
/* A finding that is ours, and chosen. */
bool mailbox_is_doomed(const struct cleaning *cleaning, const struct finding *f);
/* Ours, and old enough for older_than_s by its marker; where that cannot be (a clock that was wrong), by
 * the time of its arrival. */
bool mailbox_is_outdated(const struct cleaning *cleaning, const struct matched *matched, bool dated,
                         time_t arrived);
/* FAULT_CLEANUP, always false. */
bool mailbox_not_cleaned(struct cleaned *out, struct err *err, const char *why);
bool mailbox_imap_clean(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out,
                        struct err *err);
void mailbox_imap_quota(struct mailbox *m);

/* mailbox_pop3.c */
bool mailbox_pop3_open(struct mailbox *m, struct err *err);
bool mailbox_pop3_session(struct mailbox *m, struct err *err); /* a new one */
bool mailbox_pop3_look(struct mailbox *m, struct err *err);
bool mailbox_pop3_fetch(struct mailbox *m, const struct finding *finding, struct buffer *out,
                        struct err *err);
/* By the topmost Received. */
bool mailbox_pop3_received(struct slice headers, time_t *at);
/* These are about to be removed, in this session: a later look begins behind what then is the last message,
 * of those that were looked at. */
bool mailbox_pop3_move_base(struct mailbox *m, const struct uids *doomed, struct err *err);
/* The message's number in this session: 1 found, 0 it is gone, -1 error. */
int mailbox_pop3_locate(struct mailbox *m, const struct finding *finding, enum stage stage, uint32_t *number,
                        struct err *err);

/* mailbox_pop3_clean.c */
bool mailbox_pop3_clean(struct mailbox *m, const struct cleaning *cleaning, struct cleaned *out,
                        struct err *err);

#endif
