"""Load on a proxy of tests/hosts/proxy.py: requests and responses with 30 headers of 900 bytes each, bodies, edits at every trigger, answers and failures of
functions, hits, origins that die, viewers that leave, and reloads meanwhile. Every response is compared with what it must be. See soak.sh.

    python3 tests/hosts/soak.py NAME BUILD REQUESTS

Prints the memory of the server after each tenth of the requests. Fails if a response is wrong or missing, if the server complains, or if its memory grew by more
than a twentieth and 3 MB after the first fifth, of at least 20,000 requests."""
import json
import os
import random
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import proxy
from proxy import OQ, OS, VQ, VS, Bench, Cut, Failed, Viewer, chunked, do, expect, head, origin, pattern
from proxy_origin import digest, heads

PROCESSES, THREADS = 2, 4
HEADS = heads(30, 900, 'X-Q')
ANSWERED = dict(heads(30, 900))


def edited(lines, edits):
    """Returns the headers after edits: pairs (name, value), value None: removed."""
    after = dict(lines)
    after.update(edits)
    return [(n, v) for n, v in after.items() if v is not None]


def cases(closed):
    """Returns tuples (name, orders of functions, options: method, body, chunks, status, answer, at_origin and at_viewer (edits of headers), target)."""
    long = pattern(3000).decode()
    several = [('set', 'X-%s3', 'x'), ('remove', 'X-%s7'), ('set', 'X-New', 'n')]
    edits = [('X-%s3', 'x'), ('X-%s7', None), ('X-New', 'n')]

    def orders(event, letter):
        return [do(event, o[0], o[1].replace('%s', letter), *o[2:]) for o in several]

    def changes(letter):
        return [(n.replace('%s', letter), v) for n, v in edits]

    made = [('plain', [], {})]
    for event in (VQ, OQ):
        made += [('header in ' + event, [do(event, 'set', 'X-New', 'n')], {'at_origin': [('X-New', 'n')]}),
                 ('headers in ' + event, orders(event, 'Q'), {'at_origin': changes('Q')}),
                 ('long header in ' + event, [do(event, 'fill', 'X-New', 3000)], {'at_origin': [('X-New', long)]}),
                 ('uri in ' + event, [do(event, 'uri', '/other/place')], {'target': '/other/place?x=%d'}),
                 ('query in ' + event, [do(event, 'query', 'a=b')], {'target': '/t%d?a=b'}),
                 ('body in ' + event, [do(event, 'body-fill', 30000)], {'method': 'POST', 'body': b'x' * 50000, 'sent': pattern(30000)}),
                 ('no body in ' + event, [do(event, 'body-drop')], {'method': 'PUT', 'body': b'abc', 'sent': b''}),
                 ('answer of ' + event, [do(event, 'respond-fill', 200, 20000)], {'answer': pattern(20000)}),
                 ('answer of %s to a body' % event, [do(event, 'respond', 200, 'made')], {'answer': b'made', 'method': 'POST', 'body': pattern(9000)}),
                 ('redirect of ' + event, [do(event, 'redirect', 302, '/there')], {'status': 302, 'answer': None}),
                 ('memory of ' + event, [do(event, 'need', 200000)], {})]
    for event in (OS, VS):
        made += [('header in ' + event, [do(event, 'set', 'X-New', 'n')], {'at_viewer': [('X-New', 'n')]}),
                 ('headers in ' + event, orders(event, 'H'), {'at_viewer': changes('H')}),
                 ('long header in ' + event, [do(event, 'fill', 'X-New', 3000)], {'at_viewer': [('X-New', long)]})]
    for event in (VQ, OQ, OS, VS):
        made += [('failure of ' + event, [do(event, 'fail')], {'status': 503, 'answer': None}),
                 ('refused header of ' + event, [do(event, 'set', 'Connection', 'close')], {'status': 502, 'answer': None})]
    made += [('status', [do(OS, 'status', 404)], {'status': 404}),
             ('body of the origin', [do(OS, 'body-fill', 10000)], {'answer': pattern(10000), 'at_viewer': []}),
             ('a body', [], {'method': 'POST', 'body': pattern(3000)}), ('a body in chunks', [], {'method': 'POST', 'body': pattern(50000), 'chunks': 999}),
             ('edits and a body', [do(VQ, 'set', 'X-New', 'n'), do(VS, 'set', 'X-New', 'm')],
              {'method': 'PUT', 'body': pattern(20000), 'at_origin': [('X-New', 'n')], 'at_viewer': [('X-New', 'm')]}),
             ('edits at all triggers', [do(VQ, 'set', 'X-New', 'n'), do(OQ, 'set', 'X-New2', 'o'), do(OS, 'set', 'X-New', 'p'), do(VS, 'set', 'X-New2', 'q')],
              {'at_origin': [('X-New', 'n'), ('X-New2', 'o')], 'at_viewer': [('X-New', 'p'), ('X-New2', 'q')]}),
             ('a small answer', [origin('digest')], {'at_viewer': None}), ('a large answer', [origin(size=200000, heads='30x900')], {'answer': pattern(200000), 'at_viewer': []}),
             ('an answer in chunks', [origin('digest', 'chunked', heads='30x900')], {}),
             ('kept', [origin('digest', heads='30x900', cc='max-age=1000')], {'path': '/kept0'}),
             ('kept, edited', [origin('digest', heads='30x900', cc='max-age=1000'), do(VS, 'set', 'X-New', 'n')], {'path': '/kept1', 'at_viewer': [('X-New', 'n')]}),
             ('kept once', [origin('digest', heads='30x900', cc='max-age=1000')], {}),
             ('an origin that closes', [origin('close')], {'status': 502, 'answer': None}),
             ('an origin that is gone', [do(OQ, 'origin', 'gone.test', closed)], {'status': 502, 'answer': None}),
             ('an origin that dies within a body', [origin('half', size=200000)], {'dies': True}),
             ('a viewer that leaves', [], {'leaves': True})]
    return made


class Soak:
    """What one process of viewers does."""

    def __init__(self, address, closed, first, count):
        self.address, self.cases, self.numbers = address, cases(closed), iter(range(first, first + count))
        self.lock, self.done, self.again, self.problems = threading.Lock(), 0, 0, []

    def one(self, viewer, n, fresh):
        name, orders, o = self.cases[n % len(self.cases)]
        method, body, chunks = o.get('method', 'GET'), o.get('body'), o.get('chunks', 0)
        path = o.get('path', '/t%d?x=%d' % (n, n))
        says = [] if any(h[0] == 'X-Origin' for h in orders) else [origin('digest', heads='30x900')]
        length = [('Transfer-Encoding', 'chunked')] if chunks else [('Content-Length', str(len(body)))] if body is not None else []
        viewer.send(head(method, path, [('Host', 'a.test')] + HEADS + orders + says + length) + (chunked(body, chunks) if chunks else body or b''))
        if o.get('leaves'):
            raise Cut('left')
        try:
            r = viewer.response(method)
        except (Cut, ConnectionError) as e:
            if o.get('dies'):
                raise Cut('left')  # the viewer can see that it is not complete
            if not fresh and ('closed after 0 bytes' in str(e) or isinstance(e, ConnectionError)):
                return False  # the server had closed a connection on which nothing was going on
            raise
        expect(name + ': status', r.status, 502 if o.get('dies') else o.get('status', 200))
        if o.get('dies'):
            return True
        if 'answer' not in o:
            target = o.get('target', path)
            target = target % n if '%' in target else target
            lines = edited(HEADS, o.get('at_origin', []))
            want = digest(method.encode(), target.encode(), [(k.encode(), v.encode()) for k, v in lines], o.get('sent', body or b''))
            expect(name + ': what the origin received', r.body, want)
        elif o['answer'] is not None:
            expect(name + ': body', r.body, o['answer'])
        if ('answer' not in o or 'at_viewer' in o) and o.get('at_viewer', []) is not None:
            got = {k.decode().title(): v.decode() for k, v in r.headers if k.lower().startswith((b'x-h', b'x-new'))}
            expect(name + ': headers', got, dict(edited(ANSWERED.items(), o.get('at_viewer', []))))
        return True

    def run(self):
        viewer, fresh = None, True
        while not self.problems:
            with self.lock:
                n = next(self.numbers, None)
            if n is None:
                return
            for attempt in range(3):
                try:
                    if viewer is None:
                        viewer, fresh = Viewer(self.address), True
                    if self.one(viewer, n, fresh):
                        fresh = False
                        break
                    viewer.sock.close()
                    viewer = None
                    self.again += 1
                except Exception as e:
                    viewer.sock.close()
                    viewer = None
                    if str(e) != 'left':
                        self.problems.append('number %d, %s: %s: %s' % (n, self.cases[n % len(self.cases)][0], type(e).__name__, e))
                    break
            with self.lock:
                self.done += 1

    def main(self):
        threads = [threading.Thread(target=self.run) for _ in range(THREADS)]
        for t in threads:
            t.start()
        while any(t.is_alive() for t in threads):
            time.sleep(0.2)
            print(json.dumps([self.done, self.again, self.problems[:3]]), flush=True)
        print(json.dumps([self.done, self.again, self.problems[:3]]), flush=True)


def memory(pid):
    """Returns the private memory of a process and its descendants in kB; shared memory, such as a cache, is not counted."""
    parents, kept, family = {}, {}, {pid}
    for name in os.listdir('/proc'):
        try:
            with open('/proc/%s/status' % int(name)) as f:
                text = f.read()
            parents[int(name)] = int(re.search('PPid:\\s*(\\d+)', text)[1])
            kept[int(name)] = int(re.search('RssAnon:\\s*(\\d+)', text)[1])
        except (ValueError, OSError, TypeError):
            pass  # no process, or a kernel thread
    for _ in range(4):
        family |= {p for p, parent in parents.items() if parent in family}
    return sum(kept.get(p, 0) for p in family)


def watch(b, requests, reload):
    """Runs the viewers. Returns the problems."""
    words = [sys.executable, __file__, '--viewer', b.proxy.address[0], str(b.proxy.address[1]), str(b.closed_port)]
    each = requests // PROCESSES
    children = [subprocess.Popen(words + [str(i * each), str(each)], stdout=subprocess.PIPE, text=True) for i in range(PROCESSES)]
    states, start, samples, reloads = [[0, 0, []] for _ in children], time.monotonic(), [], 0

    def follow(i):
        for line in children[i].stdout:
            states[i] = json.loads(line)

    threads = [threading.Thread(target=follow, args=(i,)) for i in range(PROCESSES)]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        time.sleep(0.5)
        done = sum(s[0] for s in states)
        if done >= (len(samples) + 1) * each * PROCESSES // 10:
            samples.append(memory(b.proxy.process.pid))
            print('%d requests in %.0f s, %d kB' % (done, time.monotonic() - start, samples[-1]), flush=True)
        if done >= (reloads + 1) * each * PROCESSES // 25 and done < each * PROCESSES:
            reload()
            reloads += 1
    problems = [p for s in states for p in s[2]]
    done = sum(s[0] for s in states)
    if not problems and done != each * PROCESSES:
        problems.append('only %d requests were sent' % done)
    print('%d requests, %d kinds, %d reloads, %d sent again on a new connection' % (done, len(cases(0)), reloads, sum(s[1] for s in states)), flush=True)
    if done >= 20000 and samples[-1] > samples[1] * 21 // 20 + 3000:
        problems.append('memory grew from %d to %d kB' % (samples[1], samples[-1]))
    return problems


LOCKED = 'ignore long locked inactive cache entry'


def locked(b):
    """nginx's cache manager logs entries that are in use when it needs room. Returns a problem if one still is after the last request: a request that never ended."""
    time.sleep(12)
    before = b.proxy.log().count(LOCKED)
    time.sleep(13)
    return ['a cache entry is locked for ever'] if b.proxy.log().count(LOCKED) > before else []


def main():
    name, build, requests = sys.argv[1], sys.argv[2], int(sys.argv[3])
    b = Bench(name, build)
    config = b.config(include_body=True)
    reload = (lambda: None) if name == 'minimal' else getattr(b.proxy, 'reload_tables', b.proxy.reload)
    if name == 'trafficserver':
        b.proxy.asan = b.proxy.managed = True
        sys.modules['proxy_trafficserver'].ASAN_OPTIONS += ':quarantine_size_mb=8'  # so that growing memory shows; its cache has 32 MB and is full soon
        config.server = 'CONFIG proxy.config.http.transaction_no_activity_timeout_in INT 60\nCONFIG proxy.config.http.transaction_no_activity_timeout_out INT 60\n'
    if name == 'nginx':
        module = sys.modules['proxy_nginx']
        module.MAIN = module.MAIN.replace('keys_zone=edge:4m inactive=10m', 'keys_zone=edge:1m max_size=8m inactive=10s')  # a cache that is full soon
        b.proxy.number, b.proxy.expected = 1, LOCKED
    b.start(config)
    if name == 'nginx':
        for _ in range(40):  # until AddressSanitizer's own memory in the master, of which every worker begins with a copy, grows no more
            b.proxy.reload()
    problems = watch(b, requests, reload)
    problems += (locked(b) if name == 'nginx' and not problems else []) + b.proxy.stop()
    for p in problems[:8]:
        print('FAILED: ' + p)
    print('soak of %s: %s' % (name, 'failed' if problems else 'passed'))
    sys.stdout.flush()
    os._exit(bool(problems))


if __name__ == '__main__':
    if sys.argv[1] == '--viewer':
        Soak((sys.argv[2], int(sys.argv[3])), int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6])).main()
    else:
        main()
