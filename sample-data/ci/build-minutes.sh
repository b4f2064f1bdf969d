#!/bin/sh
# Keeps a budget of build minutes: so many a month, and each job takes what it is allowed to use.
#
#   build-minutes.sh grant            this month's minutes, once a month however often it is run
#   build-minutes.sh spend MINUTES    this job's minutes, once a job however often it is run again;
#                                     refused (exit 4) where not so many are left
#   build-minutes.sh check            the log is sound, it is the one whose head was kept, the
#                                     budget holds; keeps the new head
#
# Works in a CI job of GitHub, GitLab, Buildkite or Jenkins (`--key auto` needs one).
# LEDGER_LOG   the log                                  (build-minutes.jsonl)
# MINUTES      how many a month has                     (2000)
# HEAD_FILE    where the head is kept between two runs  (build-minutes.head)
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
    # job is run again: a fixed figure, no measured time. On GitHub the legs of a matrix share a
    # job, so the leg stands in a tag, which makes their keys differ.
    ledger transfer "$1" --from budget --to spent --key auto \
        --tag "commit=${GITHUB_SHA:-${CI_COMMIT_SHA:-unknown}}" --tag "leg=${LEG:-only}"
}

check() {
    if [ -f "$head_file" ]; then
        # The log still holds what the last run saw: nothing was cut off or rewritten.
        ledger verify --head "$(cat "$head_file")"
    else
        ledger verify
    fi
    format=text
    if [ -n "${GITHUB_ACTIONS:-}" ]; then
        format=github
    fi
    ledger assert --format "$format" 'budget >= 0'
    # Kept elsewhere, as an artifact, the head is what nobody can rewrite.
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
