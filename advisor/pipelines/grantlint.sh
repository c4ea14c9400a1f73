#!/bin/sh
# Run grantlint from this checkout in a lean environment of its own, made on the first run: seconds and some 60 MB, since
# the client libraries that only --tenant needs are left out. The pre-commit hook and the GitHub Action call this.
#
#   advisor/pipelines/grantlint.sh lint apps/ --fail-on high
#
# GRANTLINT_ENVIRONMENT  where the environment lies (default: .lean beside pyproject.toml)
# GRANTLINT_PYTHON       the Python that makes it (default: python3)
set -eu

checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
environment=${GRANTLINT_ENVIRONMENT:-$checkout/.lean}
pins=$checkout/advisor/pipelines/requirements.txt

bin=$environment/bin
if [ -d "$environment/Scripts" ]; then bin=$environment/Scripts; fi # Windows

if [ ! -f "$environment/complete" ] || [ -n "$(find "$pins" -newer "$environment/complete")" ]; then
    "${GRANTLINT_PYTHON:-python3}" -m venv "$environment" >&2
    if [ -d "$environment/Scripts" ]; then bin=$environment/Scripts; fi
    "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$pins" >&2
    "$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$checkout" >&2
    "$bin/python" -m pip uninstall --quiet --disable-pip-version-check --yes setuptools pip >&2 # two fifths of it, and done
    touch "$environment/complete"
fi

exec "$bin/grantlint" "$@"
