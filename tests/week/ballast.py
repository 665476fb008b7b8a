# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills a small file system."""
import os


def fill(directory, leave=0):
    """Until nothing fits any more, but for so many octets."""
    path = os.path.join(directory, "ballast")
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
        file.truncate(max(os.path.getsize(path) - leave, 0))


def free(directory):
    os.unlink(os.path.join(directory, "ballast"))
