#!/usr/bin/env python3
"""Asks a service everything that its description allows, and much that it does not.

usage: ask_everything.py URL DESCRIPTION EVENTS

EVENTS is a file of events that the catalogue takes, one a line. The tokens of a service, of the
security and of the system administrator are in the environment: schemathesis/schemathesis.toml.
Prints how many requests the service says that it answered, by status, as one JSON object; what
schemathesis finds goes to standard error, and a failed check ends with exit code 1.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent / "schemathesis"
ANSWERED = re.compile(r'hanqing_http_requests_total\{.*status="(\d+)".*\} (\d+)')


def answered(url):
    """By status, from the service's own metrics."""
    request = urllib.request.Request(
        url + "/metrics", headers={"Authorization": "Bearer " + os.environ["SYSTEM_TOKEN"]})
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    counts = collections.Counter()
    for line in text.splitlines():
        if found := ANSWERED.match(line):
            counts[found[1]] += int(found[2])
    return counts


def main():
    url, description, events = sys.argv[1:]
    environment = {
        **os.environ, "ACCEPTANCE_EVENTS": str(pathlib.Path(events).resolve()),
        "PYTHONPATH": str(HERE)}
    # It keeps notes of its runs where it is started.
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "--config-file",
             HERE / "schemathesis.toml", "run", pathlib.Path(description).resolve(), "--url", url],
            env=environment, stdout=sys.stderr, cwd=folder)
    print(json.dumps(answered(url)))
    sys.exit(ended.returncode)


main()
