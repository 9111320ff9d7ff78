#!/usr/bin/env python3
"""Counts an XES log, gzipped, with nothing of Hanqing: JSON on standard output.

usage: count_variants.py LOG --ends ACTIVITY [DAY...]

For the whole log and for the end of each DAY (as the log writes its dates): different orders of
activities, events, cases, and cases that have begun and not come to ACTIVITY.
"""
import argparse
import gzip
import json
import xml.etree.ElementTree as ElementTree


def local(tag):
    return tag.rsplit("}", 1)[-1]


def traces(path):
    """Each trace as a list of (day, activity), in the order of the log."""
    with gzip.open(path) as log:
        for _, element in ElementTree.iterparse(log):
            if local(element.tag) != "trace":
                continue
            events = []
            for event in element:
                if local(event.tag) != "event":
                    continue
                values = {child.get("key"): child.get("value") for child in event}
                events.append((values["time:timestamp"][:10], values["concept:name"]))
            yield events
            element.clear()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--ends", required=True)
    parser.add_argument("days", nargs="*")
    arguments = parser.parse_intermixed_args()
    spans = ["whole"] + arguments.days
    variants = {span: set() for span in spans}
    counts = {span: {"events": 0, "cases": 0, "open": 0} for span in spans}
    for trace in traces(arguments.log):
        for span in spans:
            # A stable sort: what happened on one day stays in the order of the log.
            events = sorted(
                (event for event in trace if span == "whole" or event[0] <= span),
                key=lambda event: event[0])
            if not events:
                continue
            order = tuple(activity for _, activity in events)
            variants[span].add(order)
            counts[span]["events"] += len(order)
            counts[span]["cases"] += 1
            counts[span]["open"] += arguments.ends not in order
    for span in spans:
        counts[span]["variants"] = len(variants[span])
    print(json.dumps(counts))


main()
