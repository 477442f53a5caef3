"""The doors to the outside, one adapter to a file. Vendor libraries are imported inside constructors only."""

KINDS: dict[str, str] = {
    "caldav": "connectors.caldav:CalDav",
    "ics": "connectors.ics:Ics",
    "imap": "connectors.imap:Imap",
    "mbox": "connectors.mbox:Mbox",
}
"""Account kind -> "module:Class" of its connector. The class's module also holds its `Options`."""
