"""HTML of C code, of the text in comments, and of Markdown as the pages of this project write it. Used by pages.py."""
import re
from html import escape

KEYWORDS = set('''auto bool break case char const continue default do double else enum extern false float for goto if inline int int64_t long NULL return
    short signed size_t sizeof static struct switch true typedef uint16_t uint32_t uint64_t uint8_t union unsigned void while'''.split())
TOKEN = re.compile(r'''(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<macro>^[ ]*\#[ ]*\w+)'''
                   r'''|(?P<number>\b\d[\w.]*)|(?P<word>[A-Za-z_]\w*)''', re.M | re.S)


class Names:
    """Where the names are explained: an address for each identifier, recipe, rule and file."""

    def __init__(self):
        self.identifiers, self.recipes, self.rules, self.files, self.tags = {}, {}, {}, {}, {}

    def link(self, name, text=None):
        url = self.identifiers.get(name)
        return '<a href="%s">%s</a>' % (url, text or name) if url else text or name


def c_code(text, names, here=None):
    """C with comments, strings and keywords marked, and every public name linked, except the one that is explained here."""
    out, at = [], 0
    for m in TOKEN.finditer(text):
        out.append(escape(text[at:m.start()], False))
        found, kind = escape(m.group(0), False), m.lastgroup
        if kind == 'word':
            found = '<b>%s</b>' % found if found in KEYWORDS else found if found == here else names.link(found)
        else:
            found = '<i class="%s">%s</i>' % (kind, found)
        out.append(found)
        at = m.end()
    return ''.join(out) + escape(text[at:], False)


def shell_code(text, width=88):
    """Commands with their comments marked. Comments that would end beyond the page's width are put above their commands."""
    lines = text.split('\n')
    if max(map(len, lines)) > width:
        apart = []
        for line in lines:
            m = re.fullmatch(r'(\S.*?) {2,}(# .*)', line)
            apart += ['', m.group(2), m.group(1)] if m else [line]
        text = '\n'.join(apart).strip('\n')
    return re.sub(r'(?m)(^|\s)(#(?!\d).*)$', r'\1<i class="comment">\2</i>', escape(text, False))


def json_code(text):
    text = escape(text, False)
    return re.sub(r'("(?:\\.|[^"\\\n])*")(\s*:)?', lambda m: '<b>%s</b>%s' % (m.group(1), m.group(2)) if m.group(2) else '<i class="string">%s</i>' % m.group(1), text)


def pre(html, kind='code'):
    return '<pre class="%s" tabindex="0"><code>%s</code></pre>\n' % (kind, html.rstrip('\n'))


# ---- sentences in comments

WORD = re.compile(r'''(?P<call>\bEDGEFN_\w+_\*|\b(?:edgefn|edgehost|EDGEFN)_\w*\w(?:\((?:ev)?\))?(?:\.\w+)*)|(?P<part>(?<![\w.])_[A-Za-z]\w*(?:\(\))?)|(?P<path>(?:&amp;)?\b[a-z]\w*-&gt;\w+(?:(?:\.|-&gt;)\w+)*)'''
                  r'''|(?P<member>(?<![\w.&;)])\.[a-z_]\w+\b)|(?P<tag>&gt;&gt;(?:api, fields|\w+))|(?P<option>(?<![\w-])--[a-z][\w-]*)''')


def sentence(text, names, own=()):
    """Text of a comment: names become links, members, options and the words of `own` code."""
    def one(m):
        found = m.group(0)
        if m.lastgroup == 'tag':
            url = names.tags.get(found[8:])
            return '<a href="%s">%s</a>' % (url, found[8:].replace('api, ', '')) if url else found
        if m.lastgroup == 'call':
            name, _, member = found.partition('.')
            bare_name = name.partition('(')[0].rstrip('*')
            if member and '%s.%s' % (bare_name, member) in names.identifiers:
                return '<code>%s</code>' % names.link('%s.%s' % (bare_name, member), found)
            if bare_name in names.identifiers:
                return '<code>%s%s</code>' % (names.link(bare_name, name), '.' + member if member else '')
        return '<code>%s</code>' % found
    text = WORD.sub(one, escape(re.sub(r'\s+', ' ', text).strip(), False))
    if own:
        pieces = re.split(r'(<code>.*?</code>|&\w+;)', text)
        mark = re.compile(r'(?<![\w.$-])(%s)(?![\w-]|\.\w|\'\w)' % '|'.join(sorted(own, key=len, reverse=True)))
        text = ''.join(p if n % 2 else mark.sub(r'<code>\1</code>', p) for n, p in enumerate(pieces))
    return text


def paragraphs(text, width=100, indent=3):
    """Splits filled text where a line was ended early: the next word would have fitted."""
    found = []
    for line in text.split('\n'):
        word = line.split(' ', 1)[0] if line else ''
        if found and not (re.search(r'[.:]$', last) and indent + len(last) + 1 + len(word) < width):
            found[-1] += ' ' + line
        else:
            found.append(line)
        last = line
    return [p for p in found if p.strip()]


def gaps(line):
    """The columns that begin after two or more spaces inside of a line."""
    return [m.end() for m in re.finditer(r'(?<=\S) {2,}(?=\S)', line)]


def table_at(lines, start):
    """(rows, end) of a table of columns that begins at a line, or None: the next lines have text in the same columns."""
    columns = gaps(lines[start])
    if not columns or re.search(r'[.,;] {2,}', lines[start]) and len(columns) > 1:
        return None
    def cells(line):
        ends = columns + [len(line) + 1]
        return [line[a:b].strip() for a, b in zip([0] + columns, ends)]
    def fits(line):
        first = columns[0]
        if not line.strip() or line[:2] == '  ' and len(line) - len(line.lstrip()) < first:
            return False
        return (len(line) <= first and len(line.split()) < 6) or line[first - 1:first + 1][:1] == ' ' and line[first:first + 1] != ' ' \
            and (line[first - 2] == ' ' or re.search(r'[_(]', line[:first])) or not line[:first].strip()
    rows, end = [cells(lines[start])], start + 1
    while end < len(lines) and fits(lines[end]):
        row = cells(lines[end])
        if not row[0] or (not any(row[1:]) and not any(r for r in rows[-1][1:] if not r)) and len(columns) == 1 and row[0][0].islower() and ' ' in row[0]:
            rows[-1] = [(a + '\n' + b).strip() for a, b in zip(rows[-1], row)]
        else:
            rows.append(row)
        end += 1
    return (rows, end) if end - start > 1 else None


def table(rows, names, head=False):
    out = ['<div class="wide"><table%s>\n' % ('' if head else ' class="pairs"')]
    for n, row in enumerate(rows):
        cell = 'th' if head and n == 0 else 'td'
        out.append('<tr>%s</tr>\n' % ''.join('<%s>%s</%s>' % (cell, '<br>'.join(sentence(t, names) for t in re.split(r'\n(?=[a-z ]+: )', text)), cell) for text in row))
    return ''.join(out) + '</table></div>\n'


def is_c(lines):
    return any(re.search(r'[;{}]$|^#', l.rstrip()) for l in lines if l.strip() and not l.strip().startswith('//'))


def comment_html(lines, names, indent, code=c_code):
    """HTML of a comment's lines, without their indentation; indent: how deep they were."""
    out, i = [], 0
    while i < len(lines):
        if not lines[i].strip():
            i += 1
            continue
        deep = len(lines[i]) - len(lines[i].lstrip())
        if deep:
            j = i
            while j < len(lines) and (not lines[j].strip() or lines[j].startswith(' ')):
                j += 1
            block = [l[deep:] if l[:deep].strip() == '' else l.lstrip() for l in lines[i:j]]
            while block and not block[-1].strip():
                block.pop()
            rows = table_at(block, 0) if not re.search(r'[;{]', block[0]) else None
            out.append(pre(code('\n'.join(block), names)) if is_c(block) and not (rows and rows[1] == len(block)) else '<div class="inset">%s</div>\n' % comment_html(block, names, indent + deep, code))
            i = j
            continue
        found = table_at(lines, i)
        if found:
            rows, i = found
            out.append(table(rows, names, head=len(rows[0]) > 2))
            continue
        j = i
        while j < len(lines) and lines[j].strip() and not lines[j].startswith(' ') and (j == i or not table_at(lines, j)):
            j += 1
        out += ['<p>%s</p>\n' % sentence(p, names) for p in paragraphs('\n'.join(lines[i:j]), indent=indent)]
        i = j
    return ''.join(out)


# ---- Markdown

def slug(text):
    """The anchor that GitHub makes of a heading."""
    return re.sub(r' ', '-', re.sub(r'[^\w\- ]', '', re.sub(r'[`*]', '', text).strip().lower()))


def span(text, names, target):
    """The inside of a paragraph. target: returns the address of a link, or None to leave only its text."""
    kept = []

    def keep(html):
        kept.append(html)
        return '\0%d\0' % (len(kept) - 1)

    def code(m):
        found = m.group(1)
        url = names.identifiers.get(found.partition('(')[0]) or names.recipes.get(found) or names.rules.get(found) or names.files.get(found)
        html = '<code%s>%s</code>' % (' class="long"' if len(found) > 28 else '', escape(found, False))
        return keep('<a href="%s">%s</a>' % (url, html) if url else html)

    def link(m):
        url = target(m.group(2))
        return '<a href="%s">%s</a>' % (escape(url), re.sub(r'\0(\d+)\0', lambda k: re.sub(r'</?a\b[^>]*>', '', kept[int(k.group(1))]), m.group(1))) if url else m.group(1)

    text = escape(text, False)
    text = re.sub(r'`([^`]+)`', lambda m: code(re.match(r'(.*)', m.group(1).replace('&amp;', '&').replace('&lt;', '<').replace('&gt;', '>'), re.S)), text)
    text = re.sub(r'!\[([^\]]*)\]\(([^)]+)\)', lambda m: keep('<img src="%s" alt="%s">' % (target(m.group(2)) or m.group(2), escape(m.group(1)))), text)
    text = re.sub(r'\[([^\]]*)\]\(([^)]+)\)', link, text)
    text = re.sub(r'(?<!["=])\bhttps?://[^\s<>)]*[\w/]', lambda m: keep('<code>%s</code>' % m.group(0)), text)
    text = re.sub(r'\*\*([^*]+)\*\*', r'<strong>\1</strong>', text)
    text = re.sub(r'(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])', r'<em>\1</em>', text)
    while '\0' in text:
        text = re.sub(r'\0(\d+)\0', lambda m: kept[int(m.group(1))], text)
    return text


def markdown(text, names, target, shift=0):
    """(html, headings): headings are (level, anchor, html). shift: how many levels deeper."""
    text = re.sub(r'<!--.*?-->', '', text, flags=re.S)
    lines, out, headings, i = text.split('\n'), [], [], 0
    inline = lambda s: span(s, names, target)
    while i < len(lines):
        line = lines[i]
        fence = re.match(r'```(\w*)$', line)
        if fence:
            j = lines.index('```', i + 1)
            body = '\n'.join(lines[i + 1:j])
            paint = {'c': lambda t: c_code(t, names), 'sh': shell_code, 'json': json_code, 'js': lambda t: c_code(t, Names()), 'ts': lambda t: c_code(t, Names())}.get(fence.group(1), lambda t: escape(t, False))
            out.append(pre(paint(body)))
            i = j + 1
        elif re.match(r'#{1,5} ', line):
            level, title = len(line.split(' ')[0]) + shift, line.split(' ', 1)[1]
            anchor = slug(title)
            headings.append((level, anchor, inline(title)))
            out.append(heading(level, anchor, re.sub(r'</?a\b[^>]*>', '', inline(title))))
            i += 1
        elif line.startswith('|'):
            j = i
            while j < len(lines) and lines[j].startswith('|'):
                j += 1
            rows = [[c.strip() for c in re.split(r'(?<!\\)\|', l.strip()[1:-1])] for l in lines[i:j]]
            out.append(markdown_table(rows, inline))
            i = j
        elif re.match(r'(- |\d+\. )', line):
            kind, j, items = ('ul' if line[0] == '-' else 'ol'), i, []
            while j < len(lines) and (re.match(r'(- |\d+\. )', lines[j]) or lines[j].startswith('  ') or not lines[j].strip() and j + 1 < len(lines)
                                      and lines[j + 1].startswith(('  ', '- '))):
                m = re.match(r'(?:- |\d+\. )(.*)', lines[j])
                if m:
                    items.append([m.group(1)])
                elif lines[j].strip() or items[-1][-1]:
                    items[-1].append(lines[j])
                j += 1
            named = [re.fullmatch(r'((?:\[`[^`]+`\]\([^)]*\)|`edgefn [^`]+`)): (.*)', ' '.join(l.strip() for l in item), re.S) for item in items]
            if all(named):
                out.append('<dl class="index">\n%s</dl>\n' % ''.join('<dt>%s</dt><dd>%s</dd>\n' % (inline(m.group(1)), inline(m.group(2))) for m in named))
            else:
                out.append('<%s>\n' % kind + ''.join('<li>%s</li>\n' % item_html(item, names, target, inline) for item in items) + '</%s>\n' % kind)
            i = j
        elif line.startswith('    '):
            j = i
            while j < len(lines) and (lines[j].startswith('    ') or not lines[j].strip()):
                j += 1
            out.append(pre(shell_code('\n'.join(l[4:] for l in lines[i:j]).rstrip())))
            i = j
        elif line.strip():
            j = i
            while j < len(lines) and lines[j].strip() and (j == i or not re.match(r'#|\||- |\d+\. |```', lines[j])):
                j += 1
            body = inline(' '.join(l.strip() for l in lines[i:j]))
            picture = re.fullmatch(r'<img src="([^"]*)"[^>]*>', body)
            out.append('<figure><a href="%s">%s</a></figure>\n' % (picture.group(1), body) if picture else '<p>%s</p>\n' % body)
            i = j
        else:
            i += 1
    return ''.join(out), headings


def item_html(item, names, target, inline):
    """An item of a list; it may have blocks below its text."""
    text = [item[0]]
    rest = item[1:]
    while rest and rest[0].strip() and not rest[0].strip().startswith(('- ', '```')):
        text.append(rest.pop(0).strip())
    html = inline(' '.join(text))
    if any(l.strip() for l in rest):
        depth = min(len(l) - len(l.lstrip()) for l in rest if l.strip())
        html += '\n' + markdown('\n'.join(l[depth:] for l in rest), names, target)[0]
    return html


def markdown_table(rows, inline):
    head, body = rows[0], rows[2:]
    numbers = [bool(body) and all(re.fullmatch(r'[-\d., ×%]*\d[-\d., ×%]*(?: \([\d. to]+\))?|–|', r[n] if n < len(r) else '') for r in body) for n in range(len(head))]
    kind = lambda n: ' class="number"' if numbers[n] else ''
    out = '<div class="wide"><table>\n'
    if any(head):
        out += '<thead><tr>%s</tr></thead>\n' % ''.join('<th%s>%s</th>' % (kind(n), inline(c)) if c else '<td></td>' for n, c in enumerate(head))
    out += '<tbody>\n' + ''.join('<tr>%s</tr>\n' % ''.join('<td%s>%s</td>' % (kind(n), inline(c.replace('\\|', '|'))) for n, c in enumerate(r[:len(head)])) for r in body)
    return out + '</tbody></table></div>\n'


def heading(level, anchor, html):
    """A heading that links to itself."""
    return '<h%d id="%s">%s <a class="self" href="#%s" aria-label="Link to this section">#</a></h%d>\n' % (level, anchor, html, anchor, level)
