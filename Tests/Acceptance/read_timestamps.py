#!/usr/bin/env python3
"""Judges kept timestamps with PyPI rfc3161-client: counts as JSON on standard output.

usage: read_timestamps.py SHELF CA OTHER_CA

What is damaged, or signed under a certificate that is not trusted, must be refused.
"""
import json
import sys
from pathlib import Path

from cryptography import x509
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

shelf, trusted, other = sys.argv[1:]
counts = {"timestamps": 0, "damaged": 0, "accepted": 0}


def judged(reply, message, nonce, root):
    root = x509.load_pem_x509_certificate(Path(root).read_bytes())
    verifier = VerifierBuilder().add_root_certificate(root).nonce(nonce).build()
    return verifier.verify_message(decode_timestamp_response(reply), message)


def must_be_refused(*arguments):
    counts["damaged"] += 1
    try:
        counts["accepted"] += judged(*arguments)
    except (VerificationError, ValueError):
        pass


for folder in sorted(Path(shelf).glob("[0-9]*")):
    reply, query, message = [
        (folder / name).read_bytes() for name in ("reply.tsr", "query.tsq", "message")]
    # A request ends with its nonce, an INTEGER of 16 bytes, and certReq, a BOOLEAN that is TRUE.
    assert query[-21:-19] == b"\x02\x10" and query[-3:] == b"\x01\x01\xff"
    nonce = int.from_bytes(query[-19:-3], "big")
    assert judged(reply, message, nonce, trusted)
    counts["timestamps"] += 1
    must_be_refused(reply, message + b"\n", nonce, trusted)
    must_be_refused(reply, message, nonce ^ 1, trusted)
    must_be_refused(reply, message, nonce, other)
    must_be_refused(reply[:-1] + bytes([reply[-1] ^ 1]), message, nonce, trusted)
print(json.dumps(counts))
