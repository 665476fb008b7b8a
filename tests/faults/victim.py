# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin's process of the case under way (each worker has one at a time), to whom a peer may send a signal."""
import signal
import time

SIGNALS = ("sigterm", "sigpipe")
process, signalled_at = None, None


def forget():
    global process, signalled_at  # pylint: disable=global-statement
    process = signalled_at = None


def strike(name):
    """From a peer's thread, which may be there before its caller knows the process."""
    global signalled_at  # pylint: disable=global-statement
    while process is None:
        time.sleep(0.005)
    signalled_at = time.monotonic()
    process.send_signal(getattr(signal, name.upper()))
