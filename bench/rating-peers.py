"""Ratings by public implementations, where their models coincide with ours: writes test/fixtures/rating/peers.json.

In an environment of its own: pip install choix==0.4.1 statsmodels==0.15.0 && python bench/rating-peers.py
With --time, instead, the seconds that statsmodels takes for the rounds on standard input (bench/rating.ts).
The games are drawn here from fixed seeds; no data of other projects is used.
"""

import json
import math
import random
import sys
import time
from importlib.metadata import version
from pathlib import Path

import choix
import numpy as np
import statsmodels.api as sm

PLAYERS = 5


def logistic(x):
    return 1 / (1 + math.exp(-x))


def one_role():
    """The classic model: pairs of items, a winner each, no ties."""
    draw = random.Random(11)
    strengths = [0.9, 0.4, 0.0, -0.3, -1.0]
    games = []
    for _ in range(160):
        a, b = draw.sample(range(PLAYERS), 2)
        games.append((a, b) if draw.random() < logistic(strengths[a] - strengths[b]) else (b, a))
    found = choix.ilsr_pairwise(PLAYERS, games, alpha=0.0, max_iter=100_000, tol=1e-13)
    return {"games": games, "strengths": list(found - np.mean(found))}


def two_roles():
    """Submitter against reviewer on issues: a logistic regression, with standard errors clustered by issue."""
    draw = random.Random(12)
    submits = [0.8, 0.2, 0.0, -0.2, -0.8]
    reviews = [-0.4, 0.5, 0.0, 0.3, -0.4]
    issues = 40
    rounds = []
    for issue in range(issues):
        effect = draw.gauss(0, 1)
        for _ in range(8):
            a, b = draw.sample(range(PLAYERS), 2)
            stands = draw.random() < logistic(0.4 + effect + submits[a] - reviews[b])
            rounds.append((issue, a, b, int(stands)))
    # Columns: an intercept, submitters 1 to 4, reviewers 1 to 4.
    design = np.zeros((len(rounds), 2 * PLAYERS - 1))
    design[:, 0] = 1
    for row, (_, a, b, _) in enumerate(rounds):
        if a > 0:
            design[row, a] = 1
        if b > 0:
            design[row, PLAYERS - 1 + b] = -1
    model = sm.Logit(np.array([stands for *_, stands in rounds]), design)
    groups = np.array([issue for issue, *_ in rounds])
    fit = model.fit(
        disp=0, method="newton", tol=1e-14, maxiter=200,
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False},
    )
    covariance = np.asarray(fit.cov_params()) * issues / (issues - 1)

    def of(role):
        """Every strength of a role less the mean of the role."""
        rows = np.zeros((PLAYERS, design.shape[1]))
        first = 0 if role == "submitter" else PLAYERS - 1
        for player in range(1, PLAYERS):
            rows[player, first + player] = 1
        return rows - rows.mean(axis=0)

    contrasts = {"submitter": of("submitter"), "reviewer": of("reviewer")}
    contrasts["overall"] = contrasts["submitter"] + contrasts["reviewer"]
    return {
        "rounds": rounds,
        "strengths": {name: list(c @ fit.params) for name, c in contrasts.items()},
        "standardErrors": {name: list(np.sqrt(np.diag(c @ covariance @ c.T))) for name, c in contrasts.items()},
    }


def timed():
    """A smaller model than ours, ties left out, no issue effects: seconds of processor time for fit and covariance."""
    rounds = np.loadtxt(sys.stdin, delimiter=",", dtype=np.int64)
    players = int(rounds[:, 1:3].max()) + 1
    started = time.process_time()
    rows = np.arange(len(rounds))
    design = np.zeros((len(rounds), 2 * players - 1))
    design[:, 0] = 1
    for column, sign, first in ((1, 1, 0), (2, -1, players - 1)):
        later = rounds[:, column] > 0
        design[rows[later], first + rounds[later, column]] = sign
    sm.Logit(rounds[:, 3], design).fit(disp=0, method="newton", cov_type="cluster", cov_kwds={"groups": rounds[:, 0]})
    print(json.dumps({"seconds": time.process_time() - started, "peer": f"statsmodels {version('statsmodels')} Logit"}))


def main():
    made = {
        "madeBy": "bench/rating-peers.py",
        "oneRole": {"peer": f"choix {version('choix')} ilsr_pairwise(alpha=0)", **one_role()},
        "twoRoles": {"peer": f"statsmodels {version('statsmodels')} Logit, cov_type=cluster", **two_roles()},
    }
    path = Path(__file__).parent.parent / "test" / "fixtures" / "rating" / "peers.json"
    path.write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    timed() if "--time" in sys.argv else main()
