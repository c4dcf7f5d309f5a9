"""The prompt's files: two templates in a folder, filled strictly, known by one digest.

A field is written `${name}`, a dollar sign `$$`. Contract: a field that nobody fills, and one that is
filled but not written, are errors; so a renamed field never goes out as text. The digest names files and
answer schema together: the same digest asks for the same thing in the same words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ztrade_core.decision_makers.answer_schema import json_schema
from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.errors import ConfigError

MOST_FILE_BYTES = 64 * 1024
SYSTEM = "system.md"
MOMENT = "moment.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFile:
    """One template and where it came from."""

    path: Path
    text: str

    def filled(self, fields: Mapping[str, str]) -> str:
        """Return the text with its fields; ConfigError names a field that is unknown or unused."""
        template = Template(self.text)
        if not template.is_valid():
            raise ConfigError(
                f"{self.path}: a $ stands alone; write ${{name}} for a field, $$ for a dollar sign"
            )
        written = set(template.get_identifiers())
        for name in sorted(written - fields.keys()):
            raise ConfigError(
                f"{self.path}: unknown field ${{{name}}}; known are {', '.join(sorted(fields))}"
            )
        for name in sorted(fields.keys() - written):
            raise ConfigError(f"{self.path}: the field ${{{name}}} is not used; it must be told")
        return template.substitute(fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFiles:
    """Both templates. `digest` is their version, the answer's schema included."""

    system: PromptFile
    moment: PromptFile

    @property
    def digest(self) -> str:
        """SHA-256 over both texts and the schema."""
        return sha256_hex(canonical_json([self.system.text, self.moment.text, json_schema()]))


def load_prompts(folder: Path) -> PromptFiles:
    """Read the prompt's files of a folder; ConfigError names one that cannot be read."""
    return PromptFiles(system=_read(folder / SYSTEM), moment=_read(folder / MOMENT))


def _read(path: Path) -> PromptFile:
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: no prompt can be read there ({error})") from error
    if len(content) > MOST_FILE_BYTES:
        raise ConfigError(f"{path}: {len(content)} bytes, above {MOST_FILE_BYTES}; make it shorter")
    return PromptFile(path=path, text=text)
