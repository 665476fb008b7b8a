# SPDX-License-Identifier: GPL-3.0-or-later
# dovecot.sh - mailboxes (IMAP, POP3, LMTP with Sieve), the logins of both sides, OAuth2 by locally signed tokens

vmail=5000 # owner of all mail; needs no name
all_users() { echo $sender $user $more_users $odd_user $quota_user $full_user $latefull_user $folders_user $nojunk_user $readonly_user; }

# Passwords are kept in clear: CRAM-MD5 and SCRAM are both computed from them.
dovecot_users()
{
    local name password extra

    for name in $(all_users); do
        password=$(<"$LAB_DIR/secret/password")
        extra=
        case $name in
        "$odd_user") password=$(<"$LAB_DIR/secret/odd-password") ;;
        "$quota_user" | "$full_user" | "$latefull_user") extra="userdb_quota_rule=*:storage=1M" ;;
        "$folders_user") extra="userdb_namespace/inbox/disabled=yes userdb_namespace/odd/disabled=no userdb_mail=maildir:~/Maildir:LAYOUT=fs userdb_sieve_before=$LAB_DIR/dovecot/sieve/odd.sieve" ;;
        "$nojunk_user") extra="userdb_namespace/inbox/disabled=yes userdb_namespace/unmarked/disabled=no userdb_sieve_before=$LAB_DIR/dovecot/sieve/unmarked.sieve" ;;
        # many messages are kept as who has many keeps them; in a Maildir Dovecot reads the folder anew after each delivery
        bench*) extra="userdb_mail=mdbox:~/mdbox" ;;
        "$readonly_user") extra="userdb_mail_plugins=quota,acl userdb_acl=vfile:$LAB_DIR/dovecot/acl-look" ;;
        esac
        echo "$name:{PLAIN}$password:$vmail:$vmail::$LAB_DIR/mail/$name::$extra"
    done >"$LAB_DIR/dovecot/users"
    # "p" is LMTP's right to put something in; the user himself may look, not touch
    echo "* owner lrp" >"$LAB_DIR/dovecot/acl-look"
}

# mail_weight USER BYTES: one big old message, straight into the Maildir
mail_weight()
{
    local dir=$LAB_DIR/mail/$1/Maildir

    mkdir -p "$dir"/{cur,new,tmp}
    {
        printf 'From: %s\r\nTo: %s\r\nSubject: ballast\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <ballast@lab>\r\n\r\n' "$sender" "$1"
        printf '%070d\r\n' $(seq $(($2 / 72)))
    } >"$dir/tmp/ballast"
    mv "$dir/tmp/ballast" "$dir/cur/1767225600.ballast.lab,S=$(stat -c %s "$dir/tmp/ballast"):2,S"
}

dovecot_mail()
{
    mail_weight "$quota_user" 940000
    mail_weight "$full_user" 1100000
    mail_weight "$latefull_user" 1100000
    # two that cannot be written in dovecot.conf
    mkdir -p "$LAB_DIR/mail/$folders_user/Maildir"/{'She said "no"','Back\slash'}/{cur,new,tmp}
    chown -R $vmail:$vmail "$LAB_DIR/mail"
}

dovecot_sieve()
{
    local dir=$LAB_DIR/dovecot/sieve

    mkdir -p "$dir"
    cat >"$dir/again" <<'END'
#!/bin/sh
# a copy of the message on stdin into the user's inbox
file=again.$$.lab
cat >"$HOME/Maildir/tmp/$file" && mv "$HOME/Maildir/tmp/$file" "$HOME/Maildir/new/$file"
END
    chmod 755 "$dir" "$dir/again"
    dovecot_script lab Junk
    dovecot_script odd Ordner/Ungewünscht
    dovecot_script unmarked "Junk E-mail"
}

# dovecot_script NAME JUNK-FOLDER
dovecot_script()
{
    cat >"$LAB_DIR/dovecot/sieve/$1.sieve" <<END
require ["fileinto", "copy", "editheader", "vnd.dovecot.pipe", "mailbox", "variables"];
if header :is "X-Lab-Drop" "YES" {
    discard;
    stop;
}
if header :is "X-Lab-Strip" "YES" {
    deleteheader "X-Mailproof-Marker";
}
if header :matches "X-Lab-Folder" "*" {
    fileinto :create "\${1}";
    stop;
}
if header :is "X-Lab-Spam" "YES" {
    fileinto "$2";
    stop;
}
# A folder gets a message once in a run of a script: the second copy goes another way.
if header :is "X-Lab-Duplicate" "YES" {
    pipe :copy "again";
}
END
}

# A token is <client>/<algorithm>/<key id> of a JWT: Dovecot looks for the public key below that path.
oauth2_keys()
{
    mkdir -p "$LAB_DIR/dovecot/keys/default/RS256"
    openssl genrsa -out "$LAB_DIR/secret/token.key" 2048 2>/dev/null
    openssl rsa -in "$LAB_DIR/secret/token.key" -pubout -out "$LAB_DIR/dovecot/keys/default/RS256/default" 2>/dev/null
    chmod 600 "$LAB_DIR/secret/token.key"
}

dovecot_variants()
{
    local entry

    for entry in $imap_variants; do
        echo "local ${entry##*:} {"
        case ${entry%%:*} in
        plaintext) printf '  %s\n' "ssl = no" "disable_plaintext_auth = no" ;;
        logindisabled) ;; # what is special here is that the client comes from another address
        *) printf "  ssl_%s = <$LAB_DIR/ca/${entry%%:*}.%s\n" cert pem key key ;;
        esac
        echo "}"
    done
}

dovecot_start()
{
    local dir=$LAB_DIR/dovecot

    mkdir -p "$dir"/{base,state} "$LAB_DIR/mail"
    dovecot_users
    dovecot_mail
    dovecot_sieve
    cat >"$dir/oauth2.conf" <<END
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$dir/keys/
issuers = https://login.sender.example
username_attribute = email
openid_configuration_url = https://login.sender.example/.well-known/openid-configuration
END
    cat >"$dir/dovecot.conf" <<END
instance_name = mailproof-lab-$LAB_BASE
base_dir = $dir/base
state_dir = $dir/state
protocols = imap pop3 lmtp submission
listen = 127.0.0.1 $(have_ipv6 && echo ::1) $(for entry in $imap_variants; do echo ${entry##*:}; done | tr '\n' ' ')
log_path = $LAB_DIR/log/dovecot.log
log_timestamp = "%Y-%m-%d %H:%M:%S.%{usecs} "
auth_verbose = yes
hostname = $imap_host
postmaster_address = postmaster@dest.example

ssl = yes
ssl_cert = <$LAB_DIR/ca/server.pem
ssl_key = <$LAB_DIR/ca/server.key
ssl_ca = <$LAB_DIR/ca/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_ssl_username_from_cert = yes
# Clients of 127.0.0.1 on 127.0.0.1 count as secured all the same; those of another address do not.
disable_plaintext_auth = yes
$(dovecot_variants)

auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer external
auth_username_format = %Lu
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $dir/oauth2.conf
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword=y
}
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = username_format=%Lu $dir/users
}
userdb {
  driver = passwd-file
  args = username_format=%Lu $dir/users
}

first_valid_uid = $vmail
mail_location = maildir:~/Maildir
mail_max_userip_connections = 300
default_process_limit = 300
mail_plugins = quota
namespace inbox {
  inbox = yes
  separator = /
  mailbox Junk {
    special_use = \Junk
    auto = subscribe
  }
  mailbox Sent {
    special_use = \Sent
    auto = create
  }
  mailbox Trash {
    special_use = \Trash
    auto = create
  }
}
# $folders_user: names that need quoting, encoding and a look at special-use
namespace odd {
  disabled = yes
  inbox = yes
  separator = /
  mailbox "Sent Items" {
    special_use = \Sent
    auto = create
  }
  mailbox "Entwürfe & Pläne" {
    special_use = \Drafts
    auto = create
  }
  mailbox "日本語" {
    auto = create
  }
  mailbox "Ordner/Ungewünscht" {
    special_use = \Junk
    auto = subscribe
  }
}
# $nojunk_user: a junk folder by its name alone
namespace unmarked {
  disabled = yes
  inbox = yes
  separator = /
  mailbox "Junk E-mail" {
    auto = subscribe
  }
}

service imap-login {
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    port = $imap_port
  }
  inet_listener imaps {
    port = $imaps_port
    ssl = yes
  }
}
service pop3-login {
  service_count = 0
  inet_listener pop3 {
    port = $pop3_port
  }
  inet_listener pop3s {
    port = $pop3s_port
    ssl = yes
  }
}
service submission-login {
  service_count = 0
  inet_listener submission {
    address = 127.0.0.1
    port = $external_port
  }
  inet_listener submissions {
    port = 0
  }
}
submission_relay_host = 127.0.0.1
submission_relay_port = $trusted_port
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $lmtp_port
  }
  unix_listener lmtp {
    mode = 0666
  }
}
service quota-status {
  executable = quota-status -p postfix
  client_limit = 1
  unix_listener $LAB_DIR/milter/quota {
    mode = 0666
  }
}
service auth {
  unix_listener $LAB_DIR/milter/sasl {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
# without access to it no client is slowed down for wrong passwords before
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
protocol imap {
  mail_plugins = \$mail_plugins imap_quota
}
protocol lmtp {
  mail_plugins = \$mail_plugins sieve
}
plugin {
  quota = count:Mailbox
  quota_vsizes = yes
  quota_status_success = DUNNO
  quota_status_nouser = DUNNO
  quota_status_overquota = "552 5.2.2 Mailbox is full"
  sieve_before = $dir/sieve/lab.sieve
  sieve_extensions = +editheader
  sieve_plugins = sieve_extprograms
  sieve_global_extensions = +vnd.dovecot.pipe
  sieve_pipe_bin_dir = $dir/sieve
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
END
    sievec -c "$dir/dovecot.conf" "$dir/sieve"
    chmod -R a+rX "$dir/sieve"
    launch dovecot dovecot -F -c "$dir/dovecot.conf"
}
