"""The cost per event, through ctypes and in plain Python. Run by: make lambda-edge-measure

Times are the best of many rounds: noise can only make them longer.
"""
import json
import platform
import random
import time

import edgefn


# The same as examples/handlers/NAME.c, for the sample in HANDLERS, as one would write it by hand.
def plain_pass(event):
    return event['Records'][0]['cf']['request']


def add_security_headers(event):
    response = event['Records'][0]['cf']['response']
    for key, value in (
            ('Strict-Transport-Security', 'max-age=63072000; includeSubdomains; preload'),
            ('Content-Security-Policy', "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; "
                                        "frame-ancestors 'none'"),
            ('X-Content-Type-Options', 'nosniff'), ('X-Frame-Options', 'DENY'), ('X-XSS-Protection', '1; mode=block'),
            ('Referrer-Policy', 'same-origin')):
        response['headers'][key.lower()] = [{'key': key, 'value': value}]
    return response


def ab_test(event):
    request = event['Records'][0]['cf']['request']
    if request['uri'] != '/experiment-pixel.jpg':
        return request
    group = None
    for header in request['headers'].get('cookie', []):
        for piece in header['value'].split(';'):
            name, _, choice = piece.strip().partition('=')
            if name == 'X-Experiment-Name' and group is None and choice in ('A', 'B'):
                group = choice
    if group is None:
        group = 'A' if random.random() < 0.75 else 'B'
    request['uri'] = '/experiment-group/%s-pixel.jpg' % ('control' if group == 'A' else 'treatment')
    return request


HANDLERS = (
    ('pass', 'viewer-request-page.json', plain_pass),
    ('ab_test', 'viewer-request-cookies.json', ab_test),
    ('add_security_headers', 'origin-response-ok.json', add_security_headers),
    ('pass', 'origin-request-full.json', plain_pass),
    ('pass', 'viewer-request-upload.json', plain_pass),
)


def measure(text, works):
    """Microseconds of each work(event), measured alternately, each time with a new event, as in Lambda."""
    count = 50 if len(text) > 10000 else 200
    best = [float('inf')] * len(works)
    for _ in range(20):
        for i, work in enumerate(works):
            events = [json.loads(text) for _ in range(count)]
            start = time.perf_counter()
            for event in events:
                work(event)
            best[i] = min(best[i], (time.perf_counter() - start) * 1e6 / count)
    return best


def main():
    print('Python %s; microseconds per event, object in, object out' % platform.python_version())
    print('handler               event                        bytes       C  of it JSON      Python')
    for name, sample, plain in HANDLERS:
        with open('examples/events/' + sample, encoding='utf-8') as f:
            event = json.load(f)
        text = json.dumps(event, ensure_ascii=False, separators=(',', ':'))
        edge = edgefn.Handler('build/handlers/%s.so' % name, 'build/obj/edgefn_python.so')
        back = None if name == 'pass' else json.dumps(edge(event))

        def crossing(event, back=back):
            edgefn._encode(event)
            if back is not None:
                json.loads(back)

        times = measure(text, (edge, crossing, plain))
        print('%-22s%-28s%6d%8.1f%12.1f%12.2f' % ((name, sample, len(text.encode())) + tuple(times)))


if __name__ == '__main__':
    main()
