"""The doors to the outside, one adapter to a file. Vendor libraries are imported inside constructors only."""

KINDS: dict[str, str] = {
    "caldav": "connectors.caldav:CalDav",
    "carddav": "connectors.carddav:CardDav",
    "ics": "connectors.ics:Ics",
    "imap": "connectors.imap:Imap",
    "mbox": "connectors.mbox:Mbox",
    "vcard": "connectors.vcard:Vcard",
}
"""Account kind -> "module:Class" of its connector. The class's module also holds its `Options`."""
