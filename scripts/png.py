"""PNG pictures as browsers write them (eight bits a channel), read and written small."""

from __future__ import annotations

import struct
import zlib
from collections import Counter

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256
_CHANNELS = {2: 3, 6: 4}

Pixel = bytes
"""Red, green, blue and, where a picture has it, opacity."""


def read_png(png: bytes) -> tuple[int, int, list[list[Pixel]]]:
    """Width, height and rows of pixels of a picture.

    Raises:
        ValueError: it is no such PNG.
    """
    if not png.startswith(_SIGNATURE) or png[24] != 8 or png[25] not in _CHANNELS:  # noqa: PLR2004 (bits a channel)
        raise ValueError("not a PNG of eight bits a channel")
    width, height = struct.unpack(">II", png[16:24])
    channels = _CHANNELS[png[25]]
    data, at = b"", len(_SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    raw, stride = zlib.decompress(data), width * channels
    above, rows = bytearray(stride), []
    for start in range(0, len(raw), stride + 1):
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above, channels)
        rows.append([bytes(above[x : x + channels]) for x in range(0, stride, channels)])
    return width, height, rows


def write_png(rows: list[list[Pixel]]) -> bytes:
    """A picture of at most 256 colours: the commonest stay, each other becomes the nearest of them."""
    counts = Counter(pixel[:3] for row in rows for pixel in row)
    palette = sorted(colour for colour, _ in counts.most_common(_COLOURS))
    index = {colour: _nearest(colour, palette) for colour in counts}
    lines = b"".join(b"\0" + bytes(index[pixel[:3]] for pixel in row) for row in rows)
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    return min(range(len(palette)), key=lambda at: sum((a - b) ** 2 for a, b in zip(colour, palette[at], strict=True)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _unfiltered(kind: int, line: bytearray, above: bytearray, channels: int) -> bytearray:
    """A row without its filter, which says each byte by those beside and above it."""
    for index, value in enumerate(line) if kind else ():
        left = line[index - channels] if index >= channels else 0
        over = above[index]
        corner = above[index - channels] if index >= channels else 0
        if kind == 4:  # noqa: PLR2004 (Paeth's filter)
            towards = left + over - corner
            guess = min((left, over, corner), key=lambda byte: abs(towards - byte))
        else:
            guess = (left, over, (left + over) // 2)[kind - 1]
        line[index] = (value + guess) & 0xFF
    return line
