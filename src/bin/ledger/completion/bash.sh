# Completion of ledger for bash: source <(ledger completions bash)
_ledger_completion() {
    local line=$COMP_LINE current=$2 words=() candidate blank word i
    # Bash parts words at : and =, which account names and tags are made of: what follows the word
    # before it without a blank belongs to it.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        blank=${line%%[![:blank:]]*}
        line=${line#"$blank"}
        line=${line#"$word"}
        # Of the word under the cursor only what stands before the cursor counts.
        if ((i == COMP_CWORD)) && [[ $word == *[!:=]* ]]; then
            word=$current
        fi
        if ((i > 0)) && [[ -z $blank ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    # Bash replaces only what follows the last : or =.
    local last=${words[${#words[@]} - 1]}
    local kept=${last%"$current"} are_files=yes
    COMPREPLY=()
    while IFS= read -r candidate; do
        [[ -e ${candidate/#\~\//"$HOME/"} ]] || are_files=no
        COMPREPLY+=("${candidate#"$kept"}")
    done < <(VARIABLE=bash ledger-program-path -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -gt 0 && $are_files == yes ]]; then
        compopt -o filenames 2>/dev/null
    elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _ledger_completion -o nosort ledger 2>/dev/null || complete -F _ledger_completion ledger
