#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "piecetext/piece_table.hpp"

namespace piecetext {

/// The offset of the first occurrence of `needle` at or behind `from`, which may begin in one
/// piece and end in another. An empty needle occurs everywhere.
std::optional<std::size_t> find(const PieceTable& table, std::string_view needle,
                                std::size_t from);

}  // namespace piecetext
