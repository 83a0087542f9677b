"""Errors that reach the user as one line: what is wrong, where, and what to do."""

from __future__ import annotations


class CchcError(Exception):
    """A mistake or a state the user can mend; printed as one line, never as a traceback.

    ``exit_code`` is the process exit code of ``cchc``: 1 blocked, 2 usage or configuration, 3 other.
    """

    exit_code = 3


class ConfigError(CchcError):
    """Wrong usage or configuration: a bad map, setting, option or mixture of sources."""

    exit_code = 2


def of_exit_code(exit_code: int, message: str) -> CchcError:
    """The error that ends the process with ``exit_code``; unknown codes count as other failures."""
    kinds: dict[int, type[CchcError]] = {1: BlockedError, 2: ConfigError}
    return kinds.get(exit_code, CchcError)(message)


class BlockedError(CchcError):
    """The quality gate or an unreadable required source stopped the publication."""

    exit_code = 1


class ReadError(CchcError):
    """One export cannot be read; carries the file so that the other files still load."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason
