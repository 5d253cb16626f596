#include "check.hpp"
#include "piecetext/line_breaks.hpp"

using namespace piecetext;

namespace {

void counts_each_kind_of_break() {
    CHECK_EQ(count_breaks(""), 0u);
    CHECK_EQ(count_breaks("a\nb\r\nc\rd"), 3u);
    CHECK_EQ(count_breaks("\n\r"), 2u);
    CHECK_EQ(count_breaks("\r\r\n"), 2u);
}

void counts_only_complete_breaks_before_an_offset() {
    CHECK_EQ(count_breaks_before("a\r\nb", 1), 0u);
    CHECK_EQ(count_breaks_before("a\r\nb", 2), 0u);
    CHECK_EQ(count_breaks_before("a\r\nb", 3), 1u);
    CHECK_EQ(count_breaks_before("a\rb", 2), 1u);
}

void finds_the_end_of_a_break() {
    CHECK_EQ(end_of_break("a\nb\r\nc\rd", 1), 2u);
    CHECK_EQ(end_of_break("a\nb\r\nc\rd", 2), 5u);
    CHECK_EQ(end_of_break("a\nb\r\nc\rd", 3), 7u);
}

void removes_one_break() {
    CHECK_EQ(without_break("a\r\n"), "a");
    CHECK_EQ(without_break("a\n"), "a");
    CHECK_EQ(without_break("a\r"), "a");
    CHECK_EQ(without_break("a"), "a");
}

}  // namespace

int main() {
    return check::run({
        {"counts each kind of break", counts_each_kind_of_break},
        {"counts only complete breaks before an offset",
         counts_only_complete_breaks_before_an_offset},
        {"finds the end of a break", finds_the_end_of_a_break},
        {"removes one break", removes_one_break},
    });
}
