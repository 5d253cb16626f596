#pragma once

#include <string>
#include <string_view>

#include "matchbook/types.hpp"

namespace matchbook {

/// Reads an order written as `<id> <owner> <buy|sell> <quantity> @ <limit> [gtc|ioc|fok]`.
/// Words are separated by blanks; without a time in force the order is good till cancelled.
/// Throws std::invalid_argument when the text is anything else.
Order parse_order(std::string_view text);

/// Writes an order in the form that parse_order reads, always with its time in force.
std::string to_text(const Order& order);

}  // namespace matchbook
