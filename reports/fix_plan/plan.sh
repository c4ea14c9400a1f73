set -eu
differing=0
undo_steps=
undo_file=grantlint-undo-$(date -u +%Y%m%dT%H%M%SZ)-$$.sh

allows() { # the value of a registration's variable, and the kind of the step
    case $1 in
        no) return 1 ;;
        safe) [ "$2" = safe ] ;;
        all) ;;
        *) echo "use no, safe or all instead of: $1" >&2; exit 2 ;;
    esac
}

# -- for the undo file too: begin
# Runs a command if what $url shows is what was read. $if_read and $if_done are expressions in JMESPath: true of what was
# read, and of what the command makes of it. $keeps selects what undoing needs, and $undo is the command for it.
change() {
    found=$(az rest --method GET --url "$url" --output tsv --query \
        "join(' ', [($if_done) && 'done' || ($if_read) && 'read' || 'other', to_string($keeps)])")
    case $found in
        done\ *) echo "step $step: already done" ;;
        read\ *)
            if [ "$undo" ]; then record "${found#* }"; fi
            "$@" >/dev/null
            echo "step $step: applied"
            ;;
        *)
            echo "step $step: not applied, because the current value differs from the value that was read: $url" >&2
            differing=$((differing + 1))
            ;;
    esac
}

finish() { # fails if a step was not applied
    if [ "$differing" != 0 ]; then
        echo "not applied: $differing. Run grantlint again, and make a new plan." >&2
        exit 1
    fi
}
# -- for the undo file too: end

quoted() { # a text as one word of a shell
    printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

record() { # writes how to undo a step that is about to be applied, the last one first; $1 is the body that restores
    if [ ! "$undo_steps" ]; then echo "undo with: sh $undo_file"; fi
    undo_steps="
step=$(quoted "undo of $step")
url=$(quoted "$url")
if_read=$(quoted "$if_done")
if_done=$(quoted "$if_undone")
change $undo --body $(quoted "$1")
$undo_steps"
    {
        printf '%s\n' '#!/bin/sh' '# Undoes steps of a fix plan of grantlint. Run sh with this file.' 'set -eu'
        sed -n '/^# -- for the undo file too: begin/,/^# -- for the undo file too: end/p' "$0"
        printf '%s\n' 'differing=0' 'undo=' "keeps='\`null\`'" "$undo_steps" 'finish'
    } >"$undo_file"
}
