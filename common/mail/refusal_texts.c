/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What servers say when they refuse, whatever the command was. The order is the order of asking: providers'
 * own code words, then what names a cause; refusal_vague_texts, asked after the enhanced code, holds what
 * only names a symptom. */
#include "common/mail/refusal_table.h"

#define BAD_HELO     "give a full host name that resolves to the sending address, with --helo"
#define CODE_BLOCK   "the recipient's provider blocks the sending address: its postmaster page takes requests"
#define FORGED       "the filter takes the sender for forged: let SPF and DKIM align with the From: domain"
#define HOP_TLS      "the next server's TLS does not satisfy its published policy (MTA-STS, DANE)"
#define MAIL_LOOP    "a mail loop: look at MX records and forwarding rules"
#define MALFORMED    "the filter found the message malformed: look at the headers that were added"
#define MEMBERS_ONLY "this recipient takes mail from authenticated senders of its own organization only"
#define RECEIVING    (AT(NONE) | AT(RCPT) | AT(DATA) | AT(ACCEPT))
#define NEED_TLS     "this server wants TLS first: use --tls=starttls or --tls=implicit"
#define NEXT_HOP     "the relay cannot reach the next server: look at its queue and at the recipient's MX"
#define NO_MAIL_HERE "this host or domain takes no mail: check the recipient's domain and its MX records"
#define OWN_ADDRESS  "let --mail-from and --from be an address that this account may send as"
#define SENDER_DNS   "the sender's domain must exist in DNS, and its address must take mail"
#define SEND_SLOWER  "too much at once for this server: send less often, in fewer connections"
#define VERIFY_FIRST "verify the sender's address or domain with the sending service first"

/* clang-format off */
static const struct refusal_rule texts[] = {
    /* greylisting: its words, whatever the code */
    SAYS("grey-list|gray-list|<greylst>|postgrey|sqlgrey|grey-trap", GREYLISTED),
    SAYS("resources-restricted|internal resource*temporarily unavailable|attempt too early|too soon*retry|"
         "deferred for policy reasons*try again|triplet|first time*try again|new sender*try again|"
         "first contact|<seconds>*before retrying|temporarily blocked for*<seconds>|"
         "temporarily blocked for*<minutes>", GREYLISTED, .code = 4),
    SAYS("service currently unavailable", GREYLISTED, .code = 450, .stages = AT(RCPT),
         .advice = "probably a first-contact test (postscreen): the next try should pass"),
    SAYS("temporary failure, please try again later", GREYLISTED, .code = 451, .stages = AT(RCPT) | AT(DATA)),
    SAYS("service unavailable - try again later", GREYLISTED, .code = 451, .status = "7.1"),

    /* Yahoo, AOL */
    SAYS("unresolvable*from domain", SENDER_REJECTED, .advice = SENDER_DNS),
    SAYS("permanently deferred|<tss09>|<ts03>",
         REPUTATION, .advice = "Yahoo turns this sender away for good: see senders.yahooinc.com"),
    SAYS("<tss%%>|<ts%%>", RATE_LIMITED, .code = 4,
         .advice = "Yahoo defers for complaints or volume: wait some hours, and look at the sender's reputation"),
    SAYS("<tss%%>|<ts%%>|<bl%%>|<gl%%>|<dyn:t%>|<rtr:|<con:b%>|<rly:", REPUTATION, .advice = CODE_BLOCK),
    SAYS("<hvu:b%>|<scl:", CONTENT_REJECTED),
    SAYS("<ph%%>", POLICY_REJECTED),
    /* Microsoft */
    SAYS("(s3150)|(s3140)|(s311%)|<sc-00%>|<dy-00%>|<ou-00%>", REPUTATION,
         .advice = "Microsoft blocks this address or its network: ask for removal at olcsupport.office.com"),
    SAYS("<rp-00%>", RATE_LIMITED, .advice = "Microsoft limits this address for its reputation: see SNDS"),
    SAYS("server busy", RATE_LIMITED, .status = "7.500", .advice = SEND_SLOWER),
    SAYS("traffic not accepted from this ip", REPUTATION, .advice = CODE_BLOCK),
    /* Google */
    SAYS("unusual rate of*mail*rate-limited", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("unusual rate of unsolicited", REPUTATION),
    SAYS("unusual rate of|unusual sending", RATE_LIMITED,
         .advice = "the provider sees more mail than it expects from this sender: slow down, look for the source"),
    SAYS("peak smtp relay limit", RATE_LIMITED, .advice = SEND_SLOWER),
    /* Comcast, Cox, Spectrum */
    SAYS("<bl00%%%%>|<es00%%%%>|<cxbl>|<cdrbl>|<ipbl%", REPUTATION, .advice = CODE_BLOCK),
    SAYS("<rl00%%%%>|<cxthrt>|<cxmxrt>|<cxcnct>|<cxmj>", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("<dm00%%%%>", DMARC_REJECTED),
    SAYS("<pt00%%%%>|<cxdns>", PTR_MISSING),
    SAYS("<cxsndr>", SENDER_REJECTED, .advice = SENDER_DNS),
    SAYS("<urlbl%%%>", CONTENT_REJECTED),
    SAYS("aup#*<1090>", SERVER_UNAVAILABLE),
    SAYS("aup#*<1260>", CONNECT, .advice = "this provider takes no mail over IPv6: use -4"),
    SAYS("aup#*<10%%>|aup#*<12%%>|aup#*<131%>|aup#*<132%>|aup#*<133%>|aup#*<16%%>",
         REPUTATION, .advice = CODE_BLOCK),
    SAYS("aup#*<13%%>|aup#*<14%%>|aup#*<154%>|aup#*<155%>", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("aup#*<150%>|aup#*<152%>", SENDER_REJECTED, .advice = SENDER_DNS),
    SAYS("aup#*<1530>", MESSAGE_TOO_BIG),
    SAYS("aup#*<1%%%>", POLICY_REJECTED),
    /* Facebook */
    SAYS("<pol-p%>|<pol-t%>", POLICY_REJECTED),
    SAYS("<rcp-p1>|<int-p1>|<int-p3>|<int-p4>", RECIPIENT_UNKNOWN),
    SAYS("<rcp-p%>", POLICY_REJECTED, .advice = "the recipient's own settings turn this sender away"),
    SAYS("<int-p2>", MESSAGE_TOO_BIG),
    SAYS("<msg-p%>", CONTENT_REJECTED),
    SAYS("<con-t%>|<msg-t%>", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("<dns-p%>|<dns-t%>", SENDER_REJECTED, .advice = SENDER_DNS),
    SAYS("<rcp-t%>|<int-t%>", SERVER_UNAVAILABLE),
    /* NetEase */
    SAYS("<hl:i%c>|<hl:itc>|<hl:icc>|<hl:ifc>|<mi:dmc>|<mi:sfq>|<mi:stc>|<mi:ccl>|<mi:cel>|<rp:drc>|"
         "<rp:trc>|<rp:ccl>|<rp:cel>|<rp:qrc>", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("<hl:rep>|<hl:mep>|<hl:ipb>|<hl:ihu>|<dt:rbl>|<mi:spb>", REPUTATION, .advice = CODE_BLOCK),
    SAYS("<mi:spf>", SPF_REJECTED),
    SAYS("<mi:nhd>", POLICY_REJECTED, .advice = BAD_HELO),
    SAYS("<dt:spm>|<dt:spo>", CONTENT_REJECTED),
    SAYS("<dt:sum>", SENDER_REJECTED, .advice = "let --from and --mail-from be the same address"),
    SAYS("<wm:bl%>|<wm:bli>|<wm:blu>", POLICY_REJECTED),

    /* TLS */
    SAYS("mta-sts|<dane>|<tlsa|dnssec-invalid|remote certificate|destination*certificate|"
         "certificate*next hop", TLS_CERTIFICATE, .advice = HOP_TLS),
    SAYS("certificate", TLS_CERTIFICATE),
    SAYS("issue a starttls|starttls*first|starttls*required|requires starttls|use starttls|tls*required|"
         "require*<tls>|requiretls|must*tls|tls encryption|encryption*required|requires*encryption|"
         "requires*cipher|encryption needed|encrypted connection|over a tls|secure connection|"
         "insecure connection|unencrypted", TLS_REFUSED, .advice = NEED_TLS),
    SAYS("<tls>*not available|tls*unavailable|tls*not supported|starttls-not-supported|tls*disabled|"
         "tls handshake|tls negotiation|<tls>*failed", TLS_REFUSED),

    /* who the message claims to be from */
    SAYS("dmarc|domain-based message authentication|not aligned|isn't aligned", DMARC_REJECTED),
    SAYS("spf*and*dkim|spf*or*dkim|dkim*or*spf|unauthenticated email|unauthenticated mail|"
         "mail is unauthenticated|sender is unauthenticated|authentication information|"
         "authentication checks|required authentication level|sender authentication|domain authentication|"
         "authentication results", DMARC_REJECTED),
    SAYS("<spf|sender policy framework|openspf|sender id (pra)|not a permitted sender|not designated*sender",
         SPF_REJECTED),
    SAYS("dkim|domainkeys", DKIM_REJECTED),
    SAYS("<arc>*fail|arc validation|arc chain",
         DMARC_REJECTED, .advice = "the ARC chain of a forwarder does not hold"),

    /* how the sending host names itself */
    SAYS("<ptr>|reverse-dns|<rdns>|reverse host-name|reverse lookup|reverse name|reverse record|"
         "reverse mapping|reverse ip|in-addr.arpa|cannot find your host-name|resolve your host|"
         "resolve your ip|resolve your address|dns check fail|ip address of the hostname|name lookup failed|"
         "<ip>*does not resolve|ip must resolve|no dns*for your*<ip>|forward-confirmed|<fcrdns>|"
         "unresolvable*client|client*has no hostname", PTR_MISSING),
    SAYS("<helo*rejected|<ehlo*rejected|<helo*requires|<ehlo*requires|<helo*argument|<ehlo*argument|"
         "<helo*name|<ehlo*name|<helo*domain|<ehlo*domain|<helo*invalid|<ehlo*invalid|invalid helo|"
         "invalid ehlo|bad helo|bad ehlo|helo*forged|forged helo|fake helo|need fully-qualified hostname|"
         "invalid domain name|your hostname|hostname is not authori", POLICY_REJECTED, .advice = BAD_HELO),

    /* lists and reputation */
    SAYS("surbl|uribl|<url>*list|links*listed|domain*in the message*listed", CONTENT_REJECTED),
    SAYS("blocked using|block-list|black-list|block list|deny-list|<rbl|dnsbl|spamhaus|spamcop|<sorbs|"
         "barracudacentral|uceprotect|abuseat|mail-abuse.com|<cbl>|<pbl>|<xbl>|<sbl>|invaluement|"
         "backscatterer|<psbl>|mailspike|senderscore|sender score|spameatingmonkey|spamrats|<ers-|cloudmark|"
         "trustedsource|senderbase|talosintelligence|ipcheck.proofpoint|<ip*listed|listed*in*list|<bl>|"
         "<nowl>", REPUTATION),
    SAYS("reputation|poor rating|low rating|dynamic ip|dynamic*address|dial-up|residential|complaints|"
         "too many spam|too many invalid|too many unknown|unknown recipients|dictionary attack|"
         "directory harvest|harvesting|open relay,|spam ip|spam source|spam sender|spammer|known spam|"
         "your network|spam*from your|spam*from this ip|sending spam|banned sending ip|<ip>*banned|"
         "<ip>*blocked|blocked ip|<host>*blocked|unsolicited mail originating|bounce attack|blocked - see|"
         "blocked for|<ip> is rejected|<ip>*not allowed|<ip>*has been block|ip bloque|black ip|delist|"
         "suspicious activity|unusual traffic|suspicious ip|intrusion prevention", REPUTATION),

    /* sending limits: of one message, then of an account */
    SAYS("too many*recipient|too many rcpt|recipient limit|number of recipients|recipients*exceed|"
         "recipient*count", RATE_LIMITED, .advice = "send to fewer recipients at once"),
    SAYS("hourly", RATE_LIMITED, .code = 4, .advice = SEND_SLOWER),
    SAYS("sending-quota|daily message quota|sending limit|submission-quota|daily*limit|hourly*limit|"
         "monthly*limit|relay limit|relay quota|maximum credits|credits*exceeded|messaging limits|"
         "out of credit|trial*exceeded|tenant*exceeded|exceeded*messages per|outbound*limit|outgoing*limit|"
         "email quota|quota for sending|sending suspended|sending paused|exceeded the max*mails|"
         "exceeded*per day|exceeded*per month|exceed*sending|limit for message recipients|plan limit",
         QUOTA_EXCEEDED),

    /* rates that name themselves */
    SAYS("rate-limit|ratelimit", RATE_LIMITED, .advice = SEND_SLOWER),

    /* room in the mailbox, then size: both say 552 */
    SAYS("over-quota|exceed*quota|quota*exceed|mailbox*<full>|mailbox quota|quota is full|inbox*<full>|"
         "out of storage|storage limit|exceeded storage|exceeds*storage|quota*reached|disk quota|"
         "mailbox size limit|folder is full|maildir*quota|quota violation|boite*pleine|left in mailbox|"
         "space in*mailbox|exceed*mailbox|account is full|full mailbox|user*<full>|insufficient quota|"
         "too full", MAILBOX_FULL),
    SAYS("too big|too large|size*exceed|exceed*size|size limit|message size|mail size|message is too long|"
         "message too long|exceed*length|length exceed|databytes|max*size|header name limit|header*limit|"
         "attachments exceed|too much mail data|larger than|trop grand|trop volumineux|size*maximum",
         MESSAGE_TOO_BIG),
    SAYS("<quota", MAILBOX_FULL),

    /* other rates */
    SAYS("<rate*exceed|exceed*<rate|throttl|too quickly|too fast|too frequent|too often|too much mail|"
         "frequency|slow down|at a rate|rate that|flood|connection rate|connection limit|"
         "concurrent connection|concurrency|number of*connections|simultaneous*connection|"
         "too many*connection|too many*session|too many messages|too many*mails|too many requests|"
         "receive limit|thread limit|message threshold|excessive volume|unexpected volume|high volume|"
         "trop de connexions|max message*connection|maximum number of*messages|sent too many|per hour|"
         "per minute|server ports are busy|connections from your|limits for how many|"
         "exceeded permitted limits|max*connections|limit*concurrent", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("try again later, closing connection|requested action aborted: try again later",
         RATE_LIMITED, .advice = SEND_SLOWER),

    /* who we are */
    SAYS("too many*login|too many*auth attempts|too many auth commands|too many failed|too much fail|"
         "login attempts", AUTH_THROTTLED),
    SAYS("invalid credentials for relay|not authorized to relay",
         RELAY_DENIED, .advice = "register the sending address with the relay service, or sign in"),
    SAYS("relaying disallowed as", SENDER_REJECTED, .advice = OWN_ADDRESS),
    SAYS("relaying denied|relay access denied|relay denied|relaying-prohibited", RELAY_DENIED),
    SAYS("sender was not authenticated|sender not authenticated|<authenticated sender|rst.authrequired|"
         "allowed-senders list", POLICY_REJECTED, .advice = MEMBERS_ONLY),
    SAYS("authentication*required|requires authentication|require authentication|must authenticate|"
         "must be authenticated|please authenticate|not authenticated|authenticate first|turn on smtp auth|"
         "auth first|issue an auth|auth*required|not logged in|log in first|login first|"
         "need to authenticate|without authentication|smtp-auth|please login|must login|must log in|"
         "anonymous|pop before smtp|unauthenticated sender", AUTH_REQUIRED),
    SAYS("application-specific password|app-password",
         AUTH_CREDENTIALS, .advice = "create an app password: the account's own is not taken here"),
    SAYS("through your web browser|via your web browser|with your web browser", AUTH_DISABLED,
         .advice = "Google wants a sign-in by web browser first: do it once, or create an app password"),
    SAYS("basic authentication is*disabled|basic authentication is not supported|smtpclientauth*disabled",
         AUTH_DISABLED, .advice = "Microsoft has switched this way to sign in off: use OAuth2"),
    SAYS("authentication type|auth mechanism|authentication mechanism|xoauth*no longer supported|"
         "auth*not enabled|auth*not advertised|cannot decode response|auth not available|that auth mode|"
         "argument not permitted", AUTH_UNAVAILABLE),
    SAYS("password not accepted|authentication*fail|authentication unsuccessful|authentication credentials|"
         "invalid credentials|credentials*invalid|bad credentials|authentication data|incorrect username|"
         "password*incorrect|incorrect password|wrong password|invalid password|bad username|bad password|"
         "login fail|failed to authenticate|failed to login|invalid login|user or password|auth fail",
         AUTH_CREDENTIALS),

    /* relaying */
    SAYS("relay*not allowed|relay*not permitted|relay*prohibited|relay*disallowed|not permitted to relay|"
         "unable to relay|cannot relay|not relay|relaying|open relay|rcpthosts|tenantattribution|"
         "not a gateway|denies relay|no relay|relay*rejected|relay*refused|"
         "permissions to submit to this server|non-accepted domain|not local|not hosted here|"
         "don't handle mail for|no such domain at this location|locally hosted|relay access", RELAY_DENIED),

    /* the sender's address */
    SAYS("envelope blocked|blocked sender|manually blocked|sender*blocked by|sender*blocklisted",
         SENDER_REJECTED, .advice = "the recipient's filter blocks this sender: ask them to permit it"),
    SAYS("sender address blocked", POLICY_REJECTED),
    SAYS("identities failed the check|is not verified|not*verified sender|sender identity|sender signature|"
         "unverified*domain|domain*unverified|unconfigured sending domain|unregistered domain|sandbox|"
         "domain*not allowed to send|ses:send", SENDER_REJECTED, .advice = VERIFY_FIRST),
    SAYS("send as this sender|send-as|not owned by user|send on behalf|one of your addresses|same as auth|"
         "from: must|sender*mismatch|match*authenticated|not belong to*account|unauthorized sender|"
         "permissions to send|permission to send|not authorized to send|not authorised to send",
         SENDER_REJECTED, .advice = OWN_ADDRESS),
    SAYS("sender*domain*not exist|sender*domain*not found|sender*domain*resolve|domain of sender|"
         "sender*unresolv|sender*verif|verify*sender|sender*callout|sender*no mx|mail from*domain|"
         "sender domain|from domain|domaine*expediteur", SENDER_REJECTED, .advice = SENDER_DNS),
    {.status = "1.7-8", .fault = FAULT_SENDER_REJECTED},
    {.status = "7.501-503",
     .fault = FAULT_SENDER_REJECTED,
     .advice = "Microsoft has banned this account or sender for spam"},
    {.status = "7.511", .fault = FAULT_REPUTATION, .advice = "forward the refusal to delist@microsoft.com"},
    SAYS("sender*rejected|sender*denied|sender*not allowed|sender*not accepted|sender*invalid|"
         "sender*unknown|sender*refused|sender*illegal|sender*not valid|invalid sender|unknown sender|"
         "bad sender|illegal sender|banned sender|fake sender|outbound sender|envelope sender|"
         "for sender address|expediteur|emetteur|null sender|empty sender|return-path|sender*malformed|"
         "denies the sender|sender*banned|badmailfrom|from address|from: address|blank from|reply address|"
         "mail from*reject|mail from*denied|mail from*not allowed|mail from invalid|sender*fully-qualified|"
         "sender is not|sender address", SENDER_REJECTED),
    SAYS("spoof|imperson|forged", POLICY_REJECTED, .advice = FORGED),
    SAYS("policy reasons|policy violation|local policy|mailpolicy|custom policy", POLICY_REJECTED),

    /* the recipient, in words and a code that mean nothing else, whatever page on spam is pointed to */
    SAYS("user-unknown|unknown user|no such user|mailbox name|no such mailbox|no such recipient|"
         "no such address|no such account|no such person|no such local|no such email|no mailbox|"
         "mailbox not found|user not found|user not known|recipient-not-found|recipnotfound|"
         "address not found|recipient unknown|unknown recipient|unknown address|unknown local|"
         "unknown account|unknown mailbox|illegal alias|invalid recipient|invalid mailbox|invalid user|"
         "address unknown|address is unknown|bad destination|unrouteable|unroutable|undeliverable address|"
         "destinataire inconnu|destinataire*invalid|no one by that name|no user|user doesn't|bad recipient|"
         "illegal user|invalid local|unknown person|cannot deliver mail for|invalid addressee|"
         "mailbox is unavailable: user|no valid recipient|not listed in",
         RECIPIENT_UNKNOWN, .stages = RECEIVING),
    {.status = "1.1", .fault = FAULT_RECIPIENT_UNKNOWN, .stages = RECEIVING},

    /* content */
    SAYS("virus|malware|phish|infected|trojan|clamav|eicar",
         CONTENT_REJECTED, .advice = "the filter took the message for malware"),
    SAYS("malformed|rfc-5322|rfc-2822|rfc-822|bare lf|bare-newline|bare-linefeed|barelinefeed|"
         "lines* too long|header error|bad header|bad_header|missing*header|header*missing|"
         "header*not accepted|header is too long|invalid header|invalid character|disallowed header|"
         "from: header|from header|message-id header|unicode character|encoded-word|mime error|invalid mime|"
         "smtputf8|non-ascii|invalid message content|depth exceeded|does not comply with|not rfc|"
         "corrupt message|conversion fail|subject is mandatory", CONTENT_REJECTED, .advice = MALFORMED),
    SAYS("spam|junk-mail|unsolicited|bulk mail|content*denied|content*reject|reject*content|"
         "nature of the content|content*filter|content*polic|content*examination|objectionable|"
         "unacceptable content|mass mailing|message filtered|<ube>|<uce>|message scored|blocked by*filter|"
         "suspicious content|banned content|banned file|banned:|potential security issue|attachment|"
         "permanently rejected message|same message-id|security policies|dangerous", CONTENT_REJECTED),

    /* the recipient, in words that others use as well */
    SAYS("recipient address rejected: access denied", RECIPIENT_UNKNOWN, .status = "4.1"),
    SAYS("recipient address rejected: access denied", RECIPIENT_UNKNOWN, .status = "7.504"),
    SAYS("null mx|nullmx|no mail-enabled|does not accept mail|doesn't accept mail|not accept any mail",
         RECIPIENT_UNKNOWN, .stages = RECEIVING, .advice = NO_MAIL_HERE),
    SAYS("host unknown|unknown host|domain not found|domain*not exist|domain*doesn't exist|"
         "domain name not found|nonexistent domain|no such domain|unknown domain|recipient domain|"
         "invalid domain|find any host|host not found|bad destination system|destination host",
         RECIPIENT_UNKNOWN, .stages = RECEIVING, .advice = "check the recipient's domain and its MX records"),
    SAYS("not exist|doesn't exist|unknown or|invalid address|couldn't be found|not be found|have a*account|"
         "is not known|our customer|not a valid|isn't a valid|not a user|isn't here|no account|ambiguous|"
         "address rejected.", RECIPIENT_UNKNOWN, .stages = RECEIVING),
    SAYS("account*disabled|account*suspended|account*inactive|account*closed|account*deactivated|"
         "account*expired|account*locked|account*terminated|mailbox*disabled|mailbox*suspended|"
         "mailbox*inactive|mailbox*deactivated|mailbox*closed|mailbox*locked|mailbox*frozen|"
         "mailbox cannot be accessed|user*disabled|user*suspended|user*inactive|user*deactivated|"
         "user*locked|inactive*address|inactive*user|inactive*account|inactive*mailbox|inactive*recipient|"
         "disabled user|disabled account|disabled mailbox|address*disabled|address*inactive|"
         "recipient*disabled|recipient*inactive|recipient*suspended|no longer|archived recipient|"
         "boite*archivee|discontinued|has moved|has left|dormant|never logged|user hangup",
         RECIPIENT_UNKNOWN, .stages = RECEIVING,
         .advice = "the recipient's mailbox is closed or disabled: check it with its provider"),
    SAYS("recipient rejected|rcpt is rejected", RECIPIENT_UNKNOWN, .code = 5),

    /* what the server lacks */
    SAYS("insufficient disk|disk full|disk space|no space left|out of space|insufficient system|"
         "insufficient storage|insufficient resource|system storage|out of memory|cannot allocate|"
         "space shortage|not enough space|no space|mail system full|backpressure|back pressure|"
         "low on resources|insufficient memory|queue file|storage full|system full", SERVER_STORAGE),
    SAYS("hop count|too many hops|exceeded*hops|routing loop|mail loop|loops back|forwarding loop|"
         "is looping|looping message|loop detected", SERVER_UNAVAILABLE, .advice = MAIL_LOOP),
    SAYS("in the queue too long|queue*expired|message expired|connection expired|delivery time expired|"
         "retry time|past expiration", TIMEOUT,
         .advice = "the message waited until the server gave it up: look at the queue and the next server"),
    SAYS("timed out|timeout|time-out|connection time|idle too long", TIMEOUT),
    SAYS("nxdomain|dns query|dns error|dns fail|name-server|servfail|dns*lookup|name*lookup|name service|"
         "dns temporary|dns server|dns resolution|temporary dns",
         DNS, .advice = "the server cannot look a name up: check the domain's records and its resolver"),
    SAYS("connection dropped|connection reset|network error|network is unreachable|no route to host|"
         "no answer from host|bad connection|unable to route|cannot connect|could not connect|"
         "unable to connect|connection failed|connection lost|lost connection|establish an smtp|"
         "host unreachable", CONNECT, .advice = NEXT_HOP),
    SAYS("connection refused", CONNECT, .advice = NEXT_HOP, .stages = AT(NONE) | AT(RCPT) | AT(ACCEPT)),
};

static const struct refusal_rule vague_texts[] = {
    /* here the place says more than vague words */
    {.code = 4, .fault = FAULT_TLS_REFUSED, .stages = AT(STARTTLS),
     .advice = "the server offers STARTTLS but cannot do it now: look at its certificate files"},
    {.code = 5, .fault = FAULT_TLS_REFUSED, .stages = AT(STARTTLS)},
    {.code = 535, .fault = FAULT_AUTH_CREDENTIALS, .stages = AT(AUTH)},

    SAYS("mailbox*unavailable|mailbox*not available", RECIPIENT_UNKNOWN, .code = 5),
    SAYS("service temporarily unavailable|temporary server error|temporary system|internal error|"
         "server error|system error|system problem|local problem|local error|temporary error|lookup failure|"
         "configuration", SERVER_UNAVAILABLE),
    SAYS("too many*command|too many errors|bad sequence|sequence error|out of sequence|syntax|unrecognized|"
         "unknown command|unimplemented|not implemented|invalid command|not recognized|bad command|"
         "protocol violation|protocol error|synchronization|improper|pipelining|nested mail|need mail|"
         "need rcpt|mail first|rcpt first|helo first|before greeting|say hello|polite people|argument|"
         "parameter|unknown option|wrong protocol",
         PROTOCOL, .advice = "the server did not understand a command: see the dialogue with -vvv"),
    SAYS("try again|try later|come back later|please retry|retry later",
         GREYLISTED, .code = 450, .status = "7.1", .stages = ~(AT(GREETING) | AT(EHLO))),
    SAYS("try again|try later|come back later|please retry|retry later",
         GREYLISTED, .code = 451, .status = "7.1", .stages = ~(AT(GREETING) | AT(EHLO))),
    SAYS("not authorized|unauthorized|not permitted|not allowed|permission|policy|policies|prohibit|"
         "administrative|access*denied|access*rejected|connection*denied|connection*rejected|"
         "connection*refused|client host rejected|whitelist|locally blocked|<blocked|<block>|rejected by|"
         "refused by|deny|denied|<banned|restricted|restriction|not welcome|contact*postmaster|we reject|"
         "we refuse|<disabled|command rejected|not in*list", POLICY_REJECTED),
    SAYS("mail rejete", CONTENT_REJECTED),
    SAYS("message rejected|message refused|mail rejected|mail refused|not accepting connections|"
         "mail not accepted|message not accepted|<refused|<rejected",
         POLICY_REJECTED, .code = 5, .stages = ~(AT(MAIL) | AT(RCPT))),
    SAYS("temporar|try again|try later|unavailable|not available|<busy|unexpected failure|not active|"
         "shutting down|shutdown|maintenance|overload|congestion|high load|load average|cannot process|"
         "unable to process|unable to accept|not accepting|transient|misconfigured|expansion problem|"
         "service refuse|out of service|ended early", SERVER_UNAVAILABLE),
};
/* clang-format on */

const struct refusal_table refusal_texts = REFUSAL_TABLE(texts);
const struct refusal_table refusal_vague_texts = REFUSAL_TABLE(vague_texts);
