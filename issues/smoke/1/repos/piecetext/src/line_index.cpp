#include "piecetext/line_index.hpp"

#include <cassert>

#include "piecetext/line_breaks.hpp"

namespace piecetext {

std::size_t LineIndex::line_count() const {
    std::size_t breaks = 0;
    for (const Piece& piece : table_.pieces()) breaks += piece.breaks;
    return breaks + 1;
}

std::size_t LineIndex::line_start(std::size_t line) const {
    assert(line < line_count());
    if (line == 0) return 0;

    std::size_t breaks_to_go = line;
    std::size_t offset = 0;
    for (const Piece& piece : table_.pieces()) {
        if (breaks_to_go <= piece.breaks) {
            return offset + end_of_break(table_.view(piece), breaks_to_go);
        }
        breaks_to_go -= piece.breaks;
        offset += piece.length;
    }
    return offset;
}

std::size_t LineIndex::line_end(std::size_t line) const {
    return line + 1 < line_count() ? line_start(line + 1) : table_.size();
}

std::size_t LineIndex::line_at(std::size_t offset) const {
    assert(offset <= table_.size());
    std::size_t line = 0;
    for (const Piece& piece : table_.pieces()) {
        if (offset < piece.length) return line + count_breaks_before(table_.view(piece), offset);
        line += piece.breaks;
        offset -= piece.length;
    }
    return line;
}

}  // namespace piecetext
