"""Which version a template is of."""

from rootwarden import __version__


def described(text: str) -> str:
    """Return a template's description, as the CloudFormation console shows it: version and purpose."""
    return f"rootwarden {__version__}: {text}"
