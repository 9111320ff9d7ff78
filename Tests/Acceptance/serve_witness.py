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


def end_with(parent):
    while os.getppid() == parent:
        try:
            witness.wait(timeout=1)
            return
        except subprocess.TimeoutExpired:
            pass
    witness.terminate()


threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
for line in witness.stderr:
    sys.stderr.write(line)
    found = re.search(r"listening on (http://\S+)", line)
    if found:
        print(json.dumps({"url": found[1]}), flush=True)
sys.exit(witness.wait())
