"""Would our ranking have been right about the user's own past, and better than a simple rule?

`agent.moments` says by which moments. Figures are means over windows, then over mailboxes; intervals come from a
bootstrap over mailboxes (over windows where there is one mailbox), paired where two rankings are compared.
"""

from agent.backtest.report import Report, backtest
from agent.backtest.shown import as_json, printed
from agent.moments import Mailbox, mailbox, stood

__all__ = ["Mailbox", "Report", "as_json", "backtest", "mailbox", "printed", "stood"]
