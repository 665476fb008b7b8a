# AppArmor profile of mailproof's plugins: to be copied to /etc/apparmor.d/mailproof, then
# "apparmor_parser --replace /etc/apparmor.d/mailproof". Other paths of yours (passwords, configuration, certificates, state)
# go into /etc/apparmor.d/local/mailproof, as rules like those below.
#
# tests/faults has apparmor_parser read it; no kernel of the tests enforced it. Try it with "aa-complain mailproof" first.
abi <abi/3.0>,
include <tunables/global>

profile mailproof /usr/lib{,64}/nagios/plugins/check_{smtp_submit,imap_marker,mail_roundtrip,dmarc_align} {
  include <abstractions/base>
  include <abstractions/nameservice>
  include <abstractions/openssl>
  include <abstractions/ssl_certs>

  network inet stream,
  network inet6 stream,
  network inet dgram,
  network inet6 dgram,
  network netlink raw, # which addresses this host has

  # who starts a plugin may end it
  signal (receive),

  /usr/share/publicsuffix/** r,
  /etc/mailproof/** r,
  owner @{HOME}/.netrc r,

  # history and tokens, SQLite's write-ahead log and its locks beside them
  owner /var/lib/mailproof/ rw,
  owner /var/lib/mailproof/** rwk,

  # --sendmail: a program of this system, with its own profile where there is one
  /usr/{sbin,lib}/sendmail PUx,

  # no debugger, no other process's memory, whoever asks
  deny ptrace,
  deny capability,

  include if exists <local/mailproof>
}
