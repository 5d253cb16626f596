#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace matchbook {

using OrderId = std::uint64_t;
using Price = std::int64_t;      // in ticks
using Quantity = std::uint64_t;  // in lots

enum class Side { buy, sell };

constexpr Side opposite(Side side) {
    return side == Side::buy ? Side::sell : Side::buy;
}

/// What becomes of the part of an order that cannot trade on arrival.
enum class TimeInForce {
    good_till_cancel,     // it rests in the book
    immediate_or_cancel,  // it is dropped
    fill_or_kill,         // there is none: the order trades in full or not at all
};

struct Order {
    OrderId id = 0;
    std::string owner;
    Side side = Side::buy;
    Price limit = 0;
    Quantity quantity = 0;
    TimeInForce time_in_force = TimeInForce::good_till_cancel;
};

struct Trade {
    OrderId maker = 0;  // the resting order
    OrderId taker = 0;  // the incoming order
    Price price = 0;    // always the maker's limit
    Quantity quantity = 0;
};

enum class Outcome {
    filled,     // traded in full
    resting,    // what did not trade is now in the book
    cancelled,  // what did not trade was dropped (immediate-or-cancel)
    killed,     // nothing was done (fill-or-kill)
};

/// What happened to one submitted order.
struct Report {
    Outcome outcome = Outcome::filled;
    Quantity filled = 0;
    std::vector<Trade> trades;
    /// The owner's own resting orders that were cancelled rather than traded with.
    std::vector<OrderId> self_trade_cancels;
};

inline bool operator==(const Order& a, const Order& b) {
    return a.id == b.id && a.owner == b.owner && a.side == b.side && a.limit == b.limit &&
           a.quantity == b.quantity && a.time_in_force == b.time_in_force;
}

inline bool operator==(const Trade& a, const Trade& b) {
    return a.maker == b.maker && a.taker == b.taker && a.price == b.price &&
           a.quantity == b.quantity;
}

}  // namespace matchbook
