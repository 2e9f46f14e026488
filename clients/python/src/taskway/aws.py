"""Signs requests for an API behind IAM (AWS Signature Version 4). Needs the extra `aws`, which is botocore."""

from __future__ import annotations

import re
import threading
from typing import Any, Dict, Mapping, Optional
from urllib.parse import urlsplit

from .errors import TaskwayError

# What API Gateway's APIs are called in a signature.
SERVICE = "execute-api"
_REGION_OF_HOST = re.compile(rf"(?:^|\.){SERVICE}\.((?:[a-z]+-)+\d+)\.")


class NoCredentials(TaskwayError):
    """There is nothing to sign a request with."""


class Signer:
    """Signs by the credentials that botocore finds: environment, profiles, SSO, roles of containers and functions.

    `profile` is by default `AWS_PROFILE`. `region` is by default the one in the API's host name, and else that of the
    profile or environment. Credentials are looked for at the first call, and renewed before they end.
    """

    def __init__(self, *, profile: Optional[str] = None, region: Optional[str] = None) -> None:
        self._profile = profile
        self._region = region
        self._lock = threading.Lock()
        self._found: Any = None

    def sign(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Dict[str, str]:
        """The headers to add to this request. Raises NoCredentials."""
        with self._lock:
            if self._found is None:
                self._found = self._find(url)
        credentials, region = self._found
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        # Only what nothing on the way changes is signed.
        request = AWSRequest(method, url, headers=_signed(headers), data=body)
        SigV4Auth(credentials, SERVICE, region).add_auth(request)
        return dict(request.headers.items())

    def _find(self, url: str) -> Any:
        try:
            import botocore.session
            from botocore.exceptions import BotoCoreError
        except ImportError as error:
            raise NoCredentials(
                f"a request to {urlsplit(url).hostname} must be signed: install the extra `aws`, or give a token"
            ) from error
        try:
            session = botocore.session.Session(profile=self._profile)
            credentials = session.get_credentials()
            in_host = _REGION_OF_HOST.search(urlsplit(url).hostname or "")
            region = self._region or (in_host.group(1) if in_host else session.get_config_variable("region"))
        except BotoCoreError as error:
            raise NoCredentials(f"cannot get AWS credentials to sign with: {error}") from error
        if credentials is None:
            raise NoCredentials("there are no AWS credentials to sign with: run `aws configure`, or set AWS_PROFILE")
        if region is None:
            raise NoCredentials("no region to sign for: the URL does not name one, so set AWS_REGION or give `region`")
        return credentials, region


def _signed(headers: Mapping[str, str]) -> Dict[str, str]:
    return {name: value for name, value in headers.items() if name in ("content-type", "prefer")}
