"""Colours: contrasts as WCAG 2.2 computes them, and hues that differ."""

from __future__ import annotations

from itertools import combinations

import pytest
from mtg.backends.picture.service import letters, listed
from mtg.backends.picture.themes import LINES, TEXT, THEMES, Theme, contrast, words_on


def test_contrast_is_that_of_wcag() -> None:
    """Values from the definition, and of a pair that is well known to be just enough."""
    assert contrast("#000000", "#FFFFFF") == contrast("#FFFFFF", "#000000") == 21
    assert contrast("#123456", "#123456") == 1
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


def _grounds(theme: Theme) -> list[str]:
    """What words and lines stand on."""
    tasks = range(max(1, len(theme.hues)))
    fills = [fill(task) for fill in (theme.own, theme.end) for task in tasks]
    return [theme.paper, theme.fill, *theme.frames, *fills]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_words_can_be_read(theme: Theme) -> None:
    for ground in _grounds(theme):
        assert contrast(theme.ink, ground) >= TEXT
        assert contrast(theme.grey, ground) >= TEXT
    assert contrast(theme.source_ink, theme.source) >= TEXT
    for color in (*theme.hues, theme.ink, theme.line):
        assert contrast(words_on(color), color) >= TEXT


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_lines_that_mean_something_can_be_seen(theme: Theme) -> None:
    for ground in (theme.paper, *theme.frames):
        for line in (*theme.hues, theme.line, theme.ink):
            assert contrast(line, ground) >= LINES
    for task, hue in enumerate(theme.hues):
        assert contrast(hue, theme.own(task)) >= LINES
        assert contrast(hue, theme.end(task)) >= LINES
    assert contrast(theme.source, theme.paper) >= LINES


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_hues_differ(theme: Theme) -> None:
    def parts(color: str) -> list[int]:
        return [int(color[at : at + 2], 16) for at in (1, 3, 5)]

    for one, other in combinations(theme.hues, 2):
        assert max(abs(a - b) for a, b in zip(parts(one), parts(other), strict=True)) >= 0x30


def test_letters_go_on_after_z() -> None:
    assert [letters(number) for number in (0, 25, 26, 51, 52, 701, 702)] == [
        *("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA")
    ]


@pytest.mark.parametrize(
    ("numbers", "text"), [([0, 1, 2, 3, 5], "A–D F"), ([0, 1, 3, 4], "A B D E"), ([], "")]
)
def test_many_letters_are_listed_by_their_runs(numbers: list[int], text: str) -> None:
    assert listed(numbers) == text
