# What the scripts beside this file share. Sourced, never run.
# shellcheck shell=bash

set -Eeuo pipefail
# Above 128 someone sent a signal, and knows it.
trap '(($? > 128)) || say "error: ${BASH_SOURCE[0]##*/}, line $LINENO: this failed: $BASH_COMMAND"' ERR

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

# Read from the kernel's table: a probe by connecting would leave a warning in the log of the listener.
port_is_taken() {
    local hex
    hex=$(printf ':%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$hex" '$4 == "0A" && $2 ~ port "$" { found = 1 } END { exit !found }'
}

# free_port USUAL [RESERVED…]: the usual port if it is free, else one that no outgoing connection is given.
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

# ---------------------------------------------------------------------------------------------------------------------
# Processes

alive() { kill -0 "$1" 2>/dev/null; }

# launch LOG COMMAND…: in the background, its output at the end of LOG; sets `launched`. The kernel ends it with this
# script, even when that is killed. Locks of this script (descriptors 8 and 9) are not handed on.
launch() {
    local log=$1
    shift
    setpriv --pdeathsig TERM "$@" >>"$log" 2>&1 </dev/null 8>&- 9>&- &
    # shellcheck disable=SC2034 # read by the caller
    launched=$!
}

# await_line NAME PID LOG TEXT SECONDS: until LOG holds TEXT.
await_line() {
    local name=$1 pid=$2 log=$3 text=$4 started=$SECONDS
    until grep -qsF -- "$text" "$log"; do
        if ! alive "$pid"; then
            progress_done
            tail_of "$log"
            fail "the $name ended before it was ready"
        fi
        if ((SECONDS - started >= $5)); then
            progress_done
            tail_of "$log"
            fail "the $name was not ready within $5 s"
        fi
        progress "starting the $name … $((SECONDS - started)) s"
        sleep 0.1
    done
    progress_done
}

are_gone() {
    local pid
    for pid in "$@"; do ! alive "$pid" || return 1; done
}

# end PID…: asks them all to stop, and makes them after 10 s.
end() {
    (($# > 0)) || return 0
    kill -CONT "$@" 2>/dev/null || true
    kill -TERM "$@" 2>/dev/null || true
    wait_until 10 are_gone "$@" || kill -KILL "$@" 2>/dev/null || true
}

# run_group COMMAND…: in the foreground, but in a session of its own, so that `end_group` in an exit trap ends it at
# once, with all that it started: programs that tests start have process groups of their own, but no session.
group=
run_group() {
    local status=0
    setpriv --pdeathsig TERM setsid "$@" </dev/null 8>&- 9>&- &
    group=$!
    wait "$group" || status=$?
    end_group
    return "$status"
}

# members_of SESSION: the ids of its processes, one a line.
members_of() {
    local line fields
    for stat in /proc/[0-9]*/stat; do
        { read -r line <"$stat"; } 2>/dev/null || continue
        # After the name, which may hold anything: state, parent, group, session.
        read -ra fields <<<"${line##*) }"
        [[ ${fields[3]} != "$1" || ${fields[0]} == Z ]] || echo "${stat//[!0-9]/}"
    done
}

group_is_gone() { [[ -z $(members_of "$1") ]]; }

end_group() {
    [[ -n $group ]] || return 0
    local signal members
    # INT first: it is what makes SwiftPM end its compilers.
    for signal in INT TERM KILL; do
        mapfile -t members < <(members_of "$group")
        ((${#members[@]} > 0)) || break
        kill "-$signal" "${members[@]}" 2>/dev/null || true
        ! wait_until 5 group_is_gone "$group" || break
    done
    group=
}

# ---------------------------------------------------------------------------------------------------------------------
# The programs of this package

# shellcheck disable=SC2120 # without arguments it builds what people use
# build [PRODUCT…]: in the configuration of REPRISE_CONFIGURATION, which is release unless said; sets `bin`.
build() {
    local product
    (($# > 0)) || set -- reprise reprise-samples
    say "building $* in ${REPRISE_CONFIGURATION:-release} (several minutes the first time)"
    for product in "$@"; do run_build --product "$product"; done
}

build_tests() {
    say "building the tests in ${REPRISE_CONFIGURATION:-release} (several minutes the first time)"
    run_build --build-tests
}

run_build() {
    command -v swift >/dev/null ||
        fail "there is no Swift toolchain on the PATH" "install Swift 6.2 or later: https://www.swift.org/install/linux/"
    local configuration=${REPRISE_CONFIGURATION:-release}
    run_group swift build --package-path "$REPO" -c "$configuration" "$@" >&2 ||
        fail "the build failed" "the compiler's words are above; fetching the dependencies takes a network" \
            "if they make no sense: rm -rf .build, and try again"
    # What SwiftPM keeps pointed at the programs; asking it takes seconds.
    bin=$REPO/.build/$configuration
}

# start_samples_node DATA LOG: all sample orchestrators and activities, on the hub of the environment; sets `node`.
start_samples_node() {
    REPRISE_DATA=$1 launch "$2" "$bin/reprise-samples"
    # shellcheck disable=SC2034 # read by the caller
    node=$launched
}
