#!/bin/sh
# Checks the format rules of the C++ sources: line length, tabs, trailing blanks, the newline
# at the end of a file, and that headers are guarded and open no namespace to their includers.
set -eu
cd "$(dirname "$0")/.."

max_columns=100
status=0

complain() {
    echo "$1" >&2
    status=1
}

for file in include/*/*.hpp src/*.cpp tests/*.hpp tests/*.cpp; do
    [ -f "$file" ] || continue

    found=$(awk -v file="$file" -v max="$max_columns" '
        length($0) > max { print file ":" NR ": longer than " max " columns" }
        /\t/             { print file ":" NR ": tab" }
        /[ \r]$/         { print file ":" NR ": trailing blank" }
    ' "$file")
    [ -z "$found" ] || complain "$found"

    # The command substitution drops a newline, so only a missing one leaves something.
    [ -z "$(tail -c 1 "$file")" ] || complain "$file: no newline at the end"

    case $file in
        *.hpp)
            grep -q '^#pragma once$' "$file" || complain "$file: no '#pragma once'"
            ! grep -q '^using namespace ' "$file" || complain "$file: 'using namespace' in a header"
            ;;
    esac
done

exit "$status"
