"""What a PDF says of itself, found as a reader finds it: from the end of the file."""

from __future__ import annotations

import re

import mtg
import pytest
from mtg.backends.picture.pdf import titled

PROGRAM = 'model M {{ input x: float32[2]\n output {name}(loss="mse") = x -> Dense(3) }}'


def read(pdf: bytes) -> tuple[dict[str, str], bytes]:
    """The entries of a PDF's information, and its catalog."""
    tables: list[bytes] = []
    places: dict[int, int] = {}
    at = int(pdf.rpartition(b"startxref")[2].split()[0])
    while True:
        lines, _, trailer = pdf[at:].partition(b"trailer")
        assert lines.startswith(b"xref\n")
        first, count = map(int, lines.split()[1:3])
        for number, line in enumerate(re.findall(rb"\d{10} \d{5} [nf] \n", lines), start=first):
            places.setdefault(number, int(line[:10]))
        assert len(places) >= count
        tables.append(trailer.partition(b">>")[0])
        previous = re.search(rb"/Prev (\d+)", tables[-1])
        if previous is None:
            break
        at = int(previous[1])

    def found(name: bytes) -> bytes:
        number = re.search(rb"/%b (\d+) 0 R" % name, tables[0])
        assert number is not None
        place = places[int(number[1])]
        assert pdf[place:].startswith(b"%b 0 obj" % number[1])
        return pdf[place : pdf.index(b"endobj", place)]

    size = re.search(rb"/Size (\d+)", tables[0])
    assert size is not None
    assert int(size[1]) == len(places)
    entries = re.findall(rb"/(\w+) <([0-9A-F]+)>", found(b"Info"))
    words = {name.decode(): bytes.fromhex(text.decode()).decode("utf-16") for name, text in entries}
    return words, found(b"Root")


@pytest.mark.parametrize("name", ["y", '"Ünïcode (日本) <x> 😀"'])
def test_it_has_a_title_and_says_what_it_shows(name: str) -> None:
    pdf = mtg.render(PROGRAM.format(name=name), format="pdf")
    words, catalog = read(pdf)
    assert words == {
        "Title": "M",
        "Subject": f"1 input, 1 layer, task {name}".replace('"', ""),
        "Creator": "mtg",
    }
    assert b"/Type /Catalog" in catalog


def test_a_file_that_is_built_otherwise_stays() -> None:
    pdf = b"%PDF-1.7\nstartxref\n7\n%%EOF\n"
    assert titled(pdf, "M", "words") == pdf
