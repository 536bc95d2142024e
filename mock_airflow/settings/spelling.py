"""What somebody may have meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that looks most like this one; None where none looks like it."""
    import difflib  # only mistakes need it

    return next(iter(difflib.get_close_matches(str(name), list(known), 1, 0.5)), None)


def hint(name: object, known: Iterable[str], otherwise: str) -> str:
    """The rest of a sentence: ``did you mean 'x'?``, or all that are known: ``otherwise`` (the tiers are) ``a, b.``"""
    names = list(known)
    found = nearest(name, names)
    return f"did you mean {found!r}?" if found is not None else f"{otherwise} {', '.join(names)}."
