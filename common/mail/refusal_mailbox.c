/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What IMAP and POP3 servers refuse with: response codes of RFC 5530, 9208, 2449 and 3206, and the texts of
 * providers whose codes mislead. */
#include "common/mail/refusal_table.h"

#define APP_PASSWORD "create an app password (an authorization code): the account's own is not taken here"
#define ENABLE       "enable IMAP or POP3 access in the settings of this account"
#define FEWER        "too many connections to this mailbox: close other clients, or raise the server's limit"
#define IN_USE       "another session holds the mailbox: let only one client at a time use it"
#define NEED_TLS     "sign in over TLS only: use the implicit TLS port or --tls=starttls"
#define NO_FOLDER    "this folder does not exist or is not ours to open: check its name"
#define LOGIN        AT(AUTH)

/* clang-format off */
static const struct refusal_rule rules[] = {
    /* texts that know better than the code before them */
    SAYS("application-specific password|app-specific password|app-password|application password|"
         "parol prilozheniya|authorization code|authorized code", AUTH_CREDENTIALS, .advice = APP_PASSWORD),
    SAYS("web browser|web login|weblogin", AUTH_DISABLED,
         .advice = "Google wants a sign-in by web browser first: do it once, or use an app password or OAuth2"),
    SAYS("not enabled for|not enabled*imap|not enabled*pop|imap*disabled|pop*disabled|service is not open|"
         "pop3 access|imap access|protocol*disabled", AUTH_DISABLED, .advice = ENABLE),
    SAYS("authenticated but not connected", AUTH_DISABLED,
         .advice = "IMAP is disabled for this mailbox, or Exchange throttles it, or the user name is not the mailbox's"),
    SAYS("basic auth*disabled|basic authentication|security defaults", AUTH_DISABLED,
         .advice = "Microsoft takes no passwords here: sign in with OAuth2 (--oauth2-token-file)"),
    SAYS("unsafe login",
         AUTH_DISABLED, .advice = "the provider distrusts this client: allow it in the account's settings"),
    SAYS("bandwidth limit|command or bandwidth", RATE_LIMITED,
         .advice = "the mailbox was read too much: check less often, and look for other clients"),
    SAYS("simultaneous connection|too many connection|number of connections|connection limit|"
         "mail_max_userip|too many*session|concurrent|connections from", RATE_LIMITED, .advice = FEWER),
    SAYS("too many*login|too many*auth|too many fail|too many bad|too many attempts|login frequency|"
         "login rate|[login-delay]|throttl|minimum interval|too soon|too frequent", AUTH_THROTTLED),
    SAYS("rate-limit|[limit]", AUTH_THROTTLED, .stages = LOGIN),
    SAYS("rate-limit|[limit]", RATE_LIMITED),
    SAYS("temporary auth*fail|temporary failure|temporarily|server error|server unavailable|system error|"
         "internal error|try again later|backend|connection lost|[sys/temp]|[unavailable]|[serverbug]",
         SERVER_UNAVAILABLE),
    SAYS("oauth|<token|bearer|access token|aadsts|\"status\":\"4", AUTH_TOKEN),
    SAYS("authenticate failed", AUTH_TOKEN,
         .advice = "renew the OAuth2 token, check its scope and user, and that IMAP is enabled for the mailbox"),

    /* response codes */
    SAYS("[expired]|password*expired",
         AUTH_CREDENTIALS, .advice = "the password or its account has expired: set a new one"),
    SAYS("[privacyrequired]|plaintext auth|cleartext auth|login only available under a layer|"
         "requires encryption|encryption required|non-secure|starttls first|use starttls|must use tls|"
         "tls required", TLS_REFUSED, .advice = NEED_TLS),
    SAYS("[authorizationfailed]",
         AUTH_DISABLED, .advice = "this user may not act for the mailbox that was asked for"),
    SAYS("[contactadmin]|[sys/perm]", AUTH_DISABLED, .stages = LOGIN,
         .advice = "the account needs its administrator: it is blocked or misconfigured"),
    SAYS("[contactadmin]|[sys/perm]|[corruption]",
         SERVER_UNAVAILABLE, .advice = "the mailbox needs its administrator"),
    SAYS("[in-use]|[inuse]|mailbox is locked|mailbox locked|mailbox in use|already locked|lock busy|"
         "lock maildrop|maildrop locked|maildrop already", SERVER_UNAVAILABLE, .advice = IN_USE),
    SAYS("account*disabled|account*locked|account*suspended|account*blocked|account*inactive|user*disabled|"
         "user*suspended|login*not allowed|not permitted|no permission|access denied|not authorized",
         AUTH_DISABLED, .stages = LOGIN),
    SAYS("[overquota]|over-quota|quota exceeded|mailbox*full", MAILBOX_FULL),
    SAYS("[nonexistent]|[trycreate]|mailbox does not exist|mailbox doesn't exist|no such mailbox|"
         "unknown mailbox|folder*not exist|folder*doesn't exist|folder not found|mailbox not found|"
         "no mailbox", POLICY_REJECTED, .stages = ~LOGIN, .advice = NO_FOLDER),
    SAYS("[noperm]|permission denied|access denied|read-only", POLICY_REJECTED, .stages = ~LOGIN),
    SAYS("mechanism|not supported|unsupported|unknown command|unrecognized|invalid command|bad command|"
         "command unknown|login disabled|logindisabled|login is disabled", AUTH_UNAVAILABLE, .stages = LOGIN),
    SAYS("[clientbug]|syntax|invalid command|unknown command|invalid state|unrecognized|"
         "error in imap command|bad command", PROTOCOL),
    SAYS("timeout|timed out|idle for too long|inactivity|session expired", TIMEOUT),
    SAYS("disk|out of space|no space", SERVER_STORAGE),

    /* by the place in the dialogue */
    SAYS("<bad >", AUTH_UNAVAILABLE, .stages = LOGIN),
    {.fault = FAULT_AUTH_CREDENTIALS, .stages = LOGIN},
    {.fault = FAULT_TLS_REFUSED, .stages = AT(STARTTLS)},
    {.fault = FAULT_POLICY_REJECTED, .stages = AT(SELECT), .advice = NO_FOLDER},
    {.fault = FAULT_SERVER_UNAVAILABLE},
};
/* clang-format on */

const struct refusal_table refusal_mailbox = REFUSAL_TABLE(rules);
