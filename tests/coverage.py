#!/usr/bin/env python3
"""What the C suites run of edgefn.h, from the files that tests/coverage.sh writes: NAME.json of each compiled copy.

    python3 tests/coverage.py DIRECTORY        prints the table and what is missed; fails below the limits

llvm-cov adds up the lines and branches of one copy only, so this adds up the copies: with and without vector code, with and without a
dialect. Lines that no copy compiles do not count: those for big-endian machines and for other compilers, and the C++ overloads. Nor does vector
code that this processor cannot run; a line "SKIP" says so.
A line, or one direction of a branch, is covered if one copy covers it. A branch in a macro or in a function that is compiled
inline counts once for each place that expands the macro, and once for the function. A condition of MC/DC is covered if one copy shows
its independent effect.
Conditions that no test shows are listed in tests/data/mcdc.tsv with the reason; a row that nothing needs is an error."""
import collections
import glob
import json
import os
import re
import sys

HEADER = 'edgefn.h'
REASONS = 'tests/data/mcdc.tsv'
LIMITS = {'lines': 100, 'branches': 100, 'MC/DC': 95}
CODE, EXPANSION, SKIPPED, GAP, MCDC_BRANCH = 0, 1, 2, 3, 6  # llvm's kinds of regions


def read(directory):
    """Returns {line: count}, {branch: [true, false]}, {decision: [shown of each condition]}."""
    lines, branches, decisions, unused = collections.Counter(), {}, {}, {}
    for path in sorted(glob.glob(directory + '/*.json')):
        for function in json.load(open(path))['data'][0]['functions']:
            if function['filenames'][0].endswith('/' + HEADER):
                name = function['name'].split(':')[-1]
                if cannot_run(name):
                    continue
                if function['count'] == 0 and len(function['regions']) == 1:
                    unused.setdefault(name, function)  # not compiled in this copy
                else:
                    read_function(name, function, lines, branches, decisions)
                    unused[name] = None
    for name, function in unused.items():
        if function is not None:
            read_function(name, function, lines, branches, decisions)
    return lines, branches, decisions


def lacking():
    """The vector instructions that this processor lacks, as they are called in names of functions."""
    try:
        flags = re.search(r'^flags\s*:(.*)$', open('/proc/cpuinfo').read(), re.M).group(1).split()
    except (OSError, AttributeError):
        return []
    return [name for name, flag in (('avx512', 'avx512bw'), ('avx2', 'avx2')) if flag not in flags]


LACKING = lacking()


def cannot_run(name):
    """True for vector code that the processor lacks, and for what chooses it."""
    if 'avx512' in LACKING and ('avx512' in name or name in ('edgefn__care64', 'edgefn__scan')):
        return True
    return 'avx2' in LACKING and ('avx2' in name or name.endswith(('lambda_quick', 'functions_quick', 'spaced_quick')))


def read_lines(regions, lines):
    """A line is run as often as a region that begins in it, or as the innermost one around its begin."""
    regions = [r for r in regions if r[5] == 0 and r[7] in (CODE, SKIPPED, GAP)]
    first, last = min(r[0] for r in regions), max(r[2] for r in regions)
    for line in range(first, last + 1):
        counts = [r[4] for r in regions if r[0] == line and r[7] == CODE]
        around = [r for r in regions if (r[0], r[1]) <= (line, 1) < (r[2], r[3])]
        inner = max(around, key=lambda r: (r[0], r[1], -r[2], -r[3])) if around else None
        if inner is not None and inner[7] == SKIPPED:
            continue
        lines[line] += max(counts + [inner[4] if inner else 0])


def read_function(name, function, lines, branches, decisions):
    read_lines(function['regions'], lines)
    parents = {r[6]: (r[5], r) for r in function['regions'] if r[7] == EXPANSION}

    def place(region, file):
        """Where the region begins, after the macros that contain it, outermost first; only what is in the header."""
        chain = []
        while True:
            if function['filenames'][file].endswith('/' + HEADER):
                chain.insert(0, tuple(region[:2]))
            if file not in parents:
                return (name,) + tuple(chain)
            file, region = parents[file]

    conditions = []
    times = collections.Counter()  # operands of a macro's argument have the place of the argument
    for b in function['branches']:
        key = place(b, b[6])
        times[key] += 1
        key += (times[key],)
        taken = branches.setdefault(key, [0, 0])
        taken[0] += b[4]
        taken[1] += b[5]
        if b[8] == MCDC_BRANCH:
            conditions.append(key)
    seen = collections.Counter()
    for d in function['mcdc_records']:
        at = tuple(d[:4])
        seen[at] += 1
        inside = [k for k in conditions if any(at[:2] <= p < at[2:] for p in k[1:-1])]
        add_decision(decisions, (name, at, seen[at]), d[6], inside)


def add_decision(decisions, key, shown, conditions):
    """The compiler knows the value of conditions that have no branch: they are always missed, and do not count."""
    known = len(shown) - len(conditions)
    if 0 < known == shown.count(False):
        return
    if key not in decisions or len(decisions[key][0]) != len(shown):
        decisions[key] = [list(shown), conditions]
    else:
        old = decisions[key][0]
        decisions[key][0] = [a or b for a, b in zip(old, shown)]


def main():
    lines, branches, decisions = read(sys.argv[1])
    source = open(HEADER).read().split('\n')
    sections, section = [], 'config'
    for text in source:
        found = re.match(r'/\*=== >>(\w+)', text)
        section = found.group(1) if found else section
        sections.append(section)

    code = lines_with_code('\n'.join(source))

    def text_of(at):
        part = source[at[0] - 1:at[2]]
        part[-1] = part[-1][:at[3] - 1]
        part[0] = part[0][at[1] - 1:]
        return ' '.join(' '.join(part).split())

    def inner(key):
        return ' of '.join(begin(source[line - 1][column - 1:]) for line, column in reversed(key[1:-1]))

    table = collections.defaultdict(lambda: [0] * 6)  # covered, all: of lines, branches, conditions

    def count(line, column, covered, total):
        for row in (sections[line - 1], 'edgefn.h'):
            table[row][column] += covered
            table[row][column + 1] += total

    missed = collections.defaultdict(list)
    for line, times in sorted(lines.items()):
        if not code[line - 1]:
            continue
        count(line, 0, times > 0, 1)
        if times == 0:
            missed['lines'].append('%d: %s' % (line, source[line - 1].strip()))
    for key, taken in sorted(branches.items(), key=lambda b: b[0][1:]):
        count(key[1][0], 2, sum(n > 0 for n in taken), 2)
        for way, n in zip(('true', 'false'), taken):
            if n == 0:
                missed['branches'].append('%d: %s: never %s: %s' % (key[1][0], key[0], way, inner(key)))
    listed = read_reasons()
    unused = set(listed)
    for key, (shown, conditions) in sorted(decisions.items(), key=lambda d: d[0][1]):
        name, at, _ = key
        count(at[0], 4, shown.count(True), len(shown))
        for i, ok in enumerate(shown):
            if ok:
                continue
            what = inner(conditions[i]) if len(conditions) == len(shown) else text_of(at)
            row = name, what
            unused.discard(row)
            if row not in listed:
                missed['MC/DC'].append('%d: %s\t%s' % (at[0], name, what))

    for name in LACKING:
        print('SKIP coverage of vector code: this processor has no %s' % name)
    print('%-10s %21s %21s %21s' % ('', 'lines', 'branches', 'MC/DC'))
    for row, n in table.items():
        if row != 'edgefn.h':
            print_row(row, n)
    print_row('edgefn.h', table['edgefn.h'])
    passed, failed = 0, 0
    for i, (what, limit) in enumerate(LIMITS.items()):
        covered, total = table['edgefn.h'][2 * i:2 * i + 2]
        if covered * 100 < limit * total:
            print('not ok %s: below %d %%' % (what, limit))
            failed += 1
        else:
            passed += 1
    for what, rows in missed.items():
        print('\n%s that no test covers%s:' % (what, '' if what != 'MC/DC' else ' and that %s does not list' % REASONS))
        print('\n'.join('    ' + r for r in rows))
    failed += bool(missed['MC/DC']) + bool(unused)
    for row in sorted(unused):
        print('not ok %s: covered, or not in the header: %s\t%s' % ((REASONS,) + row))
    print('coverage: %d passed, %d failed' % (passed, failed))
    return failed != 0


def begin(text):
    """The condition that the text begins with: up to the operator or bracket that ends it."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in '([') - (c in ')]')
        if depth < 0 or (depth == 0 and (text[i:i + 2] in ('&&', '||') or c in '?;:\\')):
            return text[:i].strip()
    return text.strip()


def lines_with_code(text):
    """For each line whether it holds more than white space, comments, directives, and statements after EDGEFN__NEVER()."""
    text = re.sub(r'/\*.*?\*/', lambda c: re.sub(r'[^\n]', ' ', c.group()), text, flags=re.S)
    text = re.sub(r'^[ \t]*#(.*\\\n)*.*$', lambda d: re.sub(r'[^\n]', ' ', d.group()), text, flags=re.M)
    text = re.sub(r'if \(EDGEFN__NEVER\([^;]*;', lambda n: re.sub(r'[^\n]', ' ', n.group()), text)
    return [line.strip() != '' for line in text.split('\n')]


def read_reasons():
    """{(function, condition): reason}"""
    rows = {}
    for row in open(REASONS):
        if row.strip() and not row.startswith('#'):
            function, condition, reason = row.rstrip('\n').split('\t')
            rows[function, condition] = reason
    return rows


def print_row(name, n):
    cells = ['%5d/%5d %7.2f %%' % (n[i], n[i + 1], 100.0 * n[i] / n[i + 1]) if n[i + 1] else '-' for i in (0, 2, 4)]
    print('%-10s %21s %21s %21s' % (name, *cells))


if __name__ == '__main__':
    sys.exit(main())
