"""How tests run; what they share is in tests/deployed.py."""

import gc
import os
import signal

import pytest
from hypothesis import settings

# `pytest --hypothesis-profile thorough` looks further, as before a release.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    # Besides cfn-lint and cdk-nag, which tests hold every template against, CDK has checks of its
    # own that only warn, and take as long as synthesis itself.
    os.environ["CDK_VALIDATION"] = "false"
    # A shell lets what it starts in the background ignore Ctrl-C, and so would what tests start and end.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # The process that hands tests to others runs none: they would wait while it reads moto and CDK.
    hands_over = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if not hands_over:
        config.pluginmanager.import_plugin("tests.deployed")


def pytest_collection_finish() -> None:
    # What is there by now stays: looking through millions of objects again and again frees nothing.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionfinish() -> None:
    # pytest looks through all objects several times before it ends: seconds, in which nothing fails any more.
    gc.freeze()
