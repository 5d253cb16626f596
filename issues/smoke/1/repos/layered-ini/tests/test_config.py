from pathlib import Path

import pytest

from layered_ini import (
    CircularReference,
    Config,
    ConversionError,
    MissingOption,
    MissingSection,
)

DATA = Path(__file__).parent / "data"


def load(*texts):
    config = Config()
    for text in texts:
        config.add_layer(text)
    return config


def test_references_within_and_between_sections():
    config = load(
        "[net]\nhost = example.org\nport = 80\n"
        "[app]\npath = /api\nurl = http://${net:host}:${net:port}${path}\n"
    )
    assert config.get("app", "url") == "http://example.org:80/api"


def test_references_are_followed_further():
    config = load("[a]\nx = ${y}!\ny = ${z}?\nz = end\n")
    assert config.get("a", "x") == "end?!"


def test_inherited_values_see_the_options_of_the_heir():
    config = load(
        "[base]\nroot = /srv/app\nlogs = ${root}/logs\n"
        "[staging : base]\nroot = /srv/staging\n"
    )
    assert config.get("base", "logs") == "/srv/app/logs"
    assert config.get("staging", "logs") == "/srv/staging/logs"


def test_an_option_can_extend_the_inherited_one():
    config = load("[base]\npath = /bin\n[dev : base]\npath = ${base:path}:/opt\n")
    assert config.get("dev", "path") == "/bin:/opt"


def test_references_use_the_newest_layer():
    config = load("[a]\nroot = /old\ndata = ${root}/data\n", "[a]\nroot = /new\n")
    assert config.get("a", "data") == "/new/data"


def test_fallback_of_a_reference():
    config = load(
        "[a]\n"
        "no_option = ${nope|1}\n"
        "no_section = ${other:x|2}\n"
        "further_down = ${broken|3}\n"
        "not_needed = ${no_option|4}\n"
        "broken = ${nope}\n"
    )
    assert config.get("a", "no_option") == "1"
    assert config.get("a", "no_section") == "2"
    assert config.get("a", "further_down") == "3"
    assert config.get("a", "not_needed") == "1"


def test_missing_entries():
    config = load("[a]\nx = ${y}\n")
    with pytest.raises(MissingOption, match="'y'"):
        config.get("a", "x")
    with pytest.raises(MissingSection):
        config.get("b", "x")
    assert config.get("a", "x", "default") == "default"
    assert config.get("b", "x", None) is None


def test_an_option_that_refers_to_itself():
    config = load("[a]\nx = again ${x}\n")
    with pytest.raises(CircularReference) as caught:
        config.get("a", "x")
    assert caught.value.chain == ("a:x", "a:x")


def test_a_circle_through_two_sections():
    config = load("[a]\nx = ${b:y}\n[b]\ny = ${a:x}\n")
    with pytest.raises(CircularReference) as caught:
        config.get("a", "x", "default")
    assert caught.value.chain == ("a:x", "b:y", "a:x")
    assert str(caught.value) == "circular reference: a:x -> b:y -> a:x"


def test_conversions():
    config = load("[a]\nport = ${base}1\nbase = 808\ndebug = yes\ntags = x, y\n")
    assert config.get_int("a", "Port") == 8081
    assert config.get_bool("a", "debug") is True
    assert config.get_list("a", "tags") == ["x", "y"]
    with pytest.raises(ConversionError):
        config.get_int("a", "tags")


def test_add_file():
    config = load("[a]\nx = 1\n")
    config.add_file(DATA / "user.ini")
    assert config.as_dict("a") == {"x": "2"}


def test_problems():
    config = load("[a]\nx = 1\ny = ${nope}\nz = $\n[b : nowhere]\n")
    assert config.problems() == [
        "a:y: there is no option 'nope' in [a]",
        "a:z: stray '$' in '$', write '$$' for a literal one",
        "b: there is no section [nowhere]",
    ]


def test_no_problems():
    assert load("[a]\nx = 1\n[b : a]\ny = ${x}\n").problems() == []
