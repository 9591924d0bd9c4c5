#!/usr/bin/env python3
"""Check offline that events, or an answer, are in a Sijill log: verify_proof.py KEY FILE...

KEY is the log's public key (name+id+key), or a file that holds it: get it from somewhere else than
the proof. Each FILE is a proof of an event (.tlog-proof) or of an answer (.json). Exit status 0
when every file is proved, 1 when one is not. Needs Python 3.9 and nothing else; by design it
shares no code with Sijill. An answer's events are proved to be in the log, and the answer to be
what the log's owner signed; that it follows from the events is for a replay to show.

Specifications: c2sp.org/tlog-proof, /tlog-checkpoint, /signed-note; RFC 9162 §2.1; RFC 8032 §5.1.
"""

import base64
import hashlib
import json
import os
import re
import sys
from functools import lru_cache

# Ed25519 (RFC 8032 §5.1): points of the curve as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z

P = 2**255 - 19
ANSWER = "sijill/answer-proof@v1"
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def point_of(data):
    number = int.from_bytes(data, "little")
    y, odd = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    check(y < P and (x * x - square) % P == 0 and not (odd and x == 0), "no point of the curve")
    x = x if x & 1 == odd else P - x
    return x, y, 1, x * y % P


def is_signed(public, message, signature):
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    left = multiply(scalar, base)
    hashed = int.from_bytes(hashed, "little") % ORDER
    right = add(point_of(signature[:32]), multiply(hashed, point_of(public)))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# Formats


def check(holds, otherwise):
    if not holds:
        raise ValueError(otherwise)


def decode64(text):
    data = base64.b64decode(text, validate=True)
    check(base64.b64encode(data).decode() == text, "base64 in another form than the usual")
    return data


def key_of(text):
    name, key_id, material = text.strip().split("+", 2)
    material = decode64(material)
    check(material[:1] == b"\x01" and len(material) == 33, "not an Ed25519 key")
    check(hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8] == key_id, "key's id")
    return name, bytes.fromhex(key_id), material[1:]


@lru_cache(maxsize=100)
def text_of(note, key):
    """The text of a signed note. The key must have signed it; other keys' lines are ignored."""
    text, _, lines = note.rpartition("\n\n")
    check(lines.endswith("\n") and not re.search("[\x00-\x09\x0b-\x1f]", note), "no signed note")
    lines, text, signed = lines[:-1].split("\n"), text + "\n", False
    check(len(set(lines)) == len(lines) <= 100, "a signature stands twice, or there are too many")
    for line in lines:
        found = re.fullmatch("— ([^\\s+]+) ([^ ]+)", line)
        check(found and len(decode64(found[2])) > 4, "a line that is no signature")
        signature = decode64(found[2])
        if (found[1], signature[:4]) == key[:2]:
            check(is_signed(key[2], text.encode(), signature[4:]), "the signature is false")
            signed = True
    check(signed, f"not signed by {key[0]}")
    return text


def event_of(text, key):
    """The event of a tlog-proof, and the note of the checkpoint that it is proved under."""
    head, _, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    check(header == "c2sp.org/tlog-proof@v1", "no proof of an event")
    check(len(lines) > 1 and lines[0].startswith("extra "), "the event is not in the file")
    index = re.fullmatch("index (0|[1-9][0-9]{0,19})", lines[1])
    check(index and len(lines) <= 66, "no index, or too long a path")
    frame, path = decode64(lines[0][6:]), [decode64(line) for line in lines[2:]]
    tree = re.fullmatch("(.+)\n(0|[1-9][0-9]{0,19})\n(.{44})\n(.|\n)*", text_of(note, key))
    check(tree and tree[1] == key[0], "no tree head of this log")
    event = parts_of(frame)
    event.update(index=int(index[1]), size=int(tree[2]))
    if len(frame) > 0xFFFF:
        frame = b"sijill/event-digest/1\n" + hashlib.sha256(frame).digest()
    found, at, last = hashlib.sha256(b"\0" + frame).digest(), event["index"], event["size"] - 1
    check(at <= last and all(len(sibling) == 32 for sibling in path), "no such leaf")
    for sibling in path:  # RFC 9162 §2.1.3.2
        check(last > 0, "the path is too long")
        left, right = (sibling, found) if at % 2 or at == last else (found, sibling)
        found = hashlib.sha256(b"\1" + left + right).digest()
        while at == last and at and at % 2 == 0:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    check(last == 0 and found == decode64(tree[3]), "the event is not in the signed tree")
    return event, note


def parts_of(frame):
    """The parts of an event in the bytes that its leaf is made of."""

    def part(at):
        end = at + 4 + int.from_bytes(frame[at : at + 4], "big")
        check(at + 4 <= end <= len(frame), "the event is cut short")
        return frame[at + 4 : end].decode(), end

    check(frame.startswith(b"sijill/event/1\n"), "no event")
    kind, at = part(23)
    data, at = part(at)
    count, tags, at = int.from_bytes(frame[at : at + 4], "big"), [], at + 4
    while at < len(frame):
        tag, at = part(at)
        tags.append(tag)
    check(len(tags) == count and at == len(frame), "not just one event")
    position = int.from_bytes(frame[15:23], "big")
    return {"position": position, "type": kind, "tags": tags, "data": data}


def answer_of(text, key):
    """The proof of an answer, with its events."""
    fields = json.loads(text)
    names = ["format", "question", "answer", "position", "proofs", "statement"]
    check(list(fields) == names and fields["format"] == ANSWER, "no proof of an answer")
    check(json.dumps(fields, ensure_ascii=False) + "\n" == text, "written in another form")
    check(isinstance(fields["position"], int), "no position")
    parts = fields["question"], fields["answer"], "".join(fields["proofs"])
    digests = [base64.b64encode(hashlib.sha256(x.encode()).digest()).decode() for x in parts]
    stated = "{}\nlog {}\nposition {}\nquestion {}\nanswer {}\nproofs {}\n".format(
        ANSWER, key[0], fields["position"], *digests
    )
    check(text_of(fields["statement"], key) == stated, "the answer or its events were altered")
    proved = [event_of(proof, key) for proof in fields["proofs"]]
    check(len({note for _, note in proved}) <= 1, "more than one checkpoint")
    fields["events"] = [event for event, _ in proved]
    check(all(x["position"] <= fields["position"] for x in fields["events"]), "a later event")
    return fields


def show(text):
    """Text as it is, but for what could move a terminal's cursor or turn its direction."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)


def describe(event):
    return (
        f"position {event['position']}, {show(event['type'])}: leaf {event['index']} of "
        f"{event['size']}\n  {show(event['data'])}\n  tags: {show(', '.join(event['tags']))}"
    )


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    key_text, *names = arguments
    if os.path.exists(key_text):
        with open(key_text, encoding="utf-8") as file:
            key_text = file.read()
    key, failed = key_of(key_text), 0
    for name in names:
        try:
            with open(name, "rb") as file:
                text = file.read().decode()
            if text.startswith("{"):
                found = answer_of(text, key)
                print(f"{name}: proved, signed by {key[0]}: at position {found['position']},")
                print(f"  {show(found['question'])}\n  was answered {show(found['answer'])}")
                print("\n".join(["resting on", *map(describe, found["events"])]))
            else:
                print(f"{name}: proved, signed by {key[0]}: {describe(event_of(text, key)[0])}")
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            print(f"{name}: NOT PROVED: {show(str(error))}")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
