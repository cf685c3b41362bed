# What the scripts beside this file share. Sourced, never run.
# shellcheck shell=bash

set -Eeuo pipefail
trap 'say "error: ${BASH_SOURCE[0]##*/}, line $LINENO: this failed: $BASH_COMMAND"' ERR

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # read by those who source this
STATE=$REPO/.reprise

# Everything meant for a person goes to stderr; stdout carries the answer.
say() { printf '%s\n' "$*" >&2; }

# fail WHAT-HAPPENED [WHAT-TO-DO…]
fail() {
    say "error: $1"
    shift
    local advice
    for advice in "$@"; do say "  $advice"; done
    exit 1
}

# One line that is redrawn on a terminal, and written once, on its first call, elsewhere.
progress_shown=
progress() {
    if [[ -t 2 ]]; then
        printf '\r\033[K%s' "$*" >&2
    elif [[ -z $progress_shown ]]; then
        say "$*"
    fi
    progress_shown=yes
}

progress_done() {
    [[ -t 2 && -n $progress_shown ]] && printf '\r\033[K' >&2
    progress_shown=
}

tail_of() {
    [[ -s $1 ]] || return 0
    say "--- last lines of $1"
    tail -n "${2:-20}" "$1" | sed 's/^/    /' >&2
}

# Read from the kernel's table: a probe by connecting would leave a warning in the log of whoever listens.
port_is_taken() {
    local hex
    hex=$(printf ':%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$hex" '$4 == "0A" && $2 ~ port "$" { found = 1 } END { exit !found }'
}

# free_port USUAL [RESERVED…]: the usual port when nobody has it, else one that no outgoing connection is given.
free_port() {
    local candidate=$1 attempt
    shift
    for ((attempt = 0; attempt < 200; attempt++)); do
        if [[ " $* " != *" $candidate "* ]] && ! port_is_taken "$candidate"; then
            echo "$candidate"
            return
        fi
        candidate=$((20000 + RANDOM % 12000))
    done
    fail "no free port between 20000 and 32000 on this machine"
}

# wait_until SECONDS COMMAND…
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}
