"""`rootctl --version`: the version that was installed, which pyproject.toml gives."""

from importlib.metadata import PackageNotFoundError, version

import typer

from rootctl.exit_codes import Exit


def say_version(asked: bool) -> None:  # noqa: FBT001 - typer hands an option's callback its value by position
    """Print the version and end, where it was asked for."""
    if not asked:
        return
    try:
        typer.echo(f"rootctl {version('rootwarden')}")
    except PackageNotFoundError:
        typer.echo("rootctl: the version is unknown, it is not installed. Type: make setup", err=True)
        raise typer.Exit(Exit.FAILED) from None
    raise typer.Exit
