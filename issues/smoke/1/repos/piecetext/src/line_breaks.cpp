#include "piecetext/line_breaks.hpp"

#include <cassert>

namespace piecetext {

namespace {

/// Whether the character at `index` is the last one of a line break.
bool ends_break(std::string_view text, std::size_t index) {
    if (text[index] == '\n') return true;
    const bool pair_goes_on = index + 1 < text.size() && text[index + 1] == '\n';
    return text[index] == '\r' && !pair_goes_on;
}

}  // namespace

std::size_t count_breaks(std::string_view text) {
    return count_breaks_before(text, text.size());
}

std::size_t count_breaks_before(std::string_view text, std::size_t offset) {
    assert(offset <= text.size());
    std::size_t count = 0;
    for (std::size_t index = 0; index < offset; ++index) {
        if (ends_break(text, index)) ++count;
    }
    return count;
}

std::size_t end_of_break(std::string_view text, std::size_t nth) {
    assert(nth > 0);
    std::size_t index = 0;
    for (; nth > 0; ++index) {
        assert(index < text.size());
        if (ends_break(text, index)) --nth;
    }
    return index;
}

std::string_view without_break(std::string_view line) {
    if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

}  // namespace piecetext
