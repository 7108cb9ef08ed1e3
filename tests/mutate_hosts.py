#!/usr/bin/env python3
"""mutate_hosts.py - mutation testing of the hosts: the changes of tests/mutate.py, in the C files of examples/hosts that are in the table below.

    make mutate HOSTS=1 N=100 SEED=1        or: python3 tests/mutate_hosts.py [--number N] [--seed SEED] [--only FILE] [--again], after make

A host is tested by running it, which takes seconds. The suites of the command line are therefore run in parts: the beginning of the file with one section
("#---"), or with some before it where it does not pass by itself. Each part is run once with a program that counts lines. A mutant is shown to the parts that
execute its line: first to those that noticed the last mutants of the same function, then to the quickest, and each stops at its first failure. Other files are
shown to the programs in the table. A mutant that survives but is compiled by gcc -O2 to the same code as the file is no change.

Results are appended to build/mutate/hosts.tsv; a run that was stopped goes on where it was. --again judges those that survived once more, with the suites as
they are now, and shows them to all parts that execute their line, however long that takes.
"""
import argparse, glob, hashlib, json, os, re, shutil, sys, time
from concurrent.futures import ThreadPoolExecutor, as_completed

sys.dont_write_bytecode = True
import mutate
from mutate import FAST, GCC, OUT, call, must, text_of

HOSTS, CLI = 'examples/hosts/', 'examples/hosts/cli/'
SCRIPTS = ('test_cli', 'test_check_cli', 'test_many') # the suites of the command line
PATIENCE = float(os.environ.get('PATIENCE', 25)) # seconds of parts that a mutant is shown to before it has survived
MOST = float(os.environ.get('MOST', 600)) # the same with --again
FLAGS = ['-std=c99', '-D_DEFAULT_SOURCE', '-w', '-O0', '-I.', '-Iexamples/hosts', '-DEDGEFN_IMPLEMENTATION_DONE', '-DEDGEHOST_OPENSSL']
# a process that ends with _exit() also writes down what it has counted
COUNTED = 'void __gcov_dump(void); void __real__exit(int code); void __wrap__exit(int code) { __gcov_dump(); __real__exit(code); }\n'
RUNTIME = ['lambda_runtime/bootstrap.c', 'lambda_runtime/http.c']


def c_suite(name):
    return [GCC, '-DEDGEFN_DEBUG', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'] + FLAGS + ['tests/%s.c' % name, 'build/obj/edgefn.o', '-o', 'build/' + name, '-lcrypto'], [['build/' + name]]


LAMBDA = [GCC] + FLAGS[:-1] + [HOSTS + f for f in RUNTIME] + ['tests/hosts/lambda_handler.c', 'build/obj/edgefn.o', '-o', 'build/bootstrap']
STUB = ['python3', 'tests/hosts/lambda_stub.py', 'build/bootstrap']
# files: how they are built, what tests them; files of the command line are tested by parts of its suites
TABLE = [
    ('edgefn_verify.h', c_suite('test_verify')),
    ('edgefn_retry.h', c_suite('test_call')),
    ('edgefn_host.c', c_suite('test_call')),
    ('lambda_runtime/bootstrap.c', (LAMBDA, [STUB + ['--few'], STUB + ['env', 'LC_ALL=C']])),
    ('lambda_runtime/http.c', (LAMBDA, [STUB + ['--few'], STUB + ['env', 'LC_ALL=C']])),
    ('cli/*.c', None),
]
# tested by suites that need a server: settings_*.c, watch.c
LEFT_OUT = ('cli/settings', 'cli/watch', 'cli/function.c')


def files():
    """Each file with the first row of the table that fits."""
    found = {}
    for pattern, how in TABLE:
        for path in sorted(glob.glob(HOSTS + pattern)):
            if not path[len(HOSTS):].startswith(LEFT_OUT):
                found.setdefault(path, how)
    return found


class Tree:
    """A copy of the tree, of links, in which one file is changed and built at a time."""

    def __init__(self, name):
        self.root, self.top = '%s/mutate-hosts-%d-%s' % (FAST, os.getpid(), name), os.getcwd()
        os.makedirs(self.root + '/build')
        for part in ('Makefile', 'edgefn.h', 'README.md', 'examples', 'tests', 'fuzz', 'bench', 'build/obj', 'build/handlers', 'build/edgefn'):
            must(['cp', '-as', '%s/%s' % (self.top, part), '%s/%s' % (self.root, part)])

    def path(self, name):
        return self.root + '/' + name

    def remove(self, *names):
        for name in names:
            if os.path.lexists(self.path(name)):
                os.remove(self.path(name)) # nothing is written through a link

    def relink(self, name):
        self.remove(name)
        if os.path.exists(self.top + '/' + name):
            os.symlink(self.top + '/' + name, self.path(name))

    def write(self, name, text):
        self.remove(name)
        with open(self.path(name), 'w', encoding='utf-8') as f:
            f.write(text)

    def build_cli(self, path=None, *flags):
        """Builds build/edgefn; only one file is compiled, or all if none is named. Returns: whether that is C."""
        sources = [path] if path else sorted(glob.glob(CLI + '*.c'))
        objects = {s: 'build/obj/cli/%s.o' % os.path.basename(s)[:-2] for s in sorted(glob.glob(CLI + '*.c'))}
        self.remove('build/edgefn', *[objects[s] for s in sources])
        for source in sources:
            if call([GCC] + FLAGS + list(flags) + ['-c', source, '-o', objects[source]], cwd=self.root).returncode != 0:
                return False
        rest = (['-x', 'c', 'build/counted.c', '-x', 'none', '-Wl,--wrap=_exit'] if '--coverage' in flags else []) + ['build/obj/recipes.o', 'build/obj/runtime.o', 'build/obj/edgefn.o', '-o', 'build/edgefn', '-ldl', '-lcrypto']
        return call([GCC] + list(flags) + list(objects.values()) + rest, cwd=self.root).returncode == 0

    def passes(self, command, seconds=120, **more):
        limited = ['timeout', '-k', '5', str(seconds), 'sh', '-c', 'ulimit -c 0; ulimit -t 60; exec "$0" "$@"'] + command
        env = dict(os.environ, TEST_STOP='1', PYTHONDONTWRITEBYTECODE='1', **more) # a process that hangs takes no time of the processor
        return call(limited, cwd=self.root, env=env).returncode == 0

    def passes_part(self, text, seconds=120, **more):
        self.write('build/part.sh', text)
        return self.passes(['sh', 'build/part.sh'], seconds, **more)


# ---- the suites of the command line in parts

class Parts:
    """The parts, how long each takes, and the lines of each file that it executes."""

    def __init__(self):
        self.parts, self.last = {}, {}
        sources = ''.join(text_of(p) for p in sorted(glob.glob(CLI + '*.[ch]')))
        self.digest = hashlib.sha256(sources.encode()).hexdigest()
        self.file = OUT + '/hosts-parts.json'
        self.old = json.loads(text_of(self.file)) if os.path.exists(self.file) else {}

    def find(self):
        tree, work = Tree('parts'), os.path.abspath(OUT) + '/hosts-counted'
        try:
            tree.built = False
            self.find_transcripts(tree, work)
            for script in SCRIPTS:
                self.find_in(tree, script, work)
        finally:
            shutil.rmtree(tree.root)
        with open(self.file, 'w', encoding='utf-8') as f:
            json.dump(self.old, f)

    def find_transcripts(self, tree, work):
        """Each file of tests/transcripts is a part."""
        runner = text_of('tests/test_transcripts.sh')
        for path in sorted(glob.glob('tests/transcripts/*.txt')):
            key = hashlib.sha256((self.digest + runner + text_of(path)).encode()).hexdigest()
            text = 'set -- %s\n%s' % (path, runner)
            if key not in self.old:
                self.old[key] = self.count(tree, text, work)
            if self.old[key]:
                self.parts[path] = dict(self.old[key], text=text)
            else:
                print('%s is left out: does not pass here' % path, flush=True)

    def find_in(self, tree, script, work):
        begin, *sections = re.split(r'(?m)^(?=#---)', text_of('tests/%s.sh' % script))
        if 'helpers' in sections[0].split('\n')[0]:
            begin += sections.pop(0)
        for at, section in enumerate(sections):
            title = section.split('\n')[0].strip('#- ')
            for first in range(at, -1, -1):
                text = begin + ''.join(sections[first:at + 1]) + 'end\n'
                key = hashlib.sha256((self.digest + text).encode()).hexdigest()
                if key not in self.old:
                    self.old[key] = self.count(tree, text, work)
                if self.old[key]:
                    self.parts['%s: %s' % (script, title)] = dict(self.old[key], text=text)
                    break
                print('%s: "%s" does not pass by itself: with the section before it' % (script, title), flush=True)
            else:
                print('%s: "%s" is left out: does not pass here' % (script, title), flush=True)

    def count(self, tree, text, work):
        """Runs a part with a program that counts. Returns: its seconds, and by file the lines that it executes; or None if it does not pass."""
        tree.write('build/counted.c', COUNTED)
        if not tree.built and not tree.build_cli(None, '--coverage'):
            sys.exit('mutate_hosts: the command line does not compile')
        tree.built = True
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        start = time.time()
        if not tree.passes_part(text, 600, GCOV_PREFIX=work):
            return None
        seconds, lines = time.time() - start, {}
        where = tree.path('build/obj/cli')
        for found in glob.glob(work + '/**/obj/cli/*.gcda', recursive=True):
            shutil.move(found, where)
        for data in glob.glob(where + '/*.gcda'):
            for file in json.loads(call(['gcov', '-t', '-j', data], cwd=tree.root).stdout)['files']:
                if file['file'].startswith(CLI) and file['file'].endswith('.c'):
                    hit = lines.setdefault(file['file'], {})
                    for line in file['lines']:
                        hit[line['line_number']] = hit.get(line['line_number'], 0) + line['count']
            os.remove(data)
        return {'seconds': seconds, 'lines': lines}

    def order(self, path, number, function):
        """The parts that execute a line. A line that is no code of its own belongs to the line of code before it."""
        for part in self.parts.values():
            if path in part['lines'] and 'by_number' not in part:
                part['by_number'] = {p: {int(n): c for n, c in hit.items()} for p, hit in part['lines'].items()}
        known = {n for part in self.parts.values() for n in part.get('by_number', {}).get(path, {})}
        at = number
        while at > 0 and at not in known:
            at -= 1
        able = [n for n, part in self.parts.items() if part.get('by_number', {}).get(path, {}).get(at)]
        able.sort(key=lambda n: self.parts[n]['seconds'])
        first = [n for n in self.last.get((path, function), []) if n in able]
        return first + [n for n in able if n not in first]

    def shown(self, tree, path, number, function, again):
        spent = 0
        for name in self.order(path, number, function):
            part = self.parts[name]
            if spent > (MOST if again else PATIENCE):
                return 'survives', 'not all parts'
            spent += part['seconds']
            if not tree.passes_part(part['text'], 20 + 5 * int(part['seconds'])):
                row = self.last.setdefault((path, function), [])
                if name in row:
                    row.remove(name)
                row.insert(0, name)
                return 'killed', name
        return 'survives', '' if spent else 'not executed'


# ---- a mutant

def object_of(tree, path, name):
    """A hash of the code that gcc -O2 makes of a file."""
    out = 'build/%s.o' % name
    done = call([GCC] + FLAGS + ['-O2', '-x', 'c', '-c', path, '-o', out], cwd=tree.root)
    if done.returncode != 0:
        return None
    with open(tree.path(out), 'rb') as f:
        return hashlib.sha256(f.read()).digest()


def judge(tree, parts, how, path, text, number, function, again):
    tree.write(path, text)
    in_cli = how is None
    try:
        if not (tree.build_cli(path) if in_cli else call(how[0], cwd=tree.root).returncode == 0):
            return 'no C', ''
        if in_cli:
            fate = parts.shown(tree, path, number, function, again)
        else:
            failed = next((s for s in how[1] if not tree.passes(s)), None)
            fate = ('killed', ' '.join(failed[:3])) if failed else ('survives', '')
        if fate[0] == 'survives' and path.endswith('.c'):
            changed = object_of(tree, path, 'object')
            tree.relink(path)
            if changed is not None and changed == object_of(tree, path, 'object'):
                return 'same code', ''
        return fate
    finally:
        tree.relink(path)
        if in_cli:
            tree.relink('build/obj/cli/%s.o' % os.path.basename(path)[:-2])


def in_comments(lines):
    """The numbers of the lines that begin inside of a comment."""
    numbers, inside = set(), False
    for number, line in enumerate(lines, 1):
        if inside:
            numbers.add(number)
        begin, end = line.rfind('/*'), line.rfind('*/')
        inside = begin > end or (inside and end < 0)
    return numbers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--number', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='', help='only files whose name fits this regular expression')
    parser.add_argument('--again', action='store_true', help='judges those that survived once more')
    args = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    every_file = files()
    lines = {path: text_of(path).split('\n') for path in every_file}
    table = {path: how for path, how in every_file.items() if re.search(args.only, path)}
    comments = {path: in_comments(lines[path]) for path in table}
    every = [(path,) + m for path in sorted(table) for n, line in enumerate(lines[path], 1) if n not in comments[path] for m in mutate.mutants_of(n, line)]
    name = lambda m: (m[0],) + mutate.change_of(lines[m[0]], m[1:])
    drawn = mutate.draw(every, name, args.seed, args.number)
    print('%d mutants in %d files; %d are drawn with seed %d' % (len(every), len(table), len(drawn), args.seed), flush=True)
    path = OUT + '/hosts.tsv'
    # the name of a change stays the same when other lines are edited
    key = lambda m: tuple('\t'.join(name(m)).split('\t'))
    done = {tuple(row[4:]): row[:3] for row in (r.split('\t') for r in (text_of(path).split('\n') if os.path.exists(path) else [])) if len(row) >= 8}
    explained = mutate.known()
    is_known = lambda m: mutate.is_known(explained, name(m)[1:])
    left = [m for m in drawn if key(m) not in done or (args.again and done[key(m)][0] == 'survives' and not is_known(m))]
    parts = Parts()
    if any(table[m[0]] is None for m in left):
        parts.find()
    trees = [Tree(str(i)) for i in range(min(mutate.WORKERS, max(1, len(left))))]
    for tree in trees:
        if any(table[m[0]] is None for m in left) and not tree.build_cli(): # the other objects, without optimization
            sys.exit('mutate_hosts: the command line does not compile')
    free = list(trees)

    def work(mutant):
        tree, start = free.pop(), time.time()
        file, number = mutant[:2]
        changed = lines[file][:number - 1] + [mutant[5]] + lines[file][number:]
        try:
            return judge(tree, parts, table[file], file, '\n'.join(changed), number, name(mutant)[1], args.again) + (time.time() - start,)
        finally:
            free.append(tree)

    try:
        with open(path, 'a', encoding='utf-8') as results, ThreadPoolExecutor(len(trees)) as pool:
            working = {pool.submit(work, m): m for m in left}
            for ready in as_completed(working):
                mutant, (fate, by, seconds) = working[ready], ready.result()
                done[key(mutant)] = [fate, by, '%.2f' % seconds]
                results.write('\t'.join(done[key(mutant)] + [str(mutant[1])] + list(key(mutant))) + '\n')
                results.flush()
    finally:
        for tree in trees:
            shutil.rmtree(tree.root)
    summary(sorted(drawn), lambda m: done[key(m)], name, is_known)


def summary(drawn, fate_of, name, is_known):
    counts, seconds = {}, 0.0
    for mutant in drawn:
        fate, by, took = fate_of(mutant)
        seconds += float(took)
        if fate == 'survives' and is_known(mutant):
            fate = 'explained'
        counts[fate] = counts.get(fate, 0) + 1
        if fate == 'survives':
            print('survives: %s:%d %s(): %s%s\n    %s' % (mutant[0], mutant[1], name(mutant)[1], name(mutant)[3], ' (%s)' % by if by else '', mutant[5].strip()), flush=True)
    different = sum(n for fate, n in counts.items() if fate not in ('no C', 'same code'))
    good = counts.get('killed', 0) + counts.get('explained', 0)
    print('%s; %.1f %% of %d are killed or explained; %.1f s each'
          % (', '.join('%s: %d' % item for item in sorted(counts.items())), 100.0 * good / max(1, different), different, seconds / max(1, len(drawn))))


if __name__ == '__main__':
    main()
