# Sourced by the commands in this directory: goes to the root of the clone and makes
# .venv hold what the requirement files ask for. Needs Python 3.11 or newer, no more.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PYTHON_VENV=.venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# set_up run|dev: the packages that the product runs on, or also what checks it.
set_up() {
    local kind=$1 wanted
    wanted=$(requirements_checksum)
    if is_usable "$PYTHON_VENV" && installed "$kind" "$wanted"; then
        return
    fi
    make_venv
    say "Installing packages…"
    rm -f .venv/.installed-*
    if [ "$kind" = dev ]; then
        install requirements-dev.txt
        echo "$wanted" >.venv/.installed-dev
    else
        install requirements.txt
    fi
    echo "$wanted" >.venv/.installed-run
}

requirements_checksum() {
    cat requirements.txt requirements-dev.txt sandbox/requirements.txt | cksum
}

installed() {
    [ "$(cat ".venv/.installed-$1" 2>/dev/null)" = "$2" ]
}

# The lock files are complete, so there is nothing for pip to resolve.
install() {
    if command -v uv >/dev/null; then
        uv pip install --quiet --python "$PYTHON_VENV" --require-hashes -r "$1"
        uv pip install --quiet --python "$PYTHON_VENV" -r sandbox/requirements.txt
    else
        "$PYTHON_VENV" -m pip --version >/dev/null 2>&1 || "$PYTHON_VENV" -m ensurepip >/dev/null
        pip_install --no-deps --require-hashes -r "$1"
        pip_install -r sandbox/requirements.txt
    fi
}

pip_install() {
    "$PYTHON_VENV" -m pip install -qq --disable-pip-version-check --no-input \
        --root-user-action=ignore "$@"
}

make_venv() {
    local python
    if is_usable "$PYTHON_VENV"; then
        return
    fi
    python=$(find_python)
    if [ -z "$python" ]; then
        say "Mooring needs Python 3.11 or newer, and none of those on the PATH is."
        exit 1
    fi
    rm -rf .venv
    if command -v uv >/dev/null; then
        uv venv --quiet --python "$python" .venv
    else
        need_venv_module "$python"
        "$python" -m venv .venv
    fi
}

# The full path of the first usable interpreter. Found by running it, because a version
# manager's shim may be on the PATH for a version that isn't there.
find_python() {
    local name path
    for name in python3.13 python3.12 python3.11 python3.14 python3 python; do
        for path in $(type -ap "$name"); do
            if is_usable "$path"; then
                "$path" -c 'import sys; print(sys._base_executable or sys.executable)'
                return
            fi
        done
    done
}

is_usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Debian parts Python from the module that makes virtual environments.
need_venv_module() {
    local package
    if has_venv_module "$1"; then
        return
    fi
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing $package…"
        { apt-get update && apt-get install -y "$package"; } >/dev/null 2>&1 || true
        if has_venv_module "$1"; then
            return
        fi
    fi
    say "This Python can't make virtual environments yet. Run this once, then try again:"
    say "  sudo apt-get install -y $package"
    exit 1
}

has_venv_module() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}
