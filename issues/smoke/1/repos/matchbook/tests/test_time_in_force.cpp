#include "check.hpp"
#include "orders.hpp"

using namespace matchbook;

namespace {

void immediate_or_cancel_drops_what_does_not_trade() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 52"});
    const Report report = submit(book, "3 carol buy 15 @ 51 ioc");
    CHECK(report.outcome == Outcome::cancelled);
    CHECK(report.trades == Trades({{1, 3, 50, 10}}));
    CHECK(book.ladder(Side::buy).empty());
    CHECK(ids(book, Side::sell) == Ids({2}));
}

void immediate_or_cancel_may_trade_nothing() {
    Book book = book_of({"1 alice buy 10 @ 50"});
    const Report report = submit(book, "2 bob sell 10 @ 51 ioc");
    CHECK(report.outcome == Outcome::cancelled);
    CHECK_EQ(report.filled, 0u);
    CHECK(ids(book, Side::buy) == Ids({1}));
}

void fill_or_kill_trades_in_full() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 51"});
    const Report report = submit(book, "3 carol buy 15 @ 52 fok");
    CHECK(report.outcome == Outcome::filled);
    CHECK(report.trades == Trades({{1, 3, 50, 10}, {2, 3, 51, 5}}));
}

void fill_or_kill_does_nothing_when_the_book_holds_too_little() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 51"});
    const Report report = submit(book, "3 carol buy 21 @ 52 fok");
    CHECK(report.outcome == Outcome::killed);
    CHECK(report.trades.empty());
    CHECK(ids(book, Side::sell) == Ids({1, 2}));
    CHECK(book.ladder(Side::buy).empty());
}

}  // namespace

int main() {
    return check::run({
        {"ioc drops what does not trade", immediate_or_cancel_drops_what_does_not_trade},
        {"ioc may trade nothing", immediate_or_cancel_may_trade_nothing},
        {"fok trades in full", fill_or_kill_trades_in_full},
        {"fok does nothing when the book holds too little",
         fill_or_kill_does_nothing_when_the_book_holds_too_little},
    });
}
