#include "piecetext/piece_table.hpp"

#include <cassert>
#include <iterator>
#include <utility>

#include "piecetext/line_breaks.hpp"

namespace piecetext {

namespace {

Pieces::iterator at(Pieces& pieces, std::size_t index) {
    return std::next(pieces.begin(), static_cast<std::ptrdiff_t>(index));
}

}  // namespace

PieceTable::PieceTable(std::string original) : original_(std::move(original)) {
    if (original_.empty()) return;
    pieces_.push_back(make_piece(Piece::Source::original, 0, original_.size()));
    size_ = original_.size();
}

std::string_view PieceTable::view(const Piece& piece) const {
    const std::string& text = piece.source == Piece::Source::original ? original_ : added_;
    return std::string_view(text).substr(piece.start, piece.length);
}

std::string PieceTable::slice(std::size_t offset, std::size_t length) const {
    assert(offset <= size_ && length <= size_ - offset);
    std::string text;
    text.reserve(length);
    for (const Piece& piece : pieces_) {
        if (length == 0) break;
        if (offset >= piece.length) {
            offset -= piece.length;
            continue;
        }
        const std::string_view part = view(piece).substr(offset, length);
        text += part;
        length -= part.size();
        offset = 0;
    }
    return text;
}

void PieceTable::insert(std::size_t offset, std::string_view text) {
    assert(offset <= size_);
    if (text.empty()) return;
    const std::size_t added_before = added_.size();
    added_ += text;
    size_ += text.size();

    const std::size_t index = split(offset);
    if (index > 0) {
        // Typing goes on where the last insertion stopped: let that piece grow, rather than
        // keep one for each key.
        Piece& previous = pieces_[index - 1];
        if (previous.source == Piece::Source::added &&
            previous.start + previous.length == added_before) {
            previous = make_piece(previous.source, previous.start, previous.length + text.size());
            return;
        }
    }
    pieces_.insert(at(pieces_, index),
                   make_piece(Piece::Source::added, added_before, text.size()));
}

void PieceTable::erase(std::size_t offset, std::size_t length) {
    assert(offset <= size_ && length <= size_ - offset);
    const std::size_t first = split(offset);
    const std::size_t last = split(offset + length);
    pieces_.erase(at(pieces_, first), at(pieces_, last));
    size_ -= length;
}

void PieceTable::restore(Pieces pieces) {
    pieces_ = std::move(pieces);
    size_ = 0;
    for (const Piece& piece : pieces_) size_ += piece.length;
}

Piece PieceTable::make_piece(Piece::Source source, std::size_t start, std::size_t length) const {
    Piece piece{source, start, length, 0};
    piece.breaks = count_breaks(view(piece));
    return piece;
}

/// Makes a piece begin at `offset`, and returns its index: the number of pieces when `offset`
/// is the end of the text.
std::size_t PieceTable::split(std::size_t offset) {
    std::size_t index = 0;
    while (index < pieces_.size() && offset >= pieces_[index].length) {
        offset -= pieces_[index].length;
        ++index;
    }
    if (offset == 0) return index;

    const Piece whole = pieces_[index];
    pieces_[index] = make_piece(whole.source, whole.start, offset);
    pieces_.insert(at(pieces_, index + 1),
                   make_piece(whole.source, whole.start + offset, whole.length - offset));
    return index + 1;
}

}  // namespace piecetext
