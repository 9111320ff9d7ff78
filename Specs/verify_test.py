#!/usr/bin/env python3
"""Tests of verify.py: a small ledger made here, and every kind of damage must be found in it."""
import base64, contextlib, hashlib, io, json, os, subprocess, sys, tempfile, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import verify  # noqa: E402

ORIGIN = "ledger.test.example"
VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors")


def sha256(data):
    return hashlib.sha256(data).digest()


def dump(value):
    """Canonical as long as it holds neither fractions nor names beyond ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def tree(leaves):
    """RFC 6962 section 2.1 as it is written there: recursive, apart from verify.py's."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + tree(leaves[:split]) + tree(leaves[split:]))


class Key:
    """A key that is thrown away with the test."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "key.der")
        self.run("genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", self.path)
        public = self.run("pkey", "-in", self.path, "-inform", "DER", "-pubout",
                          "-outform", "DER")[-32:]
        self.id = sha256(ORIGIN.encode() + b"\n\1" + public)[:4]
        self.vkey = f"{ORIGIN}+{self.id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"

    def run(self, *arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout

    def note(self, size, root, origin=ORIGIN):
        text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        with tempfile.NamedTemporaryFile() as message:
            message.write(text.encode())
            message.flush()
            signature = self.run("pkeyutl", "-sign", "-inkey", self.path, "-keyform", "DER",
                                 "-rawin", "-in", message.name)
        return f"{text}\n— {origin} {base64.b64encode(self.id + signature).decode()}\n"


def event(seq, kind, subject, **data):
    own = kind.startswith("ledger.")
    return {
        "chain": {"prev": "", "recorded": f"2026-01-02T03:04:{seq:02d}.000000Z",
                  "salt": "AAAAAAAAAAAAAAAAAAAAAQ", "seq": seq, "v": 1},
        "event": {"specversion": "1.0", "id": f"ledger-{seq:032x}" if own else f"e{seq}",
                  "source": ORIGIN if own else "urn:test", "type": kind, "subject": subject,
                  "time": "2026-01-01T00:00:00Z", "data": data},
        "intake": {"recorder": "ledger" if own else "svc:test", "revision": 0}}


def records(key):
    """Ten records and two beyond the checkpoint; 4 to 6 are a batch, 3 will be withheld."""
    target = {"seq": 2, "leafHash": "", "reason": "misrecorded"}
    made = [
        event(0, "ledger.created", "ledger/self", origin=ORIGIN, format=1, hash="SHA-256",
              keys=[key.vkey]),
        event(1, "ledger.catalogue-adopted", "ledger/self", catalogue="00"),
        event(2, "penalty.filed", "penalty/A", note="立案 \u007f \u2028"),
        event(3, "penalty.decided", "penalty/A", note="a name that must leave"),
        event(4, "penalty.filed", "penalty/B"),
        event(5, "penalty.decided", "penalty/B"),
        event(6, "report.received", "report/R-1"),
        event(7, "ledger.entry-withheld", "ledger/self", target={"seq": 3, "leafHash": ""}),
        event(8, "entry.corrected", "penalty/A", corrects=target, corrected={"note": "x"}),
        event(9, "report.closed", "report/R-1"),
        event(10, "report.closed", "report/R-1"),
        event(11, "report.closed", "report/R-1")]
    for seq, batch in ((4, "1/3"), (5, "2/3"), (6, "3/3")):
        made[seq]["intake"]["batch"] = batch
        made[seq]["chain"]["recorded"] = made[4]["chain"]["recorded"]
    revisions = {}
    for record in made:
        stream = record["event"]["subject"]
        record["intake"]["revision"] = revisions[stream] = revisions.get(stream, -1) + 1
    return made


class Forge:
    """Writes a ledger; what a test changes before `link` is linked and signed like the rest."""

    def __init__(self, key, folder):
        self.key, self.folder, self.size = key, folder, 10
        self.records, self.stub = records(key), True
        self.spell = dump

    def link(self):
        prev, self.lines, self.leaves = bytes(32), [], []
        for record in self.records:
            if "chain" in record:
                record["chain"]["prev"] = prev.hex()
                data = record["event"]["data"]
                for name in ("target", "corrects"):
                    if isinstance(data, dict) and data.get(name, {}).get("leafHash") == "":
                        data[name]["leafHash"] = self.leaves[data[name]["seq"]].hex()
            line = self.spell(record)
            prev = sha256(b"\0" + line)
            self.lines.append(line)
            self.leaves.append(prev)
        if self.stub:
            self.withhold(3)
        return self

    def withhold(self, seq, **changes):
        record = json.loads(self.lines[seq])
        stub = {"leafHash": self.leaves[seq].hex(), "revision": record["intake"]["revision"],
                "stream": record["event"]["subject"], "v": 1, **{
                    name: record["chain"][name] for name in ("prev", "recorded", "seq")}}
        self.lines[seq] = dump({"withheld": stub | changes})

    def write(self, split=5, note=None):
        for name in ("records", "checkpoints"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        self.put("records/000000000000.ndjson", b"".join(l + b"\n" for l in self.lines[:split]))
        self.put(f"records/{split:012d}.ndjson", b"".join(l + b"\n" for l in self.lines[split:]))
        note = note or self.key.note(self.size, tree(self.leaves[:self.size]))
        self.put("checkpoints/latest", note.encode())
        return self

    def put(self, name, content):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(content)

    def get(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()


SECOND = "records/000000000005.ndjson"


class LedgerCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory()
        cls.key = Key(cls.home.name)

    @classmethod
    def tearDownClass(cls):
        cls.home.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.forge = Forge(self.key, folder.name)

    def result(self, vkey=None):
        return verify.verify(self.forge.folder, vkey or self.key.vkey)

    def codes(self):
        return {finding["code"] for finding in self.result()["findings"]}

    def found(self, *codes):
        """Exactly these kinds of finding, in what was written."""
        result = self.result()
        self.assertEqual({f["code"] for f in result["findings"]}, set(codes), result["findings"])
        return result["findings"]

    def change(self, seq, *path, to):
        """Sets a member of a record before it is linked; None removes it."""
        place = self.forge.records[seq]
        for name in path[:-1]:
            place = place[name]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to
        return self


class SoundTests(LedgerCase):
    def test_a_sound_ledger_is_sound(self):
        self.forge.link().write()
        result = self.result()
        self.assertEqual(result["findings"], [])
        self.assertEqual((result["records"], result["withheld"], result["beyond"],
                          result["beyondLinked"]), (10, 1, 2, 2))
        self.assertEqual(result["root"], tree(self.forge.leaves[:10]).hex())

    def test_the_key_may_come_from_the_ledger(self):
        self.forge.link().write()
        self.assertTrue(verify.verify(self.forge.folder, None)["sound"])

    def test_every_number_of_records_has_the_right_root(self):
        for size in range(2, 10):
            self.forge.size = size
            self.forge.stub = False
            self.forge.link().lines[size + 1:] = []
            self.forge.leaves[size + 1:] = []
            if size not in (5, 6):  # these would cut the batch
                self.forge.write(split=2)
                self.found()

    def test_a_torn_tail_is_counted_and_not_damage(self):
        self.forge.link().write()
        self.forge.put(SECOND, self.forge.get(SECOND)[:-20])
        result = self.result()
        self.assertEqual((result["sound"], result["beyond"], result["beyondLinked"]), (True, 2, 1))

    def test_numbers_are_printed_as_ecmascript_prints_them(self):
        for value, text in ((0.0, "0"), (-0.0, "0"), (1e21, "1e+21"), (1e20, "1" + "0" * 20),
                            (123e-8, "0.00000123"), (1e-7, "1e-7"), (-1.5, "-1.5"), (0.1, "0.1"),
                            (9007199254740994.0, "9007199254740994"), (5e-324, "5e-324"),
                            (1.7976931348623157e308, "1.7976931348623157e+308")):
            self.assertEqual(verify.number(value), text)

    def test_the_vectors_of_rfc_8785_come_out_byte_for_byte(self):
        folder = os.path.join(VECTORS, "jcs-rfc8785")
        names = sorted(os.listdir(os.path.join(folder, "input")))
        self.assertGreater(len(names), 3)
        for name in names:
            with open(os.path.join(folder, "input", name), encoding="utf-8") as file:
                value = json.load(file, parse_int=float)
            with open(os.path.join(folder, "output", name), "rb") as file:
                self.assertEqual(verify.canonical(value).encode(), file.read().rstrip(b"\n"), name)


class KeyTests(LedgerCase):
    """A change of key, announced by record 9 and vouched for by a note."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.new = Key(folder.name)
        self.forge.records[9] = event(
            9, "ledger.key-rotated", "ledger/self", keys=[self.new.vkey], approver="P-2",
            operator={"person": "P-1", "unit": "U"}, reason="test")
        self.change(9, "intake", "revision", to=3).change(10, "intake", "revision", to=1)
        self.change(11, "intake", "revision", to=2)

    def rotated(self, vouching, signer, size=12):
        self.forge.size = size
        self.forge.link().write(note=signer.note(size, tree(self.forge.leaves[:size])))
        if vouching:
            os.makedirs(os.path.join(self.forge.folder, "checkpoints/keys"), exist_ok=True)
            self.forge.put("checkpoints/keys/%012d" % 9, vouching.encode())

    def test_the_old_key_vouches_for_the_new_one(self):
        self.forge.link()
        self.rotated(self.key.note(10, tree(self.forge.leaves[:10])), self.new)
        self.found()

    def test_a_revoked_key_vouches_for_nobody(self):
        self.forge.records[9]["event"]["data"]["revoked"] = {
            "cause": "stolen", "key": self.key.vkey}
        self.forge.link()
        self.rotated(self.key.note(10, tree(self.forge.leaves[:10])), self.new)
        self.found("signature")
        self.assertTrue(self.result(self.new.vkey)["sound"])

    def test_while_keys_overlap_both_sign(self):
        self.forge.link()
        self.rotated(self.key.note(10, tree(self.forge.leaves[:10])), self.new)
        both = [key.note(12, tree(self.forge.leaves[:12])) for key in (self.new, self.key)]
        self.forge.write(note=both[0] + both[1].split("\n\n")[1])
        self.found()

    def test_a_record_may_add_a_key_of_another_kind(self):
        self.forge.records[9]["event"]["data"]["keys"] = [self.key.vkey, "of another kind"]
        self.rotated(None, self.key)
        self.found()

    def test_nobody_vouches(self):
        self.rotated(None, self.new)
        self.found("signature")
        self.assertTrue(self.result(self.new.vkey)["sound"])

    def test_the_new_key_vouches_for_itself(self):
        self.forge.link()
        self.rotated(self.new.note(10, tree(self.forge.leaves[:10])), self.new)
        self.found("signature")

    def test_vouched_for_in_another_history(self):
        self.rotated(self.key.note(10, sha256(b"other")), self.new)
        self.found("signature")

    def test_vouched_for_before_it_was_announced(self):
        self.forge.link()
        self.rotated(self.key.note(9, tree(self.forge.leaves[:9])), self.new)
        self.found("signature")

    def test_the_old_key_signs_on(self):
        self.rotated(None, self.key)
        self.found("key")

    def test_one_person_alone(self):
        self.change(9, "event", "data", "approver", to="P-1")
        self.forge.link()
        self.rotated(self.key.note(10, tree(self.forge.leaves[:10])), self.new)
        self.found("own")


class ForgedTests(LedgerCase):
    """Damage by someone who holds the key: links, root and signature hold; the rules do not."""

    def forged(self, *codes):
        self.forge.link().write()
        return self.found(*codes)

    def test_seq_that_skips(self):
        self.change(9, "chain", "seq", to=10).forged("seq")

    def test_recorded_that_goes_back(self):
        found = self.change(9, "chain", "recorded", to="2025-01-01T00:00:00.000000Z").forged(
            "recorded")
        self.assertEqual((found[0]["line"], found[0]["file"]), (5, SECOND))

    def test_recorded_that_is_no_date(self):
        self.change(9, "chain", "recorded", to="2026-02-30T00:00:00.000000Z").forged("form")

    def test_another_version(self):
        self.change(9, "chain", "v", to=2).forged("layout", "v")

    def test_salt_with_stray_bits(self):
        self.change(9, "chain", "salt", to="AAAAAAAAAAAAAAAAAAAAAB").forged("layout")

    def test_a_new_member_of_chain_before_recorded(self):
        self.change(9, "chain", "node", to="x").forged("layout")

    def test_a_member_that_the_event_may_not_have(self):
        self.change(9, "event", "extra", to="x").forged("members")

    def test_a_member_that_the_event_must_have(self):
        self.change(9, "event", "time", to=None).forged("members")

    def test_a_member_that_intake_may_not_have(self):
        self.change(9, "intake", "extra", to=1).forged("members")

    def test_a_member_that_the_record_may_not_have(self):
        self.change(9, "extra", to=1).forged("form")

    def test_an_unknown_recorder(self):
        self.change(9, "intake", "recorder", to="anyone").forged("form")

    def test_a_type_in_capitals(self):
        self.change(9, "event", "type", to="Report.Closed").forged("form")

    def test_data_that_is_no_object(self):
        self.change(9, "event", "data", to=[1]).forged("form")

    def test_a_stream_with_a_space(self):
        self.change(9, "event", "subject", to="report/R 1")
        self.change(9, "intake", "revision", to=0).forged("stream")

    def test_a_revision_left_out(self):
        self.change(9, "intake", "revision", to=2).forged("revision")

    def test_a_revision_twice(self):
        self.change(9, "intake", "revision", to=0).forged("revision")

    def test_a_batch_that_lost_its_end(self):
        self.change(6, "intake", "batch", to=None).forged("batch")

    def test_a_batch_that_lost_its_beginning(self):
        self.change(4, "intake", "batch", to=None).forged("batch")

    def test_a_batch_recorded_at_two_times(self):
        later = self.forge.records[7]["chain"]["recorded"]
        self.change(6, "chain", "recorded", to=later).forged("batch")

    def test_a_batch_cut_by_the_checkpoint(self):
        self.forge.size = 6
        self.forge.stub = False
        self.forged("batch")

    def test_a_batch_of_one(self):
        self.change(9, "intake", "batch", to="1/1").forged("batch")

    def test_an_event_recorded_twice(self):
        found = self.change(9, "event", "id", to="e6").forged("id")
        self.assertEqual((found[0]["line"], found[0]["found"]), (5, f"also in {SECOND} line 2"))

    def test_two_geneses(self):
        self.forge.records[9] = event(9, "ledger.created", "ledger/self", keys=[self.key.vkey])
        self.change(9, "intake", "revision", to=3).forged("genesis")

    def test_no_catalogue(self):
        self.change(1, "event", "type", to="ledger.clock-noted").forged("genesis")

    def test_another_hash_than_sha256(self):
        self.change(0, "event", "data", "hash", to="SM3").forged("format")

    def test_a_producer_who_writes_as_the_ledger(self):
        self.change(9, "event", "type", to="ledger.restored").forged("own")

    def test_a_producer_in_the_ledgers_stream(self):
        self.change(9, "event", "subject", to="ledger/attempts")
        self.change(9, "intake", "revision", to=0).forged("own")

    def test_a_key_that_is_none(self):
        self.change(0, "event", "data", "keys", to=["x"])
        self.forge.link().write()
        codes = [f["code"] for f in verify.verify(self.forge.folder, None)["findings"]]
        self.assertEqual(codes, ["key"])

    def test_an_id_of_the_ledger_of_another_form(self):
        self.change(7, "event", "id", to="ledger-8").forged("own")

    def test_a_correction_of_another_record(self):
        self.change(8, "event", "data", "corrects", "leafHash", to="00" * 32).forged("corrects")

    def test_a_withheld_line_that_no_record_names(self):
        self.change(7, "event", "data", "target", "seq", to=2).forged("withheld")

    def test_a_withheld_line_named_with_another_hash(self):
        self.change(7, "event", "data", "target", "leafHash", to="00" * 32).forged("withheld")

    def test_a_line_too_long(self):
        self.change(9, "event", "data", to={"note": "x" * 65_535}).forged("length")

    def test_a_line_too_deep(self):
        value = {}
        for _ in range(62):
            value = {"a": value}
        self.change(9, "event", "data", to=value).forged("form")


class SpellingTests(LedgerCase):
    """Equal meaning in other bytes, linked and signed."""

    def spelt(self, before, after, *codes):
        def spell(record):
            line = dump(record)
            changed = line.replace(before, after)
            return changed if record["chain"]["seq"] == 9 else line

        self.change(9, "event", "data", to={"a": 1, "b": "é/\n", "c": 0.5})
        self.forge.spell = spell
        self.forge.link().write()
        self.assertNotEqual(before, after)
        self.assertIn(after, self.forge.lines[9])
        return self.found(*codes)

    def test_a_space(self):
        found = self.spelt(b'"a":1', b'"a": 1', "canonical")
        at = self.forge.get(SECOND).index(b'"a": 1') + 4
        self.assertEqual(found[0]["offset"], at)

    def test_names_out_of_order(self):
        self.spelt(b'"a":1,"b"', b'"b":1,"a"', "canonical")

    def test_a_name_twice(self):
        self.spelt(b'"a":1', b'"a":1,"a":1', "canonical")

    def test_an_escape_that_is_not_needed(self):
        self.spelt("é".encode(), b"\\u00e9", "canonical")

    def test_an_escaped_solidus(self):
        self.spelt(b"/\\n", b"\\/\\n", "canonical")

    def test_a_number_with_an_exponent(self):
        self.spelt(b'"c":0.5', b'"c":5e-1', "canonical")

    def test_a_whole_number_with_a_fraction(self):
        self.spelt(b'"a":1', b'"a":1.0', "canonical")

    def test_minus_zero(self):
        self.spelt(b'"a":1', b'"a":-0', "canonical")

    def test_a_number_that_no_double_holds(self):
        self.spelt(b'"a":1', b'"a":9007199254740993', "canonical")

    def test_not_a_number(self):
        self.spelt(b'"a":1', b'"a":NaN', "form")

    def test_a_number_too_large(self):
        self.spelt(b'"a":1', b'"a":1e400', "form")

    def test_a_lone_surrogate(self):
        self.spelt("é".encode(), b"\\ud800", "form")

    def test_bytes_that_are_not_utf8(self):
        self.spelt("é".encode(), b"\xc0\xaf", "form")

    def test_names_sorted_by_code_point(self):
        self.spelt(b'"a":1', '"a":{"\ue000":1,"\U00010000":1}'.encode(), "canonical")


class DiskTests(LedgerCase):
    """Damage to the files of a sound ledger."""

    def setUp(self):
        super().setUp()
        self.forge.link()

    def test_every_byte_of_the_log_counts(self):
        self.forge.write()
        for name in ("records/000000000000.ndjson", SECOND):
            sound = self.forge.get(name)
            covered = len(sound) if name != SECOND else len(b"\n".join(self.forge.lines[5:10]))
            for at in range(0, covered, 37):
                damaged = bytearray(sound)
                damaged[at] ^= 1 << at % 8
                self.forge.put(name, bytes(damaged))
                self.assertNotEqual(self.codes(), set(), f"{name} byte {at}")
            self.forge.put(name, sound)
        self.found()

    def test_a_changed_word_is_placed(self):
        self.forge.lines[5] = self.forge.lines[5].replace(b"penalty.decided", b"penalty.annulld")
        self.forge.write()
        found = self.found("prev", "root")
        self.assertEqual((found[0]["file"], found[0]["line"]), (SECOND, 2))
        self.assertEqual(found[0]["offset"], len(self.forge.lines[5]) + 1 + 18)
        self.assertEqual(found[0]["expected"], sha256(b"\0" + self.forge.lines[5]).hex())

    def test_a_changed_last_record(self):
        self.forge.lines[9] = self.forge.lines[9].replace(b"closed", b"opened")
        self.forge.write()
        self.found("root")

    def test_a_line_left_out(self):
        del self.forge.lines[8]
        self.forge.write()
        self.assertLessEqual({"prev", "seq", "root"}, self.codes())

    def test_a_line_put_in(self):
        self.forge.lines.insert(9, self.forge.lines[8])
        self.forge.write()
        self.assertLessEqual({"prev", "seq", "root", "id"}, self.codes())

    def test_two_lines_exchanged(self):
        self.forge.lines[8:10] = self.forge.lines[9], self.forge.lines[8]
        self.forge.write()
        self.assertLessEqual({"prev", "seq", "root"}, self.codes())

    def test_the_end_cut_off(self):
        self.forge.lines[9:] = []
        self.forge.write()
        self.found("size")

    def test_the_last_line_torn(self):
        self.forge.lines[10:] = []
        self.forge.write()
        self.forge.put(SECOND, self.forge.get(SECOND)[:-1])
        self.found("torn")

    def test_a_segment_left_out(self):
        self.forge.write()
        os.remove(os.path.join(self.forge.folder, "records/000000000000.ndjson"))
        self.assertLessEqual({"segment", "prev", "size"}, self.codes())

    def test_a_segment_renamed(self):
        self.forge.write()
        os.rename(os.path.join(self.forge.folder, SECOND),
                  os.path.join(self.forge.folder, "records/000000000006.ndjson"))
        self.found("segment")

    def test_an_empty_log(self):
        self.forge.lines[:] = []
        self.forge.write()
        self.assertLessEqual({"genesis", "size"}, self.codes())

    def test_a_withheld_line_with_another_hash(self):
        self.forge.withhold(8)
        self.forge.lines[3] = self.forge.lines[3].replace(b'"leafHash":"', b'"leafHash":"00', 1)
        self.forge.write()
        self.assertLessEqual({"form", "withheld"}, self.codes())

    def test_a_withheld_line_that_says_more(self):
        stub = json.loads(self.forge.lines[3])
        stub["withheld"]["name"] = "x"
        self.forge.lines[3] = dump(stub)
        self.forge.write()
        self.assertIn("form", self.codes())

    def test_a_withheld_line_of_another_version(self):
        self.forge.lines[3] = self.forge.lines[3].replace(b'"v":1', b'"v":2')
        self.forge.write()
        self.found("form")

    def test_a_stub_in_place_of_a_record_that_no_one_withheld(self):
        self.forge.withhold(8)
        self.forge.write()
        self.found("withheld")


class CheckpointTests(LedgerCase):
    def setUp(self):
        super().setUp()
        self.forge.link().write()
        self.root = tree(self.forge.leaves[:10])
        self.note = self.forge.get("checkpoints/latest").decode()

    def latest(self, note, *codes):
        self.forge.put("checkpoints/latest", note.encode())
        return self.found(*codes)

    def test_none(self):
        os.remove(os.path.join(self.forge.folder, "checkpoints/latest"))
        self.assertIn("checkpoint", self.codes())

    def test_a_root_of_other_records(self):
        self.latest(self.key.note(10, bytes(32)), "root")

    def test_more_records_than_there_are(self):
        self.latest(self.key.note(13, self.root), "size")

    def test_another_size_under_the_same_signature(self):
        self.latest(self.note.replace("\n10\n", "\n9\n"), "root", "signature")

    def test_another_origin(self):
        self.latest(self.key.note(10, self.root, "other.example"), "origin", "signature")

    def test_a_signature_of_another_text(self):
        other = self.key.note(9, self.root).split("\n\n")[1]
        self.latest(self.note.split("\n\n")[0] + "\n\n" + other, "signature")

    def test_another_key(self):
        with tempfile.TemporaryDirectory() as folder:
            self.latest(Key(folder).note(10, self.root), "signature")

    def test_one_sound_and_one_unsound_signature(self):
        other = self.key.note(9, self.root).split("\n\n")[1]
        self.latest(self.note + other, "signature")

    def test_a_cosignature_of_a_stranger_is_passed_over(self):
        blob = base64.b64encode(bytes(76)).decode()
        self.latest(f"{self.note}— witness.example {blob}\n")

    def test_no_signature(self):
        self.latest(self.note.split("—")[0], "signature")

    def test_text_that_is_no_note(self):
        changes = (("\n10\n", "\n010\n"), ("\n10\n", "\n10\nmore\n"), ("=\n\n", "\n\n"))
        for note in ("", self.note[:-1], self.note + "x\n",
                     *(self.note.replace(*change) for change in changes)):
            self.forge.put("checkpoints/latest", note.encode())
            self.assertIn("checkpoint", self.codes(), note)

    def test_a_signature_spelled_otherwise(self):
        """The two spare bits of the last base64 digit: the same bytes, and not the same note."""
        start = self.note.rstrip("=\n")
        other = chr(ord(start[-1]) + 1)
        spelled = self.note.replace(start, start[:-1] + other)
        blobs = [base64.b64decode(note.split(" ")[-1]) for note in (self.note, spelled)]
        self.assertEqual(*blobs)
        self.assertNotEqual(self.note, spelled)
        self.forge.put("checkpoints/latest", spelled.encode())
        self.assertIn("checkpoint", self.codes())

    def test_a_signature_of_the_ledger_own_key_only(self):
        """A ledger forged whole is sound by its own key, and not by the one that was given."""
        with tempfile.TemporaryDirectory() as folder:
            forged = Forge(Key(folder), self.forge.folder)
            forged.link().write()
            self.assertTrue(verify.verify(forged.folder, None)["sound"])
            self.found("signature")


def run_main(*arguments):
    output = io.StringIO()
    sys.argv = ["verify.py", *arguments]
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        return verify.main(), output.getvalue()


class CommandTests(LedgerCase):
    def test_the_exit_code_and_the_words(self):
        self.forge.link().write()
        code, text = run_main(self.forge.folder)
        self.assertEqual((code, text.splitlines()[0]), (0, "sound"))
        self.assertIn("came from the ledger itself", text)
        code, text = run_main("--json", "--vkey", self.key.vkey, self.forge.folder)
        self.assertEqual((code, json.loads(text)["findings"]), (0, []))

    def test_findings_exit_with_1(self):
        self.forge.link().lines[9] = b"{}"
        self.forge.write()
        code, text = run_main(self.forge.folder)
        self.assertEqual(code, 1)
        self.assertIn(f"{SECOND}, line 5, byte ", text)
        code, text = run_main("--json", self.forge.folder)
        self.assertEqual((code, json.loads(text)["sound"]), (1, False))

    def test_what_cannot_be_told_exits_with_2(self):
        self.assertEqual(run_main(os.path.join(self.forge.folder, "nowhere"))[0], 2)
        self.assertEqual(run_main("--vkey", "a+b+c", self.forge.folder)[0], 2)


class InclusionTests(unittest.TestCase):
    def test_every_record_of_every_small_tree_proves_and_no_other(self):
        def proof(row, leaves):
            """RFC 6962 section 2.1.1, as it is written there."""
            if len(leaves) < 2:
                return []
            split = 1 << (len(leaves) - 1).bit_length() - 1
            if row < split:
                return proof(row, leaves[:split]) + [tree(leaves[split:])]
            return proof(row - split, leaves[split:]) + [tree(leaves[:split])]

        leaves = [sha256(b"\0%d" % row) for row in range(33)]
        for size in range(1, 34):
            root = tree(leaves[:size])
            for row in range(size):
                nodes = proof(row, leaves[:size])
                self.assertEqual(verify.proved_root(leaves[row], row, size, nodes), root)
                self.assertNotEqual(
                    verify.proved_root(sha256(b"other"), row, size, nodes), root)
                for wrong in [nodes + [root]] + [nodes[1:]] * (size > 1):
                    with self.assertRaises(ValueError):
                        verify.proved_root(leaves[row], row, size, wrong)
                with self.assertRaises(ValueError):
                    verify.proved_root(leaves[row], size, size, nodes)

    def test_the_vectors_of_others(self):
        counts = {True: 0, False: 0}
        for folder, _, names in os.walk(os.path.join(VECTORS, "merkle/testdata/inclusion")):
            for name in names:
                with open(os.path.join(folder, name)) as file:
                    vector = json.load(file)
                counts[self.proves(vector)] += 1
                self.assertEqual(self.proves(vector), not vector["wantErr"], (folder, name))
        self.assertTrue(counts[True] > 5 and counts[False] > 60, counts)

    def proves(self, vector):
        hashes = [base64.b64decode(blob or "") for blob in
                  [vector["root"], vector["leafHash"], *(vector["proof"] or ())]]
        # Ours are 32 bytes: what is none of them proves nothing.
        if any(len(blob) != 32 for blob in hashes):
            return False
        try:
            return hashes[0] == verify.proved_root(
                hashes[1], vector["leafIdx"], vector["treeSize"], hashes[2:])
        except ValueError:
            return False


class ReceiptTests(LedgerCase):
    """Of the forged ledger's record 9, and the worked example's proof file."""

    def setUp(self):
        super().setUp()
        leaves = self.forge.link().leaves[:10]
        record = json.loads(self.forge.lines[9])
        self.receipt = {
            "seq": 9, "leafHash": leaves[9].hex(), "stream": "report/R-1",
            "revision": record["intake"]["revision"], "source": "urn:test", "id": "e9",
            "checkpoint": self.key.note(10, tree(leaves)),
            "proof": [leaves[8].hex(), tree(leaves[:8]).hex()]}

    def write(self, name, content):
        self.forge.put(name, content)
        return os.path.join(self.forge.folder, name)

    def answer(self, *receipts, record=None, vkey=None):
        """The exit code and the first verdict."""
        file = self.write("receipts", b"".join(dump(receipt) + b"\n" for receipt in receipts))
        return self.ask(file, record, vkey)

    def ask(self, file, record=None, vkey=None):
        arguments = ["receipt", file, "--json", "--vkey", vkey or self.key.vkey]
        if record is not None:
            arguments += ["--record", self.write("record", record)]
        code, text = run_main(*arguments)
        return code, json.loads(text.splitlines()[0])["verdict"] if code < 2 else text

    def test_a_receipt_is_proved_alone_and_with_its_record(self):
        line = self.forge.lines[9]
        self.assertEqual(self.answer(self.receipt), (0, "proved"))
        self.assertEqual(self.answer(self.receipt, record=line), (0, "proved"))
        many = b"\n".join(self.forge.lines)
        self.assertEqual(self.answer(self.receipt, self.receipt, record=many), (0, "proved"))
        code, text = run_main("receipt", self.write("one", dump(self.receipt)), "--vkey",
                              self.key.vkey)
        self.assertEqual(code, 0)
        self.assertIn("record 9 of ledger.test.example is in the tree of 10", text)
        self.assertIn("what it holds was not looked at", text)

    def test_every_member_counts(self):
        line = self.forge.lines[9]
        for name, other in (
                ("seq", 8), ("leafHash", "0" * 64), ("stream", "report/R-2"), ("revision", 7),
                ("source", "urn:other"), ("id", "e8"), ("proof", self.receipt["proof"][:1]),
                ("proof", self.receipt["proof"][::-1]), ("seq", "9"), ("seq", True),
                ("proof", None), ("checkpoint", "x"), ("leafHash", "A" * 64),
                ("checkpoint", self.key.note(11, tree(self.forge.leaves[:10])))):
            changed = {**self.receipt, name: other}
            self.assertEqual(self.answer(changed, record=line), (1, "invalid"), (name, other))
        for name in ("seq", "leafHash", "checkpoint", "proof"):
            changed = {key: value for key, value in self.receipt.items() if key != name}
            self.assertEqual(self.answer(changed), (1, "invalid"), name)
        self.assertEqual(self.answer([self.receipt]), (1, "invalid"))

    def test_one_unproved_among_many_is_told(self):
        self.assertEqual(self.answer(self.receipt, {**self.receipt, "seq": 3}), (1, "proved"))

    def test_another_record_or_key(self):
        for record in (self.forge.lines[8], self.forge.lines[9] + b" ", b"{}"):
            self.assertEqual(self.answer(self.receipt, record=record), (1, "invalid"))
        with tempfile.TemporaryDirectory() as folder:
            stranger = Key(folder)
            self.assertEqual(self.answer(self.receipt, vkey=stranger.vkey), (1, "invalid"))

    def test_what_cannot_be_told_exits_with_2(self):
        for arguments in (
                ["nowhere", "--vkey", self.key.vkey], [self.write("none", b"")],
                [self.write("text", b"{")], [self.write("full", dump(self.receipt)), "--vkey", "k"],
                [self.write("proof", b"c2sp.org/tlog-proof@v1\n")]):
            if "--vkey" not in arguments:
                arguments += ["--vkey", self.key.vkey]
            self.assertEqual(run_main("receipt", *arguments)[0], 2, arguments)

    def test_the_worked_example_proves(self):
        folder = os.path.join(VECTORS, "worked-example")
        with open(os.path.join(folder, "values.json")) as file:
            vkey = json.load(file)["log_vkey"]
        proof = os.path.join(folder, "entry-2.tlog-proof")
        # Its entries are words, not records: the proof leads to the root all the same.
        with open(proof, "rb") as file:
            text = file.read()
        leaf = sha256(b"\0entry-2")
        receipt = verify.read_proof_file(text, {leaf: b"entry-2"})
        self.assertIn("record 2 of ledger.example/audit is in the tree of 5",
                      verify.prove(receipt, vkey, None))
        with self.assertRaises(ValueError):
            verify.prove(verify.read_proof_file(text, {sha256(b""): b""}), vkey, None)
        for wrong in (text.replace(b"index 2", b"index 02"), text.replace(b"tpc=", b"tpd="),
                      text.replace(b"index 2\n", b"index 2\n\n")):
            with self.assertRaises((ValueError, AttributeError)):
                verify.prove(verify.read_proof_file(wrong, {leaf: b"entry-2"}), vkey, None)
        self.assertEqual(self.ask(proof, vkey=vkey)[0], 2, "without its record")

    def test_a_proof_file_of_a_record(self):
        hashes = [base64.b64encode(bytes.fromhex(node)).decode() for node in self.receipt["proof"]]
        text = "\n".join(["c2sp.org/tlog-proof@v1", "index 9", *hashes, "",
                          self.receipt["checkpoint"]])
        file = self.write("9.tlog-proof", text.encode())
        self.assertEqual(self.ask(file, record=self.forge.lines[9]), (0, "proved"))
        self.assertEqual(self.ask(file, record=self.forge.lines[8]), (1, "invalid"))


if __name__ == "__main__":
    unittest.main()
