import pytest

from layered_ini import TemplateError
from layered_ini.template import Reference, split_template


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("${x}", [Reference(None, "x")]),
        ("a${x}b", ["a", Reference(None, "x"), "b"]),
        ("${Net : Port}", [Reference("Net", "port")]),
        ("${x|a:b}", [Reference(None, "x", "a:b")]),
        ("${s:x|}", [Reference("s", "x", "")]),
        ("5$$", ["5", "$"]),
        ("$${x}", ["$", "{x}"]),
    ],
)
def test_split(value, parts):
    assert split_template(value) == parts


@pytest.mark.parametrize("value", ["$", "5$ ", "${x", "${}", "${:x}", "${s:|y}"])
def test_malformed(value):
    with pytest.raises(TemplateError):
        split_template(value)
