# Shared by the other scripts; sourced, not run.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
cache=${PERENNIAL_CACHE:-$HOME/.cache/perennial}
export PERENNIAL_CACHE=$cache
# Without it SwiftPM now and then shuffles flags of packages with traits and compiles them again.
export SWIFT_DETERMINISTIC_HASHING=1

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else
        echo "Missing packages must be installed as root, and there is no sudo. Run as root: $*" >&2
        return 1
    fi
}

# The Python that runs the tools: Debian's own, whatever else is on the PATH.
python() {
    if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi
}
