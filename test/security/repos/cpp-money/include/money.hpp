#pragma once
#include <optional>
#include <string>
#include <vector>

// Reads 12.34, 12.3 or 12; nothing for anything else.
std::optional<long> parse_cents(const std::string& text);

// Shares a total among people so that nothing is lost.
std::vector<long> split(long total, int parts);
