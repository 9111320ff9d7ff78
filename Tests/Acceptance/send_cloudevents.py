#!/usr/bin/env python3
"""Sends events with the CloudEvents SDK for Python, in every content mode of the HTTP binding.

usage: send_cloudevents.py URL RECEIPTS

Writes the receipts to RECEIPTS, one a line, and prints counts as one JSON object. What does not
hold ends with an assertion and exit code 1.
"""
import json
import sys
import urllib.request

from cloudevents.v1.http import CloudEvent, to_binary, to_structured


def event(number):
    return CloudEvent(
        {"id": f"cloudevent-{number}", "source": "https://12350.example/reports",
         "type": "report.accepted", "subject": f"report/RP-CE-{number}",
         "time": "2025-03-04T09:30:00+08:00", "datacontenttype": "application/json"},
        {"operator": {"person": "P-1050", "unit": "12350 接报中心"}, "acceptedOn": "2025-03-04",
         "reporterTold": True})


def send(url, headers, body):
    request = urllib.request.Request(url + "/v1/events", data=body, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.status, json.load(answer)


def main():
    url, file = sys.argv[1:]
    receipts = []
    modes = [to_structured, to_binary]
    for number, first in enumerate(modes):
        second = modes[1 - number]
        status, receipt = send(url, *first(event(number)))
        assert status == 201 and "repeat" not in receipt, (first, status, receipt)
        status, again = send(url, *second(event(number)))
        assert status == 200 and again["repeat"] is True, (second, status, again)
        for name in ("seq", "leafHash", "stream", "revision", "source", "id"):
            assert again[name] == receipt[name], name
        receipts += [receipt, again]
    # The SDK has no batch mode: a batch is an array of what it writes in structured mode.
    batch = b"[" + b",".join(to_structured(event(number))[1] for number in (0, 2, 3, 1)) + b"]"
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    with_recorded = urllib.request.Request(url + "/v1/events", data=batch, headers=headers)
    try:
        urllib.request.urlopen(with_recorded)
        raise AssertionError("a batch that is recorded in part was taken")
    except urllib.error.HTTPError as error:
        assert error.code == 409, error.code
    batch = b"[" + b",".join(to_structured(event(number))[1] for number in range(2, 12)) + b"]"
    status, answers = send(url, headers, batch)
    assert status == 201 and len(answers) == 10, (status, answers)
    status, again = send(url, *to_binary(event(7)))
    assert status == 200 and again["seq"] == answers[5]["seq"], again
    receipts += answers + [again]
    with open(file, "w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(receipt, ensure_ascii=False) + "\n" for receipt in receipts)
    print(json.dumps({
        "events": len({receipt["seq"] for receipt in receipts}), "receipts": len(receipts)}))


main()
