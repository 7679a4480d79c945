import pytest

from embedded_aws.moto_patches import MotoChangedError, patched


class Part:
    name = "original"


def test_a_patch_ends_with_its_context() -> None:
    with patched(Part, "name", "replaced") as original:
        assert (Part.name, original) == ("replaced", "original")
    assert Part.name == "original"


def test_a_name_that_is_gone_is_told() -> None:
    with pytest.raises(MotoChangedError, match=r"moto has no Part\.gone any more"), patched(Part, "gone", 1):
        pass
