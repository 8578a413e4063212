"""Invented talk: vocabulary per board and the functions that make sentences of it."""

import random
from collections.abc import Sequence
from typing import Final

import msgspec


class Vocabulary(msgspec.Struct, frozen=True):
    """Words of one board: things people talk about, places, deeds and judgements."""

    things: tuple[str, ...]
    places: tuple[str, ...]
    deeds: tuple[str, ...]
    verdicts: tuple[str, ...]


def _listed(text: str) -> tuple[str, ...]:
    """Split a list whose items are parted by semicolons."""
    return tuple(" ".join(item.split()) for item in text.split(";"))


TECHNOLOGY: Final = Vocabulary(
    things=_listed(
        """
        the tiling window manager; my old router; a mechanical keyboard; the new kernel;
        this laptop hinge; the backup script; a second-hand server; the shell prompt;
        that e-ink screen; my text editor; the package manager; a small board computer;
        the boot loader; my mail setup; the compiler
        """
    ),
    places=_listed(
        """
        in the basement; at work; on the train; behind the desk; in a container; over ssh
        """
    ),
    deeds=_listed(
        """
        survived another upgrade; refuses to suspend; needs a firmware patch;
        compiles in nine seconds; eats all the memory; was cheaper than lunch;
        broke after the update; runs without a fan; still gets security fixes;
        lost its configuration again
        """
    ),
    verdicts=_listed(
        """
        it just works; never again; worth every hour; read the manual first;
        nobody asked for this; the old version was fine; I keep coming back to it;
        benchmarks tell another story
        """
    ),
)

COOKING: Final = Vocabulary(
    things=_listed(
        """
        my sourdough starter; the cast iron pan; a pot of lentils; this onion soup;
        the rice cooker; a jar of pickled radish; the carbon steel wok; grandmother's plum cake;
        the chili oil; a roast leek
        """
    ),
    places=_listed(
        """
        in a tiny kitchen; on the balcony grill; at the Sunday market; over low heat;
        for six guests
        """
    ),
    deeds=_listed(
        """
        came out too salty; needed another hour; smelled like autumn; burned on one side;
        fed us for three days; rose twice as high; turned purple somehow;
        tasted better the next morning
        """
    ),
    verdicts=_listed(
        """
        more butter; the secret is vinegar; season as you go; do not rush it;
        I would eat that cold
        """
    ),
)

RENDERING: Final = Vocabulary(
    things=_listed(
        """
        the donut; my first character rig; a low-poly harbour; the cloth simulation;
        this shader graph
        """
    ),
    places=_listed(
        """
        in the viewport; on one old card; with forty lights; after the retopology;
        in the final pass
        """
    ),
    deeds=_listed(
        """
        renders overnight; clips through the floor; finally bends at the elbow; has too many loops
        """
    ),
    verdicts=_listed(
        """
        check your normals; the silhouette reads well; bake it first; good weight, stiff hands
        """
    ),
)

NAMES: Final = (
    "lamplighter",
    "Otter of the Harbour",
    "q_",
    "Mirelle",
    "night shift",
    "Ferrum",
    "Зоря",
    "六月",
)
TRIPS: Final = ("!Lantern7Qx", "!!h4rbour.Ott", "!gr3yMoth.A", "!kettle/Drum!!s3cure.Pine")
COUNTRIES: Final = ("US", "DE", "JP", "BR", "FI", "NZ", "XX")
SUBJECTS: Final = (
    "Daily question thread",
    "Show what you made",
    "Post your setup",
    "Small wins",
    "Is it worth repairing?",
    "Things you regret buying",
    "The quiet thread",
    "Beginners ask here",
    "Old but good",
    "Weekend projects",
)


def sentence(rng: random.Random, words: Vocabulary) -> str:
    """One plain sentence with a capital letter and a full stop."""
    thing, place = rng.choice(words.things), rng.choice(words.places)
    deed, verdict = rng.choice(words.deeds), rng.choice(words.verdicts)
    text = rng.choice(
        (
            f"{thing} {deed} {place}; {verdict}.",
            f"After a month {place}, {thing} {deed}.",
            f"Honestly, {verdict}: {thing} {deed}.",
            f"Has anybody else noticed that {thing} {deed} {place}?",
            f"I moved {thing} away and now it {deed}.",
        )
    )
    return text[0].upper() + text[1:]


def comment(rng: random.Random, words: Vocabulary, quotable: Sequence[str]) -> str:
    """A comment of one to five lines that may quote one or two of the given labels and hold common tags."""
    lines: list[str] = []
    if quotable and rng.random() < 0.7:
        lines += [f">>⟦{label}⟧" for label in rng.sample(quotable, min(len(quotable), rng.choice((1, 1, 1, 2))))]
    if rng.random() < 0.3:
        lines.append(">" + sentence(rng, words))
    lines += [sentence(rng, words) for _ in range(rng.choice((1, 1, 2, 3)))]
    if rng.random() < 0.08:
        lines.append(f"[spoiler]{sentence(rng, words)}[/spoiler]")
    if rng.random() < 0.04:
        lines.append(f"https://example.org/notes/{rng.randrange(1000)}?from=thread&lang=en")
    return "\n".join(lines)
