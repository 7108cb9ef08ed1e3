"""Runs a handler, built as a shared object (edgefn_host.h), on Lambda@Edge events, through ctypes.

    edge = Handler('handler.so', 'edgefn_python.so')
    result = edge(event)        # what to return to CloudFront, or it raises: never the event as it came

One event at a time, as Lambda does it. Python 3.8 or later.
"""
import ctypes
import json
import mmap
import os
import time

REFUSED, FAILED = 1, 3  # EdgefnError.code
WHY = 1024              # EDGEFN_HOST_WHY
MEMORY_LIMIT = 64 << 20 # room for one event's work, unless parsing alone may need more

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
    _fields_ = [('rows', ctypes.c_void_p), ('count', ctypes.c_size_t)]


class _Env(ctypes.Structure):
    _fields_ = [('now_s', ctypes.c_int64), ('random', ctypes.c_uint32), ('has_random', ctypes.c_bool),
                ('lookup', ctypes.c_void_p), ('verify', ctypes.c_void_p), ('user', ctypes.c_void_p)]


class _Call(ctypes.Structure):
    _fields_ = [('size', ctypes.c_size_t), ('event', ctypes.c_char_p), ('event_len', ctypes.c_size_t),
                ('mem', ctypes.c_void_p), ('mem_len', ctypes.c_size_t), ('env', ctypes.c_void_p),
                ('result', ctypes.c_void_p), ('result_len', ctypes.c_size_t), ('why', ctypes.c_void_p), ('why_len', ctypes.c_size_t)]


class Handler:
    """A handler's library, ready to be called with events.

    tables: {"secret": {"name": "value"}, "kv": {...}}: what edgefn_lookup() finds; without it every look-up fails.
    now: gives seconds since 1970. draw: gives a whole number from 0 to below 2**32.
    """

    def __init__(self, library, host, tables=None, now=time.time, draw=lambda: int.from_bytes(os.urandom(4), 'little')):
        self._host = ctypes.CDLL(os.path.abspath(host))
        self._host.edgefn_python_abi.restype = ctypes.c_uint32
        self._host.edgefn_python_size.restype = ctypes.c_size_t
        for number, struct in enumerate((_Call, _Env, _Row, _Tables)):
            if self._host.edgefn_python_size(number) != ctypes.sizeof(struct):
                raise ImportError('%s: was built with another edgefn_host.h than edgefn.py describes' % host)

        code = ctypes.PyDLL(os.path.abspath(library)) # does not let go of the interpreter's lock: there is nobody else
        if not hasattr(code, 'edgefn_abi') or not hasattr(code, 'edgefn_handle'):
            raise ImportError('%s: is no handler: build it together with edgefn_host.c' % library)
        code.edgefn_abi.restype = ctypes.c_uint32
        if code.edgefn_abi() != self._host.edgefn_python_abi():
            raise ImportError('%s: was built with another edgefn.h than %s; build both again' % (library, host))
        self._handle = code.edgefn_handle
        self._handle.restype, self._handle.argtypes = ctypes.c_int, [ctypes.c_void_p]

        self._now, self._draw = now, draw
        self._memory = None
        self._env = _Env(has_random=True)
        self._call = _Call(size=ctypes.sizeof(_Call), env=ctypes.addressof(self._env))
        self._at = ctypes.addressof(self._call)
        if tables is not None:
            self._store(tables)
        self._room(1)

    def __call__(self, event):
        call, env = self._call, self._env
        text = _encode(event).encode()
        call.event, call.event_len = text, len(text)
        env.now_s, env.random = int(self._now()), self._draw()

        need = 24 * len(text) + 65536 + 4096 + WHY # above edgefn_memory_bound(), output and edits
        if self.memory < need:
            self._room(need)
        code = self._handle(self._at)
        while code != 0 and self.memory < MEMORY_LIMIT and self._why().endswith('(EDGEFN_E_OOM)'):
            self._room(self.memory * 2)
            code = self._handle(self._at)
        if code != 0:
            raise EdgefnError(code, self._why())
        if not 0 <= call.result - call.mem < call.mem_len: # a piece of the event: as it was received
            return _received(event)
        return json.loads(ctypes.string_at(call.result, call.result_len).decode())

    @property
    def memory(self):
        """Bytes of the block that events are worked on in."""
        return self._call.mem_len

    def _why(self):
        return ctypes.string_at(self._call.why, self._call.why_len).decode('utf-8', 'replace').strip()

    def _room(self, size):
        """Takes a block that costs nothing as long as it is not touched, and lets the one before go."""
        self._memory = mmap.mmap(-1, max(size, 256 * 1024))
        self._call.mem = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._call.mem_len = len(self._memory)

    def _store(self, tables):
        """Lays out the rows that edgefn_tables_lookup() searches."""
        rows = []
        for table, entries in _object(tables, 'the configuration'):
            for key, value in _object(entries, 'table "%s"' % table):
                if not isinstance(value, str):
                    raise TypeError('table "%s": the value of "%s" is no string' % (table, key))
                rows.append((table.encode(), key.encode(), value.encode()))
        rows.sort()
        self._bytes = [[ctypes.create_string_buffer(s, len(s) + 1) for s in row] for row in rows] # the rows point to them
        self._rows = (_Row * len(rows))(*(_Row(*(_Str(ctypes.addressof(b), len(b) - 1) for b in row)) for row in self._bytes))
        self._tables = _Tables(ctypes.addressof(self._rows), len(rows))
        self._env.lookup = ctypes.cast(self._host.edgefn_python_lookup, ctypes.c_void_p).value
        self._env.user = ctypes.addressof(self._tables)


def _received(event):
    """The request or response that the event is about; events of CloudFront Functions say it in `context`."""
    cf = event['Records'][0]['cf'] if 'Records' in event else event
    kind = cf['config' if 'config' in cf else 'context']['eventType']
    return cf['request' if kind.endswith('request') else 'response']


def _object(value, what):
    if not isinstance(value, dict):
        raise TypeError('%s is no object' % what)
    return value.items()
