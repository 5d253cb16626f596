#pragma once

#include <cstddef>
#include <string_view>

namespace piecetext {

// A line ends at "\n", at "\r\n" or at a "\r" that no "\n" follows.

/// The number of line breaks in `text`.
std::size_t count_breaks(std::string_view text);

/// The number of line breaks in `text` that are complete before `offset`.
std::size_t count_breaks_before(std::string_view text, std::size_t offset);

/// The offset just behind the `nth` line break of `text`, counted from 1. There must be as many.
std::size_t end_of_break(std::string_view text, std::size_t nth);

/// `line` less the line break at its end, if there is one.
std::string_view without_break(std::string_view line);

}  // namespace piecetext
