# SPDX-License-Identifier: GPL-3.0-or-later
"""Fresh roots of Debian releases: made once by mmdebstrap and kept as tarballs, unpacked for each use, thrown away."""
import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import harness

SOURCE = os.path.normpath(os.path.join(harness.HERE, "../.."))
CACHE = "/var/cache/mailproof-roots"
MIRROR = os.environ.get("MAILPROOF_MIRROR", "http://deb.debian.org/debian")
# The machine's own settings for reaching mirrors go into the roots: proxies, certificates, tolerance for old lists.
NETWORK = re.compile(r"^Acquire::(https?|Check|Retries|AllowRelease)", re.IGNORECASE)
work = None
tarball = None


def own_mounts():
    """Goes on in a mount namespace of its own, so that no mount of ours outlives this process."""
    if "MAILPROOF_OWN_MOUNTS" not in os.environ:
        os.environ["MAILPROOF_OWN_MOUNTS"] = "yes"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def begin(build):
    """Makes the tarball of that build folder."""
    global work, tarball
    work = tempfile.mkdtemp(prefix="mailproof-packages-")
    os.chmod(work, 0o755)
    os.makedirs(CACHE, exist_ok=True)
    must("make", "-s", "-C", build, "dist")
    made = max(glob.glob(os.path.join(build, "mailproof-*.tar.xz")), key=os.path.getmtime)
    tarball = shutil.move(made, work)
    return build


def clean():
    if work:
        for path in glob.glob(os.path.join(work, "root-*", "proc")):
            subprocess.run(["umount", path], check=False, stderr=subprocess.DEVNULL)
        # --one-file-system: what is still mounted is not ours to empty
        must("rm", "-rf", "--one-file-system", work)


def must(*command, **options):
    """Runs it, and shows what it said where it fails; returns that otherwise."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, errors="replace", **options)
    assert done.returncode == 0, f"{' '.join(command)}\n-> {done.returncode}\n{done.stdout[-6000:]}"
    return done.stdout


def network_settings():
    lines = must("apt-config", "dump").splitlines()
    return "".join(line + "\n" for line in lines if NETWORK.match(line))


class Root:
    """An unpacked root. Paths that begin with "/" are inside."""

    def __init__(self, archive):
        self.path = tempfile.mkdtemp(prefix="root-", dir=work)
        os.chmod(self.path, 0o755)
        must("tar", "-C", self.path, "--numeric-owner", "-xf", archive)
        for name in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copyfile(name, self.outside(name))
        must("mount", "-t", "proc", "proc", self.outside("/proc"))

    def outside(self, path):
        return self.path + path

    def exists(self, path):
        return os.path.lexists(self.outside(path))

    def stat(self, path):
        """(owner, mode)"""
        found = os.lstat(self.outside(path))
        return found.st_uid, found.st_mode & 0o7777

    def write(self, path, text, owner=0, mode=0o644):
        os.makedirs(os.path.dirname(self.outside(path)), exist_ok=True)
        with open(self.outside(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chown(self.outside(path), owner, owner)
        os.chmod(self.outside(path), mode)

    def copy(self, path, to=None, **how):
        """A file of the machine, at the same place or another."""
        with open(path, encoding="utf-8") as file:
            self.write(to or path, file.read(), **how)

    def run(self, *command):
        return must("chroot", self.path, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
                    "DEBIAN_FRONTEND=noninteractive", "DEB_BUILD_OPTIONS=" + os.environ.get("DEB_BUILD_OPTIONS", ""), *command)

    def apt(self, *arguments):
        """Kept package lists may be so old that a file is gone: then once more, afresh."""
        command = ["apt-get", "-q", "-y", "--no-install-recommends", *arguments]
        try:
            return self.run(*command)
        except AssertionError:
            self.run("apt-get", "-q", "update")
            return self.run(*command)

    def user(self, name):
        """(uid, gid)"""
        return tuple(int(self.run("id", option, name)) for option in ("-u", "-g"))

    def plugin(self, name, user):
        """A command that runs an installed plugin in there, as that user."""
        uid, gid = self.user(user)
        path = os.path.join(tempfile.mkdtemp(dir=work), name)
        with open(path, "w", encoding="ascii", opener=lambda file, flags: os.open(file, flags, 0o755)) as file:
            file.write(f'#!/bin/sh\nexec chroot --groups= --userspec={uid}:{gid} {self.path} '
                       f'/usr/lib/nagios/plugins/{name} "$@"\n')
        return path

    def remove(self):
        must("umount", self.outside("/proc"))
        must("rm", "-rf", "--one-file-system", self.path)


def bare(suite):
    """The tarball of a minimal root with package lists."""
    archive = os.path.join(CACHE, f"{suite}.tar")
    with locked(archive):
        if not os.path.exists(archive):
            settings = os.path.join(work, "network.conf")
            with open(settings, "w", encoding="utf-8") as file:
                file.write(network_settings())
            must("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--format=tar", f"--aptopt={settings}",
                 "--dpkgopt=force-unsafe-io", "--skip=cleanup/apt/lists", suite, archive + ".new", MIRROR)
            os.rename(archive + ".new", archive)
    return archive


def build_packages():
    """What debian/control asks for; versions are left to dpkg-buildpackage."""
    with open(os.path.join(SOURCE, "contrib/packaging/debian/control"), encoding="utf-8") as file:
        field = re.search(r"^Build-Depends:((?:.*\n)(?: .*\n)*)", file.read(), re.MULTILINE).group(1)
    names = [entry.split()[0] for entry in field.split(",")]
    return ["build-essential", "debhelper", *(name for name in names if not name.startswith("debhelper"))]


def with_compiler(suite):
    """The tarball of a root in which the package can be built."""
    packages = build_packages()
    archive = os.path.join(CACHE, f"{suite}-build.tar")
    stamp = archive + ".packages"
    with locked(archive):
        if not os.path.exists(archive) or read(stamp) != " ".join(packages):
            root = Root(bare(suite))
            root.apt("install", *packages)
            root.apt("clean")
            must("umount", root.outside("/proc"))
            must("tar", "-C", root.path, "--numeric-owner", "-cf", archive + ".new", ".")
            must("rm", "-rf", "--one-file-system", root.path)
            os.rename(archive + ".new", archive)
            with open(stamp, "w", encoding="ascii") as file:
                file.write(" ".join(packages))
    return archive


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class locked:
    """Two runs at once do not make the same root twice."""

    def __init__(self, path):
        self.file = open(path + ".lock", "w", encoding="ascii")

    def __enter__(self):
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()
