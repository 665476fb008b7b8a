# SPDX-License-Identifier: GPL-3.0-or-later
# other.sh - the second mail system, other.example, by other people's software: Exim for submission and as MX, Cyrus for
# mailboxes. Debian does not let them be installed beside Postfix and Dovecot, so they run from where
# contrib/install-packages other unpacked them.

other_root=/var/cache/mailproof-lab

other_names()
{
    other_host=mail.other.example
    other_mx_address=127.0.0.6
    other_user=probe@other.example
    other_submission_port=$((LAB_BASE + 88))
    other_submissions_port=$((LAB_BASE + 66))
    other_imap_port=$((LAB_BASE + 44))
    other_imaps_port=$((LAB_BASE + 94))
    other_pop3s_port=$((LAB_BASE + 96))
    other_lmtp_port=$((LAB_BASE + 23))
}

other_check()
{
    [ -e "$other_root/complete" ] || die "--with exim,cyrus: run contrib/install-packages other"
}

other_records()
{
    cat <<END
other.example. MX 10 mx.other.example.
mx.other.example. A $other_mx_address
$other_host. A 127.0.0.1
other.example. TXT "v=spf1 ip4:$source_address -all"
_dmarc.other.example. TXT "v=DMARC1; p=none"
END
}

# Both drop root early, and then cannot read root's keys.
other_certificate()
{
    cat "$LAB_DIR/ca/server.pem" >"$1/server.pem"
    cat "$LAB_DIR/ca/server.key" >"$1/server.key"
    chmod 600 "$1/server.key"
    chown -R "$2:$2" "$1"
}

exim_start()
{
    local dir=$LAB_DIR/exim

    mkdir -p "$dir"/{spool,log}
    other_certificate "$dir" Debian-exim
    cat >"$dir/exim.conf" <<END
exim_path = $other_root/usr/sbin/exim4
spool_directory = $dir/spool
log_file_path = $dir/log/%slog
pid_file_path = $dir/exim.pid
primary_hostname = $other_host
qualify_domain = other.example
deliver_drop_privilege = true
local_interfaces = 127.0.0.1.$other_submission_port : 127.0.0.1.$other_submissions_port : $other_mx_address.$mx_port
tls_on_connect_ports = $other_submissions_port
tls_advertise_hosts = *
tls_certificate = $dir/server.pem
tls_privatekey = $dir/server.key
tls_try_verify_hosts = *
tls_verify_certificates = $LAB_DIR/ca/ca.pem
# neither reverse look-ups nor ident: they would ask the machine's own DNS
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
helo_allow_chars = _
smtp_accept_max_per_connection = 1000
queue_run_max = 5
acl_smtp_rcpt = rcpt

begin acl
rcpt:
  accept authenticated = *
  deny condition = \${if eq{\$domain}{other.example}{no}{yes}}
         message = relay not permitted, authenticate first
  deny condition = \${if eq{\$local_part@\$domain}{$other_user}{no}{yes}}
         message = 550 5.1.1 no such user here
  accept

begin routers
# Cyrus files by itself what has a folder in its address
junk:
  driver = redirect
  domains = other.example
  local_parts = ${other_user%@*}
  condition = \${if eq{\$h_X-Lab-Spam:}{YES}}
  data = ${other_user%@*}+Spam@other.example
  redirect_router = home
home:
  driver = accept
  domains = other.example
  local_parts = ${other_user%@*}
  local_part_suffix = +*
  local_part_suffix_optional
  transport = cyrus
away:
  driver = manualroute
  domains = ! other.example
  route_list = * 127.0.0.1
  self = send
  transport = world

begin transports
cyrus:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  hosts_override
  allow_localhost
  port = $other_lmtp_port
  rcpt_include_affixes
world:
  driver = smtp
  port = $mx_port
  interface = $source_address
  helo_data = $other_host
  allow_localhost

begin retry
* * F,1h,2s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{$other_user}}{eq{\$auth3}{\${readfile{$dir/password}{}}}}}}
  server_set_id = \$auth2
  server_advertise_condition = \${if def:tls_in_cipher}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{\$auth1}{$other_user}}{eq{\$auth2}{\${readfile{$dir/password}{}}}}}}
  server_set_id = \$auth1
  server_advertise_condition = \${if def:tls_in_cipher}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{\$auth1}{$other_user}{\${readfile{$dir/password}{}}}fail}
  server_set_id = \$auth1
external:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = \${if eq{\$tls_in_certificate_verified}{1}}
  server_param2 = \${certextract{subject,CN}{\$tls_in_peercert}}
  server_condition = \${if eq{\$auth2}{$other_user}}
  server_set_id = \$auth2
END
    cp "$LAB_DIR/secret/password" "$dir/password"
    chown Debian-exim "$dir/password"
    chmod 400 "$dir/password"
    launch exim "$other_root/usr/sbin/exim4" -C "$dir/exim.conf" -bdf -q2s
}

cyrus_start()
{
    local dir=$LAB_DIR/cyrus bin=$other_root/usr/lib/cyrus/bin libraries

    libraries=$(dirname "$(find "$other_root/usr/lib" -name libcyrus.so.0)")
    mkdir -p "$dir"/{config,spool,proc}
    cat >"$dir/imapd.conf" <<END
configdirectory: $dir/config
partition-default: $dir/spool
cyrus_user: cyrus
servername: $other_host
admins: cyrus
virtdomains: userid
unixhierarchysep: yes
altnamespace: yes
allowplaintext: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $dir/sasldb
sasl_mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 EXTERNAL
tls_server_cert: $dir/server.pem
tls_server_key: $dir/server.key
tls_client_ca_file: $LAB_DIR/ca/ca.pem
tls_client_certs: optional
autocreate_quota: 0
autocreate_post: yes
autocreate_inbox_folders: Sent | Spam
autocreate_subscribe_folders: Sent | Spam
xlist-junk: Spam
xlist-sent: Sent
autocreate_acl: Spam anyone p
lmtp_downcase_rcpt: no
duplicatesuppression: yes
syslog_prefix: lab
END
    cat >"$dir/cyrus.conf" <<END
START {
  recover cmd="$bin/ctl_cyrusdb -C $dir/imapd.conf -r"
}
SERVICES {
  imap  cmd="$bin/imapd -C $dir/imapd.conf" listen="127.0.0.1:$other_imap_port" prefork=1
  imaps cmd="$bin/imapd -C $dir/imapd.conf -s" listen="127.0.0.1:$other_imaps_port" prefork=0
  pop3s cmd="$bin/pop3d -C $dir/imapd.conf -s" listen="127.0.0.1:$other_pop3s_port" prefork=0
  lmtp  cmd="$bin/lmtpd -C $dir/imapd.conf -a" listen="127.0.0.1:$other_lmtp_port" prefork=0
}
EVENTS {
}
END
    "$other_root/usr/sbin/saslpasswd2" -f "$dir/sasldb" -p -c -u other.example "${other_user%@*}" \
        < <(tr -d "\n" <"$LAB_DIR/secret/password") # it would take the line end for a part of the password
    other_certificate "$dir" cyrus
    launch cyrus env LD_LIBRARY_PATH="$libraries" CYRUS_USER=cyrus \
        "$bin/master" -C "$dir/imapd.conf" -M "$dir/cyrus.conf" -p "$dir/master.pid"
}

other_variables()
{
    cat <<END
LAB_OTHER_SMTP_HOST=$other_host
LAB_OTHER_SUBMISSION_PORT=$other_submission_port
LAB_OTHER_SUBMISSIONS_PORT=$other_submissions_port
LAB_OTHER_IMAP_HOST=$other_host
LAB_OTHER_IMAP_PORT=$other_imap_port
LAB_OTHER_IMAPS_PORT=$other_imaps_port
LAB_OTHER_POP3S_PORT=$other_pop3s_port
LAB_OTHER_DOMAIN=other.example
LAB_OTHER_USER=$other_user
LAB_OTHER_CLIENT_CERT=$LAB_DIR/ca/other-client.pem
LAB_OTHER_CLIENT_KEY=$LAB_DIR/ca/other-client.key
END
}
