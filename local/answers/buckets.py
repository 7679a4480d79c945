"""ListBuckets as AWS answers it: with Regions and page by page where it is asked with a parameter."""

from typing import Any

from moto.s3.models import s3_backends

from local.answers.call_log import Call

_MOST = 10_000
_PARAMETERS = ("BucketRegion", "ContinuationToken", "MaxBuckets", "Prefix")


def answer(call: Call) -> dict[str, Any] | None:
    """Answer ListBuckets; None for everything else."""
    if call.operation != "ListBuckets":
        return None
    parameters = call.parameters
    with_regions = any(name in parameters for name in _PARAMETERS)
    kept = s3_backends[call.account][call.partition].buckets.values()
    buckets = [
        {
            "Name": bucket.name,
            "CreationDate": bucket.creation_date,
            **({"BucketRegion": bucket.region_name} if with_regions else {}),
        }
        for bucket in sorted(kept, key=lambda bucket: str(bucket.name))
        if bucket.name.startswith(parameters.get("Prefix", ""))
        and bucket.region_name == parameters.get("BucketRegion", bucket.region_name)
        and bucket.name > parameters.get("ContinuationToken", "")
    ]
    most = int(parameters.get("MaxBuckets", _MOST))
    more = {"ContinuationToken": buckets[most - 1]["Name"]} if len(buckets) > most else {}
    return {"Buckets": buckets[:most], "Owner": {"ID": call.account}, **more}
