/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailboxes side by side, each with what is its own: made for ThreadSanitizer
 * (configure CC=clang CFLAGS='-g -O1 -fsanitize=thread' LDFLAGS=-fsanitize=thread). */
#include "common/auth/alignment.h"
#include "common/base/parallel.h"
#include "common/dns/resolver.h"
#include "tests/unit/mailbox_world.h"
#include "tests/unit/unit.h"

enum { MAILBOXES = 8, ROUNDS = 20 };

#define HEADER " (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.262144>)\r\n"

static const struct turn imap_turns[] = {
    {"A1 SELECT \"INBOX\"\r\nA2 LIST \"\" \"*\"\r\n",
     "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nA1 OK [READ-WRITE] x\r\nA2 OK x\r\n"},
    {"A3 NOOP\r\n", "A3 OK x\r\n"},
    {"A4 UID FETCH 8:*" HEADER, "* 3 FETCH (UID 9 INTERNALDATE \"@\" BODY[HEADER]<0> [[Subject: "
                                "=?utf-8?q?=C3=BC?=\r\nX-Mailproof-Marker: "
                                "$\r\n\r\n]])\r\nA4 OK x\r\n"},
    {"A5 NOOP\r\n", "A5 OK x\r\n"},
    {"A6 UID FETCH 10:*" HEADER, "A6 OK x\r\n"},
    {"A7 UID FETCH 10:*" HEADER, "A7 OK x\r\n"},
    {"A8 UID STORE 9 +FLAGS.SILENT (\\Deleted)\r\n", "A8 OK x\r\n"},
    {"A9 UID EXPUNGE 9\r\n", "A9 OK x\r\n"},
    {NULL, NULL},
};

static const struct turn pop3_turns[] = {
    {"AUTH SCRAM-SHA-1 biwsbj10aW0scj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0w=\r\n", "-ERR [AUTH] no\r\n"},
    {NULL, NULL},
};

struct watched {
    struct world world;
    struct resume resume;
    bool done;
};

static bool never(const struct mailbox *m, void *context)
{
    (void)m, (void)context;
    return false;
}

static bool watch_imap(struct watched *one)
{
    struct cleaning cleaning = {.how = CLEANUP_DELETE, .key = 7, .older_than_s = -1};
    struct cleaned cleaned;
    struct err err;

    return world_open(&one->world, &err) && mailbox_look(one->world.mailbox, &err) &&
           mailbox_finding_count(one->world.mailbox) == 1 &&
           mailbox_wait(one->world.mailbox, 0, never, NULL, &err) &&
           mailbox_clean(one->world.mailbox, &cleaning, &cleaned, &err) && cleaned.removed == 1 &&
           mailbox_resume(one->world.mailbox, 0, &one->resume) && one->resume.uidnext == 10;
}

static bool is_refused(struct watched *one)
{
    struct err err;

    return !world_open(&one->world, &err) && err.kind == FAULT_AUTH_CREDENTIALS;
}

static bool uses_libraries(void)
{
    struct transcript transcript;
    struct addresses addresses;
    struct err err;

    transcript_init(&transcript, true);
    struct resolver *resolver = resolver_new("127.0.0.1:9", &transcript, &err);
    bool ok = resolver != NULL &&
              resolver_addresses(resolver, "192.0.2.1", FAMILY_ANY, deadline_in(60), &addresses, &err);
    resolver_free(&resolver);
    transcript_clear(&transcript);
    return ok && alignment_of("mail.example.com", "example.com") == ALIGNMENT_RELAXED;
}

static void watch(void *context, size_t i)
{
    struct watched *one = (struct watched *)context + i;

    one->done = (i % 2 == 0 ? watch_imap(one) : is_refused(one)) && uses_libraries();
}

static void set_up(struct watched *one, size_t i)
{
    struct world *w = &one->world;

    world_init(w, i % 2 == 0 ? PROTOCOL_IMAP : PROTOCOL_POP3);
    one->resume = (struct resume){.folder = folder_hash("INBOX"), .uidvalidity = 7, .uidnext = 8};
    w->request.matcher = (struct matcher){.own = true, .key = 7};
    w->request.resume = &one->resume;
    w->request.resume_count = 1;
    w->request.junk = w->request.read_write = i % 2 == 0;
    if (i % 2 == 0) {
        w->capabilities = "* CAPABILITY IMAP4rev1 UIDPLUS\n";
        world_add(w, imap_turns);
    } else {
        w->endpoint.login.username = "tim";
        assert_true(secret_set(&w->endpoint.login.password, SLICE("secret")));
        w->capabilities = "+OK\nSASL SCRAM-SHA-1\n.\n";
        world_add(w, pop3_turns);
    }
}

static void test_side_by_side(void **state)
{
    static struct watched watched[MAILBOXES];
    (void)state;

    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < MAILBOXES; i++)
            set_up(&watched[i], i);
        assert_true(parallel_run(MAILBOXES, watch, watched));
        for (size_t i = 0; i < MAILBOXES; i++) {
            assert_true(watched[i].done);
            world_clear(&watched[i].world);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_side_by_side),
    };
    return cmocka_run_group_tests_name("mailbox threads", tests, NULL, NULL);
}
