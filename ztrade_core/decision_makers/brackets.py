"""Whether a text is whole: its first object's brackets are closed. What an answer must be is not looked at."""


def is_whole(text: str) -> bool:
    """Return whether a text's first object has ended; what begins as no object never becomes one."""
    depth, quoted, escaped = 0, False, False
    for each in text.lstrip():
        if quoted:
            quoted = escaped or each != '"'
            escaped = each == "\\" and not escaped
        elif each == '"':
            quoted = True
        elif each in "{[":
            depth += 1
        elif each in "}]":
            depth -= 1
        if depth <= 0 and not quoted:
            return True
    return False
