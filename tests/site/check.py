#!/usr/bin/env python3
"""Checks the pages of the reference site: python3 tests/site/check.py DIRECTORY [ADDRESS OF THE PLAYGROUND]. Started by tests/test_docs_site.sh in
the top directory. Prints what failed, then the numbers of passed and failed checks."""
import base64
import json
import os
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import count  # noqa: E402
import header as h  # noqa: E402
from count import check  # noqa: E402

SITE, PLAYGROUND = sys.argv[1], (sys.argv[2:] + [''])[0]

VOID = {'meta', 'link', 'input', 'img', 'wbr', 'br'}
INLINE = set('a code b i em strong span var del ins wbr img br'.split())
HEADINGS = {'h1', 'h2', 'h3', 'h4'}
BLOCK = HEADINGS | set('''p pre ul ol dl div table section nav main header form blockquote details figure body'''.split())
# what may be directly inside of an element; elements that are not listed contain text and INLINE
INSIDE = {
    'html': {'head', 'body'}, 'head': {'meta', 'title', 'link', 'script'}, 'body': BLOCK | {'a'}, 'main': BLOCK, 'section': BLOCK, 'nav': BLOCK | {'a', 'span'},
    'header': BLOCK | INLINE, 'div': BLOCK, 'form': {'input'}, 'blockquote': BLOCK, 'details': BLOCK | {'summary'}, 'figure': {'a'}, 'ul': {'li'}, 'ol': {'li'},
    'dl': {'dt', 'dd'}, 'li': BLOCK | INLINE, 'dd': BLOCK | INLINE, 'table': {'thead', 'tbody', 'tr'}, 'thead': {'tr'}, 'tbody': {'tr'}, 'tr': {'th', 'td'},
    'td': BLOCK | INLINE, 'title': set(), 'script': set(), 'pre': INLINE,
}
NO_TEXT = {'html', 'head', 'body', 'main', 'section', 'div', 'ul', 'ol', 'dl', 'table', 'thead', 'tbody', 'tr'}
NEEDED = {'a': 'href', 'img': 'alt', 'html': 'lang', 'nav': 'aria-label'}


class Page(HTMLParser):
    """Reads one page strictly: every element is closed, stands where it may, and every id is unique."""

    def __init__(self, name, text):
        super().__init__(convert_charrefs=True)
        self.name, self.open, self.ids, self.links, self.faults, self.headings = name, [], set(), [], [], []
        self.title = ''
        if not text.startswith('<!doctype html>'):
            self.fault('no doctype')
        if re.search(r'&(?!(?:amp|lt|gt|quot|#x?[0-9a-f]+);)', re.sub(r'<[^>]*>', '', text)):
            self.fault('& that is not escaped')
        self.feed(text)
        self.close()
        if self.open:
            self.fault('not closed: ' + ' '.join(self.open))

    def fault(self, what):
        self.faults.append('line %d: %s' % (self.getpos()[0] if hasattr(self, 'offset') else 0, what))

    def handle_starttag(self, tag, attrs):
        parent = self.open[-1] if self.open else ''
        if parent and tag not in INSIDE.get(parent, INLINE) or not parent and tag != 'html':
            self.fault('<%s> inside of <%s>' % (tag, parent))
        if tag == 'a' and 'a' in self.open:
            self.fault('a link inside of a link')
        if len({name for name, _ in attrs}) != len(attrs):
            self.fault('an attribute twice in <%s>' % tag)
        values = dict(attrs)
        if tag in NEEDED and NEEDED[tag] not in values:
            self.fault('<%s> without %s' % (tag, NEEDED[tag]))
        if 'id' in values:
            if values['id'] in self.ids or not values['id'] or ' ' in values['id']:
                self.fault('id %r is not unique, or no id' % values['id'])
            self.ids.add(values['id'])
        for name in ('href', 'src', 'action'):
            if name in values:
                self.links.append(values[name])
        if tag in HEADINGS:
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.fault('<%s/>' % tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.fault('</%s> closes <%s>' % (tag, self.open[-1] if self.open else ''))
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if self.open and self.open[-1] == 'title':
            self.title += data
        if data.strip() and (not self.open or self.open[-1] in NO_TEXT):
            self.fault('text directly inside of <%s>: %r' % (self.open[-1] if self.open else '', data.strip()[:40]))


def read_pages():
    pages = {}
    for name in sorted(os.listdir(SITE)):
        if name.endswith('.html'):
            page = pages[name] = Page(name, h.read(os.path.join(SITE, name)))
            check(not page.faults, '%s: %s' % (name, '; '.join(page.faults[:5])))
            check(page.title, '%s: no title' % name)
            steps = [b - a for a, b in zip([0] + page.headings, page.headings)]
            check(page.headings.count(1) == 1 and max(steps) == 1, '%s: headings leave out a level, or not one <h1>: %s' % (name, page.headings[:9]))
    titles = [p.title for p in pages.values()]
    check(len(titles) == len(set(titles)), 'two pages have one title: %s' % sorted(t for t in set(titles) if titles.count(t) > 1))
    return pages


def goes_somewhere(pages, here, url):
    path, _, anchor = url.partition('#')
    path = path.partition('?')[0] or here
    if PLAYGROUND and path == PLAYGROUND:
        return True
    if path.startswith('data:,'):
        return True
    if not os.path.isfile(os.path.join(SITE, path)) or path.startswith(('/', '..')):
        return False
    return not anchor or path in pages and anchor in pages[path].ids


def check_links(pages):
    for name, page in pages.items():
        for url in page.links:
            check(goes_somewhere(pages, name, url), '%s: a link to nothing: %s' % (name, url[:200]))
    linked = {url.partition('#')[0] for page in pages.values() for url in page.links}
    for name in pages:
        check(name in linked, 'no page links to ' + name)
    for name in ('page.css', 'search.js'):
        check(not re.search(r'https?:|@import|url\(|\bfetch\(', h.read(os.path.join(SITE, name))), name + ' loads something from elsewhere')


def check_anchors(pages):
    anchors = {a: name for name, page in pages.items() if name.startswith('api-') for a in page.ids}
    functions = set(h.declarations(h.api)) | {f.name for f in h.functions()}
    check(len(functions) > 150, 'only %d functions' % len(functions))
    for name in functions:
        check(name in anchors, '%s() has no anchor' % name)
        check(name in pages['functions.html'].ids, '%s() is not in the list of functions' % name)
    for name, _ in h.errors():
        check('EDGEFN_E_' + name in pages['errors.html'].ids, 'EDGEFN_E_%s has no anchor' % name)
    public = set(re.findall(r'^(?:typedef (?:struct|enum)|struct) (edgefn_\w+)', h.interface, re.M)) | set(re.findall(r'^ +(EDGEFN_[A-Z0-9_]+)(?=[, ])', h.bare(h.interface), re.M))
    for name in public:
        known = any(name in page.ids for page in pages.values()) or name.lower().startswith('edgefn__') or re.search(r'^\s+%s  ' % name, h.manual, re.M)
        check(known, '%s has no anchor' % name)
    rules = json.loads(subprocess.run(['build/edgefn', 'rules', '--json'], stdout=subprocess.PIPE, check=True).stdout)
    for rule in rules:
        check(rule['rule'] in pages['rules.html'].ids, 'rule %s has no anchor' % rule['rule'])
    text = re.sub(r'<[^>]*>', '', h.read(os.path.join(SITE, 'rules.html')))
    for rule in rules:
        words = (rule['says'] or '').replace('%n', 'name').replace('%c', 'character').replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
        check(words in text and rule['source'] in text, 'rules.html lacks the words or the source of ' + rule['rule'])
    sections = {part.partition('"')[0]: part for part in h.read(os.path.join(SITE, 'rules.html')).split('<h3 id="')}
    rows = [line.split('\t') for line in h.read('tests/data/policy.tsv').splitlines() if line and line[0] != '#'][1:]
    for row in rows: # which headers a rule is about
        for rule in {cell.partition(':')[2] for cell in row[3:]} - {''}:
            check(re.search('<code>%s' % re.escape(row[2]), sections[rule]), 'rules.html: %s is not said to be about %s' % (rule, row[2]))


def check_recipes(pages):
    for file in sorted(os.listdir('examples/handlers')):
        name = file[:-2]
        page = pages.get('recipe-%s.html' % name)
        if not check(page, 'no page of recipe ' + name):
            continue
        check('recipe-%s.html' % name in pages['cookbook.html'].links, 'cookbook.html has no link to ' + name)
        path = 'tests/recipes/%s.txt' % name
        cases = len(re.findall(r'^# ', h.read(path), re.M)) if os.path.exists(path) else 0
        check(sum(a.startswith('case-') for a in page.ids) == cases, '%s: not all of its %d cases' % (name, cases))
        check(h.read(os.path.join(SITE, 'handlers', file)) == h.read('examples/handlers/' + file), '%s is not the file' % file)
        states = [url.partition('#z=')[2] for url in page.links if '#z=' in url]
        check(bool(states) == bool(PLAYGROUND), '%s: %d links to the playground' % (name, len(states)))
        for state in states:
            value = json.loads(zlib.decompress(base64.urlsafe_b64decode(state + '=' * (-len(state) % 4)), -15))
            check(value['n'] == name and value['t'] == 'run' and json.loads(value['e']), '%s: the state of a link' % name)


def words(text):
    return set(re.findall(r'\w+', text.lower()))


def check_nothing_lost(pages):
    """Every word of the comments and documents is on the page that is made of them."""
    shown = {name: words(re.sub(r'&(\w+);', lambda m: {'lt': '<', 'gt': '>', 'amp': '&', 'quot': '"'}[m.group(1)], re.sub(r'<(?!wbr|/?[abi]\b|/?code|/?span)[^>]*>', ' ', re.sub(
        r'</?(?:wbr|[abi]|code|span)\b[^>]*>', '', h.read(os.path.join(SITE, name)))))) for name in pages}
    sources = [('manual.html', 'manual', re.sub(r'   CONTENTS.*?\n\n.*?\n\n(?=   [A-Z])', '', h.manual, flags=re.S).split('\n', 1)[1])]
    sources.append(('manual.html', 'licence', h.header[h.header.rindex('   Licence:'):]))
    for f in h.functions():
        page = next(name for name in pages if name.startswith('api-') and f.name in pages[name].ids)
        sources.append((page, f.name + '()', f.comment.replace('>>api, ', '') + f.declaration))
    sources += [('types.html', t.name or t.members[0].names[0], t.comment + ' '.join(m.declaration + ' ' + m.comment for m in t.members)) for t in h.types()]
    sources += [('types.html', name, name + ' ' + text) for name, text, _ in h.macros()]
    sources += [('errors.html', name, text) for name, text in h.errors()]
    sources += [('recipe-%s.html' % file[:-2], file, h.read('examples/handlers/' + file)) for file in os.listdir('examples/handlers')]
    for page, path in (('index.html', 'README.md'), ('cookbook.html', 'examples/README.md'), ('hosts.html', 'examples/hosts/README.md'), ('benchmark.html', 'bench/RESULTS.md')):
        text = re.sub(r'^```\w*|<!--.*?-->|!\[.*?\]\([^)]*\)|\]\([^)]*\)|^\d+\.|^# .*?$', ' ', h.read(path), flags=re.S | re.M)
        sources.append((page, path, text))
    for page, what, text in sources:
        lost = words(text) - shown[page]
        check(not lost, '%s lacks words of %s: %s' % (page, what, ' '.join(sorted(lost)[:12])))


def check_index(pages):
    rows = json.loads(re.search(r'= (\[.*\]);\nif', h.read(os.path.join(SITE, 'index.js')), re.S).group(1))
    check(len(rows) > 500, 'the index has %d rows' % len(rows))
    for title, kind, url, brief, words in rows:
        check(goes_somewhere(pages, 'index.html', url), 'index.js: %s leads to nothing: %s' % (title, url))
        check(title and kind and brief, 'index.js: %s (%s) says nothing' % (title, kind))


pages = read_pages()
check_links(pages)
check_anchors(pages)
check_recipes(pages)
check_nothing_lost(pages)
check_index(pages)
print('%d %d' % (count.passed, count.failed))
