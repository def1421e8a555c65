#!/bin/sh
# Makes .venv from the hash-locked requirements: `bootstrap.sh run` or `bootstrap.sh dev`.
# Every way it can fail ends in one sentence that says what to do.
set -eu
cd "$(dirname "$0")/.."
want=${1:-run}
say() { printf 'taoke-bot: %s\n' "$*" >&2; }

python=${PYTHON:-}
if [ -z "$python" ]; then
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$name
            break
        fi
    done
fi
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or newer is needed; found: $( (python3 --version || echo none) 2>&1). Install it, or name one: make PYTHON=/path/to/python3 ..."
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    say "this Python has no venv module; on Debian or Ubuntu run: apt-get install python3-venv"
    exit 1
fi
if ! [ -w . ]; then
    say "the folder $(pwd) cannot be written; clone the project to a folder of your own."
    exit 1
fi

lock=config/requirements/$want.txt
stamp=.venv/.installed-$want
sum=$(cat "$lock" pyproject.toml | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && [ -x .venv/bin/taoke ]; then
    exit 0
fi
if ! [ -x .venv/bin/python ]; then
    say "making .venv with $("$python" --version) ..."
    "$python" -m venv .venv
fi
say "installing the locked packages ($want) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" || {
    say "the packages could not be installed; is the package index reachable from this machine?"
    exit 1
}
# The project itself: two import roots and one command. A path file needs no build step and no network.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd >"$site/taoke_bot.pth"
printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m bot "$@"\n' "$(pwd)" >.venv/bin/taoke
chmod +x .venv/bin/taoke
printf '%s' "$sum" >"$stamp"
