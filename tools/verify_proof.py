#!/usr/bin/env python3
"""Check offline that an event, or an answer, is in a Sijill log: verify_proof.py KEY FILE...

KEY is the log's public key (name+id+key), not to be taken from where the proof came. Each FILE is
the proof of an event (.tlog-proof) or of an answer (.json). Exit status 0 if all are proved, else
1. Needs Python 3.9; shares no code with Sijill. Of an answer it shows that the log's owner signed
it and that its events are in the log; that it follows from them is for a replay to show.
See c2sp.org/tlog-proof, /tlog-checkpoint, /signed-note; RFC 9162 §2.1; RFC 8032 §5.1.
"""

import base64
import functools
import hashlib
import json
import re
import sys

P = 2**255 - 19
HEAD = "c2sp[.]org/tlog-proof@v1\nextra (.+)\nindex (0|[1-9][0-9]{0,19})((?:\n.{44}){0,64})"
ORDER, D = 2**252 + 27742317777372353535851937790883648493, -121665 * pow(121666, -1, P) % P


def add(a, b):  # points of the curve as (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z
    e, f = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    g, h = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = (f - e) % P, (h - g) % P, (h + g) % P, (f + e) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(number, point):
    if number == 0:
        return 0, 1, 1, 0
    found = multiply(number >> 1, add(point, point))
    return add(found, point) if number & 1 else found


def point_of(data):
    y, odd = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    check(y < P and (x * x - square) % P == 0 and (x or not odd), "no point of the curve")
    x = x if x % 2 == odd else P - x
    return x, y, 1, x * y % P


def is_signed(public, message, signature):
    scalar = int.from_bytes(signature[32:], "little")
    check(len(signature) == 64 and scalar < ORDER, "no Ed25519 signature")
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    left = multiply(scalar, point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")))
    right = add(point_of(signature[:32]), multiply(hashed % ORDER, point_of(public)))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def check(holds, otherwise):
    if not holds:
        raise ValueError(otherwise)


def decode(text):
    data = base64.b64decode(text, validate=True)
    check(base64.b64encode(data).decode() == text, "base64 in another form than the usual")
    return data


def key_of(text):
    name, key_id, material = text.strip().split("+", 2)
    hashed = hashlib.sha256(name.encode() + b"\n" + (key := decode(material))).digest()
    check(key_id == hashed[:4].hex() and key[0] == 1 and len(key) == 33, "no key, or a broken one")
    return name, hashed[:4], key[1:]


@functools.lru_cache
def text_of(note, key):
    """The text of a signed note. The key must have signed it; other keys' lines are ignored."""
    text, _, lines = note.rpartition("\n\n")
    check(lines.endswith("\n") and not re.search("[\x00-\x09\x0b-\x1f]", note), "no signed note")
    text, lines = text + "\n", lines[:-1].split("\n")
    check(len(set(lines)) == len(lines) <= 100, "a signature stands twice, or too many do")
    parts = [re.fullmatch("— ([^\\s+]+) ([^ ]+)", line) for line in lines]
    check(all(part and len(decode(part[2])) > 4 for part in parts), "no signatures")
    own = [s[4:] for name, s in ((x[1], decode(x[2])) for x in parts) if (name, s[:4]) == key[:2]]
    check(own and all(is_signed(key[2], text.encode(), s) for s in own), f"{key[0]} did not sign")
    return text


def event_of(proof, key):
    """The event of a tlog-proof, and the checkpoint that it is proved under."""
    head, _, note = proof.partition("\n\n")
    check(found := re.fullmatch(HEAD, head), "no proof of an event, or one without the event")
    frame, index, path = decode(found[1]), int(found[2]), [*map(decode, found[3].split("\n")[1:])]
    origin, size, root, _ = text_of(note, key).split("\n", 3)
    check(origin == key[0] and index < int(size), "no tree head that has the event")
    digest = b"sijill/event-digest/1\n" + hashlib.sha256(frame).digest()
    reached = hashlib.sha256(b"\0" + (frame if len(frame) <= 0xFFFF else digest)).digest()
    turns, start, end = [], 0, int(size)
    while end - start > 1:  # from the root down to the leaf; its path is written the other way
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        turns.insert(0, index >= middle)
        start, end = (middle, end) if turns[0] else (start, middle)
    check(len(turns) == len(path) and {*map(len, path)} <= {32}, "the path is of another tree")
    for is_right, sibling in zip(turns, path):  # noqa: B905
        both = sibling + reached if is_right else reached + sibling
        reached = hashlib.sha256(b"\1" + both).digest()
    check(reached == decode(root), "the event is not in the signed tree")
    check(frame.startswith(b"sijill/event/1\n"), "no event")
    parts, at = [], 23  # after the position: the type, the data, the number of tags, the tags
    while at < len(frame):
        end = at + 4 + (len(parts) != 2) * int.from_bytes(frame[at : at + 4], "big")
        parts, at = [*parts, frame[at:end]], end
    check(at == len(frame) and parts[2] == (len(parts) - 3).to_bytes(4, "big"), "not one event")
    kind, data, _, *tags = [part[4:].decode() for part in parts]
    return {"position": int.from_bytes(frame[15:23], "big"), kind: data, "tags": tags}, note


def answer_of(text, key):
    """The proof of an answer, its events in the place of their proofs."""
    found = json.loads(text)
    check(json.dumps(found, ensure_ascii=False) + "\n" == text, "not as Sijill writes proofs")
    check(found["format"] == "sijill/answer-proof@v1", "no proof of an answer")
    statement = found.pop("statement")
    digest = hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()
    stated = f"{found['format']}\nlog {key[0]}\nsha256 {digest}\n"
    check(text_of(statement, key) == stated, "something in the file was altered")
    proved = [event_of(proof, key) for proof in found["proofs"]]
    check(len({note for _, note in proved}) < 2, "more than one checkpoint")
    check(all(event["position"] <= found["position"] for event, _ in proved), "a later event")
    return {**found, "proofs": [event for event, _ in proved]}


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    failed = 0
    for name in arguments[1:]:
        try:
            key = key_of(arguments[0])
            with open(name, "rb") as file:
                text = file.read().decode()
            found = answer_of(text, key) if text[:1] == "{" else event_of(text, key)[0]
            print(f"{name}: proved, {key[0]} signed it: {found!r}")
        except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as e:
            print(f"{name}: NOT PROVED: {e!r}")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
