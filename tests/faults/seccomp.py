# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit's SystemCallFilter without systemd: its lists, expanded by systemd-analyze, as a filter that kills. libseccomp."""
import ctypes
import functools
import subprocess

KILL_PROCESS, ALLOW = 0x80000000, 0x7FFF0000


@functools.cache
def expand(name):
    """Names of the calls in a group."""
    if not name.startswith("@"):
        return frozenset([name])
    text = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", name], capture_output=True, check=True).stdout.decode()
    words = [line.strip() for line in text.splitlines()[1:]]
    return frozenset().union(*(expand(word) for word in words if word and not word.startswith("#")))


def allowed(path):
    """systemd.exec(5): lists add up, "~" takes away."""
    calls = set()
    with open(path, encoding="ascii") as file:
        for line in file:
            key, _, value = line.strip().partition("=")
            if key != "SystemCallFilter":
                continue
            for name in value.lstrip("~").split():
                calls = calls - expand(name) if value.startswith("~") else calls | expand(name)
    return sorted(calls)


def load(calls):
    """From here on any other call ends the process."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    context = library.seccomp_init(KILL_PROCESS)
    for name in calls:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # others are of another architecture
            library.seccomp_rule_add(context, ALLOW, number, 0)
    if library.seccomp_load(context) != 0:
        raise OSError("the kernel takes no filter")
