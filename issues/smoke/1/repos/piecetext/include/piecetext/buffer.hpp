#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "piecetext/history.hpp"
#include "piecetext/piece_table.hpp"

namespace piecetext {

/// A place in a text: a line, and the bytes between the start of that line and the place.
/// Both are counted from 0.
struct Position {
    std::size_t line = 0;
    std::size_t column = 0;
};

inline bool operator==(Position a, Position b) {
    return a.line == b.line && a.column == b.column;
}

/// A text to be edited. Offsets count bytes; all members that take an offset or a line throw
/// std::out_of_range, and change nothing, when it does not exist.
class Buffer {
public:
    explicit Buffer(std::string text = {});

    std::size_t size() const { return table_.size(); }
    std::string text() const;

    /// The text from `offset`, at most `length` bytes of it.
    std::string slice(std::size_t offset, std::size_t length) const;

    void insert(std::size_t offset, std::string_view text);

    /// Removes at most `length` bytes from `offset`.
    void erase(std::size_t offset, std::size_t length);

    /// Removes at most `length` bytes from `offset` and puts `text` in their place, which is
    /// one step to undo.
    void replace(std::size_t offset, std::size_t length, std::string_view text);

    /// The offset of the first occurrence of `needle` at or behind `from`.
    std::optional<std::size_t> find(std::string_view needle, std::size_t from = 0) const;

    /// Takes the last change back, or forth again. False when there is none.
    bool undo();
    bool redo();

    /// Joins all changes made in its lifetime to one step to undo.
    class Transaction {
    public:
        explicit Transaction(Buffer& buffer) : buffer_(buffer) { buffer_.history_.begin_group(); }
        ~Transaction() { buffer_.history_.end_group(); }
        Transaction(const Transaction&) = delete;
        Transaction& operator=(const Transaction&) = delete;

    private:
        Buffer& buffer_;
    };

    /// The number of lines, which is one more than the number of line breaks.
    std::size_t line_count() const;

    /// The text of a line, without its line break.
    std::string line(std::size_t number) const;

    /// The line and column of an offset. An offset within a "\r\n" still belongs to the line
    /// that the pair ends.
    Position position_of(std::size_t offset) const;

    /// The offset of a position. A column behind the end of the line means its end, before the
    /// line break.
    std::size_t offset_of(Position position) const;

private:
    void check_offset(std::size_t offset) const;
    void check_line(std::size_t line) const;

    PieceTable table_;
    History history_;
};

}  // namespace piecetext
