"""An invoice on a sheet of paper: a PDF of lines of text, and no more of the format than that."""

from sandbox.stripe.world import Object

from .showing import day, money

_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


def pdf_of(invoice: Object, customer: Object, *, discount: int, tax: int, balance: int) -> bytes:
    currency = invoice["currency"]
    rows = [("Invoice", invoice["number"]), ("Date", day(invoice["created"]))]
    rows += [("For", customer.get("name") or customer.get("email") or ""), ("", "")]
    rows += [
        (line["description"] or "", money(line["amount"], currency))
        for line in invoice["lines"]["data"]
    ]
    rows += [("", ""), ("Subtotal", money(invoice["subtotal"], currency))]
    sums = (("Discount", -discount), ("Tax", tax), ("Balance", balance))
    rows += [(name, money(amount, currency)) for name, amount in sums if amount]
    rows += [("Due", money(invoice["amount_due"], currency)), ("Status", invoice["status"])]
    return _document(_content(rows))


def _content(rows: list[tuple[str, str]]) -> bytes:
    """The left text of each row, and the right one far to the right."""
    drawn = [
        f"BT /F1 10 Tf 56 {780 - 18 * at} Td ({_escaped(left)}) Tj ET\n"
        f"BT /F1 10 Tf 420 {780 - 18 * at} Td ({_escaped(right)}) Tj ET\n"
        for at, (left, right) in enumerate(rows)
    ]
    return "".join(drawn).encode("cp1252", "replace")


def _escaped(text: str) -> str:
    for sign in "\\()":
        text = text.replace(sign, f"\\{sign}")
    # The font has a hyphen, and no minus.
    return text.replace("−", "-")


def _document(content: bytes) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = bytearray(_HEAD), []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % start)
