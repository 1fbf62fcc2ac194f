"""An independent implementation of docs/proofs.md: standard library only, written from the specifications, sharing no
code and no shape with src/. Checks P1, P6 and P11 hold both against each other.

    python3 independent.py jcs      < one JSON text a line      > SHA-256 of its canonical form, or "refused"
    python3 independent.py trees    < {"size", "index", "from"} > {"root", "inclusion", "consistency"}
    python3 independent.py vectors  < the vector file           > {"verdicts": {name: verified}, "hashes"}
"""

import base64
import hashlib
import json
import re
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


# --- RFC 8785 -------------------------------------------------------------------------------------------------------


class Refused(Exception):
    pass


def parse_json(text):
    """JSON whose numbers are IEEE doubles, as RFC 8785 demands; doubled members and lone surrogates are refused."""

    def members(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise Refused("doubled member")
        return dict(pairs)

    def no_constant(name):
        raise Refused(name)

    try:
        return json.loads(text, parse_int=float, object_pairs_hook=members, parse_constant=no_constant)
    except ValueError as error:
        raise Refused(str(error)) from error


def es_number(value):
    """ECMAScript Number::toString (ECMA-262, 6.1.6.1.20) from Python's shortest digits."""
    if value in (float("inf"), float("-inf")):
        raise Refused("no number")
    if value == 0:
        return "0"
    if value < 0:
        return "-" + es_number(-value)
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # value = 0.digits * 10**point
    point = len(whole.lstrip("0")) + int(exponent or 0)
    if not whole.lstrip("0"):
        point -= len(fraction) - len(fraction.lstrip("0"))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    sign = "+" if point > 0 else "-"
    head = digits[0] + ("." + digits[1:] if count > 1 else "")
    return head + "e" + sign + str(abs(point - 1))


ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def es_string(text):
    if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise Refused("lone surrogate")
    return '"' + "".join(ESCAPES.get(c) or ("\\u%04x" % ord(c) if c < " " else c) for c in text) + '"'


def jcs(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return es_number(float(value))
    if isinstance(value, str):
        return es_string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    for name in value:
        es_string(name)
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(es_string(name) + ":" + jcs(value[name]) for name in names) + "}"


# --- RFC 6962 section 2.1, by its recursive definition ----------------------------------------------------------------


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def split(size):
    return 1 << (size - 1).bit_length() - 1


class Tree:
    """The tree whose leaf i is the 8 big-endian bytes of i; full subtrees are remembered."""

    def __init__(self):
        self.full = {}

    def mth(self, begin, end):
        size = end - begin
        if size == 0:
            return sha256(b"")
        if (begin, end) in self.full:
            return self.full[begin, end]
        if size == 1:
            root = leaf_hash(begin.to_bytes(8, "big"))
        else:
            middle = begin + split(size)
            root = node_hash(self.mth(begin, middle), self.mth(middle, end))
        if size & (size - 1) == 0:
            self.full[begin, end] = root
        return root

    def path(self, index, begin, end):
        size = end - begin
        if size == 1:
            return []
        middle = begin + split(size)
        if index < split(size):
            return self.path(index, begin, middle) + [self.mth(middle, end)]
        return self.path(index - split(size), middle, end) + [self.mth(begin, middle)]

    def subproof(self, old, begin, end, whole):
        size = end - begin
        if old == size:
            return [] if whole else [self.mth(begin, end)]
        k = split(size)
        if old <= k:
            return self.subproof(old, begin, begin + k, whole) + [self.mth(begin + k, end)]
        return self.subproof(old - k, begin + k, end, False) + [self.mth(begin, begin + k)]


def root_of_path(leaf, index, size, path):
    """Recomputes the root top down: which half the leaf is in decides the side of the last hash of the path."""
    if index >= size:
        raise Refused("no such leaf")
    if size == 1:
        if path:
            raise Refused("path too long")
        return leaf
    if not path:
        raise Refused("path too short")
    k = split(size)
    if index < k:
        return node_hash(root_of_path(leaf, index, k, path[:-1]), path[-1])
    return node_hash(path[-1], root_of_path(leaf, index - k, size - k, path[:-1]))


# --- RFC 8032 Ed25519 verification ------------------------------------------------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def point_add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    m, n, o, p = f - e, d - c, d + c, f + e
    return m * n % P, o * p % P, n * o % P, m * p % P


def point_mul(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = point_add(total, point)
        point = point_add(point, point)
        scalar >>= 1
    return total


def point_decode(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verify(public, message, signature):
    if len(signature) != 64:
        return False
    a, r = point_decode(public), point_decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = point_mul(s, BASE), point_add(r, point_mul(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof --------------------------------------------------


def demand(condition, why):
    if not condition:
        raise Refused(why)


def decode64(text):
    data = base64.b64decode(text.encode("ascii", "replace"), validate=True) if text else b""
    demand(base64.b64encode(data).decode() == text, "base64")
    return data


def decode_hash(text):
    data = decode64(text)
    demand(len(data) == 32, "hash length")
    return data


def decimal_index(text):
    demand(re.fullmatch("0|[1-9][0-9]*", text) and int(text) < 2**53, "number")
    return int(text)


def read_key(text):
    name, key_id, material = text.split("+", 2)
    data = decode64(material)
    demand(sha256(name.encode() + b"\n" + data)[:4].hex() == key_id, "key id")
    return {"name": name, "id": bytes.fromhex(key_id), "type": data[0], "public": data[1:]}


def read_note(text):
    demand(not re.search("[\x00-\x09\x0b-\x1f\ud800-\udfff]", text), "characters")
    demand("\n\n" in text and text.endswith("\n"), "no signatures")
    body, lines = text.rsplit("\n\n", 1)
    signatures = []
    for line in lines[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        demand(match, "signature line")
        data = decode64(match[2])
        demand(len(data) > 4, "signature")
        signatures.append((match[1], data[:4], data[4:]))
    demand(len(signatures) <= 64, "too many signatures")
    return body + "\n", signatures


def signature_is_right(key, body, signature):
    if key["type"] == 1:
        return ed25519_verify(key["public"], body.encode(), signature)
    if len(signature) != 72:
        return False
    time = int.from_bytes(signature[:8], "big")
    message = "cosignature/v1\ntime %d\n%s" % (time, body)
    return time < 2**53 and ed25519_verify(key["public"], message.encode(), signature[8:])


def verify_head(text, policy):
    body, signatures = read_note(text)
    lines = body[:-1].split("\n")
    demand(len(lines) >= 3 and "" not in lines, "checkpoint")
    origin, size, root = lines[0], decimal_index(lines[1]), decode_hash(lines[2])

    def signers(keys):
        found = set()
        for name, key_id, signature in signatures:
            for key in keys:
                if (key["name"], key["id"]) == (name, key_id):
                    demand(signature_is_right(key, body, signature), "wrong signature of " + name)
                    found.add(name)
        return found

    log_keys = [key for key in map(read_key, policy["logKeys"]) if key["name"] == origin]
    demand(signers(log_keys), "not signed by a trusted key")
    witnesses = signers([read_key(key) for key in policy.get("witnessKeys", [])])
    demand(len(witnesses) >= policy.get("witnessesRequired", 0), "too few witnesses")
    return origin, size, root


# --- docs/proofs.md: our own objects ----------------------------------------------------------------------------------

HASH = "0x[0-9a-f]{64}"
DECIMAL = r"0|-?(?:[1-9][0-9]*(?:\.[0-9]*[1-9])?|0\.[0-9]*[1-9])"
TIME = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z"

TEXTS = {
    "record": {
        "recordId": None, "customerId": None, "delta": DECIMAL, "balance": DECIMAL,
        "contentHash": HASH, "previousProofHash": HASH, "createdAt": TIME, "adjusts": None, "request": HASH,
    },
    "checkpoint": {
        "checkpointId": None, "customerId": None, "period": None, "startDate": TIME, "endDate": TIME,
        "startingBalance": DECIMAL, "netChange": DECIMAL, "endingBalance": DECIMAL, "itemsRoot": HASH,
    },
    "fact": {"factId": None, "contentHash": None, "createdAt": TIME},
}
COUNTS = {"record": {"sequenceNumber"}, "checkpoint": {"fromSequence", "toSequence", "deltasCount"}, "fact": set()}
OPTIONAL = {"adjusts", "request", "period", "startDate", "endDate", "fromSequence", "toSequence"}


def read_count(value):
    demand(type(value) is float and value.is_integer() and 0 <= value < 2**53, "count")
    return int(value)


def read_hash_list(value):
    demand(type(value) is list and all(type(h) is str and re.fullmatch(HASH, h) for h in value), "path")
    return [bytes.fromhex(h[2:]) for h in value]


def read_versioned(value, names):
    demand(type(value) is dict and value.get("v") == 1 and type(value["v"]) is float, "version")
    demand(set(value) == set(names) | {"v"}, "members")
    return value


def check_object(kind, value):
    """Exactly the members of version 1, each in its form."""
    demand(type(value) is dict, kind)
    known = set(TEXTS[kind]) | COUNTS[kind] | ({"closed"} if kind == "checkpoint" else set())
    read_versioned(value, known - (OPTIONAL - set(value)))
    for name, pattern in TEXTS[kind].items():
        if name in value:
            demand(type(value[name]) is str and (pattern is None or re.fullmatch(pattern, value[name], re.A)), name)
    for name in COUNTS[kind] & set(value):
        read_count(value[name])
    demand(kind != "checkpoint" or type(value["closed"]) is bool, "closed")


def entry(kind, payload):
    return bytes([{"record": 1, "checkpoint": 2, "fact": 3}[kind]]) + sha256(b"\x02" + payload)


def payload_of(kind, extra):
    claim = jcs(extra[kind]).encode()
    if kind == "fact":
        return claim
    leaf = leaf_hash(claim)
    if kind == "checkpoint":
        index, size = read_count(extra["checkpointIndex"]), read_count(extra["checkpointsCount"])
        return root_of_path(leaf, index, size, read_hash_list(extra["checkpointPath"]))
    sequence, size = read_count(extra["record"]["sequenceNumber"]), read_count(extra["customerSize"])
    demand(sequence > 0, "sequence")
    path = read_hash_list(extra["customerPath"])
    root = root_of_path(leaf, sequence - 1, size, path)
    if size == sequence:
        before = bytes(32)
        if path:
            before = path[0]
            for peak in path[1:]:
                before = node_hash(peak, before)
        demand(extra["record"]["previousProofHash"] == "0x" + before.hex(), "root before")
    return root


MEMBERS = {
    "record": {"record", "customerPath", "customerSize"},
    "checkpoint": {"checkpoint", "checkpointIndex", "checkpointPath", "checkpointsCount"},
    "fact": {"fact"},
}


def read_path_lines(lines):
    demand(len(lines) <= 53, "path length")
    return [decode_hash(line) for line in lines]


def verify_inclusion_of(given, text, policy):
    """A tlog-proof file without extra data, of an entry that is known from elsewhere."""
    head, separator, note = text.partition("\n\n")
    demand(separator and len(given) == 33, "no empty line, or no entry")
    lines = head.split("\n")
    demand(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1:] and lines[1].startswith("index "), "lines")
    index = decimal_index(lines[1][len("index "):])
    path = read_path_lines(lines[2:])
    _, size, root = verify_head(note, policy)
    demand(root_of_path(leaf_hash(given), index, size, path) == root, "log root")


def old_and_new_root(old, size, path, old_root, whole):
    """RFC 6962 section 2.1.2 read backwards, by the same recursion: what SUBPROOF(old, D[size], whole) leads to."""
    if old == size:
        if whole:
            demand(not path, "path too long")
            return old_root, old_root
        demand(len(path) == 1, "path length")
        return path[0], path[0]
    demand(path, "path too short")
    k = split(size)
    if old <= k:
        before, after = old_and_new_root(old, k, path[:-1], old_root, whole)
        return before, node_hash(after, path[-1])
    before, after = old_and_new_root(old - k, size - k, path[:-1], old_root, False)
    return node_hash(path[-1], before), node_hash(path[-1], after)


def verify_extension(older, newer, text, policy):
    """Two signed heads, and JCS of {from, proof, to} between them."""
    claim = parse_json(text)
    demand(jcs(claim) == text and type(claim) is dict and set(claim) == {"from", "proof", "to"}, "members")
    path = read_hash_list(claim["proof"])
    (origin, size, root), (new_origin, new_size, new_root) = verify_head(older, policy), verify_head(newer, policy)
    demand(origin == new_origin and size <= new_size, "not two heads of one log")
    demand((read_count(claim["from"]), read_count(claim["to"])) == (size, new_size), "sizes")
    if size == 0:
        demand(not path and root == sha256(b""), "the empty log")
        demand(new_size > 0 or new_root == root, "the empty log")
        return
    demand(old_and_new_root(size, new_size, path, root, True) == (root, new_root), "roots")


def verify_proof(kind, text, policy):
    head, separator, note = text.partition("\n\n")
    demand(separator, "no empty line")
    lines = head.split("\n")
    demand(len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1", "first line")
    demand(lines[1].startswith("extra ") and lines[2].startswith("index "), "lines")
    raw = decode64(lines[1][len("extra "):]).decode("utf-8")
    extra = parse_json(raw)
    demand(jcs(extra) == raw, "not canonical")
    read_versioned(extra, MEMBERS[kind])
    check_object(kind, extra[kind])
    index = decimal_index(lines[2][len("index "):])
    path = read_path_lines(lines[3:])
    _, size, root = verify_head(note, policy)
    leaf = leaf_hash(entry(kind, payload_of(kind, extra)))
    demand(root_of_path(leaf, index, size, path) == root, "log root")


# --- the three questions ----------------------------------------------------------------------------------------------


def answer_jcs(line):
    try:
        return sha256(jcs(parse_json(line)).encode()).hex()
    except Refused:
        return "refused"


def answer_trees(tree, line):
    question = json.loads(line)
    size = question["size"]
    return json.dumps(
        {
            "root": tree.mth(0, size).hex(),
            "inclusion": [h.hex() for h in tree.path(question["index"], 0, size)] if size else [],
            "consistency": [h.hex() for h in tree.subproof(question["from"], 0, size, True)] if size else [],
        }
    )


def answer_hash(name, text):
    data = text.encode()

    def entry_of(kind, payload):
        return entry(kind, payload).hex()

    def mth(leaves):
        if len(leaves) == 1:
            return leaves[0]
        k = split(len(leaves))
        return node_hash(mth(leaves[:k]), mth(leaves[k:]))

    answers = {
        "contentHash": lambda: sha256(data).hex(),
        "itemHash": lambda: leaf_hash(data).hex(),
        "customerReference": lambda: sha256(b"pacspace:customer:v1\0" + data.replace(b" ", b"\0")).hex()[:40],
        "delta entry": lambda: entry_of("record", bytes.fromhex(text[2:])),
        "delta log leaf": lambda: leaf_hash(entry("record", bytes.fromhex(text[2:]))).hex(),
        "checkpoint root": lambda: leaf_hash(data).hex(),
        "root of all customers": lambda: mth([leaf_hash(record) for record in data.split(b"\n")]).hex(),
        "fact entry": lambda: entry_of("fact", data),
    }
    return "0x" + answers[name]()


def judge_vector(vector):
    kind, policy = vector["kind"], vector["policy"]
    if kind == "note":
        verify_head(vector["note"], policy)
    elif kind == "inclusion":
        verify_inclusion_of(bytes.fromhex(vector["entry"][2:]), vector["proof"], policy)
    elif kind == "consistency":
        verify_extension(vector["older"], vector["newer"], vector["proof"], policy)
    else:
        verify_proof({"delta": "record"}.get(kind, kind), vector["proof"], policy)


def answer_vectors(text):
    file = json.loads(text)
    hashes = {vector["name"]: answer_hash(vector["name"], vector["input"]) for vector in file.get("hashes", [])}
    verdicts = {}
    for vector in file["vectors"]:
        try:
            judge_vector(vector)
            verdicts[vector["name"]] = True
        except (Refused, ValueError):
            verdicts[vector["name"]] = False
    return {"verdicts": verdicts, "hashes": hashes}


def main():
    mode = sys.argv[1]
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    if mode == "vectors":
        print(json.dumps(answer_vectors(sys.stdin.read())))
        return
    tree = Tree()
    answer = answer_jcs if mode == "jcs" else lambda line: answer_trees(tree, line)
    for line in sys.stdin:
        print(answer(line.rstrip("\n")))


if __name__ == "__main__":
    main()
