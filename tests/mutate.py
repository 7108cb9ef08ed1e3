#!/usr/bin/env python3
"""mutate.py - mutation testing of edgefn.h: small changes in the implementation, one at a time, that the suites must notice.

    make mutate N=300 SEED=1        or: python3 tests/mutate.py [--number N] [--seed SEED] [--only FUNCTION] [--list] [--timeout S]

Each mutant is compiled by tcc, which takes a tenth of a second, and linked with the suites, which are compiled once. The suites that run the changed line are
started, the quickest first, until one fails. A mutant of which no suite notices anything survives: it is printed, and must be killed by a new test or be
explained in tests/mutants.txt, by the line of code (without white space at its ends) and what was changed.

What is mutated are lines that the suites run in the build of tcc: the portable code. The vector code is compared with it by other suites.
"""
import argparse, os, random, re, shutil, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor

OUT = 'build/mutate'
GCC = os.environ.get('GCC', 'gcc')
FLAGS = ['-std=c99', '-D_DEFAULT_SOURCE', '-DEDGEFN_DEBUG', '-w', '-I.', '-Iexamples/hosts', '-DEDGEFN_IMPLEMENTATION_DONE']
# the others take long, need other programs, or read the header's own text
LEFT_OUT = {'test_cost', 'test_recipes_random', 'test_verify', 'test_confirm_elsewhere'}
KNOWN = 'tests/mutants.txt'


def call(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def must(command):
    done = call(command)
    if done.returncode != 0:
        sys.exit('mutate: %s\n%s' % (' '.join(command), done.stdout.decode(errors='replace')[:3000]))


def suites():
    for name in sorted(os.listdir('tests')):
        if re.fullmatch(r'test_\w+\.c', name) and name[:-2] not in LEFT_OUT:
            with open('tests/' + name, encoding='utf-8') as f:
                if not re.search(r'edgefn__[a-z]', f.read()):
                    yield name[:-2]


def build():
    """Compiles the suites, and the header with counters."""
    os.makedirs(OUT, exist_ok=True)
    with open(OUT + '/unsanitized.c', 'w') as f:
        f.write('void __sanitizer_set_death_callback(void (*f)(void)) { (void)f; }\n')
    must([GCC, '-c', OUT + '/unsanitized.c', '-o', OUT + '/unsanitized.o'])
    must([GCC, '-std=c99', '-O0', '-g0', '-w', '-DEDGEFN_DEBUG', '-DEDGEFN_NO_SIMD', '--coverage', '-I.', '-x', 'c', '-DEDGEFN_IMPLEMENTATION', '-c', 'edgefn.h',
          '-o', OUT + '/counted.o'])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda s: must([GCC, '-O1', '-g0'] + FLAGS + ['-c', 'tests/%s.c' % s, '-o', '%s/%s.o' % (OUT, s)]), suites()))


def lines_of(suite):
    """Runs a suite with counters. Returns: its seconds, and the numbers of the lines that it runs."""
    program = '%s/%s-counted' % (OUT, suite)
    data = os.path.abspath('%s/data-%s' % (OUT, suite))
    must([GCC, '--coverage', OUT + '/%s.o' % suite, OUT + '/unsanitized.o', OUT + '/counted.o', '-o', program])
    shutil.rmtree(data, ignore_errors=True)
    start = time.time()
    done = call([program], env=dict(os.environ, GCOV_PREFIX=data), timeout=600)
    seconds = time.time() - start
    if done.returncode != 0:
        sys.exit('mutate: %s fails without a mutant:\n%s' % (suite, done.stdout.decode(errors='replace')[-2000:]))
    counts = os.path.join(data, os.path.abspath(OUT).lstrip('/'), 'counted.gcda')
    if not os.path.exists(counts):
        return seconds, set()
    shutil.copy(OUT + '/counted.gcno', os.path.dirname(counts)) # gcov looks for the notes beside the counts
    text = call(['gcov', '--stdout', '-o', os.path.dirname(counts), counts]).stdout
    lines = set()
    for line in text.decode(errors='replace').splitlines():
        found = re.match(r' *(\d+)\*?: *(\d+):', line)
        if found:
            lines.add(int(found.group(2)))
    return seconds, lines


def swap(pattern, *to):
    return re.compile(pattern), to


# What is changed: a pattern, and what replaces it
OPERATORS = [
    swap(r'(?<=[\w\])] )==(?= )', '!='), swap(r'(?<=[\w\])] )!=(?= )', '=='),
    swap(r'(?<=[\w\])] )<(?= )', '<=', '>='), swap(r'(?<=[\w\])] )<=(?= )', '<', '>'),
    swap(r'(?<=[\w\])] )>(?= )', '>=', '<='), swap(r'(?<=[\w\])] )>=(?= )', '>', '<'),
    swap(r'&&', '||'), swap(r'\|\|', '&&'),
    swap(r'(?<=[\w\])] )\+(?= )', '-'), swap(r'(?<=[\w\])] )-(?= )', '+'),
    swap(r'(?<=[\w\])] )\+=(?= )', '-='), swap(r'(?<=[\w\])] )-=(?= )', '+='),
    swap(r'(?<=[\w\])] )&(?= )', '|'), swap(r'(?<=[\w\])] )\|(?= )', '&'),
    swap(r'(?<=[\w\])] )\|=(?= )', '='), swap(r'<<(?= )', '>>'), swap(r'>>(?= )', '<<'),
    swap(r'\+\+', '--'), swap(r'(?<!-)--(?!-)', '++'),
    swap(r'\btrue\b', 'false'), swap(r'\bfalse\b', 'true'),
    swap(r'(?<![\w.\'"])0(?![\w.])', '1'), swap(r'(?<![\w.\'"])1(?![\w.])', '0', '2'),
    swap(r'(?<![\w.\'"])([2-9]|[1-9]\d+)(?![\w.])', '+1', '-1'),
    swap(r'\(!(?=\w)', '('), swap(r'(?<=\breturn )!', ''), swap(r'(?<=\bif )\((?=[^;]*\) return)', '(!('),
]


def strings_of(line):
    """The parts of a line that are no code."""
    return [m.span() for m in re.finditer(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|/\*.*?\*/|/\*.*$|//.*$', line)]


def mutants_of(number, line):
    """All changes of a line: (number, column, what was there, what is there now, the new line)."""
    code = line.strip()
    if not code or code.startswith(('#', '/*', '*', '//', 'static', 'EDGEFN_', 'EDGEFN__')) or code.endswith('\\') or '{ EDGEFN' in code or 'EDGEFN_S' in code:
        return
    hidden = strings_of(line)
    for pattern, replacements in OPERATORS:
        for found in pattern.finditer(line):
            if any(a <= found.start() < b for a, b in hidden):
                continue
            for to in replacements:
                new = str(int(found.group()) + int(to)) if to in ('+1', '-1') else to
                text = line[:found.start()] + new + line[found.end():]
                if to == '(!(':
                    close = closing(line, found.start())
                    if close is None:
                        continue
                    text = line[:found.start()] + '(!' + line[found.start():close] + ')' + line[close:]
                yield number, found.start(), found.group(), new, text
    if re.fullmatch(r'(?:[\w.>\[\]*+-]+ [|&^+-]?= .*|[\w.>-]+\(.*\)|[\w.>\[\]-]+(?:\+\+|--));', code) and not re.match(r'(?:const |return|[\w]+ \*?\w+ = )', code):
        yield number, 0, code, ';', line.replace(code, ';')


def closing(line, at):
    depth = 0
    for i in range(at, len(line)):
        depth += {'(': 1, ')': -1}.get(line[i], 0)
        if depth == 0:
            return i + 1
    return None


def function_of(lines, number):
    for i in range(number - 1, -1, -1):
        found = re.match(r'(?:EDGEFN|static|bool|size_t)[^;=]*?\b(edgefn_\w+)\(', lines[i])
        if found and not lines[i].startswith(' '):
            return found.group(1)
    return '?'


def known():
    rows = set()
    if os.path.exists(KNOWN):
        with open(KNOWN, encoding='utf-8') as f:
            for row in f:
                parts = row.rstrip('\n').split('\t')
                if len(parts) >= 3 and not row.startswith('#'):
                    rows.add((parts[0], parts[1]))
    return rows


class Run:
    def __init__(self, lines, by_line, seconds, limit):
        self.lines, self.by_line, self.seconds, self.limit = lines, by_line, seconds, limit

    def judge(self, slot_mutant):
        slot, (number, column, was, now, text) = slot_mutant
        name = '%s/m%d' % (OUT, slot)
        with open(name + '.h', 'w', encoding='utf-8') as f:
            f.write('\n'.join(self.lines[:number - 1] + [text] + self.lines[number:]) + '\n')
        try:
            if call(['tcc', '-std=c99', '-DEDGEFN_DEBUG', '-w', '-x', 'c', '-DEDGEFN_IMPLEMENTATION', '-c', name + '.h', '-o', name + '.o']).returncode != 0:
                return 'no C', None
            for suite in self.by_line[number]:
                if call([GCC, '%s/%s.o' % (OUT, suite), OUT + '/unsanitized.o', name + '.o', '-o', name]).returncode != 0:
                    return 'no C', None
                try:
                    if call([name], timeout=max(5, self.limit * self.seconds[suite])).returncode != 0:
                        return 'killed', suite
                except subprocess.TimeoutExpired:
                    return 'killed', suite + ' (time)'
            return 'survives', None
        finally:
            for ending in ('.h', '.o', ''):
                if os.path.exists(name + ending):
                    os.remove(name + ending)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--number', type=int, default=300)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', help='only lines of functions whose name contains this')
    parser.add_argument('--timeout', type=float, default=10, help='a suite may take this many times as long as usual')
    parser.add_argument('--least', type=float, default=0, help='fails if fewer than this many per cent are killed or explained')
    args = parser.parse_args()
    build()
    names = list(suites())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        measured = dict(zip(names, pool.map(lines_of, names)))
    seconds = {s: measured[s][0] for s in names}
    by_line = {}
    for s in sorted(names, key=seconds.get):
        for number in measured[s][1]:
            by_line.setdefault(number, []).append(s)
    with open('edgefn.h', encoding='utf-8') as f:
        lines = f.read().split('\n')
    every = [m for number in sorted(by_line) for m in mutants_of(number, lines[number - 1])]
    if args.only:
        every = [m for m in every if args.only in function_of(lines, m[0])]
    if not every:
        sys.exit('mutate: there is nothing to change')
    drawn = random.Random(args.seed).sample(every, min(args.number, len(every)))
    print('%d mutants in %d lines that suites run; %d are drawn with seed %d' % (len(every), len(by_line), len(drawn), args.seed), flush=True)
    explained, run, counts, start = known(), Run(lines, by_line, seconds, args.timeout), {}, time.time()
    slots = list(range(len(drawn)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, (fate, suite) in zip(drawn, pool.map(run.judge, zip(slots, drawn))):
            number, column, was, now, text = mutant
            if fate == 'survives' and (lines[number - 1].strip(), '%s -> %s' % (was, now)) in explained:
                fate = 'explained'
            counts[fate] = counts.get(fate, 0) + 1
            if fate == 'survives':
                print('survives: edgefn.h:%d:%d %s(): %s -> %s\n    %s' % (number, column + 1, function_of(lines, number), was, now, text.strip()), flush=True)
    valid = sum(n for fate, n in counts.items() if fate != 'no C')
    good = counts.get('killed', 0) + counts.get('explained', 0)
    share = 100.0 * good / valid if valid else 0
    print('%s; %.1f %% of %d killed or explained; %.0f s' % (', '.join('%s: %d' % item for item in sorted(counts.items())), share, valid, time.time() - start))
    return 1 if share < args.least else 0


if __name__ == '__main__':
    sys.exit(main())
