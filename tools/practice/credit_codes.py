"""Made-up unified social credit codes (GB 32100-2015) whose check characters are right.

Every organisation code begins with YB (样本, sample): the mark that a code was made up for this practice.
"""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SAMPLE_MARK = "YB"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(first_seventeen):
    total = sum(ALPHABET.index(c) * w for c, w in zip(first_seventeen, _WEIGHTS))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(first_eight):
    total = sum(int(c, 36) * w for c, w in zip(first_eight, _ORGANISATION_WEIGHTS))
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def is_valid(code):
    """Both checks hold: of the whole code, and of the organisation code in it."""
    return (
        len(code) == 18
        and all(c in ALPHABET for c in code)
        and check_character(code[:17]) == code[17]
        and organisation_check_character(code[8:16]) == code[16]
    )


def make(division, dice):
    """A code of an enterprise (9) that is a company (1), registered in `division`."""
    serial = "".join(dice.choice("0123456789") for _ in range(4)) + dice.choice(ALPHABET) + dice.choice(ALPHABET[10:])
    organisation = SAMPLE_MARK + serial
    body = "91" + division + organisation + organisation_check_character(organisation)
    return body + check_character(body)
