#!/usr/bin/env python3
"""mutate.py - mutation testing of edgefn.h: small changes in the implementation, one at a time, that the suites must notice.

    make mutate N=300 SEED=1        or: python3 tests/mutate.py [--number N] [--seed SEED] [--only FUNCTION] [--again | --all-tests | --sanitizers | --budget]

Each mutant is compiled by tcc into a shared library, which takes less than a tenth of a second; the suites are compiled once, and load it. Before, every TEST
is run by itself with a library that writes down which blocks are executed. A mutant is shown to the tests that execute its line: first to the one that noticed
the last mutant of the same function, then to the quickest, and each stops at its first failure. Tests that take longer than SLOW seconds are left out.

Results are appended to build/mutate/results.tsv; a run that was stopped goes on where it was. --again judges those that survived once more, with the suites as
they are now. --all-tests shows those that survived to the tests that were left out, --sanitizers shows them, compiled by gcc, to the quick ones under
AddressSanitizer and UndefinedBehaviorSanitizer, which notice what reads one byte too many. --budget counts their instructions for the tasks of
bench/budget.tsv: what takes MORE per cent more than without the change is noticed, as tests/test_budget.sh notices a quick path that is lost.

A mutant of which no suite notices anything must be killed by a new test or be explained in tests/mutants.txt.
What is mutated are lines that the suites run in the build of tcc: the portable code. The vector code is compared with it by other suites.
"""
import argparse, hashlib, json, os, re, shutil, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor, as_completed

OUT = os.environ.get('MUTATE_OUT') or 'build/mutate'
# compiled mutants live for a second: in memory where there is such a directory
FAST = os.environ.get('MUTATE_TMP') or ('/dev/shm' if os.access('/dev/shm', os.W_OK) else OUT)
GCC = os.environ.get('GCC', 'gcc')
WORKERS = int(os.environ.get('JOBS', os.cpu_count()))
SLOW = 1 # seconds of a test that is run for every mutant
PATIENCE = float(os.environ.get('PATIENCE', 2)) # seconds of tests that a mutant is shown to before it has survived
ROUNDS = (0.02, 0.1, 0.4, 1, 1000) # the quick tests of all suites come first
MOST = float(os.environ.get('MOST', 60)) # the same for the quick and for the slow tests with --all-tests
FLAGS = ['-std=c99', '-D_DEFAULT_SOURCE', '-DEDGEFN_DEBUG', '-w', '-I.', '-Iexamples/hosts']
HEADER = ['-x', 'c', '-DEDGEFN_IMPLEMENTATION']
# they are the suites of the same name again, or take long, or need other programs
LEFT_OUT = re.compile(r'test_(\w+_portable|\w+_baseline|\w+_small|cost|recipes_random|verify|confirm_elsewhere)')
KNOWN = 'tests/mutants.txt'

# writes down the address of each block that is executed; the file is mapped, so that it is complete even if the program is killed
COUNTER = r'''
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
static unsigned char *map;
enum { SIZE = 1 << 22 };
__attribute__((constructor)) static void start(void)
{
    const char *name = getenv("MUTATE_BLOCKS");
    if (!name) return;
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, SIZE)) abort();
    void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) abort();
    map = p;
    close(fd);
}
void __sanitizer_cov_trace_pc(void)
{
    if (map) map[(uintptr_t)__builtin_return_address(0) - (uintptr_t)__ehdr_start] = 1;
}
'''


def call(command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, close_fds=False, **more)


def must(command):
    done = call(command)
    if done.returncode != 0:
        sys.exit('mutate: %s\n%s' % (' '.join(command), done.stdout.decode(errors='replace')[:3000]))
    return done.stdout.decode(errors='replace')


def text_of(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


# ---- what is changed

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
    """The parts of a line that are no code, or that cannot be reached and are marked so."""
    parts = [m.span() for m in re.finditer(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|/\*.*?\*/|/\*.*$|//.*$', line)]
    for found in re.finditer(r'EDGEFN__(?:NEVER|ASSERT)\(', line):
        parts.append((found.start(), closing(line, found.end() - 1) or len(line)))
    return parts


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
        found = re.match(r'(?:[A-Za-z_].*?[ *])(\w+)\([^;]*$', lines[i])
        if found and not lines[i].startswith(' '):
            return found.group(1)
    return '?'


def change_of(lines, mutant):
    """How tests/mutants.txt names a change: the function, the line, and the change with its place in the line."""
    number, column, was, now, text = mutant
    line = lines[number - 1]
    place = max(1, column - (len(line) - len(line.lstrip())) + 1)
    return function_of(lines, number), line.strip(), '%d: %s' % (place, 'deleted' if now == ';' else '%s -> %s' % (was, now))


def draw(every, name, seed, number):
    """Draws changes by a hash of their names, so that most are the same after other lines were edited."""
    order = lambda m: hashlib.sha256(('%s\t%d' % ('\t'.join(name(m)), seed)).encode()).digest()
    return sorted(every, key=order)[:number]


def known():
    """The changes that tests/mutants.txt explains; '*' is every change of the line."""
    rows = set()
    if os.path.exists(KNOWN):
        for row in text_of(KNOWN).split('\n'):
            parts = row.split('\t')
            if row and not row.startswith('#'):
                if len(parts) != 4 or not parts[3]:
                    sys.exit('mutate: %s: function, line, change, reason, with tabs between them: %s' % (KNOWN, row))
                rows.add(tuple(parts[:3]))
    return rows


def is_known(rows, change):
    return change in rows or change[:2] + ('*',) in rows


# ---- which tests execute a line

class Suites:
    """The suites, compiled once, and for every line of the header the tests that execute it, the quickest first."""

    def __init__(self):
        self.names = [n[:-2] for n in sorted(os.listdir('tests')) if re.fullmatch(r'test_\w+\.c', n) and not LEFT_OUT.match(n)]
        self.inside = [n for n in self.names if re.search(r'edgefn__[a-z]', text_of('tests/%s.c' % n))]
        self.names = [n for n in self.names if n not in self.inside]
        self.by_line, self.slow_by_line, self.seconds = {}, {}, {}

    def stub(self):
        """What the suites are linked with. They load another library of this name."""
        os.makedirs(OUT + '/suites', exist_ok=True)
        os.makedirs(OUT + '/counted', exist_ok=True)
        with open(OUT + '/unsanitized.c', 'w') as f:
            f.write('void __sanitizer_set_death_callback(void (*f)(void)) { (void)f; }\n')
        with open(OUT + '/counter.c', 'w') as f:
            f.write(COUNTER)
        must([GCC, '-c', OUT + '/unsanitized.c', '-o', OUT + '/unsanitized.o'])
        must([GCC, '-fPIC', '-O1', '-c', OUT + '/counter.c', '-o', OUT + '/counter.o'])
        must([GCC, '-O0', '-g1', '-fPIC', '-DEDGEFN_NO_SIMD', '-fsanitize-coverage=trace-pc'] + FLAGS + HEADER + ['-c', 'edgefn.h', '-o', OUT + '/counted/edgefn.o'])
        must([GCC, '-shared', OUT + '/counted/edgefn.o', OUT + '/counter.o', '-o', OUT + '/counted/libedgefn.so'])

    def compile(self, name):
        target = '%s/suites/%s' % (OUT, name)
        sources = ['tests/%s.c' % name, 'tests/test.h', 'tests/kit.h', 'tests/slow.h', 'tests/strict.h', 'tests/schema.h', OUT + '/counted/libedgefn.so']
        if not os.path.exists(target) or any(os.path.getmtime(s) > os.path.getmtime(target) for s in sources if os.path.exists(s)):
            must([GCC, '-O1', '-g0'] + FLAGS + ['-DEDGEFN_IMPLEMENTATION_DONE', 'tests/%s.c' % name, OUT + '/unsanitized.o', '-L%s/counted' % OUT, '-ledgefn', '-o', target + '.new'])
            os.replace(target + '.new', target)
            return True
        return False

    def build(self):
        with ThreadPoolExecutor(WORKERS) as pool:
            return [n for n, new in zip(self.names, pool.map(self.compile, self.names)) if new]

    def blocks(self):
        """The lines of every block of the counted library, by the address that its counter is called from."""
        library = OUT + '/counted/libedgefn.so'
        calls = sorted(int(a, 16) for a in re.findall(r'call +[0-9a-f]+ <__sanitizer_cov_trace_pc(?:@plt)?>\n +([0-9a-f]+):', must(['objdump', '-d', '--no-show-raw-insn', library])))
        rows = sorted((int(a, 16), int(n)) for n, a in re.findall(r'^edgefn\.h +(\d+) +(0x[0-9a-f]+)', must(['objdump', '--dwarf=decodedline', library]), flags=re.M))
        lines, at = {}, 0
        for start, end in zip(calls, calls[1:] + [1 << 60]):
            while at < len(rows) and rows[at][0] < start - 5:
                at += 1
            i = max(0, at - 1) # the row before covers the beginning of the block
            while i < len(rows) and rows[i][0] < end - 5:
                lines.setdefault(start, set()).add(rows[i][1])
                i += 1
        return lines

    def run_counted(self, test):
        """Runs one test with the counted library. Returns: its exit status, its seconds of processor time, the addresses of the blocks."""
        suite, name = test
        path = '%s/mutate-%d-%s-%s' % (FAST, os.getpid(), suite, name)
        env = dict(os.environ, MUTATE_BLOCKS=path, LD_LIBRARY_PATH=OUT + '/counted')
        with open(os.devnull, 'w') as nothing:
            child = subprocess.Popen(['%s/suites/%s' % (OUT, suite), name], stdin=subprocess.DEVNULL, stdout=nothing, stderr=nothing, close_fds=False, env=env)
            status, usage = os.wait4(child.pid, 0)[1:]
            child.returncode = status
        with open(path, 'rb') as f:
            hit = [m.start() for m in re.finditer(b'\1', f.read())]
        os.remove(path)
        return status, usage.ru_utime + usage.ru_stime, hit

    def cover(self, new):
        """Runs the tests of the suites that are new, and remembers which lines each executes."""
        path = OUT + '/cover.json'
        old = json.loads(text_of(path)) if os.path.exists(path) else {}
        tests = [(s, t) for s in self.names for t in re.findall(r'^TEST\((\w+)\)', text_of('tests/%s.c' % s), flags=re.M)]
        wanted = [t for t in tests if t[0] in new or '%s %s' % t not in old]
        blocks = self.blocks() if wanted else {}
        with ThreadPoolExecutor(WORKERS) as pool:
            for test, (code, seconds, hit) in zip(wanted, pool.map(self.run_counted, wanted)):
                lines = sorted({n for a in hit for n in blocks.get(a, ())})
                old['%s %s' % test] = {'seconds': seconds, 'lines': lines} if code == 0 else None
                if code != 0:
                    print('left out: %s %s does not pass by itself' % test, flush=True)
        with open(path, 'w') as f:
            json.dump(old, f)
        for test in sorted((t for t in tests if old['%s %s' % t]), key=lambda t: old['%s %s' % t]['seconds']):
            self.seconds[test] = old['%s %s' % test]['seconds']
            where = self.by_line if self.seconds[test] <= SLOW else self.slow_by_line
            for n in old['%s %s' % test]['lines']:
                where.setdefault(n, []).append(test)

    def live(self):
        """The lines that are compiled by tcc."""
        lines, at = set(), 0
        for line in must(['tcc', '-E', '-std=c99', '-DEDGEFN_DEBUG'] + HEADER + ['edgefn.h']).split('\n'):
            found = re.match(r'# (\d+) "([^"]*)"', line)
            if found:
                at, inside = int(found.group(1)), found.group(2) == 'edgefn.h'
                continue
            if line.strip() and inside:
                lines.add(at)
            at += 1
        return lines


# ---- a mutant

class Judge:
    def __init__(self, suites, lines):
        self.suites, self.lines, self.last = suites, lines, {}
        self.base = self.compile(0, lines, 'base')
        if self.base is None:
            sys.exit('mutate: tcc does not compile edgefn.h')

    def compile(self, slot, lines, name):
        """Returns: the library, or NULL if that is no C."""
        folder = '%s/mutate-%d-%s' % (FAST, os.getpid(), name)
        os.makedirs(folder, exist_ok=True)
        with open(folder + '/edgefn.h', 'w', encoding='utf-8') as f:
            f.write('\n'.join(lines))
        if call(['tcc', '-shared', '-std=c99', '-DEDGEFN_DEBUG', '-w'] + HEADER + [folder + '/edgefn.h', '-o', folder + '/libedgefn.so']).returncode != 0:
            shutil.rmtree(folder)
            return None
        with open(folder + '/libedgefn.so', 'rb') as f:
            return folder, hashlib.sha256(f.read()).digest()

    def run(self, folder, suite, tests, limit=None):
        """Returns: whether the tests notice anything."""
        usual = sum(self.suites.seconds.get((suite, t), 0) for t in tests)
        command = 'ulimit -t %d; ulimit -c 0; ulimit -v 4000000; exec "$0" "$@"' % (limit or int(1.5 + 3 * usual))
        env = dict(os.environ, LD_LIBRARY_PATH=folder, TEST_STOP='1', MALLOC_PERTURB_='165')
        with open(os.devnull, 'w') as nothing:
            code = subprocess.run(['sh', '-c', command, '%s/suites/%s' % (OUT, suite)] + tests, stdin=subprocess.DEVNULL, stdout=nothing, stderr=nothing, close_fds=False, env=env).returncode
        if code == 127:
            sys.exit('mutate: %s cannot be run' % suite)
        return code != 0

    def changed(self, mutant):
        number, column, was, now, text = mutant
        return self.lines[:number - 1] + [text] + self.lines[number:]

    def judge(self, slot_mutant):
        start = time.time()
        slot, mutant = slot_mutant
        made = self.compile(slot, self.changed(mutant), 'm%d' % slot)
        if made is None:
            return 'no C', '', 0
        folder, digest = made
        try:
            if digest == self.base[1]:
                return 'same code', '', time.time() - start
            return self.shown(folder, mutant) + (time.time() - start,)
        finally:
            shutil.rmtree(folder)

    def shown(self, folder, mutant):
        tests, spent = self.suites.by_line.get(mutant[0], []), 0
        function = function_of(self.lines, mutant[0])
        first = [t for t in self.last.get(function, [])[:3] if t in tests]
        for test in first:
            if self.run(folder, test[0], [test[1]]):
                self.remember(function, test)
                return 'killed', '%s %s' % test
        for suite, names in self.groups(t for t in tests if t not in first):
            if spent > PATIENCE:
                return 'survives', 'not all tests'
            spent += sum(self.suites.seconds[suite, n] for n in names)
            if self.run(folder, suite, names):
                self.remember(function, (suite, names[0]) if len(names) == 1 else self.which(folder, suite, names))
                return 'killed', suite
        return 'survives', ''

    def groups(self, tests):
        """The tests by suites: the quick ones of all suites before the slower ones."""
        rounds = [{} for high in ROUNDS]
        for suite, name in tests:
            round_of = next(i for i, high in enumerate(ROUNDS) if self.suites.seconds[suite, name] <= high)
            rounds[round_of].setdefault(suite, []).append(name)
        for by_suite in rounds:
            yield from sorted(by_suite.items(), key=lambda item: sum(self.suites.seconds[item[0], n] for n in item[1]))

    def which(self, folder, suite, names):
        """The test that fails: the next mutant of the function is shown to that first."""
        quick = [n for n in names if self.suites.seconds[suite, n] < 0.03][:12]
        for name in quick:
            if self.run(folder, suite, [name]):
                return suite, name
        return suite, names[-1]

    def remember(self, function, test):
        row = self.last.setdefault(function, [])
        if test in row:
            row.remove(test)
        row.insert(0, test)


# ---- later stages, for those that survived

CHECKED = ['-O0', '-g0', '-fPIC', '-shared', '-DEDGEFN_NO_SIMD', '-DEDGEFN_DEBUG', '-w', '-std=c99', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']


class AllTests(Judge):
    """Shows a mutant to the tests that the first stage has left out."""
    label = 'all tests'

    def shown(self, folder, mutant):
        spent = 0
        for suite, names in self.groups(self.suites.by_line.get(mutant[0], [])):
            spent += sum(self.suites.seconds[suite, n] for n in names)
            if PATIENCE - 1 < spent < MOST and self.run(folder, suite, names):
                return 'killed', suite
        spent = 0
        for suite, name in self.suites.slow_by_line.get(mutant[0], []):
            spent += self.suites.seconds[suite, name]
            if spent < MOST and self.run(folder, suite, [name]):
                return 'killed', '%s %s' % (suite, name)
        return 'survives', self.label


class Sanitizers(Judge):
    """Shows a mutant, compiled by gcc, to the quick tests under sanitizers."""
    label = 'sanitizers'

    def shown(self, folder, mutant):
        if call([GCC] + CHECKED + HEADER + [folder + '/edgefn.h', '-o', folder + '/libedgefn.so']).returncode != 0:
            return 'survives', 'no C for gcc'
        library = call([GCC, '-print-file-name=libasan.so']).stdout.decode().strip()
        env = dict(os.environ, LD_PRELOAD=library, ASAN_OPTIONS='detect_leaks=0', LD_LIBRARY_PATH=folder, TEST_STOP='1')
        spent = 0
        for suite, names in self.groups(self.suites.by_line.get(mutant[0], [])):
            spent += sum(self.suites.seconds[suite, n] for n in names)
            if spent > PATIENCE:
                break
            if call(['sh', '-c', 'ulimit -c 0; ulimit -t 60; exec "$0" "$@"', '%s/suites/%s' % (OUT, suite)] + names, env=env).returncode != 0:
                return 'killed', suite + ' (sanitizer)'
        return 'survives', self.label


class Budget(Judge):
    """Counts the instructions of parse and job, as tests/test_budget.sh does, with the library of tcc."""
    label = 'budget'
    CLASSES = ('vreq', 'oreq', 'ores', 'cffreq', 'cffres', 'pretty')
    MORE = 2

    def __init__(self, suites, lines):
        super().__init__(suites, lines)
        self.program = OUT + '/suites/counted'
        sources = ['bench/compare/edgefn.c', 'bench/gen.c', 'bench/json_same.c', 'bench/bench_main.c']
        must([GCC, '-O2'] + FLAGS + ['-DEDGEFN_IMPLEMENTATION_DONE', '-DBENCH_EDGEFN_ONLY', '-DBENCH_FLAGS=""'] + sources + ['-L%s/counted' % OUT, '-ledgefn', '-o', self.program])
        self.tasks = [(task, c) for task in ('parse', 'job') for c in self.CLASSES]
        with ThreadPoolExecutor(WORKERS) as pool:
            once = list(pool.map(lambda t: self.count(self.base[0], t, 1), self.tasks))
            again = list(pool.map(lambda t: self.count(self.base[0], t, 2), self.tasks))
        self.limits = {t: a + (b - a) * self.MORE // 100 for t, a, b in zip(self.tasks, once, again)}

    def count(self, folder, task, passes):
        """Returns: the instructions of some passes over the events of a class; None if the program fails."""
        command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', self.program, '--instructions', str(passes), '--tasks', task[0]]
        done = call(command + ['--classes', task[1], '--subjects', 'edgefn'], env=dict(os.environ, LD_LIBRARY_PATH=folder))
        found = re.search(rb'Collected : (\d+)', done.stdout)
        return int(found.group(1)) if found and done.returncode == 0 else None

    def shown(self, folder, mutant):
        for task in self.tasks:
            n = self.count(folder, task, 1)
            if n is None or n > self.limits[task]:
                return 'killed', 'budget %s %s' % task
        return 'survives', self.label


def slots(path):
    """The fates so far, by place and change."""
    rows = {}
    if os.path.exists(path):
        for row in text_of(path).split('\n'):
            parts = row.split('\t')
            if len(parts) >= 7 and not row.startswith('#'):
                if rows.get(tuple(parts[3:7]), [''])[0] != 'killed': # once is enough: later stages show it to other tests
                    rows[tuple(parts[3:7])] = parts[:3]
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--number', type=int, default=300)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', help='only lines of functions whose name contains this')
    parser.add_argument('--again', action='store_true', help='judges those that survived once more')
    parser.add_argument('--all-tests', action='store_true', help='shows those that survived to the tests that were left out')
    parser.add_argument('--sanitizers', action='store_true', help='shows those that survived to tests under sanitizers')
    parser.add_argument('--budget', action='store_true', help='counts the instructions of those that survived')
    parser.add_argument('--least', type=float, default=0, help='fails if fewer than this many per cent are killed or explained')
    args = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    digest = hashlib.sha256(text_of('edgefn.h').encode()).hexdigest()[:16]
    if not os.path.exists(OUT + '/header') or text_of(OUT + '/header') != digest:
        for name in ('cover.json', 'results.tsv', 'counted', 'suites'):
            path = OUT + '/' + name
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.replace(path, path + '.old')
        with open(OUT + '/header', 'w') as f:
            f.write(digest)
    suites = Suites()
    if not os.path.exists(OUT + '/counted/libedgefn.so'):
        suites.stub()
    suites.cover(suites.build())
    lines = text_of('edgefn.h').split('\n')
    covered = sorted((set(suites.by_line) | set(suites.slow_by_line)) & suites.live())
    every = [m for number in covered for m in mutants_of(number, lines[number - 1])]
    if args.only:
        every = [m for m in every if args.only in function_of(lines, m[0])]
    if not every:
        sys.exit('mutate: there is nothing to change')
    drawn = draw(every, lambda m: change_of(lines, m), args.seed, args.number)
    print('%d mutants in %d lines that suites run; %d are drawn with seed %d' % (len(every), len(covered), len(drawn), args.seed), flush=True)
    path, explained = OUT + '/results.tsv', known()
    key = lambda m: (str(m[0]), str(m[1]), m[2], m[3])
    done = slots(path)
    left = [m for m in drawn if key(m) not in done or (args.again and done[key(m)][0] == 'survives')]
    stage = AllTests if args.all_tests else Sanitizers if args.sanitizers else Budget if args.budget else Judge
    if stage is not Judge:
        over = ('budget',) if args.budget else ('budget', 'sanitizers', 'all tests') if args.all_tests else ('budget', 'sanitizers')
        left = [m for m in drawn if done.get(key(m), [''])[0] == 'survives' and done[key(m)][1] not in over and not is_known(explained, change_of(lines, m))]
    judge = stage(suites, lines)
    try:
        with open(path, 'a', encoding='utf-8') as results, ThreadPoolExecutor(WORKERS) as pool:
            working = {pool.submit(judge.judge, item): item[1] for item in enumerate(left)}
            for ready in as_completed(working):
                mutant, (fate, by, seconds) = working[ready], ready.result()
                done[key(mutant)] = [fate, by, '%.2f' % seconds]
                results.write('\t'.join(done[key(mutant)] + list(key(mutant)) + [function_of(lines, mutant[0])]) + '\n')
                results.flush()
    finally:
        shutil.rmtree(judge.base[0])
    return summary(args, lines, drawn, done, key, explained)


def summary(args, lines, drawn, done, key, explained):
    counts, seconds = {}, 0.0
    for mutant in sorted(drawn):
        if key(mutant) not in done:
            continue
        fate = done[key(mutant)][0]
        seconds += float(done[key(mutant)][2])
        change = change_of(lines, mutant)
        if fate == 'survives' and is_known(explained, change):
            fate = 'explained'
        counts[fate] = counts.get(fate, 0) + 1
        if fate == 'survives':
            print('survives: edgefn.h:%d %s(): %s\n    %s' % (mutant[0], change[0], change[2], mutant[4].strip()), flush=True)
    different = sum(n for fate, n in counts.items() if fate not in ('no C', 'same code'))
    good = counts.get('killed', 0) + counts.get('explained', 0)
    share = 100.0 * good / different if different else 0
    print('%s; %.1f %% of %d are killed or explained; %.2f s each' % (', '.join('%s: %d' % item for item in sorted(counts.items())), share, different, seconds / max(1, len(drawn))))
    return 1 if share < args.least else 0


if __name__ == '__main__':
    sys.exit(main())
