"""Makes up the enterprises of the practice."""

from collections import namedtuple

import credit_codes
from data_industries import (INDUSTRIES, NAME_FIRST, NAME_SECOND, REGISTERED_ELSEWHERE, SECTORS_ELSEWHERE,
                             SECTORS_OF_UNIT)
from data_units import UNITS
from dice import Dice
from special_cases import ALL as SPECIALS

# `code` is the credit code, `short` the trade name.
Enterprise = namedtuple("Enterprise", "code name unit sector short product project")

_ELSEWHERE_NAMES = {"110108": "北京", "310115": "上海", "440300": "深圳", "320100": "南京", "410200": "开封",
                    "410700": "新乡", "330100": "杭州", "610100": "西安"}


def _prefix(unit, dice):
    if unit.style == "county" and dice.percent(70):
        return unit.short
    return dice.weighted({"郑州": 6, "河南": 4})


def _fresh(make, used):
    """Draws until the answer is new."""
    while True:
        made = make()
        if made not in used:
            used.add(made)
            return made


def _ordinary(unit, dice, names, codes):
    sector = dice.weighted(SECTORS_OF_UNIT.get(unit.id, SECTORS_ELSEWHERE))
    industry = dice.choice([i for i in INDUSTRIES if i.sector == sector])
    short = _fresh(lambda: dice.choice(NAME_FIRST) + dice.choice(NAME_SECOND), names)
    elsewhere = dice.choice(REGISTERED_ELSEWHERE) if dice.percent(7) else None
    prefix = _ELSEWHERE_NAMES[elsewhere] if elsewhere else _prefix(unit, dice)
    code = _fresh(lambda: credit_codes.make(elsewhere or unit.registered, dice), codes)
    return Enterprise(code, f"{prefix}{short}{industry.legal}有限公司（示例）", unit.id, sector, short,
                      dice.choice(industry.products), short + dice.choice(industry.projects))


def _special(special, unit, dice, codes):
    code = _fresh(lambda: credit_codes.make(unit.registered, dice), codes)
    return Enterprise(code, special.enterprise, unit.id, special.sector, "", "", special.project)


def make_all():
    """(ordinary enterprises by unit, enterprises of the cases written by hand by name)."""
    dice, names, codes = Dice("enterprises"), set(), set()
    ordinary, special = {}, {}
    for unit in UNITS:
        by_hand = [s for s in SPECIALS if s.unit == unit.id]
        for one in by_hand:
            special[one.enterprise] = _special(one, unit, dice, codes)
        count = unit.enterprises - len(by_hand)
        ordinary[unit.id] = [_ordinary(unit, dice, names, codes) for _ in range(count)]
    return ordinary, special
