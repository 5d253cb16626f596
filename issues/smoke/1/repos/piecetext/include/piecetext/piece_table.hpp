#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace piecetext {

/// A stretch of one of the two texts that a piece table draws from.
struct Piece {
    enum class Source { original, added };

    Source source = Source::original;
    std::size_t start = 0;
    std::size_t length = 0;
    std::size_t breaks = 0;  // line breaks in the stretch, so that it can be skipped unread
};

using Pieces = std::vector<Piece>;

/// A text kept as a sequence of pieces. Neither the original text nor the added one ever
/// changes what it already holds, so that an old sequence of pieces stays valid.
class PieceTable {
public:
    explicit PieceTable(std::string original);

    std::size_t size() const { return size_; }

    /// The pieces of the text, in order. None is empty.
    const Pieces& pieces() const { return pieces_; }

    std::string_view view(const Piece& piece) const;

    /// The `length` characters from `offset`, which must exist.
    std::string slice(std::size_t offset, std::size_t length) const;

    /// `offset` must be at most size().
    void insert(std::size_t offset, std::string_view text);

    /// The `length` characters from `offset` must exist.
    void erase(std::size_t offset, std::size_t length);

    /// Goes back to a sequence of pieces that this table had before.
    void restore(Pieces pieces);

private:
    Piece make_piece(Piece::Source source, std::size_t start, std::size_t length) const;
    std::size_t split(std::size_t offset);

    std::string original_;
    std::string added_;
    Pieces pieces_;
    std::size_t size_ = 0;
};

}  // namespace piecetext
