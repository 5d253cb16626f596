"""A shopping basket in whole cents."""
from basket.pricing import Basket, BasketError, parse_price

__all__ = ["Basket", "BasketError", "parse_price"]
