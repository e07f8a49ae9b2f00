"""Draw the pictures of the documentation: `python docs/draw.py`."""

from contextlib import chdir
from pathlib import Path

import mtg

HERE = Path(__file__).resolve().parent
PICTURES = (
    "news_headline",
    "same_author",
    "tweets_separate",
    "inception_module",
    "mmoe",
    "wide_and_deep",
)
FOLDED = ("tiny_resnet", "celeba_attributes")

#: Those whose tasks are drawn, with what they share.
TASKS = ("tweets_joint", "tweets_separate", "esmm")

if __name__ == "__main__":
    for name in PICTURES + FOLDED:
        levels, suffix = (0, "_folded") if name in FOLDED else (None, "")
        picture = HERE / "pictures" / f"{name}{suffix}.svg"
        mtg.render(HERE.parent / "examples" / f"{name}.mtg", picture, levels=levels)
        print(f"drew docs/pictures/{picture.name}")
    for name in TASKS:
        picture = HERE / "pictures" / f"{name}_tasks.svg"
        mtg.tasks(HERE.parent / "examples" / f"{name}.mtg", picture)
        print(f"drew docs/pictures/{picture.name}")
    with chdir(HERE.parent / "examples"):  # the picture says the paths
        mtg.diff("tweets_joint.mtg", "tweets_separate.mtg", HERE / "pictures" / "tweets_diff.svg")
    print("drew docs/pictures/tweets_diff.svg")
