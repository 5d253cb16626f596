#pragma once

// Short forms for tests that speak about orders as text.

#include <initializer_list>
#include <string>
#include <vector>

#include "matchbook/book.hpp"
#include "matchbook/order_text.hpp"

inline matchbook::Report submit(matchbook::Book& book, const std::string& text) {
    return book.submit(matchbook::parse_order(text));
}

inline matchbook::Book book_of(std::initializer_list<const char*> orders) {
    matchbook::Book book;
    for (const char* text : orders) submit(book, text);
    return book;
}

/// The ids of the resting orders of one side, highest priority first.
inline std::vector<matchbook::OrderId> ids(const matchbook::Book& book, matchbook::Side side) {
    std::vector<matchbook::OrderId> result;
    for (const matchbook::Order& order : book.resting(side)) result.push_back(order.id);
    return result;
}

using Ids = std::vector<matchbook::OrderId>;
using Trades = std::vector<matchbook::Trade>;
