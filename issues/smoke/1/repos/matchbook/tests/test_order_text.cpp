#include <stdexcept>

#include "check.hpp"
#include "matchbook/order_text.hpp"

using namespace matchbook;

namespace {

void reads_all_fields() {
    const Order order = parse_order("7  alice sell 100 @ -3 fok");
    CHECK_EQ(order.id, 7u);
    CHECK_EQ(order.owner, "alice");
    CHECK(order.side == Side::sell);
    CHECK_EQ(order.quantity, 100u);
    CHECK_EQ(order.limit, -3);
    CHECK(order.time_in_force == TimeInForce::fill_or_kill);
}

void orders_are_good_till_cancelled_by_default() {
    CHECK(parse_order("1 a buy 1 @ 1").time_in_force == TimeInForce::good_till_cancel);
}

void writes_what_it_reads() {
    for (const char* text : {"1 a buy 2 @ 3 gtc", "4 b sell 5 @ -6 ioc", "7 c buy 8 @ 9 fok"}) {
        CHECK_EQ(to_text(parse_order(text)), text);
    }
}

void rejects_anything_else() {
    for (const char* text : {"", "1 a buy 2 @", "x a buy 2 @ 3", "1 a hold 2 @ 3",
                             "1 a buy -2 @ 3", "1 a buy 2 at 3", "1 a buy 2 @ 3.5",
                             "1 a buy 2 @ 3 day", "1 a buy 2 @ 3 gtc now"}) {
        CHECK_THROWS(parse_order(text), std::invalid_argument);
    }
}

}  // namespace

int main() {
    return check::run({
        {"reads all fields", reads_all_fields},
        {"good till cancelled by default", orders_are_good_till_cancelled_by_default},
        {"writes what it reads", writes_what_it_reads},
        {"rejects anything else", rejects_anything_else},
    });
}
