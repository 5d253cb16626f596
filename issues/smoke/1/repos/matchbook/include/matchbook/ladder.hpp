#pragma once

#include <list>
#include <map>
#include <vector>

#include "matchbook/types.hpp"

namespace matchbook {

/// Orders prices of one side from the most to the least attractive.
class BetterPrice {
public:
    explicit BetterPrice(Side side) : side_(side) {}

    bool operator()(Price a, Price b) const { return side_ == Side::buy ? a > b : a < b; }

private:
    Side side_;
};

/// The orders that rest on one side of a book, in price-time priority.
class Ladder {
public:
    /// The orders at one price, oldest first.
    using Queue = std::list<Order>;
    using Levels = std::map<Price, Queue, BetterPrice>;

    explicit Ladder(Side side);

    Side side() const { return side_; }
    bool empty() const { return levels_.empty(); }

    /// The price levels, best first. No level is ever empty.
    const Levels& levels() const { return levels_; }

    /// The quantity of all orders on this side.
    Quantity total_quantity() const { return total_; }

    /// Whether an order of the other side, limited to `limit`, may trade at `price`.
    bool tradable(Price price, Price limit) const;

    /// The order with the highest priority. The ladder must not be empty.
    const Order& front() const;

    /// Puts an order at the back of the queue at its price.
    void add(Order order);

    /// Takes `quantity` off the front order, and removes the order when none is left.
    void consume_front(Quantity quantity);

    /// The order `id` resting at `price`, which must exist.
    const Order& at(Price price, OrderId id) const;

    /// Lowers the quantity of an existing order; it keeps its place in the queue.
    void reduce(Price price, OrderId id, Quantity quantity);

    /// Removes the order `id` resting at `price`, which must exist.
    void remove(Price price, OrderId id);

    /// All orders, highest priority first.
    std::vector<Order> orders() const;

private:
    Side side_;
    Levels levels_;
    Quantity total_ = 0;
};

}  // namespace matchbook
