"""Looks up a table at a service of yours, which, for instance, confirms tokens for the recipe confirm_elsewhere:

    tables = {'auth': edgefn_service.Service('http://127.0.0.1:8400/confirm')}

or in config.json {"auth": "http://127.0.0.1:8400/confirm"}. For each key that the handler looks up, the service gets

    GET /confirm HTTP/1.0
    Authorization: Bearer KEY

It answers with status 200, a Content-Length, and the value as UTF-8 text without a line end: the user's name. Everything else means that
the table has no such key: another status, a redirect, which is not followed, an answer that is too long or breaks off, no answer in time.
Never written to the log: keys and values.
"""
import http.client
import io
import logging
import re
import socket
import ssl
import time
import urllib.parse

ANSWER_MOST = 16384  # bytes, with the headers


class _Received:
    """What http.client expects of a socket."""

    def __init__(self, data):
        self._data = data

    def makefile(self, mode):
        return io.BytesIO(self._data)


class Service:
    """A table as edgefn.Handler takes it. timeout_s: the limit for an answer, in seconds. What resolving the host's
    name takes comes on top."""

    def __init__(self, url, timeout_s=1.0):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ('http', 'https') or not parts.hostname or parts.username is not None or re.search('[^!-~]', url):
            raise ValueError('%r is not the URL of a service' % url)
        self._tls = ssl.create_default_context() if parts.scheme == 'https' else None
        self._name = '%s://%s%s' % (parts.scheme, parts.netloc, parts.path)
        self._address = parts.hostname, parts.port or (443 if self._tls else 80)
        self._head = 'GET %s HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer ' % (
            urllib.parse.urlunsplit(('', '', parts.path or '/', parts.query, '')), parts.netloc)
        self._timeout = timeout_s

    def __call__(self, key):
        """Returns the value; None if there is none."""
        if not re.fullmatch('[!-~]+', key): # else it could add a header
            return None
        try:
            return self._value(self._ask(key))
        except (OSError, http.client.HTTPException, ValueError) as error:
            told = isinstance(error, (http.client.HTTPException, UnicodeError)) # these repeat what was received
            logging.getLogger('edgefn').warning('%s: %s', self._name, type(error).__name__ if told else error)
            return None

    def _ask(self, key):
        """Returns all that the service sends until it closes the connection."""
        end, data = time.monotonic() + self._timeout, b''
        connection = socket.create_connection(self._address, self._timeout)
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_hostname=self._address[0])
            connection.sendall(('%s%s\r\n\r\n' % (self._head, key)).encode())
            while len(data) <= ANSWER_MOST:
                connection.settimeout(max(end - time.monotonic(), 0.001))
                part = connection.recv(4096)
                if not part:
                    return data
                if time.monotonic() > end:
                    raise TimeoutError('timed out')
                data += part
        finally:
            connection.close()
        raise ValueError('the answer is longer than %d bytes' % ANSWER_MOST)

    def _value(self, data):
        response = http.client.HTTPResponse(_Received(data))
        response.begin()
        if response.status in (401, 403, 404): # no such key
            return None
        if response.status != 200:
            raise ValueError('status %d' % response.status)
        if response.length is None: # it might have broken off
            raise ValueError('an answer without Content-Length')
        return response.read().decode()
