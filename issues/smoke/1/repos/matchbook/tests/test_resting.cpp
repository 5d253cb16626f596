#include <stdexcept>

#include "check.hpp"
#include "orders.hpp"

using namespace matchbook;

namespace {

void orders_that_do_not_cross_rest() {
    Book book;
    CHECK(submit(book, "1 alice buy 10 @ 49").outcome == Outcome::resting);
    CHECK(submit(book, "2 bob sell 10 @ 51").outcome == Outcome::resting);
    CHECK(book.best_price(Side::buy) == Price{49});
    CHECK(book.best_price(Side::sell) == Price{51});
}

void better_price_comes_first_then_older_order() {
    const Book book = book_of({
        "1 alice buy 10 @ 48",
        "2 bob buy 10 @ 49",
        "3 carol buy 10 @ 49",
        "4 alice sell 10 @ 52",
        "5 bob sell 10 @ 51",
        "6 carol sell 10 @ 52",
    });
    CHECK(ids(book, Side::buy) == Ids({2, 3, 1}));
    CHECK(ids(book, Side::sell) == Ids({5, 4, 6}));
}

void invalid_orders_change_nothing() {
    Book book = book_of({"1 alice buy 10 @ 49"});
    CHECK_THROWS(submit(book, "2 bob sell 0 @ 49"), std::invalid_argument);
    CHECK_THROWS(submit(book, "1 bob sell 5 @ 49"), std::invalid_argument);
    CHECK(book.resting(Side::buy) == std::vector<Order>{parse_order("1 alice buy 10 @ 49")});
    CHECK(book.ladder(Side::sell).empty());
}

}  // namespace

int main() {
    return check::run({
        {"orders that do not cross rest", orders_that_do_not_cross_rest},
        {"better price first, then older order", better_price_comes_first_then_older_order},
        {"invalid orders change nothing", invalid_orders_change_nothing},
    });
}
