"""What the scorers of headlines are worth and how fast they are: one section a scorer."""

import sentiment_lexicon
import sentiment_models


def main() -> None:
    """Measure and print, section by section."""
    for title, section in (
        ("lexicon", sentiment_lexicon.main),
        ("finbert", sentiment_models.main),
    ):
        print(f"== {title}")
        section()


if __name__ == "__main__":
    main()
