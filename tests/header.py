"""Reads edgefn.h: the manual, functions, types, macros and errors with their comments. Used by tests/docs.py, which checks them, and by
tests/site/pages.py, which makes the reference site of them. Started in the top directory."""
import re
from collections import namedtuple

# The labels of a doc comment must be in this order; labels with the same number may be in any order.
LABELS = {'Returns': 0, 'Fails': 1, 'Memory': 1, 'Time': 1, 'Events': 2, 'Source': 3, 'Recipe': 4, 'Example': 5}
END_OF_INTERFACE = 'End of the interface.'


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


header = read('edgefn.h')
lines = header.split('\n')
interface, _, implementation = header.partition(END_OF_INTERFACE)
api_at = interface.index('/*=== >>api')
api = interface[api_at:]
manual = header[:header.index('*/')]


def line_of(offset):
    return header.count('\n', 0, offset) + 1


def dedent(block):
    block = [l.rstrip() for l in block]
    depth = min((len(l) - len(l.lstrip()) for l in block if l.strip()), default=0)
    return '\n'.join(l[depth:] for l in block) + '\n'


def bare(text):
    """Returns the text with comments and strings replaced by spaces; its length stays the same."""
    def blank(m):
        found = m.group(0)
        if found[0] == '/':
            return re.sub(r'[^\n]', ' ', found)
        return found[0] + ' ' * (len(found) - 2) + found[-1]
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


# ---- examples

def doc_examples():
    """(line, code) of each Example: in a comment of >>api."""
    for m in re.finditer(r'/\*(?:(?!\*/).)*?\bExample:(.*?)\*/', api, re.S):
        yield line_of(api_at + m.start(1)), dedent(m.group(1).lstrip('\n').split('\n'))


def is_file(code):
    return re.search(r'^[a-z].*\)\s*\n?\{', code, re.M) is not None


def has_handler(code):
    return re.search(r'\bbool edgefn_handler\s*\([^)]*\)\s*\{', code) is not None


def manual_programs():
    """(line, code) of each indented complete file in the manual."""
    text = manual.split('\n')
    i = 0
    while i < len(text):
        if re.match(r'\s+#\s*(include|define)\b', text[i]):
            depth = len(text[i]) - len(text[i].lstrip())
            j = i
            while j < len(text) and (not text[j].strip() or len(text[j]) - len(text[j].lstrip()) >= depth):
                j += 1
            code = dedent(text[i:j]).rstrip() + '\n'
            if re.search(r'\bmain\s*\(', code) or has_handler(code):
                yield i + 1, code
            i = j
        else:
            i += 1


# ---- functions

def declarations(text):
    return re.findall(r'^EDGEFN_(?:API|EXPORT)\b[^;{(]*?\b(edgefn_\w+)\s*\([^;{]*\)\s*;', text, re.M)


def definitions(text):
    return re.findall(r'^EDGEFN_API\b[^;{(]*?\b(edgefn_\w+)\s*\([^;{]*\)\s*\{', text, re.M)


Function = namedtuple('Function', 'name declaration comment at')


def functions():
    """Functions with a doc comment right above them. declaration: as in the header, without its first word and ';'. at: offset in api."""
    for m in re.finditer(r'/\*((?:(?!\*/).)*)\*/\nEDGEFN_(?:API|EXPORT|_INLINE_API) ([^;{(]*?\b(edgefn_\w+)\s*\([^;{]*\))\s*(?:;|\n\{)', api, re.S):
        yield Function(m.group(3), m.group(2), m.group(1), m.start())


def labels(comment):
    """The labels of a doc comment in their order."""
    for group in re.findall(r'\b((?:%s)(?:, (?:%s))*):' % ('|'.join(LABELS), '|'.join(LABELS)), comment):
        yield from group.split(', ')


def recipes(comment):
    """The recipes that a doc comment names."""
    for names in re.findall(r'^ *Recipe: (.*?)(?: \*/)?$', comment + '\n', re.M):
        yield from names.strip().split(', ')


def sections():
    """(offset in api, heading, text below it) of the parts of >>api."""
    for m in re.finditer(r'^/\*--- (.*?) ?-+(?:\*/$|\n(.*?)\*/)', api, re.M | re.S):
        yield m.start(), m.group(1), (m.group(2) or '').rstrip()


# ---- errors, types, macros

def errors():
    """(name without EDGEFN_E_, text) of each error."""
    block = header[header.index('#define EDGEFN_ERROR_LIST(X)'):]
    block = block[:block.index('typedef')].replace('\\\n', '\n')
    for m in re.finditer(r'\bX\((\w+),((?:\s*"(?:[^"\\]|\\.)*")+)\)', block):
        yield m.group(1), ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(2)))


def comment_above(text, at):
    """The comment that ends on the line above an offset, or ''."""
    above = text[:at]
    if not re.search(r'\*/\n *$', above) or above.rstrip().endswith('===*/') or above.rstrip().endswith('---*/'):
        return ''
    return above[above.rindex('/*') + 2:above.rindex('*/')]


Type = namedtuple('Type', 'name kind comment members at')
Member = namedtuple('Member', 'names declaration comment')


def declared_names(declaration, kind):
    if kind == 'enum':
        return re.findall(r'^\w+', declaration)
    pointer = re.findall(r'\(\*(\w+)\)', declaration)
    return pointer[:1] or [re.findall(r'(\w+)(?:\[[^\]]*\])?$', part.strip())[0] for part in declaration.split(',')]


def members(body, kind):
    """(members, comment before the first one) of a struct or enum. A comment belongs to the member before it on its line, else to the next."""
    code, places = bare(body), []
    for m in re.finditer(r'[^;]+' if kind == 'struct' else r'[^,]+', code):
        if m.group(0).strip():
            places.append((m.start() + len(m.group(0)) - len(m.group(0).lstrip()), m.group(0)))
    found, first = {}, ''
    for m in re.finditer(r'/\*(.*?)\*/', body, re.S):
        beside = body[body.rfind('\n', 0, m.start()) + 1:m.start()].strip() or '\n' not in body[:m.start()]
        before = [at for at, _ in places if at < m.start()]
        after = [at for at, _ in places if at > m.start()]
        if beside and not before:
            first = m.group(1)
        else:
            at = before[-1] if beside or not after else after[0]
            found[at] = (found[at] + '\n' if at in found else '') + m.group(1)
    rows = []
    for at, text in places:
        declaration = re.sub(r'\s+', ' ', text).strip()
        names = [n for n in declared_names(declaration, kind) if not n.startswith('_')]
        if names:
            rows.append(Member(names, declaration, found.get(at, '')))
    return rows, first


def types():
    """Structs and enums of the interface; those without a name have ''. at: offset in the header."""
    code = bare(interface)
    pattern = r'typedef (struct|enum) (\w+)\s*\{([^{}]*)\} \w+;|^(struct) (edgefn_\w+) \{([^{}]*)\};|^(enum)()\s*\{([^{}]*)\};'
    for m in re.finditer(pattern, code, re.M):
        kind, name, _ = [g for g in m.groups() if g is not None]
        start = next(i for i in (3, 6, 9) if m.group(i) is not None)
        if name.startswith('edgefn__'):
            continue
        rows, first = ([], '') if name == 'edgefn_error' else members(interface[m.start(start):m.end(start)], kind)
        yield Type(name, kind, comment_above(interface, m.start()) or first, rows, m.start())


def macros():
    """(name with its parameters, text) of each documented macro, and (name, value) of the others, with text None for the value."""
    done = set()
    for m in re.finditer(r'/\*((?:(?!\*/).)*)\*/\n#\s*(?:define (EDGEFN_[A-Z]\w*)|ifdef)', interface[:api_at], re.S):
        entries = re.split(r'^ *(EDGEFN_[A-Z_]+(?:\([^)]*\))?): ', m.group(1), flags=re.M)
        if len(entries) > 1:
            for name, text in zip(entries[1::2], entries[2::2]):
                done.add(re.match(r'\w+', name).group(0))
                yield name, text, None
        elif m.group(2) and m.group(2) != 'EDGEFN_ERROR_LIST' and not m.group(2).startswith('EDGEFN_EXPORT'):
            done.add(m.group(2))
            yield m.group(2), m.group(1), None
    for name, value in re.findall(r'^#\s*define (EDGEFN_[A-Z]\w*) +(\S+)$', interface[:api_at], re.M):
        if name not in done and not name.startswith(('EDGEFN_API', 'EDGEFN_EXPORT')):
            done.add(name)
            yield name, '', value
