#include "check.hpp"
#include "piecetext/buffer.hpp"

using piecetext::Buffer;

namespace {

void finds_within_and_across_pieces() {
    Buffer buffer("abcabc");
    buffer.insert(3, "xx");
    CHECK(buffer.find("abc") == 0u);
    CHECK(buffer.find("abc", 1) == 5u);
    CHECK(buffer.find("cxxa") == 2u);
    CHECK(buffer.find("xa", 4) == 4u);
    CHECK(!buffer.find("cab"));
}

void finds_across_many_small_pieces() {
    Buffer buffer;
    for (const char* part : {"e", "d", "c", "b", "a"}) buffer.insert(0, part);
    CHECK(buffer.find("bcde") == 1u);
    CHECK(buffer.find("e") == 4u);
    CHECK(!buffer.find("ef"));
}

void an_empty_needle_occurs_everywhere() {
    const Buffer buffer("ab");
    CHECK(buffer.find("") == 0u);
    CHECK(buffer.find("", 2) == 2u);
}

}  // namespace

int main() {
    return check::run({
        {"finds within and across pieces", finds_within_and_across_pieces},
        {"finds across many small pieces", finds_across_many_small_pieces},
        {"an empty needle occurs everywhere", an_empty_needle_occurs_everywhere},
    });
}
