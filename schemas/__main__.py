"""Write every schema: python -m schemas."""

from schemas.outcomes import written


def main() -> None:
    """Write the files, and say which changed."""
    for path, text in written().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
