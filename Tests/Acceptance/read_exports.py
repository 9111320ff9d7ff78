#!/usr/bin/env python3
"""Reads Hanqing's exports with the tools that others use; prints counts as one JSON object.

usage: read_exports.py FOLDER OCEL_SCHEMA

FOLDER holds ocel.json, ocel.sqlite, log.xes, prov.json, ocsf.ndjson, tables.xlsx and events.csv.
What does not hold ends with an assertion and exit code 1.
"""
import csv
import hashlib
import json
import pathlib
import sqlite3
import sys

import jsonschema
import openpyxl
import pm4py
import prov.model


def ocel(folder, schema):
    """What stands in both files, and what pm4py makes of it.

    pm4py leaves out objects that no event names, and with them their links; of JSON it keeps one
    relation of an event with an object, of SQLite one for each qualifier.
    """
    log = json.loads((folder / "ocel.json").read_text())
    jsonschema.validate(log, json.loads(schema.read_text()))
    relations = [
        (event["id"], relation["objectId"])
        for event in log["events"] for relation in event["relationships"]]
    links = sum(len(thing["relationships"]) for thing in log["objects"])
    named = {thing for _, thing in relations}
    assert named <= {thing["id"] for thing in log["objects"]}
    database = sqlite3.connect(folder / "ocel.sqlite")
    assert not database.execute("PRAGMA foreign_key_check").fetchall()
    counts = [len(log["events"]), len(log["objects"]), len(relations), links]
    tables = ["event", "object", "event_object", "object_object"]
    assert counts == [
        database.execute("SELECT count(*) FROM " + name).fetchone()[0] for name in tables]
    for read, name, expected in [
        (pm4py.read_ocel2_json, "ocel.json", len(set(relations))),
        (pm4py.read_ocel2_sqlite, "ocel.sqlite", len(relations)),
    ]:
        found = pm4py_counts(read(str(folder / name)))
        assert found == (len(log["events"]), len(named), expected), (name, found)
    return {"events": counts[0], "objects": counts[1], "relations": counts[2], "links": links}


def pm4py_counts(log):
    return len(log.events), len(log.objects), len(log.relations)


def xes(folder):
    log = pm4py.read_xes(str(folder / "log.xes"))
    return {
        "cases": log["case:concept:name"].nunique(), "events": len(log),
        "variants": len(pm4py.get_variants(log)),
    }


def provenance(folder):
    document = prov.model.ProvDocument.deserialize(str(folder / "prov.json"), format="json")
    counts = {"bundles": 0, "activities": 0, "associations": 0}
    for bundle in document.bundles:
        counts["bundles"] += 1
        counts["activities"] += len(list(bundle.get_records(prov.model.ProvActivity)))
        associations = bundle.get_records(prov.model.ProvAssociation)
        counts["associations"] += len(list(associations))
    return counts


def ocsf(folder):
    """The chain, checked as an independent verifier would."""
    count, before = 0, None
    for line in (folder / "ocsf.ndjson").read_text().splitlines():
        event = json.loads(line)
        attestation = event["attestation_list"][0]
        stated = attestation.pop("fingerprint")
        # Sorting by code point is JCS's order here: member names are ASCII, numbers whole.
        text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert stated["value"] == hashlib.sha256(text.encode()).hexdigest(), event["metadata"]
        previous = attestation.get("prev_event")
        assert (previous or {}).get("fingerprint") == before, event["metadata"]
        record = event["raw_data"].encode()
        assert event["raw_data_hash"]["value"] == hashlib.sha256(record).hexdigest()
        if not event["unmapped"]["withheld"]:
            leaf = hashlib.sha256(b"\x00" + record).hexdigest()
            assert event["unmapped"]["leaf_hash"] == leaf, event["metadata"]
        before, count = stated, count + 1
    return {"events": count}


def workbook(folder):
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    assert all(sheet.freeze_panes == "A2" for sheet in book), "frozen header rows"
    codes = [code for code in column(book["cases"], "codes") if code]
    assert all(isinstance(code, str) for code in codes), "codes are texts"
    assert all(isinstance(number, int) for number in column(book["events"], "seq"))
    return {sheet.title: sheet.max_row - 1 for sheet in book}


def column(sheet, name):
    rows = sheet.iter_rows(values_only=True)
    place = next(rows).index(name)
    return [row[place] for row in rows]


def table(folder):
    raw = (folder / "events.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "byte order mark"
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines(keepends=True), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row if cell)
    return {"events": len(rows) - 1}


def main():
    folder, schema = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    print(json.dumps({
        "ocel": ocel(folder, schema), "xes": xes(folder), "prov": provenance(folder),
        "ocsf": ocsf(folder), "xlsx": workbook(folder), "csv": table(folder),
    }))


main()
