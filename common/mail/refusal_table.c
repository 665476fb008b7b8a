/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What AUTH is refused with, and what codes mean where no words tell: RFC 3463, 4954, 5248, 5321, 7372, 7504,
 * 8689, and what Google and Microsoft use of the numbers that IANA left free or gave to others. */
#include "common/mail/refusal_table.h"

#define APP_PASSWORD                                                                                         \
    "this provider wants an app password (an authorization code) in place of the account's own"
#define GOOGLE_APP "create a new app password: Google refused this one, or revoked it after a password change"
#define BASIC_OFF  "Microsoft has switched passwords off here: sign in with OAuth2 (--oauth2-token-file)"
#define DEFAULTS                                                                                             \
    "security defaults or Conditional Access refuse this sign-in: exempt the account, or use OAuth2"
#define TENANT_OFF                                                                                           \
    "SMTP AUTH is off for the tenant: Set-TransportConfig -SmtpClientAuthenticationDisabled $false"
#define MAILBOX_OFF                                                                                          \
    "SMTP AUTH is off for this mailbox: Set-CASMailbox -SmtpClientAuthenticationDisabled $false"
#define NEED_TLS "sign in over TLS only: use --tls=starttls or --tls=implicit"
#define BACK_END "the server cannot reach its own authentication service: look there first"
#define LOCKED   "the account is locked or suspended: unlock it with the provider"

/* clang-format off */
static const struct refusal_rule auth_texts[] = {
    /* Microsoft: four texts and more behind one code */
    SAYS("smtpclientauth*disabled for the tenant|smtpclientauth*tenant", AUTH_DISABLED, .advice = TENANT_OFF),
    SAYS("smtpclientauth*disabled|smtp_auth_disabled", AUTH_DISABLED, .advice = MAILBOX_OFF),
    SAYS("basic authentication*disabled|basic authentication is not supported|basic auth*disabled|"
         "legacy auth", AUTH_DISABLED, .advice = BASIC_OFF),
    SAYS("security defaults|did not meet the criteria|conditional access", AUTH_DISABLED, .advice = DEFAULTS),
    SAYS("user credentials were incorrect", AUTH_CREDENTIALS),
    SAYS(NULL, AUTH_DISABLED, .status = "7.139",
         .advice =
             "Microsoft refuses this way to sign in: allow SMTP AUTH for mailbox and tenant, or use OAuth2"),

    SAYS("argument not permitted", PROTOCOL),

    /* TLS first, or no such mechanism */
    SAYS("starttls|encryption required|requires encryption|encryption needed|require*tls|tls required|"
         "plaintext auth|clear-text auth|secure connection|insecure|must use tls|tls*first",
         TLS_REFUSED, .advice = NEED_TLS),
    SAYS("no longer supported|not supported|unrecognized auth|unknown auth|unsupported auth|"
         "invalid auth*mechanism|no mechanism|mechanism not|auth not available|auth*not enabled|"
         "not advertised|auth*unavailable*mechanism|mechanism is too weak|mechanism too weak|cannot decode|"
         "command not|unimplemented|not implemented|unrecognized", AUTH_UNAVAILABLE),

    /* throttled, or limits that some services enforce at login */
    SAYS("maximum credits|credits exceeded|messaging limits|sending limit|quota|daily limit|plan limit",
         QUOTA_EXCEEDED),
    SAYS("too many|too much|too frequent|too often|throttl|rate-limit|rate limit|login attempts|"
         "try again later*attempts|frequency limit|blocked due to*failed|temporarily blocked|"
         "temporarily locked|slow down", AUTH_THROTTLED),
    SAYS("concurrent connection|thread limit|connections limit",
         RATE_LIMITED, .advice = "too many sessions of this mailbox at once: submit in fewer connections"),
    SAYS("<rbl>|spamhaus|blacklist|block-list|black-list", REPUTATION),

    /* the account may not sign in like this */
    SAYS("web browser|web login|weblogin|log in through*browser|log in via*browser", AUTH_DISABLED,
         .advice = "Google wants a sign-in by web browser first: do it once, or create an app password"),
    SAYS("application-specific password",
         AUTH_CREDENTIALS, .advice = "create an app password: Google takes no account password here"),
    SAYS("application password|app-password|parol prilozheniya|authorization code|authorized code|"
         "app-specific|authorization password|third-party*password|device password",
         AUTH_CREDENTIALS, .advice = APP_PASSWORD),
    SAYS("badcredentials|username and password not accepted", AUTH_CREDENTIALS, .advice = GOOGLE_APP),
    SAYS("password transition|password*expired|expired password|change*password|password change",
         AUTH_CREDENTIALS, .advice = "the password has expired: set a new one"),
    SAYS("oauth|<token|bearer|invalid_request|invalid_client|authorization grant|access token|aadsts|"
         "insufficient_scope|\"status\":\"4|invalid sasl argument*xoauth2", AUTH_TOKEN),
    SAYS("suspended|locked|frozen|blocked|banned|compromised|abuse|deactivated|inactive|expired|"
         "not activated|not yet activated|account*closed|account*deleted", AUTH_DISABLED, .advice = LOCKED),
    SAYS("disabled|not enabled|not allowed|not permitted|no permission|not have access|has no access|"
         "access rights|access denied|not authorized|unauthorized|eula|policy|whitelist|ip address|"
         "must be enabled|enable*smtp|no right|permission|payment", AUTH_DISABLED),

    /* the server's own trouble, only now: "temporary" goes with many texts above */
    SAYS("temporary auth|temporary system|connection lost|generic failure|internal error|try again|"
         "try later|at present|system problem|unable to connect|cannot connect|<busy|backend|timed out|"
         "timeout|service*unavailable", SERVER_UNAVAILABLE, .advice = BACK_END),
    SAYS("temporar|unavailable", SERVER_UNAVAILABLE, .code = 4, .advice = BACK_END),
    SAYS("auth*required|please authenticate|must authenticate|authenticate first|login first",
         AUTH_REQUIRED, .code = 530),
    SAYS("authentication*fail|authentication unsuccessful|credential|password|login fail|incorrect|"
         "invalid login|invalid user|auth fail|user unknown|no such user|user not found|unknown user|"
         "unable to authenticate|bad login|not accepted|failed to authenticate|authentication error|"
         "authentication rejected|auth*error", AUTH_CREDENTIALS),
    SAYS("syntax|argument|malformed|too long|sequence|already authenticated|cancel", PROTOCOL),
};

static const struct refusal_rule statuses[] = {
    /* RFC 3463 section 3.2: addresses */
    STATUS("1.1-6", RECIPIENT_UNKNOWN, .stages = ~(AT(MAIL) | AT(AUTH))),
    STATUS("1.1-9", SENDER_REJECTED),
    STATUS("1.10", RECIPIENT_UNKNOWN),
    STATUS("1.90", QUOTA_EXCEEDED),
    /* 3.3: mailboxes */
    STATUS("2.1", RECIPIENT_UNKNOWN),
    STATUS("2.2", MAILBOX_FULL),
    STATUS("2.3", MESSAGE_TOO_BIG),
    STATUS("2.4", SERVER_UNAVAILABLE),
    STATUS("2.14", SERVER_UNAVAILABLE),
    STATUS("2.121-122", RATE_LIMITED),
    STATUS("2.252", SENDER_REJECTED),
    /* 3.4: systems */
    STATUS("3.1", SERVER_STORAGE),
    STATUS("3.4", MESSAGE_TOO_BIG),
    /* 3.5: network and routing */
    STATUS("4.1-2", CONNECT, .code = 4),
    STATUS("4.5", QUOTA_EXCEEDED, .code = 5), /* Google's sending limits */
    STATUS("4.6", SERVER_UNAVAILABLE, .advice = "a mail loop: look at MX records and forwarding rules"),
    STATUS("4.7", TIMEOUT),
    STATUS("4.300", TIMEOUT),
    STATUS("4.310", RECIPIENT_UNKNOWN),
    STATUS("4.312", DNS),
    STATUS("4.316-318", CONNECT),
    /* 3.6: protocol; 3.7: media */
    STATUS("5.1-2", PROTOCOL),
    STATUS("5.3", RATE_LIMITED),
    STATUS("5.4-6", PROTOCOL),
    STATUS("6.1-9", CONTENT_REJECTED),
    /* 3.8: security and policy; RFC 4954, 5248, 7293, 7372, 7505, 8689; Google; Microsoft */
    STATUS("7.3", AUTH_CREDENTIALS, .stages = AT(AUTH),
           .advice = "check user and password, then whether SMTP AUTH is enabled for the mailbox"),
    STATUS("7.0", AUTH_REQUIRED, .code = 530),
    STATUS("7.3", AUTH_REQUIRED),
    STATUS("7.4", AUTH_UNAVAILABLE),
    STATUS("7.5-6", TLS_HANDSHAKE),
    STATUS("7.7", DKIM_REJECTED),
    STATUS("7.8", AUTH_CREDENTIALS),
    STATUS("7.9", AUTH_UNAVAILABLE, .stages = AT(AUTH) | AT(NONE)),
    STATUS("7.10-11", TLS_REFUSED, .advice = NEED_TLS),
    STATUS("7.12", AUTH_CREDENTIALS),
    STATUS("7.13", AUTH_DISABLED),
    STATUS("7.14", AUTH_DISABLED, .stages = AT(AUTH)),
    STATUS("7.16", MESSAGE_TOO_BIG),
    STATUS("7.17-19", RECIPIENT_UNKNOWN, .advice = "the mailbox or domain has changed hands (RFC 7293)"),
    STATUS("7.20-22", DKIM_REJECTED),
    STATUS("7.23-24", SPF_REJECTED),
    STATUS("7.25", PTR_MISSING),
    STATUS("7.26", DMARC_REJECTED),
    STATUS("7.27", SENDER_REJECTED, .advice = "the sender's domain says by a null MX that it takes no mail"),
    STATUS("7.28", RATE_LIMITED),
    STATUS("7.29", DMARC_REJECTED, .advice = "the ARC chain of a forwarder does not hold"),
    STATUS("7.30", TLS_REFUSED,
           .advice = "the message wants TLS all the way (REQUIRETLS), and the server cannot promise it"),
    STATUS("7.32", DMARC_REJECTED),
    STATUS("7.40", DMARC_REJECTED),
    STATUS("7.57", AUTH_REQUIRED),
    STATUS("7.60", SENDER_REJECTED,
           .advice = "let --mail-from and --from be an address that this account may send as"),
    STATUS("7.64", RELAY_DENIED),
    STATUS("7.139", AUTH_DISABLED),
    STATUS("7.232-233", QUOTA_EXCEEDED),
    STATUS("7.321-325", TLS_CERTIFICATE),
    STATUS("7.504", RECIPIENT_UNKNOWN),
    STATUS("7.508", RATE_LIMITED),
    STATUS("7.509", DMARC_REJECTED),
    STATUS("7.512", CONTENT_REJECTED),
    STATUS("7.513", REPUTATION),
    STATUS("7.515", DMARC_REJECTED),
    STATUS("7.500-599", REPUTATION, .code = 4),
    STATUS("7.606-649", REPUTATION,
           .advice = "ask Microsoft to delist the sending address at sender.office.com"),
    STATUS("7.652", RATE_LIMITED),
    STATUS("7.600-699", REPUTATION, .code = 4),
    STATUS("7.708", REPUTATION),
    STATUS("7.703", POLICY_REJECTED),
    STATUS("7.700-749", QUOTA_EXCEEDED,
           .advice = "the tenant has exceeded its sending threshold: look for abused accounts"),
    STATUS("7.750", SENDER_REJECTED, .advice = "register the sender's domain in the tenant"),
};

/* What only names the floor of the house where it happened. */
static const struct refusal_rule vague_statuses[] = {
    STATUS("1", SENDER_REJECTED, .stages = AT(MAIL)),
    STATUS("1", RECIPIENT_UNKNOWN, .stages = ~AT(AUTH)),
    STATUS("2", GREYLISTED, .code = 450, .stages = AT(RCPT) | AT(DATA)),
    STATUS("2", RECIPIENT_UNKNOWN, .code = 5, .stages = ~AT(AUTH)),
    STATUS("3.3", PROTOCOL),
    STATUS("4.3-4", DNS),
    STATUS("4", SERVER_UNAVAILABLE),
    STATUS("5", PROTOCOL),
    STATUS("6", CONTENT_REJECTED),
    STATUS("7.1", GREYLISTED, .code = 450, .stages = AT(RCPT) | AT(DATA)),
    STATUS("7.1", GREYLISTED, .code = 451, .stages = AT(RCPT) | AT(DATA)),
    STATUS("7", POLICY_REJECTED, .stages = ~AT(AUTH)),
};

static const struct refusal_rule codes[] = {
    CODE(421, SERVER_UNAVAILABLE),

    CODE(432, AUTH_CREDENTIALS, .stages = AT(AUTH)),
    CODE(4, SERVER_UNAVAILABLE, .stages = AT(AUTH), .advice = BACK_END),
    CODE(500, AUTH_UNAVAILABLE, .stages = AT(AUTH)),
    CODE(502, AUTH_UNAVAILABLE, .stages = AT(AUTH)),
    CODE(504, AUTH_UNAVAILABLE, .stages = AT(AUTH)),
    CODE(534, AUTH_UNAVAILABLE, .stages = AT(AUTH)),
    CODE(538, TLS_REFUSED, .stages = AT(AUTH), .advice = NEED_TLS),
    CODE(501, PROTOCOL, .stages = AT(AUTH)),
    CODE(503, PROTOCOL, .stages = AT(AUTH)),
    CODE(525, AUTH_DISABLED),
    CODE(530, AUTH_REQUIRED),
    CODE(5, AUTH_CREDENTIALS, .stages = AT(AUTH)),
    CODE(534, AUTH_UNAVAILABLE),
    CODE(538, TLS_REFUSED, .advice = NEED_TLS),

    CODE(452, SERVER_STORAGE),
    CODE(4, SERVER_UNAVAILABLE),

    CODE(521, SERVER_UNAVAILABLE, .stages = AT(GREETING),
         .advice = "this host takes no mail at all: choose another (RFC 7504)"),
    CODE(521, RECIPIENT_UNKNOWN, .advice = "the recipient's host takes no mail (RFC 7504)"),
    CODE(556, RECIPIENT_UNKNOWN, .advice = "the recipient's domain takes no mail (RFC 7504)"),
    CODE(500, PROTOCOL),
    CODE(502, PROTOCOL),
    CODE(503, PROTOCOL),
    CODE(5, POLICY_REJECTED, .stages = AT(GREETING),
         .advice = "the server refuses this client before it said a word: ask its postmaster about the address"),
    CODE(5, POLICY_REJECTED, .stages = AT(EHLO), .advice = "give a full host name with --helo"),
    CODE(552, MESSAGE_TOO_BIG, .stages = AT(MAIL) | AT(DATA) | AT(ACCEPT)),
    CODE(552, MAILBOX_FULL),
    CODE(504, PROTOCOL),
    CODE(555, PROTOCOL),
    CODE(551, RELAY_DENIED),
    CODE(541, CONTENT_REJECTED),
    CODE(5, SENDER_REJECTED, .stages = AT(MAIL)),
    CODE(554, POLICY_REJECTED, .stages = AT(RCPT)),
    CODE(5, RECIPIENT_UNKNOWN, .stages = AT(RCPT)),
    CODE(501, PROTOCOL),
    CODE(550, RECIPIENT_UNKNOWN, .stages = AT(NONE)),
    CODE(553, RECIPIENT_UNKNOWN, .stages = AT(NONE)),
    CODE(554, CONTENT_REJECTED, .stages = AT(DATA) | AT(ACCEPT)),
    CODE(5, POLICY_REJECTED),
};
/* clang-format on */

const struct refusal_table refusal_auth_texts = REFUSAL_TABLE(auth_texts);
const struct refusal_table refusal_statuses = REFUSAL_TABLE(statuses);
const struct refusal_table refusal_vague_statuses = REFUSAL_TABLE(vague_statuses);
const struct refusal_table refusal_codes = REFUSAL_TABLE(codes);
