"""The doors to the outside, one adapter to a file. Vendor libraries are imported inside constructors only."""

KINDS: dict[str, str] = {
    "caldav": "connectors.caldav:CalDav",
    "carddav": "connectors.carddav:CardDav",
    "feeds": "connectors.feeds:Feeds",
    "google": "connectors.google:Google",
    "ics": "connectors.ics:Ics",
    "imap": "connectors.imap:Imap",
    "mbox": "connectors.mbox:Mbox",
    "microsoft": "connectors.microsoft:Microsoft",
    "vcard": "connectors.vcard:Vcard",
}
"""Account kind -> "module:Class" of its connector. The class's module also holds its `Options`."""

SIGN_INS: dict[str, str] = {
    "google": "connectors.google_sign_in",
    "microsoft": "connectors.microsoft_sign_in",
}
"""Account kind -> the module that asks for a consent on the vendor's own page, and takes it back."""
