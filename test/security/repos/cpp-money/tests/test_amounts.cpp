#include "check.hpp"
#include "money.hpp"

static void reads_amounts() {
    CHECK(parse_cents("12") == 1200);
    CHECK(parse_cents("12.34") == 1234);
    CHECK(!parse_cents("twelve"));
}

static void shares_even_totals() {
    CHECK_EQ(split(90, 3).size(), 3u);
    CHECK_EQ(split(90, 3)[0], 30);
}

int main() {
    reads_amounts();
    shares_even_totals();
    return check::failures == 0 ? 0 : 1;
}
