"""The decoder that both models are: Llama's layout (RMS norm, rotary positions, gated feed-forward), in a few lines of JAX."""

from dataclasses import asdict, dataclass

import jax
import jax.numpy as jnp
import numpy as np

POSITIONS = 512
ROPE_BASE = 10_000.0
EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    layers: int
    width: int
    heads: int
    inner: int
    vocabulary: int

    @property
    def head_size(self) -> int:
        return self.width // self.heads


def new_weights(shape: Shape, seed: int) -> dict[str, jax.Array]:
    """Flat, by name; matrices are (in, out)."""
    chance = np.random.default_rng(seed)

    def matrix(rows: int, columns: int, scale: float) -> jax.Array:
        return jnp.asarray(chance.normal(0, scale, (rows, columns)), jnp.float32)

    width, inner = shape.width, shape.inner
    weights = {"embed": matrix(shape.vocabulary, width, 0.5), "head": matrix(width, shape.vocabulary, width**-0.5)}
    weights["norm"] = jnp.ones(width)
    for layer in range(shape.layers):
        for name in ("query", "key", "value"):
            weights[f"{layer}.{name}"] = matrix(width, width, width**-0.5)
        weights[f"{layer}.out"] = matrix(width, width, (2 * shape.layers * width) ** -0.5)
        for name in ("gate", "up"):
            weights[f"{layer}.{name}"] = matrix(width, inner, width**-0.5)
        weights[f"{layer}.down"] = matrix(inner, width, (2 * shape.layers * inner) ** -0.5)
        weights[f"{layer}.attention_norm"] = jnp.ones(width)
        weights[f"{layer}.inner_norm"] = jnp.ones(width)
    return weights


def rope_tables(head_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines, each (POSITIONS, head_size), halves alike."""
    rates = ROPE_BASE ** (-np.arange(0, head_size, 2) / head_size)
    angles = np.outer(np.arange(POSITIONS), np.concatenate([rates, rates]))
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _normed(x: jax.Array, gain: jax.Array) -> jax.Array:
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + EPSILON) * gain


def logits_of(weights: dict[str, jax.Array], shape: Shape, ids: jax.Array) -> jax.Array:
    """(batch, length) ids to (batch, length, vocabulary)."""
    batch, length = ids.shape
    cos, sin = (table[:length, None] for table in rope_tables(shape.head_size))
    hidden = jnp.tril(jnp.ones((length, length), bool))

    def split(x: jax.Array) -> jax.Array:
        return x.reshape(batch, length, shape.heads, shape.head_size)

    def turned(x: jax.Array) -> jax.Array:
        first, second = jnp.split(x, 2, -1)
        return x * cos + jnp.concatenate([-second, first], -1) * sin

    x = weights["embed"][ids]
    for layer in range(shape.layers):
        at = lambda name: weights[f"{layer}.{name}"]
        seen = _normed(x, at("attention_norm"))
        query, key = turned(split(seen @ at("query"))), turned(split(seen @ at("key")))
        products = jnp.einsum("bqhd,bkhd->bhqk", query, key) * shape.head_size**-0.5
        shares = jax.nn.softmax(jnp.where(hidden, products, -1e9), -1)
        mixed = jnp.einsum("bhqk,bkhd->bqhd", shares, split(seen @ at("value")))
        x = x + mixed.reshape(batch, length, shape.width) @ at("out")
        seen = _normed(x, at("inner_norm"))
        x = x + (jax.nn.silu(seen @ at("gate")) * (seen @ at("up"))) @ at("down")
    return _normed(x, weights["norm"]) @ weights["head"]


def save(path: str, weights: dict[str, jax.Array], shape: Shape) -> None:
    described = {f"shape.{name}": value for name, value in asdict(shape).items()}
    np.savez(path, **described, **{name: np.asarray(value) for name, value in weights.items()})


def load(path: str) -> tuple[dict[str, np.ndarray], Shape]:
    stored = dict(np.load(path))
    shape = Shape(**{name: int(stored.pop(f"shape.{name}")) for name in Shape.__annotations__})
    return stored, shape
