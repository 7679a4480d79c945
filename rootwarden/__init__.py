"""What the functions and rootctl are made of: decisions by capability, `aws`, and the shared `contract`."""

# The one place that says it: the wheel, templates, outcomes and `rootctl --version` read it here.
__version__ = "0.2.0"
