"""The errors of this package."""


class RuleError(ValueError):
    """The parts of a rule do not fit together."""


class RuleSyntaxError(RuleError):
    """A text is not a rule."""
