import pytest

from layered_ini import ConversionError
from layered_ini.convert import to_bool, to_int, to_list


def test_to_int():
    assert to_int(" -12 ") == -12
    with pytest.raises(ConversionError):
        to_int("1.5")


@pytest.mark.parametrize("value", ["yes", "True", "ON", "1"])
def test_true(value):
    assert to_bool(value) is True


@pytest.mark.parametrize("value", ["no", "False", "OFF", "0"])
def test_false(value):
    assert to_bool(value) is False


def test_not_a_boolean():
    with pytest.raises(ConversionError):
        to_bool("maybe")


def test_to_list():
    assert to_list("a, b,,\nc\n") == ["a", "b", "c"]
