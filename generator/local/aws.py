"""Clients of the emulator: boto3 with its address, and credentials that only it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from generator.errors import ToolError
from generator.local.logfile import last_lines
from generator.local.workplace import State, Workplace

SECRET = "test"  # noqa: S105 - what the emulator takes for the account's root user
READ_LIMIT = 70.0


class Aws:
    """Clients for one emulator, each made when it is first asked for.

    Args:
        state: names the emulator.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self._clients: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """Where the emulator answers."""
        return f"http://127.0.0.1:{self.state.port}"

    def is_of(self, state: State) -> bool:
        """Whether these are clients of the emulator that a record names."""
        mine = self.state
        return (mine.token, mine.port, mine.account, mine.region) == (
            state.token,
            state.port,
            state.account,
            state.region,
        )

    def __getitem__(self, service: str) -> Any:
        """The client of a service, as boto3 calls it."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self.url, config=self._config)
        return self._clients[service]

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.session.Session(
            aws_access_key_id=self.state.account,
            aws_secret_access_key=SECRET,
            region_name=self.state.region,
        )

    @cached_property
    def _config(self) -> Any:
        from botocore.config import Config

        return Config(
            connect_timeout=5,
            read_timeout=READ_LIMIT,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
            proxies={},
        )

    def has_bucket(self, name: str) -> bool:
        """Whether there is a bucket of that name."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self["s3"].head_bucket(Bucket=name)
        except (BotoCoreError, ClientError):
            return False
        return True

    def make_bucket(self, name: str) -> None:
        """Make a bucket."""
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.state.region}}
        self["s3"].create_bucket(Bucket=name, **(place if self.state.region != "us-east-1" else {}))


@contextmanager
def asking(workplace: Workplace) -> Iterator[None]:
    """Make an error of a call to the emulator one sentence, with the end of its log.

    Raises:
        ToolError: a call was refused, or there was no answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise ToolError(f"The emulator refuses a call: {error}.") from error
    except BotoCoreError as error:
        raise ToolError(f"The emulator does not answer ({error}). {last_lines(workplace)}") from error
