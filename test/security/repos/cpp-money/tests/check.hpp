#pragma once
#include <iostream>

namespace check {
inline int failures = 0;
inline void that(bool passed, const char* text, int line) {
    if (passed) return;
    ++failures;
    std::cerr << "line " << line << ": " << text << '\n';
}
}  // namespace check

#define CHECK(condition) check::that((condition), #condition, __LINE__)
#define CHECK_EQ(actual, expected) check::that((actual) == (expected), #actual " == " #expected, __LINE__)
