/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What servers say when they refuse, whatever the command was. The order is the order of asking: what names a
 * cause stands above what only names a symptom, a provider's own code words above common words. */
#include "common/mail/refusal_table.h"

#define BAD_HELO     "give a full host name that resolves to the sending address, with --helo"
#define CODE_BLOCK   "the recipient's provider blocks the sending address: its postmaster page takes requests"
#define HOP_TLS      "the next server's TLS does not satisfy its published policy (MTA-STS, DANE)"
#define MAIL_LOOP    "a mail loop: look at MX records and forwarding rules"
#define NEED_TLS     "this server wants TLS first: use --tls=starttls or --tls=implicit"
#define NEXT_HOP     "the relay cannot reach the next server: look at its queue and at the recipient's MX"
#define NO_MAIL_HERE "this host or domain takes no mail: check the recipient's domain and its MX records"
#define SEND_SLOWER  "too much at once for this server: send less often, in fewer connections"

static const struct refusal_rule rules[] = {
    /* greylisting: its words, whatever the code */
    SAYS("grey-list|gray-list|<greylst>|postgrey|sqlgrey|grey-trap", GREYLISTED),
    SAYS("resources-restricted|internal resource*temporarily unavailable|delivery attempt too early|too "
         "soon*retry|"
         "deferred for policy reasons*try again|triplet|first time*try again|new sender*try again|"
         "<seconds>*before retrying|temporarily blocked for*<seconds>|temporarily blocked for*minutes",
         GREYLISTED, .code = 4),
    SAYS("service currently unavailable", GREYLISTED, .code = 450, .stages = AT(RCPT),
         .advice = "probably a first-contact test (postscreen): the next try should pass"),
    SAYS("temporary failure, please try again later", GREYLISTED, .code = 451, .stages = AT(RCPT) | AT(DATA)),

    /* providers' own code words */
    SAYS("<tss%%>*permanently|<ts%%>*permanently|permanently deferred|<tss09>|<ts03>", REPUTATION,
         .advice = "Yahoo turns this sender away for good: see senders.yahooinc.com"),
    SAYS("<tss%%>|<ts%%>", RATE_LIMITED, .code = 4,
         .advice =
             "Yahoo defers for complaints or volume: wait some hours, and look at the sender's reputation"),
    SAYS("<tss%%>|<ts%%>|<bl%%>|<gl%%>|<dyn:t%>|<rtr:*)|<con:b%>|<rly:b%>", REPUTATION, .advice = CODE_BLOCK),
    SAYS("<hvu:b%>|<scl:*)", CONTENT_REJECTED),
    SAYS("<ph%%>", POLICY_REJECTED),
    SAYS("(s3150)|(s3140)|(s311%)|<sc-00%>|<dy-00%>|<ou-00%>", REPUTATION,
         .advice = "Microsoft blocks this address or its network: ask for removal at olcsupport.office.com"),
    SAYS("<rp-00%>", RATE_LIMITED, .advice = "Microsoft limits this address for its reputation: see SNDS"),
    SAYS("<cxbl>|<cdrbl>|<ipbl%%%%", REPUTATION, .advice = CODE_BLOCK),
    SAYS("<cxthrt>|<cxmxrt>|<cxcnct>|<cxmj>", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("<cxdns>", PTR_MISSING),
    SAYS("<cxsndr>", SENDER_REJECTED,
         .advice = "give the sender's domain an MX or address record, and let SPF and DKIM pass"),
    SAYS("<urlbl%%%>", CONTENT_REJECTED),
    SAYS("aup#*<1090>", SERVER_UNAVAILABLE),
    SAYS("aup#*<1260>", CONNECT, .advice = "this provider takes no mail over IPv6: use -4"),
    SAYS("aup#*<10%%>", REPUTATION, .advice = CODE_BLOCK),
    SAYS("aup#*<135%>|aup#*<136%>|aup#*<137%>|aup#*<138%>|aup#*<139%>|aup#*<14%%>|aup#*<154%>|aup#*<155%>",
         RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("aup#*<13%%>", REPUTATION, .advice = CODE_BLOCK),
    SAYS("aup#*<150%>|aup#*<152%>", SENDER_REJECTED),
    SAYS("aup#*<1%%%>", POLICY_REJECTED),
    SAYS("<bl00%%%%>", REPUTATION, .advice = CODE_BLOCK),
    SAYS("<rl00%%%%>", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("<dm00%%%%>", DMARC_REJECTED),
    SAYS("<pt00%%%%>", PTR_MISSING),
    SAYS("<pol-p%>|<pol-t%>", POLICY_REJECTED),
    SAYS("<rcp-p1>|<int-p1>|<int-p3>|<int-p4>", RECIPIENT_UNKNOWN),
    SAYS("<rcp-p%>", POLICY_REJECTED, .advice = "the recipient's own settings turn this sender away"),
    SAYS("<int-p2>", MESSAGE_TOO_BIG),
    SAYS("<msg-p%>", CONTENT_REJECTED),
    SAYS("<con-t%>|<msg-t%>", RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("<dns-p%>|<dns-t%>", SENDER_REJECTED, .advice = "give the sender's domain an MX or address record"),
    SAYS("<rcp-t%>|<int-t%>", SERVER_UNAVAILABLE),
    SAYS("<hl:itc>|<hl:icc>|<hl:ifc>|<mi:dmc>|<mi:sfq>|<mi:stc>|<mi:ccl>|<mi:cel>|<rp:drc>|<rp:trc>|<rp:ccl>|"
         "<rp:cel>|<rp:qrc>",
         RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("<hl:rep>|<hl:mep>|<hl:ipb>|<hl:ihu>|<dt:rbl>|<mi:spb>", REPUTATION, .advice = CODE_BLOCK),
    SAYS("<mi:spf>", SPF_REJECTED),
    SAYS("<mi:nhd>", POLICY_REJECTED, .advice = BAD_HELO),
    SAYS("<dt:spm>|<dt:spo>", CONTENT_REJECTED),
    SAYS("<dt:sum>", SENDER_REJECTED, .advice = "let --from and --mail-from be the same address"),
    SAYS("<wm:bli>|<wm:blu>", POLICY_REJECTED),

    /* TLS */
    SAYS(
        "mta-sts|<dane>|<tlsa|dnssec-invalid|certificate*next hop|remote certificate|destination*certificate",
        TLS_CERTIFICATE, .advice = HOP_TLS),
    SAYS("certificate*expired|certificate*mismatch|certificate*verif|certificate*invalid|invalid certificate|"
         "certificate*not trusted",
         TLS_CERTIFICATE),
    SAYS("issue a starttls|starttls*first|starttls is required|starttls required|requires starttls|use "
         "starttls|"
         "tls*required|requires*tls|require tls|requiretls|must use tls|tls encryption|encryption*required|"
         "requires encryption|requires*cipher|encryption needed|encrypted connection|over a tls|secure "
         "connection|"
         "insecure connection|unencrypted",
         TLS_REFUSED, .advice = NEED_TLS),
    SAYS("tls*not available|tls*unavailable|tls*not supported|starttls-not-supported|tls*disabled|tls "
         "handshake|"
         "tls negotiation|tls*failed",
         TLS_REFUSED),

    /* who the message claims to be from */
    SAYS("<dmarc>|domain-based message authentication|from:*not aligned|alignment", DMARC_REJECTED),
    SAYS("spf*and*dkim|spf*or*dkim|dkim*or*spf|unauthenticated email|unauthenticated mail|"
         "authentication information|authentication checks|required authentication level|sender "
         "unauthenticated",
         DMARC_REJECTED, .advice = "make SPF and DKIM pass and align with the From: domain"),
    SAYS("<spf>|sender policy framework|openspf|sender id (pra)|not a permitted sender|<spf-|not "
         "designated*sender|"
         "not authorized to send*on behalf of*domain",
         SPF_REJECTED),
    SAYS("<dkim|domainkeys", DKIM_REJECTED),
    SAYS("<arc>*fail|arc validation|arc chain", DMARC_REJECTED),
    SAYS("sender authentication|domain authentication|authentication results", DMARC_REJECTED),

    /* how the sending host names itself */
    SAYS("<ptr>|reverse dns|reverse-dns|<rdns>|reverse host-name|reverse lookup|reverse name|reverse record|"
         "reverse mapping|in-addr.arpa|cannot find your host-name|cannot resolve your address|dns check fail|"
         "match the ip address of the hostname|ip name lookup failed|ip address*does not resolve|"
         "no dns*for your*ip|forward confirmed|<fcrdns>|unable to resolve*host|unresolvable*client|"
         "ip*without*hostname|client*has no hostname|domain name*of your ip|resolve your ip",
         PTR_MISSING),
    SAYS("<helo>|<ehlo>", POLICY_REJECTED, .advice = BAD_HELO, .status = "7"),
    SAYS(
        "helo*rejected|ehlo*rejected|helo*requires|ehlo*requires|helo*argument|ehlo*argument|invalid "
        "helo|invalid ehlo|"
        "bad helo|bad ehlo|helo*invalid|ehlo*invalid|helo*name|ehlo*name|helo*domain|ehlo*domain|"
        "fake helo|forged helo|helo*forged|fully-qualified hostname|your hostname|hostname is not authorized",
        POLICY_REJECTED, .advice = BAD_HELO),

    /* lists and reputation */
    SAYS("<surbl|<uribl|url*listed|url*blacklist|links*listed|domain*in the message*listed|<uribl",
         CONTENT_REJECTED),
    SAYS("blocked using|block-list|black-list|blacklist|deny-list|<rbl|<dnsbl|dns-bl|spamhaus|spamcop|<sorbs|"
         "barracudacentral|barracuda "
         "reputation|uceprotect|abuseat|mail-abuse.com|<cbl>|<pbl>|<xbl>|<sbl>|invaluement|"
         "backscatterer|<psbl>|mailspike|senderscore|sender "
         "score|spameatingmonkey|spamrats|<ers-|cloudmark|trustedsource|"
         "senderbase|talosintelligence|dnsbl-lookup|ipcheck.proofpoint|ip*listed|listed*in*list|<bl>|<nowl>",
         REPUTATION),
    SAYS("reputation|poor rating|low rating|dynamic ip|dynamic*address|dial-up|residential|user "
         "complaints|too many complaints|"
         "too many spam|spam ip|spamming ip|spam source|suspicious activity on*ip|suspected spam ip|your "
         "network|"
         "spam*from your ip|spam*from your host|ip*sending spam|banned sending ip|ip*is "
         "banned|ip*banned|ip*blocked|"
         "blocked ip|ip is blocked|host*blocked|address*blocked*ip|unsolicited mail originating from your "
         "ip|bounce attack|"
         "blocked - see|blocked for abuse|blocked for spam|ip*not allowed|ip*has been*block|hote ip bloque",
         REPUTATION),
    SAYS("unusual rate of*mail|unusual sending activity|mail flood", RATE_LIMITED,
         .advice = "the provider sees more mail than it expects from this sender: slow down and look for the "
                   "source"),

    /* sending limits of an account */
    SAYS("sending quota|daily message quota|sending "
         "limit|submission-quota|daily*limit|hourly*limit|monthly*limit|relay limit|"
         "relay quota|maximum credits|credits exceeded|messaging limits|message limit*exceeded|out of credit|"
         "trial*exceeded|tenant has exceeded|tenant exceeded|exceeded*messages "
         "per|outbound*limit|outgoing*limit|"
         "email quota|quota for sending|sending suspended|sending paused|exceeded the "
         "max*emails|exceeded*per day|"
         "exceeded*per month|exceed*sending|reached*limit for message recipients|plan limit|overquota for "
         "sending",
         QUOTA_EXCEEDED),

    /* size, then room in the mailbox: both say 552 */
    SAYS("message*too big|message*too large|too large message|mail*too big|mail*too "
         "large|size*exceed|exceed*size|"
         "size limit|message size|message too long|exceed*length|databytes|body too large|data too "
         "large|max*size|"
         "header name limit|header*limit|attachments exceeds|too much mail data|larger than|mail size|trop "
         "grand|"
         "length exceed|size of*message*limit|file too large",
         MESSAGE_TOO_BIG),
    SAYS("over-quota|quota*exceed|exceed*quota|mailbox*full|mailbox quota|quota is full|inbox*full|inbox is "
         "out|"
         "out of storage space|storage limit|exceeded storage|exceeds*storage|quota*reached|disk "
         "quota|insufficient quota|"
         "not enough space in*mailbox|mailbox size limit|mailfolder is full|mail "
         "folder*full|maildir*quota|quota violation|"
         "boite*pleine|no space left in mailbox|exceed*mailbox|too full|account is full|full "
         "mailbox|user*full>|"
         "recipient's mailbox*storage|quota",
         MAILBOX_FULL),

    /* rates */
    SAYS("too many recipient|too many rcpt|recipient limit|number of recipients|recipients*exceed",
         RATE_LIMITED, .advice = "send to fewer recipients at once"),
    SAYS("rate-limit|ratelimit|rate*exceed|exceed*rate|throttl|too quickly|too fast|too frequent|too "
         "often|too much mail|"
         "frequency limit|slow down|at a rate|flood|connection rate|connection limit|concurrent connection|"
         "concurrency limit|number of*connections|simultaneous*connection|too many*connection|too "
         "many*session|"
         "too many messages|too many mails|too many emails|too many*requests|receive limit|thread limit|"
         "message threshold|volume|trop de connexions|maximum number of|sent too many|per hour|per "
         "minute|all server ports are busy|"
         "recipients received this hour|connections from your|deferred due to*limit",
         RATE_LIMITED, .advice = SEND_SLOWER),
    SAYS("requested action aborted: try again later|try again later, closing connection", RATE_LIMITED,
         .code = 421),

    /* who we are */
    SAYS("too many*login|too many*auth|too many failed|too much fail|login attempts|logins exceeded",
         AUTH_THROTTLED),
    SAYS("invalid credentials for relay|not authorized to relay", RELAY_DENIED,
         .advice = "register the sending address with the relay service, or sign in"),
    SAYS("resolver.rst.authrequired|sender was not authenticated|authenticated "
         "sender*only|only*authenticated senders|"
         "sender not authenticated for recipient",
         POLICY_REJECTED,
         .advice = "this recipient takes mail from authenticated senders of its own organization only"),
    SAYS("authentication*required|requires authentication|require authentication|must authenticate|must be "
         "authenticated|"
         "please authenticate|not authenticated|authenticate first|turn on smtp auth|auth "
         "first|auth*required|not logged in|"
         "log in first|login first|need to authenticate|without authentication|smtp-auth|use smtp "
         "auth|please login|"
         "must login|must log in|anonymous|pop before smtp|check*mail*before sending",
         AUTH_REQUIRED),
    SAYS(
        "username and password not accepted|authentication*fail|authentication unsuccessful|authentication "
        "credentials|"
        "invalid credentials|credentials*invalid|bad credentials|incorrect authentication|incorrect username|"
        "incorrect password|wrong password|invalid password|bad username|bad password|login fail|failed to "
        "authenticate|"
        "failed to login|application-specific password|app-password|invalid login|user or password|auth "
        "fail|auth*failure",
        AUTH_CREDENTIALS),
    SAYS("log in through your web browser|log in via your web browser|log in with your web "
         "browser|webloginrequired",
         AUTH_DISABLED, .advice = "Google wants a sign-in by web browser first, or an app password"),
    SAYS("basic authentication is*disabled|basic authentication is not supported|smtpclientauth*disabled",
         AUTH_DISABLED, .advice = "Microsoft has switched this way to sign in off: use OAuth2"),
    SAYS("authentication type|auth mechanism|authentication mechanism|xoauth*no longer supported|auth*not "
         "enabled|"
         "auth*not advertised|cannot decode response|authentication not enabled|auth not available",
         AUTH_UNAVAILABLE),

    /* relaying */
    SAYS("relay*denied|relay*not allowed|relay*not permitted|relay*prohibited|relay*disallowed|not permitted "
         "to relay|"
         "unable to relay|cannot relay|won't relay|not relay|relay access|relaying|open "
         "relay|rcpthosts|relay host|"
         "tenantattribution|not a gateway|no relay|relay*rejected|permissions to submit to this server|"
         "non-accepted domain|not local|not hosted here|don't handle mail for|not accept mail for*domain|"
         "no such domain at this location|we do not relay|domain not in|locally hosted",
         RELAY_DENIED),

    /* the sender's address */
    SAYS("envelope blocked|blocked sender|manually blocked|sender*blocked by|block policy", SENDER_REJECTED,
         .advice = "the recipient's filter blocks this sender: ask them to permit it"),
    SAYS("sender address blocked", POLICY_REJECTED),
    SAYS("identities failed the check|is not verified|not*verified sender|sender identity|sender signature|"
         "unverified*domain|domain*unverified|unconfigured sending domain|unregistered domain|sandbox|"
         "domain*not allowed to send|from address*verified",
         SENDER_REJECTED, .advice = "verify the sender's address or domain with the sending service first"),
    SAYS(
        "send as this sender|send-as|sendas|not owned by user|send on behalf|from address*not one of your|"
        "same as authori|not allowed to send as|from: must|not allowed to use*sender|identity change|"
        "sender*mismatch|must match*authenticated|not belong to*account|user*cannot send|unauthorized sender|"
        "not authorized to send|permission to send|permissions to send",
        SENDER_REJECTED, .advice = "let --mail-from and --from be an address that this account may send as"),
    SAYS("sender*domain*not exist|sender*domain*not found|sender*domain*resolve|domain of "
         "sender|sender*unresolv|"
         "sender*verif|verify*sender|sender*callout|sender*no mx|mail from domain|mail from*domain|sender "
         "domain|domaine*expediteur",
         SENDER_REJECTED, .advice = "the sender's domain must exist in DNS, and its address must take mail"),
    SAYS("sender*rejected|sender*denied|sender*not allowed|sender*not "
         "accepted|sender*invalid|sender*unknown|sender*blocked|"
         "sender*refused|sender*illegal|invalid sender|unknown sender|bad sender|illegal sender|banned "
         "sender|outbound sender|"
         "envelope sender|expediteur|sender id|null sender|empty sender|return-path|sender*malformed|"
         "sender*banned|badmailfrom|from address|reply address|mail from*reject|mail from*denied|sender is "
         "not",
         SENDER_REJECTED),
    SAYS("spoof|imperson|forged|anti-spoof", POLICY_REJECTED,
         .advice = "the filter takes the sender for forged: let SPF and DKIM align with the From: domain"),

    /* content, named as such */
    SAYS("virus|malware|phish|infected|trojan|clamav|eicar", CONTENT_REJECTED,
         .advice = "the filter took the message for malware"),
    SAYS("spam|junk mail|junk-mail|unsolicited|bulk mail|content*denied|content*reject|reject*content|nature "
         "of the content|"
         "content*filter|message content|message filtered|<ube>|<uce>|scored too|score of|blocked "
         "by*filter|suspicious content|"
         "looks like|objectionable|banned content|banned file|banned:|potential security issue|illegal "
         "attachment|attachment|"
         "prohibited content|permanently rejected message|message body|message scored|same message-id",
         CONTENT_REJECTED),
    SAYS("malformed|rfc-5322|rfc-2822|rfc-822|bare lf|bare newline|bare linefeed|line too long|lines too "
         "long|header error|"
         "bad header|missing header|missing*header|header*missing|header*not accepted|header is too "
         "long|invalid header|"
         "invalid characters|disallowed header|from: header|from header|message-id header|unicode "
         "character|encoded-word|"
         "mime error|nested|8bit|smtputf8|non-ascii|invalid message content|rfc-compliant|invalid mime|depth "
         "exceeded|"
         "does not comply with|not rfc",
         CONTENT_REJECTED,
         .advice = "the filter found the message malformed: look at the headers that were added"),

    /* the recipient */
    SAYS("recipient address rejected: access denied", RECIPIENT_UNKNOWN, .status = "4.1"),
    SAYS("recipient address rejected: access denied", RECIPIENT_UNKNOWN, .status = "7.504"),
    SAYS("does not accept mail|doesn't accept mail|not accept any mail|null mx|nullmx|no mail-enabled|never "
         "accept",
         RECIPIENT_UNKNOWN, .advice = NO_MAIL_HERE),
    SAYS("host unknown|unknown host|domain not found|domain*does not exist|domain*doesn't exist|host or "
         "domain name not found|nxdomain|"
         "no such domain|unknown domain|recipient domain|invalid domain|no route to*domain|find the "
         "recipient domain|"
         "host not found|couldn't find any host|bad destination system",
         RECIPIENT_UNKNOWN, .advice = "check the recipient's domain and its MX records"),
    SAYS("user unknown|unknown user|user-unknown|no such user|no such mailbox|no such recipient|no such "
         "address|no such account|"
         "no such person|no such local|no such email|no mailbox|mailbox not found|mailbox does not "
         "exist|mailbox doesn't exist|user not found|"
         "user not exist|not exist|doesn't exist|recipient not "
         "found|recipient-not-found|recipnotfound|address not found|recipient unknown|"
         "unknown recipient|unknown address|unknown local|unknown account|unknown mailbox|illegal "
         "alias|unknown or|"
         "invalid recipient|invalid mailbox|invalid user|invalid address|address unknown|address is "
         "unknown|bad destination mailbox|"
         "couldn't be found|not be found|not found|doesn't have a*account|does not have a*account|not "
         "known|user is not known|"
         "unrouteable|unroutable|undeliverable address|not our customer|not a valid|isn't a valid|not valid "
         "recipient|"
         "is not a user|not a user|isn't here|no account|not listed in|no valid recipient|destinataire "
         "inconnu|destinataire*invalid|"
         "no one by that name|no user|recipient address has been|user doesn't|ambiguous|bad "
         "recipient|illegal user|email address could not",
         RECIPIENT_UNKNOWN),
    SAYS("account*disabled|account*suspended|account*inactive|account*closed|account*deactivated|account*"
         "expired|account*locked|account*unavailable|"
         "account*terminated|mailbox*disabled|mailbox*suspended|mailbox*inactive|mailbox*deactivated|mailbox*"
         "expired|mailbox*closed|mailbox*locked|"
         "mailbox*frozen|mailbox cannot be "
         "accessed|user*disabled|user*suspended|user*inactive|user*deactivated|user*locked|"
         "inactive*address|inactive*user|inactive*account|inactive*mailbox|inactive*recipient|disabled "
         "user|disabled account|disabled mailbox|"
         "address*disabled|address*inactive|recipient*disabled|recipient*inactive|recipient*suspended|no "
         "longer|archived recipient|"
         "boite*archivee|discontinued|has moved|has left|retired|dormant|abandoned|never logged",
         RECIPIENT_UNKNOWN,
         .advice = "the recipient's mailbox is closed or disabled: check it with its provider"),
    SAYS("mailbox*unavailable|mailbox*not available", RECIPIENT_UNKNOWN, .code = 5),
    SAYS("mailbox*unavailable|mailbox*not "
         "available|mailbox*busy|recipient*temporarily|user*temporarily|mailbox is locked",
         SERVER_UNAVAILABLE, .code = 4),

    /* what the server lacks */
    SAYS("insufficient disk|disk full|disk space|no space left|out of space|insufficient system|insufficient "
         "storage|"
         "insufficient resource|system storage|out of memory|cannot allocate|space shortage|not enough "
         "space|no space|"
         "mail system full|backpressure|back pressure|low on resources|insufficient memory|queue "
         "file|storage full|system full",
         SERVER_STORAGE),
    SAYS("timed out|timeout|time-out|time out|connection expired|message expired|queue expired|delivery time "
         "expired|"
         "in the queue too long|queue too long|too long in queue|in queue too long|retry timeout|idle too "
         "long|"
         "message ended early|connection time|retry time not reached|expired",
         TIMEOUT, .advice = "look at network and load: a step took longer than the server waits"),
    SAYS("dns query fail|dns error|dns fail|name server|nameserver|servfail|dns lookup|domain lookup|name "
         "service|dns temporary|"
         "dns server|dns resolution|temporary dns|temporarily unable to resolve|lookup fail",
         DNS, .advice = "the server cannot look a name up: check the domain's records and its resolver"),
    SAYS("hop count|too many hops|routing loop|mail loop|loops back|mail forwarding loop|loop "
         "detected|excessive hops|exceeded*hops|forwarding loop",
         SERVER_UNAVAILABLE, .advice = MAIL_LOOP),
    SAYS("connection refused|connection dropped|connection reset|network error|network is unreachable|no "
         "route to host|"
         "no answer from host|bad connection|unable to route|cannot connect|could not connect|unable to "
         "connect|"
         "connection failed|connection lost|lost connection|networkerror|wasn't able to establish|host "
         "unreachable",
         CONNECT, .advice = NEXT_HOP, .stages = AT(NONE) | AT(MAIL) | AT(RCPT) | AT(DATA) | AT(ACCEPT)),

    /* refused without a cause that helps */
    SAYS("delivery not authorized|not authorized|unauthorized|not "
         "permitted|permission|policy|policies|prohibit|administrative|"
         "access*denied|access*rejected|connection*denied|connection*rejected|connection*refused|client host "
         "rejected|"
         "not in*whitelist|whitelist|whitelisted|locally blocked|blocked|block |rejected by|refused by|"
         "not accepting connections|deny|banned|restricted|restriction|message rejected|message refused|mail "
         "rejected|mail refused|"
         "mail not accepted|message not accepted|not welcome|mail rejete|contact the postmaster|contact your "
         "postmaster|"
         "inbounds disabled|sending denied|command rejected",
         POLICY_REJECTED, .code = 5),
    SAYS("try again later|try later|come back later|please retry|please try again", GREYLISTED, .code = 4,
         .status = "7.1", .stages = AT(NONE) | AT(RCPT) | AT(DATA) | AT(ACCEPT)),
    SAYS("policy|policies|prohibit|administrative|access*denied|client host rejected|not "
         "in*whitelist|blocked|banned|"
         "restricted|connection*denied|connection*rejected|connection*refused",
         POLICY_REJECTED, .code = 4),
    SAYS("too many*command|bad sequence|out of sequence|syntax|unrecognized command|unknown "
         "command|command*unrecognized|"
         "unimplemented|not implemented|invalid command|command*not recognized|command not|bad "
         "command|protocol violation|"
         "protocol error|synchronization error|improper|pipelining|nested mail|need mail|need rcpt|mail "
         "first|rcpt first|helo first|"
         "data before|before greeting|say hello|polite people|argument|invalid parameter|unsupported "
         "parameter|unknown option|"
         "8bitmime|wrong protocol|not a valid command|error in processing command|process command",
         PROTOCOL, .advice = "the server did not understand a command: see the dialogue with -vvv"),
    SAYS("temporar|try again|try later|unavailable|not available|busy|internal error|system error|server "
         "error|system problem|"
         "local error|local problem|unexpected failure|not active|shutting "
         "down|shutdown|maintenance|overload|congestion|too busy|"
         "high load|load average|cannot process|unable to process|unable to accept|not accepting|not "
         "accept|transient|"
         "queue|misconfigured|configuration error|config error|incorrectly configured|expansion "
         "problem|service refuse|out of service",
         SERVER_UNAVAILABLE),
};

const struct refusal_table refusal_texts = REFUSAL_TABLE(rules);
