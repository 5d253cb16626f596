import pytest

from layered_ini import ParseError
from layered_ini.parser import Section, parse


def test_sections_and_options_in_order():
    assert parse("[a]\nx = 1\ny=2\n\n[b : a]\nx = 3\n") == [
        Section("a", None, {"x": "1", "y": "2"}),
        Section("b", "a", {"x": "3"}),
    ]


def test_comments_and_blank_lines_are_skipped():
    assert parse("# one\n\n[a]\n; two\nx = 1 # not a comment\n") == [
        Section("a", None, {"x": "1 # not a comment"}),
    ]


def test_option_names_ignore_case():
    assert parse("[a]\nLog Level = 3\n")[0].options == {"log level": "3"}


def test_indented_lines_continue_a_value():
    text = "[a]\nhosts = one\n    two\n    three\nport = 1\n"
    assert parse(text)[0].options == {"hosts": "one\ntwo\nthree", "port": "1"}


def test_quotes_keep_outer_spaces():
    assert parse('[a]\nprompt = "> "\n')[0].options == {"prompt": "> "}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\n", 1),
        ("[a]\n\nnonsense\n", 3),
        ("[a\nx = 1\n", 1),
        ("[a]\nx = 1\nX = 2\n", 3),
        ("[a]\n[b]\n[a]\n", 3),
    ],
)
def test_errors_name_source_and_line(text, line):
    with pytest.raises(ParseError) as caught:
        parse(text, "app.ini")
    assert caught.value.line == line
    assert str(caught.value).startswith(f"app.ini:{line}: ")
