"""Writes protobuf text format from plain Python values.

A message is a list of (field, value): a list as value is a nested message, Symbol an enum value, Python's bool, int and
str what they are. A repeated field is written by naming it repeatedly.
"""


class Symbol(str):
    """The name of an enum value."""


def _scalar(value):
    if isinstance(value, Symbol):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_flat(message):
    return all(not isinstance(value, list) for _, value in message)


def render(message, indent=""):
    lines = []
    for field, value in message:
        if not isinstance(value, list):
            lines.append(f"{indent}{field}: {_scalar(value)}")
            continue
        if not value:
            lines.append(f"{indent}{field} {{}}")
            continue
        one_line = f"{indent}{field} {{ " + " ".join(f"{f}: {_scalar(v)}" for f, v in value if _is_flat(value)) + " }"
        if _is_flat(value) and len(one_line) <= 110:
            lines.append(one_line)
        else:
            lines += [f"{indent}{field} {{", render(value, indent + "  ").rstrip("\n"), f"{indent}}}"]
    return "\n".join(lines) + "\n"
