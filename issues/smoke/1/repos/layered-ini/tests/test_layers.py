import pytest

from layered_ini import CircularInheritance, MissingOption, MissingSection
from layered_ini.layers import LayerStack
from layered_ini.parser import parse


def stack(*texts):
    layers = LayerStack()
    for text in texts:
        layers.push(parse(text))
    return layers


def test_later_layers_win():
    layers = stack("[a]\nx = 1\ny = 2\n", "[a]\nx = 3\n")
    assert layers.raw_value("a", "x") == "3"
    assert layers.raw_value("a", "y") == "2"


def test_own_options_win_over_inherited_ones():
    layers = stack("[a]\nx = 1\n[b : a]\nx = 2\n", "[a]\nx = 3\n")
    assert layers.raw_value("b", "x") == "2"


def test_parent_can_come_from_any_layer():
    layers = stack("[a]\nx = 1\n[b : a]\n", "[b]\ny = 2\n")
    assert layers.lineage("b") == ["b", "a"]
    assert layers.raw_value("b", "x") == "1"


def test_names_are_listed_once():
    layers = stack("[a]\nx = 1\n[b : a]\ny = 2\n", "[c]\n[b]\nx = 3\nz = 4\n")
    assert layers.section_names() == ["a", "b", "c"]
    assert layers.option_names("b") == ["x", "y", "z"]


def test_missing_entries():
    layers = stack("[a]\nx = 1\n[b : nowhere]\n")
    with pytest.raises(MissingOption):
        layers.raw_value("a", "y")
    with pytest.raises(MissingSection):
        layers.raw_value("c", "x")
    with pytest.raises(MissingSection):
        layers.raw_value("b", "x")


def test_circular_inheritance():
    layers = stack("[a : c]\n[b : a]\n[c : b]\n")
    with pytest.raises(CircularInheritance) as caught:
        layers.lineage("a")
    assert caught.value.chain == ("a", "c", "b", "a")
