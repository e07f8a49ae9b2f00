"""Draw the pictures of the documentation: `python docs/draw.py`."""

from pathlib import Path

import mtg

HERE = Path(__file__).parent
PICTURES = ("news_headline", "same_author", "tweets_separate", "inception_module", "mmoe")

if __name__ == "__main__":
    for name in PICTURES:
        mtg.render(HERE.parent / "examples" / f"{name}.mtg", HERE / "pictures" / f"{name}.svg")
        print(f"drew docs/pictures/{name}.svg")
    mtg.render(
        HERE.parent / "examples" / "tiny_resnet.mtg",
        HERE / "pictures" / "tiny_resnet_folded.svg",
        levels=0,
    )
