"""The one thing of EXIF that we want to know. https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E"""

import struct

ORIENTATION = 0x0112


def orientation(exif: bytes) -> int:
    """This will give how the picture lies, 1 to 8; 1 is upright, and what EXIF that makes no sense says."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, at)
        for number in range(entries):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, at + 2 + 12 * number)
            if tag == ORIENTATION:
                return int(value) if value in range(1, 9) else 1
    except struct.error:
        pass
    return 1
