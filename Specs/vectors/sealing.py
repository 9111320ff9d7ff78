#!/usr/bin/env python3
"""Makes and checks sealing-boxes.json: Specs/sealing.md, sections 2, 3, 6 and 10, in other hands.

    sealing.py make     write the file anew (wrapped keys are different each time)
    sealing.py check    compute all of it again and compare

It needs PyPI's cryptography, 47 or later (HPKE, SM3, SM4), and nothing of this project.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac, hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FILE = pathlib.Path(__file__).with_name("sealing-boxes.json")
SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def text(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def canonical(value):
    # RFC 8785 for what stands here: lists of strings, without control characters.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def pad(value):
    size = 64
    while size < len(value) + 1:
        size *= 2
    return value + b"\x80" + bytes(size - len(value) - 1)


def derive(case, alg):
    """Key material, the place's bytes and the commitment."""
    place = canonical(
        ["hanqing-box/v1", alg, case["origin"], case["source"], case["id"], case["pointer"]])
    digest, lengths = {
        "aes-256-gcm": (hashes.SHA256(), [32, 12, 32]),
        "sm4-ctr-hmac-sm3": (hashes.SM3(), [16, 16, 32, 32]),
    }[alg]
    long = HKDF(digest, sum(lengths), bytes.fromhex(case["handle"]), place).derive(
        bytes.fromhex(case["dataKey"]))
    parts, start = [], 0
    for length in lengths:
        parts.append(long[start:start + length])
        start += length
    return parts, place


def code(key, place, ciphertext):
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(len(place).to_bytes(8, "big") + place + ciphertext)
    return mac.finalize()


def seal(case, alg, padded):
    parts, place = derive(case, alg)
    if alg == "aes-256-gcm":
        box = AESGCM(parts[0]).encrypt(parts[1], padded, place)
    else:
        run = Cipher(algorithms.SM4(parts[0]), modes.CTR(parts[1])).encryptor()
        box = run.update(padded) + run.finalize()
        box += code(parts[2], place, box)
    return {"sealed": {"alg": alg, "box": text(box), "commitment": text(parts[-1]),
                       "handle": text(bytes.fromhex(case["handle"]))}}


def opened(case):
    """The value of a case, or what is wrong with it."""
    inner = case["box"]["sealed"]
    parts, place = derive(case, inner["alg"])
    if raw(inner["handle"]).hex() != case["handle"] or raw(inner["commitment"]) != parts[-1]:
        return None, "other-key-or-place"
    box = raw(inner["box"])
    if inner["alg"] == "aes-256-gcm":
        try:
            padded = AESGCM(parts[0]).decrypt(parts[1], box, place)
        except InvalidTag:
            return None, "changed"
    else:
        if code(parts[2], place, box[:-32]) != box[-32:]:
            return None, "changed"
        run = Cipher(algorithms.SM4(parts[0]), modes.CTR(parts[1])).decryptor()
        padded = run.update(box[:-32]) + run.finalize()
    value, mark, rest = padded.rpartition(b"\x80")
    if not mark or rest.strip(b"\0") or pad(value) != padded:
        return None, "bad-padding"
    return value.decode(), None


def holder(key):
    return hashlib.sha256(key.public_key().public_bytes_raw()).digest()[:16]


def wrap_info(case):
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["privateKey"]))
    return key, canonical(
        ["hanqing-wrap/v1", case["origin"], text(bytes.fromhex(case["handle"])),
         holder(key).hex()])


def sealed_file(case, content):
    info = canonical(["hanqing-file/v1", case["origin"]])
    long = HKDF(hashes.SHA256(), 64, bytes.fromhex(case["handle"]), info).derive(
        bytes.fromhex(case["dataKey"]))
    file = b"hanqing-file/v1\n" + bytes.fromhex(case["handle"]) + long[32:]
    chunks = [content[at:at + 65536] for at in range(0, len(content) + 1, 65536)]
    for number, chunk in enumerate(chunks):
        last = number == len(chunks) - 1
        file += AESGCM(long[:32]).encrypt(
            number.to_bytes(11, "big") + bytes([last]), pad(chunk) if last else chunk, None)
    return file


def file_digest(case):
    content = bytes(at * 31 & 255 for at in range(case["bytes"]))
    return hashlib.sha256(sealed_file(case, content)).hexdigest()


def code_tag(case):
    digits = "".join(c for c in case["code"] if c.isdigit())
    assert len(digits) == 30 and int(digits) % 97 == 1, case
    salt = hashlib.sha256(b"hanqing-code/v1\n" + case["origin"].encode()).digest()
    return text(hashlib.scrypt(digits.encode(), salt=salt, n=1 << 15, r=8, p=1,
                               maxmem=1 << 26, dklen=32))


def seed(label):
    return hashlib.sha256(f"sealing vectors: {label}".encode()).digest()


def make():
    values = ['"张三"', '"13800000000"', '"' + "举报内容。" * 200 + '"', '["甲","乙"]',
              '"' + "a" * 61 + '"', '"' + "a" * 62 + '"', '{"name":"某公司","uscc":null}']
    boxes, refused = [], []
    for number, value in enumerate(values):
        for alg in ("aes-256-gcm", "sm4-ctr-hmac-sm3"):
            case = {"origin": "ledger.example/汗青", "source": "urn:hotline",
                    "id": f"e-{number}", "pointer": "/data/reporterName",
                    "dataKey": seed(f"key {number} {alg}").hex(),
                    "handle": seed(f"handle {number} {alg}").hex()[:32]}
            case |= {"value": value, "box": seal(case, alg, pad(value.encode()))}
            boxes.append(case)
    for case in boxes[:2]:
        def but(error, **changes):
            other = {k: v for k, v in case.items() if k != "value"} | changes
            refused.append(other | {"error": error})

        def within(**changes):
            return {"sealed": case["box"]["sealed"] | changes}

        place = "other-key-or-place"
        but(place, pointer="/data/reporterPhone")
        but(place, id="e-99")
        but(place, source="urn:other")
        but(place, origin="other.example")
        but(place, dataKey=seed("another key").hex())
        but(place, box=within(commitment=text(seed("another commitment"))))
        but(place, box=within(handle=text(seed("another handle")[:16])))
        box = bytearray(raw(case["box"]["sealed"]["box"]))
        for at in (0, 40, len(box) - 1):
            box[at] ^= 1
            but("changed", box=within(box=text(bytes(box))))
            box[at] ^= 1
        alg = case["box"]["sealed"]["alg"]
        short = '"x"'.encode()
        for padded in (bytes(64), short + bytes(61), short + b"\x80" + bytes(59) + b"\x01",
                       pad(short) + bytes(64)):
            but("bad-padding", box=seal(case, alg, padded))
        but("no-box", box=within(box=text(bytes(box[:-1]))))
        but("no-box", box=within(alg="aes-128-gcm"))
        but("no-box", box=within(more="x"))
        but("no-box", box=case["box"] | {"value": "x"})
        but("no-box", box=within(handle=case["box"]["sealed"]["handle"] + "A"))
    wraps = []
    for number in range(3):
        case = {"origin": "ledger.example/汗青",
                "privateKey": seed(f"holder {number}").hex(),
                "handle": seed(f"wrapped handle {number}").hex()[:32],
                "dataKey": seed(f"wrapped key {number}").hex()}
        key, info = wrap_info(case)
        sealed = SUITE.encrypt(bytes.fromhex(case["dataKey"]), key.public_key(), info)
        case |= {"holder": holder(key).hex(), "encapsulated": sealed[:32].hex(),
                 "ciphertext": sealed[32:].hex()}
        wraps.append(case)
    files, codes = [], []
    for size in (0, 1, 65535, 65536, 65537, 200000):
        case = {"origin": "ledger.example/汗青", "handle": seed(f"file handle {size}").hex()[:32],
                "dataKey": seed(f"file key {size}").hex(), "bytes": size}
        files.append(case | {"sha256": file_digest(case)})
    for number in range(3):
        digits = str(int.from_bytes(seed(f"code {number}"), "big"))[:28]
        digits += f"{98 - int(digits) * 100 % 97:02}"
        case = {"origin": "ledger.example/汗青",
                "code": " ".join(digits[at:at + 5] for at in range(0, 30, 5))}
        codes.append(case | {"tag": code_tag(case)})
    FILE.write_text(json.dumps({"boxes": boxes, "refused": refused, "wraps": wraps,
                                "files": files, "codes": codes},
                               ensure_ascii=False, indent=1) + "\n")


def check_wrap(case):
    key, info = wrap_info(case)
    sealed = bytes.fromhex(case["encapsulated"] + case["ciphertext"])
    return (case["holder"] == holder(key).hex() and len(sealed) == 80
            and SUITE.decrypt(sealed, key, info).hex() == case["dataKey"])


def check():
    file = json.loads(FILE.read_text())
    for case in file["boxes"]:
        assert opened(case) == (case["value"], None), case
        alg = case["box"]["sealed"]["alg"]
        assert seal(case, alg, pad(case["value"].encode())) == case["box"], case
    for case in file["refused"]:
        # What is no box at all is a matter of form, which only the reader of records judges.
        if case["error"] != "no-box":
            assert opened(case) == (None, case["error"]), case
    for case in file["wraps"]:
        assert check_wrap(case), case
    for case in file["files"]:
        assert file_digest(case) == case["sha256"], case
    for case in file["codes"]:
        assert code_tag(case) == case["tag"], case
    print(json.dumps({name: len(cases) for name, cases in file.items()}))


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]]()
