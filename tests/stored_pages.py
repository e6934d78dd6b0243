"""A saved page taken apart: the declaration and the planes that lie in it."""

import json
import re
import zlib
from base64 import b64decode

import numpy as np

from seglab.page import _planes as planes


def inflated(data):
    return zlib.decompress(data, -15)


def stored(text):
    """The declaration that lies in a page."""
    (packed,) = re.findall(r'id="seglab-stored">([^<]*)<', text)
    return json.loads(inflated(b64decode(packed)))


def blobs_of(text):
    """The planes of a page as they are stored."""
    (joined,) = re.findall(r'id="seglab-planes">([^<]*)<', text)
    return [
        planes.Blob(b64decode(joined[first:end]), *rest)
        for first, end, *rest in stored(text)["blobs"]
    ]


def undone(blobs, number):
    """A stored plane, decoded pixel by pixel: the oracle for the encoder."""
    blob = blobs[number]
    out = np.frombuffer(inflated(blob.data), np.uint8).astype(int)
    assert len(out) == blob.length
    if blob.filter == planes.CHANGED:
        return (out ^ undone(blobs, blob.reference)).astype(np.uint8)
    for i in range(len(out)):
        inside, below = i % blob.row >= blob.step, i >= blob.row
        left = out[i - blob.step] if inside else 0
        above = out[i - blob.row] if below else 0
        corner = out[i - blob.row - blob.step] if inside and below else 0
        guess = left + above - corner
        nearest = min((left, above, corner), key=lambda one: abs(guess - one))
        added = {planes.SUB: left, planes.UP: above, planes.PAETH: nearest}
        out[i] = (out[i] + added.get(blob.filter, 0)) % 256
    return out.astype(np.uint8)
