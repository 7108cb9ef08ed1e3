#!/usr/bin/env python3
"""Checks the documentation: compiles every example, and compares lists that must agree.

Started by tests/test_docs.sh in the top directory. Prints what failed and "test_docs: N passed, N failed".
Examples are:
  edgefn.h, `Example:` in a doc comment     compiled as the body of a function that has `edgefn_event *ev`; as a file, if it
                                            defines edgefn_handler()
  edgefn.h, the manual's indented blocks    a block whose first line is #include or #define, and which has main() or
                                            edgefn_handler(), is a complete file: compiled; with main() linked and run
  README.md, ```c                           like those of the manual; a block without a function definition, like an Example:
A program without a handler is linked with the last handler above it in the same document."""
import os
import re
import subprocess
import sys

import count
import header as parsed
from count import check
from header import (END_OF_INTERFACE, LABELS, api, bare, declarations, definitions, doc_examples, has_handler, header, implementation, interface, is_file,
                    line_of, lines, manual, manual_programs, read)

OUT = 'build/tests/docs'
CC = os.environ.get('GCC', 'gcc').split()
FLAGS = ['-std=c99', '-D_DEFAULT_SOURCE', '-Wall', '-Wextra', '-Werror', '-I.', '-Iexamples/hosts']
SAMPLE = 'examples/events/viewer-request-page.json'


def run(command, **more):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, **more)
    return p.returncode, p.stdout.decode('utf-8', 'replace')


def write(name, text):
    path = os.path.join(OUT, name)
    with open(path, 'w') as f:
        f.write(text)
    return path


# ---- examples

def readme_blocks(text):
    for m in re.finditer(r'^```c\n(.*?)^```', text, re.S | re.M):
        yield text.count('\n', 0, m.start(1)) + 1, m.group(1)


def as_functions(source, snippets, name):
    """Compiles the snippets as function bodies; all in one file, so that the header is read once."""
    text = '#include "edgefn.h"\n#include <assert.h>\n#include <stdio.h>\n#include <string.h>\n#define S EDGEFN_S\n'
    count = 0
    for line, code in snippets:
        count += 1
        text += '\nbool example_%d(edgefn_event *ev);\nbool example_%d(edgefn_event *ev)\n{\n    (void)ev;\n' % (count, count)
        text += '#line %d "%s"\n%s\n    return true;\n}\n' % (line, source, code)
    path = write(name + '.c', text)
    rc, log = run(CC + FLAGS + ['-O1', '-c', path, '-o', path + '.o'])
    bad = set(re.findall(r'^%s:(\d+)' % re.escape(source), log, re.M))
    if rc:
        print(log[:4000])
    for line, code in snippets:
        broken = rc and (not bad or any(line <= int(b) <= line + code.count('\n') for b in bad))
        check(not broken, '%s:%d: the example does not compile' % (source, line))


def as_files(source, files, name):
    handler = None
    for n, (line, code) in enumerate(files):
        what = '%s:%d' % (source, line)
        base = '%s_%d' % (name, n)
        text = '' if '"edgefn.h"' in code else '#include "edgefn.h"\n'
        text += '#line %d "%s"\n%s' % (line, source, code)
        path = write(base + '.c', text)
        own_handler = has_handler(code)
        rc, log = run(CC + FLAGS + ['-O1', '-c', path, '-o', path + '.o'])
        if not check(rc == 0, '%s: the block does not compile\n%s' % (what, log[:3000])):
            continue
        has_main = re.search(r'\bmain\s*\(', code) is not None
        if has_main:
            objects = [path + '.o']
            if 'EDGEFN_IMPLEMENTATION' not in code:
                objects.append(library())
            if not own_handler and re.search(r'\bedgefn_(handler|answer)\b', code) and handler:
                objects.append(handler)
            rc, log = run(CC + objects + ['-o', os.path.join(OUT, base)])
            if check(rc == 0, '%s: the program does not link\n%s' % (what, log[:3000])):
                with open(SAMPLE, 'rb') as event:
                    rc, log = run([os.path.join(OUT, base), SAMPLE], stdin=event)
                check(rc == 0, '%s: the program ends with %d on %s\n%s' % (what, rc, SAMPLE, log[:1000]))
        elif own_handler:
            handler = path + '.o'


def library():
    path = os.path.join(OUT, 'library.o')
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime('edgefn.h'):
        source = write('library.c', '#define EDGEFN_IMPLEMENTATION\n#include "edgefn.h"\n')
        run(CC + ['-std=c99', '-O1', '-I.', '-c', source, '-o', path])
    return path


# ---- lists that must agree

def check_order():
    declared = [d for d in declarations(api) if d != 'edgefn_handler']
    defined = definitions(implementation)
    for name in declared:
        check(name in defined, '%s() is declared but not defined' % name)
    for name in defined:
        check(name in declared, '%s() is defined but not declared in >>api' % name)
    for name in set(declared):
        check(declared.count(name) == 1, '%s() is declared twice' % name)
    a = [d for d in declared if d in defined]
    b = [d for d in defined if d in declared]
    first = next((i for i in range(min(len(a), len(b))) if a[i] != b[i]), None)
    check(first is None, 'the order differs: declared %s, implemented %s' % ((a[first], b[first]) if first is not None else ('', '')))


def check_tags():
    headings = []
    for l in lines:
        if l.startswith('/*==='):
            headings += re.findall(r'>>(\w+)', l)
    contents = re.findall(r'>>([a-z]\w*)', manual)
    check(len(contents) > 5, 'the manual has no contents with >>tags')
    for tag in dict.fromkeys(contents):
        check(tag in headings, 'the contents name >>%s, but no heading does' % tag)
    for tag in headings:
        check(tag in contents, 'the heading >>%s is not in the contents' % tag)
        check(headings.count(tag) == 1, 'the heading >>%s occurs %d times' % (tag, headings.count(tag)))


def check_comments():
    """Each declaration has a doc comment, its labels in the fixed order, recipes that exist, its first sentence an imperative one."""
    documented = []
    for name, _, text, _ in parsed.functions():
        documented.append(name)
        for recipe in parsed.recipes(text):
            check(os.path.exists('examples/handlers/%s.c' % recipe), '%s(): there is no recipe %s' % (name, recipe))
        found = list(parsed.labels(text))
        check(len(found) == len(set(found)) and found == sorted(found, key=LABELS.get), '%s(): labels out of order or twice: %s' % (name, ', '.join(found)))
        check(text.startswith(' ') and text[1:2].isupper(), '%s(): the comment does not begin with a sentence' % name)
        check('.' in text, '%s(): no whole sentence' % name)
    for name in declarations(api):
        check(name in documented, '%s() has no doc comment right above it' % name)


def check_recipes():
    """Each `Recipe:` names examples that call the function."""
    for name, _, text, _ in parsed.functions():
        for recipe in parsed.recipes(text):
            path = 'examples/handlers/%s.c' % recipe
            check(os.path.exists(path) and name + '(' in read(path), '%s(): its recipe %s does not call it' % (name, recipe))


FORM = ['Events', 'Change', 'Needs', 'Traps']
# calls in a recipe, and the words that its "Needs:" must then contain
READS = [(r'edgefn_lookup\(|env->lookup', 'look-up|table'), (r'edgefn_(now|retry_after|jwt_verify|sign_v4)\(', 'clock'),
         (r'edgefn_(random|random_text|draw)\(', 'random'), (r'edgefn_(body_decode(_part)?|body_form|sign_v4)\(', 'Include body'),
         (r'edgefn_viewer_of\([^;]*\)\.country|\bviewer\.country', 'CloudFront-Viewer-Country')]


def check_first_comments():
    """Each recipe's first comment begins with a sentence and has the four parts; "Needs:" names the host's tables and everything else that it reads."""
    for name in sorted(os.listdir('examples/handlers')):
        path = 'examples/handlers/' + name
        comment, _, code = read(path).partition('*/')
        first = re.match(r'/\* %s - (.*?)\n\n' % re.escape(name), comment, re.S)
        check(first and first.group(1).endswith('.'), '%s: its first comment does not begin with a sentence' % path)
        parts = re.findall(r'^   (Events|Change|Needs|Traps): ', comment, re.M)
        if not check(parts == FORM, '%s: its first comment has %s' % (path, ', '.join(parts))):
            continue
        needs = re.sub(r'\s+', ' ', comment[comment.index('   Needs: '):comment.index('   Traps: ')])
        words = [w for call, w in READS if re.search(call, code)]
        headers = [re.escape(h).replace(r'\*', '[a-z]+') for h in re.findall(r'cloudfront-[a-z*-]+', needs.lower())]
        for read_header in re.findall(r'"(cloudfront-[a-z-]+)"', code): # only policies make CloudFront add them
            check(any(re.fullmatch(h, read_header) for h in headers), '%s: "Needs:" does not contain: %s' % (path, read_header))
        for secret in re.findall(r'edgefn_secret\(ev, (\w+)\)', code):
            values = re.findall(r'\b%s = EDGEFN_S_INIT\("(.*?)"\)' % secret, code)
            check(values, '%s: edgefn_secret(): %s is no constant above' % (path, secret))
            words += ['"?%s"?' % v for v in values]
        for word in words:
            check(re.search(word, needs), '%s: "Needs:" does not contain: %s' % (path, word))


# What the functions of a recipe may name themselves: words that HTTP, browsers, CloudFront and AWS have given. All other names, paths,
# hosts, texts and times are constants above the functions.
PROTOCOL = set("""GET HEAD POST PUT DELETE OPTIONS http https:// true basic bearer private no-store secure httponly samesite canonical prefetch cross-site
    s3 lambda .s3. .amazonaws.com .lambda-url. .on.aws charset= text/ text/html text/plain application/json application/x-www-form-urlencoded
    accept accept-encoding accept-language allow authorization cache-control cloudfront-forwarded-proto content-encoding content-length
    content-security-policy content-type cookie dpr expires host link location origin referer referrer-policy retry-after sec-ch-dpr
    sec-ch-width sec-fetch-site sec-gpc sec-purpose set-cookie strict-transport-security user-agent vary width www-authenticate
    x-amz-content-sha256 x-frame-options""".lower().split()) | {'text/plain; charset=utf-8'}
STRING = r'"((?:\\.|[^"\\])*)"'


def without_calls(body, name):
    """The body without the arguments of calls of that function."""
    while True:
        m = re.search(r'\b%s\((?!\))' % name, body)
        if not m:
            return body
        depth, end = 1, m.end()
        while depth and end < len(body):
            quoted = re.match(STRING, body[end:])
            depth += 0 if quoted else {'(': 1, ')': -1}.get(body[end], 0)
            end += quoted.end() if quoted else 1
        body = body[:m.end()] + ')' + body[end:]


def is_plain(string):
    """Reports whether a string holds only signs and single digits, is a word of a protocol, or the place of a template: {path}."""
    said = re.sub(r'\\[nrt]', '', string)
    return not re.search(r'[A-Za-z]|\d\d|\\x', said) or said.lower() in PROTOCOL or re.fullmatch(r'\{\w+\}', said)


def constants_of(code):
    """The names of a recipe's constants, up to a comment that begins with "fixed"."""
    code = re.sub(STRING, '""', code.partition('/* fixed')[0])
    code = re.sub(r'/\*.*?\*/', ' ', code, flags=re.S)
    code = re.sub(r'\)\n\{\n.*?^\}', ');', code, flags=re.S | re.M)
    yield from re.findall(r'^\} (\w+)(?:\[\])? =', code, re.M) # of a struct
    for m in re.finditer(r'^(static const|enum) .*?;$', code, re.M | re.S):
        said = m.group(0) if m.group(1) == 'enum' else re.sub(r'\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}', '', m.group(0))
        yield from re.findall(r'\b(\w+)(?:\[\])? =', said)


def check_constants():
    """A recipe's functions hold nothing that its user would change: it is all above them, and "Change:" names it."""
    for name in sorted(os.listdir('examples/handlers')):
        path = 'examples/handlers/' + name
        text = read(path)
        change = re.search(r' Change:(.*?)(?=\n +[A-Z]\w+:|\*/)', text, re.S)
        for constant in constants_of(text):
            check(change and re.search(r'\b%s\b' % constant, change.group(1)), '%s: "Change:" does not name %s' % (path, constant))
        for m in re.finditer(r'^[a-z][^;={}#]*\([^;{}]*\)\n\{\n(.*?)^\}', text, re.M | re.S):
            body = re.sub(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/', lambda k: k.group(0) if k.group(0)[0] == '"' else ' ', m.group(1), flags=re.S)
            for call in ('edgefn_log', 'edgefn_fail', 'edgefn_random_text'): # for developers; a label
                body = without_calls(body, call)
            for string in re.findall(STRING, body):
                check(is_plain(string), '%s: "%s" is inside a function: make it a constant above' % (path, string))
            for time in re.findall(r'\b\w+_s = \d*[1-9]\d*\b|\bstatic const\b', body):
                check(False, '%s: "%s" is inside a function: make it a constant above' % (path, time))


def check_overloads():
    """Each function whose last parameter is options also takes them by reference in C++."""
    taking = re.findall(r'^EDGEFN_(?:API|_INLINE_API)\b[^;{(]*?\b(edgefn_\w+)\s*\([^;{]*?\bconst (edgefn_\w+_opts) \*\w+\)\s*[;{]', api, re.M)
    overloads = re.findall(r'^\s*EDGEFN__OVERLOAD\(\w+, (edgefn_\w+),[^&]*const (edgefn_\w+_opts) &', api, re.M)
    check(len(taking) > 15, 'functions with options: only %d are found' % len(taking))
    for one in taking:
        check(one in overloads, 'C++: %s() has no overload with %s by reference' % one)
    for one in overloads:
        check(one in taking, 'C++: an overload of %s(), which does not take %s' % one)
    test = read('tests/compile_opts.cc')
    for name, _ in taking:
        check(re.search(r'\b%s\(' % name, test), 'tests/compile_opts.cc does not call %s()' % name)


def check_lengths():
    start = None
    for n, l in enumerate(lines):
        if l.rstrip() == '{' and n and not lines[n - 1].rstrip().endswith((';', '=')):
            start = n
        elif l.startswith('}') and start is not None:
            if n - start - 1 > 100:
                check(False, 'edgefn.h:%d: a function of %d lines: %s' % (start, n - start - 1, lines[start - 1].strip()))
            else:
                check(True, '')
            start = None
    for n, l in enumerate(lines):
        if len(l) > 100 or l != l.rstrip() or '\t' in l:
            check(False, 'edgefn.h:%d: tab, space at the end, or longer than 100 columns (%d)' % (n + 1, len(l)))
    if os.path.exists('README.md'):
        n = read('README.md').count('\n')
        check(n <= 250, 'README.md has %d lines; the limit is 250' % n)


code = bare(header)
impl_at = header.index('/*=== >>impl')
sections = [(m.start(), m.group(1)) for m in re.finditer(r'^/\*=== >>(\w+)', header, re.M) if m.start() >= impl_at]
# (name, offset, offset of the body, body) of the functions of the implementation
functions = [(m.group(1), m.start(1), m.start(2), m.group(2)) for m in re.compile(
    r'^(?!typedef|struct|enum|union|return)[A-Za-z_][^;{}=#]*?\b(edgefn_\w+)\([^;{}]*\)\s*\n?\{\n(.*?)^\}', re.M | re.S).finditer(code, impl_at)]


def section_at(offset):
    """Returns the number of the section."""
    return sum(1 for at, _ in sections if at <= offset) - 1


def check_arena():
    """Only functions of >>arena take and release memory."""
    arena = next(n for n, s in enumerate(sections) if s[1] == 'arena')
    for m in re.finditer(r'\barena\.(?:used|cap)\s*[-+]?=(?!=)|&[\w>-]+arena\.(?:used|cap)\b', code):
        check(section_at(m.start()) == arena, 'edgefn.h:%d: %s outside of >>arena' % (line_of(m.start()), m.group(0)))


# Functions that may be used before they are defined: declared at the end of >>impl, each with its reason.
AHEAD_MOST = 6


def check_sections():
    """A function uses only names defined in its own section or one above it."""
    where = {name: section_at(at) for name, at, _, _ in functions}
    first_end = sections[1][0]
    ahead = set(re.findall(r'\b(edgefn__\w+)\([^;{}]*\);', code[code.rindex('}', impl_at, first_end):first_end]))
    check(len(functions) > 500, 'only %d functions found' % len(functions))
    check(len(ahead) <= AHEAD_MOST, '>>impl declares %d functions of later sections; the limit is %d' % (len(ahead), AHEAD_MOST))
    used = {}
    for m in re.compile(r'\bedgefn_\w+\b').finditer(code, first_end):
        if where.get(m.group(0), -1) > section_at(m.start()):
            used.setdefault((section_at(m.start()), m.group(0)), m.start())
    for name in sorted(ahead):
        check(any(name == n for _, n in used), '>>impl declares %s(), which no earlier section uses' % name)
    for (section, name), at in sorted(used.items()):
        check(name in ahead, 'edgefn.h:%d: >>%s uses %s(), which is defined in >>%s, below it'
              % (line_of(at), sections[section][1], name, sections[where[name]][1]))


# Functions that may have more branches than others: one name per line.
MANY_BRANCHES = set()
BRANCHES_MOST, LINES_MOST = 15, 75


def conditions(body):
    """(offset, text) of the conditions of if, while and for."""
    for m in re.finditer(r'\b(if|while|for)\s*\(', body):
        depth, end = 1, m.end()
        while depth and end < len(body):
            depth += {'(': 1, ')': -1}.get(body[end], 0)
            end += 1
        parts = body[m.end():end - 1].split(';')
        yield m.start(), parts[1] if m.group(1) == 'for' and len(parts) == 3 else parts[0]


def check_functions():
    """Functions are short, have few branches, and one effect per statement."""
    found = {}
    for name, _, at, body in functions:
        branches = len(re.findall(r'\b(?:if|for|while|case)\b|&&|\|\||\?', body))
        length = body.count('\n')
        found[name] = branches
        check(branches <= BRANCHES_MOST or name in MANY_BRANCHES, 'edgefn.h:%d: %s() has %d branches; the limit is %d'
              % (line_of(at), name, branches, BRANCHES_MOST))
        check(length <= LINES_MOST, 'edgefn.h:%d: %s() has %d lines; the limit is %d' % (line_of(at), name, length, LINES_MOST))
        for offset, text in conditions(body):
            check(not re.search(r'(?<![=!<>])=(?!=)|<<=|>>=', text), 'edgefn.h:%d: %s() assigns inside a condition' % (line_of(at + offset), name))
        for m in re.finditer(r'[^;{}]+', body):
            more = [q.start() for q in re.finditer(r'\?', m.group(0))]
            check(len(more) < 2, 'edgefn.h:%d: %s() has more than one ?: in an expression' % (line_of(at + m.start() + (more or [0])[0]), name))
    for name in sorted(MANY_BRANCHES):
        check(found.get(name, 0) > BRANCHES_MOST, '%s() is listed in tests/docs.py as a function with many branches, but has %d' % (name, found.get(name, 0)))
    check(len(MANY_BRANCHES) <= 8, 'tests/docs.py lists %d functions with many branches; the limit is 8' % len(MANY_BRANCHES))


def check_errors():
    """Each error code is named in the interface outside of the list: in the manual or a doc comment."""
    names = [name for name, _ in parsed.errors()]
    check(len(names) > 10, 'no error list')
    for name in names:
        known = re.search(r'EDGEFN_E_%s\b' % name, interface) or (name.startswith('JSON_') and 'EDGEFN_E_JSON_*' in interface)
        check(known, 'EDGEFN_E_%s is named nowhere in the interface' % name)


def check_leftovers():
    word = re.compile(r'\b(TO' + r'DO|FIX' + r'ME|XX' + r'X)\b')
    for top, dirs, files in os.walk('.'):
        dirs[:] = [d for d in dirs if d not in ('.git', 'build', 'node_modules', '__pycache__')]
        for f in files:
            path = os.path.join(top, f)
            if os.path.getsize(path) < 2000000 and path.endswith(('.h', '.c', '.cc', '.cpp', '.py', '.sh', '.md', '.mk', 'Makefile')):
                try:
                    text = read(path)
                except UnicodeDecodeError:
                    check(False, '%s is not UTF-8' % path)
                    continue
                m = word.search(text)
                check(not m, '%s contains %s' % (path, m and m.group(0)))


def check_differences():
    """Each line of the list of what the local CloudFront does otherwise names tests that exist."""
    section = re.search(r'^## What the local CloudFront does otherwise\n(.*?)^## ', read('examples/hosts/README.md'), re.S | re.M)
    if not check(section, 'examples/hosts/README.md has no list of what the local CloudFront does otherwise'):
        return
    said = re.findall(r'^- .*(?:\n  .*)*', section.group(1), re.M)
    check(len(said) > 30, 'the list of what the local CloudFront does otherwise has only %d lines' % len(said))
    for line in said:
        tests = re.search(r' \(((?:`[\w.]+: [^`]+`(?:, )?)+)\)$', line)
        if not check(tests, 'no test is named: %s' % line):
            continue
        for file, name in re.findall(r'`([\w.]+): ([^`]+)`', tests.group(1)):
            path = next((p for p in ('tests/hosts/' + file, 'tests/' + file) if os.path.exists(p)), None)
            begin = r'^def %s\(' if file.endswith('.py') else r'(?:\btest\(|^ *check )[\'"`]%s'
            check(path and re.search(begin % re.escape(name), read(path), re.M), 'there is no test %s: %s' % (file, name))


def check_map():
    rc, log = run([sys.executable, 'tests/map.py', '--check'])
    check(rc == 0, log.strip())
    for page, top in (('README.md', '.'), ('examples/README.md', 'examples')):
        for link in re.findall(r'\]\(([^)#:]+)(?:#\w+)?\)', read(page)):
            check(os.path.exists(os.path.join(top, link)), '%s links to %s, which does not exist' % (page, link))


os.makedirs(OUT, exist_ok=True)
check(implementation != '', 'no line "%s" in edgefn.h' % END_OF_INTERFACE)
examples = list(doc_examples())
as_functions('edgefn.h', [e for e in examples if not has_handler(e[1])], 'doc_examples')
as_files('edgefn.h', [e for e in examples if has_handler(e[1])], 'doc_files')
as_files('edgefn.h', list(manual_programs()), 'manual')
check(any(True for _ in manual_programs()), 'the manual contains no complete program')
if check(os.path.exists('README.md'), 'there is no README.md'):
    blocks = list(readme_blocks(read('README.md')))
    as_functions('README.md', [b for b in blocks if not is_file(b[1])], 'readme_examples')
    as_files('README.md', [b for b in blocks if is_file(b[1])], 'readme')
check_order()
check_tags()
check_comments()
check_recipes()
check_first_comments()
check_constants()
check_overloads()
check_lengths()
check_arena()
check_sections()
check_functions()
check_errors()
check_leftovers()
check_differences()
check_map()
print('test_docs: %d passed, %d failed' % (count.passed, count.failed))
sys.exit(count.failed != 0)
