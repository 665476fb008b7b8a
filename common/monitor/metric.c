/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/monitor/metric.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
#define STEP(name, help)    name, "s", "took", true, "mailproof_" name "_seconds", 1, help
#define TOOK(name, help)    name, "s", "took", false, "mailproof_" name "_seconds", 1, help
#define SECONDS(name, help) name, "s", "is", false, "mailproof_" name "_seconds", 1, help
#define PERCENT(name, help) name, "%", "is", false, "mailproof_" name "_ratio", 0.01, help
#define NUMBER(name, help)  name, "", "is", false, "mailproof_" name, 1, help
/* clang-format on */

/* Series are in base units (seconds, ratios, bytes), as "promtool check metrics" wants them. */
static const struct metric metrics[] = {
    {STEP("dns", "Time from the first DNS query to the addresses.")},
    {STEP("tcp", "Time to connect to the address that answered.")},
    {STEP("greeting", "Time from the connection to the complete greeting.")},
    {STEP("ehlo", "Time for the answer to EHLO, CAPABILITY or CAPA, the last one.")},
    {STEP("starttls", "Time from STARTTLS to its acceptance.")},
    {STEP("tls", "Time of the TLS handshake.")},
    {TOOK("connect", "What network and TLS cost: dns, tcp, starttls and tls together.")},
    {STEP("auth", "Time from AUTH to its final reply.")},
    {STEP("login", "Time from the IMAP or POP3 login to its final reply.")},
    {STEP("mail", "Time for the reply to MAIL FROM.")},
    {STEP("rcpt", "Time for the replies to RCPT TO.")},
    {STEP("data", "Time for the reply to DATA.")},
    {STEP("accept", "Time from the final dot to the final reply.")},
    {TOOK("submit", "Time from MAIL FROM to the final reply.")},
    {STEP("select", "Time to open the folder.")},
    {STEP("search", "Time of the last search.")},
    {STEP("fetch", "Time of the last fetch.")},
    {TOOK("retrieve", "A whole look into the mailbox: connection, last search and fetch.")},
    {TOOK("delivery", "Time from the relay's final reply to the message in the mailbox.")},
    {TOOK("total", "Time of the whole: from the first connect until the message has landed, or of the run.")},
    {"cert_days", "", "is", false, "mailproof_cert_expiry_seconds", 86400,
     "Time until the server's certificate expires."},
    {SECONDS("age", "Age of the newest message that matches.")},
    {NUMBER("found", "Messages that match.")},
    {PERCENT("quota_used", "How much of the mailbox's quota is used.")},
    {NUMBER("in_flight", "Probes that were sent and are not decided yet.")},
    {SECONDS("in_flight_age", "Age of the oldest probe in flight.")},
    {PERCENT("loss", "Probes decided lost among all that are decided, over the window.")},
    {SECONDS("p50", "Median of total over the window.")},
    {SECONDS("p95", "95th percentile of total over the window.")},
    {SECONDS("p99", "99th percentile of total over the window.")},
    {NUMBER("baseline", "The latest total divided by the window's median.")},
    {PERCENT("placed", "Reachable mailboxes that have the message in the inbox.")},
    {"mailbox_total", "s", "is", false, "mailproof_mailbox_total_seconds", 1,
     "Time until the message was in this mailbox of the seed list."},
    {"mailbox_placed", "", "is", false, "mailproof_mailbox_placed", 1,
     "1 where the message is in the inbox of this mailbox of the seed list, else 0; absent where it is unreachable."},
    {NUMBER("spf_lookups", "DNS lookups that the SPF record needs, of 10 allowed.")},
    {NUMBER("spf_void", "SPF lookups without an answer, of 2 allowed.")},
    {"dkim_bits", "", "is", false, "mailproof_dkim_key_bytes", 0.125, "Length of the DKIM key."},
    {NUMBER("spf_pass", "1 where SPF passed, else 0.")},
    {NUMBER("dkim_pass", "1 where DKIM passed, else 0.")},
    {NUMBER("dmarc_pass", "1 where DMARC passed, else 0.")},
};

struct slice metric_side(const char *name)
{
    static const char *const sides[] = {"smtp", "imap", "pop3"};

    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        if (strncmp(name, sides[i], 4) == 0 && name[4] == '_')
            return slice_from(sides[i]);
    return SLICE_EMPTY;
}

const char *metric_base(const char *name)
{
    size_t side = metric_side(name).len;
    return side == 0 ? name : name + side + 1;
}

const struct metric *metric_find(const char *name)
{
    const char *base = metric_base(name);

    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        if (strcmp(base, metrics[i].name) == 0)
            return &metrics[i];
    return NULL;
}
