"""What may the user choose? The frozen, typed shape of `config.toml`; unknown keys are forbidden."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the config file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Account(Section):
    """What every `[accounts.NAME]` has. Each connector module adds its own keys in a subclass called `Options`."""

    kind: str
    enabled: bool = True
    read: Literal["headers", "text"] = "headers"
