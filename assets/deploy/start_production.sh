#!/bin/bash
# Starts tubeops for good: checks settings and connections first, then serves until it is told to stop.
#   start_production.sh [--nodes N] [OPTIONS OF tubeops serve]
# --nodes N: N nodes on this machine that share one backlog (CLUSTER=1 and DATABASE_URL), each with a
#            data folder of its own (node-1 … below TUBEOPS_DATA) and a REST port of its own (LISTEN's, + 1 …)
# Environment: TUBEOPS (the program, default: tubeops), START_WAIT (seconds that PostgreSQL and Redis may
# take to answer, default 60).
# Exit status: tubeops serve's; 1 when something is broken, 2 for wrong options.
set -euo pipefail

program=${TUBEOPS:-tubeops}
patience=${START_WAIT:-60}
nodes=1
common=() # options that every command takes
own=()    # of serve

say() { printf 'start_production: %s\n' "$*" >&2; }

refuse() { # exit status, why
	say "${*:2}"
	exit "$1"
}

read_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--nodes | --data | --env | --listen)
			[ $# -ge 2 ] || refuse 2 "$1 needs a value"
			if [ "$1" = --nodes ]; then nodes=$2; else common+=("$1" "$2"); fi
			shift
			;;
		--nodes=*) nodes=${1#*=} ;;
		--data=* | --env=* | --listen=* | --no-rest | --verbose) common+=("$1") ;;
		*) own+=("$1") ;;
		esac
		shift
	done
	[[ $nodes =~ ^[1-9][0-9]?$ ]] || refuse 2 "--nodes: \"$nodes\" is not a number from 1 to 99"
	[[ $patience =~ ^[0-9]+$ ]] || refuse 2 "START_WAIT: \"$patience\" is not a number of seconds"
}

# What doctor found, into $found. PostgreSQL and Redis may come up later than this machine's other
# services: while they alone are broken, it is asked again.
check() { # options
	local end=$((SECONDS + patience)) broken
	while :; do
		found=$("$program" doctor "$@") && return 0
		broken=$(grep '^broken' <<<"$found") || refuse 1 "tubeops doctor does not run: ${found:-it printed nothing}"
		if [ $SECONDS -ge $end ] || grep -Evq '^broken +(postgres|redis) ' <<<"$broken"; then
			printf '%s\n' "$broken" >&2
			refuse 1 "not started; mend that, or see all with: $program doctor${*:+ $*}"
		fi
		sleep 1
	done
}

setting() { # name: the value that doctor found for it
	sed -n "s/^[a-z]* *setting *$1 = \(.*\) ([^()]*)\$/\1/p" <<<"$found"
}

# The name by which nodes of a cluster are told apart.
name_node() { # number, "" for the only one
	if [ "$(setting CLUSTER)" = 1 ] && [ "$(setting NODE_NAME)" = local ]; then
		export NODE_NAME=${HOSTNAME:-$(hostname)}${1:+-$1}
	elif [ -n "$1" ]; then
		export NODE_NAME=${base_name:=$(setting NODE_NAME)}-$1
	fi
}

start_one() {
	check "${common[@]}"
	grep '^note' <<<"$found" >&2 || true
	name_node ""
	exec "$program" serve "${common[@]}" "${own[@]}"
}

stop_nodes() {
	kill -TERM "${pids[@]}" 2>/dev/null || true
}

start_many() {
	local data listen i status=0 ended base_name=
	check "${common[@]}"
	[ "$(setting CLUSTER)" = 1 ] || refuse 2 "--nodes wants CLUSTER=1: other nodes share nothing with each other"
	data=$(setting TUBEOPS_DATA)
	data=${data:-${XDG_DATA_HOME:-$HOME/.local/share}/tubeops}
	listen=$(setting LISTEN)
	pids=()
	trap stop_nodes TERM INT
	for ((i = 1; i <= nodes; i++)); do
		name_node "$i"
		"$program" serve "${common[@]}" --data "$data/node-$i" --listen "${listen%:*}:$((${listen##*:} + i - 1))" "${own[@]}" &
		pids+=($!)
		say "node $NODE_NAME: process $!, data in $data/node-$i"
	done
	# the first that ends takes the others with it, so that whoever watches this script starts all anew
	wait -n "${pids[@]}" || status=$?
	trap '' TERM INT
	stop_nodes
	for i in "${pids[@]}"; do
		ended=0
		wait "$i" || ended=$?
		if [ "$ended" -ne 0 ] && [ "$ended" -ne 127 ]; then status=$ended; fi
	done
	# 143: the signal that asked us to stop ended the waiting, no node
	if [ "$status" -eq 143 ] || [ "$status" -eq 130 ]; then status=0; fi
	exit "$status"
}

read_options "$@"
command -v "$program" >/dev/null || refuse 1 "there is no program $program: install it, or name it in TUBEOPS"
if [ "$nodes" -eq 1 ]; then start_one; else start_many; fi
