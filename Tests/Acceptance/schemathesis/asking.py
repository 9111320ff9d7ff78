"""Hooks of schemathesis: what events hold, and what the formats of the schema mean."""
import ast
import datetime
import hashlib
import json
import os
import threading
import unicodedata

import schemathesis
from hypothesis import strategies as st

PARSE, ONE_AT_A_TIME = ast.parse, threading.Lock()


def parse(*source, **options):
    """ast.parse, which in CPython up to 3.12 fails when two threads are in it: its depth of
    recursion is counted in one place for all of them (python/cpython issue 106905). The workers
    describe their strategies with it."""
    with ONE_AT_A_TIME:
        return PARSE(*source, **options)


ast.parse = parse

with open(os.environ["ACCEPTANCE_EVENTS"], encoding="utf-8") as lines:
    EVENTS = [json.loads(line) for line in lines]

# Of the characters that are ignorable by default, those that are no controls or formats.
IGNORABLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0" + "".join(
    map(chr, range(0xFE00, 0xFE10)))


def texts():
    """Specs/record.md section 2, of an event's id; short enough for every member."""
    characters = st.characters(
        codec="utf-8", exclude_categories=("C", "Zl", "Zp"), exclude_characters=IGNORABLE,
        max_codepoint=0x2FFFF)
    return st.text(characters, min_size=1, max_size=64).map(
        lambda text: unicodedata.normalize("NFC", text).strip()).filter(
            lambda text: 0 < len(text.encode()) <= 64)


def times():
    """Times that are over, in the spellings of RFC 3339."""
    moments = st.datetimes(
        min_value=datetime.datetime(1900, 1, 2), max_value=datetime.datetime(2025, 12, 30))
    fractions = st.just("") | st.text("0123456789", min_size=1, max_size=6).map(".".__add__)
    offsets = st.sampled_from(["Z", "+08:00", "-11:30", "+00:00", "+14:00"])
    return st.builds(
        lambda moment, fraction, offset: moment.isoformat(timespec="seconds") + fraction + offset,
        moments.map(lambda moment: moment.replace(microsecond=0)), fractions, offsets)


schemathesis.openapi.format("text", texts())
schemathesis.openapi.format("date-time", times())
schemathesis.openapi.format("date", st.dates(min_value=datetime.date(1900, 1, 1)).map(str))


# Refusals that alone would give another status: a rule or the ledger's state speaks against it.
STATES = ("conflict", "partly-recorded", "wrong-revision", "wrong-target", "in-refused-batch",
          "missing-attachment", "rule", "may-not-assert")


def takes_events(case):
    return case.method == "POST" and case.path in ("/v1/events", "/v1/events/check")


@schemathesis.auth(refresh_interval=None)
class Tokens:
    """Whose token: no one may do everything."""

    def get(self, case, context):
        if "tokens" in (case.operation.tags or []):
            return os.environ["SECURITY_TOKEN"]
        return os.environ["SYSTEM_TOKEN" if case.path == "/metrics" else "SERVICE_TOKEN"]

    def set(self, case, data, context):
        case.headers["Authorization"] = "Bearer " + data


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def filled(event):
    """The event with type and data of one that the catalogue takes; of others, most stay."""
    template = EVENTS[len(event["id"]) % len(EVENTS)]
    procedure, case = template["subject"].partition("/")[0], event["subject"].partition("/")[2]
    made = {**event, "type": template["type"], "data": template["data"],
            "subject": procedure + "/" + case}
    if made.get("asserted"):
        made["data"] = {**made["data"], "assertion": {"person": "P-0999", "reason": "补报"}}
    if len(event["source"]) % 4:
        made.pop("expectedrevision", None)
    return made


def is_exact(value):
    """Whether all numbers are such as a double holds: RFC 7493 section 2.2."""
    if isinstance(value, dict):
        return all(map(is_exact, value.values()))
    if isinstance(value, list):
        return all(map(is_exact, value))
    return not isinstance(value, (int, float)) or abs(value) < 2**53


@schemathesis.hook
def filter_case(context, case):
    """Cases that are called sound and hold a part that is not are no use."""
    return not is_positive(case) or all(
        part.mode.is_positive for part in case.meta.components.values())


@schemathesis.hook
def before_call(context, case, kwargs):
    """Of sound requests most are made such that they can be obeyed; some stay as they are."""
    if not is_positive(case):
        return
    if takes_events(case):
        if case.media_type == "application/json":
            binary(case)
        elif isinstance(case.body, dict):
            if len(case.body["source"]) % 8 or not is_exact(case.body["data"]):
                case.body = filled(case.body)
        elif isinstance(case.body, list):
            case.body = [filled(event) for event in case.body]
    elif case.method == "PUT" and "sha256" in case.path_parameters and not case.headers.get(
            "Content-Range"):
        if isinstance(case.body, bytes) and len(case.body) % 4:
            case.path_parameters["sha256"] = hashlib.sha256(case.body).hexdigest()


def binary(case):
    """Binary mode: attributes in headers; the body is the event's data."""
    text = json.dumps(case.body, sort_keys=True)
    event = EVENTS[len(text) % len(EVENTS)]
    attributes = {"specversion": "1.0",
                  "id": "binary-" + hashlib.sha256(text.encode()).hexdigest()}
    for name in ("source", "type", "subject", "time"):
        attributes[name] = event[name]
    if len(text) % 8:
        case.body = event["data"]
    case.headers.update({"ce-" + name: value for name, value in attributes.items()})


@schemathesis.check
def refused_by_the_catalogue_alone(context, response, case):
    """A sound event that is refused with 400 is one whose type or data the catalogue refuses."""
    if response.status_code != 400 or not takes_events(case) or not is_positive(case):
        return
    problem = response.json()
    assert problem["type"] == "urn:hanqing:problem:invalid-event", problem
    for refusal in problem["refusals"]:
        place = refusal["pointer"].split("/")[1:2]
        assert refusal["code"] in STATES or place in (["data"], ["type"], ["subject"]), refusal
