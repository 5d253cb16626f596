#include "piecetext/history.hpp"

#include <cassert>
#include <utility>

namespace piecetext {

namespace {

std::optional<Pieces> step(std::vector<Pieces>& from, std::vector<Pieces>& to,
                           const Pieces& present) {
    if (from.empty()) return std::nullopt;
    to.push_back(present);
    Pieces state = std::move(from.back());
    from.pop_back();
    return state;
}

}  // namespace

void History::record(const Pieces& before) {
    redo_.clear();
    if (group_recorded_) return;
    undo_.push_back(before);
    group_recorded_ = open_groups_ > 0;
}

std::optional<Pieces> History::undo(const Pieces& present) {
    group_recorded_ = false;  // what follows in an open group is a step of its own
    return step(undo_, redo_, present);
}

std::optional<Pieces> History::redo(const Pieces& present) {
    group_recorded_ = false;
    return step(redo_, undo_, present);
}

void History::begin_group() {
    ++open_groups_;
}

void History::end_group() {
    assert(open_groups_ > 0);
    --open_groups_;
    if (open_groups_ == 0) group_recorded_ = false;
}

}  // namespace piecetext
