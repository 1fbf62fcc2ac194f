"""Amounts by other means: decimal.Decimal instead of bigints of 10^-12 units.

literals: each line is a literal of a delta; answers its canonical decimal, or "refused" (product.md section 2).
sums:     each line is an amount; answers the exact sum of all, then of the first n for each n of the first line.
"""
import decimal
import re
import sys

decimal.getcontext().prec = 200
GRAMMAR = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")


def canonical(value):
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def judge(literal):
    if len(literal) > 64 or not GRAMMAR.match(literal):
        return "refused"
    exponent = re.search(r"[eE]([+-]?[0-9]+)", literal)
    if exponent and abs(int(exponent.group(1))) > 64:
        return "refused"
    value = decimal.Decimal(literal)
    if value == 0 or abs(value) > 1_000_000_000:
        return "refused"
    if value != value.quantize(decimal.Decimal("1e-12")):
        return "refused"
    return canonical(value)


lines = sys.stdin.read().split("\n")
if sys.argv[1] == "literals":
    print("\n".join(judge(line) for line in lines))
else:
    wanted = [int(n) for n in lines[0].split()]
    at = set(wanted)
    sums = {}
    total = decimal.Decimal(0)
    for number, line in enumerate(lines[1:], 1):
        total += decimal.Decimal(line)
        if number in at:
            sums[number] = canonical(total)
    print("\n".join([canonical(total)] + [sums[n] for n in wanted]))
