#!/usr/bin/env bash
# Runs the same workload with ledger and with other programs, and prints a Markdown table per size:
#
#   cargo build --profile dist --bins --examples
#   benches/peers.sh                  # 10,000, 100,000 and 1,000,000 events
#   benches/peers.sh 10000000         # or any sizes
#
# Each cell is the time of a whole process (the median of several runs if it is short) and its ratio to
# ledger's time in the first column (in the second if the first is empty). For DuckDB the start of
# Python is not counted. Programs that are not installed are skipped and named; a program that takes
# longer than LIMIT seconds (60) is skipped for larger sizes. Files are created in a directory under
# WORK (/tmp), which is deleted at the end; the largest size takes about five times the log's bytes,
# eight times with the journals.
#
# PEERS="sqlite3 duckdb" compares with these only. CPU=1 measures processor time (user and system)
# instead of wall-clock time, which is better on a busy machine but does not include waiting for disks.
#
# The first column is `ledger` with a checkpoint; the second is `--no-cache`, which reads the whole
# log; the third is the first on a log of ten events. All files are in the page cache.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ours=${LEDGER:-$root/target/dist/ledger}
generate=${GENERATE:-$root/target/dist/examples/generate}
refold=${REFOLD:-$root/target/dist/examples/refold}
limit=${LIMIT:-60}
batch_size=${BATCH:-100000}
sizes=("$@")
if [ ${#sizes[@]} -eq 0 ]; then
    sizes=(10000 100000 1000000)
fi
for program in "$ours" "$generate" "$refold"; do
    if [ ! -x "$program" ]; then
        echo "peers.sh: $program is missing: cargo build --profile dist --bins --examples" >&2
        exit 2
    fi
done
work=$(mktemp -d "${WORK:-/tmp}/peers.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset LEDGER_LOG LEDGER_FILE LEDGER_NOW

# As an installation lays it down: what a linker has just written lies in the page cache in small
# pieces, and takes a fifth longer to start.
cp "$ours" "$work/ledger"
ours=$work/ledger
linkage=()
if ldd "$ours" 2>&1 | grep -q -e "not a dynamic" -e "statically linked"; then
    linkage=(-C target-feature=+crt-static)
fi

# --- what is installed ----------------------------------------------------------------------------

missing=()
declare -A has=()
look() { # NAME COMMAND...
    local name=$1
    shift
    if [ -n "${PEERS:-}" ] && [[ " $PEERS openssl rustc hyperfine " != *" $name "* ]]; then
        missing+=("$name")
    elif "$@" >/dev/null 2>&1; then
        has[$name]=yes
    else
        missing+=("$name")
    fi
}
look sqlite3 sqlite3 -version
look duckdb python3 -c 'import duckdb'
look hledger hledger --version
look ledger-cli bash -c 'ledger --version | grep -q "^Ledger [0-9]"'
look beancount python3 -c 'import beancount.loader'
look jq jq --version
look openssl openssl version
look rustc rustc --version
look hyperfine hyperfine --version

# --- measuring ---------------------------------------------------------------------------------

# Runs a command; sets `took` to its microseconds and `code` to its exit code.
run() { # COMMAND
    local wall user system
    TIMEFORMAT='%R %U %S'
    code=0
    read -r wall user system < <(
        { time timeout "$limit" bash -c "$1" >/dev/null 2>&1 </dev/null || echo "$?" >"$work/code"; } 2>&1
    )
    if [ -e "$work/code" ]; then
        code=$(<"$work/code")
        rm "$work/code"
    fi
    took=$(awk -v wall="$wall" -v user="$user" -v kernel="$system" -v cpu="${CPU:-}" \
        'BEGIN { printf "%d\n", 1e6 * (cpu != "" ? user + kernel : wall) }')
}

# Microseconds that a command takes: one run if it is long, otherwise the median of several. Empty if
# it fails, "over" if it takes longer than the limit. The command is split at spaces and quotes.
measure() { # COMMAND
    local took code
    run "$1"
    if [ "$code" -eq 124 ]; then
        echo over
        return
    elif [ "$code" -ne 0 ]; then
        return
    fi
    if [ "$took" -gt 2000000 ]; then
        echo "$took"
        return
    fi
    if [ -n "${has[hyperfine]:-}" ]; then
        local runs=5
        [ "$took" -gt 200000 ] || runs=${RUNS:-20}
        hyperfine -N --style none --warmup 1 --runs "$runs" --export-json "$work/times" "$1" >/dev/null 2>&1
        # For processor time it reports the mean only.
        out_of_hyperfine "$work/times"
        return
    fi
    for _ in 1 2 3 4 5; do
        run "exec $1"
        echo "$took"
    done | sort -n | sed -n 3p
}

# Microseconds from hyperfine's output.
out_of_hyperfine() { # FILE
    awk -F'[:,]' -v cpu="${CPU:-}" '
        $1 ~ /"median"/ { median = $2 } $1 ~ /"user"/ { user = $2 } $1 ~ /"system"/ { kernel = $2 }
        END { printf "%d\n", 1e6 * (cpu != "" ? user + kernel : median) }' "$1"
}

# The same for a command that changes its files, which are prepared before each of three runs.
measure_once() { # PREPARE COMMAND
    local took code
    for _ in 1 2 3; do
        bash -c "$1" >/dev/null 2>&1
        run "$2"
        if [ "$code" -eq 124 ]; then
            echo over
            return
        elif [ "$code" -ne 0 ]; then
            return
        fi
        echo "$took"
    done | sort -n | sed -n 2p
}

# A DuckDB query, without the start of Python.
measure_duckdb() { # DATABASE SQL
    local code=0
    timeout "$limit" python3 - "$1" "$2" <<'PYTHON' 2>/dev/null || code=$?
import os, sys, time, duckdb
clock = time.process_time if os.environ.get("CPU") else time.perf_counter
times = []
for _ in range(3):
    start = clock()
    connection = duckdb.connect(sys.argv[1])
    connection.execute(sys.argv[2]).fetchall()
    connection.close()
    times.append(clock() - start)
print(int(sorted(times)[1] * 1e6))
PYTHON
    if [ "$code" -eq 124 ]; then
        echo over
    fi
}

# Columns of programs that are missing or were too slow for a smaller size.
declare -A gone=()
is_in() { [ -n "${has[$1]:-}" ] && [ -z "${gone[$1]:-}" ]; }

cell() { # MICROSECONDS OURS
    case $1 in
    "") echo "–" ;;
    over) echo "over $limit s" ;;
    *)
        awk -v t="$1" -v ours="$2" 'BEGIN {
            if (t < 10000) text = sprintf("%.2f ms", t / 1000)
            else if (t < 1000000) text = sprintf("%.0f ms", t / 1000)
            else text = sprintf("%.2f s", t / 1000000)
            if (ours != "" && ours != "over" && ours > 0) text = text sprintf(" (%.2f ×)", t / ours)
            print text
        }'
        ;;
    esac
}

columns=(cold ten sqlite3 duckdb hledger ledger-cli beancount jq floor)
declare -A times=()
row() { # NAME [BASE]: prints what stands in `times`, with ratios to these microseconds if given
    local line column base=${2:-${times[ours]:-}}
    line="| $1 | $(cell "${times[ours]:-}" "")"
    for column in "${columns[@]}"; do
        if [ -z "$base" ] && [ "$column" = cold ]; then
            base=${times[cold]:-}
            line+=" | $(cell "$base" "")"
            continue
        fi
        line+=" | $(cell "${times[$column]:-}" "$base")"
        if [ "${times[$column]:-}" = over ]; then
            gone[$column]=yes
        fi
    done
    echo "$line |"
    times=()
}

# --- the workload ------------------------------------------------------------------------------

# The log's postings: seq, time in UTC, account, cents.
postings() {
    awk -F'"' -v OFS=, '
        function cents(text) { sub(/\./, "", text); return text + 0 }
        { seq = $5; gsub(/[:,]/, "", seq); at = $8; sub(/Z$/, "", at) }
        $12 == "deposit" { print seq, at, $16, cents($20) }
        $12 == "withdraw" { print seq, at, $16, -cents($20) }
        $12 == "transfer" { print seq, at, $16, -cents($24); print seq, at, $20, cents($24) }' "$1"
}

# Commands for `ledger batch`.
deposits() { # COUNT
    awk -v n="$1" 'BEGIN {
        for (i = 1; i <= n; i++) printf "{\"type\":\"deposit\",\"account\":\"assets:acct%05d\",\"amount\":\"%d.%02d\"}\n", i % 1000, i % 900 + 1, i % 100
    }'
}

# A journal for hledger and ledger-cli, or with `beancount` for beancount.
journal() { # POSTINGS [beancount]
    awk -F, -v beans="${2:-}" '
        function name(account) {
            if (beans == "") return account
            sub(/^assets:acct/, "Assets:Acct", account); sub(/^rare$/, "Assets:Rare", account)
            if (!(account in seen)) { seen[account] = 1; print "1970-01-01 open " account }
            return account
        }
        function money(cents) { return sprintf("%s%d.%02d EUR", cents < 0 ? "-" : "", (cents < 0 ? -cents : cents) / 100, (cents < 0 ? -cents : cents) % 100) }
        BEGIN { other = beans == "" ? "equity:world" : "Equity:World"; if (beans != "") print "1970-01-01 open " other }
        { account = name($3); day = substr($2, 1, 10)
          printf "%s * \"%s\"\n    %s  %s\n    %s  %s\n\n", day, $1, account, money($4), other, money(-$4) }' "$1"
}

# The directory of ledger's checkpoints.
export XDG_CACHE_HOME=$work/cache
mkdir "$XDG_CACHE_HOME"
ten=$work/ten.jsonl
"$generate" 10 --out "$ten"
sync "$ten"

for size in "${sizes[@]}"; do
    dir=$work/$size
    mkdir "$dir"
    log=$dir/ledger.jsonl
    "$generate" "$size" --out "$log"
    # An account with few events, followed by enough events that a checkpoint covers it.
    for amount in 1 2 3; do
        "$ours" -f "$log" -q deposit "$amount" -a rare
    done
    deposits 2000 | "$ours" -f "$log" -q batch
    # The moment in the middle, and the account of the event there.
    line=$((size / 2 + 1))
    middle=$(sed -n "${line}s/.*\"at\":\"\([^\"]*\)\".*/\1/p;${line}q" "$log")
    one=$(sed -n "${line}s/.*\"\(account\|from\)\":\"\([^\"]*\)\".*/\2/p;${line}q" "$log")
    day=${middle%%T*}
    postings "$log" >"$dir/postings.csv"
    if is_in sqlite3; then
        sqlite3 "$dir/db" >/dev/null <<SQL
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TABLE events (seq INTEGER, moment TEXT, account TEXT, cents INTEGER);
.mode csv
.import $dir/postings.csv events
CREATE INDEX covering ON events (account, moment, seq, cents);
CREATE TABLE balances (account TEXT PRIMARY KEY, cents INTEGER) WITHOUT ROWID;
INSERT INTO balances SELECT account, sum(cents) FROM events GROUP BY account;
CREATE TRIGGER keep AFTER INSERT ON events BEGIN
  INSERT INTO balances VALUES (new.account, new.cents)
    ON CONFLICT (account) DO UPDATE SET cents = cents + excluded.cents;
END;
PRAGMA journal_mode=DELETE;
SQL
    fi
    if is_in duckdb; then
        python3 - "$dir" <<'PYTHON'
import sys, duckdb
connection = duckdb.connect(sys.argv[1] + "/duck")
connection.execute(
    "CREATE TABLE events AS SELECT * FROM read_csv(?, header = false, columns = "
    "{'seq': 'BIGINT', 'moment': 'TIMESTAMP', 'account': 'VARCHAR', 'cents': 'BIGINT'})",
    [sys.argv[1] + "/postings.csv"],
)
PYTHON
    fi
    if is_in hledger || is_in ledger-cli; then
        journal "$dir/postings.csv" >"$dir/journal"
    fi
    if is_in beancount; then
        journal "$dir/postings.csv" beancount >"$dir/beans"
        cat >"$dir/beans.py" <<'PYTHON'
import collections, sys
from beancount import loader
entries, errors, options = loader.load_file(sys.argv[1])
sums = collections.Counter()
for entry in entries:
    for posting in getattr(entry, "postings", ()):
        sums[posting.account] += posting.units.number
print(sums)
PYTHON
    fi

    echo
    echo "### $size events, $(($(wc -c <"$log") / 1000000)) MB"
    echo
    echo "| | ledger | ledger --no-cache | ledger, ten events | sqlite3 | DuckDB | hledger | ledger-cli | beancount | jq | floor |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"

    # All files are synced and in the page cache.
    for file in "$log" "$dir"/db "$dir"/duck; do
        if [ -e "$file" ]; then
            sync "$file"
            cat "$file" >/dev/null
        fi
    done
    bytes=$(wc -c <"$log")
    times[cold]=$(measure "$ours --no-cache -f $log balance")
    if is_in sqlite3; then
        times[sqlite3]=$(measure "sqlite3 $dir/db 'SELECT account, sum(cents) FROM events GROUP BY account'")
    fi
    if is_in duckdb; then
        times[duckdb]=$(measure_duckdb "$dir/duck" "SELECT account, sum(cents) FROM events GROUP BY account")
    fi
    if is_in hledger; then
        times[hledger]=$(measure "hledger -f $dir/journal balance assets")
    fi
    if is_in ledger-cli; then
        times[ledger-cli]=$(measure "ledger -f $dir/journal balance assets")
    fi
    if is_in beancount; then
        times[beancount]=$(BEANCOUNT_DISABLE_LOAD_CACHE=1 measure "python3 $dir/beans.py $dir/beans")
    fi
    if is_in jq; then
        cat >"$dir/sums.jq" <<'JQ'
def add($account; $by): setpath([$account]; (getpath([$account]) // 0) + $by);
reduce inputs as $e ({};
  ($e.amount // "0" | tonumber) as $by
  | if $e.type == "deposit" then add($e.account; $by)
    elif $e.type == "withdraw" then add($e.account; -$by)
    elif $e.type == "transfer" then add($e.from; -$by) | add($e.to; $by)
    else . end)
JQ
        times[jq]=$(measure "jq -n -f $dir/sums.jq $log")
    fi
    times[floor]=$(measure "wc -l $log")
    row "all balances, from every event (floor: \`wc -l\`)"

    times[cold]=$("$refold" "$log")
    times[floor]=$(measure "wc -l $log")
    row "the same again in one process, without the hashes (floor: \`wc -l\`)"

    times[ours]=$(measure_once "rm -rf $XDG_CACHE_HOME" "$ours -f $log balance")
    row "all balances, and a checkpoint written"

    times[ours]=$(measure "$ours -f $log balance")
    times[ten]=$(measure "$ours -f $ten balance")
    if is_in sqlite3; then
        times[sqlite3]=$(measure "sqlite3 $dir/db 'SELECT * FROM balances'")
    fi
    row "all balances (sqlite3: a table kept by a trigger)"

    times[ours]=$(measure "$ours -f $log balance $one")
    times[cold]=$(measure "$ours --no-cache -f $log balance $one")
    if is_in sqlite3; then
        times[sqlite3]=$(measure "sqlite3 $dir/db \"SELECT sum(cents) FROM events WHERE account = '$one'\"")
    fi
    if is_in duckdb; then
        times[duckdb]=$(measure_duckdb "$dir/duck" "SELECT sum(cents) FROM events WHERE account = '$one'")
    fi
    if is_in hledger; then
        times[hledger]=$(measure "hledger -f $dir/journal balance $one")
    fi
    if is_in ledger-cli; then
        times[ledger-cli]=$(measure "ledger -f $dir/journal balance $one")
    fi
    row "balance of one account"

    times[ours]=$(measure "$ours -f $log balance --until $middle")
    times[cold]=$(measure "$ours --no-cache -f $log balance --until $middle")
    if is_in sqlite3; then
        times[sqlite3]=$(measure "sqlite3 $dir/db \"SELECT account, sum(cents) FROM events WHERE moment <= '${middle%Z}' GROUP BY account\"")
    fi
    if is_in duckdb; then
        times[duckdb]=$(measure_duckdb "$dir/duck" "SELECT account, sum(cents) FROM events WHERE moment <= '${middle%Z}' GROUP BY account")
    fi
    if is_in hledger; then
        times[hledger]=$(measure "hledger -f $dir/journal balance assets -e $day")
    fi
    if is_in ledger-cli; then
        times[ledger-cli]=$(measure "ledger -f $dir/journal balance assets -e $day")
    fi
    row "balances as of the middle (journals: of that day)"

    statement="SELECT seq, moment, cents, sum(cents) OVER (ORDER BY moment, seq) FROM events WHERE account"
    times[ours]=$(measure "$ours -f $log history rare")
    times[cold]=$(measure "$ours --no-cache -f $log history rare")
    if is_in sqlite3; then
        times[sqlite3]=$(measure "sqlite3 $dir/db \"$statement = 'rare'\"")
    fi
    if is_in duckdb; then
        times[duckdb]=$(measure_duckdb "$dir/duck" "$statement = 'rare'")
    fi
    if is_in hledger; then
        times[hledger]=$(measure "hledger -f $dir/journal register rare")
    fi
    if is_in ledger-cli; then
        times[ledger-cli]=$(measure "ledger -f $dir/journal register rare")
    fi
    row "history of an account with three events"

    times[ours]=$(measure "$ours -f $log history $one")
    times[cold]=$(measure "$ours --no-cache -f $log history $one")
    if is_in sqlite3; then
        times[sqlite3]=$(measure "sqlite3 $dir/db \"$statement = '$one'\"")
    fi
    if is_in duckdb; then
        times[duckdb]=$(measure_duckdb "$dir/duck" "$statement = '$one'")
    fi
    if is_in hledger; then
        times[hledger]=$(measure "hledger -f $dir/journal register $one")
    fi
    if is_in ledger-cli; then
        times[ledger-cli]=$(measure "ledger -f $dir/journal register $one")
    fi
    row "history of one account in a thousand"

    times[ours]=$(measure "$ours -f $log deposit 1 -a $one")
    times[cold]=$(measure "$ours --no-cache -f $log deposit 1 -a $one")
    times[ten]=$(measure "$ours -f $ten deposit 1 -a $one")
    if is_in sqlite3; then
        times[sqlite3]=$(measure "sqlite3 $dir/db \"INSERT INTO events VALUES (1, '${middle%Z}', '$one', 100)\"")
    fi
    row "one append, on the disk when it returns"

    deposits "$batch_size" >"$dir/batch.jsonl"
    awk -v n="$batch_size" -v at="${middle%Z}" 'BEGIN {
        print "BEGIN;"
        for (i = 1; i <= n; i++) printf "INSERT INTO events VALUES (%d, '\''%s'\'', '\''assets:acct%05d'\'', %d);\n", -i, at, i % 1000, (i % 900 + 1) * 100 + i % 100
        print "COMMIT;"
    }' >"$dir/batch.sql"
    # Removes what the previous run added.
    prepare="truncate -s $bytes $log; $ours -f $log balance; sync $log"
    times[ours]=$(measure_once "$prepare" "$ours -f $log -q batch $dir/batch.jsonl")
    times[cold]=$(measure_once "$prepare" "$ours --no-cache -f $log -q batch $dir/batch.jsonl")
    if is_in sqlite3; then
        times[sqlite3]=$(measure_once "sqlite3 $dir/db 'DELETE FROM events WHERE rowid > (SELECT max(rowid) - $batch_size FROM events) AND seq < 0'" "sqlite3 $dir/db '.read $dir/batch.sql'")
    fi
    row "a batch of $batch_size, all or nothing (sqlite3: one transaction)"

    stream_size=$((batch_size / 10))
    deposits "$stream_size" >"$dir/stream.jsonl"
    for each in 1 100; do
        # A receipt is printed after each sync, so the rows print their numbers.
        awk -v n="$stream_size" -v at="${middle%Z}" -v each="$each" 'BEGIN {
            print "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            for (i = 1; i <= n; i++) {
                if (i % each == 1 % each) print "BEGIN;"
                printf "INSERT INTO events VALUES (%d, '\''%s'\'', '\''assets:acct%05d'\'', %d) RETURNING seq;\n", -i, at, i % 1000, (i % 900 + 1) * 100 + i % 100
                if (i % each == 0) print "COMMIT;"
            }
            if (n % each != 0) print "COMMIT;"
        }' >"$dir/stream.sql"
        times[ours]=$(measure_once "$prepare" "cat $dir/stream.jsonl | $ours -f $log batch --stream")
        times[cold]=$(measure_once "$prepare" "cat $dir/stream.jsonl | $ours --no-cache -f $log batch --stream")
        if is_in sqlite3; then
            undo="PRAGMA journal_mode=DELETE; DELETE FROM events WHERE seq < 0"
            times[sqlite3]=$(measure_once "sqlite3 $dir/db '$undo'" "sqlite3 $dir/db '.read $dir/stream.sql'")
            sqlite3 "$dir/db" "$undo" >/dev/null
        fi
        if [ "$each" = 1 ]; then
            rows="each row"
        else
            rows="$each rows"
        fi
        row "a pipe of $stream_size, a receipt each after its sync (sqlite3 in WAL mode: a transaction for $rows)"
    done

    # Sync first, so that nothing runs in the background of commands that use all cores.
    bash -c "$prepare; sync" >/dev/null
    times[cold]=$(measure "$ours --no-cache -f $log verify")
    if is_in openssl; then
        times[floor]=$(measure "openssl dgst -sha256 $log")
    fi
    row "every line checked (floor: \`openssl dgst -sha256\` of the file)"

    times[ours]=$(measure "$ours -f $log verify")
    row "every line checked, and the checkpoint"

    # What goes through every event, beside all balances: each measured just before.
    bulk() { # NAME MEASURED BASE
        times[cold]=$2
        row "$1 (ratio: to all balances, from every event)" "$3"
    }
    balance() { measure "$ours --no-cache -f $log balance"; }
    for format in csv jsonl; do
        base=$(balance)
        bulk "\`export --to $format\`" "$(measure "$ours --no-cache -f $log export --to $format")" "$base"
    done
    base=$(balance)
    bulk "\`watch --since seq:0 --no-follow --json\`" \
        "$(measure "$ours --no-cache -f $log watch --since seq:0 --no-follow --json")" "$base"
    base=$(balance)
    bulk "\`project sqlite\`, a new file" \
        "$(measure_once "rm -f $dir/project.db*" "$ours --no-cache -f $log -q project sqlite $dir/project.db")" "$base"
    base=$(balance)
    bulk "\`why\`, one account in a thousand" "$(measure "$ours --no-cache -f $log why $one")" "$base"
    base=$(balance)
    bulk "\`bisect --all\`" "$(measure "$ours --no-cache -f $log bisect --all '$one > 1000'")" "$base"
    base=$(balance)
    bulk "\`assert --always\`" "$(measure "$ours --no-cache -f $log assert --always '$one >= 0'")" "$base"
    base=$(balance)
    bulk "\`balance --without\` one event" \
        "$(measure "$ours --no-cache -f $log balance --without $((size / 2))")" "$base"

    times[ours]=$(measure "$ours -f $log head")
    times[ten]=$(measure "$ours -f $ten head")
    if is_in rustc; then
        echo 'fn main() { println!("hello"); }' >"$work/hello.rs"
        rustc -O -C panic=abort "${linkage[@]}" --edition 2021 -o "$work/linked" "$work/hello.rs"
        cp "$work/linked" "$work/hello"
        times[floor]=$(measure "$work/hello")
    fi
    row "\`ledger head\` (floor: a hello-world of the same linkage)"

    rm -rf "$dir"
done

echo
if [ ${#missing[@]} -gt 0 ]; then
    echo "Left out, not installed or not asked for: ${missing[*]}."
fi
for column in "${!gone[@]}"; do
    echo "$column took more than $limit seconds and was left out from there on."
done
