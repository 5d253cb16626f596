#include "piecetext/buffer.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "piecetext/line_breaks.hpp"
#include "piecetext/line_index.hpp"
#include "piecetext/search.hpp"

namespace piecetext {

Buffer::Buffer(std::string text) : table_(std::move(text)) {}

std::string Buffer::text() const {
    return table_.slice(0, table_.size());
}

std::string Buffer::slice(std::size_t offset, std::size_t length) const {
    check_offset(offset);
    return table_.slice(offset, std::min(length, size() - offset));
}

void Buffer::insert(std::size_t offset, std::string_view text) {
    check_offset(offset);
    if (text.empty()) return;
    history_.record(table_.pieces());
    table_.insert(offset, text);
}

void Buffer::erase(std::size_t offset, std::size_t length) {
    check_offset(offset);
    length = std::min(length, size() - offset);
    if (length == 0) return;
    history_.record(table_.pieces());
    table_.erase(offset, length);
}

void Buffer::replace(std::size_t offset, std::size_t length, std::string_view text) {
    const Transaction one_step(*this);
    erase(offset, length);
    insert(offset, text);
}

std::optional<std::size_t> Buffer::find(std::string_view needle, std::size_t from) const {
    check_offset(from);
    return piecetext::find(table_, needle, from);
}

bool Buffer::undo() {
    auto state = history_.undo(table_.pieces());
    if (!state) return false;
    table_.restore(std::move(*state));
    return true;
}

bool Buffer::redo() {
    auto state = history_.redo(table_.pieces());
    if (!state) return false;
    table_.restore(std::move(*state));
    return true;
}

std::size_t Buffer::line_count() const {
    return LineIndex(table_).line_count();
}

std::string Buffer::line(std::size_t number) const {
    check_line(number);
    const LineIndex lines(table_);
    const std::size_t start = lines.line_start(number);
    const std::string whole = table_.slice(start, lines.line_end(number) - start);
    return std::string(without_break(whole));
}

Position Buffer::position_of(std::size_t offset) const {
    check_offset(offset);
    const LineIndex lines(table_);
    const std::size_t line = lines.line_at(offset);
    return {line, offset - lines.line_start(line)};
}

std::size_t Buffer::offset_of(Position position) const {
    const std::size_t length = line(position.line).size();
    return LineIndex(table_).line_start(position.line) + std::min(position.column, length);
}

void Buffer::check_offset(std::size_t offset) const {
    if (offset > size()) {
        throw std::out_of_range("offset " + std::to_string(offset) + " is behind the end");
    }
}

void Buffer::check_line(std::size_t line) const {
    if (line >= line_count()) {
        throw std::out_of_range("there is no line " + std::to_string(line));
    }
}

}  // namespace piecetext
