#!/usr/bin/env python3
"""Judges a published folder with PyPI aics-tlog and pymerkle: counts as JSON on standard output.

usage: read_tiles.py TILES LOG_VKEY WITNESS_VKEY OLDER_CHECKPOINT PROOFS SEED

PROOFS has what `hanqing prove --json` printed, one object a line: proofs of records and of growth.
What is damaged here must be refused: `damaged` counts the attempts, `accepted` those that passed.
"""
import base64
import json
import random
import sys
from pathlib import Path

import pymerkle
from aics_tlog import (
    FileSystemTileReader, TileMissingError, TileVerificationError, VerifiedTileReader,
    audit_tiles, checkpoint, consistency_proof_from_tiles, inclusion_proof_from_tiles, leaf_hash,
    parse_note, parse_vkey, tree_root_from_tiles, verify_checkpoint, verify_consistency,
    verify_inclusion, verify_leaf_inclusion)

INCLUSIONS, CONSISTENCIES, DAMAGES = 1000, 100, 100

tiles, log, witness, older, proofs, seed = sys.argv[1:]
log, witness, chance = parse_vkey(log), parse_vkey(witness), random.Random(int(seed))
counts = {"damaged": 0, "accepted": 0}


def flipped(data):
    at = chance.randrange(len(data) * 8)
    return data[:at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1:]


def with_one_flipped(proof, number):
    return [
        flipped(one) if at == number % len(proof) else one for at, one in enumerate(proof)]


def must_be_refused(accepted):
    """Counts a damaged thing, and whether `accepted`, given nothing, says that it is sound."""
    counts["damaged"] += 1
    try:
        counts["accepted"] += bool(accepted())
    except (TileMissingError, TileVerificationError, pymerkle.proof.InvalidProof, ValueError):
        pass


def opened(data):
    """The checkpoint of a note: by the log, and cosigned within the hour."""
    note = parse_note(data)
    judged = verify_checkpoint(
        note, log, [witness], 1, expected_origin=log.name, max_age_seconds=3600)
    if not judged.ok:
        raise ValueError(judged.error)
    return checkpoint.parse_checkpoint(note.text)


class Damaged(FileSystemTileReader):
    """The folder with one bit of one file turned."""

    def __init__(self, root, path):
        super().__init__(root)
        self.path, self.data = path, flipped((Path(root) / path).read_bytes())

    def _read(self, path):
        return self.data if path == self.path else super()._read(path)


def judge_tiles(reader, head):
    audited = audit_tiles(reader, head.size, head.root)
    counts.update(size=head.size, tiles=audited.tiles, bundles=audited.bundles)
    paths = sorted(
        str(path.relative_to(tiles)) for path in Path(tiles, "tile").rglob("*") if path.is_file())
    for path in chance.sample(paths, 24):
        must_be_refused(lambda: audit_tiles(Damaged(tiles, path), head.size, head.root))


def rule(index, size):
    """Whether each hash on the way up stands to the left: RFC 9162, section 2.1.3.2."""
    at, last, sides = index, size - 1, []
    while last:
        if at % 2 or at == last:
            sides.append(1)
            while not at % 2 and at:
                at, last = at >> 1, last >> 1
        else:
            sides.append(0)
        at, last = at >> 1, last >> 1
    return sides + [0]


def other_inclusion(leaf, index, size, proof, root):
    """pymerkle's word on a proof of RFC 9162's."""
    pymerkle.verify_inclusion(
        leaf, root, pymerkle.InclusionProof(
            "sha256", True, size, index + 1, rule(index, size), [leaf, *proof]),
        index=index + 1, size=size, algorithm="sha256")
    return True


def judge_inclusions(reader, head):
    for index in chance.sample(range(head.size), INCLUSIONS):
        entry, size, root = reader.entry(index), head.size, head.root
        proof = inclusion_proof_from_tiles(reader, index, size)
        assert verify_leaf_inclusion(entry, index, size, proof, root)
        assert other_inclusion(leaf_hash(entry), index, size, proof, root)
        counts["inclusions"] = counts.get("inclusions", 0) + 1
        if counts["inclusions"] > DAMAGES:
            continue
        worse, leaf = with_one_flipped(proof, index), leaf_hash(entry)
        must_be_refused(lambda: verify_inclusion(leaf, index, size, worse, root))
        must_be_refused(lambda: other_inclusion(leaf, index, size, worse, root))
        must_be_refused(lambda: verify_leaf_inclusion(flipped(entry), index, size, proof, root))
        must_be_refused(lambda: other_inclusion(leaf, index ^ 1, size, proof, root))


def judge_growth(reader, head):
    """aics-tlog by the tiles, pymerkle by a tree of its own over the records."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for index in range(head.size):
        tree.append_entry(reader.entry(index))
    assert tree.get_root(head.size) == head.root
    for number in range(CONSISTENCIES):
        old, new = sorted(chance.sample(range(1, head.size + 1), 2))
        roots = [tree_root_from_tiles(reader, size, head.size) for size in (old, new)]
        proof = consistency_proof_from_tiles(reader, old, new, head.size)
        assert verify_consistency(old, new, *roots, proof)
        pymerkle.verify_consistency(
            *roots, tree.prove_consistency(old, new), prior_size=old, later_size=new,
            algorithm="sha256")
        counts["consistencies"] = number + 1
        worse = with_one_flipped(proof, number)
        must_be_refused(lambda: verify_consistency(old, new, *roots, worse))
        must_be_refused(lambda: verify_consistency(old, new, flipped(roots[0]), roots[1], proof))


def judge_proofs(reader):
    """What Hanqing itself proved, under a checkpoint that each proof brings along."""
    with open(proofs) as lines:
        for line in lines:
            proof = json.loads(line)
            note = parse_note(proof["checkpoint"])
            assert verify_checkpoint(note, log, expected_origin=log.name).ok
            head = checkpoint.parse_checkpoint(note.text)
            hashes = [bytes.fromhex(one) for one in proof["proof"]]
            if "from" in proof:
                old = proof["from"]
                root = tree_root_from_tiles(reader, old, reader.size)
                assert verify_consistency(old, head.size, root, head.root, hashes)
            else:
                index, leaf = proof["seq"], leaf_hash(reader.entry(proof["seq"]))
                assert verify_inclusion(leaf, index, head.size, hashes, head.root)
                assert other_inclusion(leaf, index, head.size, hashes, head.root)
            counts["proofs"] = counts.get("proofs", 0) + 1


def main():
    published = Path(tiles, "checkpoint").read_bytes()
    head, before = opened(published), opened(Path(older).read_bytes())
    # A turned bit in the line of a key it does not know is ignored, so only known lines are here.
    for _ in range(DAMAGES):
        must_be_refused(lambda: opened(flipped(published)))
    judge_tiles(FileSystemTileReader(tiles), head)
    reader = VerifiedTileReader(FileSystemTileReader(tiles), head.size, head.root)
    growth = consistency_proof_from_tiles(reader, before.size, head.size)
    assert verify_consistency(before.size, head.size, before.root, head.root, growth)
    judge_inclusions(reader, head)
    judge_growth(reader, head)
    judge_proofs(reader)
    print(json.dumps(counts))


main()
