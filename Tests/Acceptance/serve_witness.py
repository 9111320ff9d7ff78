#!/usr/bin/env python3
"""Runs PyPI aics-witness for one log, with its own commands and a new key.

usage: serve_witness.py FOLDER LOG_VKEY

The witness's verifier key is written to FOLDER/vkey, then one line of JSON with its `url` to
standard output. It ends when it is told to, and with the process that started it.
"""
import json
import os
import re
import signal
import subprocess
import sys
import threading

# A thread of libdispatch that starts this leaves it with most signals blocked.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
folder, log = sys.argv[1:]
os.makedirs(folder)
command = [sys.executable, "-m", "aics_witness"]
config = ["--config", folder + "/witness.json"]


def ran(*words):
    return subprocess.run(
        command + [words[0], *config, *words[1:]], check=True, text=True,
        stdout=subprocess.PIPE).stdout.strip()


vkey = ran("init", "--name", "other-witness.example/w1")
ran("add-log", "--origin", log.split("+")[0], "--vkey", log)
with open(folder + "/vkey", "w") as file:
    file.write(vkey)
witness = subprocess.Popen(
    command + ["serve", *config, "--listen", "127.0.0.1:0"], text=True, stderr=subprocess.PIPE)
signal.signal(signal.SIGTERM, lambda *_: witness.terminate())


def tell_address():
    for line in witness.stderr:
        sys.stderr.write(line)
        found = re.search(r"listening on (http://\S+)", line)
        if found:
            print(json.dumps({"url": found[1]}), flush=True)


threading.Thread(target=tell_address, daemon=True).start()
# Python hears signals in this thread alone, so it must not wait for ever.
parent = os.getppid()
while witness.poll() is None:
    try:
        witness.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        if os.getppid() != parent:
            witness.terminate()
sys.exit(witness.returncode)
