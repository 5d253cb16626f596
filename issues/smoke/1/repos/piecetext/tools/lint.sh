#!/bin/sh
# Every source must compile without warnings, and so must every header on its own.
set -eu
cd "$(dirname "$0")/.."

compile() {
    "${CXX:-c++}" -std=c++17 -Iinclude -fsyntax-only -Werror -Wall -Wextra -Wpedantic -Wshadow \
        -Wconversion -Wold-style-cast "$@"
}

compile src/*.cpp
for header in include/*/*.hpp; do
    echo "#include \"${header#include/}\"" | compile -x c++ -
done
