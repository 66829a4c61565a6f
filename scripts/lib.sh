# Sourced by the other scripts: where the project is, its virtual environment, Debian's packages.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=${EVENTFLUX_VENV:-$ROOT/.venv}
cd "$ROOT"

# The tests start hundreds of programs, each of which would compile all its modules anew.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }

die() { say "$*"; exit 1; }

# How to run a command as root: prints nothing when root, `sudo -n` where that needs no
# password; fails where neither works.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        return 0
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo "sudo -n"
    else
        return 1
    fi
}

# install_debian PACKAGE REASON: install a Debian package, or say how to.
# No service of a package is started: a policy-rc.d that says no stands in for the time.
install_debian() {
    local package=$1 reason=$2 root lock policy=/usr/sbin/policy-rc.d made_policy=
    say "$package is missing: $reason."
    if ! command -v apt-get >/dev/null || ! root=$(as_root); then
        die "Install it, then run this again:  sudo apt-get install $package"
    fi
    exec {lock}<"$ROOT/scripts/lib.sh"
    flock "$lock"  # one at a time
    say "Installing it:  apt-get install $package"
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
        $root chmod +x "$policy"
        made_policy=yes
    fi
    local installed=yes
    { $root apt-get -qq update && $root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$package"; } \
        </dev/null >/dev/null || installed=
    [ -z "$made_policy" ] || $root rm -f "$policy"
    exec {lock}<&-
    [ -n "$installed" ] || die "apt-get could not install $package; see above."
}

find_python() {
    local python=${EVENTFLUX_PYTHON:-python3}
    command -v "$python" >/dev/null || die "python3 is missing; EventFlux needs Python 3.11 or newer."
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$("$python" --version) is too old; EventFlux needs Python 3.11 or newer (set EVENTFLUX_PYTHON)."
    echo "$python"
}

# make_venv run|dev: the virtual environment with the workspace's packages in it, editable;
# `dev` has the tools for the tests too. Does nothing where it is up to date.
make_venv() {
    local kind=$1 python wanted
    python=$(find_python)
    wanted=$("$python" --version; pwd; cat pyproject.toml eventflux-*/pyproject.toml)
    if [ -x "$VENV/bin/python" ] && {
        [ "$(cat "$VENV/installed-$kind" 2>/dev/null)" = "$wanted" ] ||
            [ "$(cat "$VENV/installed-dev" 2>/dev/null)" = "$wanted" ]
    }; then
        return
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        install_debian python3-venv "Python can make no virtual environment without it"
        "$python" -c 'import venv, ensurepip' 2>/dev/null ||
            die "$python still can't make a virtual environment; try EVENTFLUX_PYTHON=/usr/bin/python3."
    fi
    say "Setting up ${VENV#"$ROOT"/} (once; the packages are downloaded)…"
    "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$VENV"
    local extras=rabbitmq,websocket,http
    [ "$kind" = run ] || extras=all,dev
    local part parts=()
    for part in eventflux-*/; do
        parts+=(--editable "$part")
    done
    # A new pip chooses packages in a third of the time, no part needs a setuptools of its own, and
    # modules are compiled by the first that imports them.
    local pip=("$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile)
    "${pip[@]}" "pip>=26" "setuptools>=77" >&2
    "${pip[@]}" --no-build-isolation "${parts[@]}" ".[$extras]" >&2
    printf '%s' "$wanted" >"$VENV/installed-$kind"
}

# Debian's RabbitMQ server, for private nodes only: its own service is neither started nor enabled.
need_rabbitmq() {
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && return
    install_debian rabbitmq-server "a private RabbitMQ node needs its programs"
    local root
    root=$(as_root)
    # Both of systemd's and the older links, so that it stays stopped after a reboot too.
    $root update-rc.d rabbitmq-server disable ||
        say "Note: could not disable the service rabbitmq-server; it may start at the next boot."
}

# Debian's Chromium and the program that drives it, for the tests of web pages.
need_browser() {
    local package
    for package in chromium chromium-driver; do
        dpkg-query --show "$package" >/dev/null 2>&1 ||
            install_debian "$package" "the tests of web pages drive a real browser"
    done
}
