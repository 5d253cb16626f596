#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "matchbook/book.hpp"

namespace matchbook {

/// One price level, summed up.
struct DepthRow {
    Price price = 0;
    Quantity quantity = 0;
    std::size_t orders = 0;
};

inline bool operator==(const DepthRow& a, const DepthRow& b) {
    return a.price == b.price && a.quantity == b.quantity && a.orders == b.orders;
}

/// The best `max_levels` price levels of one side, best first.
std::vector<DepthRow> depth(const Book& book, Side side, std::size_t max_levels);

/// The best ask less the best bid, when the book has both.
std::optional<Price> spread(const Book& book);

/// The book as text for people: one line for each level, asks above bids, the highest price
/// on top.
std::string format_depth(const Book& book, std::size_t max_levels);

}  // namespace matchbook
