#include "check.hpp"
#include "piecetext/buffer.hpp"

using piecetext::Buffer;

namespace {

void undo_and_redo_go_through_all_changes() {
    Buffer buffer("abc");
    buffer.insert(3, "d");
    buffer.insert(4, "e");
    buffer.erase(0, 2);

    CHECK(buffer.undo());
    CHECK_EQ(buffer.text(), "abcde");
    CHECK(buffer.undo());
    CHECK_EQ(buffer.text(), "abcd");
    CHECK(buffer.undo());
    CHECK_EQ(buffer.text(), "abc");
    CHECK(!buffer.undo());

    CHECK(buffer.redo());
    CHECK(buffer.redo());
    CHECK(buffer.redo());
    CHECK_EQ(buffer.text(), "cde");
    CHECK(!buffer.redo());
}

void a_new_change_ends_redo() {
    Buffer buffer("abc");
    buffer.insert(3, "d");
    buffer.undo();
    buffer.insert(0, "x");
    CHECK(!buffer.redo());
    CHECK_EQ(buffer.text(), "xabc");
}

void changes_to_nothing_are_no_steps() {
    Buffer buffer("abc");
    buffer.insert(1, "");
    buffer.erase(3, 5);
    CHECK(!buffer.undo());
}

void replace_is_one_step() {
    Buffer buffer("abc");
    buffer.replace(1, 1, "xyz");
    CHECK(buffer.undo());
    CHECK_EQ(buffer.text(), "abc");
    CHECK(!buffer.undo());
}

}  // namespace

int main() {
    return check::run({
        {"undo and redo go through all changes", undo_and_redo_go_through_all_changes},
        {"a new change ends redo", a_new_change_ends_redo},
        {"changes to nothing are no steps", changes_to_nothing_are_no_steps},
        {"replace is one step", replace_is_one_step},
    });
}
