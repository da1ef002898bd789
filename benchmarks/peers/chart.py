"""A chart of a result file, in an environment of its own: `chart.py RESULTS TARGET` writes TARGET.svg and .png."""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

OURS, PEER, TEXT, FAINT = "#0f766e", "#c3cad3", "#1f2933", "#64748b"
SAME = {"infergraph": "InferGraph", "FastAPI": "FastAPI, written by hand", "infergraph ×2": "InferGraph, 2 workers"}


def bars(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Each server's fastest REST interface for one row at 64 connections, the slowest first."""
    best: dict[str, dict[str, Any]] = {}
    for point in results["points"]:
        if (point["case"], point["is_grpc"], point["rows"], point["connections"]) != ("iris", False, 1, 64):
            continue
        if point["per_second"] > best.get(point["server"], {"per_second": 0.0})["per_second"]:
            best[point["server"]] = point
    return sorted(best.values(), key=lambda point: point["per_second"])


def draw(results: dict[str, Any], target: str) -> None:
    shown = bars(results)
    mpl.rcParams.update({"font.family": "DejaVu Sans", "svg.hashsalt": "infergraph", "text.color": TEXT})
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.38 * len(shown)), layout="constrained")
    is_ours = [results["servers"][point["server"]]["is_ours"] for point in shown]
    rates = [point["per_second"] for point in shown]
    axes.barh(range(len(shown)), rates, color=[OURS if ours else PEER for ours in is_ours], height=0.72)
    for place, (point, ours) in enumerate(zip(shown, is_ours, strict=True)):
        said = f" {point['per_second']:,.0f}"
        weight = "bold" if ours else "normal"
        label = axes.annotate(said, (point["per_second"], place), va="center", fontsize=10, fontweight=weight)
        times = f"   p50 {point['p50_ms']:.1f} ms · p99 {point['p99_ms']:.0f} ms"
        axes.annotate(times, (1, 0.5), xycoords=label, va="center", fontsize=8.5, color=FAINT)
    labels = axes.set_yticks(range(len(shown)), [SAME.get(point["server"], point["server"]) for point in shown])
    for tick, ours in zip(labels, is_ours, strict=True):
        tick.label1.set(fontsize=10, fontweight="bold" if ours else "normal", color=OURS if ours else TEXT)
    axes.set_xlim(0, max(rates, default=1) * 1.32)
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title("Predictions per second: one row, 64 connections, REST", loc="left", fontweight="bold", pad=12)
    machine = results["machine"]
    figure.supxlabel(
        f"scikit-learn LogisticRegression on iris, predict_proba; {machine['cores']} cores shared with the load "
        f"generator (wrk); {results['date']}",
        fontsize=8.5,
        color=FAINT,
        x=0.01,
        ha="left",
    )
    for kind, metadata in (("svg", {"Date": None}), ("png", {})):
        figure.savefig(f"{target}.{kind}", dpi=160, facecolor="white", metadata=metadata)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2])
