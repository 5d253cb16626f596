#include "check.hpp"
#include "orders.hpp"

using namespace matchbook;

namespace {

void trades_happen_at_the_makers_price() {
    Book book = book_of({"1 alice sell 60 @ 50", "2 bob sell 80 @ 51"});
    const Report report = submit(book, "3 carol buy 100 @ 55");
    CHECK(report.outcome == Outcome::filled);
    CHECK_EQ(report.filled, 100u);
    CHECK(report.trades == Trades({{1, 3, 50, 60}, {2, 3, 51, 40}}));
    CHECK_EQ(book.find(2)->quantity, 40u);
    CHECK(!book.find(1));
}

void a_sell_order_takes_the_highest_bids() {
    Book book = book_of({"1 alice buy 5 @ 48", "2 bob buy 5 @ 49"});
    const Report report = submit(book, "3 carol sell 8 @ 48");
    CHECK(report.trades == Trades({{2, 3, 49, 5}, {1, 3, 48, 3}}));
    CHECK_EQ(book.find(1)->quantity, 2u);
}

void the_rest_of_an_order_rests_at_its_limit() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 52"});
    const Report report = submit(book, "3 carol buy 25 @ 51");
    CHECK(report.outcome == Outcome::resting);
    CHECK_EQ(report.filled, 10u);
    CHECK_EQ(book.find(3)->quantity, 15u);
    CHECK(book.best_price(Side::buy) == Price{51});
}

void older_orders_trade_first() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 50"});
    CHECK(submit(book, "3 carol buy 12 @ 50").trades == Trades({{1, 3, 50, 10}, {2, 3, 50, 2}}));
    CHECK(submit(book, "4 carol buy 1 @ 50").trades == Trades({{2, 4, 50, 1}}));
}

}  // namespace

int main() {
    return check::run({
        {"trades happen at the maker's price", trades_happen_at_the_makers_price},
        {"a sell order takes the highest bids", a_sell_order_takes_the_highest_bids},
        {"the rest of an order rests at its limit", the_rest_of_an_order_rests_at_its_limit},
        {"older orders trade first", older_orders_trade_first},
    });
}
