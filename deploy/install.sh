#!/bin/sh
# Install this checkout as a service of systemd, upgrade the service to it, or go back:
#
#     sudo deploy/install.sh               install or upgrade
#     sudo deploy/install.sh --roll-back   use the release before this one again
#
# Each release is an environment of its own in /opt/verbatim; `current` and `previous` name two of them, and older ones
# are deleted. A release that cannot read and verify articles is not switched to. Settings and data are in
# /var/lib/verbatim, which this script creates and does not change afterwards. The variables PYTHON and TORCH have the
# meaning that they have for `make`; PREFIX is put before all paths, for tests. Once the settings have a DATABASE_URL, each
# release is installed with the extra `cluster`, the clients of PostgreSQL and Milvus.
set -eu
umask 022

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
prefix=${PREFIX:-}
releases=$prefix/opt/verbatim
home=$prefix/var/lib/verbatim
cache=$prefix/var/cache/verbatim # of downloaded models, as in the unit
user=${VERBATIM_USER:-verbatim}

say() { echo "$*" >&2; }

as_user() { setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups env "$@"; }

restart() {
    [ -d /run/systemd/system ] && [ -z "$prefix" ] || return 0
    systemctl daemon-reload
    if grep -Eq '^[[:space:]]*DISCORD_TOKEN[[:space:]]*=[[:space:]]*[^[:space:]]' "$home/.env"; then
        systemctl enable --quiet verbatim
        systemctl restart verbatim
    else
        say "Put the token into $home/.env, then: systemctl enable --now verbatim"
    fi
}

roll_back() {
    [ -e "$releases/previous" ] || { say "There is no release before this one."; exit 1; }
    now=$(readlink "$releases/current")
    ln -sfn "$(readlink "$releases/previous")" "$releases/current"
    ln -sfn "$now" "$releases/previous"
    restart
    say "The release is $(readlink "$releases/current") again; $now is kept. If its data is too new, restore a backup."
}

extras() {
    grep -Eqs '^[[:space:]]*DATABASE_URL[[:space:]]*=[[:space:]]*[^[:space:]]' "$home/.env" && echo "[cluster]" || true
}

create_user() {
    if ! id "$user" >/dev/null 2>&1; then
        useradd --system --user-group --home-dir /var/lib/verbatim --no-create-home --shell /usr/sbin/nologin "$user"
    fi
}

# Install this checkout into the folder $1, and try it with the copy of its sources in the folder $2.
build() {
    # pip builds in the folder of the sources: a copy of what the wheel needs, which .dockerignore lists.
    # shellcheck disable=SC2046 # the names are words and patterns
    (cd "$here" && tar --exclude=__pycache__ -cf - $(sed -n 's#^!\(.*[^/]\)/*$#\1#p' .dockerignore)) |
        tar -C "$2" -xf - &&
        "${PYTHON:-python3}" -m venv "$1" &&
        as_user "$1/bin/python" -c "" && # not if Python is in a folder of root's alone
        "$1/bin/python" "$2/deploy/install_torch.py" &&
        "$1/bin/python" -m pip install --quiet --disable-pip-version-check "$2$(extras)" &&
        chmod 0755 "$2" &&
        install -d -o "$user" "$2/try" &&
        as_user HOME="$2/try" VERBATIM_HOME="$2/try" "$1/bin/verbatim" add "$2/articles" &&
        as_user HOME="$2/try" VERBATIM_HOME="$2/try" "$1/bin/verbatim" check
}

install_release() {
    name=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/pyproject.toml")-$(date -u +%Y%m%d%H%M%S)
    mkdir -p "$releases"
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    say "Installing $name ..."
    if ! build "$releases/$name" "$copy" >"$copy/log" 2>&1; then
        cat "$copy/log" >&2
        rm -rf "${releases:?}/$name"
        say "The new release does not work; the one in use is unchanged."
        exit 1
    fi
    old=$(readlink "$releases/current" || true)
    ln -sfn "$name" "$releases/current"
    [ -z "$old" ] || ln -sfn "$old" "$releases/previous"
    for each in "$releases"/*-*; do
        case ${each##*/} in "$name" | "$old") ;; *) rm -rf "$each" ;; esac
    done
}

install_service() {
    install -d -m 0700 -o "$user" -g "$(id -gn "$user")" "$home" "$home/backups" "$cache"
    if [ ! -e "$home/.env" ]; then
        install -m 0600 -o "$user" -g "$(id -gn "$user")" "$here/.env.example" "$home/.env"
    fi
    # The sample has a place that does not change with the release, because it is a source that is refreshed.
    [ -e "$home/articles" ] || cp -R "$here/articles" "$home/articles"
    mkdir -p "$prefix/etc/systemd/system" "$prefix/usr/local/bin"
    install -m 0644 "$here/deploy/verbatim.service" "$prefix/etc/systemd/system/verbatim.service"
    # The same command as in the checkout, for root: it runs with the service's user, settings and data.
    cat >"$prefix/usr/local/bin/verbatim" <<EOF
#!/bin/sh
umask 077
exec setpriv --reuid=$user --regid=$(id -gn "$user") --init-groups \\
    env HOME=$home VERBATIM_HOME=$home HF_HOME=$cache $releases/current/bin/verbatim "\$@"
EOF
    chmod 0755 "$prefix/usr/local/bin/verbatim"
}

[ "$(id -u)" = 0 ] || { say "Run this as root: sudo $0 $*"; exit 1; }
case ${1:-} in
    --roll-back) roll_back ;;
    '')
        create_user
        install_release
        install_service
        restart
        say "Installed. \`verbatim --help\` lists the commands; \`verbatim check\` verifies the data."
        ;;
    *) say "Usage: $0 [--roll-back]"; exit 2 ;;
esac
