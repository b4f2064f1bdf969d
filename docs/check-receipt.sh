#!/bin/sh
# Checks a receipt of a ledger with openssl and ssh-keygen alone: check-receipt.sh RECEIPT ALLOWED_SIGNERS
# If it is right, prints the event and its known signers and exits 0; otherwise exits 1.
# shellcheck disable=SC2015,SC2094 # `a && b || wrong` stops in both cases; a file is compared with itself on purpose
set -u; LC_ALL=C; export LC_ALL; tmp=$(mktemp -d) || exit 1; trap 'rm -rf "$tmp"' EXIT
file=$1 signers=$2 known='' digest=''
wrong() { echo "wrong: $1" >&2; exit 1; }
line() { sed -n "$1p" "$file"; }
like() { printf '%s\n' "$1" | grep -Eqx -e "$2" || wrong "$1"; }
sha() { openssl dgst -sha256 -binary; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
blob() { dd if="$tmp/blob" bs=1 skip="$1" count="$2" 2>/dev/null; }
decode() { printf %s "$1" | openssl base64 -d -A >"$tmp/$2" && [ "$(openssl base64 -A <"$tmp/$2")" = "$1" ] || wrong "$1"; }
text() { while IFS= read -r text; do printf '%s\n' "$text"; done <"$1" | cmp -s - "$1" || wrong 'not lines of text'; }
text "$file"; end=$(sed -n '4,${/^$/{=;q;};}' "$file"); like "$end" '[0-9]{1,2}'
extra=$(line 2) index=$(line 3) origin=$(line $((end + 1))) size=$(line $((end + 2))) root=$(line $((end + 3)))
like "$(line 1),$origin" 'c2sp\.org/tlog-proof@v1,ledger/[0-9a-f]{32}'; like "$index,$size" 'index (0|[1-9][0-9]{0,17}),[1-9][0-9]{0,17}'
index=${index#index } total=$(sed -n '$=' "$file"); [ -z "$(line $((end + 4)))" ] && [ "$total" -ge $((end + 4)) ] || wrong head
like "$extra" 'extra .*'; decode "${extra#extra }" extra; text "$tmp/extra"; decode "$root" root
before=$(sed -n 1p "$tmp/extra") event=$(sed -n 2p "$tmp/extra"); [ "$(sed -n '$=' "$tmp/extra")" = 2 ] || wrong event
hashed=${event%%',"hash":"'*} rest=${event#*',"hash":"'} hash=${event#*',"hash":"'} hash=${hash%%'"'*} rest=${rest#"$hash"}
like "$index,$before" '0,|[1-9][0-9]*,[0-9a-f]{64}'; like "$hashed" '\{"v":[1-9][0-9]*,"seq":'"$index"',"at":".*'
like "$hash$rest" '[0-9a-f]{64}"(,"note":(\{.*\}|"[0-9a-f]{64}"))?}'; rest=${rest#'"'} rest=${rest#',"note":'} rest=${rest%'}'}
case $rest in '"'*) digest=${rest#'"'} digest=${digest%'"'} ;; '{'*) digest=$(printf %s "$rest" | sha | hex) ;; esac
[ "$(printf '%s\n%s\n%s' "$before" "$hashed" "$digest" | sha | hex)" = "$hash" ] || wrong 'hash of the event'
{ printf '\000'; printf %s "$hash"; } | sha >"$tmp/node"; at=4 node=$index last=$((size - 1)); [ "$node" -le "$last" ] || wrong index
while [ "$at" -lt "$end" ]; do # from the leaf to the root
    decode "$(line "$at")" sibling; [ "$last" -gt 0 ] || wrong path; set -- "$tmp/node" "$tmp/sibling"
    if [ $((node % 2)) = 1 ] || [ "$node" = "$last" ]; then set -- "$2" "$1"
        while [ $((node % 2)) = 0 ]; do node=$((node / 2)) last=$((last / 2)); done; fi
    { printf '\001'; cat "$1" "$2"; } | sha >"$tmp/up"; mv "$tmp/up" "$tmp/node"; at=$((at + 1)) node=$((node / 2)) last=$((last / 2))
done
[ "$last" = 0 ] && cmp -s "$tmp/node" "$tmp/root" || wrong path
printf '%s\n' "$origin" "$size" "$root" >"$tmp/signed"; at=$((end + 5))
while [ "$at" -le "$total" ]; do # the signatures
    like "$(line "$at")" '— [^[:space:][:cntrl:]+]+ [^ ]+'; name=$(line "$at") code=${name##* } name=${name#— } name=${name% *} at=$((at + 1))
    decode "$code" blob; if [ "$(blob 4 10 | hex)" != 53534853494700000001 ]; then # another kind: not checked
        grep -q ledger-head "$tmp/blob" && wrong "signature of $name"; continue; fi
    length=$(blob 14 4 | hex); like "$length" '0000[0-9a-f]{4}'; length=$((0x$length)) # of the public key
    id=$({ printf '%s\n\377openssh.com/sshsig' "$name"; blob 18 "$length"; } | sha | hex)
    [ "${id%"${id#????????}"},$(blob $((18 + length)) 19 | hex)" = "$(blob 0 4 | hex),0000000b6c65646765722d6865616400000000" ] || wrong "key of $name"
    { echo '-----BEGIN SSH SIGNATURE-----'; tail -c +5 "$tmp/blob" | openssl base64; echo '-----END SSH SIGNATURE-----'; } >"$tmp/sig"
    if ssh-keygen -Y verify -f "$signers" -I "$name" -n ledger-head -s "$tmp/sig" <"$tmp/signed" >/dev/null 2>&1; then known="$known $name"
    elif ssh-keygen -Y find-principals -f "$signers" -s "$tmp/sig" >/dev/null 2>&1; then wrong "signature of $name"; fi
done
[ -n "$known" ] || wrong 'no known signer'; printf '%s\nsigned by%s\n' "$event" "$known"
