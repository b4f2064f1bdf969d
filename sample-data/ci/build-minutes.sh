#!/bin/sh
# Keeps a monthly budget of build minutes from which each job takes a fixed amount.
#
#   build-minutes.sh grant            adds this month's minutes; repeating it has no effect
#   build-minutes.sh spend MINUTES    takes this job's minutes; repeating it in a job has no effect;
#                                     refused (exit 4) if there are not enough left
#   build-minutes.sh check            checks the log, compares it with the kept head, checks the
#                                     budget, and keeps the new head
#
# Works in a CI job of GitHub, GitLab, Buildkite or Jenkins (`--key auto` needs one).
# LEDGER_LOG   the log                                  (build-minutes.jsonl)
# MINUTES      minutes per month                        (2000)
# HEAD_FILE    keeps the head between two runs          (build-minutes.head)
set -eu

LEDGER_LOG=${LEDGER_LOG:-build-minutes.jsonl}
export LEDGER_LOG
minutes=${MINUTES:-2000}
head_file=${HEAD_FILE:-build-minutes.head}

grant() {
    month=$(date -u +%Y-%m)
    ledger deposit "$minutes" --account budget --memo "build minutes of $month" \
        --key "budget-$month"
}

spend() {
    # The key is made of the run, the job and these arguments, so they must be the same when the
    # job is run again: a fixed number, not a measured time. The jobs of a GitHub matrix share a
    # name, so the tag `leg` makes their keys different.
    ledger transfer "$1" --from budget --to spent --key auto \
        --tag "commit=${GITHUB_SHA:-${CI_COMMIT_SHA:-unknown}}" --tag "leg=${LEG:-only}"
}

check() {
    if [ -f "$head_file" ]; then
        # The log still contains what the last run had: nothing was cut off or rewritten.
        ledger verify --head "$(cat "$head_file")"
    else
        ledger verify
    fi
    format=text
    if [ -n "${GITHUB_ACTIONS:-}" ]; then
        format=github
    fi
    ledger assert --format "$format" 'budget >= 0'
    # The head is kept elsewhere, as an artifact, to detect tampering.
    ledger head >"$head_file"
}

case "${1:-}" in
grant) grant ;;
spend) spend "${2:?spend MINUTES}" ;;
check) check ;;
*)
    echo "usage: $0 grant | spend MINUTES | check" >&2
    exit 2
    ;;
esac
