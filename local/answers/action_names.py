"""IAM actions that are not called like the operation that needs them."""

S3_ACTIONS = {
    **dict.fromkeys(("HeadBucket", "ListObjects", "ListObjectsV2"), "ListBucket"),
    **dict.fromkeys(("CompleteMultipartUpload", "CreateMultipartUpload", "UploadPart"), "PutObject"),
    "DeleteObjects": "DeleteObject",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    **{f"{v}{what}": f"{v}{what}" for v in ("Delete", "Get", "Put") for what in ("BucketPolicy", "Object")},
}
# Where the action a call needs is not called like the operation.
ACTIONS = {
    **{("s3", operation): action for operation, action in S3_ACTIONS.items()},
    ("lambda", "Invoke"): "InvokeFunction",
    ("sns", "PublishBatch"): "Publish",
    ("sqs", "ChangeMessageVisibilityBatch"): "ChangeMessageVisibility",
    ("sqs", "DeleteMessageBatch"): "DeleteMessage",
    ("sqs", "SendMessageBatch"): "SendMessage",
}
