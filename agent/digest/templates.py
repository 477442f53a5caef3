"""How do templates become text? What a stranger wrote is escaped, and what is missing is an error."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

_COMMAND = re.compile(r"`([^`]{1,80})`")


def templates(package: str, *, last_newline: bool) -> "Environment":
    """The templates that lie beside a package; `last_newline`: a file's last one is kept."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
    from markupsafe import Markup, escape

    made = Environment(
        loader=PackageLoader(package, ""),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=last_newline,
    )
    made.filters["coded"] = lambda text: Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
    return made
