# SPDX-License-Identifier: GPL-3.0-or-later
# ca.sh - a certificate authority and one certificate for every way to be wrong; ca/NAME.pem and ca/NAME.key

ca_names="DNS:localhost,DNS:*.sender.example,DNS:*.dest.example,DNS:*.hop.example,DNS:*.fallback.example,DNS:*.other.example"
ca_addresses="IP:127.0.0.1,IP:127.0.0.3,IP:127.0.0.11,IP:127.0.0.12,IP:127.0.0.13,IP:127.0.0.14,IP:127.0.0.15,IP:127.0.0.16,IP:::1"

# P-256 throughout: a key costs a millisecond.
ca_key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null ||
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }

ca_authority()
{
    ca_key "$1"
    openssl req -x509 -config ca.cnf -extensions authority -key "$1.key" -out "$1.pem" -days 3650 -subj "/CN=$2"
}

# ca_issue NAME ISSUER COMMON-NAME ALTERNATIVE-NAMES [NOT-BEFORE NOT-AFTER]
ca_issue()
{
    local from=${5:-$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)} to=${6:-$(date -u -d '+365 days' +%Y%m%d%H%M%SZ)}

    ca_key "$1"
    openssl req -new -config ca.cnf -key "$1.key" -subj "/CN=$3" -addext "subjectAltName=$4" -out "$1.csr"
    openssl ca -batch -notext -config ca.cnf -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.pem" \
        -startdate "$from" -enddate "$to"
    rm "$1.csr"
}

ca_make()
{
    mkdir -p "$LAB_DIR/ca"
    cd "$LAB_DIR/ca"
    cat >ca.cnf <<END
[ca]
default_ca = lab
[lab]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = policy
x509_extensions = leaf
copy_extensions = copy
unique_subject = no
[policy]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = name
prompt = no
[name]
commonName = unused
END
    : >index.txt
    ca_authority ca "Lab CA"
    ca_authority otherca "Unknown CA"
    ca_issue server ca "$smtp_host" "$ca_names,$ca_addresses"
    ca_issue expired ca "$smtp_host" "$ca_names,$ca_addresses" 20200101000000Z 20210101000000Z
    ca_issue untrusted otherca "$smtp_host" "$ca_names,$ca_addresses"
    ca_issue wrongname ca elsewhere.example DNS:elsewhere.example
    ca_issue nameonly ca "$smtp_host" "$ca_names"
    # The user's mailbox name is the subject: that is what Dovecot compares.
    ca_issue client ca "$user" "email:$user"
    [ -z "$with_other" ] || ca_issue other-client ca "$other_user" "email:$other_user"
    openssl req -x509 -config ca.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout selfsigned.key \
        -out selfsigned.pem -days 365 -subj "/CN=$smtp_host" -addext "subjectAltName=$ca_names,$ca_addresses"
    rm -f [0-9A-F]*.pem index.txt* ca.cnf
    # A folder as OpenSSL's -CApath wants it, beside the single file
    mkdir -p path
    cp ca.pem "path/$(openssl x509 -noout -hash -in ca.pem).0"
    chmod 644 ./*.pem
    chmod 600 ./*.key
}
