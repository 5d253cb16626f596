"""Trains the draft or the target: python train.py draft|target WEIGHTS.npz [STEPS]"""

import sys
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from optax.contrib import muon

import vocabulary
from decoder import Shape, logits_of, new_weights, save
from task import questions

# The target is more than good enough. The draft is stopped while it still errs.
SHAPES = {
    "draft": Shape(layers=2, width=64, heads=2, inner=128, vocabulary=vocabulary.SIZE),
    "target": Shape(layers=4, width=128, heads=4, inner=256, vocabulary=vocabulary.SIZE),
}
STEPS = {"draft": 2000, "target": 1500}
BATCH, LENGTH = 96, 112
PEAK_RATE = {"muon": 0.02, "adam": 0.004}


def batches(name: str):
    """Ids (BATCH, LENGTH + 1), and 1 for each token to be learned: answers, not questions. What is too long is left out."""
    source = questions(f"train {name}", held_out=False)
    while True:
        ids = np.zeros((BATCH, LENGTH + 1), np.int32)
        learned = np.zeros((BATCH, LENGTH + 1), np.float32)
        row = 0
        while row < BATCH:
            question = next(source)
            prompt, answer = vocabulary.prompt_ids(question.text), vocabulary.answer_ids(question.solution)
            if len(prompt) + len(answer) > LENGTH + 1:
                continue
            both = prompt + answer
            ids[row, : len(both)] = both
            learned[row, len(prompt) : len(both)] = 1
            row += 1
        yield ids, learned


def optimizer(steps: int) -> optax.GradientTransformation:
    def rate(peak: float) -> optax.Schedule:
        return optax.warmup_cosine_decay_schedule(0, peak, steps // 20, steps, 0.0)

    def kind(weights: dict[str, jax.Array]) -> dict[str, str]:
        return {name: "muon" if name[0].isdigit() and value.ndim == 2 else "adam" for name, value in weights.items()}

    groups = {"muon": muon(rate(PEAK_RATE["muon"])), "adam": optax.adam(rate(PEAK_RATE["adam"]), 0.9, 0.98)}
    return optax.chain(optax.clip_by_global_norm(1.0), optax.partition(groups, kind))


@partial(jax.jit, static_argnames=("shape", "rule"))
def step(weights, state, ids, learned, shape, rule):
    def loss(weights):
        logits = logits_of(weights, shape, ids[:, :-1])
        wanted, counts = ids[:, 1:], learned[:, 1:]
        each = optax.softmax_cross_entropy_with_integer_labels(logits, wanted)
        wrong = ((logits.argmax(-1) != wanted) * counts).sum() / ids.shape[0]
        return (each * counts).sum() / counts.sum(), wrong

    (value, wrong), gradients = jax.value_and_grad(loss, has_aux=True)(weights)
    updates, state = rule.update(gradients, state, weights)
    return optax.apply_updates(weights, updates), state, value, wrong


def train(name: str, path: str, steps: int) -> None:
    shape, rule = SHAPES[name], optimizer(steps)
    weights = new_weights(shape, seed=1)
    state = rule.init(weights)
    began = time.monotonic()
    for number, (ids, learned) in zip(range(1, steps + 1), batches(name)):
        weights, state, value, wrong = step(weights, state, ids, learned, shape, rule)
        if number % 100 == 0 or number == steps:
            seconds = time.monotonic() - began
            print(f"{number} loss {value:.4f} wrong/answer {wrong:.3f} {seconds:.0f} s", flush=True)
            save(path, weights, shape)


if __name__ == "__main__":
    name, path, *rest = sys.argv[1:]
    train(name, path, int(rest[0]) if rest else STEPS[name])
