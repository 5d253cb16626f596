#include "matchbook/book.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace matchbook {

Book::Book() : bids_(Side::buy), asks_(Side::sell) {}

bool Book::cancel(OrderId id) {
    const auto found = locations_.find(id);
    if (found == locations_.end()) return false;
    mutable_ladder(found->second.side).remove(found->second.price, id);
    locations_.erase(found);
    return true;
}

bool Book::reduce(OrderId id, Quantity quantity) {
    const auto found = locations_.find(id);
    if (found == locations_.end()) return false;
    const auto [side, price] = found->second;
    Ladder& own = mutable_ladder(side);
    if (quantity == 0 || quantity > own.at(price, id).quantity) {
        throw std::invalid_argument("order " + std::to_string(id) + " cannot be reduced to " +
                                    std::to_string(quantity));
    }
    own.reduce(price, id, quantity);
    return true;
}

std::optional<Order> Book::find(OrderId id) const {
    const auto found = locations_.find(id);
    if (found == locations_.end()) return std::nullopt;
    return ladder(found->second.side).at(found->second.price, id);
}

std::optional<Price> Book::best_price(Side side) const {
    const Ladder& own = ladder(side);
    if (own.empty()) return std::nullopt;
    return own.front().limit;
}

void Book::validate(const Order& order) const {
    if (order.quantity == 0) throw std::invalid_argument("an order needs a quantity");
    if (locations_.count(order.id) > 0) {
        throw std::invalid_argument("order " + std::to_string(order.id) + " is already resting");
    }
}

void Book::rest(Order order) {
    locations_.emplace(order.id, Location{order.side, order.limit});
    Ladder& own = mutable_ladder(order.side);
    own.add(std::move(order));
}

}  // namespace matchbook
