class BasketError(ValueError):
    pass


def parse_price(text):
    """Cents of a price such as ``12.50``."""
    whole, _, cents = text.strip().partition(".")
    if not whole.isdigit() or (cents and not cents.isdigit()):
        raise BasketError(f"not a price: {text}")
    return int(whole) * 100 + int((cents or "0").ljust(2, "0"))


class Basket:
    def __init__(self):
        self.lines = []

    def add(self, name, price, count=1):
        self.lines.append((name, price, count))

    def total(self):
        return sum(price * count for _, price, count in self.lines)

    def names(self):
        return [name for name, _, _ in self.lines]
