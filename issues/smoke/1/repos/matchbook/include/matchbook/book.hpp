#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "matchbook/ladder.hpp"
#include "matchbook/types.hpp"

namespace matchbook {

/// A limit order book for one instrument.
class Book {
public:
    Book();

    /// Trades `order` against the book, and handles the rest of it by its time in force.
    /// Throws std::invalid_argument, and changes nothing, when the quantity is zero or an
    /// order with the same id is resting.
    Report submit(Order order);

    /// Removes a resting order. False when there is none with this id.
    bool cancel(OrderId id);

    /// Lowers the quantity of a resting order, which keeps its priority. Throws
    /// std::invalid_argument when `quantity` is zero or more than the order has left.
    /// False when there is no order with this id.
    bool reduce(OrderId id, Quantity quantity);

    /// The resting order with this id.
    std::optional<Order> find(OrderId id) const;

    /// The resting orders of one side, highest priority first.
    std::vector<Order> resting(Side side) const { return ladder(side).orders(); }

    std::optional<Price> best_price(Side side) const;

    const Ladder& ladder(Side side) const { return side == Side::buy ? bids_ : asks_; }

private:
    struct Location {
        Side side;
        Price price;
    };

    Ladder& mutable_ladder(Side side) { return side == Side::buy ? bids_ : asks_; }
    void validate(const Order& order) const;
    void match(Order& taker, Report& report);
    void rest(Order order);

    Ladder bids_;
    Ladder asks_;
    std::unordered_map<OrderId, Location> locations_;
};

}  // namespace matchbook
