#include "check.hpp"
#include "piecetext/buffer.hpp"

using piecetext::Buffer;

namespace {

void inserts_anywhere() {
    Buffer buffer("middle");
    buffer.insert(0, "start ");
    buffer.insert(buffer.size(), " end");
    buffer.insert(9, "--");
    CHECK_EQ(buffer.text(), "start mid--dle end");
    CHECK_EQ(buffer.size(), 18u);
}

void inserts_into_an_empty_text() {
    Buffer buffer;
    buffer.insert(0, "b");
    buffer.insert(0, "a");
    buffer.insert(2, "c");
    CHECK_EQ(buffer.text(), "abc");
}

void erases_across_insertions() {
    Buffer buffer("0123456789");
    buffer.insert(5, "abc");
    buffer.erase(3, 7);
    CHECK_EQ(buffer.text(), "012789");
    buffer.erase(4, 100);
    CHECK_EQ(buffer.text(), "0127");
    buffer.erase(0, 4);
    CHECK_EQ(buffer.text(), "");
}

void replaces() {
    Buffer buffer("one two three");
    buffer.replace(4, 3, "2");
    CHECK_EQ(buffer.text(), "one 2 three");
}

void slices_across_pieces() {
    Buffer buffer("0123456789");
    buffer.insert(5, "abc");
    CHECK_EQ(buffer.slice(4, 5), "4abc5");
    CHECK_EQ(buffer.slice(11, 10), "89");
    CHECK_EQ(buffer.slice(13, 1), "");
}

}  // namespace

int main() {
    return check::run({
        {"inserts anywhere", inserts_anywhere},
        {"inserts into an empty text", inserts_into_an_empty_text},
        {"erases across insertions", erases_across_insertions},
        {"replaces", replaces},
        {"slices across pieces", slices_across_pieces},
    });
}
