#include <string>

#include "check.hpp"
#include "piecetext/buffer.hpp"

using piecetext::Buffer;

namespace {

void an_empty_text_has_one_line() {
    const Buffer buffer;
    CHECK_EQ(buffer.line_count(), 1u);
    CHECK_EQ(buffer.line(0), "");
}

void all_kinds_of_breaks_end_lines() {
    const Buffer buffer("a\nb\r\nc\rd");
    CHECK_EQ(buffer.line_count(), 4u);
    CHECK_EQ(buffer.line(0), "a");
    CHECK_EQ(buffer.line(1), "b");
    CHECK_EQ(buffer.line(2), "c");
    CHECK_EQ(buffer.line(3), "d");
}

void a_break_at_the_end_begins_an_empty_line() {
    const Buffer buffer("a\r\n");
    CHECK_EQ(buffer.line_count(), 2u);
    CHECK_EQ(buffer.line(1), "");
}

void lines_follow_edits() {
    Buffer buffer("one\ntwo\nthree");
    buffer.insert(5, "W\nx");
    CHECK_EQ(buffer.line_count(), 4u);
    CHECK_EQ(buffer.line(1), "tW");
    CHECK_EQ(buffer.line(2), "xwo");
    CHECK_EQ(buffer.line(3), "three");
    buffer.erase(3, 4);
    CHECK_EQ(buffer.line_count(), 2u);
    CHECK_EQ(buffer.line(0), "onexwo");
    CHECK_EQ(buffer.line(1), "three");
}

void whole_lines_can_be_typed_key_by_key() {
    Buffer buffer;
    for (const char key : {'a', '\r', '\n', 'b', '\r', '\n'}) {
        buffer.insert(buffer.size(), std::string(1, key));
    }
    CHECK_EQ(buffer.line_count(), 3u);
    CHECK_EQ(buffer.line(1), "b");
}

}  // namespace

int main() {
    return check::run({
        {"an empty text has one line", an_empty_text_has_one_line},
        {"all kinds of breaks end lines", all_kinds_of_breaks_end_lines},
        {"a break at the end begins an empty line", a_break_at_the_end_begins_an_empty_line},
        {"lines follow edits", lines_follow_edits},
        {"whole lines can be typed key by key", whole_lines_can_be_typed_key_by_key},
    });
}
