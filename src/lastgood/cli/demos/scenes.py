"""The story of the demo, as data: why each thing is shown, what is typed, and how it has to end. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.cli.demos.shop import FOLDER, RELEASE, Shop

DEPLOY = ("deploy", "-f", f"{FOLDER}/", "--name", RELEASE)
RESTORED, DIFFERENCE = 1, 6


@dataclass(frozen=True, slots=True)
class Images:
    """What the story is told with. ``broken`` cannot be pulled; ``by_hand`` is what somebody sets live."""

    first: str
    broken: str
    second: str
    by_hand: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One command. Before it the files become those of ``shop``, or somebody sets the image ``by_hand``."""

    why: str
    command: tuple[str, ...]
    ends: int = 0
    shop: Shop | None = None
    by_hand: str = ""


def story(images: Images) -> tuple[Scene, ...]:
    """From a first good release to a change that nobody was told of."""
    return (
        Scene("A first release: applied, watched until it is healthy, proved, recorded.",
              DEPLOY, shop=Shop("1", images.first)),
        Scene("The next one names an image that is not there, with new configuration: what was good has to come back.",
              DEPLOY, ends=RESTORED, shop=Shop("2", images.broken)),
        Scene("Is what was good really back, its configuration too? The proof can be made again at any time.",
              ("verify", RELEASE)),
        Scene("The image is put right, and the same command makes it live.",
              DEPLOY, shop=Shop("2", images.second)),
        Scene("Second thoughts: rollback goes to an earlier release that was good, never to one that failed.",
              ("rollback", RELEASE)),
        Scene("Everything that was tried is in the history, with how it ended.",
              ("history", RELEASE)),
        Scene("Somebody changes by hand what is live, and tells nobody: verify finds it, and names who.",
              ("verify", RELEASE), ends=DIFFERENCE, by_hand=images.by_hand),
    )  # fmt: skip
