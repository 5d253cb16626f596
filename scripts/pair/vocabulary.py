"""Bytes and three marks: how a question and its answer become token ids, as tokenizer.json will have it too."""

END, USER, ASSISTANT = 256, 257, 258
SIZE = 259
MARKS = {"<|end|>": END, "<|user|>": USER, "<|assistant|>": ASSISTANT}
CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{{ '<|' + message.role + '|>' + message.content }}"
    "{%- if not loop.last or message.role == 'user' %}{{ '<|end|>' }}{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{ '<|assistant|>' }}{%- endif %}"
)


def prompt_ids(question: str) -> list[int]:
    return [USER, *question.encode(), END, ASSISTANT]


def answer_ids(solution: str) -> list[int]:
    return [*solution.encode(), END]


def spelled(byte: int) -> str:
    """The character that stands for a byte in byte-level vocabularies (GPT-2's table)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in printable:
        return chr(byte)
    return chr(256 + [each for each in range(256) if each not in printable].index(byte))
