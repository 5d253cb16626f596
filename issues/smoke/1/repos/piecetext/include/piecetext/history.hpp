#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "piecetext/piece_table.hpp"

namespace piecetext {

/// The states a text can be taken back and forth to.
class History {
public:
    /// Notes the state before a change, which makes all undone changes impossible to redo.
    /// Within a group only the state before its first change is kept.
    void record(const Pieces& before);

    /// The state before the last change, given the present one.
    std::optional<Pieces> undo(const Pieces& present);

    /// The state before the last undo, given the present one.
    std::optional<Pieces> redo(const Pieces& present);

    /// Groups may be nested; the outermost one counts.
    void begin_group();
    void end_group();

private:
    std::vector<Pieces> undo_;
    std::vector<Pieces> redo_;
    std::size_t open_groups_ = 0;
    bool group_recorded_ = false;
};

}  // namespace piecetext
