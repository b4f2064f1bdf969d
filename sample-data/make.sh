#!/bin/sh
# Makes the sample logs with ledger itself: sample-data/make.sh [PATH-TO-LEDGER]
#
# The events are always the same; ids, salts and hashes are new each time.
set -eu
ledger=${1:-ledger}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# on WHEN COMMAND…: adds a command to the plan, to be run at that moment (UTC).
on() {
    line="record"
    for word in "$@"; do
        line="$line '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"
    done
    printf '%s\n' "$line" >>"$work/plan"
}

# Runs the plan in time order, and saves the log as NAME.jsonl.
keep() {
    LEDGER_LOG=$work/$1.jsonl
    export LEDGER_LOG
    sort -s -k2,2 "$work/plan" >"$work/sorted"
    rm "$work/plan"
    # shellcheck source=/dev/null
    . "$work/sorted"
    cp "$LEDGER_LOG" "$here/$1.jsonl"
    chmod 644 "$here/$1.jsonl"
}

record() {
    LEDGER_NOW=$1
    export LEDGER_NOW
    shift
    if [ "$1" = reverse-tagged ]; then
        # reverse-tagged ACCOUNT TAG…: the event of that account with that tag.
        seq=$("$ledger" history "$2" --json --limit 1 --tag "$3" | sed 's/.*"seq":\([0-9]*\),.*/\1/')
        shift 3
        set -- reverse "$seq" "$@"
    fi
    "$ledger" --quiet "$@"
}

# A small generator with a fixed seed, so that prices vary but are the same each time.
seed=7
dice() { # dice LOW HIGH → $roll
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    roll=$(($1 + seed / 65536 % ($2 - $1 + 1)))
}
price() { # price LOW HIGH, in cents → $price
    dice "$1" "$2"
    price=$(printf '%d.%02d' $((roll / 100)) $((roll % 100)))
}

household() {
    on 2025-11-01T07:00:00Z init --currency EUR --zone Europe/Vienna
    on 2025-11-01T07:01:00Z open assets:bank:giro --floor -1500 -m 'overdraft agreed with the bank'
    on 2025-11-01T07:02:00Z open assets:bank:savings
    on 2025-11-01T07:03:00Z open assets:cash
    on 2025-11-01T07:04:00Z open assets:travel --currency USD
    on 2025-11-01T07:10:00Z deposit 1840.55 -a assets:bank:giro -m 'opening balance'
    on 2025-11-01T07:11:00Z deposit 5200 -a assets:bank:savings -m 'opening balance'
    on 2025-11-01T07:12:00Z deposit 85.20 -a assets:cash -m 'counted in the purse'
    for month in 2025-11 2025-12 2026-01 2026-02 2026-03 2026-04 2026-05 2026-06 2026-07 2026-08 2026-09 2026-10; do
        on "$month-01T09:00:00Z" deposit 2650 -a assets:bank:giro -m salary --tag payer=Gruber-GmbH --key "salary-$month"
        on "$month-02T06:00:00Z" transfer 980 --from assets:bank:giro --to expenses:housing:rent -m "rent $month" --key "rent-$month"
        price 5800 9200
        on "$month-05T06:00:00Z" transfer "$price" --from assets:bank:giro --to expenses:housing:energy -m 'Wien Energie'
        on "$month-06T17:30:00Z" transfer 200 --from assets:bank:giro --to assets:cash -m 'cash machine, Mariahilfer Straße'
        on "$month-06T18:00:00Z" transfer 51 --from assets:bank:giro --to expenses:transport -m 'Wiener Linien, monthly'
        for day in 03 07 10 14 17 21 24 28; do
            price 2140 8790
            dice 1 3
            shop=$(echo 'Billa Hofer Spar' | cut -d' ' -f"$roll")
            on "$month-${day}T16:4$((roll * 2)):00Z" transfer "$price" --from assets:bank:giro --to expenses:groceries -m "$shop" --tag "shop=$shop"
        done
        for day in 04 09 12 16 19 23 26; do
            price 290 1480
            dice 1 4
            what=$(echo 'coffee|lunch|bakery|ice cream' | cut -d'|' -f"$roll")
            on "$month-${day}T11:1$roll:00Z" transfer "$price" --from assets:cash --to expenses:eating-out -m "$what"
        done
        on "$month-27T08:00:00Z" transfer 250 --from assets:bank:giro --to assets:bank:savings -m 'put aside' --tag goal=bicycle
        case $month in
        2025-12)
            on 2025-12-20T15:00:00Z transfer 214.90 --from assets:bank:giro --to expenses:gifts -m 'Christmas 🎁'
            ;;
        2026-02)
            on 2026-02-18T10:00:00Z transfer 129.99 --from assets:bank:giro --to expenses:clothing -m 'winter boots' --tag order=Z-8841
            on 2026-02-25T17:00:00Z reverse-tagged assets:bank:giro order=Z-8841 -m 'too small, sent back'
            ;;
        2026-04)
            # A receipt found in a coat: it took effect in March and was recorded in April.
            on 2026-04-02T19:05:00Z transfer 47.30 --from assets:cash --to expenses:eating-out -m 'birthday dinner, receipt found' --effective '2026-03-14 20:30'
            on 2026-04-02T19:07:00Z transfer 18.60 --from assets:cash --to expenses:transport -m 'taxi home' --effective '2026-03-14 23:50'
            ;;
        2026-06)
            on 2026-06-12T09:00:00Z withdraw 1100 -a assets:bank:savings -m 'changed into dollars'
            on 2026-06-12T09:01:00Z deposit 1192.40 USD -a assets:travel -m 'changed from 1100 EUR' --tag rate=1.084
            ;;
        2026-07)
            for day in 08 09 11 12 14 15 18; do
                price 1250 18990
                on "2026-07-${day}T20:15:00Z" withdraw "$price USD" -a assets:travel -m 'road trip' --tag trip=utah
            done
            on 2026-08-01T10:00:00Z withdraw 38.50 USD -a assets:travel -m 'park entrance, from the statement' --effective '2026-07-13 09:00' --tag trip=utah
            ;;
        2026-09)
            on 2026-09-05T13:00:00Z withdraw 1899 -a assets:bank:savings -m 'the bicycle' --tag goal=bicycle
            ;;
        esac
    done
    keep household
}

# cents AMOUNT CENTS → $sum, the amount with so many cents more.
cents() {
    sum=$(awk "BEGIN{printf \"%.2f\", $1 + $2 / 100}")
}

shop() {
    on 2026-02-01T08:00:00Z init --currency EUR --zone Europe/Berlin --strict
    for account in clearing:card clearing:paypal sales shipping fees payouts; do
        on 2026-02-01T08:01:00Z open "shop:$account"
    done
    on 2026-02-01T08:02:00Z limit shop:fees --floor none
    number=4700
    for day in 02 03 04 05 06 09 10 11 12 13 16 17 18 19 20 23 24 25 26 27; do
        for hour in 09 13 18; do
            number=$((number + 1))
            way=card
            dice 1 3
            [ "$roll" = 3 ] && way=paypal
            price 1490 12990
            if [ "$way" = card ]; then
                # A card is authorised first, and captured when the parcel leaves.
                on "2026-02-${day}T$hour:11:00Z" hold "$price" --to shop:clearing:card --expires 'in 7 days' --key "auth-$number" --tag "order=$number" -m "order $number"
            fi
            if [ $((number % 23)) = 0 ] && [ "$way" = card ]; then
                # Never sent: the authorisation expires by itself.
                continue
            fi
            if [ "$way" = card ]; then
                on "2026-02-${day}T$hour:39:00Z" capture "key:auth-$number" --key "paid-$number"
            else
                on "2026-02-${day}T$hour:11:00Z" deposit "$price" -a shop:clearing:paypal --key "paid-$number" --tag "order=$number" -m "order $number"
            fi
            on "2026-02-${day}T$hour:40:00Z" transfer "$price" --from "shop:clearing:$way" --to shop:sales --key "sold-$number" --tag "order=$number"
            on "2026-02-${day}T$hour:41:00Z" transfer 4.90 --from shop:sales --to shop:shipping --key "label-$number" --tag "order=$number" -m 'parcel label'
            on "2026-02-${day}T$hour:42:00Z" withdraw 0.35 -a shop:fees --tag "order=$number" -m "$way fee"
            if [ $((number % 17)) = 0 ]; then
                # One of two articles came back: a part is refunded.
                on "2026-02-${day}T$hour:50:00Z" refund "key:sold-$number" 7.45 -m 'one article sent back'
                on "2026-02-${day}T$hour:51:00Z" refund "key:paid-$number" 7.45 -m 'one article sent back'
            fi
            if [ $((number % 29)) = 0 ]; then
                # The parcel was heavier than it looked.
                on "2026-02-${day}T$hour:55:00Z" correct "key:label-$number" --amount 6.90 -m 'parcel label, over 2 kg'
            fi
        done
    done
    on 2026-02-28T10:00:00Z transfer 2500 --from shop:sales --to shop:payouts -m 'payout to the bank'
    on 2026-03-02T09:00:00Z seal 2026-02 -m 'February is done'
    keep shop
}

wallet() {
    on 2026-05-01T00:00:00Z init --currency INR --zone Asia/Kolkata
    on 2026-05-01T03:30:00Z deposit 1000 -a rider:asha -m 'top-up by UPI' --key upi-771204
    on 2026-05-01T03:31:00Z open driver:ravi
    on 2026-05-01T03:32:00Z open platform:fees
    ride=300
    for day in 02 03 05 06 08 09 11 12 13 15; do
        ride=$((ride + 1))
        price 9000 18500
        # The estimate is a little more than the fare.
        cents "$price" 2000
        on "2026-05-${day}T04:05:00Z" hold "$sum" --from rider:asha --expires 'in 1 day' --key "R$ride-hold" --tag "ride=R$ride"
        case $ride in
        305)
            on "2026-05-${day}T04:09:00Z" release "key:R$ride-hold" -m 'cancelled by the rider'
            ;;
        308)
            # The driver never came, and the hold expires by itself.
            ;;
        *)
            on "2026-05-${day}T04:41:00Z" capture "key:R$ride-hold" 12.00 --to platform:fees --keep --key "R$ride-fee"
            cents "$price" -1200
            on "2026-05-${day}T04:41:01Z" capture "key:R$ride-hold" "$sum" --to driver:ravi --key "R$ride-fare" -m 'ride ended'
            ;;
        esac
        if [ "$ride" = 303 ]; then
            on "2026-05-${day}T04:43:00Z" transfer 20 --from rider:asha --to driver:ravi --tag "ride=R$ride" -m tip
        fi
        if [ $((ride % 4)) = 0 ]; then
            on "2026-05-${day}T14:00:00Z" deposit 500 -a rider:asha -m 'top-up by UPI' --key "upi-77$ride"
        fi
    done
    on 2026-05-16T04:05:00Z deposit 75 -a rider:asha -m 'promotion MONSOON75' --tag promo=MONSOON75
    keep rides
}

household
shop
wallet
LEDGER_NOW=2026-11-01T08:00:00Z "$ledger" --quiet --file "$here/household.jsonl" report --account 'assets:*' --html "$here/household-report.html"
chmod 644 "$here/household-report.html"
sh "$here/damaged/make.sh" "$ledger"

# The rides as every format of `export` has them.
mkdir -p "$here/exports"
rm -f "$here"/exports/rides.*
for format in csv jsonl hledger ledger beancount parquet; do
    ending=$format
    [ "$format" = hledger ] && ending=journal
    "$ledger" --quiet --file "$here/rides.jsonl" export --to "$format" --output "$here/exports/rides.$ending"
done
