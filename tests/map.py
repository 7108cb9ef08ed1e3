#!/usr/bin/env python3
"""Writes examples/README.md, the index of the examples: `make map`, or python3 tests/map.py. --check compares, and exits with 1
if it differs. The lines come from the files themselves: a recipe's first comment, a host's section in examples/hosts/README.md, a
command's help. Only the topics of the recipes are listed here. The table of samples is made from examples/samples.tsv."""
import os
import re
import sys

MAP = 'examples/README.md'
SAMPLES = 'examples/samples.tsv'
TOPICS = [
    ('Redirects and addresses', 'redirect_https redirect_map country_redirect app_download canonical_link rewrite_location'),
    ('Paths and origins', 'index_pages rewrite_prefix segment_table seo_routes language_path language_by_region path_by_device '
     'image_by_accept image_by_cookie image_by_density small_images_for_bots versioned_assets precompressed '
     'header_from_query move_to_s3 gradual_bucket sign_origin body_hash client_address path_by_country '
     'origin_by_country s3_by_country origin_custom_to_s3 origin_s3_to_custom origin_secret origin_failover_header'),
    ('Caching', 'cache_key few_cookies device_key cache_control_by_path cache_safety retry_later'),
    ('Variants', 'ab_test ab_sticky rollout weighted_by_table'),
    ('Signing in', 'basic_auth jwt_sign_in sign_in_elsewhere confirm_elsewhere oauth_start issue_session session_cookie '
     'tracking_cookie sign_out signed_link image_links'),
    ('Protection', 'allow_networks block_bots hotlink_guard upload_guard form_guard form_fields modify_form read_form '
     'graphql_guard harden_cookies request_filter'),
    ('Responses', 'security_headers add_security_headers headers_from_table tidy_response cors_preflight error_to_static_page '
     'maintenance maintenance_page recorded_answer robots_txt plan_b error_page security_txt json_api '
     'override_response_header cors_wildcard'),
    ('To begin with', 'pass'),
]

READING = """Each begins with a comment in four parts. *Events*: the triggers to attach it to. *Change*: the constants to set for your site; copy the file to
`mine/` first. *Needs*: settings of the behaviour, files at the origin, and what the host provides. *Traps*: what goes wrong otherwise.

The host provides the clock, random numbers, look-up tables and secrets. To try a recipe, they are options of `edgefn run` (`--now`, `--kv`,
`--secret`, `--table`). In Lambda@Edge the tables are a file in the zip: `make lambda-edge HANDLER=signed_link CONFIG=tables.json`, with
`{"secret": {"link": "..."}}` in `tables.json`. Changing that file is a deployment, too; [hosts](hosts/README.md) says where a table can be a
service instead."""

CHAINS = """## Several recipes in one function

CloudFront runs one function per trigger. A chain makes one handler of several, in the order in which they are named: recipes, files of
your own, or both. Every `make` target that takes `HANDLER=` takes a chain:

```sh
make handler HANDLER="redirect_https+cache_key"          # builds build/own/redirect_https+cache_key.so
make lambda-edge HANDLER="jwt_sign_in+mine/my.c+index_pages"
```

The next handler runs unless the one before failed or answered the request (set `ev->response.status`). It sees the event as the one
before left it. In response events there is nothing to answer: all of them run, unless one fails. Any handlers can be chained this way,
because each is compiled on its own. To change a recipe's constants, copy it to `mine/` and name the copy: `mine/cache_key.c`.

The order:

1. Guards first (`request_filter`, `allow_networks`, `basic_auth`, `jwt_sign_in`, ...): they must see the path that the viewer sent, before
   another recipe rewrites it, and what comes before a guard is done for everybody.
2. Then redirects and other answers (`redirect_map`, `index_pages`, `robots_txt`): an answer ends the chain. `redirect_https` may come first:
   it shows nothing of the site.
3. Then what rewrites the path, the query or the origin (`cache_key`, `language_path`, `origin_by_country`).
4. Headers last: request headers for the origin (`client_address`, `origin_secret`), and in response events `security_headers` and
   `harden_cookies` after recipes that replace the response or its cookies. `sign_origin` and `body_hash` sign what the origin gets: after
   everything else.

A guard protects what comes through CloudFront, in the behaviours that it is attached to. Attach it to each behaviour that leads to the
guarded files, and let the origin refuse everybody but CloudFront: with origin access control, or with `origin_secret`.

Of two recipes that remove a header and set it, the one that only removes it comes first: `oauth_start` before `jwt_sign_in`. Recipes for
different event types can be chained in any order: each returns events of other types unchanged. A chain is one function: attach it to every
trigger that one of its recipes needs. Each recipe then runs at all of these triggers, so read the *Events* and *Traps* of each: at
Lambda@Edge viewer-request, for instance, `redirect_https` believes a header that the viewer sent.

Each recipe is a function of its own name, so a file of your own can declare recipes and call them, for instance only for some paths:

```c
#include "edgefn_chain.h"
bool redirect_https(edgefn_event *ev), cache_key(edgefn_event *ev);

bool edgefn_handler(edgefn_event *ev)
{
    return EDGEHOST_CHAIN(ev, redirect_https, cache_key);
}
```

`make handler HANDLER=mine/site.c` finds the files of what it declares: `mine/cache_key.c` if there is one, otherwise the recipe. To change a
recipe's constants, copy it to `mine/`. [`edgefn_chain.h`](hosts/edgefn_chain.h) also has `edgehost_answered()`, for a file that calls them
one by one.
"""


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def short(text):
    """Returns a sentence; a long one only up to its first colon or semicolon."""
    text = re.sub(r'\s+', ' ', text).strip().rstrip('.:')
    if len(text) > 110:
        text = re.split(r'(?<=.{30})[:;] ', text + ' ', maxsplit=1)[0].strip() if len(text) > 110 else text
    return text


def first_comment(path):
    """Returns a file's description: the first paragraph after "/* name.c - "."""
    m = re.match(r'/\* [\w.]+ - (.*?)(?:\n\s*\n|\*/)', read(path), re.S)
    if not m:
        sys.exit(path + ': no first comment "/* NAME - what it is"')
    return short(m.group(1))


def recipes():
    there = sorted(f[:-2] for f in os.listdir('examples/handlers') if f.endswith('.c'))
    named = ' '.join(names for _, names in TOPICS).split()
    for name in there:
        if name not in named:
            sys.exit('tests/map.py: TOPICS has no place for ' + name)
    for name in named:
        if name not in there or named.count(name) != 1:
            sys.exit('tests/map.py: TOPICS lists %s, which does not exist, or is listed twice' % name)
    for topic, names in TOPICS:
        yield '\n**%s**\n' % topic
        for name in names.split():
            yield '- [`%s`](handlers/%s.c): %s' % (name, name, first_comment('examples/handlers/%s.c' % name))


def dialects(names):
    """Returns which dialects the lines "Events:" of the recipes name."""
    found = set()
    for name in names:
        events = re.search(r'   Events: (.*?)(?:\. |\.?\n   Change: )', read('examples/handlers/%s.c' % name), re.S).group(1)
        for clause in events.split(';'):
            clause = re.sub(r'\s+', ' ', clause)
            if not re.search(r'\w+-re(quest|sponse)|response event|event types', clause):
                continue
            some = {d for d in ('Lambda@Edge', 'CloudFront Functions') if d in clause}
            found |= some or {'Lambda@Edge', 'CloudFront Functions'}
    return 'both' if len(found) == 2 else ''.join(found)


def goldens(names):
    """Returns the number of cases in tests/recipes/."""
    paths = ['tests/recipes/%s.txt' % name for name in names]
    return sum(len(re.findall(r'^# ', read(path), re.M)) for path in paths if os.path.exists(path))


def samples():
    """Makes the table of examples/samples.tsv: a name, recipes or '-', and what differs."""
    for number, line in enumerate(read(SAMPLES).split('\n'), 1):
        if line.startswith('## '):
            yield from ('', '### ' + line[3:], '', '| sample or use | recipes | dialects | cases | what differs, and why |', '|---|---|---|---|---|')
        if not line or line.startswith('#'):
            continue
        columns = line.split('\t')
        if len(columns) != 3 or (columns[1] == '-' and not columns[2]) or '|' in line:
            sys.exit('%s:%d: a row has three columns, without "|": a name, recipes or -, and what differs' % (SAMPLES, number))
        names = [] if columns[1] == '-' else columns[1].split()
        for name in names:
            if not os.path.exists('examples/handlers/%s.c' % name):
                sys.exit('%s:%d: there is no recipe %s' % (SAMPLES, number, name))
        links = ', '.join('[`%s`](handlers/%s.c)' % (name, name) for name in names)
        yield '| %s | %s | %s | %s | %s |' % (columns[0], links or 'none', dialects(names) if names else '', goldens(names) if names else '', columns[2])


def hosts():
    for m in re.finditer(r'^## (.*): `(\w+)`\n\n((?:.+\n)+)', read('examples/hosts/README.md'), re.M):
        sentence = re.split(r'(?<=[\w`*)])\. ', m.group(3).replace('\n', ' ') + ' ')[0].strip().rstrip('.')
        yield '- [`%s`](hosts/%s/): %s. %s' % (m.group(2), m.group(2), m.group(1), sentence)


def commands():
    table = read('examples/hosts/cli/main.c')
    table = table[table.index('commands[] = {'):table.index('enum { COMMANDS')]
    for m in re.finditer(r'\{ "(\w+)", \w+,((?:\s*"(?:[^"\\]|\\.)*")+) \}', table):
        text = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(2))).replace('\\n', '\n')
        about = []
        for line in text.split('\n'):
            if line.startswith('      ') and not line.strip().startswith('-') and line[6] != ' ':
                about.append(line.strip())
            elif about:
                break
        if about:
            sentence = re.split(r'(?:[:.;] |[:.]$)', ' '.join(about))[0]
            yield '- `edgefn %s`: %s' % (m.group(1), sentence)


def page():
    events = len([f for f in os.listdir('examples/events') if f.endswith('.json')])
    names = len([f for f in os.listdir('examples/handlers') if f.endswith('.c')])
    yield '# Examples'
    yield ''
    yield '<!-- made by tests/map.py (make map); its lines come from the files themselves -->'
    yield ''
    yield '| you want | take |'
    yield '|---|---|'
    yield '| to see what a handler is | `make run` |'
    yield '| a project of your own | `make new DIR=path`, the [starter kit](#starter-kit) |'
    yield '| a handler to begin with | one of %d [recipes](#recipes); `edgefn recipes WORD` searches them and prints one |' % names
    yield '| to run it somewhere | a [host](#hosts) |'
    yield '| to try, measure and check it | the [command line](#commands) |'
    yield '| the check in tests of a function in JavaScript | the [package](hosts/npm/): `make npm` |'
    yield '| the check without an installation | the [playground](hosts/browser/), a page: `make playground-serve` |'
    yield '| events to try it on | %d in [events](events/); `edgefn sample` makes others, `edgefn events` reads your logs |' % events
    yield ''
    yield ('In every `make` target, `HANDLER=name` means a recipe, `HANDLER=path/name.c` a file of your own, and `HANDLER="a+b"` a chain of '
           '[several](#several-recipes-in-one-function); `make help` lists the targets.')
    yield ''
    yield '## Starter kit'
    yield ''
    yield '`make new DIR=path` copies [starter](starter/) to a new directory, with the header, an event and the code that a handler is linked with:'
    yield ''
    for name in ('handler.c', 'test.c'):
        text = first_comment('examples/starter/' + name)
        yield '- [`%s`](starter/%s): %s' % (name, name, text)
    targets = re.findall(r'^# (make \w+)? +(\S.*)$', read('examples/starter/Makefile'), re.M)
    yield '- [`Makefile`](starter/Makefile): ' + ', '.join('`%s`' % t for t, _ in targets if t)
    yield ''
    yield '## Recipes'
    yield ''
    yield READING
    yield from recipes()
    yield ''
    yield CHAINS
    yield '## Recipes for samples that you know'
    yield ''
    yield ("AWS's own samples, those of other public collections, and the uses that AWS's guides name. *cases* counts the results in "
           '`tests/recipes` that each change is compared with; an empty last column means: nothing that changes a result.')
    yield from samples()
    yield ''
    yield '## Hosts'
    yield ''
    yield 'How to build, try and deploy each, and its cost: [hosts/README.md](hosts/README.md).'
    yield ''
    yield from hosts()
    yield ''
    yield '## Commands'
    yield ''
    yield '`edgefn help COMMAND` lists the options.'
    yield ''
    yield from commands()


text = '\n'.join(page()) + '\n'
if '--check' in sys.argv[1:]:
    old = read(MAP) if os.path.exists(MAP) else ''
    if old != text:
        sys.exit(MAP + ' differs from the output of tests/map.py: run make map')
else:
    with open(MAP, 'w', encoding='utf-8') as f:
        f.write(text)
