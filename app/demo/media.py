"""The demo's pictures: made of gradients and shapes, the same bytes for the same key on one machine."""

import base64
import hashlib
import io
import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image, ImageDraw, ImageOps

from app.demo.draft import OP_THUMB, REPLY_THUMB, fit
from app.demo.model import DemoArchive, DemoPicture
from app.demo.webm import mux, vp8_frame

_FRAMES: Final = 8
_FRAME_MS: Final = 250
_SAFE_NAME: Final = re.compile(r"[0-9]{8,}s?\.[a-z0-9]+")


class RenderedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The files made of one picture key."""

    data: bytes
    md5: str
    """Base64 of the MD5 of `data`, 24 characters, as `media_hash` holds it."""
    thumb_op: bytes
    """JPEG of at most 250 pixels."""
    thumb_reply: bytes
    """JPEG of at most 125 pixels."""

    @property
    def size(self) -> int:
        """Bytes of `data`."""
        return len(self.data)


class MediaFile(msgspec.Struct, frozen=True):
    """One file below the media root: `kind` is 'image' or 'thumb', `op` tells the two thumbnails apart."""

    board: str
    kind: str
    name: str
    key: str
    op: bool = False

    def path(self) -> Path:
        """Place below the media root (Asagi schema notes, section 5.1)."""
        return Path(self.board, self.kind, self.name[:4], self.name[4:6], self.name)


def render(picture: DemoPicture) -> RenderedPicture:
    """Draw the picture of `picture.key`; callers keep the result, nothing is cached here.

    The format follows the extension: .png, .gif, .webm, anything else is JPEG.
    """
    canvas = _draw(picture.key, picture.width, picture.height, 0)
    data = _encode(picture, canvas)
    return RenderedPicture(
        data=data,
        md5=base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode(),
        thumb_op=_thumbnail(canvas, OP_THUMB),
        thumb_reply=_thumbnail(canvas, REPLY_THUMB),
    )


def render_all(archive: DemoArchive) -> dict[str, RenderedPicture]:
    """Render each picture of the archive once; the result is keyed by `DemoPicture.key`."""
    done: dict[str, RenderedPicture] = {}
    for picture in archive.pictures():
        if picture.key not in done:
            done[picture.key] = render(picture)
    return done


def write_media(root: Path, files: Iterable[MediaFile], pictures: Mapping[str, RenderedPicture]) -> None:
    """Write `files` below `root`; names that no server would give (hostile records) are left out."""
    for file in files:
        if not _SAFE_NAME.fullmatch(file.name):
            continue
        rendered = pictures[file.key]
        path = root / file.path()
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.kind == "image":
            path.write_bytes(rendered.data)
        else:
            path.write_bytes(rendered.thumb_op if file.op else rendered.thumb_reply)


def _encode(picture: DemoPicture, canvas: Image.Image) -> bytes:
    buffer = io.BytesIO()
    if picture.ext == ".png":
        canvas.save(buffer, "PNG")
    elif picture.ext == ".gif":
        second = _draw(picture.key, picture.width, picture.height, 2)
        canvas.save(buffer, "GIF", save_all=True, append_images=[second], duration=500, loop=0)
    elif picture.ext == ".webm":
        frames = [_vp8(_draw(picture.key, picture.width, picture.height, step)) for step in range(_FRAMES)]
        return mux(frames, picture.width, picture.height, _FRAME_MS)
    else:
        canvas.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _vp8(frame: Image.Image) -> bytes:
    buffer = io.BytesIO()
    frame.save(buffer, "WEBP", quality=60, method=0)
    return vp8_frame(buffer.getvalue())


def _thumbnail(canvas: Image.Image, limit: int) -> bytes:
    buffer = io.BytesIO()
    canvas.resize(fit(canvas.width, canvas.height, limit)).save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def _draw(key: str, width: int, height: int, step: int) -> Image.Image:
    """Draw the picture of `key`; `step` moves the shapes, for frames of a video."""
    rng = random.Random(f"picture {key}")

    def colour() -> tuple[int, int, int]:
        return rng.randrange(256), rng.randrange(256), rng.randrange(256)

    ramp = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270))).resize((width, height))
    canvas = ImageOps.colorize(ramp, colour(), colour())
    pen = ImageDraw.Draw(canvas)
    for _ in range(5):
        x, y = rng.randrange(width) + step * 6, rng.randrange(height)
        reach = rng.randrange(12, 70)
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape((x - reach, y - reach, x + reach, y + reach), fill=colour(), outline=colour())
    # Pillow's own font is enough: keys are plain ASCII.
    pen.rectangle((4, 4, 14 + 8 * len(key), 22), fill=(255, 255, 255))
    pen.text((8, 6), key, fill=(0, 0, 0))
    return canvas
