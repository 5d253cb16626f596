#include "matchbook/order_text.hpp"

#include <charconv>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace matchbook {

namespace {

std::vector<std::string> split_words(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

[[noreturn]] void fail(const std::string& what, const std::string& word) {
    throw std::invalid_argument("not " + what + ": '" + word + "'");
}

template <typename Number>
Number parse_number(const std::string& word, const std::string& what) {
    Number number{};
    const char* const end = word.data() + word.size();
    const auto [rest, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc{} || rest != end) fail(what, word);
    return number;
}

Side parse_side(const std::string& word) {
    if (word == "buy") return Side::buy;
    if (word == "sell") return Side::sell;
    fail("a side", word);
}

TimeInForce parse_time_in_force(const std::string& word) {
    if (word == "gtc") return TimeInForce::good_till_cancel;
    if (word == "ioc") return TimeInForce::immediate_or_cancel;
    if (word == "fok") return TimeInForce::fill_or_kill;
    fail("a time in force", word);
}

const char* name_of(TimeInForce time_in_force) {
    switch (time_in_force) {
        case TimeInForce::immediate_or_cancel: return "ioc";
        case TimeInForce::fill_or_kill: return "fok";
        case TimeInForce::good_till_cancel: break;
    }
    return "gtc";
}

}  // namespace

Order parse_order(std::string_view text) {
    const auto words = split_words(text);
    if (words.size() < 6 || words.size() > 7 || words[4] != "@") {
        fail("an order", std::string(text));
    }

    Order order;
    order.id = parse_number<OrderId>(words[0], "an order id");
    order.owner = words[1];
    order.side = parse_side(words[2]);
    order.quantity = parse_number<Quantity>(words[3], "a quantity");
    order.limit = parse_number<Price>(words[5], "a price");
    if (words.size() == 7) order.time_in_force = parse_time_in_force(words[6]);
    return order;
}

std::string to_text(const Order& order) {
    std::ostringstream out;
    out << order.id << ' ' << order.owner << ' ' << (order.side == Side::buy ? "buy" : "sell")
        << ' ' << order.quantity << " @ " << order.limit << ' ' << name_of(order.time_in_force);
    return out.str();
}

}  // namespace matchbook
