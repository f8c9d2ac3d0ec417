"""The directory of the pack: units, departments, categories, policies, teams and the monthly form."""

import visits
from data_units import CATEGORIES, CITY, FUNCTIONS, INDICATORS, UNITS
from textproto import Symbol, render

FORM_ID = "enterprise-service-monthly"
FIRST_MONTH, LAST_MONTH = (2024, 1), (2024, 11)
DUE_WORKING_DAY, DUE_MINUTE = 5, 17 * 60 + 30
# To be raised with every change of CATEGORIES: a stack that has this version refuses other ones under it.
CATEGORY_TREE_VERSION = 1

HEADER = """\
# proto-file: zhuqi/directory/v1/directory_service.proto
# proto-message: zhuqi.directory.v1.ApplyDirectoryRequest
# Written by tools/practice/generate.py: change it there. The working calendar is a pack of its own (../calendar).
"""

_CODE_EDITION = "2023"


def department_id(unit_id, function):
    return f"{unit_id}.{function}"


def department_ids():
    return {department_id(unit, f) for unit in (CITY, *(u.id for u in UNITS)) for f, _, _ in FUNCTIONS}


def _department_name(pattern, unit):
    forms = pattern.split(" | ")
    form = forms[-1] if unit.style == "county" else forms[0]
    in_city = {"county": unit.name, "district": "郑州市" + unit.name}.get(unit.style, "郑州" + unit.name.removeprefix("郑州"))
    return form.format(full=unit.name, short=unit.short.removeprefix("郑州"), tax=in_city)


def _code(unit):
    code = [("system", Symbol("CODE_SYSTEM_" + unit.system)), ("code", unit.code)]
    return code + ([("edition", _CODE_EDITION)] if unit.system != "LOCAL" else [])


def _units():
    yield ("org_units", [
        ("org_unit_id", CITY), ("name", "郑州市"), ("level", Symbol("ORG_UNIT_LEVEL_CITY")),
        ("codes", [("system", Symbol("CODE_SYSTEM_GB_T_2260")), ("code", "410100"), ("edition", _CODE_EDITION)])])
    for unit in UNITS:
        yield ("org_units", [
            ("org_unit_id", unit.id), ("name", unit.name), ("level", Symbol("ORG_UNIT_LEVEL_DISTRICT")),
            ("parent_id", CITY), ("codes", _code(unit))])


def _department(unit_id, function, name):
    fields = [("department_id", department_id(unit_id, function)), ("org_unit_id", unit_id),
              ("function", function), ("name", name)]
    # 帮办代办: whom a rule that needs an assistant finds.
    return ("departments", fields + [("gives_assistance", True)] if function == "approval" else fields)


def _departments():
    for function, city_name, _ in FUNCTIONS:
        yield _department(CITY, function, city_name)
    for unit in UNITS:
        for function, _, pattern in FUNCTIONS:
            yield _department(unit.id, function, _department_name(pattern, unit))


def _form():
    return ("forms", [
        ("form_id", FORM_ID), ("name", "政务服务进企业月报"), ("level", Symbol("ORG_UNIT_LEVEL_DISTRICT")),
        ("first_month", [("year", FIRST_MONTH[0]), ("month", FIRST_MONTH[1])]),
        ("last_month", [("year", LAST_MONTH[0]), ("month", LAST_MONTH[1])]),
        ("due_working_day", DUE_WORKING_DAY), ("due_minute", DUE_MINUTE),
        *(("indicators", [("indicator_id", word), ("name", name), ("measure", word)]) for word, name in INDICATORS)])


def text():
    categories = (("categories", [("category_id", identity), ("name", name)]) for identity, name in CATEGORIES)
    tree = ("category_tree", [("version", CATEGORY_TREE_VERSION)])
    return HEADER + "\n" + render([*_units(), *_departments(), *categories, tree, *visits.policies_and_teams(), _form()])
