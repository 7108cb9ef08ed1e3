#!/bin/sh
# The documentation compiles and agrees with the code: see tests/docs.py.
if ! command -v python3 >/dev/null 2>&1; then
    echo "SKIP test_docs: no python3"
    echo "test_docs: 0 passed, 0 failed"
    exit 0
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
python3 tests/evidence.py --check && exec python3 tests/docs.py
echo "test_docs: 0 passed, 1 failed"
exit 1
