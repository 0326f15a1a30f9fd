"""Request bodies."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser as DefaultJSONParser


class JSONParser(DefaultJSONParser):
    """Nesting without end, and halves of characters, are malformed like what isn't JSON at all."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("JSON parse error - it is nested too deep") from error
        except UnicodeEncodeError as error:
            raise ParseError("JSON parse error - it has half a surrogate pair") from error
        return data
