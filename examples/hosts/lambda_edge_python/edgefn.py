"""Runs a handler, built as a shared object (edgefn_host.h), on Lambda@Edge events, through ctypes.

    edge = Handler('handler.so', 'edgefn_python.so')
    result = edge(event)        # the result for CloudFront; raises on failure and never passes an event through

Threads may share a Handler, and a callback may call it again: each call has its own memory, and there are as many blocks as calls
ran at the same time. Python 3.8 or later.
"""
import ctypes
import json
import logging
import mmap
import os
import sys
import time

REFUSED, FAILED = 1, 3  # EdgefnError.code
OUT_OF_MEMORY = 1       # EDGEFN_E_OOM
LOG_MOST = 1000         # EDGEHOST_LOG_MOST
_TYPES = ('viewer-request', 'origin-request', 'origin-response', 'viewer-response') # of edgefn_event_type, from 1
MEMORY_LIMIT = 64 << 20 # work memory for one event, unless parsing alone may need more

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(',', ':')).encode


class EdgefnError(Exception):
    """The event was refused (code 1), or the handler failed or CloudFront would refuse its result (code 3)."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class _Str(ctypes.Structure):
    _fields_ = [('ptr', ctypes.c_void_p), ('len', ctypes.c_size_t)]


class _Row(ctypes.Structure):
    _fields_ = [('table', _Str), ('key', _Str), ('value', _Str)]


class _Tables(ctypes.Structure):
    _fields_ = [('rows', ctypes.c_void_p), ('count', ctypes.c_size_t), ('ask', ctypes.c_void_p)]


class _Env(ctypes.Structure):
    _fields_ = [('now_s', ctypes.c_int64), ('random', ctypes.c_uint32), ('has_random', ctypes.c_bool),
                ('has_random_bytes', ctypes.c_bool), ('random_bytes', ctypes.c_ubyte * 16),
                ('lookup', ctypes.c_void_p), ('verify', ctypes.c_void_p), ('user', ctypes.c_void_p),
                ('log', ctypes.c_void_p), ('check_lifetimes', ctypes.c_bool)]


_Log = ctypes.CFUNCTYPE(None, ctypes.c_void_p, _Str)
_Verify = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, _Str, _Str, _Str, _Str)
_Ask = ctypes.CFUNCTYPE(None, ctypes.c_void_p, _Str, _Str, ctypes.POINTER(_Str))


class _Call(ctypes.Structure):
    _fields_ = [('size', ctypes.c_size_t), ('event', ctypes.c_char_p), ('event_len', ctypes.c_size_t),
                ('mem', ctypes.c_void_p), ('mem_len', ctypes.c_size_t), ('env', ctypes.c_void_p),
                ('result', ctypes.c_void_p), ('result_len', ctypes.c_size_t), ('why', ctypes.c_void_p), ('why_len', ctypes.c_size_t),
                ('lenient', ctypes.c_bool), ('type', ctypes.c_int), ('error', ctypes.c_int),
                ('inferred', ctypes.c_int)]


class _Work:
    """The data of one call: the call's struct, its environment, a block of memory, and what the functions of tables returned."""

    def __init__(self, lookup, rows, functions, verifier, lenient, kind, log, memory_for):
        self.functions, self.answers, self.verifier, self.error = functions, {}, verifier, None
        if functions:
            self.ask = _Ask(self._ask)
            rows = _Tables(rows.rows, rows.count, ctypes.cast(self.ask, ctypes.c_void_p))
        self.tables = rows
        self.env = _Env(has_random=True, has_random_bytes=True, lookup=lookup, user=ctypes.addressof(rows) if rows is not None else None,
                        log=ctypes.cast(log, ctypes.c_void_p))
        if verifier is not None:
            self.verify = _Verify(self._verify)
            self.env.verify = ctypes.cast(self.verify, ctypes.c_void_p)
        self.call = _Call(size=ctypes.sizeof(_Call), env=ctypes.addressof(self.env), lenient=lenient, type=kind)
        self.at = ctypes.addressof(self.call)
        self.memory_for = memory_for
        self.room(1)

    def room(self, size):
        """Allocates a block, whose pages cost nothing until they are used, and frees the previous one."""
        self.memory = mmap.mmap(-1, max(size, 256 * 1024))
        self.call.mem = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.call.mem_len = len(self.memory)

    def _ask(self, unused, table, key, value):
        """Looks a key up by the table's function, once for each event. An exception is raised when the handler has returned."""
        try:
            name, text = (ctypes.string_at(s.ptr, s.len).decode() for s in (table, key))
        except UnicodeDecodeError: # no table has it
            return
        try:
            if name in self.functions and (name, text) not in self.answers:
                answer = self.functions[name](text)
                if answer is not None and not isinstance(answer, str):
                    raise TypeError('table "%s": the value is not a string' % name)
                self.answers[name, text] = None if answer is None else answer.encode()
        except BaseException as error: # it would end here otherwise, and the handler go on
            self.error = error
        answer = self.answers.get((name, text))
        if answer is not None:
            value[0] = _Str(ctypes.cast(answer or b'\0', ctypes.c_void_p).value, len(answer))

    def _verify(self, unused, alg, kid, message, signature):
        """edgefn_env.verify. An exception is raised when the handler has returned."""
        try:
            alg, kid = (None if s.ptr is None else ctypes.string_at(s.ptr, s.len).decode() for s in (alg, kid))
            message, signature = (ctypes.string_at(s.ptr, s.len) if s.len else b'' for s in (message, signature))
            return self.verifier(alg, kid, message, signature)
        except BaseException as error: # it would end here otherwise, and the handler go on
            self.error = error
            return False

    def why(self):
        return ctypes.string_at(self.call.why, self.call.why_len).decode('utf-8', 'replace').strip()

    def run(self, handle, text, now, draw, random):
        """Returns the result's bytes; None if the result is part of the event."""
        call = self.call
        call.event, call.event_len = text, len(text)
        self.env.now_s, self.env.random = now, draw
        self.env.random_bytes[:] = random
        self.answers, self.error = {}, None

        need = self.memory_for(len(text))
        if call.mem_len < need:
            self.room(need)
        code = handle(self.at)
        while call.error == OUT_OF_MEMORY and call.mem_len < MEMORY_LIMIT: # like edgehost_retry()
            self.room(min(call.mem_len * 2, MEMORY_LIMIT))
            code = handle(self.at)
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        if code != 0:
            raise EdgefnError(code, self.why())
        if not 0 <= call.result - call.mem < call.mem_len:
            return None
        return ctypes.string_at(call.result, call.result_len)


class Handler:
    """A handler's library, ready to be called with events.

    tables: {"secret": {"name": "value"}, "kv": {...}}: the tables of edgefn_lookup(); without them every look-up fails. A table may be a
        function that takes the key and returns the value or None: see edgefn_service.py. If it raises, the call raises the same.
        "jwks": {"issuer": its JWKS, as an object or as text} has public keys for tokens signed with RS256 or ES256 (needs the package
        cryptography).
    now: returns seconds since 1970. draw: returns an integer from 0 to below 2**32. random: returns 16 unpredictable bytes.
    log: receives the lines that a handler passes to edgefn_log(), without control characters.
    lenient: accept test events that omit members that CloudFront always sends (edgefn_parse_opts.lenient).
    type: the type of events without eventType, for example 'origin-request'; by default it is inferred, with a note on stderr.
    """

    def __init__(self, library, host, tables=None, now=time.time, draw=lambda: int.from_bytes(os.urandom(4), 'little'),
                 lenient=False, type=None, random=lambda: os.urandom(16), log=logging.getLogger('edgefn').info):
        self._host = ctypes.CDLL(os.path.abspath(host))
        self._host.edgehost_python_abi.restype = ctypes.c_uint32
        self._host.edgehost_python_size.restype = self._host.edgehost_python_memory.restype = ctypes.c_size_t
        self._host.edgehost_python_memory.argtypes = [ctypes.c_size_t]
        for number, struct in enumerate((_Call, _Env, _Row, _Tables)):
            if self._host.edgehost_python_size(number) != ctypes.sizeof(struct):
                raise ImportError('%s: was built with another edgefn_host.h than edgefn.py describes' % host)

        code = ctypes.PyDLL(os.path.abspath(library)) # keeps the interpreter's lock: no other thread is waiting for it
        if not hasattr(code, 'edgehost_abi') or not hasattr(code, 'edgehost_handle'):
            raise ImportError('%s: is not a handler: build it together with edgefn_host.c' % library)
        code.edgehost_abi.restype = ctypes.c_uint32
        if code.edgehost_abi() != self._host.edgehost_python_abi():
            raise ImportError('%s: was built with another edgefn.h than %s; build both again' % (library, host))
        self._handle = code.edgehost_handle
        self._handle.restype, self._handle.argtypes = ctypes.c_int, [ctypes.c_void_p]

        if type is not None and type not in _TYPES:
            raise ValueError('unknown event type %r' % (type,))
        self._log = _Log(lambda user, text: log('%s', _line(text)))
        self._now, self._draw, self._random, self._lenient, self._type = now, draw, random, lenient, type
        self._tables, self._functions, self._verifier = None, {}, None
        if tables is not None:
            self._store(tables)
        self._idle = [self._work()] # of finished calls: pop() and append() are atomic, so threads need no lock

    def __call__(self, event):
        text = _encode(event).encode()
        now, draw, random = int(self._now()), self._draw(), self._random()
        try:
            work = self._idle.pop()
        except IndexError:
            work = self._work()
        try:
            result = work.run(self._handle, text, now, draw, random)
        finally:
            self._idle.append(work)
        kind, inferred = _type_of(event, self._type) if self._lenient or result is None else (None, False)
        if inferred:
            print('edgefn: the event has no eventType: taken as %s' % kind, file=sys.stderr)
        if result is None: # unchanged
            return _parts(event)['request' if kind.endswith('request') else 'response']
        return json.loads(result.decode())

    @property
    def memory(self):
        """Total size of the memory blocks between calls, in bytes."""
        return sum(work.call.mem_len for work in self._idle)

    def _work(self):
        lookup = ctypes.cast(self._host.edgehost_python_lookup, ctypes.c_void_p).value if self._tables is not None else None
        number = _TYPES.index(self._type) + 1 if self._type is not None else 0
        return _Work(lookup, self._tables, self._functions, self._verifier, self._lenient, number, self._log, self._host.edgehost_python_memory)

    def _store(self, tables):
        """Lays out the rows that edgehost_tables_lookup() searches."""
        rows = []
        if 'jwks' in _object(tables, 'the configuration'):
            self._verifier = _verifier(tables['jwks'])
        for table, entries in _object(tables, 'the configuration').items():
            if callable(entries):
                self._functions[table] = entries
                continue
            for key, value in _object(entries, 'table "%s"' % table).items():
                if table == 'jwks' and isinstance(value, dict):
                    value = json.dumps(value)
                if not isinstance(value, str):
                    raise TypeError('table "%s": the value of "%s" is not a string' % (table, key))
                rows.append((table.encode(), key.encode(), value.encode()))
        rows.sort()
        self._bytes = [[ctypes.create_string_buffer(s, len(s) + 1) for s in row] for row in rows] # the rows point to them
        self._rows = (_Row * len(rows))(*(_Row(*(_Str(ctypes.addressof(b), len(b) - 1) for b in row)) for row in self._bytes))
        self._tables = _Tables(ctypes.addressof(self._rows), len(rows), None)


def _line(text):
    """The text as one line of at most LOG_MOST characters, without control characters, with which a viewer could forge lines."""
    line = ctypes.string_at(text.ptr, min(text.len, 4 * LOG_MOST)).decode('utf-8', 'replace')
    line = line if len(line) <= LOG_MOST else line[:LOG_MOST - 3] + '...'
    return ''.join(c if c.isprintable() else '?' for c in line)


def _parts(event):
    return event['Records'][0]['cf'] if 'Records' in event else event


def _type_of(event, given):
    """Returns the event's type, and whether it was inferred, like edgefn_parse()."""
    parts = _parts(event)
    kind = (parts.get('config') or parts.get('context') or {}).get('eventType') or given
    if kind is not None:
        return kind, False
    origin = 'Records' in event and (parts.get('request') or {}).get('origin')
    return ('origin-' if origin else 'viewer-') + ('request' if parts.get('response') is None else 'response'), True


def _object(value, what):
    if not isinstance(value, dict):
        raise TypeError('%s is not an object' % what)
    return value


def _verifier(sets):
    import edgefn_verify # only here: it needs a package that is not part of Python

    return edgefn_verify.Verifier(_object(sets, 'table "jwks"'))
