"""Makes the monthly summaries: what each unit reported, when, and what the city said to it."""

import expected
import workdays
from data_units import INDICATORS, UNITS
from dice import Dice
from directory import FORM_ID, FIRST_MONTH, LAST_MONTH
from records import NIL_MONTH, NIL_UNIT

MISSING = ("xinmi", 8)
RETURNED = ("guancheng", 5)
LATE = (("dengfeng", 3), ("shangjie", 4), ("zhongmu", 6), ("gongyi", 6), ("erqi", 7), ("xinzheng", 9),
        ("huiji", 10), ("hangkonggang", 2))

# Reported beside observed: (unit, month) -> (indicator, difference, derivation, note).
DIFFERENCES = {
    ("jinshui", 3): ("visits", 1, "ADJUSTED", "含一次街道自行组织、未录入系统的走访。"),
    ("jinshui", 6): ("policies_delivered", 3, "MANUAL", "宣讲会发放的政策汇编按企业计入。"),
    ("zhongyuan", 4): ("cases_resolved", 1, "ADJUSTED", "一件月末办结，回访在次月。"),
    ("erqi", 5): ("issues_received", 1, "ADJUSTED", "一件电话诉求次月补录。"),
    ("guancheng", 7): ("policies_delivered", 2, "MANUAL", ""),
    ("gaoxin", 4): ("enterprises_reached", 1, "ADJUSTED", "同一集团两家公司合并走访，按两家计。"),
    ("gaoxin", 9): ("cases_resolved", 2, "MANUAL", ""),
    ("jingkai", 3): ("issues_received", 2, "ADJUSTED", "两件诉求来自园区例会，未关联走访。"),
    ("hangkonggang", 5): ("policies_delivered", -1, "MANUAL", ""),
    ("zhengdong", 8): ("visits", 1, "MANUAL", ""),
    ("zhongmu", 5): ("visits", 1, "ADJUSTED", "数字印刷产业园专班现场会商计为一次走访。"),
    ("xingyang", 8): ("policies_delivered", 1, "ADJUSTED", "新材料研究院政策分两次送达。"),
    ("xinzheng", 6): ("cases_resolved", 1, "ADJUSTED", "含一件已办结、待回访。"),
    ("huiji", 4): ("enterprises_reached", 1, "MANUAL", ""),
}
# Cells whose number the unit did not know.
UNKNOWN = {("shangjie", 4): "enterprises_reached", ("gongyi", 6): "policies_delivered"}
# The first version of the summary that was returned.
RETURNED_CELL = ("issues_received", -2)

_FOUND = (
    "本月走访企业{enterprises_reached}家次，收集诉求{issues_received}件，已解决{cases_resolved}件，送政策{policies_delivered}次。",
    "全月组织走访{visits}次，梳理诉求{issues_received}件，回访确认解决{cases_resolved}件。",
    "开展走访{visits}次，送政策{policies_delivered}次，办结并经企业确认{cases_resolved}件。",
)
_POINTS = (
    "诉求主要集中在用地规划、融资和用工。", "水电气和道路通行类诉求较上月增多。", "竣工验收、消防等跨部门事项由分管负责同志牵头会商。",
    "政策兑现类诉求已建立台账，按周调度。", "园区集中反映办证和厂房租赁问题。", "历史遗留事项逐件建档，需市级协调的已按程序上报。",
    "重点项目实行帮办代办，一项目一专员。", "中小企业对融资成本和回款关注较多。",
)
_PLANS = (
    "下月继续对未办结事项跟踪督办，做好回访。", "下步将对共性问题集中研究，争取解决一件带动一类。", "下月重点走访专精特新企业和新投产项目。",
    "将组织部门联合上门服务，前移服务关口。", "对即将到期事项提前提醒主办部门。", "继续推广免申即享，主动送政策上门。",
)
_NIL_NARRATIVE = "本月适逢春节，工作力量集中于节前安全生产保障，未开展走访，未收到诉求，无送政策事项，特此零报告。下月恢复走访，补足进度。"
_ACCEPTED = ("数据齐全，予以通过。", "已核对，通过。", "通过，请持续跟踪未办结事项。", "通过。")
_RETURN_COMMENT = "收集诉求件数与系统记录相差较大，请核对后重报。"


def _cell(word, value, status="REPORTED", derivation="AUTOMATIC", note=""):
    cell = {"indicator_id": word, "value": value, "status": "CELL_STATUS_" + status,
            "derivation": "CELL_DERIVATION_" + derivation, "note": note}
    return {field: held for field, held in cell.items() if field not in ("value", "note") or held}


def _reported_cell(key, word, observed, dice):
    if UNKNOWN.get(key) == word:
        return _cell(word, 0, "MISSING", "MANUAL", "台账交接，数据待核。")
    changed, difference, derivation, note = DIFFERENCES.get(key, ("", 0, "", ""))
    if changed == word:
        return _cell(word, max(0, observed + difference), derivation=derivation, note=note)
    return _cell(word, observed, derivation=dice.weighted({"AUTOMATIC": 7, "MANUAL": 3}))


def _cells(key, observed, dice):
    if key == (NIL_UNIT, NIL_MONTH):
        return [_cell(word, 0, "NIL", "MANUAL") for word, _ in INDICATORS]
    return [_reported_cell(key, word, observed[word], dice) for word, _ in INDICATORS]


def _narrative(key, cells, dice):
    if key == (NIL_UNIT, NIL_MONTH):
        return _NIL_NARRATIVE
    values = {cell["indicator_id"]: cell.get("value", 0) for cell in cells}
    unknown = UNKNOWN.get(key)
    found = dice.choice([text for text in _FOUND if f"{{{unknown}}}" not in text])
    return found.format(**values) + dice.choice(_POINTS) + dice.choice(_PLANS)


def _sent(key, dice):
    """When it was sent, local time."""
    due = expected.due_moment(key[1])
    if key in LATE:
        day = workdays.add_working_days(due.date(), dice.between(1, 4) if key[1] < LAST_MONTH[1] else 1)
    else:
        first = workdays.nth_working_day(2024, key[1] + 1, 1)
        day = dice.choice(workdays.working_days(first, due.date()))
    return workdays.at(day, dice.choice((dice.between(9 * 60, 719), dice.between(13 * 60, 17 * 60 - 1))))


def _submit(key, moment, cells, narrative):
    return {"submit": {"org_unit_id": key[0], "month": {"year": 2024, "month": key[1]}, "form_id": FORM_ID,
                       "cells": cells, "narrative": narrative, "occurred_at": workdays.utc(moment)}}


def _review(key, moment, decision, comment):
    return {"review": {"org_unit_id": key[0], "month": {"year": 2024, "month": key[1]}, "form_id": FORM_ID,
                       "decision": "REVIEW_DECISION_" + decision, "comment": comment,
                       "occurred_at": workdays.utc(moment)}}


def _returned_round(key, moment, cells, narrative, dice):
    """The version that the city sent back, and when the next one came."""
    word, difference = RETURNED_CELL
    wrong = [_cell(word, max(0, c.get("value", 0) + difference), derivation="MANUAL") if c["indicator_id"] == word else c
             for c in cells]
    back = workdays.add_working_minutes(moment, dice.between(200, 400))
    again = workdays.add_working_minutes(back, dice.between(500, 900))
    value = next(c.get("value", 0) for c in cells if c["indicator_id"] == word)
    first_words = narrative.replace(f"诉求{value}件", f"诉求{max(0, value + difference)}件")
    lines = [(moment, _submit(key, moment, wrong, first_words)), (back, _review(key, back, "RETURN", _RETURN_COMMENT))]
    return lines, again


def _of(key, observed):
    dice = Dice("summary " + "-".join(map(str, key)))
    cells = _cells(key, observed, dice)
    narrative, moment, lines = _narrative(key, cells, dice), _sent(key, dice), []
    if key == RETURNED:
        lines, moment = _returned_round(key, moment, cells, narrative, dice)
    reviewed = workdays.add_working_minutes(moment, dice.between(60, 800))
    lines.append((moment, _submit(key, moment, cells, narrative)))
    lines.append((reviewed, _review(key, reviewed, "ACCEPT", dice.choice(_ACCEPTED))))
    return lines


def make(records, actions):
    """Submissions and reviews in the order in which they happened."""
    cases = expected.replay(records, actions)
    lines = []
    for month in range(FIRST_MONTH[1], LAST_MONTH[1] + 1):
        for unit in UNITS:
            if (unit.id, month) != MISSING:
                lines += _of((unit.id, month), expected.month_counts(records, cases, unit.id, month))
    return [line for _, line in sorted(lines, key=lambda entry: entry[0])]
