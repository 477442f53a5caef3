"""Where can a digest go? Each output is one file here and one line in KINDS."""

KINDS = {
    "stdout": "agent.outputs.stdout:deliver",
    "file": "agent.outputs.file:deliver",
}
"""Name in the config -> "module:function", imported only when it is wanted. Each takes the digest, its mail as bytes
(made by `digest.compose.as_mail`), the folder of digests, and where to say what was done."""
