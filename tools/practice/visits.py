"""What teams plan by: policies with their conditions, teams, the register of enterprises, and visit plans."""

import csv
import datetime as dt
import io

import enterprises
from data_industries import INDUSTRIES
from data_units import CITY, UNITS
from dice import Dice
from textproto import Symbol, render

# Policies that the directory has: identity, title (as teams write it in their records), document, who may claim it. The
# conditions are samples: simpler than those of the documents in force.
POLICIES = (
    ("research-deduction", "研发费用税前加计扣除政策", [("industry_sections", "C"), ("industry_sections", "I"),
                                                ("industry_sections", "M"), ("no_tags", "dishonest")]),
    ("small-profit-tax", "小微企业所得税优惠政策", [("sizes", Symbol("ENTERPRISE_SIZE_SMALL")),
                                             ("sizes", Symbol("ENTERPRISE_SIZE_MICRO"))]),
    ("first-loan-interest", "小微企业首贷贴息", [("sizes", Symbol("ENTERPRISE_SIZE_SMALL")),
                                         ("sizes", Symbol("ENTERPRISE_SIZE_MICRO")), ("no_tags", "dishonest")]),
    ("technical-upgrade", "企业技术改造奖补", [("industry_sections", "C"), ("all_tags", "above-scale")]),
    ("high-technology", "高新技术企业认定奖励", [("any_tags", "high-technology"), ("any_tags", "specialised-and-new")]),
    ("specialised-and-new", "专精特新中小企业培育政策", [
        ("industry_sections", "C"), ("industry_sections", "I"), ("industry_sections", "M"),
        ("sizes", Symbol("ENTERPRISE_SIZE_MEDIUM")), ("sizes", Symbol("ENTERPRISE_SIZE_SMALL")),
        ("registered", [("last", [("year", 2022), ("month", 12), ("day", 31)])])]),
)
POLICY_IDS = {title: identity for identity, title, _ in POLICIES}

_SECTIONS = {"factory": "C", "tech": "I", "logistics": "G", "service": "L", "build": "E"}
_SECTION_OF_INDUSTRY = {"检测技术": "M", "新材料": "C", "餐饮管理": "H", "文化传媒": "R", "健康管理": "Q", "置业": "K", "园区运营管理": "K"}
_SIZES = {"large": 4, "medium": 16, "small": 42, "micro": 34, "": 4}
_TAGS = {"above-scale": 30, "specialised-and-new": 14, "high-technology": 18, "key": 12, "foreign-trade": 10}
_KEY_EVERY_MONTHS = 6
_HEADER = """\
# proto-file: zhuqi/intake/v1/visit_plan_service.proto
# proto-message: zhuqi.intake.v1.ApplyVisitPlansRequest
# Samples. Written by tools/practice/generate.py: change it there.
"""


def team_id(unit_id):
    """The unit's mobile team, whose groups make its visits."""
    return unit_id + ".mobile"


def policies_and_teams():
    """Fields of ApplyDirectoryRequest."""
    for identity, title, conditions in POLICIES:
        yield ("policies", [
            ("policy_id", identity), ("title", title), ("document_number", "（示例，以正式文件为准）"), ("org_unit_id", CITY),
            ("valid_from", [("year", 2024), ("month", 1), ("day", 1)]), ("eligibility", conditions)])
    yield _team(CITY, "市流动服务队（示例）", 3)
    for unit in UNITS:
        yield _team(unit.id, f"{unit.short}流动服务队（示例）", 2)


def _team(unit_id, name, visits_a_day):
    members = [("member_principal_ids", f"sample-{unit_id}-{number}") for number in (1, 2)]
    return ("teams", [("team_id", team_id(unit_id)), ("org_unit_id", unit_id), ("name", name), *members,
                      ("visits_a_day", visits_a_day)])


def _section(firm):
    industry = next((i for i in INDUSTRIES if firm.product in i.products), None)
    return _SECTION_OF_INDUSTRY.get(industry.legal if industry else "", _SECTIONS.get(firm.sector, ""))


def enterprises_csv():
    dice = Dice("register of enterprises")
    ordinary, special = enterprises.make_all()
    firms = [firm for unit in UNITS for firm in ordinary[unit.id]] + list(special.values())
    places = {unit.id: unit for unit in UNITS}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["统一社会信用代码", "企业名称", "属地", "行业门类", "企业规模", "地址", "标签", "成立日期"])
    for firm in sorted(firms, key=lambda f: f.code):
        unit = places[firm.unit]
        registered = dt.date(2005, 1, 1) + dt.timedelta(days=dice.below(19 * 365))
        tags = [tag for tag, chance in _TAGS.items() if dice.percent(chance)]
        writer.writerow([firm.code, firm.name, firm.unit, _section(firm), dice.weighted(_SIZES),
                         unit.name + dice.choice(unit.places), ";".join(tags), registered.isoformat()])
    return out.getvalue()


def _monthly_plan(unit, plan_id, name, fields, visits):
    months = [("first_month", [("year", 2024), ("month", 2)]), ("last_month", [("year", 2024), ("month", 11)])]
    return ("plans", [("plan_id", plan_id), ("name", name), ("org_unit_id", unit.id), *fields, ("monthly_visits", visits), *months])


def plans_text():
    plans = [_monthly_plan(unit, unit.id + "-monthly", unit.short + "每月走访（示例）", [], max(1, round(unit.visits / 12)))
             for unit in UNITS]
    plans += [_monthly_plan(unit, team_id(unit.id) + "-monthly", unit.short + "流动服务队每月走访（示例）",
                            [("team_id", team_id(unit.id))], 1) for unit in UNITS]
    plans.append(("plans", [
        ("plan_id", "key-enterprises"), ("name", "重点企业定期走访（示例）"), ("org_unit_id", CITY), ("enterprise_tag", "key"),
        ("every_months", _KEY_EVERY_MONTHS), ("first_month", [("year", 2024), ("month", 1)])]))
    return _HEADER + "\n" + render(plans)
