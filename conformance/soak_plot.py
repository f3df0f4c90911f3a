"""Samples of a long run: kept as CSV, drawn as an SVG of one panel for each column. No library."""

from __future__ import annotations

import csv
from pathlib import Path

WIDTH, PANEL, LEFT, TOP = 900, 130, 70, 24
INK, LINE, GRID = "#222", "#1f6fb4", "#ddd"


def write_csv(path: Path, rows: list[dict]) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def panel(name: str, xs: list[float], ys: list[float], top: int) -> str:
    """A line over time, its scale from 0 to the highest value."""
    height, width = PANEL - 40, WIDTH - LEFT - 20
    most, last = max(max(ys), 1e-9), max(xs[-1], 1e-9)
    points = " ".join(f"{LEFT + x / last * width:.1f},{top + height - y / most * height:.1f}" for x, y in zip(xs, ys))
    return (
        f'<text x="{LEFT}" y="{top - 6}">{name}</text>'
        f'<line x1="{LEFT}" y1="{top}" x2="{LEFT + width}" y2="{top}" stroke="{GRID}"/>'
        f'<line x1="{LEFT}" y1="{top + height}" x2="{LEFT + width}" y2="{top + height}" stroke="{GRID}"/>'
        f'<text x="{LEFT - 6}" y="{top + 4}" text-anchor="end">{most:.4g}</text>'
        f'<text x="{LEFT - 6}" y="{top + height + 4}" text-anchor="end">0</text>'
        f'<text x="{LEFT + width}" y="{top + height + 14}" text-anchor="end">{last:.0f} s</text>'
        f'<polyline points="{points}" fill="none" stroke="{LINE}" stroke-width="1.2"/>'
    )


def write_svg(path: Path, rows: list[dict]) -> None:
    columns = [name for name in rows[0] if name != "seconds"]
    xs = [row["seconds"] for row in rows]
    panels = [panel(name, xs, [row[name] for row in rows], TOP + i * PANEL) for i, name in enumerate(columns)]
    height = TOP + len(columns) * PANEL
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="11" fill="{INK}">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(panels)}</svg>\n'
    )
