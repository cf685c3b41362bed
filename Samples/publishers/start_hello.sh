#!/bin/sh
# Start E1_HelloSequence from a shell.   start_hello.sh [INSTANCE-ID]   (Debian: amqp-tools)
# amqp-publish sets neither correlation nor message id, so the instance id travels as a header; nor does it wait for the
# broker's confirm: to be sure, start the same instance id again. An AMQP start without message id never runs it twice.
set -eu

instance=${1:-$(cat /proc/sys/kernel/random/uuid)}

# The first broker that answers.
for url in $(echo "${REPRISE_AMQP_URL:-amqp://guest:guest@127.0.0.1:5672}" | tr , ' '); do
    amqp-publish --url="$url" \
        --exchange="reprise.${REPRISE_HUB:-default}" --routing-key=start.E1_HelloSequence \
        --header="reprise-instance: $instance" --content-type=application/json --persistent --body=null || continue
    echo "$instance"
    exit
done
exit 1
