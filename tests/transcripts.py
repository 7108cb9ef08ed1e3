"""transcripts.py DIRECTORY FILE... - runs commands and compares what they print, byte for byte (tests/test_transcripts.sh).

A file has "# what the next command shows", "$ command" with "> " before each further line of the command, and, indented by four spaces, what it prints to
standard output and standard error, with "[exit N]" at the end if it is not 0. The commands of a file run one after the other in the top directory; $edgefn,
$handlers and $events are those of tests/lib.sh, $tmp is a directory, which is written as TMP.
"""
import codecs, glob, os, shutil, subprocess, sys

codecs.register_error('shown', lambda e: ('<%s>' % e.object[e.start:e.end].hex(), e.end)) # bytes that are not UTF-8


def text_of(path):
    with open(path, encoding='utf-8', newline='') as f:
        return f.read()


def cases(text):
    """Yields (lines before the command, lines of the command, expected lines)."""
    before, command, expected = [], [], []
    for line in text.split('\n')[:-1]:
        if line.startswith('    '):
            expected.append(line[4:])
        elif line.startswith('> '):
            command.append(line)
        else:
            if command:
                yield before, command, expected
                before, command, expected = [], [], []
            (command if line.startswith('$ ') else before).append(line)
    yield before, command, expected


def run(command, tmp):
    env = dict(os.environ, edgefn='build/edgefn', handlers='build/handlers', events='examples/events', tmp=tmp, LC_ALL='C', NO_COLOR='1')
    done = subprocess.run(['sh', '-c', '\n'.join(line[2:] for line in command)], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = done.stdout.decode('utf-8', 'shown').replace(tmp, 'TMP').replace('\r', '<CR>').split('\n')
    if lines[-1] == '':
        lines.pop()
    else:
        lines[-1] += '<no line end>'
    return lines + (['[exit %d]' % done.returncode] if done.returncode != 0 else [])


def main():
    tmp, names = sys.argv[1], sys.argv[2:]
    files = [f for n in names for f in (sorted(glob.glob(n + '/*.txt')) if os.path.isdir(n) else [n])]
    passed, failed = 0, 0
    for path in files:
        new = []
        for before, command, expected in cases(text_of(path)):
            if any('script -' in line for line in command) and not shutil.which('script'):
                print('SKIP %s: %s: no script(1)' % (path, command[0]))
                new += before + command + ['    ' + line for line in expected]
                continue
            got = run(command, tmp) if command else []
            if any('built without OpenSSL' in line for line in got):
                print('SKIP %s: %s: built without OpenSSL' % (path, command[0]))
                new += before + command + ['    ' + line for line in expected]
                continue
            new += before + command + ['    ' + line for line in got]
            if got == expected or os.environ.get('UPDATE'):
                passed += 1
                continue
            failed += 1
            at = next((i for i, (a, b) in enumerate(zip(got, expected)) if a != b), min(len(got), len(expected)))
            print('not ok %s: %s\n    line %d: %r\n    expected: %r' % (path, command[0], at + 1, got[at:at + 1], expected[at:at + 1]))
            if os.environ.get('TEST_STOP'):
                sys.exit(1)
        if os.environ.get('UPDATE'):
            with open(path, 'w', encoding='utf-8', newline='') as f:
                f.write('\n'.join(new) + '\n')
    print('%d %d' % (passed, failed))


main()
