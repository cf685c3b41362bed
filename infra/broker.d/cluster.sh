# Brokers that are one cluster. Sourced by infra/broker.
# shellcheck shell=bash disable=SC2154 # what infra/broker knows of the broker or the cluster that is meant
#
# A cluster NAME has a directory DIR for what its brokers share: `cluster`, how many they are; `ports`, where their port
# mapper listens; `cookie`. The brokers are NAME-1 in DIR-1 and so on, each with a file `cluster-dir` that holds DIR.

# one NUMBER COMMAND ARGUMENT…: infra/broker for one of the brokers.
one() { "$REPO/infra/broker" "$2" --name "${cluster_name:-$name}-$1" --dir "${cluster_dir:-$dir}-$1" "${@:3}"; }

# ---------------------------------------------------------------------------------------------------------------------
# All brokers of a cluster: `name` and `dir` are the cluster's

for_cluster() {
    [[ $command != start ]] || prepare_cluster
    local numbers=()
    mapfile -t numbers < <(seq 1 "$(cat "$dir/cluster" 2>/dev/null || echo 0)")
    ((${#numbers[@]} > 0)) || fail "there is no cluster '$name'" "run: infra/broker start --cluster 3 --name $name"
    case $command in
    start) start_cluster ;;
    stop) stop_cluster ;;
    kill | freeze | thaw) all_at_once "$command" || exit 1 ;;
    status) all_at_once status >/dev/null || exit 3 ;;
    url) print_urls ;;
    pid) for number in "${numbers[@]}"; do one "$number" pid || exit 1; done ;;
    *) fail "'$command' is for one broker of a cluster" "for instance: infra/broker $command --name $name-1" ;;
    esac
}

# What is missing of the cluster's own directory and its brokers'.
prepare_cluster() {
    [[ -z $tls$port ]] || fail "--tls and --port are for brokers alone"
    take_turn
    local number reserved
    if [[ ! -s $dir/cluster ]]; then
        [[ ! -e $dir/ports ]] || fail "'$name' is a broker, and no cluster" "use another --name"
        for ((number = 1; number <= cluster; number++)); do
            [[ ! -e $dir-$number ]] || fail "$dir-$number is there already, and of no cluster" "use another --name"
        done
        echo "$cluster" >"$dir/cluster"
    fi
    [[ -z $cluster || $cluster == "$(cat "$dir/cluster")" ]] ||
        fail "the cluster '$name' has $(cat "$dir/cluster") brokers" "use another --name"
    [[ -s $dir/cookie ]] || (umask 077 && od -An -N 10 -tx1 /dev/urandom | tr -d ' \n' >"$dir/cookie")
    if [[ ! -s $dir/ports ]]; then
        reserve_ports
        # shellcheck disable=SC2086 # a list of numbers
        echo "epmd $(free_port "$(random_port)" $reserved)" >"$dir/ports"
        release_ports
    fi
    for ((number = 1; number <= $(cat "$dir/cluster"); number++)); do
        mkdir -p "$dir-$number"
        echo "$dir" >"$dir-$number/cluster-dir"
    done
}

start_cluster() {
    # Before they all wait for each other to make it.
    [[ -z $rabbitmq ]] || choose_version
    all_at_once start ${rabbitmq:+--rabbitmq "$rabbitmq"} >/dev/null ||
        fail "not every broker of '$name' runs" "see: infra/broker status --name $name"
    say "AMQP URLs: $(print_urls)"
    print_urls
}

print_urls() {
    local urls
    urls=$(for number in "${numbers[@]}"; do one "$number" url || exit 1; done) || exit 1
    paste -sd , <<<"$urls"
}

stop_cluster() {
    take_turn
    [[ -z $wipe ]] || rm -f "$dir/cluster" # from now on it is none
    all_at_once stop ${wipe:+--wipe} || fail "not every broker of '$name' stopped"
    end_port_mapper
    [[ -z $wipe ]] || delete_directory
}

# all_at_once COMMAND ARGUMENT…: one waits for another when it starts. Fails when it fails for one of them.
all_at_once() {
    local each jobs=() failed=
    for each in "${numbers[@]}"; do
        one "$each" "$@" 9>&- &
        jobs+=($!)
    done
    trap 'kill "${jobs[@]}" 2>/dev/null; wait; exit 130' INT TERM HUP
    for each in "${jobs[@]}"; do wait "$each" || failed=yes; done
    trap - INT TERM HUP
    [[ -z $failed ]]
}

# ---------------------------------------------------------------------------------------------------------------------
# One broker of a cluster: `name` and `dir` are its own

cluster_name=
[[ -z $cluster_dir ]] || cluster_name=${name%-*}
joined=$dir/mnesia/joined # lost with its data

require_cluster() { [[ -n $cluster_dir ]] || fail "RabbitMQ '$name' is of no cluster" "see: infra/broker --help"; }

node_of() { echo "reprise-$cluster_name-$1@localhost"; }

# The numbers of the others that have joined.
joined_others() {
    local other
    for ((other = 1; other <= $(cat "$cluster_dir/cluster"); other++)); do
        [[ $other == "${name##*-}" || ! -e $cluster_dir-$other/mnesia/joined ]] || echo "$other"
    done
}

# One of them that runs.
joined_and_running() {
    local other
    for other in $(joined_others); do
        ! one "$other" pid >/dev/null 2>&1 || { echo "$other" && return; }
    done
    return 1
}

# A cluster has one, which outlives every broker of it.
start_port_mapper() {
    local epmd
    epmd=$(recorded_port epmd)
    (
        exec 7>"$cluster_dir/port-mapper.lock"
        flock 7
        if port_is_taken "$epmd"; then
            [[ -n $(port_mappers_of "$cluster_dir/node.pid") ]] ||
                fail "the port mapper of '$cluster_name' had port $epmd, and another process has it now" \
                    "stop that process"
            exit 0
        fi
        enter_environment
        # By this its cluster finds it.
        env RABBITMQ_PID_FILE="$cluster_dir/node.pid" epmd -daemon >/dev/null 2>&1 </dev/null 7>&- 8>&- 9>&-
        wait_until 10 port_is_taken "$epmd" || fail "epmd does not listen on port $epmd"
    ) || exit 1
}

# A broker that is new or has lost its data joins one that has joined; the first of all is the cluster.
join() {
    [[ ! -e $joined ]] || return 0
    local other
    exec 7>"$cluster_dir/join.lock"
    flock -w 300 7 || fail "another broker of '$cluster_name' has been joining for 5 minutes"
    if [[ -n $(joined_others) ]]; then
        other=$(joined_and_running) || fail "no other broker of '$cluster_name' runs, so '$name' has nothing to join" \
            "start another first: infra/broker start --name $cluster_name-$(joined_others | head -n 1)"
        progress "RabbitMQ '$name' joins '$cluster_name-$other' …"
        tool stop_app || return 1
        if ! tool join_cluster "$(node_of "$other")"; then
            # The others know it from before it lost its data.
            one "$other" ctl -- forget_cluster_node "$node" >>"$dir/log/rabbitmqctl" 2>&1 || true
            tool join_cluster "$(node_of "$other")" || return 1
        fi
        tool start_app || return 1
    fi
    touch "$joined"
    exec 7>&-
}

# tool ARGUMENT…: rabbitmqctl on this broker, in vain within 2 minutes at most.
tool() {
    as_of_version timeout 120 "$programs/rabbitmqctl" -q "$@"
    (enter_environment && exec "${command_line[@]}" >>"$dir/log/rabbitmqctl" 2>&1 7>&- 9>&-)
}

forget() {
    require_cluster
    take_turn
    local other
    other=$(joined_and_running) || fail "no other broker of '$cluster_name' runs, and could forget '$name'"
    ! running_pid >/dev/null || kill_hard
    # They may need a moment to hear that it is down.
    wait_until 60 is_forgotten_by "$other" || {
        tail_of "$dir/log/rabbitmqctl"
        fail "'$cluster_name-$other' does not forget '$name'"
    }
    rm -rf "$dir/mnesia"
    say "'$name' is forgotten, and its data are deleted"
}

is_forgotten_by() { one "$1" ctl -- -q forget_cluster_node "$node" >"$dir/log/rabbitmqctl" 2>&1; }

# Cuts this broker and another from each other, or this one off from all others; or heals that. Each reads nothing more of
# what the other sends, as if the network swallowed it, and has for the other a cookie that is not the other's, so that
# they do not connect again.
separate() {
    require_cluster
    local own=${name##*-} other others=()
    for ((other = 1; other <= $(cat "$cluster_dir/cluster"); other++)); do
        [[ $other == "$own" || (-n $from && $from != "$cluster_name-$other") ]] || others+=("$other")
    done
    ((${#others[@]} > 0)) ||
        fail "--from wants another broker of the cluster, not '$from'" "for instance: --from $cluster_name-1"
    # First, and from all others in one step: RabbitMQ up to 4.2 pauses also the others when it finds out about one of
    # the cuts before there is another, since then one broker still sees both.
    separate_one "$own" "${others[@]}"
    for other in "${others[@]}"; do separate_one "$other" "$own"; done
    say "'$name' and '${from:-all others}' are $([[ $command == cut ]] && echo cut from each other || echo together again)"
}

# separate_one NUMBER OTHER…
separate_one() {
    local cookie='erlang:get_cookie()' active=true other nodes=() answer
    if [[ $command == cut ]]; then cookie='list_to_atom("cut by " ++ atom_to_list(node()))' active=false; fi
    for other in "${@:2}"; do nodes+=("'$(node_of "$other")'"); done
    answer=$(one "$1" ctl -- eval "
        lists:foreach(fun(Other) ->
            true = erlang:set_cookie(Other, $cookie),
            case lists:keyfind(Other, 1, erlang:system_info(dist_ctrl)) of
                {_, Port} -> inet:setopts(Port, [{active, $active}]);
                false -> ok
            end
        end, [$(IFS=, && echo "${nodes[*]}")])." 2>&1) || true
    [[ $answer == *ok ]] || fail "'$cluster_name-$1' does not do it: $answer" "is it running, and not frozen?"
}
