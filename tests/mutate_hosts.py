#!/usr/bin/env python3
"""mutate_hosts.py - mutation testing of the hosts: the changes of tests/mutate.py, in the C files of examples/hosts that are in the table below.

    make mutate HOSTS=1 N=100 SEED=1        or: python3 tests/mutate_hosts.py [--number N] [--seed SEED] [--only FILE], after make

A host is tested by running it, which takes seconds: a mutant is shown to the suites of its file only, one after the other, each until its first failure.
Results are appended to build/mutate/hosts.tsv; a run that was stopped goes on where it was.
"""
import argparse, glob, os, re, shutil, sys, time
from concurrent.futures import ThreadPoolExecutor, as_completed


sys.dont_write_bytecode = True
import mutate
from mutate import FAST, GCC, OUT, call, text_of

CLI = ['make', '-s', '--no-print-directory', 'CFLAGS=-O0', 'build/edgefn']
C_SUITE = [GCC, '-std=c99', '-D_DEFAULT_SOURCE', '-DEDGEFN_DEBUG', '-DEDGEFN_IMPLEMENTATION_DONE', '-DEDGEHOST_OPENSSL', '-w', '-O0', '-I.', '-Iexamples/hosts']
LAMBDA = [GCC, '-std=c99', '-w', '-O0', '-I.', 'examples/hosts/lambda_runtime/bootstrap.c', 'examples/hosts/lambda_runtime/http.c', 'tests/hosts/lambda_handler.c',
          'build/obj/edgefn.o', '-o', 'build/bootstrap']


def c_suite(name):
    return C_SUITE + ['tests/%s.c' % name, 'build/obj/edgefn.o', '-o', 'build/' + name, '-lcrypto'], [['build/' + name]]


def shell(*names):
    return CLI, [['sh', 'tests/%s.sh' % n] for n in names]


# files: how they are built, what tests them
TABLE = [
    ('edgefn_verify.h', c_suite('test_verify')),
    ('edgefn_retry.h', c_suite('test_call')),
    ('edgefn_host.c', c_suite('test_call')),
    ('lambda_runtime/bootstrap.c', (LAMBDA, [['python3', 'tests/hosts/lambda_stub.py', 'build/bootstrap', '--name', 'mutant', 'env', 'LC_ALL=C']])),
    ('lambda_runtime/http.c', (LAMBDA, [['python3', 'tests/hosts/lambda_stub.py', 'build/bootstrap', '--name', 'mutant', 'env', 'LC_ALL=C']])),
    ('cli/batch.c', shell('test_many', 'test_cli')),
    ('cli/events*.c', shell('test_many')),
    ('cli/bench.c', shell('test_many', 'test_cli')),
    ('cli/check.c', shell('test_check_cli', 'test_cli')),
    ('cli/advice.c', shell('test_check_cli', 'test_cli')),
    ('cli/text.c', shell('test_check_cli', 'test_cli')),
    ('cli/*.c', shell('test_cli', 'test_check_cli')),
]
# tested by suites that need a server: settings_*.c, watch.c
LEFT_OUT = ('cli/settings', 'cli/watch', 'cli/function.c')


def files():
    """Each file with the first row of the table that fits."""
    found = {}
    for pattern, how in TABLE:
        for path in sorted(glob.glob('examples/hosts/' + pattern)):
            if not path[len('examples/hosts/'):].startswith(LEFT_OUT):
                found.setdefault(path, how)
    return found


class Tree:
    """A copy of the tree, of links, in which one file is changed and built at a time."""

    def __init__(self, name):
        self.root, self.top = '%s/mutate-hosts-%d-%s' % (FAST, os.getpid(), name), os.getcwd()
        os.makedirs(self.root + '/build')
        for part in ('Makefile', 'edgefn.h', 'README.md', 'examples', 'tests', 'fuzz', 'bench', 'build/obj', 'build/handlers', 'build/edgefn'):
            mutate.must(['cp', '-as', '%s/%s' % (self.top, part), '%s/%s' % (self.root, part)])

    def relink(self, path):
        if os.path.lexists(self.root + '/' + path):
            os.remove(self.root + '/' + path)
        if os.path.exists(self.top + '/' + path):
            os.symlink(self.top + '/' + path, self.root + '/' + path)

    def judge(self, path, how, text):
        build, suites = how
        for name in (path, 'build/edgefn', 'build/obj/cli/' + os.path.basename(path)[:-2] + '.o'):
            if os.path.lexists(self.root + '/' + name):
                os.remove(self.root + '/' + name) # nothing is written through a link
        with open(self.root + '/' + path, 'w', encoding='utf-8') as f:
            f.write(text)
        try:
            if call(build, cwd=self.root).returncode != 0:
                return 'no C', ''
            for suite in suites:
                # a process that hangs takes no time of the processor
                if call(['timeout', '-k', '5', '600', 'sh', '-c', 'ulimit -c 0; ulimit -t 60; exec "$0" "$@"'] + suite, cwd=self.root, env=dict(os.environ, TEST_STOP='1')).returncode != 0:
                    return 'killed', suite[-1] if suite[0] == 'sh' else suite[0]
            return 'survives', ''
        finally:
            self.relink(path)
            self.relink('build/obj/cli/' + os.path.basename(path)[:-2] + '.o')
            self.relink('build/edgefn')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--number', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='', help='only files whose name fits this regular expression')
    parser.add_argument('--again', action='store_true', help='judges those that survived once more')
    args = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    table = {path: how for path, how in files().items() if re.search(args.only, path)}
    lines = {path: text_of(path).split('\n') for path in table}
    every = [(path,) + m for path in sorted(table) for n, line in enumerate(lines[path], 1) for m in mutate.mutants_of(n, line)]
    drawn = mutate.draw(every, lambda m: (m[0],) + mutate.change_of(lines[m[0]], m[1:]), args.seed, args.number)
    print('%d mutants in %d files; %d are drawn with seed %d' % (len(every), len(table), len(drawn), args.seed), flush=True)
    path = OUT + '/hosts.tsv'
    key = lambda m: (m[0], str(m[1]), str(m[2]), m[3], m[4])
    done = {tuple(row[3:8]): row[:3] for row in (r.split('\t') for r in (text_of(path).split('\n') if os.path.exists(path) else [])) if len(row) >= 8}
    left = [m for m in drawn if key(m) not in done or (args.again and done[key(m)][0] == 'survives')]
    trees = [Tree(str(i)) for i in range(min(mutate.WORKERS, max(1, len(left))))]
    free = list(trees)

    def judge(mutant):
        tree, start = free.pop(), time.time()
        changed = lines[mutant[0]][:mutant[1] - 1] + [mutant[5]] + lines[mutant[0]][mutant[1]:]
        try:
            return tree.judge(mutant[0], table[mutant[0]], '\n'.join(changed)) + (time.time() - start,)
        finally:
            free.append(tree)

    try:
        with open(path, 'a', encoding='utf-8') as results, ThreadPoolExecutor(len(trees)) as pool:
            working = {pool.submit(judge, m): m for m in left}
            for ready in as_completed(working):
                mutant, (fate, by, seconds) = working[ready], ready.result()
                done[key(mutant)] = [fate, by, '%.2f' % seconds]
                results.write('\t'.join(done[key(mutant)] + list(key(mutant))) + '\n')
                results.flush()
    finally:
        for tree in trees:
            shutil.rmtree(tree.root)
    counts, explained = {}, mutate.known()
    for mutant in sorted(drawn):
        fate, change = done[key(mutant)][0], mutate.change_of(lines[mutant[0]], mutant[1:])
        if fate == 'survives' and mutate.is_known(explained, change):
            fate = 'explained'
        counts[fate] = counts.get(fate, 0) + 1
        if fate == 'survives':
            print('survives: %s:%d %s(): %s\n    %s' % (mutant[0], mutant[1], change[0], change[2], mutant[5].strip()), flush=True)
    valid = sum(counts.values()) - counts.get('no C', 0)
    good = counts.get('killed', 0) + counts.get('explained', 0)
    print('%s; %.1f %% of %d are killed or explained' % (', '.join('%s: %d' % item for item in sorted(counts.items())), 100.0 * good / max(1, valid), valid))


if __name__ == '__main__':
    main()
