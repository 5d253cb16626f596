#include "check.hpp"
#include "piecetext/buffer.hpp"

using piecetext::Buffer;
using piecetext::Position;

namespace {

void positions_of_offsets() {
    const Buffer buffer("ab\r\ncd");
    CHECK(buffer.position_of(0) == Position{0, 0});
    CHECK(buffer.position_of(2) == Position{0, 2});
    CHECK(buffer.position_of(3) == Position{0, 3});
    CHECK(buffer.position_of(4) == Position{1, 0});
    CHECK(buffer.position_of(6) == Position{1, 2});
}

void offsets_of_positions() {
    const Buffer buffer("ab\r\ncd");
    CHECK_EQ(buffer.offset_of({0, 1}), 1u);
    CHECK_EQ(buffer.offset_of({0, 9}), 2u);
    CHECK_EQ(buffer.offset_of({1, 0}), 4u);
    CHECK_EQ(buffer.offset_of({1, 9}), 6u);
}

void positions_follow_edits() {
    Buffer buffer("one\ntwo");
    buffer.insert(4, "1.5\n");
    CHECK(buffer.position_of(9) == Position{2, 1});
    CHECK_EQ(buffer.offset_of({2, 1}), 9u);
    buffer.erase(0, 4);
    CHECK(buffer.position_of(5) == Position{1, 1});
    CHECK_EQ(buffer.offset_of({1, 1}), 5u);
}

}  // namespace

int main() {
    return check::run({
        {"positions of offsets", positions_of_offsets},
        {"offsets of positions", offsets_of_positions},
        {"positions follow edits", positions_follow_edits},
    });
}
