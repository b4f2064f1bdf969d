#!/bin/sh
# Signs the head of a log every night, and so watches over the log.
#
# If the log did not grow from the head of the night before, nothing is signed and this ends with
# exit code 6. Otherwise the new head is signed, and a copy of it and a proof of growth are kept with
# the date. Put the directory where others fetch it: a log can be changed together with its heads, but
# not the copies that others have.
#
#   crontab:  30 2 * * *  cd /srv/shop && KEY=~/.ssh/ledger ./nightly-head.sh
#
# cron mails what goes wrong. A key that cron uses has no passphrase, or is in an agent: then KEY is the
# public key file.
#
# LEDGER_LOG  the log                               (ledger.jsonl)
# KEY         the key that signs                    (required)
# SIGNERS     who may sign: allowed_signers         (heads/allowed_signers)
# HEADS       the directory of heads                (heads)
set -eu

LEDGER_LOG=${LEDGER_LOG:-ledger.jsonl}
export LEDGER_LOG
key=${KEY:?KEY names the key that signs}
heads=${HEADS:-heads}
signers=${SIGNERS:-$heads/allowed_signers}
day=$(date -u +%Y-%m-%d)

if [ -f "$heads/newest.head" ]; then
    # The head of the last night is signed by a known key, and the log begins with all its lines.
    ledger verify --quiet --head "$heads/newest.head" --signers "$signers"
    ledger prove --quiet --since "$heads/newest.head" --sign "$key" --output "$heads/$day.growth"
fi
ledger head --sign "$key" --output "$heads/newest.head"
cp "$heads/newest.head" "$heads/$day.head"
