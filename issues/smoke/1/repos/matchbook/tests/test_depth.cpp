#include "check.hpp"
#include "matchbook/depth.hpp"
#include "orders.hpp"

using namespace matchbook;

namespace {

Book sample_book() {
    return book_of({
        "1 alice buy 10 @ 48",
        "2 bob buy 5 @ 49",
        "3 carol buy 7 @ 48",
        "4 alice sell 3 @ 51",
        "5 bob sell 4 @ 53",
    });
}

void depth_sums_up_levels() {
    const Book book = sample_book();
    CHECK(depth(book, Side::buy, 5) == std::vector<DepthRow>({{49, 5, 1}, {48, 17, 2}}));
    CHECK(depth(book, Side::sell, 1) == std::vector<DepthRow>({{51, 3, 1}}));
    CHECK(depth(book, Side::sell, 0).empty());
}

void spread_needs_both_sides() {
    CHECK(spread(sample_book()) == Price{2});
    CHECK(!spread(book_of({"1 alice buy 10 @ 48"})));
}

void format_puts_the_highest_price_on_top() {
    CHECK_EQ(format_depth(sample_book(), 2),
             "ask 53 4 (1)\n"
             "ask 51 3 (1)\n"
             "bid 49 5 (1)\n"
             "bid 48 17 (2)\n");
}

}  // namespace

int main() {
    return check::run({
        {"depth sums up levels", depth_sums_up_levels},
        {"spread needs both sides", spread_needs_both_sides},
        {"format puts the highest price on top", format_puts_the_highest_price_on_top},
    });
}
