"""How does one request carry a hundred? As multipart/mixed, each part a request of its own."""

import secrets
from email.parser import BytesParser
from email.policy import HTTP
from http.client import responses

from tests.fakes.plumbing import Answer, Asked

MOST = 100
"""Parts in a batch: documented; the client's own limit is ten times that."""


class NoBatchError(Exception):
    """The body is not a batch."""


def parts(asked: Asked) -> list[tuple[str, Asked]]:
    """The requests of a batch with their Content-IDs; raises NoBatchError."""
    head = b"Content-Type: " + asked.headers.get("content-type", "").encode("latin-1") + b"\r\n\r\n"
    mixed = BytesParser(policy=HTTP).parsebytes(head + asked.body)
    if mixed.get_content_type() != "multipart/mixed" or not mixed.is_multipart():
        raise NoBatchError("The batch request is not multipart/mixed.")
    found = []
    for part in mixed.iter_parts():
        if part.get_content_type() != "application/http":
            raise NoBatchError("A part of the batch is not application/http.")
        content = bytes(part.get_payload(decode=True) or b"")
        found.append((str(part.get("Content-ID", "")).strip(), _one(content, asked)))
    return found


def _one(content: bytes, outer: Asked) -> Asked:
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("utf-8").split("\n")
    words = first.split()
    if len(words) < 2 or not words[1].startswith("/"):
        raise NoBatchError("A part of the batch has no request line.")
    headers = {"authorization": outer.headers.get("authorization", "")}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    path, _, query = words[1].partition("?")
    return Asked(words[0], path, query, headers, body)


def joined(answers: list[tuple[str, Answer]]) -> Answer:
    """The answers of the parts as one."""
    boundary = f"batch_{secrets.token_urlsafe(16)}"
    lines = [_part(boundary, name, said) for name, said in answers]
    body = b"".join(lines) + f"--{boundary}--\r\n".encode()
    return Answer(200, body, (("Content-Type", f"multipart/mixed; boundary={boundary}"),))


def _part(boundary: str, name: str, said: Answer) -> bytes:
    head = f"--{boundary}\r\nContent-Type: application/http\r\n"
    if name:
        head += f"Content-ID: <response-{name.removeprefix('<').removesuffix('>')}>\r\n"
    head += f"\r\nHTTP/1.1 {said.status} {responses.get(said.status, 'Said')}\r\n"
    head += "".join(f"{one}: {value}\r\n" for one, value in said.headers)
    return head.encode() + f"Content-Length: {len(said.body)}\r\n\r\n".encode() + said.body + b"\r\n"
