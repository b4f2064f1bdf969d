#compdef ledger
# Completion of ledger for zsh: source <(ledger completions zsh)
_ledger_completion() {
    local -a whole open
    local candidate
    for candidate in "${(@f)$(VARIABLE=zsh _CLAP_IFS=$'\n' \
        _CLAP_COMPLETE_INDEX=$((CURRENT - 1)) \
        ledger-program-path -- "${words[@]}" 2>/dev/null)}"; do
        # Behind a directory or a tag's key one goes on without a blank.
        case $candidate in
            '') ;;
            *[=/]) open+=("$candidate") ;;
            *) whole+=("$candidate") ;;
        esac
    done
    (( $#whole )) && _describe -V 'values' whole
    (( $#open )) && _describe -V 'values' open -S ''
}
compdef _ledger_completion ledger
