#include "money.hpp"

#include <cstdlib>

std::optional<long> parse_cents(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    const auto dot = text.find('.');
    const long whole = std::atol(text.substr(0, dot).c_str());
    const long fraction = dot == std::string::npos ? 0 : std::atol(text.substr(dot + 1).c_str());
    return whole * 100 + fraction;
}

std::vector<long> split(long total, int parts) {
    return std::vector<long>(parts, total / parts);
}
