# SPDX-License-Identifier: GPL-3.0-or-later
# milters.sh - signing and judging: OpenDKIM twice, OpenDMARC, the SPF policy service, postgrey
# Each listens on a socket in milter/.

dkim_keys()
{
    local name

    mkdir -p "$LAB_DIR/dkim"
    for name in s1 s2; do
        openssl genrsa -out "$LAB_DIR/dkim/$name.key" 2048 2>/dev/null &
    done
    wait
    chmod 600 "$LAB_DIR"/dkim/*.key
}

dkim_public() { openssl rsa -in "$LAB_DIR/dkim/$1.key" -pubout 2>/dev/null | grep -v -- ----- | tr -d '\n'; }

dkim_start()
{
    local dir=$LAB_DIR/dkim

    echo "$no_one" >"$dir/no-one"
    # From: domain -> signing domain:selector:key. strict.example signs as a sub-domain (relaxed alignment only);
    # badkey.example's published key is another one; nokey.example publishes none.
    cat >"$dir/keytable" <<END
sender sender.example:s1:$dir/s1.key
dest dest.example:s1:$dir/s2.key
strict mail.strict.example:s1:$dir/s2.key
badkey badkey.example:s1:$dir/s1.key
nokey nokey.example:s1:$dir/s1.key
END
    cat >"$dir/signingtable" <<END
*@sender.example sender
*@news.sender.example sender
*@dest.example dest
*@strict.example strict
*@badkey.example badkey
*@nokey.example nokey
END
    cat >"$dir/sign.conf" <<END
Mode s
Syslog no
LogWhy yes
Socket local:$LAB_DIR/milter/sign
UMask 000
RequireSafeKeys no
Canonicalization relaxed/relaxed
KeyTable $dir/keytable
SigningTable refile:$dir/signingtable
InternalHosts 0.0.0.0/0,::/0
OversignHeaders From
END
    cat >"$dir/verify.conf" <<END
Mode v
Syslog no
LogWhy yes
Socket local:$LAB_DIR/milter/verify
UMask 000
AuthservID $mx_host
AlwaysAddARHeader yes
InternalHosts refile:$dir/no-one
Nameservers 127.0.0.1@$dns_port
END
    launch opendkim-sign opendkim -f -x "$dir/sign.conf"
    launch opendkim-verify opendkim -f -x "$dir/verify.conf"
}

dmarc_start()
{
    mkdir -p "$LAB_DIR/dmarc"
    echo "$no_one" >"$LAB_DIR/dmarc/ignore"
    # For a top level that the list does not know, OpenDMARC finds no organizational domain at all.
    { cat /usr/share/publicsuffix/public_suffix_list.dat; echo example; } >"$LAB_DIR/dmarc/suffixes"
    cat >"$LAB_DIR/dmarc/opendmarc.conf" <<END
AuthservID $mx_host
TrustedAuthservIDs $mx_host
Socket local:$LAB_DIR/milter/dmarc
UMask 000
IgnoreHosts $LAB_DIR/dmarc/ignore
PublicSuffixList $LAB_DIR/dmarc/suffixes
RejectFailures false
SPFSelfValidate true
SPFIgnoreResults false
Syslog false
END
    launch opendmarc env $(dns_environment) opendmarc -f -c "$LAB_DIR/dmarc/opendmarc.conf"
}

# Run by Postfix on demand. Its resolver reads resolv.conf, so the wrapper tells it address and port; where dnspython is
# installed too, it would be preferred.
spf_files()
{
    mkdir -p "$LAB_DIR/spf"
    cat >"$LAB_DIR/spf/policyd" <<END
#!/usr/bin/python3
import sys
sys.modules["dns"] = None
import DNS
DNS.defaults["server"], DNS.defaults["port"] = ["127.0.0.1"], $dns_port
DNS.DiscoverNameServers = DNS.Base.DiscoverNameServers = lambda *a, **k: None
sys.argv = ["policyd-spf", "$LAB_DIR/spf/policyd-spf.conf"]
from spf_engine.policyd_spf import main
sys.exit(main())
END
    chmod 755 "$LAB_DIR/spf/policyd"
    cat >"$LAB_DIR/spf/policyd-spf.conf" <<END
debugLevel = 1
TestOnly = 1
HELO_reject = False
Mail_From_reject = False
PermError_reject = False
TempError_Defer = False
skip_addresses = $no_one/32
Header_Type = AR
Authserv_Id = $mx_host
END
}

grey_start()
{
    mkdir -p "$LAB_DIR/grey/db"
    chown postgrey:postgrey "$LAB_DIR/grey/db"
    : >"$LAB_DIR/grey/none"
    launch postgrey postgrey --unix="$LAB_DIR/milter/grey" --delay="$grey_delay" --dbdir="$LAB_DIR/grey/db" \
        --user=postgrey --group=postgrey --auto-whitelist-clients=0 \
        --whitelist-clients="$LAB_DIR/grey/none" --whitelist-recipients="$LAB_DIR/grey/none"
}
