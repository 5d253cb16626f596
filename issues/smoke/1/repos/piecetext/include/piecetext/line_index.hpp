#pragma once

#include <cstddef>

#include "piecetext/piece_table.hpp"

namespace piecetext {

/// Answers questions about the lines of a piece table. Lines are counted from 0.
class LineIndex {
public:
    /// `table` must outlive the index.
    explicit LineIndex(const PieceTable& table) : table_(table) {}

    std::size_t line_count() const;

    /// The offset of the first character of `line`, which must exist.
    std::size_t line_start(std::size_t line) const;

    /// The offset behind the last character of `line`, line break included.
    std::size_t line_end(std::size_t line) const;

    /// The line that `offset` lies in, which must be at most the size of the text.
    std::size_t line_at(std::size_t offset) const;

private:
    const PieceTable& table_;
};

}  // namespace piecetext
