#include "check.hpp"
#include "orders.hpp"

using namespace matchbook;

namespace {

void own_resting_orders_are_cancelled_on_the_way() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 50", "3 alice sell 10 @ 51"});
    const Report report = submit(book, "4 alice buy 15 @ 51");
    CHECK(report.outcome == Outcome::resting);
    CHECK(report.trades == Trades({{2, 4, 50, 10}}));
    CHECK(report.self_trade_cancels == Ids({1, 3}));
    CHECK(book.ladder(Side::sell).empty());
    CHECK_EQ(book.find(4)->quantity, 5u);
}

void own_orders_out_of_reach_stay() {
    Book book = book_of({"1 bob sell 10 @ 50", "2 alice sell 10 @ 50", "3 alice sell 10 @ 52"});
    const Report report = submit(book, "4 alice buy 10 @ 51");
    CHECK(report.outcome == Outcome::filled);
    CHECK(report.self_trade_cancels.empty());
    CHECK(ids(book, Side::sell) == Ids({2, 3}));
}

}  // namespace

int main() {
    return check::run({
        {"own resting orders are cancelled", own_resting_orders_are_cancelled_on_the_way},
        {"own orders out of reach stay", own_orders_out_of_reach_stay},
    });
}
