"""What to do about an error AWS answers with, in a sentence."""

from rootwarden.policies.service_control_policies import advice

_OTHERWISE = "Run it again; if it stays so, the words above are AWS's own and tell what to look into."
_SIGN_IN = "Sign in again (aws sso login, or new keys), or name another profile with --profile."
_NETWORK = "Check the network, the proxy settings and --region, then run it again."
_WAIT = "AWS asks for patience: run it again in a minute."
_OTHER_ACCOUNT = (
    "Use credentials of the management account or of a delegated administrator,"
    " with organizations:Describe* and organizations:List* allowed."
)
_NEXT_STEPS = {
    "NoCredentialsError": "Sign in (aws sso login or aws configure), or name a profile with --profile.",
    "ProfileNotFound": "See the profiles there are: aws configure list-profiles.",
    "NoRegionError": "Add the hub's Region, such as --region us-east-1, or set AWS_REGION.",
    "InvalidRegionError": "Name a Region with --region, such as us-east-1.",
    "ResourceNotFoundException": "It is gone since the stack was looked at: run rootctl doctor.",
    "AWSOrganizationsNotInUseException": "Use credentials of an account in the organization.",
    **dict.fromkeys(
        (
            "PartialCredentialsError",
            "CredentialRetrievalError",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "SSOTokenLoadError",
            "TokenRetrievalError",
            "UnauthorizedSSOTokenError",
            "UnrecognizedClientException",
        ),
        _SIGN_IN,
    ),
    **dict.fromkeys(
        (
            "RequestLimitExceeded",
            "ServiceException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ),
        _WAIT,
    ),
    **dict.fromkeys(
        (
            "ConnectionClosedError",
            "ConnectTimeoutError",
            "EndpointConnectionError",
            "ProxyConnectionError",
            "ReadTimeoutError",
            "SSLError",
        ),
        _NETWORK,
    ),
}

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_PERMISSIONS = {
    "AssumeRoot": "Root sessions are opened from the management account or IAM's delegated administrator,"
    " with sts:AssumeRoot allowed: use such credentials, or --via-hub; rootctl doctor tells what is missing.",
    "DescribeStacks": "Use credentials of the hub account, with cloudformation:DescribeStacks allowed.",
    "Invoke": "Use credentials of the hub account, with lambda:InvokeFunction allowed on this function.",
    "StartAutomationExecution": "Use credentials of the hub account, with ssm:StartAutomationExecution"
    " allowed on this document.",
}


def next_step(code: str, operation: str | None, message: str = "") -> str:
    """Say what to do next; operation: the call that was refused, None when AWS was not reached."""
    by_policy = advice(message)
    if by_policy:
        return by_policy
    if code in _DENIED:
        return _PERMISSIONS.get(operation or "", _OTHER_ACCOUNT)
    return _NEXT_STEPS.get(code, _OTHERWISE)
