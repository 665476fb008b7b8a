# SPDX-License-Identifier: GPL-3.0-or-later
# common.sh - what up, down and the small tools share: names, ports, users, starting and stopping processes

LAB_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die()
{
    echo "${0##*/}: $*" >&2
    exit 1
}

# Daemons run under several users and put sockets (108 bytes at most) below it; and env is read by simple readers.
lab_dir()
{
    local dir=${1:-${TMPDIR:-/tmp}/mailproof-lab}

    dir=$(realpath -m -- "$dir")
    case $dir in
    *[!A-Za-z0-9/._+-]*) die "$dir: only letters, digits and ._+- in the lab's path, please" ;;
    esac
    [ ${#dir} -le 70 ] || die "$dir: too long for socket names below it (70 characters)"
    LAB_DIR=$dir
}

# Tools that work on a running lab start with this.
lab_open()
{
    [ -n "${1:-}" ] || die "usage: ${0##*/} DIR ..."
    lab_dir "$1"
    [ -r "$LAB_DIR/env" ] || die "no lab in $LAB_DIR"
    set -a
    . "$LAB_DIR/env"
    set +a
}

# One at a time on one folder. Descriptor 9 is closed in every daemon, else the lock would outlive us.
lab_lock()
{
    exec 9>>"$LAB_DIR/lock"
    flock -w 60 9 || die "$LAB_DIR: another up or down is at work"
}

# ---- ports: base + the last two digits of the well-known one, so that they can be told by eye

lab_ports()
{
    LAB_BASE=$1
    dns_port=$((LAB_BASE + 53))
    lmtp_port=$((LAB_BASE + 24))
    mx_port=$((LAB_BASE + 25))
    grey_port=$((LAB_BASE + 26))
    busy_port=$((LAB_BASE + 27))
    hop_port=$((LAB_BASE + 28))
    footer_port=$((LAB_BASE + 29))
    trusted_port=$((LAB_BASE + 31))
    home_port=$((LAB_BASE + 30))
    pop3_port=$((LAB_BASE + 10))
    imap_port=$((LAB_BASE + 43))
    imaps_port=$((LAB_BASE + 93))
    pop3s_port=$((LAB_BASE + 95))
    submissions_port=$((LAB_BASE + 65))
    submission_port=$((LAB_BASE + 87))
    # submission with something special about it
    expired_port=$((LAB_BASE + 70))
    selfsigned_port=$((LAB_BASE + 71))
    untrusted_port=$((LAB_BASE + 72))
    wrongname_port=$((LAB_BASE + 73))
    nameonly_port=$((LAB_BASE + 74))
    noauth_port=$((LAB_BASE + 75))
    nostarttls_port=$((LAB_BASE + 76))
    clear_port=$((LAB_BASE + 77))
    small_port=$((LAB_BASE + 78))
    plainonly_port=$((LAB_BASE + 79))
    oauthonly_port=$((LAB_BASE + 80))
    clientcert_port=$((LAB_BASE + 81))
    external_port=$((LAB_BASE + 82))
    tls12_port=$((LAB_BASE + 83))
    token_port=$((LAB_BASE + 84))
}

# Dovecot chooses a certificate by the address that was called, so each odd one has an address (and a name) of its own.
lab_names()
{
    smtp_host=mail.sender.example
    mx_host=mx.dest.example
    imap_host=imap.dest.example
    token_host=login.sender.example
    busy_address=127.0.0.3
    dead_address=127.0.0.9
    refusing_address=127.0.0.4 # asked for servfail.example, which comes back to itself there
    imap_variants="expired:127.0.0.11 selfsigned:127.0.0.12 untrusted:127.0.0.13 wrongname:127.0.0.14 plaintext:127.0.0.15 logindisabled:127.0.0.16"
    no_one=255.255.255.255 # an address that never calls, for lists of trusted hosts that must not be empty

    sender=sender@sender.example
    forbidden_sender=boss@sender.example
    user=inbox@dest.example
    more_users="user2@dest.example user3@dest.example user4@dest.example
        bench10@dest.example bench1k@dest.example bench50k@dest.example"
    odd_user=odd@dest.example
    quota_user=quota@dest.example
    full_user=full@dest.example
    latefull_user=latefull@dest.example
    folders_user=folders@dest.example
    nojunk_user=nojunk@dest.example
    readonly_user=readonly@dest.example
    # other domains that lead to the same inbox
    alias_domains="grey.example fallback.example busyfirst.example equal.example nomx.example"
}

have_ipv6() { [ -e /proc/net/if_inet6 ] && grep -q '^0\{31\}1 ' /proc/net/if_inet6; }

# ---- processes

# A process is "ours" while its id still has the start time that was written down: ids are used again.
start_time()
{
    local stat

    started_at=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    # a zombie has ended, whenever its parent comes to notice
    [ "$1" = Z ] || started_at=${20}
}

record()
{
    start_time "$2"
    echo "$1 $2 $started_at" >>"$LAB_DIR/run/pids"
}

# launch NAME COMMAND...: in the background, in a session of its own (a ^C is not for it), its output in log/NAME.log
launch()
{
    local name=$1

    shift
    setsid "$@" </dev/null >>"$LAB_DIR/log/$name.log" 2>&1 9>&- &
    record "$name" $!
}

# living [NAME-PATTERN]: "name pid" of every recorded process that still runs
living()
{
    local name pid started

    [ -r "$LAB_DIR/run/pids" ] || return 0
    while read -r name pid started; do
        start_time "$pid"
        [[ $name == ${1:-*} && -n $started && $started_at == "$started" ]] && echo "$name $pid"
    done <"$LAB_DIR/run/pids"
    return 0
}

lab_stop()
{
    local name pid turn

    while read -r name pid; do
        case $name in
        # libmilter heeds SIGTERM only after seconds, and there is nothing to be written
        opendkim* | opendmarc) kill -KILL "$pid" ;;
        *) kill -TERM "$pid" ;;
        esac
    done 2>/dev/null < <(living)
    for turn in {1..75}; do
        [ -n "$(living)" ] || break
        sleep 0.02
    done
    while read -r name pid; do
        echo "$name did not end by itself"
        # a master that is killed leaves its children: they are in its process group
        kill -KILL -- "-$pid" || kill -KILL "$pid"
    done 2>/dev/null < <(living)
    lab_release_addresses
    rm -f "$LAB_DIR/run/pids"
}

# ---- addresses outside 127/8, which SPF and DMARC software takes for granted: a pair of each lab's own on lo

lab_take_addresses()
{
    local n own

    : >"$LAB_DIR/run/addresses"
    for n in {2..250..2}; do
        # "exists" is an error: so whoever adds it has it, without further locks
        ip addr add 198.51.100.$n/32 dev lo 2>/dev/null || continue
        echo 198.51.100.$n >>"$LAB_DIR/run/addresses"
        source_address=198.51.100.$n
        ip addr add 198.51.100.$((n + 1))/32 dev lo 2>/dev/null || continue
        echo 198.51.100.$((n + 1)) >>"$LAB_DIR/run/addresses"
        forward_address=198.51.100.$((n + 1))
        return
    done
    # No right to do so (a plain container): the machine's own, then the forwarder is not told from the sender.
    own=$(ip -4 -o addr show scope global | sed -n 's/.* inet \([0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$own" ] || die "need an address outside 127.0.0.0/8 and may not add one to lo"
    source_address=$own
    forward_address=$own
}

lab_release_addresses()
{
    local address

    [ -r "$LAB_DIR/run/addresses" ] || return 0
    while read -r address; do
        ip addr del "$address/32" dev lo 2>/dev/null || true
    done <"$LAB_DIR/run/addresses"
    rm -f "$LAB_DIR/run/addresses"
}
