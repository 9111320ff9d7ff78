"""Judges many ledgers with Specs/verify.py, which stays as it is: a folder a line, a verdict a line.

    python3 second_opinion.py Specs/verify.py

What depends on the bytes of one line alone (its JSON, its canonical form, its hash) is kept for
the next ledger, because the mutations of one ledger share nearly all lines.
"""
import functools
import importlib.util
import sys
import types

spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verify = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify)

LINES_MAX = 200_000  # some 4 KiB each
values, texts = {}, {}
loads, canonical, json = verify.json.loads, verify.canonical, verify.json


def kept_loads(text, **options):
    """The same object for the same text: nothing in verify.py changes one."""
    if text not in values:
        if len(values) >= LINES_MAX:
            values.clear(), texts.clear()
        values[text] = loads(text, **options)
    return values[text]


@functools.lru_cache(LINES_MAX)
def kept_pair(pair):
    return canonical(list(pair))


def kept_canonical(value, depth=1):
    """Of whole lines by identity, for kept_loads keeps them alive; of pairs of texts by value."""
    if depth == 1 and type(value) is list and all(type(item) is str for item in value):
        return kept_pair(tuple(value))
    if depth > 1 or type(value) is not dict:
        return canonical(value, depth)
    if id(value) not in texts:
        texts[id(value)] = canonical(value, depth)
    return texts[id(value)]


verify.json = types.SimpleNamespace(
    loads=kept_loads, dumps=json.dumps, JSONEncoder=json.JSONEncoder)
verify.canonical = kept_canonical
verify.datetime = types.SimpleNamespace(
    strptime=functools.lru_cache(LINES_MAX)(verify.datetime.strptime))
verify.sha256 = functools.lru_cache(2 * LINES_MAX)(verify.sha256)
verify.is_signed = functools.lru_cache(maxsize=None)(verify.is_signed)

for line in sys.stdin:
    try:
        print("sound" if verify.verify(line.rstrip("\n"), None)["sound"] else "unsound", flush=True)
    except Exception as error:  # whatever it is, the campaign tells it
        print("cannot tell: %r" % error, flush=True)
