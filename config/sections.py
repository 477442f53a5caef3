"""Which accounts are on in the config file, as far as one sees without its checks? No pydantic."""

import tomllib
from pathlib import Path


def switched_on(config: Path) -> list[str] | None:
    """The names of the accounts that are on, whatever else is wrong with the file; none where there is no file.

    None where it cannot be read, as in the middle of an edit.
    """
    found = switched(config)
    return None if found is None else [name for name, on in found.items() if on]


def switched(config: Path) -> dict[str, bool] | None:
    """Each account that has a section, and whether it is on; None where the file cannot be read."""
    if not config.exists():
        return {}
    try:
        sections = tomllib.loads(config.read_text("utf-8-sig")).get("accounts", {})
        return {name: bool(section.get("enabled", True)) for name, section in sections.items()}
    except (ValueError, AttributeError, OSError):
        return None
