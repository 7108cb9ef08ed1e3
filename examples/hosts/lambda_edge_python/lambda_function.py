"""The Lambda@Edge function: runs handler.so through edgefn_python.so, with look-up tables from config.json if it exists, all in the
same directory. A table there is an object with keys and values, or the URL of a service: see edgefn_service.py.

If this raises, at the start or for an event, CloudFront answers with a 503. No event passes unhandled.
"""
import json
import logging
import os

import edgefn
import edgefn_service


def _beside(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def _tables():
    if not os.path.exists(_beside('config.json')):
        return None
    with open(_beside('config.json'), encoding='utf-8') as f:
        tables = json.load(f)
    if not isinstance(tables, dict):
        return tables # refused below
    return {name: edgefn_service.Service(table) if isinstance(table, str) else table for name, table in tables.items()}


logging.getLogger('edgefn').setLevel(logging.INFO)  # what the handler passes to edgefn_log()
_edge = edgefn.Handler(_beside('handler.so'), _beside('edgefn_python.so'), _tables())


def lambda_handler(event, context):
    return _edge(event)
