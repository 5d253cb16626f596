#include "piecetext/search.hpp"

#include <string>

namespace piecetext {

std::optional<std::size_t> find(const PieceTable& table, std::string_view needle,
                                std::size_t from) {
    if (from > table.size()) return std::nullopt;
    if (needle.empty()) return from;

    // The window holds what was read of the text and may still be the start of an occurrence.
    std::string window;
    std::size_t window_start = from;
    std::size_t skip = from;
    for (const Piece& piece : table.pieces()) {
        if (skip >= piece.length) {
            skip -= piece.length;
            continue;
        }
        window += table.view(piece).substr(skip);
        skip = 0;

        const std::size_t found = window.find(needle);
        if (found != std::string::npos) return window_start + found;
        if (window.size() >= needle.size()) {
            const std::size_t done = window.size() - (needle.size() - 1);
            window.erase(0, done);
            window_start += done;
        }
    }
    return std::nullopt;
}

}  // namespace piecetext
