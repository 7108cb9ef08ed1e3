#!/usr/bin/env python3
"""analysis.py - for tests/deep_analysis.sh: reads what an analysis reports, and what parts of edgefn.h it can take.

    python3 tests/analysis.py reports TOOL LOG    prints the reports that tests/data/analysis.tsv does not explain, and explanations that nothing needs any
                                                  longer; exit 1 if there is one; the last line counts the reports, and those that are explained
    python3 tests/analysis.py parts DIRECTORY N   for analyses that do not end on the whole: writes N C files, in each of which every N-th function of the
                                                  implementation is defined, and the others are only declared

A row of tests/data/analysis.tsv: tool, check, file, what the line contains (or "in FUNCTION"), why the report is wrong or wanted; * stands for all.
"""
import os, re, sys

REPORT = re.compile(r'^(\S+?):(\d+):(?:(\d+):)? (?:fatal )?(?:warning|error|style|performance|portability|runtime error): (.*)$')
FUNCTION = re.compile(r'^(?!#|typedef|struct|enum|union|/\*|\*|\s)[^;{}=]*\)\n\{\n.*?^\}\n', flags=re.S | re.M)
EXPLAINED = 'tests/data/analysis.tsv'
texts = {}


def lines_of(path):
    if path not in texts:
        with open(path, encoding='utf-8') as f:
            texts[path] = f.read().split('\n')
    return texts[path]


def function_at(path, number):
    """The function around a line: the last one that begins before it, at the left margin."""
    for line in reversed(lines_of(path)[:number]):
        found = re.match(r'(?!#|/|\*)\w.*?(\w+)\(', re.sub(r'__attribute__\(\(.*?\)\)', '', line))
        if found and not line.rstrip().endswith(';'):
            return found.group(1)
    return ''


def reports(log):
    """Yields (check, file, line, message), each once."""
    seen = set()
    for line in log.split('\n'):
        found = REPORT.match(line)
        if not found:
            continue
        path, number, message = found.group(1), int(found.group(2)), found.group(4)
        path = os.path.relpath(path) if os.path.isabs(path) else os.path.normpath(path)
        named = re.search(r' \[([-\w.,=]+)\]$', message)
        check = named.group(1) if named else message.split(':')[0]
        if (check, path, number) not in seen:
            seen.add((check, path, number))
            yield check, path, number, message


def rows(tool):
    with open(EXPLAINED, encoding='utf-8') as f:
        for line in f.read().split('\n'):
            if line and not line.startswith('#') and line.split('\t')[0] == tool:
                yield line.split('\t')


def explains(row, check, path, number):
    _, wanted, file, text, _ = row
    if wanted not in ('*', check) or file not in ('*', path):
        return False
    if text.startswith('in '):
        return function_at(path, number) in text[3:].split()
    return text == '*' or text in lines_of(path)[number - 1]


def judge(tool, log):
    known = [(row, []) for row in rows(tool)]
    count = bad = 0
    for check, path, number, message in reports(log):
        count += 1
        row = next((row for row in known if explains(row[0], check, path, number)), None)
        if row:
            row[1].append(number)
            continue
        bad += 1
        print('%s:%d: %s\n    %s' % (path, number, message, lines_of(path)[number - 1].strip()))
    for row, used in known:
        if not used and 'SUITES' not in os.environ:
            bad += 1
            print('%s: nothing needs this any longer: %s' % (EXPLAINED, '\t'.join(row)))
    print('%s: %d reports, %d explained' % (tool, count, sum(len(used) for _, used in known)))
    return 1 if bad else 0


def parts(directory, number):
    """Function i is in part i % number: those of one part lie far apart, and seldom call each other. Lines keep their numbers."""
    with open('edgefn.h', encoding='utf-8') as f:
        text = f.read()
    start = text.index('/*=== >>impl')
    for part in range(number):
        count = iter(range(len(text)))

        def only(match):
            head, body = match.group().split('\n{\n', 1)
            mine = next(count) % number == part
            return match.group() if mine else head + ';' + '\n' * (body.count('\n') + 1)

        with open('%s/part%d.c' % (directory, part), 'w', encoding='utf-8') as f:
            f.write('#define EDGEFN_IMPLEMENTATION\n#line 1 "edgefn.h"\n' + text[:start] + FUNCTION.sub(only, text[start:]))
    print('%d functions' % len(FUNCTION.findall(text[start:])))


if __name__ == '__main__':
    if sys.argv[1] == 'parts':
        parts(sys.argv[2], int(sys.argv[3]))
    else:
        with open(sys.argv[3], encoding='utf-8', errors='replace') as log_file:
            sys.exit(judge(sys.argv[2], log_file.read()))
