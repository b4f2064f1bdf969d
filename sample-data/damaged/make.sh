#!/bin/sh
# Makes one damaged log per kind of damage, each from the same sound one: damaged/make.sh [LEDGER]
#
# For each KIND.jsonl there is a KIND.txt with the output of `ledger balance`.
set -eu
ledger=${1:-ledger}
here=$(cd "$(dirname "$0")" && pwd)
cd "$(mktemp -d)"

run() {
    LEDGER_NOW=$1
    export LEDGER_NOW
    shift
    "$ledger" --file sound.jsonl --quiet "$@"
}
run 2026-03-01T08:00:00Z init --currency EUR --zone Europe/Vienna
run 2026-03-01T08:01:00Z deposit 120 -m 'pocket money'
run 2026-03-02T12:00:00Z withdraw 9.80 -m lunch --tag order=1234
run 2026-03-03T12:00:00Z transfer 50 --from main --to savings
run 2026-03-04T12:00:00Z withdraw 11.20 -m lunch
run 2026-03-05T18:00:00Z deposit 3.50 -m 'found in a coat'

line() { sed -n "$1p" sound.jsonl; }
sha() { printf '%s' "$1" | sha256sum | cut -c1-64; }
# seal PREVIOUS-HASH HEAD: a line without a note, with the hash that FORMAT asks for.
seal() {
    hash=$(printf '%s\n%s\n' "$1" "$2" | sha256sum | cut -c1-64)
    printf '%s,"hash":"%s"}\n' "$2" "$hash"
}
hash_of() { line "$1" | sed 's/.*,"hash":"\([0-9a-f]*\)".*/\1/'; }
kind() { # kind NAME < damaged bytes
    cat >"$here/$1.jsonl"
    "$ledger" --file "sample-data/damaged/$1.jsonl" balance >/dev/null 2>"$here/$1.txt" || true
}
ln -s "$(dirname "$here")" sample-data

kind sound <sound.jsonl
sed '3s/"9.80"/"9.08"/' sound.jsonl | kind changed-amount
sed '3s/lunch/hunch/' sound.jsonl | kind changed-memo
sed 4d sound.jsonl | kind removed-line
sed '3{h;d};4{G}' sound.jsonl | kind swapped-lines
sed 4p sound.jsonl | kind doubled-line
{ line 1; line 2; line 3; line 2; line 3; line 4; line 5; line 6; } | kind doubled-block
sed '3G' sound.jsonl | kind blank-line
sed 's/$/\r/' sound.jsonl | kind crlf
{ printf '\357\273\277'; cat sound.jsonl; } | kind byte-order-mark
sed '3s/$/ /' sound.jsonl | kind trailing-blank
{ line 1; line 2; line 3 | tr -d '\n'; line 4; line 5; line 6; } | kind glued-lines
sed '5s/"hash":"\([0-9a-f]*\)"/"hash":"\U\1"/' sound.jsonl | kind upper-case-hash
{ cat sound.jsonl; printf '{"v":3,"seq":6,"at":"2026-03-06T00:00:00.000000Z"}\n'; } | kind newer-version
{ cat sound.jsonl; echo 'see you next month'; } | kind foreign-line
{ cat sound.jsonl; line 3 | cut -c1-57 | tr -d '\n'; } | kind foreign-tail
{ cat sound.jsonl; seal "$(hash_of 6)" '{"v":1,"seq":6,"at":"2026-03-06T08:00:00.000000Z","type":"deposit","account":"main","amount":"5.00","currency":"EUR"' | cut -c1-90 | tr -d '\n'; } | kind torn-tail
{ cat sound.jsonl; seal "$(hash_of 6)" '{"v":1,"seq":6,"at":"2026-03-06T08:00:00.000000Z","type":"deposit","account":"main","amount":"5.00","currency":"EUR","more":true'; } | kind torn-batch
{ cat sound.jsonl; seal "$(hash_of 6)" '{"v":1,"seq":6,"at":"2026-03-04T08:00:00.000000Z","type":"deposit","account":"main","amount":"5.00","currency":"EUR"'; } | kind time-goes-back
{ cat sound.jsonl; seal "$(hash_of 6)" '{"v":1,"seq":8,"at":"2026-03-06T08:00:00.000000Z","type":"deposit","account":"main","amount":"5.00","currency":"EUR"'; } | kind seq-gap
{ cat sound.jsonl; seal "$(hash_of 6)" '{"v":1,"seq":6,"at":"2026-03-06T08:00:00.000000Z","type":"deposit","account":"main","account":"savings","amount":"5.00","currency":"EUR"'; } | kind doubled-key
{ cat sound.jsonl; seal "$(hash_of 6)" '{"v":1,"seq":6,"at":"2026-03-06T08:00:00.000000Z","type":"deposit","account":"main","amount":5.00,"currency":"EUR"'; } | kind amount-as-number
{ cat sound.jsonl; seal "$(hash_of 6)" '{"v":1,"seq":6,"at":"2026-03-06T08:00:00.000000Z","type":"withdraw","account":"main","amount":"5000.00","currency":"EUR"'; } | kind overdraft
{ printf '2026/03/01 pocket money\n    assets:cash   EUR 120\n    income:gift\n'; } | kind somebodys-journal
