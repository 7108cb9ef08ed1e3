#!/usr/bin/env python3
"""Adds the runs of build/fuzz/runs.tsv, which fuzz/run.sh wrote, to fuzz/RESULTS.md and removes them:  python3 fuzz/record.py

The table of runs has a line for each day, target, engine and choice of sanitizers; the table of totals is derived from it.
FILE... as arguments: files of runs, of other machines, in place of build/fuzz/runs.tsv; these stay."""
import os
import sys

PAGE = "fuzz/RESULTS.md"
RUNS = "build/fuzz/runs.tsv"
HEAD = "| day | target | engine | sanitizers | seconds | executions | edges | finds |"
TOTALS = "| target | executions | edges | finds | what it asserts |"


def row(cells):
    return "| " + " | ".join(str(c) for c in cells) + " |"


def cells(line):
    return [c.strip() for c in line.strip().strip("|").split("|")]


def number(text):
    return int(text.replace(",", "") or 0)


def table_after(lines, head):
    """Returns: the position of the first row after a head, and the position after the last."""
    first = lines.index(head) + 2
    last = first
    while last < len(lines) and lines[last].startswith("|"):
        last += 1
    return first, last


def asserts(target):
    """Returns: the first sentence at the top of the target's file."""
    with open("fuzz/fuzz_%s.c" % target, encoding="utf-8") as f:
        text = f.readline().split(" - ", 1)[1].strip().rstrip("*/ ")
    return text.rstrip(".")


def main():
    with open(PAGE, encoding="utf-8") as f:
        lines = f.read().split("\n")
    first, last = table_after(lines, HEAD)
    runs = {}
    for line in lines[first:last]:
        c = cells(line)
        runs[tuple(c[:4])] = [number(n) for n in c[4:]]
    files = sys.argv[1:] or [RUNS]
    for name in files:
        with open(name, encoding="utf-8") as f:
            for line in f:
                c = line.rstrip("\n").split("\t")
                sums = runs.setdefault(tuple(c[:4]), [0, 0, 0, 0])
                seconds, executions, edges, finds = (number(n) for n in c[4:])
                sums[0] += seconds
                sums[1] += executions
                sums[2] = max(sums[2], edges)
                sums[3] += finds
    lines[first:last] = [row(list(k) + ["{:,}".format(n) for n in v]) for k, v in sorted(runs.items())]

    first, last = table_after(lines, TOTALS)
    targets = sorted(n[5:-2] for n in os.listdir("fuzz") if n.startswith("fuzz_") and n.endswith(".c"))
    totals = []
    for t in targets:
        mine = [v for k, v in runs.items() if k[1] == t]
        totals.append([t, sum(v[1] for v in mine), max([v[2] for v in mine] or [0]), sum(v[3] for v in mine)])
    rows = [row([t, "{:,}".format(e), "{:,}".format(g), f, asserts(t)]) for t, e, g, f in totals]
    rows.append(row(["**all**", "**{:,}**".format(sum(x[1] for x in totals)), "", sum(x[3] for x in totals), ""]))
    lines[first:last] = rows
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))
    if not sys.argv[1:]:
        os.remove(RUNS)


if __name__ == "__main__":
    main()
