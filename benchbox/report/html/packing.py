"""Sections that a page holds packed: they take a third of the room, and its script unpacks them where they are shown."""

from __future__ import annotations

import base64
import re
import zlib

from markupsafe import Markup

LEVEL = 9
"""Of zlib: the smallest."""
_PACKED = re.compile(rb'(<template class="packed">)([^<]*)(</template>)')


def packed(markup: str) -> Markup:
    """Return markup deflated, in letters that a page can hold."""
    return Markup(base64.b64encode(zlib.compress(markup.encode("utf-8", "replace"), LEVEL)).decode())


def unpacked(page: bytes) -> bytes:
    """Return a page with the markup itself wherever it is packed."""
    return _PACKED.sub(lambda found: found[1] + zlib.decompress(base64.b64decode(found[2])) + found[3], page)
