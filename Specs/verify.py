#!/usr/bin/env python3
"""A second opinion on a ledger, for auditors: Python's standard library and `openssl`, no more.

    python3 verify.py [--vkey KEY] [--json] DIR        exit 0 sound, 1 findings, 2 cannot tell
    python3 verify.py receipt --vkey KEY [--record FILE] [--json] FILE
                                                       exit 0 proved, 1 not proved, 2 cannot tell
    python3 verify.py bundle [--vkey KEY] [--tsa-ca FILE] [--json] FILE.tar
                                                       exit 0 sound, 1 findings, 2 cannot tell

From the bytes of DIR/records it derives again what DIR/checkpoints/latest claims, by record.md and
checkpoint.md, and shares no code with Hanqing. KEY is the ledger's verifier key as you were given
it; without it the key is the one that the ledger names, which proves less. What a procedure
demands of an event is not judged here. Memory: some 60 bytes a record.
"""
import argparse, base64, bisect, hashlib, json, os, re, ssl, subprocess, sys, tempfile
from datetime import datetime
from decimal import Decimal

CHAIN = re.compile(  # record.md section 1; what stands before `seq` has one length, so one place
    rb'\{"chain":\{"prev":"([0-9a-f]{64})","recorded":"([^"]{26}Z)","salt":"[\w-]{21}[AQgw]",'
    rb'"seq":(0|[1-9]\d*),"v":1\},"event":\{')
EVENT = {"specversion", "id", "source", "type", "subject", "time", "data"}
OPTIONAL = {"precision", "datacontenttype", "dataschema", "causationid", "correlationid",
            "asserted", "signature"}
STUB = {"leafHash", "prev", "recorded", "revision", "seq", "stream", "v"}
TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*")
STREAM = re.compile(r"[a-z][a-z0-9-]*/[A-Za-z0-9_][A-Za-z0-9._-]{0,95}")
RECORDER = re.compile(r"(svc|cli|import):[!#-\[\]-~]+|ledger")
OWN_ID = re.compile(r"ledger-[0-9a-f]{32}")
ENCODER = json.JSONEncoder(ensure_ascii=False)
OWN = ["ledger/self", "ledger/late-entries", "ledger/attempts", "ledger/access",
       "ledger/anchors", "ledger/vault"]
DAMAGED = (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def number(value):
    """A number as ECMAScript prints it: RFC 8785 section 3.2.2.3."""
    if value == int(value) and abs(value) < 2**53:
        return str(int(value))
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, minus = "".join(map(str, digits)), "-" * sign
    point = len(text) + exponent
    if len(text) <= point <= 21:
        return minus + text.ljust(point, "0")
    if 0 < point <= 21:
        return minus + text[:point] + "." + text[point:]
    if -6 < point <= 0:
        return minus + "0." + "0" * -point + text
    return minus + text[0] + "." * (len(text) > 1) + text[1:] + "e%+d" % (point - 1)


def canonical(value, depth=1):
    """RFC 8785: names sorted by UTF-16 code units, no space, shortest escapes."""
    if isinstance(value, (dict, list)) and depth > 64:
        raise ValueError("deeper than 64")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{%s}" % ",".join(
            canonical(name) + ":" + canonical(value[name], depth + 1) for name in names)
    if isinstance(value, list):
        return "[%s]" % ",".join(canonical(item, depth + 1) for item in value)
    return number(value) if type(value) is float else ENCODER.encode(value)


class Ledger:
    def __init__(self, folder):
        self.folder, self.findings, self.at = folder, [], ()
        self.hashes = bytearray()  # 32 bytes a record
        self.ids = [bytearray() for _ in range(256)]  # 24 bytes a record: hash of its name, row
        self.prev, self.seq, self.recorded, self.batch = bytes(32), 0, "", None
        self.revisions, self.stubs, self.backed = {}, {}, set()
        self.origin, self.keys, self.segments = None, [], []  # keys: (announcing row, key)
        self.revoked = set()  # rows after which the key before is believed no more

    def expect(self, code, expected, found, column=0, at=None):
        """Notes a finding, with its place, unless what was found is what was expected."""
        if expected != found and len(self.findings) < 1000:
            file, line, offset = at or self.at
            offset = None if offset is None else offset + column
            self.findings.append({"code": code, "file": file, "line": line, "offset": offset,
                                  "expected": str(expected), "found": str(found)})

    def demand(self, code, rule, holds, at=None):
        self.expect(code, rule, rule if holds else "something else", at=at)

    def lines(self):
        """Every line of the log; segments are named for their first record and leave no gap."""
        for entry in sorted(os.listdir(os.path.join(self.folder, "records"))):
            if not entry.endswith(".ndjson"):
                continue
            name, offset = "records/" + entry, 0
            self.segments.append((len(self.hashes) // 32, name))
            self.expect("segment", "records/%012d.ndjson" % self.seq, name, at=(name, None, None))
            with open(os.path.join(self.folder, name), "rb") as file:
                for row, line in enumerate(file, 1):
                    self.at = (name, row, offset)
                    yield line
                    offset += len(line)

    def place(self, row):
        """Where the line stands that was the `row`th of all."""
        first, name = self.segments[bisect.bisect(self.segments, (row, "~")) - 1]
        with open(os.path.join(self.folder, name), "rb") as file:
            return name, row - first + 1, sum(len(file.readline()) for _ in range(row - first))

    def read(self, size):
        """Reads the log. Lines from `size` on are outside the checkpoint: counted, not judged."""
        beyond = linked = 0
        for line in self.lines():
            if size is not None and len(self.hashes) >= 32 * size:
                chain = CHAIN.match(line)
                links = line.endswith(b"\n") and chain and chain[1].decode() == self.prev.hex()
                linked += bool(links and linked == beyond)
                beyond, self.prev = beyond + 1, sha256(b"\0", line.rstrip(b"\n"))
                self.seq += 1
                continue
            body = line.rstrip(b"\n")
            leaf = sha256(b"\0", body)
            self.expect("torn", b"\n", line[-1:], len(line))
            self.demand("length", "at most 65535 bytes", len(body) <= 65535)
            try:
                value = json.loads(body.decode(), parse_int=float)
                again = canonical(value).encode()
                same = 0 if again == body else len(os.path.commonprefix([again, body]))
                self.expect("canonical", again[same:same + 20], body[same:same + 20], same)
                if "withheld" in value:
                    leaf = self.withheld(value, **value["withheld"])
                else:
                    self.record(body, **value)
            except DAMAGED as error:
                self.expect("form", "a line as record.md has it", repr(error))
            self.prev, self.seq = leaf, self.seq + 1
            self.hashes += leaf
        return beyond, linked

    def record(self, body, chain, event, intake):
        data, kind = event["data"], event["type"]
        self.demand("layout", "chain as in section 1", CHAIN.match(body))
        self.link(chain["prev"], chain["recorded"], chain["seq"])
        self.order(event["subject"], intake["revision"], intake.get("batch"), chain["recorded"])
        self.expect("v", 1, chain["v"])
        self.expect("members", [], sorted(EVENT - set(event) | set(event) - EVENT - OPTIONAL
                                          | set(intake) - {"batch", "recorder", "revision"}))
        self.demand("form", "version 1.0, a type, an object of data, a recorder",
                    event["specversion"] == "1.0" and TYPE.fullmatch(kind) and type(data) is dict
                    and RECORDER.fullmatch(intake["recorder"]))
        name = sha256(canonical([event["source"], event["id"]]).encode())
        self.ids[name[0]] += name[:16] + (len(self.hashes) // 32).to_bytes(8, "big")
        for mend in {"corrects", "withdraws"} & set(data) if kind.startswith("entry.") else ():
            start = 32 * int(data[mend]["seq"])
            self.expect(mend, self.hashes[start:start + 32].hex(), data[mend]["leafHash"])
        self.own(event, intake)

    def own(self, event, intake):
        """Section 5: the ledger's own records, which no one else may write."""
        kind, data, row = event["type"], event["data"], len(self.hashes) // 32
        if row == 0:
            self.origin = data["origin"]
            self.expect("format", (1, "SHA-256"), (data["format"], data["hash"]))
        self.demand("genesis", "ledger.created in record 0 and nowhere else",
                    (row == 0) == (kind == "ledger.created"))
        self.demand("genesis", "ledger.catalogue-adopted in record 1",
                    row != 1 or kind == "ledger.catalogue-adopted")
        own = kind.startswith("ledger.")
        self.demand("own", "type, recorder and stream all the ledger's, or none",
                    own == (intake["recorder"] == "ledger") == (event["subject"] in OWN))
        if own:
            self.expect("own", self.origin, event["source"])
            self.demand("own", "id: ledger- and 32 hex digits",
                        OWN_ID.fullmatch(event["id"]) is not None)
        if row == 0 or kind in ("ledger.key-rotated", "ledger.restored") and own and (
                intake["recorder"] == "ledger"):
            if kind == "ledger.restored" or data["keys"][0] not in [k for _, k in self.keys[-1:]]:
                self.keys.append((row, data["keys"][0]))
            if "revoked" in data:
                self.revoked.add(row)
            self.demand("own", "an approver other than the operator",
                        row == 0 or data["approver"] != data["operator"]["person"])
        if kind == "ledger.entry-withheld" and data["target"]["seq"] < self.seq:
            self.backed.add((data["target"]["seq"], data["target"]["leafHash"]))

    def withheld(self, value, leafHash, prev, recorded, revision, seq, stream, v, batch=None):
        """Section 7: the leaf hash is that of the record which stood here."""
        self.stubs[self.seq] = (leafHash, self.at)
        self.expect("form", (1, 1), (len(value), v))
        self.link(prev, recorded, seq, (0, 0, 0))
        self.order(stream, revision, batch, recorded)
        if not re.fullmatch("[0-9a-f]{64}", leafHash):
            raise ValueError("leafHash is not 64 hexadecimal digits")
        return bytes.fromhex(leafHash)

    def link(self, prev, recorded, seq, columns=(18, 96, 163)):
        self.expect("prev", self.prev.hex(), prev, columns[0])
        self.expect("recorded", max(self.recorded, recorded), recorded, columns[1])
        self.expect("seq", self.seq, int(seq), columns[2])
        datetime.strptime(recorded, "%Y-%m-%dT%H:%M:%S.%fZ")
        self.seq, self.recorded = int(seq), recorded

    def order(self, stream, revision, batch, recorded):
        """Revisions have no gap in a stream; records i/n of a batch stand together."""
        self.expect("revision", "%d in %s" % (self.revisions.get(stream, 0), stream),
                    "%s in %s" % (number(revision), stream))
        self.revisions[stream] = int(revision) + 1
        self.demand("stream", "procedure/case", STREAM.fullmatch(stream))
        before, self.batch = self.batch, None
        if batch is None:
            self.expect("batch", before, batch)
            return
        index, count = map(int, re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", batch).groups())
        self.expect("batch", before or (1, max(count, 2), recorded), (index, count, recorded))
        self.batch = (index + 1, count, recorded) if index < count else None

    def close(self):
        """What can be told only at the end."""
        rows = len(self.hashes) // 32
        self.demand("genesis", "records 0 and 1", rows >= 2, at=("records", None, None))
        self.expect("batch", None, self.batch)
        for seq, (leaf, at) in self.stubs.items():
            self.demand("withheld", "a later ledger.entry-withheld that names seq and leafHash",
                        (seq, leaf) in self.backed, at=at)
        for bucket in self.ids:
            names = sorted(bytes(bucket[at:at + 24]) for at in range(0, len(bucket), 24))
            for one, two in zip(names, names[1:]):
                if one[:16] == two[:16]:
                    first, second = (int.from_bytes(name[16:], "big") for name in (one, two))
                    self.expect("id", "source and id once", "also in %s line %d"
                                % self.place(first)[:2], at=self.place(second))

    def root(self, size=None):
        """RFC 6962 section 2.1: complete subtrees on a stack, then joined from the right."""
        stack = []
        for row in range(len(self.hashes) // 32 if size is None else size):
            stack.append(bytes(self.hashes[32 * row:32 * row + 32]))
            while row & 1:
                stack[-2:] = [sha256(b"\1", *stack[-2:])]
                row >>= 1
        while len(stack) > 1:
            stack[-2:] = [sha256(b"\1", *stack[-2:])]
        return stack[0] if stack else sha256()


def read_file(path):
    with sys.stdin.buffer if path == "-" else open(path, "rb") as file:
        return file.read()


def misspelt(blob):
    """Base64 has one spelling only: the spare bits of the last digit are zero."""
    return base64.b64encode(base64.b64decode(blob, validate=True)).decode() != blob


def read_note(note):
    """checkpoint.md: the signed text; its origin, size and root; the signatures."""
    text, _, rest = note[:1 << 20].decode().rpartition("\n\n")
    origin, size, root = re.fullmatch(r"([^\s+]+)\n(0|[1-9]\d*)\n(.{44})", text).groups()
    signatures = re.findall(r"— ([^\s+]+) (\S+)\n", rest)
    again = "".join("— %s %s\n" % pair for pair in signatures)
    if again != rest or any(map(misspelt, [root] + [blob for _, blob in signatures])):
        raise ValueError("not a signed note")
    return (text + "\n").encode(), origin, int(size), base64.b64decode(root), signatures


def read_key(vkey):
    """C2SP signed-note: name+id+base64(1, key); the id is a hash of the rest."""
    name, key_id, blob = vkey.split("+", 2)
    key = base64.b64decode(blob, validate=True)
    if (len(key), key[0]) != (33, 1) or key_id != sha256(name.encode(), b"\n", key)[:4].hex():
        raise ValueError("not an Ed25519 verifier key: " + vkey)
    return name, bytes.fromhex(key_id), key[1:]


def is_signed(text, signature, public):
    """Whether openssl says so. The prefix makes a SubjectPublicKeyInfo of an Ed25519 key."""
    with tempfile.TemporaryDirectory() as folder:
        key, message, blob = (os.path.join(folder, name) for name in ("key", "message", "blob"))
        spki = bytes.fromhex("302a300506032b6570032100") + public
        for path, content in ((key, spki), (message, text), (blob, signature)):
            with open(path, "wb") as file:
                file.write(content)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key,
             "-rawin", "-in", message, "-sigfile", blob], capture_output=True).returncode == 0


def has_signed(note, vkey):
    """Whether `vkey` has signed the note: once at least, and never wrongly."""
    text, origin, _, _, signatures = note
    name, key_id, public = read_key(vkey)
    blobs = [base64.b64decode(blob, validate=True) for signer, blob in signatures
             if signer == name == origin]
    answers = [is_signed(text, blob[4:], public) for blob in blobs if blob[:4] == key_id]
    return bool(answers) and all(answers)


def vouched(ledger, vkey):
    """checkpoint.md section 7: the keys that `vkey` vouches for, step by step, itself first."""
    keys = [key for _, key in ledger.keys]
    trusted, rows = [vkey], len(ledger.hashes) // 32
    for row, key in ledger.keys[keys.index(vkey) + 1:] if vkey in keys else ():
        if row in ledger.revoked:
            break
        try:
            note = read_note(read_file(
                os.path.join(ledger.folder, "checkpoints/keys/%012d" % row)))
        except (OSError, *DAMAGED):
            break
        if (note[1] != ledger.origin or not row < note[2] <= rows
                or ledger.root(note[2]) != note[3] or not has_signed(note, trusted[-1])):
            break
        trusted.append(key)
    return trusted


def check_checkpoint(ledger, note, vkey):
    _, origin, size, root, _ = note
    ledger.expect("origin", ledger.origin, origin)
    rows = len(ledger.hashes) // 32
    ledger.expect("size", size, rows)
    if rows == size:
        ledger.expect("root", root.hex(), ledger.root().hex())
    first = [vkey] if vkey else [key for _, key in ledger.keys[:1]]
    trusted = vouched(ledger, *first) if first else []
    signers = [key for key in trusted if has_signed(note, key)]
    ledger.demand("signature", "one by " + " or ".join(trusted), signers)
    ledger.demand("key", "signed by the key announced last",
                  not signers or not ledger.keys or ledger.keys[-1][1] in signers)


def verify(folder, vkey):
    ledger, note, latest = Ledger(folder), None, ("checkpoints/latest", None, None)
    try:
        note = read_note(read_file(os.path.join(folder, latest[0])))
    except (OSError, *DAMAGED) as error:
        ledger.expect("checkpoint", "a signed checkpoint", repr(error), at=latest)
    beyond, linked = ledger.read(note and note[2])
    ledger.close()
    ledger.at = latest
    try:
        if note:
            check_checkpoint(ledger, note, vkey)
    except DAMAGED as error:
        ledger.expect("key", "a verifier key", repr(error))
    return {"sound": not ledger.findings, "origin": ledger.origin,
            "key": vkey or [key for _, key in ledger.keys],
            "records": len(ledger.hashes) // 32, "root": ledger.root().hex(),
            "withheld": len(ledger.stubs), "beyond": beyond, "beyondLinked": linked,
            "findings": ledger.findings}


# Receipts and proof files.

STATED = (("number", "seq", ("chain", "seq")), ("case", "stream", ("event", "subject")),
          ("revision", "revision", ("intake", "revision")),
          ("source", "source", ("event", "source")), ("id", "id", ("event", "id")))


def proved_root(leaf, row, size, proof):
    """RFC 9162 section 2.1.3.2: the root to which a proof of the `row`th of `size` leads."""
    place, last, root = row, size - 1, leaf
    if not 0 <= place <= last:
        raise ValueError("no record %d in a tree of %d" % (row, size))
    for node in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if place & 1 or place == last:
            root = sha256(b"\1", node, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = sha256(b"\1", root, node)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return root


def read_hash(text):
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise ValueError("not 64 hexadecimal digits: " + text)
    return bytes.fromhex(text)


def read_proof_file(text, records):
    """checkpoint.md section 6, as a receipt. The leaf hash is that of the record at hand."""
    head, _, note = text.decode().partition("\n\n")
    parts = re.fullmatch(r"c2sp\.org/tlog-proof@v1\n(?:extra (\S*)\n)?"
                         r"index (0|[1-9]\d*)((?:\n\S{44}){0,63})", head)
    if not parts or any(map(misspelt, [parts[1] or "", *parts[3].split()])):
        raise ValueError("not a proof file as checkpoint.md has it")
    if len(records) != 1:
        raise ValueError("a proof file needs its one record: --record FILE")
    return {"seq": int(parts[2]), "leafHash": next(iter(records)).hex(), "checkpoint": note,
            "proof": [base64.b64decode(line).hex() for line in parts[3].split()]}


def prove(receipt, vkey, records):
    """client.md section 3: says what a full receipt proves, or raises what speaks against it."""
    if not {"seq", "leafHash", "checkpoint", "proof"} <= set(receipt):
        raise ValueError("it is no full receipt: it needs seq, leafHash, checkpoint and proof")
    row, leaf = receipt["seq"], read_hash(receipt["leafHash"])
    if type(row) is not int:
        raise ValueError("seq is not a whole number")
    note = read_note(receipt["checkpoint"].encode())
    if not has_signed(note, vkey):
        raise ValueError("the checkpoint is not signed by " + vkey)
    if proved_root(leaf, row, note[2], list(map(read_hash, receipt["proof"]))) != note[3]:
        raise ValueError("the proof does not lead to the root that the checkpoint signs")
    said = "record %d of %s is in the tree of %d that was signed" % (row, note[1], note[2])
    if records is None:
        return said + "; what it holds was not looked at (--record)"
    if leaf not in records:
        raise ValueError("its record is not the one given")
    record = json.loads(records[leaf].decode())
    for what, name, (part, member) in STATED:
        if name in receipt and receipt[name] != record[part][member]:
            raise ValueError("the record has another " + what)
    return said + ", and is the one given"


def check_receipts(options):
    """Answers each receipt in the file; whether all are proved."""
    read_key(options.vkey)
    text, records = read_file(options.file), None
    if options.record:
        records = {sha256(b"\0", line): line
                   for line in read_file(options.record).split(b"\n") if line}
    if text.startswith(b"c2sp.org/"):
        receipts = [read_proof_file(text, records or ())]
    else:
        receipts = [json.loads(line) for line in text.split(b"\n") if line]
    proved = []
    for receipt in receipts:
        try:
            verdict, detail = "proved", prove(receipt, options.vkey, records)
        except DAMAGED as error:
            verdict, detail = "invalid", str(error) if type(error) is ValueError else repr(error)
        proved.append(verdict == "proved")
        seq = receipt.get("seq") if isinstance(receipt, dict) else None
        print(json.dumps({"seq": seq, "verdict": verdict, "detail": detail}, ensure_ascii=False)
              if options.json else "%-8s %s" % (verdict, detail))
    if not proved:
        raise ValueError("there is no receipt in " + options.file)
    return all(proved)


def receipt_main(arguments):
    parser = argparse.ArgumentParser(
        prog="verify.py receipt",
        description="What receipts prove, offline. Whose key it is, you must know.")
    parser.add_argument("file", metavar="FILE",
                        help="receipts, one a line, or a tlog-proof; - is standard input")
    parser.add_argument("--vkey", required=True, help="the ledger's: name+id+base64")
    parser.add_argument("--record", metavar="FILE", help="the exact bytes of records, one a line: "
                        "tells also whether they are what the receipts speak of")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        return 0 if check_receipts(options) else 1
    except (OSError, *DAMAGED) as error:
        print("cannot tell:", error, file=sys.stderr)
        return 2


# Bundles: bundle.md.

BUNDLED = re.compile(
    r"bundle/(?:SHA256SUMS|checkpoint|cosigned/note|index\.html|key\.(?:pem|txt)|subject\.json|"
    r"verify\.py|attachments/[0-9a-f]{64}|catalogue/[0-9a-f]{64}\.json|records/\d{12}\.json|"
    r"(?:(?:cosigned|timestamps/\d{6})/)?proofs/\d{12}\.tlog-proof|"
    r"timestamps/\d{6}/(?:ca\.pem|message|note|query\.tsq|reply\.tsr))")
LIMITS = (("attachments/", 2**33 - 1), ("catalogue/", 2**26), ("SHA256SUMS", 2**26),
          ("index.html", 2**26), ("records/", 65535), ("query.tsq", 77), ("reply.tsr", 2**16),
          ("message", 2**16), ("ca.pem", 2**20), ("", 10**6))
QUERY = re.compile(  # timestamp.md section 1: a TimeStampReq that asks for one SHA-256
    rb"0K\x02\x01\x01010\r\x06\t`\x86H\x01e\x03\x04\x02\x01\x05\0\x04 (.{32})"
    rb"\x02\x10[\x01-\x7f].{15}\x01\x01\xff", re.DOTALL)
TOO_MANY, TOO_MUCH = 200000, 2**29


def tar_header(name, size):
    """The one header that a plain file has: POSIX.1-1988, nobody's, of no time."""
    block = (name.ljust(100, "\0") + "0000644\0" + "0000000\0" * 2 + "%011o\0" % size
             + "0" * 11 + "\0" + " " * 8 + "0" + "\0" * 100 + "ustar\0" + "00"
             + "\0" * 247).encode()
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def read_tar(file):
    """Every entry, small ones whole, and of all the SHA-256. Nothing is unpacked."""
    small, digests, last, total = {}, {}, "", 0
    while True:
        header = file.read(512)
        if header == bytes(512):
            if file.read(513) != bytes(512):
                raise ValueError("the archive does not end as it should")
            return small, digests
        name = header[:100].rstrip(b"\0").decode("ascii", "replace")
        if not BUNDLED.fullmatch(name):
            raise ValueError("entry %s: not a name of a bundle" % ascii(name))
        size = int(header[124:135], 8) if re.fullmatch(rb"[0-7]{11}", header[124:135]) else -1
        if size < 0 or header != tar_header(name, size):
            raise ValueError("entry %s: not a plain file as bundles have them" % name)
        limit = next(most for part, most in LIMITS if part in name)
        if name <= last or size > limit or len(digests) >= TOO_MANY:
            raise ValueError("entry %s: twice, out of order, or too long" % name)
        last, digest, left, kept = name, hashlib.sha256(), size, []
        total += 0 if "/attachments/" in name else size
        if total > TOO_MUCH:
            raise ValueError("entry %s: more than may be read" % name)
        while left:
            piece = file.read(min(left, 1 << 20))
            if not piece:
                raise ValueError("entry %s: the archive is cut off" % name)
            digest.update(piece)
            left -= len(piece)
            if "/attachments/" not in name:
                kept.append(piece)
        if file.read(-size % 512) != bytes(-size % 512):
            raise ValueError("entry %s: the archive is cut off" % name)
        digests[name[7:]] = (digest.hexdigest(), size)
        if "/attachments/" not in name:
            small[name[7:]] = b"".join(kept)


def demand(holds, what):
    if not holds:
        raise ValueError(what)


def bundled_record(body, seq):
    """A record's leaf hash and value; record.md sections 1 to 4 and 7."""
    value = json.loads(body.decode(), parse_int=float)
    demand(canonical(value).encode() == body, "record %d is not canonical JSON" % seq)
    if set(value) == {"withheld"}:
        stub = value["withheld"]
        demand(stub["seq"] == seq and STUB <= set(stub) <= STUB | {"batch"} and stub["v"] == 1,
               "record %d is no withheld line of that number" % seq)
        return read_hash(stub["leafHash"]), stub["stream"], stub["revision"], None
    chain, event, intake = CHAIN.match(body), value["event"], value["intake"]
    demand(set(value) == {"chain", "event", "intake"} and chain and int(chain[3]) == seq
           and EVENT <= set(event) <= EVENT | OPTIONAL
           and {"recorder", "revision"} <= set(intake) <= {"batch", "recorder", "revision"}
           and TYPE.fullmatch(event["type"]) and STREAM.fullmatch(event["subject"])
           and type(event["data"]) is dict and RECORDER.fullmatch(intake["recorder"]),
           "record %d is no record of that number" % seq)
    return sha256(b"\0", body), event["subject"], intake["revision"], event


class Bundle:
    def __init__(self, path, vkey, tsa_ca):
        with open(path, "rb") as file:
            self.small, self.digests = read_tar(file)
        self.vkey, self.tsa_ca, self.faults, self.said = vkey, tsa_ca, [], []
        self.judged = set()  # proofs

    def check(self, step, *arguments):
        """Takes one step; what speaks against it is kept."""
        try:
            return step(*arguments)
        except (*DAMAGED, IndexError) as error:
            self.faults.append(str(error) if type(error) is ValueError else
                               "%s%r: %r" % (step.__name__, arguments, error))

    def file(self, name):
        demand(name in self.small, name + " is missing")
        return self.small[name]

    def run(self):
        self.records, self.note, self.subject, self.keys = {}, None, None, []
        for step in (self.sums, self.key, self.head, self.numbers):
            self.check(step)
        for seq in self.numbered("records/"):
            self.check(self.record, seq)
        for seq in self.records:
            if self.note:
                self.check(self.proof, "proofs/", seq, self.file("checkpoint"), self.note)
        for step in (self.catalogues, self.attachments, self.cosigned, self.timestamps,
                     self.proofs):
            self.check(step)

    def numbered(self, start):
        return sorted(int(name[len(start):][:12]) for name in self.small if name.startswith(start))

    def sums(self):
        lines = "".join("%s  bundle/%s\n" % (self.digests[name][0], name)
                        for name in sorted(self.digests) if name != "SHA256SUMS")
        demand(self.file("SHA256SUMS") == lines.encode(), "SHA256SUMS has other digests")
        self.file("index.html"), self.file("verify.py")

    def key(self):
        self.keys = self.file("key.txt").decode().splitlines()
        for key in self.keys:
            read_key(key)
        demand(self.keys and self.file("key.txt").decode() == "".join(
            key + "\n" for key in self.keys), "key.txt does not hold keys, one a line")
        blob = bytes.fromhex("302a300506032b6570032100") + read_key(self.vkey or self.keys[-1])[2]
        demand(self.file("key.pem").decode() == "-----BEGIN PUBLIC KEY-----\n%s\n"
               "-----END PUBLIC KEY-----\n" % base64.b64encode(blob).decode(),
               "key.pem is another key")

    def head(self):
        demand(self.vkey or self.keys, "no key is known")
        key, note = self.vkey or self.keys[-1], read_note(self.file("checkpoint"))
        demand(has_signed(note, key), "checkpoint is not signed by " + key)
        self.note = note

    def numbers(self):
        """subject.json names what is there, and all that was asked for is."""
        subject = json.loads(self.file("subject.json"))
        demand(canonical(subject).encode() == self.small["subject.json"]
               and subject["format"] == 1 and subject["asked"], "subject.json is malformed")
        demand(sorted(subject["asked"] + subject["context"]) == self.numbered("records/")
               and subject["asked"] == sorted(subject["asked"]),
               "subject.json names other records than there are")
        demand("stream" in subject or subject["asked"] == list(
            range(subject["from"], subject["through"] + 1)), "records of the range are missing")
        demand(not self.note or subject["origin"] == self.note[1], "subject.json: another origin")
        self.subject = subject

    def record(self, seq):
        leaf, stream, revision, event = bundled_record(self.file("records/%012d.json" % seq), seq)
        self.records[seq] = (leaf, event)
        asked = self.subject["asked"] if self.subject else []
        demand("stream" not in (self.subject or {}) or seq not in asked
               or (stream, revision) == (self.subject["stream"], asked.index(seq)),
               "record %d is not the next of its stream" % seq)

    def proof(self, start, seq, note, parts):
        name = "%s%012d.tlog-proof" % (start, seq)
        self.judged.add(name)
        read = read_proof_file(self.file(name), {self.records[seq][0]: b""})
        demand((read["seq"], read["checkpoint"].encode()) == (seq, note),
               name + " is another record's or under another note")
        demand(proved_root(self.records[seq][0], seq, parts[2],
                           list(map(read_hash, read["proof"]))) == parts[3],
               name + " does not lead to the signed root")

    def proofs(self):
        others = {name for name in self.small if "proofs/" in name} - self.judged
        demand(not others, "proofs of other records: " + ", ".join(sorted(others)))

    def catalogues(self):
        demand(self.subject, "without subject.json nothing says which catalogues are needed")
        adopted = [(seq, event["data"]["catalogue"]) for seq, (_, event) in sorted(
            self.records.items()) if event and event["type"] in (
                "ledger.created", "ledger.catalogue-adopted")]
        for name in [name for name in self.small if name.startswith("catalogue/")]:
            demand(self.digests[name][0] == name[10:74], name + " is not what its name says")
            demand(name[10:74] in [digest for _, digest in adopted], name + " was not adopted here")
        for seq in self.subject["asked"]:
            there = [digest for row, digest in adopted if row <= seq][-1:]
            demand(there and "catalogue/%s.json" % there[0] in self.small,
                   "the catalogue in force at record %d is missing" % seq)

    def attachments(self):
        demand(self.subject, "without subject.json nothing says which attachments are needed")
        named = {}
        for seq in self.subject["asked"]:
            for item in (self.records[seq][1] or {"data": {}})["data"].get("attachments", []):
                if item["held"] == "ledger":
                    named["attachments/" + item["sha256"]] = (item["sha256"], item["bytes"])
        there = {name: found for name, found in self.digests.items()
                 if name.startswith("attachments/")}
        demand(there == named, "attachments are not those that the records name: " + ", ".join(
            sorted(name for name in set(there) | set(named)
                   if there.get(name) != named.get(name))))

    def known(self, name):
        """A note beside the checkpoint: by any key that the ledger has had."""
        note = read_note(self.file(name))
        demand(note[1] == self.note[1] and any(has_signed(note, key) for key in self.keys),
               name + " is not the ledger's")
        return note

    def cosigned(self):
        if "cosigned/note" in self.small:
            note = self.known("cosigned/note")
            for seq in [seq for seq in self.records if seq < note[2]]:
                self.check(self.proof, "cosigned/proofs/", seq, self.small["cosigned/note"], note)

    def timestamps(self):
        demand(self.subject and self.note, "without checkpoint and subject no timestamp is judged")
        numbers = sorted({int(name[11:17]) for name in self.small if name[:11] == "timestamps/"})
        covered, before = set(), None
        for number in numbers:
            start = "timestamps/%06d/" % number
            note = self.check(self.timestamp, start, number, before)
            if not note:  # then its proofs are nothing by themselves
                self.judged |= {name for name in self.small if name.startswith(start)}
            before = (number, sha256(self.small.get(start + "reply.tsr", b"")))
            for seq in [seq for seq in self.subject["asked"]
                        if note and seq in self.records and seq < note[2] and seq not in covered]:
                covered.add(seq)
                self.check(self.proof, start + "proofs/", seq, self.small[start + "note"], note)

    def timestamp(self, start, number, before):
        note, message = self.known(start + "note"), self.file(start + "message")
        renews = re.fullmatch(rb"renews sha256:([0-9a-f]{64})\n", message[len(note[0]):])
        demand(message.startswith(note[0]) and (renews or number == 1 and message == note[0])
               and not (number == 1 and renews), start + "message is not made of its note")
        demand(before is None or before[0] == number - 1, start + ": one before it is missing")
        demand(before is None or renews[1].decode() == before[1].hex(),
               start + "message does not name the reply before")
        query = QUERY.fullmatch(self.file(start + "query.tsq"))
        demand(query and query[1] == sha256(message), start + "query.tsq asks for something else")
        self.said.append(start + "reply.tsr: " + self.stamped(start))
        return note

    def stamped(self, start):
        """What openssl says of a reply, whose certificate must count at the time it states."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ("query.tsq", "reply.tsr", "ca.pem"):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(self.small.get(start + name, b""))
            run = {"cwd": folder, "capture_output": True, "env": {**os.environ, "LC_ALL": "C"}}
            text = subprocess.run(["openssl", "ts", "-reply", "-in", "reply.tsr", "-text"],
                                  **run).stdout.decode("utf-8", "replace")
            time = re.search(r"^Time stamp: (\w+ +\d+ [\d:]+)(?:\.\d+)? (\d+) GMT$", text, re.M)
            demand(time, start + "reply.tsr holds no token")
            moment = datetime.strptime("%s %s +0000" % time.groups(), "%b %d %H:%M:%S %Y %z")
            trust = self.tsa_ca or ("ca.pem" if start + "ca.pem" in self.small else
                                    ssl.get_default_verify_paths().cafile or "none")
            judged = subprocess.run(
                ["openssl", "ts", "-verify", "-in", "reply.tsr", "-queryfile", "query.tsq",
                 "-CAfile", trust, "-attime", "%d" % moment.timestamp()], **run)
            demand(judged.returncode == 0, start + "reply.tsr is not valid")
            return "there by %s UTC, by the word of its authority" % moment.strftime("%F %T")


def bundle_main(arguments):
    parser = argparse.ArgumentParser(
        prog="verify.py bundle", description="What a bundle proves, offline; nothing is unpacked.")
    parser.add_argument("file", metavar="FILE.tar")
    parser.add_argument("--vkey", help="the ledger's verifier key: name+id+base64")
    parser.add_argument("--tsa-ca", metavar="FILE", help="PEM: whom to trust for timestamps; "
                        "otherwise what the bundle brings, which proves less")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    bundle, tsa_ca = None, options.tsa_ca and os.path.abspath(options.tsa_ca)
    try:
        if options.vkey:
            read_key(options.vkey)
        if tsa_ca:
            read_file(tsa_ca)
        try:
            bundle = Bundle(options.file, options.vkey, tsa_ca)
            bundle.run()
            faults = bundle.faults
        except ValueError as error:
            faults = [str(error)]
    except (OSError, ValueError) as error:
        print("cannot tell:", error, file=sys.stderr)
        return 2
    said = bundle.said if bundle else []
    if options.json:
        print(json.dumps({"sound": not faults, "findings": faults, "timestamps": said,
                          "records": len(bundle.records) if bundle else 0}, ensure_ascii=False))
        return 1 if faults else 0
    for line in faults + said:
        print(line)
    print("NOT SOUND: %d findings" % len(faults) if faults else
          "sound: %d records, unchanged since they were signed" % len(bundle.records))
    if bundle and not options.vkey:
        print("The key came from the bundle itself; compare it with the one you were given:")
        print(*bundle.keys[-1:], sep="\n")
    return 1 if faults else 0


def main():
    if sys.argv[1:2] == ["receipt"]:
        return receipt_main(sys.argv[2:])
    if sys.argv[1:2] == ["bundle"]:
        return bundle_main(sys.argv[2:])
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="What receipts and bundles prove: %(prog)s receipt --help, %(prog)s bundle --help")
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--vkey", help="the ledger's verifier key: name+id+base64")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        if options.vkey:
            read_key(options.vkey)
        result = verify(options.folder, options.vkey)
    except (OSError, ValueError) as error:
        print("cannot tell:", error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return 0 if result["sound"] else 1
    for finding in result["findings"]:
        place = "%(file)s, line %(line)s, byte %(offset)s" if finding["line"] else "%(file)s"
        print((place + ": %(code)s: expected %(expected)s, found %(found)s") % finding)
    print("sound" if result["sound"] else "NOT SOUND: %d findings" % len(result["findings"]))
    print("records %(records)d, of them withheld %(withheld)d\nroot %(root)s\n"
          "beyond the checkpoint %(beyond)d, of them linked %(beyondLinked)d" % result)
    if not options.vkey:
        print("The key came from the ledger itself; compare it with the one you were given:")
        print(*result["key"], sep="\n")
    return 0 if result["sound"] else 1


if __name__ == "__main__":
    sys.exit(main())
