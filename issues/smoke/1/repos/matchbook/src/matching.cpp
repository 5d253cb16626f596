#include <algorithm>
#include <utility>

#include "matchbook/book.hpp"

namespace matchbook {

Report Book::submit(Order order) {
    validate(order);

    Report report;
    if (order.time_in_force == TimeInForce::fill_or_kill &&
        ladder(opposite(order.side)).total_quantity() < order.quantity) {
        report.outcome = Outcome::killed;
        return report;
    }

    match(order, report);

    if (order.quantity == 0) {
        report.outcome = Outcome::filled;
    } else if (order.time_in_force == TimeInForce::good_till_cancel) {
        report.outcome = Outcome::resting;
        rest(std::move(order));
    } else {
        report.outcome = Outcome::cancelled;
    }
    return report;
}

/// Trades `taker` with the orders it may trade with, best price and oldest order first, and
/// leaves in it the quantity that found no counterparty.
void Book::match(Order& taker, Report& report) {
    Ladder& makers = mutable_ladder(opposite(taker.side));
    while (taker.quantity > 0 && !makers.empty() &&
           makers.tradable(makers.front().limit, taker.limit)) {
        const Order& maker = makers.front();
        if (maker.owner == taker.owner) {
            report.self_trade_cancels.push_back(maker.id);
            cancel(maker.id);
            continue;
        }

        const Quantity traded = std::min(taker.quantity, maker.quantity);
        report.trades.push_back({maker.id, taker.id, maker.limit, traded});
        report.filled += traded;
        taker.quantity -= traded;
        if (traded == maker.quantity) locations_.erase(maker.id);
        makers.consume_front(traded);
    }
}

}  // namespace matchbook
