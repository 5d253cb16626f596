#include <stdexcept>

#include "check.hpp"
#include "piecetext/buffer.hpp"

using piecetext::Buffer;

namespace {

void offsets_behind_the_end_are_refused() {
    Buffer buffer("abc");
    CHECK_THROWS(buffer.insert(4, "x"), std::out_of_range);
    CHECK_THROWS(buffer.erase(4, 0), std::out_of_range);
    CHECK_THROWS(buffer.replace(4, 1, "x"), std::out_of_range);
    CHECK_THROWS(buffer.slice(4, 1), std::out_of_range);
    CHECK_THROWS(buffer.find("a", 4), std::out_of_range);
    CHECK_THROWS(buffer.position_of(4), std::out_of_range);
    CHECK_EQ(buffer.text(), "abc");
    CHECK(!buffer.undo());
}

void missing_lines_are_refused() {
    const Buffer buffer("a\nb");
    CHECK_THROWS(buffer.line(2), std::out_of_range);
    CHECK_THROWS(buffer.offset_of({2, 0}), std::out_of_range);
}

}  // namespace

int main() {
    return check::run({
        {"offsets behind the end are refused", offsets_behind_the_end_are_refused},
        {"missing lines are refused", missing_lines_are_refused},
    });
}
