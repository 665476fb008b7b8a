# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the test_* functions of a folder's test_*.py against a lab: what tests/live/run and tests/hosts/run share."""
import argparse
import concurrent.futures
import glob
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import harness


def load(path):
    name = os.path.basename(path)[:-3]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [(f"{name}.{key}", value) for key, value in vars(module).items()
            if key.startswith("test_") and callable(value) and value.__module__ == name]


def attempt(entry):
    name, function = entry
    began = time.monotonic()
    try:
        function()
        return name, None, time.monotonic() - began
    except harness.Skipped as skipped:
        return name, skipped, time.monotonic() - began
    except BaseException:  # a test may raise anything: it failed then
        problem = traceback.format_exc(limit=-6)
        return name, problem + harness.mail_log(problem), time.monotonic() - began


def run_all(tests, workers):
    # what measures time, or changes the lab, is alone; what waits long begins first
    alone = [entry for entry in tests if getattr(entry[1], "alone", False)]
    side_by_side = sorted((entry for entry in tests if entry not in alone), key=lambda entry: not hasattr(entry[1], "long"))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            results = list(pool.map(attempt, side_by_side))
        except BaseException:  # told to end: what has not begun does not begin
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results + [attempt(entry) for entry in alone]


def tell(results, verbose):
    """Prints what failed; returns how many passed, failed, were skipped."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for name, problem, seconds in results:
        if problem is None:
            counts["passed"] += 1
            if verbose:
                print(f"passed: {name} ({seconds:.2f} s)")
        elif isinstance(problem, harness.Skipped):
            counts["skipped"] += 1
            print(f"skipped: {name}: {problem}")
        else:
            counts["failed"] += 1
            print(f"FAILED: {name} ({seconds:.2f} s)\n{problem}")
    return counts


def arguments(description, build, workers):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", default=build)
    parser.add_argument("--lab")
    parser.add_argument("--result")
    parser.add_argument("--workers", type=int, default=workers)
    parser.add_argument("-k", default="")
    parser.add_argument("-v", action="store_true")
    return parser.parse_args()


def lab_up(*more):
    directory = tempfile.mkdtemp(prefix="mailproof-live-")
    os.chmod(directory, 0o755)
    base = 22000 + os.getpid() % 100 * 100
    subprocess.run([os.path.join(harness.LAB_TOOLS, "up"), "--base", str(base), *more, directory], check=True)
    return directory


def lab_down(directory):
    subprocess.run([os.path.join(harness.LAB_TOOLS, "down"), directory], check=False)
    shutil.rmtree(directory, ignore_errors=True)


def main(directory, description, lab_options=(), workers=4, prepare=None, clean=None):
    """directory: where the tests are; prepare(plugins) may put the plugins elsewhere and returns where; clean() ends
    what it began."""
    options = arguments(description, os.path.join(directory, "../../build"), workers)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lab = options.lab or lab_up(*lab_options)
    try:
        plugins = os.path.abspath(options.plugins)
        harness.start(prepare(plugins) if prepare else plugins, lab)
        tests = [entry for path in sorted(glob.glob(os.path.join(directory, "test_*.py"))) for entry in load(path)
                 if options.k in entry[0]]
        counts = tell(run_all(tests, options.workers), options.v)
    finally:
        if clean:
            clean()
        if options.lab is None:
            lab_down(lab)
    if options.result:
        with open(options.result, "w", encoding="ascii") as file:
            file.write("".join(f"{name} {count}\n" for name, count in counts.items()))
    print(f"{counts['passed']} passed, {counts['failed']} failed" +
          (f", {counts['skipped']} skipped" if counts["skipped"] else ""))
    return 0 if counts["passed"] and not counts["failed"] else 1
