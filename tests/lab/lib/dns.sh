# SPDX-License-Identifier: GPL-3.0-or-later
# dns.sh - unbound as the authority for everything (local-data: NODATA and NXDOMAIN come out right), on a port of its own
# Zones live under .example: OpenDKIM's resolver has an empty "test." built in.

# Records as "name TTL type data", one a line. TTL 0: tests change them while the lab runs.
dns_records()
{
    local p1 p2 reverse entry domain

    p1=$(dkim_public s1)
    p2=$(dkim_public s2)
    reverse() { echo "$1" | awk -F. '{print $4"."$3"."$2"."$1".in-addr.arpa."}'; }
    cat <<END
sender.example. SOA ns.sender.example. hostmaster.sender.example. 1 3600 600 86400 1
sender.example. NS ns.sender.example.
ns.sender.example. A 127.0.0.1
sender.example. MX 10 $smtp_host.
$smtp_host. A 127.0.0.1
$token_host. A 127.0.0.1
out.sender.example. A $source_address
out.sender.example. TXT "v=spf1 a -all"
$(reverse "$source_address") PTR out.sender.example.
sender.example. TXT "v=spf1 ip4:$source_address -all"
s1._domainkey.sender.example. TXT $(dns_strings "v=DKIM1; k=rsa; p=$p1")
_dmarc.sender.example. TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@sender.example"
news.sender.example. MX 10 $smtp_host.
news.sender.example. TXT "v=spf1 ip4:$source_address -all"

dest.example. SOA ns.sender.example. hostmaster.dest.example. 1 3600 600 86400 1
dest.example. NS ns.sender.example.
dest.example. MX 10 $mx_host.
$mx_host. A 127.0.0.1
$imap_host. A 127.0.0.1
pop3.dest.example. CNAME $imap_host.
dest.example. TXT "v=spf1 mx -all"
s1._domainkey.dest.example. TXT $(dns_strings "v=DKIM1; k=rsa; p=$p2")
_dmarc.dest.example. TXT "v=DMARC1; p=none"

strict.example. MX 10 $smtp_host.
strict.example. TXT "v=spf1 ip4:$source_address -all"
s1._domainkey.mail.strict.example. TXT $(dns_strings "v=DKIM1; k=rsa; p=$p2")
_dmarc.strict.example. TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
nosign.example. MX 10 $smtp_host.
nosign.example. TXT "v=spf1 ip4:$source_address -all"
_dmarc.nosign.example. TXT "v=DMARC1; p=none"
badkey.example. MX 10 $smtp_host.
badkey.example. TXT "v=spf1 ip4:203.0.113.9 -all"
s1._domainkey.badkey.example. TXT $(dns_strings "v=DKIM1; k=rsa; p=$p2")
_dmarc.badkey.example. TXT "v=DMARC1; p=reject"
nokey.example. MX 10 $smtp_host.
nokey.example. TXT "v=spf1 ip4:$source_address -all"
_dmarc.nokey.example. TXT "v=DMARC1; p=none"
spoofed.example. MX 10 $smtp_host.
spoofed.example. TXT "v=spf1 ip4:203.0.113.9 -all"
_dmarc.spoofed.example. TXT "v=DMARC1; p=reject"

grey.example. MX 10 $mx_host.
list.example. MX 10 $mx_host.
hop.example. MX 10 mx.hop.example.
mx.hop.example. A 127.0.0.1
out.hop.example. A $forward_address
$( [ "$forward_address" = "$source_address" ] || echo "$(reverse "$forward_address") PTR out.hop.example.")

dead.fallback.example. A $dead_address
fallback.example. MX 5 dead.fallback.example.
fallback.example. MX 20 $mx_host.
busy.dest.example. A $busy_address
busyfirst.example. MX 5 busy.dest.example.
busyfirst.example. MX 20 $mx_host.
equal-a.dest.example. A 127.0.0.1
equal-b.dest.example. A 127.0.0.1
equal.example. MX 10 equal-a.dest.example.
equal.example. MX 10 equal-b.dest.example.
nomx.example. A 127.0.0.1
alldead.example. MX 10 dead.fallback.example.
nullmx.example. MX 0 .
nxmx.example. MX 10 nowhere.sender.example.
nothing.example. TXT "neither MX nor address"
END
    for entry in $imap_variants; do
        echo "${entry%%:*}.dest.example. A ${entry##*:}"
    done
    [ -z "$with_other" ] || other_records
    if have_ipv6; then
        cat <<END
v6.sender.example. AAAA ::1
dual.sender.example. A 127.0.0.1
dual.sender.example. AAAA ::1
v6dead.sender.example. A 127.0.0.1
v6dead.sender.example. AAAA 2001:db8::dead
v6.dest.example. AAAA ::1
dual.dest.example. A 127.0.0.1
dual.dest.example. AAAA ::1
END
    fi
}

# A TXT string holds 255 bytes at most.
dns_strings() { fold -w 250 <<<"$1" | sed 's/.*/"&"/' | paste -sd' '; }

dns_files()
{
    dns_records | sed -n "s/^\([^ ]*\) \([A-Z]* .*\)/  local-data: '\1 0 IN \2'/p" >"$LAB_DIR/dns/zone.conf"
    cat >"$LAB_DIR/dns/unbound.conf" <<END
server:
  interface: 127.0.0.1@$dns_port
$(have_ipv6 && echo "  interface: ::1@$dns_port")
  interface: $refusing_address@$dns_port
  username: ""
  chroot: ""
  directory: "$LAB_DIR/dns"
  pidfile: ""
  module-config: "iterator"
  use-syslog: no
  logfile: ""
  log-queries: yes
  log-time-ascii: yes
  num-threads: 1
  do-not-query-localhost: no
  local-zone: "." static
  local-zone: "silent.example." deny
  local-zone: "refused.example." refuse
  local-zone: "servfail.example." transparent
  include: "$LAB_DIR/dns/zone.conf"
stub-zone:
  name: "servfail.example."
  stub-addr: $refusing_address@$dns_port
remote-control:
  control-enable: yes
  control-interface: "$LAB_DIR/dns/control.sock"
  control-use-cert: no
END
}

dns_start() { launch unbound unbound -d -c "$LAB_DIR/dns/unbound.conf"; }

# The rest resolve with the C library, through the shim.
dns_shim() { cc -shared -fPIC -O1 -o "$LAB_DIR/dns/resolvport.so" "$LAB_HOME/lib/resolvport.c"; }
dns_environment() { echo "LD_PRELOAD=$LAB_DIR/dns/resolvport.so RESOLVPORT=$dns_port RESOLVADDR=127.0.0.1"; }
