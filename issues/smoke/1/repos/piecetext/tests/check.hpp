#pragma once

// Just enough of a test framework: a failed check is reported and counted, and the test goes
// on; run() makes the exit status of the test program from the count.

#include <exception>
#include <initializer_list>
#include <iostream>
#include <type_traits>
#include <utility>

namespace check {

struct Test {
    const char* name;
    void (*body)();
};

inline int failures = 0;

template <typename T, typename = void>
struct IsPrintable : std::false_type {};

template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::cerr << std::declval<const T&>())>>
    : std::true_type {};

template <typename T>
void print_value(const char* label, const T& value) {
    if constexpr (IsPrintable<T>::value) std::cerr << "    " << label << ": " << value << '\n';
}

inline void fail(const char* file, int line, const char* expression) {
    ++failures;
    std::cerr << file << ':' << line << ": failed: " << expression << '\n';
}

inline void is_true(bool passed, const char* file, int line, const char* expression) {
    if (!passed) fail(file, line, expression);
}

template <typename Actual, typename Expected>
void is_equal(const Actual& actual, const Expected& expected, const char* file, int line,
              const char* expression) {
    if (actual == expected) return;
    fail(file, line, expression);
    print_value("actual", actual);
    print_value("expected", expected);
}

inline int run(std::initializer_list<Test> tests) {
    for (const Test& test : tests) {
        const int failures_before = failures;
        try {
            test.body();
        } catch (const std::exception& error) {
            ++failures;
            std::cerr << "unexpected exception: " << error.what() << '\n';
        }
        std::cerr << (failures == failures_before ? "ok      " : "FAILED  ") << test.name << '\n';
    }
    return failures == 0 ? 0 : 1;
}

}  // namespace check

// Variadic, because the preprocessor takes the commas of a braced list for its own.
#define CHECK(...) check::is_true((__VA_ARGS__), __FILE__, __LINE__, #__VA_ARGS__)

#define CHECK_EQ(actual, ...) \
    check::is_equal((actual), (__VA_ARGS__), __FILE__, __LINE__, #actual " == " #__VA_ARGS__)

#define CHECK_THROWS(expression, Exception)                                     \
    do {                                                                        \
        bool thrown = false;                                                    \
        try {                                                                   \
            static_cast<void>(expression);                                      \
        } catch (const Exception&) {                                            \
            thrown = true;                                                      \
        }                                                                       \
        check::is_true(thrown, __FILE__, __LINE__, #expression " throws " #Exception); \
    } while (false)
