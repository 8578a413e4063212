"""A minimal WebM writer: VP8 key frames, taken out of lossy WebP pictures, in a Matroska container.

A lossy WebP picture is a RIFF file whose `VP8 ` chunk is exactly one VP8 key frame, so a run of them is a
video that browsers play. Container layout: RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

import struct
from collections.abc import Sequence
from typing import Final

_EBML: Final = 0x1A45DFA3
_SEGMENT: Final = 0x18538067
_INFO: Final = 0x1549A966
_TRACKS: Final = 0x1654AE6B
_TRACK_ENTRY: Final = 0xAE
_VIDEO: Final = 0xE0
_CLUSTER: Final = 0x1F43B675
_KEY_FRAME: Final = 0x80
_RIFF_HEADER: Final = 12
_CHUNK_HEADER: Final = 8


def vp8_frame(webp: bytes) -> bytes:
    """Return the VP8 key frame inside a lossy WebP file; raises ValueError when there is none."""
    if webp[:4] != b"RIFF" or webp[8:12] != b"WEBP":
        raise ValueError("This is not a WebP file.")
    place = _RIFF_HEADER
    while place + _CHUNK_HEADER <= len(webp):
        size = int.from_bytes(webp[place + 4 : place + 8], "little")
        start = place + _CHUNK_HEADER
        if webp[place : place + 4] == b"VP8 ":
            return webp[start : start + size]
        place = start + size + size % 2  # chunks are padded to even lengths
    raise ValueError("This WebP file holds no lossy picture.")


def mux(frames: Sequence[bytes], width: int, height: int, frame_ms: int) -> bytes:
    """Put VP8 key frames of `width` x `height` pixels into one WebM file, each shown for `frame_ms` ms."""
    head = _element(
        _EBML,
        _uint(0x4286, 1)  # EBMLVersion
        + _uint(0x42F7, 1)  # EBMLReadVersion
        + _uint(0x42F2, 4)  # EBMLMaxIDLength
        + _uint(0x42F3, 8)  # EBMLMaxSizeLength
        + _element(0x4282, b"webm")  # DocType
        + _uint(0x4287, 2)  # DocTypeVersion
        + _uint(0x4285, 2),  # DocTypeReadVersion
    )
    info = _element(
        _INFO,
        _uint(0x2AD7B1, 1_000_000)  # TimestampScale: one tick is a millisecond
        + _element(0x4489, struct.pack(">d", float(frame_ms * len(frames))))  # Duration
        + _element(0x4D80, b"koiwai demo")  # MuxingApp
        + _element(0x5741, b"koiwai demo"),  # WritingApp
    )
    video = _element(_VIDEO, _uint(0xB0, width) + _uint(0xBA, height))
    track = _element(
        _TRACK_ENTRY,
        _uint(0xD7, 1)  # TrackNumber
        + _uint(0x73C5, 1)  # TrackUID
        + _uint(0x9C, 0)  # FlagLacing
        + _uint(0x83, 1)  # TrackType: video
        + _element(0x86, b"V_VP8")  # CodecID
        + _uint(0x23E383, frame_ms * 1_000_000)  # DefaultDuration
        + video,
    )
    blocks = b"".join(
        _element(0xA3, b"\x81" + struct.pack(">hB", index * frame_ms, _KEY_FRAME) + frame)  # SimpleBlock
        for index, frame in enumerate(frames)
    )
    cluster = _element(_CLUSTER, _uint(0xE7, 0) + blocks)
    return head + _element(_SEGMENT, info + _element(_TRACKS, track) + cluster)


def _element(identifier: int, content: bytes) -> bytes:
    """An EBML element: identifier, length in the shortest form, content."""
    size = len(content)
    length = 1
    # The value with all bits set means "unknown length", so it is never used for a known one.
    while size >= (1 << (7 * length)) - 1:
        length += 1
    marked = size | 1 << (7 * length)
    return identifier.to_bytes((identifier.bit_length() + 7) // 8, "big") + marked.to_bytes(length, "big") + content


def _uint(identifier: int, value: int) -> bytes:
    return _element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))
