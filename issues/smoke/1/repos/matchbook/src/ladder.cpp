#include "matchbook/ladder.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace matchbook {

namespace {

template <typename Queue>
auto find_order(Queue& queue, OrderId id) {
    const auto order = std::find_if(queue.begin(), queue.end(),
                                    [id](const Order& candidate) { return candidate.id == id; });
    assert(order != queue.end());
    return order;
}

}  // namespace

Ladder::Ladder(Side side) : side_(side), levels_(BetterPrice(side)) {}

bool Ladder::tradable(Price price, Price limit) const {
    return side_ == Side::sell ? price <= limit : price >= limit;
}

const Order& Ladder::front() const {
    assert(!empty());
    return levels_.begin()->second.front();
}

void Ladder::add(Order order) {
    assert(order.side == side_ && order.quantity > 0);
    total_ += order.quantity;
    Queue& queue = levels_[order.limit];
    queue.push_back(std::move(order));
}

void Ladder::consume_front(Quantity quantity) {
    assert(!empty());
    const auto level = levels_.begin();
    Order& order = level->second.front();
    assert(quantity <= order.quantity);
    total_ -= quantity;
    order.quantity -= quantity;
    if (order.quantity > 0) return;
    level->second.pop_front();
    if (level->second.empty()) levels_.erase(level);
}

const Order& Ladder::at(Price price, OrderId id) const {
    return *find_order(levels_.at(price), id);
}

void Ladder::reduce(Price price, OrderId id, Quantity quantity) {
    const auto order = find_order(levels_.at(price), id);
    assert(quantity > 0 && quantity <= order->quantity);
    total_ -= order->quantity - quantity;
    order->quantity = quantity;
}

void Ladder::remove(Price price, OrderId id) {
    const auto level = levels_.find(price);
    assert(level != levels_.end());
    const auto order = find_order(level->second, id);
    total_ -= order->quantity;
    level->second.erase(order);
    if (level->second.empty()) levels_.erase(level);
}

std::vector<Order> Ladder::orders() const {
    std::vector<Order> all;
    for (const auto& [price, queue] : levels_) all.insert(all.end(), queue.begin(), queue.end());
    return all;
}

}  // namespace matchbook
