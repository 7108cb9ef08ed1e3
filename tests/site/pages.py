#!/usr/bin/env python3
"""Makes the reference site: python3 tests/site/pages.py DIRECTORY [ADDRESS OF THE PLAYGROUND]. Started in the top directory, by make docs,
when build/edgefn is there. Everything on the pages comes from edgefn.h, the recipes with their cases and pages in Markdown, and from
`edgefn rules` and `edgefn sample`; here are only the headings of the lists and what stands around them."""
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from html import escape

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import header as h  # noqa: E402
from header import read  # noqa: E402
from markup import (Names, c_code, comment_html, heading, json_code, markdown, paragraphs, pre, sentence, slug)  # noqa: E402

OUT, PLAYGROUND = sys.argv[1], (sys.argv[2:] + [''])[0]
VERSION = re.search(r'define EDGEFN_VERSION +"(.*?)"', h.header).group(1)
names, entries, written = Names(), [], {}


# ---- pages

NAV = [('index.html', 'Overview'), ('manual.html', 'Manual'), ('functions.html', 'Functions'), ('types.html', 'Types'), ('errors.html', 'Errors'),
       ('rules.html', 'Rules'), ('cookbook.html', 'Cookbook'), ('hosts.html', 'Hosts'), ('benchmark.html', 'Benchmark')]


def side_list(items):
    """The list of a page's sections: (address, html, the items below it or [], whether it is shown)."""
    def one(url, html, below, here):
        return '<li><a href="%s"%s>%s</a>%s</li>\n' % (url, ' aria-current="true"' if here else '', html, side_list(below) if below else '')
    return '<ul>\n%s</ul>' % ''.join(one(*item) for item in items)


def page(url, title, body, side, area=None, around=None):
    """Writes a page. side: items of side_list(). area: the page of NAV that it belongs to. around: addresses and titles of the pages before and after."""
    links = ''.join('<li><a href="%s"%s>%s</a></li>\n' % (to, ' aria-current="%s"' % ('page' if to == url else 'true') if to in (url, area) else '', name) for to, name in NAV)
    links += '<li><a class="playground" href="%s">Playground</a></li>\n' % (PLAYGROUND or 'host-browser.html')
    foot = ''
    if around:
        before, after = around
        foot = '<nav class="around" aria-label="Pages before and after">%s%s</nav>\n' % (
            '<a rel="prev" href="%s">← %s</a>' % before if before else '<span></span>', '<a rel="next" href="%s">%s →</a>' % after if after else '')
    lead = '<h1>%s</h1>\n' % title if '<h1' not in body else ''
    plain = re.sub(r'<[^>]+>', '', title)
    text = '''<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="search.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="home" href="index.html">edgefn <span>%s</span></a>
<nav aria-label="Site">
<ul>
%s</ul>
</nav>
<form role="search" action="search.html">
<input type="search" name="q" id="q" aria-label="Search the reference" placeholder="Search" autocomplete="off" spellcheck="false">
</form>
</header>
<div class="page">
%s<main id="content" tabindex="-1">
%s%s%s</main>
</div>
</body>
</html>
''' % (plain if plain.startswith('edgefn') else plain + ' - edgefn', VERSION, links,
       '<nav class="side" aria-label="On this page">\n<details open><summary>Contents</summary>\n%s\n</details>\n</nav>\n' % side_list(side) if side else '', lead, body, foot)
    with open(os.path.join(OUT, url), 'w', encoding='utf-8') as f:
        f.write(text)
    written[url] = text


def entry(title, kind, url, brief, text=''):
    """A row of the search's index; text: further words that are found, but not shown."""
    brief = re.sub(r'\s+', ' ', re.sub(r'[*`]', '', brief)).strip()
    if len(brief) > 140:
        brief = brief[:140].rsplit(' ', 1)[0] + ' …'
    there = set(re.findall(r'[a-z0-9]+', (title + ' ' + brief).lower()))
    words = sorted(set(w for w in re.findall(r'[a-z0-9]+', text.lower()) if len(w) > 2) - there)
    entries.append([title, kind, url, brief, ' '.join(words)])


def first_sentence(text):
    text = re.sub(r'\s+', ' ', text).strip()
    return re.split(r'(?<=[.:]) (?=[A-Z])', text, maxsplit=1)[0]


# ---- where things are explained; every page may link to every other

def section_slug(title):
    return 'api-' + slug(re.split(r'[:(]', title)[0].strip().replace('++', 'pp'))


def collect():
    parts = []
    places = list(h.sections())
    functions = list(h.functions())
    for n, (at, title, text) in enumerate(places):
        end = places[n + 1][0] if n + 1 < len(places) else len(h.api)
        parts.append((section_slug(title) + '.html', title, text, [f for f in functions if at < f.at < end]))
    for url, _, _, inside in parts:
        for f in inside:
            names.identifiers[f.name] = '%s#%s' % (url, f.name)
    for t in h.types():
        if t.name:
            names.identifiers[t.name] = 'types.html#' + t.name
        for m in t.members:
            for name in m.names:
                full = name if t.kind == 'enum' else '%s.%s' % (t.name, name)
                names.identifiers[full] = 'types.html#' + full
    for name, _, _ in h.macros():
        names.identifiers[re.match(r'\w+', name).group(0)] = 'types.html#' + re.match(r'\w+', name).group(0)
    names.identifiers['EDGEFN_E_JSON_'] = 'errors.html#EDGEFN_E_JSON_EOF'
    for name in ['EDGEFN_OK'] + ['EDGEFN_E_' + name for name, _ in h.errors()]:
        names.identifiers[name] = 'errors.html#' + name
    for option in re.findall(r'^       (EDGEFN_\w+)  ', h.manual[h.manual.index('COMPILE-TIME OPTIONS'):], re.M):
        names.identifiers.setdefault(option, 'manual.html#compile-time-options')
    names.tags.update({'api, fields': 'api-fields.html'}, types='types.html', options='types.html#options', errors='errors.html', api='functions.html', config='manual.html#compile-time-options')
    return parts


# ---- the manual

def manual_page():
    text = h.manual[h.manual.index('\n') + 1:].split('\n')
    title = re.match(r'/\* (\S+) - v\S+ - (.*?) - ', h.manual).group(2)
    chapters, lead = [], []
    for line in text:
        m = re.match(r'   ([A-Z][A-Z ,:/()a-z-]*)$', line) if not line.startswith('    ') else None
        if m and m.group(1).split(' (')[0].upper() == m.group(1).split(' (')[0]:
            chapters.append((m.group(1), []))
        else:
            (chapters[-1][1] if chapters else lead).append(line)
    chapters = [c for c in chapters if not c[0].startswith('CONTENTS')] # this site has its own
    body = '<h1>Manual</h1>\n<p class="lead">%s</p>\n' % sentence(title + '. ' + ' '.join(lead), names)
    side = []
    for name, block in chapters:
        shown = re.sub(r'\b([A-Z])([A-Z]+)\b', lambda m: m.group(1) + m.group(2).lower(), name)
        shown = shown[0] + re.sub(r'\b(?!JSON)[A-Z]', lambda m: m.group(0).lower(), shown[1:])
        shown = re.sub(r'\bjson\b', 'JSON', shown, flags=re.I)
        anchor = slug(name.split(' (')[0])
        side.append(('#' + anchor, shown.split(' (')[0], [], False))
        block = h.dedent(block).strip('\n').split('\n')
        entry(shown.split(' (')[0], 'manual', 'manual.html#' + anchor, first_sentence('\n'.join(l for l in block if not l.startswith(' '))), '\n'.join(block))
        body += heading(2, anchor, shown) + (history(block) if name == 'REVISION HISTORY' else comment_html(block, names, 7))
    licence = re.sub(r'^   ', '', re.search(r'/\*\n(   Licence: .*?)\*/\s*$', h.header, re.S).group(1), flags=re.M)
    title, _, text = licence.partition('\n')
    side.append(('#licence', 'Licence', [], False))
    body += heading(2, 'licence', title) + ''.join('<p>%s</p>\n' % sentence(p, names) for p in text.strip().split('\n\n'))
    entry('Licence', 'manual', 'manual.html#licence', title, text)
    page('manual.html', 'Manual', body, side)


def history(block):
    out = ''
    for m in re.finditer(r'^(\d+\.\d+\.\d+)  (.*(?:\n(?: .*|$))*)', '\n'.join(block), re.M):
        text = h.dedent([' ' * 7 + m.group(2).split('\n')[0]] + m.group(2).split('\n')[1:]).rstrip('\n').split('\n')
        out += heading(3, 'v' + m.group(1), m.group(1)) + comment_html(text, names, 14)
    return out


# ---- functions

def parameters_of(declaration):
    inside = declaration[declaration.index('(') + 1:declaration.rindex(')')]
    return re.findall(r'\(\*(\w+)\)|(\w+)(?=\s*[,)])', re.sub(r'\(\*(\w+)\)\([^)]*\)', r'\1', inside) + ')')


def doc_comment(f):
    """(paragraphs, [(parameters, text)], {label: text}, example) of a doc comment."""
    text, _, example = f.comment.partition('Example:')
    lines = [l[3:] if l.startswith('   ') else l.strip() for l in text.rstrip().split('\n')]
    own = [a or b for a, b in parameters_of(f.declaration)]
    item = re.compile(r'((?:%s)(?:, (?:%s))*): (.*)' % ('|'.join(h.LABELS), '|'.join(h.LABELS)))
    some = r'(?:%s)(?:, (?:%s))*' % ('|'.join(own), '|'.join(own)) if own else r'(?!)'
    about, params, labelled, now = [], [], {}, None
    now = about
    for line in lines:
        m, p = item.fullmatch(line), re.fullmatch(r'(%s): (.*)' % some, line)
        if m:
            now = labelled.setdefault(m.group(1), [])
            now.append(m.group(2))
        elif p:
            now = [p.group(2)]
            params.append((p.group(1), now))
        else:
            now.append(line)
    split = []
    for who, text in params:
        parts = re.split(r'(?<=[.;]) (%s): ' % some, '\n'.join(text))
        split.append((who, parts[0]))
        split += list(zip(parts[1::2], parts[2::2]))
    return '\n'.join(about), split, {k: '\n'.join(v) for k, v in labelled.items()}, h.dedent(example.strip('\n').split('\n')).strip('\n') if example else ''


def prose(text, own=()):
    return ''.join('<p>%s</p>\n' % sentence(p, names, own) for p in paragraphs(text.strip(), indent=3))


def many(found, what):
    """Links to functions or recipes; folded if they are many."""
    links = '<p class="many">%s</p>' % ', '.join('<code>%s</code>' % names.link(f) if f in names.identifiers else '<a href="%s">%s</a>' % (names.recipes[f], f) for f in found)
    return links if len(found) < 9 else '<details><summary>%d %s</summary>%s</details>' % (len(found), what, links)


def prototype(f):
    lines = f.declaration.split('\n')
    short = ' '.join(l.strip() for l in lines)
    if len(short) > 76:
        head, inside = short[:short.index('(') + 1], short[short.index('(') + 1:-1]
        parts = re.sub(r'(\([^()]*\)),|,', lambda m: m.group(1) + ',' if m.group(1) else ',\n   ', inside) if '(*' not in inside else ',\n    '.join(
            re.findall(r'(?:[^,(]|\([^)]*\))+', inside))
        short = head + '\n    ' + '\n'.join(l if n == 0 else '    ' + l.strip() for n, l in enumerate(parts.split('\n'))) + ')'
    return short + ';'


def function_html(f, callers):
    about, params, labelled, example = doc_comment(f)
    own = [p for p in (a or b for a, b in parameters_of(f.declaration)) if '_' in p or len(p) < 3 and p not in ('a', 'to')]
    out = '<section class="entry">\n' + heading(2, f.name, '<code>%s</code>' % f.name) + pre(c_code(prototype(f), names, f.name), 'prototype') + prose(about, own)
    rows = []
    if params:
        rows.append(('Parameters', '<dl class="params">%s</dl>' % ''.join(
            '<dt><code>%s</code></dt><dd>%s</dd>\n' % ('</code>, <code>'.join(who.split(', ')), prose(text, own)) for who, text in params)))
    for label, text in labelled.items():
        if label == 'Recipe':
            text = ', '.join('<a href="recipe-%s.html">%s</a>' % (r, r) for r in text.strip().split(', '))
            rows.append(('Recipe', '<p>%s</p>' % text))
        else:
            rows.append((label, prose(text, own)))
    others = [r for r in callers.get(f.name, []) if r not in labelled.get('Recipe', '').split(', ')]
    if others:
        rows.append(('Also in', many(others, 'recipes')))
    if rows:
        out += '<dl class="facts">\n%s</dl>\n' % ''.join('<dt>%s</dt><dd>%s</dd>\n' % row for row in rows)
    if example:
        out += '<p class="label">Example</p>\n' + pre(c_code(example, names, f.name))
    entry(f.name, 'function', names.identifiers[f.name], first_sentence(about), f.comment)
    return out + '</section>\n'


def functions_pages(parts, callers):
    shown = [(url, re.split(r' \(not|:', title)[0], title) for url, title, _, _ in parts]
    capital = lambda t: t.upper() if t == 'uri' else t[0].upper() + t[1:]
    index = '<h1>Functions</h1>\n' + ''.join('<p>%s</p>\n' % sentence(p, names) for p in paragraphs(h.dedent(
        re.search(r'>>api =+\n(.*?)\*/', h.api, re.S).group(1).split('\n')).strip()))
    side_index = []
    for n, (url, title, text, inside) in enumerate(parts):
        _, short, _ = shown[n]
        note = re.search(r'\(not with (\w+)\)', title)
        body = '<h1>%s</h1>\n' % capital(short)
        if ':' in title:
            body += '<p class="lead">%s.</p>\n' % sentence(capital(title.split(':', 1)[1].strip()), names)
        if note:
            body += '<p class="note">Not with %s.</p>\n' % sentence(note.group(1), names)
        if text:
            lines = h.dedent(text.split('\n')).strip('\n').split('\n')
            body += comment_html(lines, names, 3)
            entry(capital(short), 'section', url, first_sentence(lines[0]), text)
        body += ''.join(function_html(f, callers) for f in inside)
        side = [(u, capital(s), [('#' + f.name, '<code>%s</code>' % f.name, [], False) for f in inside] if u == url else [], u == url) for u, s, _ in shown]
        around = ((shown[n - 1][0], capital(shown[n - 1][1])) if n else None, (shown[n + 1][0], capital(shown[n + 1][1])) if n + 1 < len(shown) else None)
        page(url, capital(short), body, side, 'functions.html', around)
        anchor = url[4:-5]
        side_index.append(('#' + anchor, capital(short), [], False))
        index += '<h2 id="%s"><a href="%s">%s</a></h2>\n' % (anchor, url, capital(short))
        if inside:
            index += '<dl class="index">\n%s</dl>\n' % ''.join('<dt id="%s"><a href="%s"><code>%s</code></a></dt><dd>%s</dd>\n' % (
                f.name, names.identifiers[f.name], f.name, sentence(first_sentence(doc_comment(f)[0]), Names())) for f in inside)
        else:
            index += '<p>%s</p>\n' % sentence(first_sentence(text), names)
    page('functions.html', 'Functions', index, side_index)


# ---- types and macros

def member_rows(t):
    if t.kind == 'enum' and not any(m.comment for m in t.members):
        return '<ul class="values">%s</ul>\n' % ''.join('<li id="%s"><code>%s</code></li>\n' % (m.names[0], escape(m.declaration)) for m in t.members)
    rows = ''
    for m in t.members:
        ids = [n if t.kind == 'enum' else '%s.%s' % (t.name, n) for n in m.names]
        marks = ''.join('<span id="%s"></span>' % i for i in ids[1:])
        rows += '<dt id="%s">%s<code>%s</code></dt><dd>%s</dd>\n' % (ids[0], marks, c_code(m.declaration, names, m.names[0]), sentence(m.comment, names))
    return '<dl class="members">\n%s</dl>\n' % rows if rows else ''


def types_page():
    uses = {}
    for f in h.functions():
        for word in set(re.findall(r'edgefn_\w+', f.declaration)):
            uses.setdefault(word, []).append(f.name)
    options_at, api_at = h.header.index('/*=== >>options'), h.api_at
    groups = [('types', 'Strings, events, fields', []), ('options', 'Options of functions', []), ('results', 'Results and values of functions', [])]
    for t in h.types():
        groups[0 if t.at < options_at else 1 if t.at < api_at else 2][2].append(t)
    opening = re.search(r'>>options: (.*?) =+\*/', h.header).group(1)
    body, side = '<h1>Types and macros</h1>\n', []
    for anchor, title, inside in groups:
        body += heading(2, anchor, title)
        if anchor == 'options':
            body += '<p>%s.</p>\n' % sentence(opening[0].upper() + opening[1:], names)
        below = []
        for t in inside:
            first = t.name or t.members[0].names[0]
            title_html = '<code>%s</code>' % (t.name or first + ' …')
            key = t.name or first + '-values'
            below.append(('#' + key, title_html, [], False))
            body += '<section class="entry">\n' + heading(3, key, '%s <span class="kind">%s</span>' % (title_html, t.kind))
            body += prose('\n'.join(l.strip() for l in t.comment.strip().split('\n')))
            if t.name == 'edgefn_error':
                body += '<p>See <a href="errors.html">Errors</a>.</p>\n'
            body += member_rows(t)
            users = uses.get(t.name, []) if t.name not in ('edgefn_event', 'edgefn_str') else []
            if users:
                body += '<dl class="facts"><dt>Used by</dt><dd>%s</dd></dl>\n' % many(users, 'functions')
            body += '</section>\n'
            inside_of = [n for m in t.members for n in m.names] or ['EDGEFN_OK'] + ['EDGEFN_E_' + name for name, _ in h.errors()]
            entry(t.name or first + ' …', t.kind, 'types.html#' + key, first_sentence(t.comment) or ', '.join(inside_of),
                  t.comment + ' '.join(m.declaration + m.comment for m in t.members))
            for m in t.members:
                for n in m.names:
                    full = n if t.kind == 'enum' else '%s.%s' % (t.name, n)
                    if t.kind == 'enum' or m.comment:
                        entry(full, 'value' if t.kind == 'enum' else 'member', 'types.html#' + full, m.comment or t.name or first_sentence(t.comment) or ', '.join(inside_of))
        side.append(('#' + anchor, title, below, False))
    body += heading(2, 'macros', 'Macros')
    below = []
    body += '<dl class="members">\n'
    for name, text, value in h.macros():
        key = re.match(r'\w+', name).group(0)
        below.append(('#' + key, '<code>%s</code>' % key, [], False))
        body += '<dt id="%s"><code>%s</code></dt><dd>%s</dd>\n' % (key, escape(name, False), prose('\n'.join(l.strip() for l in text.split('\n'))) or '<p><code>%s</code></p>' % value)
        entry(key, 'macro', 'types.html#' + key, first_sentence(text) or value)
    side.append(('#macros', 'Macros', below, False))
    page('types.html', 'Types and macros', body + '</dl>\n', side)


# ---- errors

def errors_page():
    users = {}
    for f in h.functions():
        for code in dict.fromkeys(re.findall(r'EDGEFN_E_\w+', f.comment)):
            users.setdefault(code, []).append(f.name)
    about = re.search(r'   ERRORS\n(.*?)\n   [A-Z]', h.manual, re.S).group(1)
    body = '<h1>Errors</h1>\n' + comment_html(h.dedent(about.split('\n')).strip('\n').split('\n'), names, 7)
    side, fine = [], re.search(r'texts\[\] = "([^"\\]*)\\0" EDGEFN_ERROR_LIST', h.implementation).group(1)
    for name, text in [('OK', fine)] + list(h.errors()):
        code = 'EDGEFN_OK' if name == 'OK' else 'EDGEFN_E_' + name
        side.append(('#' + code, '<code>%s</code>' % code, [], False))
        body += '<section class="entry">\n' + heading(2, code, '<code>%s</code>' % code)
        body += '<p>%s.</p>\n' % sentence(text[0].upper() + text[1:], names)
        found = list(dict.fromkeys(users.get(code, []) + (users.get('EDGEFN_E_JSON_', []) if name.startswith('JSON_') else [])))
        if found:
            body += '<dl class="facts"><dt>Named by</dt><dd>%s</dd></dl>\n' % many(found, 'functions')
        entry(code, 'error', 'errors.html#' + code, text)
        body += '</section>\n'
    page('errors.html', 'Errors', body, side)


# ---- rules

def advice():
    text = read('examples/hosts/cli/advice.c')
    for m in re.finditer(r'\{ "([\w.-]+)",((?:\s*"(?:[^"\\]|\\.)*")+) \}', text):
        yield m.group(1), json.loads('"%s"' % ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(2))))


EVENT_TYPES = {'*': 'every event type', 'vreq': 'viewer-request', 'oreq': 'origin-request', 'ores': 'origin-response', 'vres': 'viewer-response'}


def headers_of_rules():
    """{rule: {event types: [header]}}: which headers a rule is about, by the table of what a function may do with a header."""
    found = {}
    for line in read('tests/data/policy.tsv').splitlines():
        columns = line.split('\t')
        if line.startswith('#') or len(columns) < 4 or columns[0] == 'dialect':
            continue
        kinds = columns[1].split(',')
        where = [EVENT_TYPES[kind.replace('-answer', '')] if not kind.endswith('-answer') else 'responses generated in ' + EVENT_TYPES[kind.replace('-answer', '')]
                 for kind in kinds if not (kind.endswith('-answer') and kind.replace('-answer', '') in kinds)]
        for rule in dict.fromkeys(cell.partition(':')[2] for cell in columns[3:] if ':' in cell):
            headers = found.setdefault(rule, {}).setdefault(', '.join(where), [])
            headers += [columns[2]] if columns[2] not in headers else []
    return found


def rules_page():
    rules = json.loads(subprocess.run(['build/edgefn', 'rules', '--json'], stdout=subprocess.PIPE, check=True).stdout)
    ids = [r['rule'] for r in rules]
    for rule in ids:
        names.rules[rule] = 'rules.html#' + rule
    fix = dict(advice())
    types = {t.name: t for t in h.types()}
    sure = types['edgefn_confidence']
    check = re.search(r'   CHECKING\n(.*?)\n   [A-Z]', h.manual, re.S).group(1)
    body = '<h1>Rules</h1>\n' + comment_html(h.dedent(check.split('\n')).strip('\n').split('\n'), names, 7) + prose('\n'.join(l.strip() for l in sure.comment.strip().split('\n')))
    levels = [m.names[0].rpartition('_')[2].lower() for m in sure.members]
    body += '<p>%d rules: %s.</p>\n' % (len(rules), ', '.join('%d <code><a href="types.html#%s">%s</a></code>' % (
        sum(r['confidence'] == level for r in rules), m.names[0], level) for level, m in zip(levels, sure.members)))
    body += playground_action('Check a result in the playground', '%s#check' % PLAYGROUND)
    groups, about = {}, headers_of_rules()
    for rule in rules:
        groups.setdefault(re.sub(r'^functions\.', '', rule['rule']).split('.')[0], []).append(rule)
    side = []
    for group, inside in groups.items():
        title = group[0].upper() + group[1:].replace('-', ' ')
        side.append(('#rules-' + group, title, [('#' + r['rule'], '<code>%s</code>' % r['rule'].replace('.', '.<wbr>'), [], False) for r in inside], False))
        body += heading(2, 'rules-' + group, title)
        for r in inside:
            rule = r['rule']
            doubtful = r['verdict'] != 'refused'
            body += '<section class="entry">\n' + heading(3, rule, '<code>%s</code> <span class="badge %s">%s</span>' % (rule.replace('.', '.<wbr>'), r['verdict'], r['verdict']))
            body += '<p>%s.</p>\n' % sentence(r['text'][0].upper() + r['text'][1:], names)
            if r['says']:
                words = escape(r['says'], False).replace('%n', '<var>name</var>').replace('%c', '<var>character</var>')
                body += '<blockquote><p>%s</p><p class="who">CloudFront</p></blockquote>\n' % words
            rows = [('What to do', sentence(text[0].upper() + text[1:], names) + '.') for text in [fix.get(rule) or fix.get(re.sub(r'^functions\.', '', rule))] if text]
            rows += [('Applies to', escape(r['events']))]
            if not doubtful:
                rows += [('Certainty', '%s; the viewer gets a %d' % (r['confidence'], r['status']))]
            if rule in about:
                rows += [('Headers', '<br>\n'.join('%s: %s' % (where, ', '.join('<code>%s</code>' % (name + '*' * name.endswith('-')) for name in sorted(headers))) for where, headers in about[rule].items()))]
            rows += [('Source', escape(r['source'], False))]
            twin = rule[10:] if rule.startswith('functions.') else 'functions.' + rule
            if twin in ids:
                rows.append(('Counterpart', '<a href="#%s"><code>%s</code></a>' % (twin, twin)))
            body += '<dl class="facts">\n%s</dl>\n</section>\n' % ''.join('<dt>%s</dt><dd><p>%s</p></dd>\n' % row for row in rows)
            entry(rule, 'rule', 'rules.html#' + rule, r['text'], ' '.join(str(v) for v in (r['says'], r['events'], r['source'], fix.get(rule, ''), r['confidence'], r['verdict'])))
    page('rules.html', 'Rules', body, side)


# ---- the cookbook

def recipe_groups():
    """(group, [(name, one line)]) as in examples/README.md."""
    groups = []
    for group, name, about in re.findall(r'^(?:\*\*(.*)\*\*|- \[`(\w+)`\]\(handlers/\w+\.c\): (.*))$', read('examples/README.md').split('## Several')[0], re.M):
        if group:
            groups.append((group, []))
        else:
            groups[-1][1].append((name, about))
    return groups


def cases_of(all_names):
    """{recipe: [(title, sample, run, result, event, options of run)]}, with the events that `edgefn sample` makes."""
    cases, script = {}, []
    for name in all_names:
        path = 'tests/recipes/%s.txt' % name
        if os.path.exists(path):
            found = [c.split('\n') for c in read(path).strip('\n').split('\n\n')]
        else: # no results are kept: an event of its type, for the playground
            event_type = re.search(r'(?:viewer|origin)-re(?:quest|sponse)', read('examples/handlers/%s.c' % name).partition('Events:')[2].partition('Change:')[0])
            found = [['', 'sample ' + (event_type.group(0) if event_type else 'viewer-request'), 'run', '']]
        cases[name] = found
        script += ['build/edgefn %s; printf "\\0"; printf "%%s\\1" %s; printf "\\0"' % (c[1], c[2][3:]) for c in found]
    # by standard input, because an argument has at most 128 KiB
    out = subprocess.run(['sh', '-e'], input='\n'.join(script).encode(), stdout=subprocess.PIPE, check=True).stdout.decode().split('\0')
    at = 0
    for name in all_names:
        rows = []
        for title, sample, run, result in cases[name]:
            rows.append((title[2:], sample, run, result, out[at].strip('\n'), [a for a in out[at + 1].split('\1') if a]))
            at += 2
        cases[name] = rows
    return cases


def playground_action(words, address):
    """A link to the playground; without one, how it is made."""
    if PLAYGROUND:
        return '<p><a class="action" href="%s">%s</a></p>\n' % (address, words)
    return '<p>%s: <code>make playground</code> makes <a href="host-browser.html">it</a> beside these pages, and links to it.</p>\n' % words


def playground_link(name, event, options):
    """The playground with a recipe, an event, and what the host provides: its fragment is the state, as JSON, packed."""
    state = {'t': 'run', 'n': name, 'e': json.dumps(json.loads(event), ensure_ascii=False, indent=2), 'k': '1767864000', 'd': '0.5', 'b': '000102030405060708090a0b0c0d0e0f'}
    tables, options = {}, list(options)
    while options:
        option, _, inside = options.pop(0).lstrip('-').partition('=')
        value = inside or (options.pop(0) if options else '')
        if option in ('now', 'random', 'random-bytes'):
            state[{'now': 'k', 'random': 'd', 'random-bytes': 'b'}[option]] = value
        else:
            table, key = value.split(':', 1) if option == 'table' else (option, value)
            key, _, held = key.partition('=')
            tables.setdefault(table, {})[key] = held
    if tables:
        state['v'] = tables
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(json.dumps(state, ensure_ascii=False).encode()) + packer.flush()
    return '%s#z=%s' % (PLAYGROUND, base64.urlsafe_b64encode(packed).decode().rstrip('='))


def received(event):
    """The part of an event that a function returns: its request or response; and whether it is a request."""
    event = json.loads(event)
    if 'Records' in event:
        event = event['Records'][0]['cf']
        request = event['config'].get('eventType', '').endswith('request')
    else:
        request = event['context'].get('eventType', '').endswith('request')
    return event['request' if request else 'response'], request


def flat(value):
    """{name: [texts]} of a request or response, as both dialects write them."""
    found = {}

    def put(name, text):
        found.setdefault(name, []).append(text)

    def fields(what, held):
        for name, entry_ in held.items():
            for one in entry_ if isinstance(entry_, list) else entry_.get('multiValue') or [entry_]:
                attributes = one.get('attributes') or ''
                put('%s %s' % (what, name), str(one.get('value', '')) + ('; ' + attributes if attributes else ''))

    for key, held in value.items():
        if key in ('headers', 'cookies'):
            fields(key[:-1], held)
        elif key == 'querystring' and isinstance(held, dict):
            put(key, '&'.join(n + '=' + o['value'] for n, e in held.items() for o in (e.get('multiValue') or [e])))
        elif key == 'origin':
            for kind, members in held.items():
                put('origin', kind)
                for member, text in members.items():
                    if member == 'customHeaders':
                        fields('origin header', text)
                    else:
                        put('origin ' + member, json.dumps(text) if not isinstance(text, str) else text)
        elif key == 'body' and isinstance(held, dict):
            for member, text in held.items():
                put('body ' + member if member != 'data' else 'body', text if isinstance(text, str) else json.dumps(text))
        else:
            put(key, held if isinstance(held, str) else json.dumps(held))
    return found


def cut(text):
    return escape(text if len(text) < 400 else text[:300] + ' … (%d characters)' % len(text), False) or '<span class="note">(empty)</span>'


def difference(before, after):
    """Rows of what differs."""
    rows = ''
    for name in list(after) + [n for n in before if n not in after]:
        old, new = before.get(name, []), after.get(name, [])
        if old == new:
            continue
        kind = 'added' if not old else 'removed' if not new else 'changed'
        parts = ''.join('<del>%s</del>' % cut(t) for t in old if t not in new) + ''.join('<ins>%s</ins>' % cut(t) for t in new if t not in old)
        rows += '<tr class="%s"><th scope="row">%s</th><td class="what">%s</td><td class="text">%s</td></tr>\n' % (kind, escape(name, False), kind, parts or 'other order')
    return '<div class="wide"><table class="difference">\n%s</table></div>\n' % rows if rows else '<p class="note">The same but for its form.</p>\n'


def answer_html(value):
    status = value.get('status', value.get('statusCode'))
    lines = ['<b>%s %s</b>' % (escape(str(status)), escape(str(value.get('statusDescription', ''))))]
    body = value.get('body')
    body = body.get('data', '') if isinstance(body, dict) else body
    for name, texts in flat({k: value[k] for k in ('headers', 'cookies') if k in value}).items():
        what, _, name = name.partition(' ')
        lines += ['<i class="macro">%s:</i> %s' % (escape(name if what == 'header' else 'set-cookie', False), cut(t if what == 'header' else name + '=' + t)) for t in texts]
    if body:
        lines += ['', escape(body if len(body) < 1500 else body[:1200] + ' …', False)]
    return pre('\n'.join(lines), 'answer')


def case_html(name, number, case):
    title, sample, run, result, event, options = case
    command = 'edgefn %s | edgefn run build/handlers/%s.so -%s' % (sample, name, run[3:])
    out = '<section class="case">\n' + heading(3, 'case-%d' % number, escape(title, False)) + '<pre class="command" tabindex="0"><code>%s</code></pre>\n' % escape(command if len(command) < 700 else command[:650] + ' …', False)
    value, request = received(event)
    if result == '= unchanged':
        out += '<p>Returned unchanged.</p>\n'
    elif result.startswith('!'):
        out += '<p>The event fails%s.</p>\n' % (' with <code>%s</code>' % names.link(result.split()[-1]) if result.split()[-1] in names.identifiers else '')
    elif result == 'null':
        out += '<p>Returns <code>null</code>.</p>\n'
    else:
        made = json.loads(result)
        if request and ('status' in made or 'statusCode' in made):
            out += '<p>Answers the request:</p>\n' + answer_html(made)
        else:
            out += difference(flat(value), flat(made))
        out += '<details><summary>The whole result</summary>\n%s</details>\n' % pre(json_code(json.dumps(made, indent=2, ensure_ascii=False)))
    if PLAYGROUND and '--auth' not in run:
        out += '<p class="try"><a href="%s">Run it</a></p>\n' % playground_link(name, event, options)
    return out + '</section>\n'


def samples():
    """{recipe: [(sample, what differs)]} of the table of samples that people know."""
    found, group = {}, ''
    for line in read('examples/samples.tsv').split('\n'):
        if line.startswith('## '):
            group = line[3:]
        elif line and not line.startswith('#'):
            title, recipes, differs = line.split('\t')
            for recipe in recipes.split():
                found.setdefault(recipe, []).append((title, group, differs))
    return found


def recipe_page(name, group, about, groups, cases, known, around):
    source = read('examples/handlers/%s.c' % name)
    comment = source[:source.index('*/')]
    first = re.match(r'/\* \S+ - (.*?)\n\n', comment, re.S)
    rest = comment[first.end():]
    text, *parts = re.split(r'^   (%s): ' % '|'.join(('Events', 'Change', 'Needs', 'Traps')), rest, flags=re.M)
    undent = lambda t: '\n'.join(l[3:] if l.startswith('   ') else l for l in t.rstrip().split('\n'))
    lead = re.sub(r'\s+', ' ', first.group(1)).strip()
    body = '<h1><code>%s</code></h1>\n<p class="lead">%s</p>\n' % (name, sentence(lead[0].upper() + lead[1:], names))
    body += comment_html(undent(text).strip('\n').split('\n'), names, 3)
    constants = set(re.findall(r'\b([a-z]\w*)(?:\[\])? =', source[len(comment):re.search(r'^bool ', source, re.M).start()]))
    body += '<dl class="facts">\n%s</dl>\n' % ''.join(
        '<dt>%s</dt><dd>%s</dd>\n' % (label, prose(undent(t), constants if label == 'Change' else ())) for label, t in zip(parts[::2], parts[1::2]))
    first_case = next(c for c in cases if '--auth' not in c[2])
    body += playground_action('Run it in the playground', playground_link(name, first_case[4], first_case[5]))
    used = [f for f in dict.fromkeys(re.findall(r'\bedgefn_\w+(?=\()', source[len(comment):])) if f in names.identifiers and f not in ('edgefn_handler',)]
    code = source[len(comment) + 2:].lstrip('\n')
    shutil.copy('examples/handlers/%s.c' % name, os.path.join(OUT, 'handlers'))
    body += heading(2, 'source', 'Source <a class="file" href="handlers/%s.c">%s.c</a>' % (name, name)) + pre(c_code(code, names))
    if used:
        body += '<dl class="facts"><dt>Calls</dt><dd><p class="many">%s</p></dd></dl>\n' % ', '.join('<code>%s</code>' % names.link(f) for f in used)
    own = [('#source', 'Source', [], False)]
    kept = [c for c in cases if c[0]]
    if known:
        body += heading(2, 'samples', 'Samples that you know')
        body += '<dl class="samples">\n%s</dl>\n' % ''.join('<dt>%s <span class="note">%s</span></dt><dd>%s</dd>\n' % (
            sentence(t, names), sentence(g, names), markdown(d, names, lambda u: None)[0] if d else '<p class="note">The results are the same.</p>') for t, g, d in known)
        own.append(('#samples', 'Samples that you know', [], False))
    if kept:
        body += heading(2, 'cases', 'Cases') + '<p class="note">%d events and what becomes of them, as the tests expect it.</p>\n' % len(kept)
        body += ''.join(case_html(name, n, c) for n, c in enumerate(kept, 1))
        own.append(('#cases', 'Cases', [], False))
    side = [('cookbook.html#' + slug(other), escape(other), [('recipe-%s.html' % n, '<code>%s</code>' % n, own if n == name else [], n == name) for n, _ in inside]
             if other == group else [], False) for other, inside in groups]
    entry(name, 'recipe', 'recipe-%s.html' % name, about, comment + ' ' + ' '.join(t for t, _, _ in known))
    page('recipe-%s.html' % name, name, body, side, 'cookbook.html', around)


def targets(where):
    """Returns the function that finds the page of a link in a file of that directory."""
    def find(url):
        path, _, anchor = url.partition('#')
        if not path:
            return '#' + anchor
        full = os.path.normpath(os.path.join(where, path))
        recipe = re.fullmatch(r'examples/handlers/(\w+)\.c', full)
        if recipe:
            return 'recipe-%s.html' % recipe.group(1)
        if re.fullmatch(r'examples/hosts/\w+', full) and full[15:] in hosts_named() and not os.path.exists(full + '/README.md'):
            return 'hosts.html#' + slug(hosts_named()[full[15:]] + full[15:])
        page_of = PAGES.get(full) or PAGES.get(os.path.join(full, 'README.md'))
        if page_of:
            return page_of + ('#' + anchor if anchor else '')
        if full.endswith('.svg'):
            shutil.copy(full, OUT)
            return os.path.basename(full)
        return None
    return find


PAGES = {'README.md': 'index.html', 'examples/README.md': 'cookbook.html', 'examples/hosts/README.md': 'hosts.html', 'bench/RESULTS.md': 'benchmark.html', 'edgefn.h': 'manual.html'}


def hosts_named():
    """{directory: heading} of examples/hosts/README.md."""
    return {name: heading_ for heading_, name in re.findall(r'^## (.*?: )`(\w+)`$', read('examples/hosts/README.md'), re.M)}


def host_pages():
    """The pages of hosts that have one of their own: the JavaScript package, the playground."""
    for name in sorted(os.listdir('examples/hosts')):
        path = 'examples/hosts/%s/README.md' % name
        if os.path.exists(path):
            PAGES[path] = 'host-%s.html' % name


def markdown_page(source, kind):
    url, text = PAGES[source], read(source)
    title = re.match(r'(?:<!--.*?-->\s*)?# (.*)', text, re.S).group(1).split('\n')[0]
    html, headings = markdown(text, names, targets(os.path.dirname(source)))
    strip = lambda t: re.sub(r'</?a\b[^>]*>', '', t)
    side = []
    for level, anchor, name in headings:
        item = ('#' + anchor, strip(name), [], False)
        if level == 2:
            side.append(item)
        elif level > 2 and side:
            side[-1][2].append(item)
    for m in re.finditer(r'^(#{2,4}) (.*)\n((?:(?!#{1,4} ).*\n?)*)', re.sub(r'^```.*?^```', '', text, flags=re.M | re.S), re.M):
        name, inside = re.sub(r'`', '', m.group(2)), re.sub(r'\]\([^)]*\)|[|*`!\[\]-]', ' ', m.group(3))
        entry(name, kind, '%s#%s' % (url, slug(m.group(2))), first_sentence(inside), inside)
    if source == 'examples/README.md': # groups of recipes are headings here
        html = re.sub(r'<p><strong>(.*?)</strong></p>', lambda m: heading(3, slug(m.group(1)), m.group(1)), html)
        for item in side:
            if item[0] == '#recipes':
                item[2].extend(('#' + slug(g), g, [], False) for g, _ in recipe_groups())
    html = re.sub(r'<h1 id="[^"]*">(.*?) <a class="self".*?</a></h1>', r'<h1>\1</h1>', html, flags=re.S)
    return url, title, html, side


def documents():
    for source in list(PAGES):
        if source == 'edgefn.h':
            continue
        url, title, html, side = markdown_page(source, {'README.md': 'overview', 'examples/README.md': 'cookbook', 'bench/RESULTS.md': 'benchmark'}.get(source, 'host'))
        shown = {'examples/README.md': 'Cookbook', 'bench/RESULTS.md': 'Benchmark'}.get(source)
        if shown:
            html = re.sub(r'<h1>.*?</h1>', '<h1>%s</h1>' % shown, html, count=1)
        if source.startswith('examples/hosts/') and source != 'examples/hosts/README.md':
            own = os.path.basename(os.path.dirname(source))
            side = [('hosts.html', 'Hosts', [], False)] + side
            shown = hosts_named()[own].rstrip(': ') if own in hosts_named() else title
            html = re.sub(r'<h1>.*?</h1>', lambda m: '<h1>%s</h1>' % escape(shown), html, count=1)
            page(url, shown, html, side, 'hosts.html')
        else:
            page(url, shown or title, html, side)


def search_page():
    body = ('<h1>Search</h1>\n<div id="found"><p>Names, words, rules and recipes. Without JavaScript: <a href="functions.html">functions</a>, '
            '<a href="types.html">types</a>, <a href="errors.html">errors</a>, <a href="rules.html">rules</a>, <a href="cookbook.html">recipes</a>.</p></div>\n')
    page('search.html', 'Search', body, [])
    rows = {}
    for row in entries:
        for word in row[4].split():
            rows[word] = rows.get(word, 0) + 1
    for row in entries: # words that are everywhere find nothing
        row[4] = ' '.join(w for w in row[4].split() if rows[w] < len(entries) / 8)
    with open(os.path.join(OUT, 'index.js'), 'w', encoding='utf-8') as f:
        f.write('var EDGEFN_INDEX = [\n%s\n];\nif (typeof module !== "undefined") module.exports = EDGEFN_INDEX;\n' % ',\n'.join(
            json.dumps(e, ensure_ascii=False, separators=(',', ':')) for e in entries))


def main():
    os.makedirs(os.path.join(OUT, 'handlers'), exist_ok=True)
    host_pages()
    parts, groups = collect(), recipe_groups()
    every = [(name, group, about) for group, inside in groups for name, about in inside]
    callers = {}
    for name, _, _ in every:
        names.recipes[name] = 'recipe-%s.html' % name
        source = read('examples/handlers/%s.c' % name)
        for f in set(re.findall(r'\bedgefn_\w+(?=\()', source[source.index('*/'):])):
            callers.setdefault(f, []).append(name)
    names.files.update({'examples/handlers/': 'cookbook.html', 'examples/README.md': 'cookbook.html', 'edgefn.h': 'manual.html', 'examples/hosts/': 'hosts.html'})
    manual_page()
    functions_pages(parts, callers)
    types_page()
    errors_page()
    rules_page()
    cases, known = cases_of([name for name, _, _ in every]), samples()
    for n, (name, group, about) in enumerate(every):
        around = [('recipe-%s.html' % every[k][0], every[k][0]) if 0 <= k < len(every) else None for k in (n - 1, n + 1)]
        recipe_page(name, group, about, groups, cases[name], known.get(name, []), around)
    documents()
    search_page()
    for name in ('page.css', 'search.js'):
        shutil.copy(os.path.join(HERE, name), OUT)
    for old in os.listdir(OUT):
        if old.endswith('.html') and old not in written:
            os.remove(os.path.join(OUT, old))
    size = sum(os.path.getsize(os.path.join(top, f)) for top, _, files in os.walk(OUT) for f in files)
    print('%s/index.html: %d pages, %d KB' % (OUT, len(written), size / 1024))


if __name__ == '__main__':
    main()
