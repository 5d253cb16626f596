#include "check.hpp"
#include "piecetext/buffer.hpp"

using piecetext::Buffer;

namespace {

void changes_in_a_transaction_are_one_step() {
    Buffer buffer("abc");
    buffer.insert(3, "d");
    {
        const Buffer::Transaction transaction(buffer);
        buffer.insert(4, "e");
        buffer.replace(0, 1, "A");
        buffer.erase(1, 1);
    }
    CHECK_EQ(buffer.text(), "Acde");
    CHECK(buffer.undo());
    CHECK_EQ(buffer.text(), "abcd");
    CHECK(buffer.redo());
    CHECK_EQ(buffer.text(), "Acde");
}

void changes_behind_a_transaction_are_steps_again() {
    Buffer buffer;
    {
        const Buffer::Transaction transaction(buffer);
        buffer.insert(0, "a");
    }
    buffer.insert(1, "b");
    buffer.insert(2, "c");
    CHECK(buffer.undo());
    CHECK_EQ(buffer.text(), "ab");
}

}  // namespace

int main() {
    return check::run({
        {"changes in a transaction are one step", changes_in_a_transaction_are_one_step},
        {"changes behind a transaction are steps again",
         changes_behind_a_transaction_are_steps_again},
    });
}
