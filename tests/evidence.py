#!/usr/bin/env python3
"""evidence.py - writes the tables of tests/README.md: what is counted in the tree, and the figures of the last runs, which tests/data/evidence.tsv has.

    python3 tests/evidence.py            rewrites tests/README.md between the marks
    python3 tests/evidence.py --check    fails if it is not up to date
"""
import glob, re, sys

PAGE = 'tests/README.md'


def text_of(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def code_lines(paths):
    """Lines that are neither blank nor only comment."""
    count = 0
    for path in paths:
        text = re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group().count('\n'), text_of(path), flags=re.S) if path.endswith(('.c', '.h')) else text_of(path)
        count += sum(1 for line in text.split('\n') if line.strip() and not line.strip().startswith(('#!', '//')))
    return count


def files(*patterns):
    return sorted({path for pattern in patterns for path in glob.glob(pattern)})


def counted():
    tests = code_lines(files('tests/*.c', 'tests/*.h', 'tests/trust/*', 'fuzz/*.c', 'fuzz/*.h'))
    scripts = code_lines(files('tests/*.sh', 'tests/*.py', 'tests/hosts/*.py', 'tests/hosts/*.mjs', 'tests/hosts/*.c', 'tests/hosts/*.js', 'tests/site/*'))
    library = code_lines(['edgefn.h'])
    cases = sum(len(re.findall(r'^# ', text_of(path), flags=re.M)) for path in files('tests/recipes/*.txt'))
    executions = re.search(r'\*\*all\*\* \| \*\*([\d,]+)\*\*', text_of('fuzz/RESULTS.md')).group(1)
    yield 'C suites', len(files('tests/test_*.c'))
    yield 'suites of the command line, hosts, recipes, documentation', len(files('tests/test_*.sh'))
    yield 'deep suites', len(files('tests/deep_*.sh'))
    yield 'lines of code: library; its C tests and fuzz targets; scripts', '%s; %s; %s' % tuple(format(n, ',') for n in (library, tests, scripts))
    yield 'lines of C tests for each line of the library', '%.1f' % (tests / library)
    if cases:
        yield 'cases of recipes with an expected result', format(cases, ',')
    yield 'inputs of faults that were found, run by every `make test`', len(files('tests/data/regress/*'))
    yield 'fuzz targets', len(files('fuzz/fuzz_*.c'))
    yield 'executions of fuzz targets so far ([fuzz/RESULTS.md](../fuzz/RESULTS.md))', executions


def runs():
    for line in text_of('tests/data/evidence.tsv').split('\n'):
        if line and not line.startswith('#'):
            what, figure, command, day = line.split('\t')
            yield what, figure, '`%s`' % command if not command.startswith('(') else command.strip('()'), day


def table(head, rows):
    return '\n'.join(['| %s |' % ' | '.join(head), '|%s' % ('---|' * len(head))] + ['| %s |' % ' | '.join(map(str, row)) for row in rows])


def main():
    page = text_of(PAGE)
    new = page
    for name, body in (('counted', table(['counted in the tree', ''], counted())), ('runs', table(['last seen', '', 'command', 'day'], runs()))):
        new = re.sub(r'(<!-- %s -->\n).*?(<!-- end -->)' % name, lambda m: m.group(1) + body + '\n' + m.group(2), new, flags=re.S)
    if '--check' in sys.argv:
        # executions and lines change with every commit: only the rows must be there
        names = lambda text: re.findall(r'^\| ([^|]*) \|', text, flags=re.M)
        sys.exit(0 if names(new) == names(page) else 'tests/README.md is not up to date: python3 tests/evidence.py')
    with open(PAGE, 'w', encoding='utf-8') as f:
        f.write(new)


if __name__ == '__main__':
    main()
