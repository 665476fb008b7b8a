# SPDX-License-Identifier: GPL-3.0-or-later
"""The RPM: Debian has the tools, not the distribution, so it is checked, built and unpacked by rpm into a scratch folder,
where its plugins run with this machine's libraries."""
import os
import re
import subprocess

import roots

PACKAGING = os.path.join(roots.SOURCE, "contrib/packaging")


def lint(*what):
    said = roots.must("rpmlint", "--rpmlintrc", PACKAGING + "/mailproof.rpmlintrc", *what)
    assert re.search(r" 0 errors, 0 warnings", said), said


def test_spec():
    lint(PACKAGING + "/mailproof.spec")


def test_build():
    top = os.path.join(roots.work, "rpm")
    sources = os.path.join(top, "SOURCES")
    os.makedirs(sources)
    os.link(roots.tarball, os.path.join(sources, os.path.basename(roots.tarball)))
    # the distribution's package names mean nothing here; the unit tests run in the builds for Debian
    roots.must("rpmbuild", "-ba", "--nodeps", "--nocheck", "--define", f"_topdir {top}",
               PACKAGING + "/mailproof.spec", env={**os.environ, "LC_ALL": "C.UTF-8"})
    package = roots.must("find", top + "/RPMS", "-name", "mailproof-[0-9]*.rpm").split()
    assert len(package) == 1, package
    files = roots.must("rpm", "-qplv", *package)
    for wanted in (r"^-rwxr-xr-x .* root .*/nagios/plugins/check_mail_roundtrip$", r"/man1/check_mail_roundtrip\.1",
                   r"^drwx------ .* nagios +nagios .*/var/lib/mailproof/nagios$", r"plugins-contrib\.d/mailproof\.conf$"):
        assert re.search(wanted, files, re.MULTILINE), f"{wanted} not in\n{files}"
    root = os.path.join(top, "root")
    os.makedirs(root)
    roots.must("rpm", "--root", root, "--nodeps", "--nosignature", "-i", *package)
    assert "mailproof-0" in roots.must("rpm", "--root", root, "-qa")
    roots.must("rpm", "--root", root, "-V", "--nodeps", "--nouser", "--nogroup", "mailproof")
    for plugin in roots.must("find", root, "-path", "*/nagios/plugins/check_*").split():
        said = subprocess.run([plugin, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
        assert said.startswith(os.path.basename(plugin) + " (mailproof) "), f"{plugin}: {said}"
    roots.must("rpm", "--root", root, "-e", "mailproof")
    assert not roots.must("find", root, "-name", "check_*"), "plugins are left"
