#include "matchbook/depth.hpp"

#include <sstream>

namespace matchbook {

namespace {

void write_row(std::ostream& out, const char* label, const DepthRow& row) {
    out << label << ' ' << row.price << ' ' << row.quantity << " (" << row.orders << ")\n";
}

}  // namespace

std::vector<DepthRow> depth(const Book& book, Side side, std::size_t max_levels) {
    std::vector<DepthRow> rows;
    for (const auto& [price, queue] : book.ladder(side).levels()) {
        if (rows.size() == max_levels) break;
        DepthRow row{price, 0, queue.size()};
        for (const Order& order : queue) row.quantity += order.quantity;
        rows.push_back(row);
    }
    return rows;
}

std::optional<Price> spread(const Book& book) {
    const auto bid = book.best_price(Side::buy);
    const auto ask = book.best_price(Side::sell);
    if (!bid || !ask) return std::nullopt;
    return *ask - *bid;
}

std::string format_depth(const Book& book, std::size_t max_levels) {
    std::ostringstream out;
    const auto asks = depth(book, Side::sell, max_levels);
    for (auto row = asks.rbegin(); row != asks.rend(); ++row) write_row(out, "ask", *row);
    for (const DepthRow& row : depth(book, Side::buy, max_levels)) write_row(out, "bid", row);
    return out.str();
}

}  // namespace matchbook
