# SPDX-License-Identifier: GPL-3.0-or-later
# postfix.sh - two Postfix instances: the sender's (submission, signs, relays by MX) and the receiver's (judges, delivers)

postfix_main()
{
    local dir=$LAB_DIR/$1

    cat <<END
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
maillog_file = $LAB_DIR/log/postfix-$1.log
maillog_file_prefixes = $LAB_DIR
multi_instance_name = postfix-$LAB_BASE-$1
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME $(dns_environment)
inet_protocols = $(have_ipv6 && echo all || echo ipv4)
inet_interfaces = loopback-only
smtp_address_preference = ipv4
default_database_type = texthash
alias_maps =
alias_database =
local_recipient_maps =
mydestination =
local_transport = error:5.1.1 no local delivery
mynetworks = $no_one/32
recipient_delimiter = +
biff = no
virtual_transport = lmtp:unix:$LAB_DIR/dovecot/base/lmtp
smtpd_tls_chain_files = $LAB_DIR/ca/server.key, $LAB_DIR/ca/server.pem
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtp_tls_security_level = may
smtp_tls_CAfile = $LAB_DIR/ca/ca.pem
milter_default_action = tempfail
delay_logging_resolution_limit = 3
# a lab waits for nothing
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
queue_run_delay = 1s
# ... but for this: a queue file whose delivery agent has not closed it yet when its turn comes again ("skipped, still
# being delivered") is put off for five minutes
minimal_backoff_time = 3s
maximal_backoff_time = 3s
smtp_connect_timeout = 5s
END
}

postfix_services()
{
    cat <<END
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
END
}

certificate() { echo "-o { smtpd_tls_chain_files = $LAB_DIR/ca/$1.key, $LAB_DIR/ca/$1.pem }"; }

# submission PORT [OPTIONS]: later options win
submission()
{
    local port=$1

    shift
    echo "127.0.0.1:$port inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes" \
        "-o smtpd_relay_restrictions=permit_sasl_authenticated,reject_unauth_destination" \
        "-o smtpd_sasl_security_options=noanonymous" \
        "-o smtpd_milters=unix:$LAB_DIR/milter/sign $*"
}

sender_config()
{
    local dir=$LAB_DIR/sender/etc

    postfix_main sender
    cat <<END
myhostname = $smtp_host
smtp_helo_name = out.sender.example
smtp_bind_address = $source_address
smtp_bind_address_enforce = yes
# where the world's MX hosts listen
smtp_tcp_port = $mx_port
transport_maps = inline:{ { grey.example = smtp:grey.example:$grey_port }, { hop.example = smtp:hop.example:$hop_port },
    { list.example = smtp:list.example:$footer_port } }
# bounces come home
virtual_mailbox_domains = sender.example
virtual_mailbox_maps = inline:{ { $sender = ok } }
# what sendmail hands in is signed too
non_smtpd_milters = unix:$LAB_DIR/milter/sign
smtpd_sasl_type = dovecot
smtpd_sasl_path = $LAB_DIR/milter/sasl
# Dovecot knows nothing of Postfix' client certificates
smtpd_sasl_mechanism_filter = !external, static:rest
smtpd_sender_restrictions = check_sender_access inline:{
    { $forbidden_sender = 553 5.7.1 Sender address rejected: not owned by user } }
# X-Lab-Reject: 5.2.2 TEXT is refused after the final dot with just that
header_checks = regexp:{ { /^X-Lab-Reject: (.*)/ REJECT \$\$1 } }
END
}

sender_services()
{
    submission "$submission_port"
    submission "$submissions_port" -o smtpd_tls_wrappermode=yes
    if have_ipv6; then
        submission "$submission_port" | sed 's/^127.0.0.1/[::1]/'
        submission "$submissions_port" -o smtpd_tls_wrappermode=yes | sed 's/^127.0.0.1/[::1]/'
    fi
    submission "$expired_port" "$(certificate expired)"
    submission "$selfsigned_port" "$(certificate selfsigned)"
    submission "$untrusted_port" "$(certificate untrusted)"
    submission "$wrongname_port" "$(certificate wrongname)"
    submission "$nameonly_port" "$(certificate nameonly)"
    submission "$noauth_port" -o smtpd_sasl_auth_enable=no
    submission "$nostarttls_port" -o smtpd_tls_security_level=none -o smtpd_sasl_auth_enable=no
    submission "$clear_port" -o smtpd_tls_security_level=none
    submission "$small_port" -o message_size_limit=1500
    submission "$plainonly_port" -o smtpd_sasl_mechanism_filter=plain
    submission "$oauthonly_port" -o "smtpd_sasl_mechanism_filter=xoauth2,oauthbearer"
    submission "$clientcert_port" -o smtpd_sasl_auth_enable=no -o smtpd_tls_ask_ccert=yes \
        -o "smtpd_tls_CAfile=$LAB_DIR/ca/ca.pem" -o smtpd_relay_restrictions=permit_tls_all_clientcerts,reject_unauth_destination
    submission "$tls12_port" -o smtpd_tls_mandatory_protocols=TLSv1.2
    # Dovecot's own submission service hands over here what it has authenticated
    submission "$trusted_port" -o smtpd_tls_security_level=none -o smtpd_sasl_auth_enable=no -o mynetworks=127.0.0.1/32 -o smtpd_relay_restrictions=permit_mynetworks,reject
    echo "127.0.0.1:$home_port inet n - n - - smtpd -o smtpd_relay_restrictions=reject_unauth_destination"
}

receiver_config()
{
    local dir=$LAB_DIR/receiver/etc domain

    # shellcheck disable=SC2046
    printf '%s ok\n' $(all_users) bounce@dest.example tempfull@dest.example duplicate@dest.example >"$dir/mailboxes"
    printf "%s $user\n" $(for domain in $alias_domains; do echo "${user%@*}@$domain"; done) forward@hop.example >"$dir/aliases"
    echo "duplicate@dest.example ${user%@*}+1@dest.example, ${user%@*}+2@dest.example" >>"$dir/aliases"
    postfix_main receiver
    cat <<END
myhostname = $mx_host
virtual_mailbox_domains = dest.example $alias_domains
virtual_alias_domains = hop.example
virtual_mailbox_maps = texthash:$dir/mailboxes
virtual_alias_maps = texthash:$dir/aliases
transport_maps = inline:{ { sender.example = smtp:sender.example:$home_port },
    { bounce@dest.example = error:5.1.6 recipient has moved, no forwarding } }
smtp_bind_address = $forward_address
smtp_helo_name = out.hop.example
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unauth_destination, reject_unlisted_recipient, reject_unknown_sender_domain,
    check_policy_service unix:private/policyd-spf,
    check_recipient_access inline:{ { tempfull@dest.example = 452 4.2.2 Mailbox is full, try again later }, { $latefull_user = permit } },
    check_policy_service unix:$LAB_DIR/milter/quota
smtpd_milters = unix:$LAB_DIR/milter/verify, unix:$LAB_DIR/milter/dmarc
END
}

receiver_services()
{
    local address

    echo "127.0.0.1:$mx_port inet n - n - - smtpd"
    echo "127.0.0.1:$grey_port inet n - n - - smtpd -o { smtpd_recipient_restrictions = reject_unauth_destination," \
        "check_policy_service unix:$LAB_DIR/milter/grey, check_policy_service unix:private/policyd-spf }"
    # A greeting of 421, on a port of its own and on the MX port of an address of its own (a host that is "busy")
    for address in "127.0.0.1:$busy_port" "$busy_address:$mx_port"; do
        echo "$address inet n - n - - smtpd -o smtpd_delay_reject=no" \
            "-o { smtpd_client_restrictions = check_client_access static:{421 4.3.2 Service temporarily unavailable} }"
    done
    # The forwarder: takes the message for hop.example unjudged, and gives it on to the MX from an address of its own
    echo "127.0.0.1:$hop_port inet n - n - - smtpd -o myhostname=mx.hop.example -o smtpd_milters=" \
        "-o { smtpd_recipient_restrictions = reject_unauth_destination }" \
        "-o content_filter=smtp:[127.0.0.1]:$mx_port"
    # The mailing list: adds a footer, which no signature survives. A copy: the source may lie where nobody can read.
    cp "$LAB_HOME/lib/footer.py" "$LAB_DIR/bin"
    echo "127.0.0.1:$footer_port inet n n n - 0 spawn user=nobody" \
        "argv=/usr/bin/python3 $LAB_DIR/bin/footer.py $forward_address 127.0.0.1 $mx_port $user"
    echo "policyd-spf unix - n n - 0 spawn user=nobody argv=$LAB_DIR/spf/policyd"
}

postfix_start()
{
    local dir=$LAB_DIR/$1

    mkdir -p "$dir"/{etc,queue,data}
    chown postfix "$dir/data"
    chmod 700 "$dir/data"
    "$1_config" >"$dir/etc/main.cf"
    { "$1_services"; postfix_services; } >"$dir/etc/master.cf"
    # What "postfix start" does, less its tour of the installed files, which takes longer than all the rest.
    MAIL_CONFIG=$dir/etc
    export MAIL_CONFIG
    mkdir -p "$dir"/queue/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,private,saved,trace,public,maildrop,pid}
    chown postfix "$dir"/queue/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,private,saved,trace,public,maildrop}
    chmod 700 "$dir"/queue/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,private,saved,trace}
    chgrp postdrop "$dir"/queue/{public,maildrop}
    chmod 710 "$dir/queue/public"
    chmod 730 "$dir/queue/maildrop"
    launch "postfix-$1" "$(postconf -h daemon_directory)/master" -c "$dir/etc"
}
