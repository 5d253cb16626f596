import pytest

from basket import Basket, BasketError, parse_price


def test_an_empty_basket_costs_nothing():
    assert Basket().total() == 0


def test_total_counts_each_line():
    basket = Basket()
    basket.add("tea", 350, 2)
    basket.add("milk", 120)
    assert basket.total() == 820


def test_names_are_in_order():
    basket = Basket()
    basket.add("tea", 350)
    basket.add("milk", 120)
    assert basket.names() == ["tea", "milk"]


@pytest.mark.parametrize("text, cents", [("12.50", 1250), ("3", 300), (" 0.05 ", 5)])
def test_prices(text, cents):
    assert parse_price(text) == cents


def test_words_are_no_prices():
    with pytest.raises(BasketError):
        parse_price("free")
