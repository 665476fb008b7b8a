# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian package: built, installed, upgraded and purged where nothing of ours was before."""
import glob
import os

import harness
import roots
import scratch

PLUGINS = ("check_smtp_submit", "check_imap_marker", "check_mail_roundtrip", "check_dmarc_align")
STATE = "/var/lib/mailproof/nagios"


def build(suite):
    """The folder with the package; the unit tests are part of its build, unless DEB_BUILD_OPTIONS=nocheck."""
    root = roots.Root(roots.with_compiler(suite))
    out = os.path.join(roots.work, suite)
    source = "/root/source"
    os.makedirs(root.outside(source))
    roots.must("tar", "-C", root.outside(source), "--strip-components=1", "-xf", roots.tarball)
    os.makedirs(root.outside("/root/out"))
    tarball = "/root/" + os.path.basename(roots.tarball)
    os.link(roots.tarball, root.outside(tarball))
    log = root.run(source + "/contrib/packaging/build-deb", "--tarball", tarball, "/root/out")
    roots.must("cp", "-r", root.outside("/root/out"), out)
    root.remove()
    with open(os.path.join(out, "build.log"), "w", encoding="utf-8") as file:
        file.write(log)
    return out


def only(pattern):
    found = glob.glob(pattern)
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


def installed(root, package):
    """Installs as an administrator does, dependencies by apt."""
    roots.must("cp", package, root.outside("/tmp/mailproof.deb"))
    os.chmod(root.outside("/tmp/mailproof.deb"), 0o644)
    root.apt("install", "/tmp/mailproof.deb")


def check_files(root):
    for plugin in PLUGINS:
        done = root.run("sh", "-c", f"/usr/lib/nagios/plugins/{plugin} --version; [ $? = 3 ]")
        assert done.startswith(plugin), done
        assert root.exists(f"/usr/share/man/man1/{plugin}.1.gz"), plugin
    assert root.exists("/usr/share/icinga2/include/plugins-contrib.d/mailproof.conf")
    assert root.exists("/usr/share/mailproof/nrpe/mailproof.cfg")
    assert root.stat("/var/lib/mailproof") == (0, 0o755)


def round_trip(root, *more):
    plugin = root.plugin("check_mail_roundtrip", "nagios")
    # where its state is, the package knows
    options = [option for option in scratch.round_trip_options(harness.lab["PASSWORD_FILE"])
               if not option.startswith("--state-dir=")]
    return harness.run(plugin, *options, "--imap-tls=starttls", *more)


def check_as_nagios(root):
    """A round trip through the lab, and a deferred one, which needs its state."""
    uid, _ = root.user("nagios")
    assert root.stat(STATE) == (uid, 0o700), root.stat(STATE)
    root.copy(harness.lab["CA_FILE"])
    root.copy(harness.lab["PASSWORD_FILE"], owner=uid, mode=0o400)
    harness.expect(round_trip(root), "OK", None, "landed in INBOX")
    harness.expect(round_trip(root, "--deferred"), "OK")
    kept = os.listdir(root.outside(STATE))
    assert kept, "the deferred round trip has left no state"
    return kept


def upgrade(root):
    """The same package with a higher version."""
    root.run("sh", "-ec", """
        cd /tmp && dpkg-deb -R mailproof.deb next
        sed -i 's/^Version: .*/&+next/' next/DEBIAN/control
        dpkg-deb --root-owner-group -b next next.deb && rm -r next""")
    root.apt("install", "/tmp/next.deb")
    assert root.run("dpkg-query", "-W", "-f", "${Version} ${Status}", "mailproof").endswith("+next install ok installed")


def purge(root):
    files = [path for path in root.run("dpkg", "-L", "mailproof").split() if "mailproof" in path or "check_" in path]
    root.apt("remove", "mailproof")
    assert root.exists(STATE), "removing has taken the state"
    root.apt("purge", "mailproof")
    left = [path for path in files if root.exists(path)]
    assert not left, left
    assert not root.exists("/var/lib/mailproof") and not root.exists("/etc/mailproof")
    assert not glob.glob(root.outside("/var/lib/dpkg/info/mailproof*"))


def life(suite):
    out = build(suite)
    root = roots.Root(roots.bare(suite))
    installed(root, only(out + "/mailproof_*.deb"))
    check_files(root)
    assert os.listdir(root.outside("/var/lib/mailproof")) == [], "state of a user who does not exist"
    root.apt("install", "nagios-nrpe-server")  # brings the user, after us
    kept = check_as_nagios(root)
    upgrade(root)
    assert set(kept) <= set(os.listdir(root.outside(STATE))), "the upgrade has lost state"
    harness.expect(round_trip(root, "--deferred"), "OK")
    purge(root)
    root.remove()
    return out


def test_bookworm():
    out = life("bookworm")
    said = roots.must("lintian", "--allow-root", "--fail-on", "error,warning", only(out + "/*.changes"))
    assert not said.strip(), said
    roots.must("blhc", "--all", out + "/build.log")


def test_trixie():
    life("trixie")
