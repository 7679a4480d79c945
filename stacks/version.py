"""Which version a template is of: the one that was installed, which pyproject.toml gives."""

from importlib.metadata import PackageNotFoundError, version


class NotInstalled(Exception):
    """When the project was not installed into this Python, so that its version is unknown."""


def described(text: str) -> str:
    """Return a template's description, as the CloudFormation console shows it: version and purpose."""
    try:
        return f"rootwarden {version('rootwarden')}: {text}"
    except PackageNotFoundError:
        raise NotInstalled("rootwarden is not installed here: run `make setup` first") from None
