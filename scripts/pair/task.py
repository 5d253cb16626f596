"""Sums to be worked out line by line: questions, the one right way to write their answers, and who may see which."""

import hashlib
import random
from dataclasses import dataclass

STEPS = range(2, 7)


@dataclass(frozen=True)
class Question:
    text: str
    lines: tuple[str, ...]
    answer: str
    steps: int

    @property
    def solution(self) -> str:
        """What a model is to write: a line for each step, then the answer as graders look for it."""
        return "".join(f"{line}\n" for line in self.lines) + "\\boxed{" + self.answer + "}"


def _next(chance: random.Random, value: int) -> tuple[str, int, int]:
    """A step from `value`, which stays between 0 and 999: sign, operand and result."""
    divisors = [by for by in range(2, 10) if value > 99 and value % by == 0]
    if 2 <= value <= 99 and chance.random() < 0.55:
        by = chance.randint(2, 9)
        return "*", by, value * by
    if divisors and chance.random() < 0.5:
        by = chance.choice(divisors)
        return "/", by, value // by
    if value > 99 and chance.random() < 0.3:
        by = value // 100 * 100  # Back to what can be multiplied.
        return "-", by, value - by
    by = chance.randint(2, 99)
    if value >= by and (value > 900 or chance.random() < 0.5):
        return "-", by, value - by
    return "+", by, value + by


def draw(chance: random.Random) -> Question:
    """A question of 2 to 6 steps: the more there are, the harder it is to get all of them right."""
    steps = chance.choice(STEPS)
    value = chance.randint(2, 99)
    text, lines = f"{value}", []
    for _ in range(steps):
        sign, by, result = _next(chance, value)
        text += f", {sign}{by}"
        lines.append(f"{value}{sign}{by}={result}")
        value = result
    return Question(text, tuple(lines), f"{value}", steps)


def is_held_out(question: Question) -> bool:
    """One in sixteen is for the bench alone, and never trained on, whatever the seed that draws it."""
    return hashlib.sha256(question.text.encode()).digest()[0] % 16 == 0


def questions(seed: str, held_out: bool):
    """Without end, the same for a seed. Held-out ones are all different."""
    chance = random.Random(seed)
    seen: set[str] = set()
    while True:
        question = draw(chance)
        if is_held_out(question) != held_out or question.text in seen:
            continue
        if held_out:
            seen.add(question.text)
        yield question
