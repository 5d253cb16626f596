#include <stdexcept>

#include "check.hpp"
#include "orders.hpp"

using namespace matchbook;

namespace {

void a_cancelled_order_is_gone() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 50"});
    CHECK(book.cancel(1));
    CHECK(!book.cancel(1));
    CHECK(!book.find(1));
    CHECK_EQ(book.ladder(Side::sell).total_quantity(), 10u);
    CHECK(submit(book, "3 carol buy 5 @ 50").trades == Trades({{2, 3, 50, 5}}));
}

void a_filled_order_cannot_be_cancelled() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob buy 10 @ 50"});
    CHECK(!book.cancel(1));
    CHECK(!book.cancel(2));
}

void a_reduced_order_keeps_its_priority() {
    Book book = book_of({"1 alice sell 10 @ 50", "2 bob sell 10 @ 50"});
    CHECK(book.reduce(1, 4));
    CHECK_EQ(book.ladder(Side::sell).total_quantity(), 14u);
    CHECK(submit(book, "3 carol buy 5 @ 50").trades == Trades({{1, 3, 50, 4}, {2, 3, 50, 1}}));
}

void an_order_only_reduces_to_less() {
    Book book = book_of({"1 alice sell 10 @ 50"});
    CHECK_THROWS(book.reduce(1, 0), std::invalid_argument);
    CHECK_THROWS(book.reduce(1, 11), std::invalid_argument);
    CHECK(!book.reduce(2, 1));
    CHECK_EQ(book.find(1)->quantity, 10u);
}

}  // namespace

int main() {
    return check::run({
        {"a cancelled order is gone", a_cancelled_order_is_gone},
        {"a filled order cannot be cancelled", a_filled_order_cannot_be_cancelled},
        {"a reduced order keeps its priority", a_reduced_order_keeps_its_priority},
        {"an order only reduces to less", an_order_only_reduces_to_less},
    });
}
