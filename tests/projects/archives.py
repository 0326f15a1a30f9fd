"""Archives as a platform sends them."""

import io
import stat
import zipfile


def zip_of(files, *, links=()):
    """`files` is path to text or bytes; of `links` the content is where they point."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo(path)
            member.create_system = 3
            mode = stat.S_IFLNK if path in links else stat.S_IFREG
            member.external_attr = (mode | 0o644) << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer
