# SPDX-License-Identifier: GPL-3.0-or-later
# env.sh - writes DIR/env, one NAME=value a line, nothing that would need quoting; tests/lab/README says what is what

env_variables()
{
    local entry name port

    echo "LAB_DIR=$LAB_DIR"
    echo "LAB_BASE=$LAB_BASE"
    echo "LAB_RESOLVER=127.0.0.1:$dns_port"
    echo "LAB_DNS_ADDRESS=127.0.0.1"
    echo "LAB_DNS_PORT=$dns_port"
    echo "LAB_SENDER_IP=$source_address"
    echo "LAB_FORWARDER_IP=$forward_address"
    echo "LAB_AUTHSERV_ID=$mx_host"
    echo "LAB_GREY_DELAY=$grey_delay"
    have_ipv6 && echo "LAB_IPV6=yes"

    echo "LAB_CA_FILE=$LAB_DIR/ca/ca.pem"
    echo "LAB_CA_PATH=$LAB_DIR/ca/path"
    echo "LAB_OTHER_CA_FILE=$LAB_DIR/ca/otherca.pem"
    for name in server expired selfsigned untrusted wrongname nameonly; do
        echo "LAB_CERT_${name^^}=$LAB_DIR/ca/$name.pem"
        echo "LAB_KEY_${name^^}=$LAB_DIR/ca/$name.key"
    done
    echo "LAB_CLIENT_CERT=$LAB_DIR/ca/client.pem"
    echo "LAB_CLIENT_KEY=$LAB_DIR/ca/client.key"

    echo "LAB_SMTP_HOST=$smtp_host"
    for name in submission submissions; do
        port=${name}_port
        echo "LAB_${name^^}_PORT=${!port}"
    done
    for name in expired selfsigned untrusted wrongname nameonly noauth nostarttls clear small plainonly oauthonly \
        clientcert external tls12; do
        port=${name}_port
        echo "LAB_SMTP_${name^^}_PORT=${!port}"
    done
    echo "LAB_SENDMAIL=$LAB_DIR/bin/sendmail"

    echo "LAB_MX_HOST=$mx_host"
    for name in mx grey busy lmtp; do
        port=${name}_port
        echo "LAB_${name^^}_PORT=${!port}"
    done
    echo "LAB_HOME_PORT=$home_port"

    echo "LAB_IMAP_HOST=$imap_host"
    for name in imap imaps pop3 pop3s; do
        port=${name}_port
        echo "LAB_${name^^}_PORT=${!port}"
    done
    for entry in $imap_variants; do
        name=${entry%%:*}
        echo "LAB_IMAP_${name^^}_HOST=$name.dest.example"
        echo "LAB_IMAP_${name^^}_ADDRESS=${entry##*:}"
    done

    echo "LAB_SENDER=$sender"
    echo "LAB_USER=$user"
    set -- $more_users
    echo "LAB_USER2=$1"
    echo "LAB_USER3=$2"
    echo "LAB_USER4=$3"
    echo "LAB_BENCH10_USER=$4"
    echo "LAB_BENCH1K_USER=$5"
    echo "LAB_BENCH50K_USER=$6"
    for name in odd quota full latefull folders nojunk readonly; do
        port=${name}_user
        echo "LAB_${name^^}_USER=${!port}"
    done
    echo "LAB_CERT_USER=$user"
    echo "LAB_PASSWORD_FILE=$LAB_DIR/secret/password"
    echo "LAB_WRONG_PASSWORD_FILE=$LAB_DIR/secret/wrong-password"
    echo "LAB_ODD_PASSWORD_FILE=$LAB_DIR/secret/odd-password"
    for name in sender user; do
        echo "LAB_${name^^}_TOKEN_FILE=$LAB_DIR/secret/$name.token"
        echo "LAB_${name^^}_EXPIRED_TOKEN_FILE=$LAB_DIR/secret/$name.expired-token"
    done
    echo "LAB_FORGED_TOKEN_FILE=$LAB_DIR/secret/forged.token"
    echo "LAB_TOKEN_HOST=$token_host"
    echo "LAB_TOKEN_PORT=$token_port"
    echo "LAB_TOKEN_URL=https://$token_host:$token_port/token"
    echo "LAB_TOKEN_LOG=$LAB_DIR/log/token-requests.log"
    echo "LAB_CLIENT_SECRET_FILE=$LAB_DIR/secret/client-secret"
    echo "LAB_WRONG_CLIENT_SECRET_FILE=$LAB_DIR/secret/wrong-client-secret"
    for name in sender user wrong; do
        echo "LAB_${name^^}_REFRESH_TOKEN_FILE=$LAB_DIR/secret/refresh-token-$name"
    done
    echo "LAB_SERVICE_ACCOUNT_FILE=$LAB_DIR/secret/service-account.json"
    echo "LAB_FOREIGN_ACCOUNT_FILE=$LAB_DIR/secret/foreign-account.json"

    for name in grey fallback busyfirst equal nomx alldead nullmx nxmx nothing silent refused servfail; do
        echo "LAB_${name^^}_DOMAIN=$name.example"
    done
    echo "LAB_DOMAIN=dest.example"
    echo "LAB_SENDER_DOMAIN=sender.example"
    echo "LAB_GREY_ADDRESS=${user%@*}@grey.example"
    echo "LAB_FORWARD_ADDRESS=forward@hop.example"
    echo "LAB_FORWARDER_PORT=$hop_port"
    echo "LAB_FOOTER_ADDRESS=footer@list.example"
    echo "LAB_UNKNOWN_ADDRESS=nobody@dest.example"
    echo "LAB_BOUNCE_ADDRESS=bounce@dest.example"
    echo "LAB_TEMPFULL_ADDRESS=tempfull@dest.example"
    echo "LAB_DUPLICATE_ADDRESS=duplicate@dest.example"
    echo "LAB_FORBIDDEN_FROM=$forbidden_sender"
    [ -z "$with_other" ] || other_variables
}
