"""The responsibility catalogue of the pack, and what it decides for an issue of the practice."""

from collections import namedtuple

from data_units import CITY
from textproto import Symbol, render

HEADER = """\
# proto-file: zhuqi/routing/v1/catalogue.proto
# proto-message: zhuqi.routing.v1.Catalogue
# Written by tools/practice/generate.py: change it there.
# Descriptions sum provisions up in our own words; the text in force is the city's and its districts' own.
"""

CONTACT_DAY, CONTACT_HOUR = "contact-1d", "contact-60m"

POLICIES = (
    (CONTACT_DAY, "首次联系企业：收到后1个工作日内（参照各地“1个工作日响应”的规定概括）。", "working_days", 1),
    (CONTACT_HOUR, "绿色通道首次联系：收到后60分钟工作时间内（参照江门“60分钟联系”的规定概括）。", "working_hours", 60),
    ("handling-7d", "一般事项：7个工作日内办结。", "working_days", 7),
    ("handling-15d", "需要核查或兑现的事项：15个工作日内办结。", "working_days", 15),
    ("handling-30d", "用地、规划、工程、产权和历史遗留等复杂事项：30个工作日内办结。", "working_days", 30),
)
HANDLING_DAYS = {"handling-7d": 7, "handling-15d": 15, "handling-30d": 30}

LADDER = "supervision"

# Step, description, (measure, amount in days, before), action. Without a measure: at the deadline.
RESPONSE_STEPS = (
    ("contact-overdue", "首次联系逾期：催办主办部门。", None, ("remind", [])),
)
HANDLING_STEPS = (
    ("one-day-left", "距办结期限1个工作日：提醒主办部门。", ("working_days", 1, True), ("remind", [])),
    ("overdue", "逾期未办结：上一级行政审批部门督办。", None,
     ("add_supervisor", [("function", "approval"), ("from_unit_above", True)])),
    ("overdue-3d", "逾期3个工作日：提级办理。", ("working_days", 3, False), ("escalate", [])),
    ("overdue-10d", "逾期10个工作日：列入通报。", ("working_days", 10, False), ("bulletin", [])),
)

# Empty conditions are not asked.
Rule = namedtuple(
    "Rule", "id description lead days kinds categories units min_departments functions legacy co_handlers level green response",
    defaults=((), (), (), 0, (), None, (), "UNIT", False, CONTACT_DAY))

RULES = (
    Rule("cross-level-to-city", "立项、规划等分属市、区两级或跨行政区的事项，涉及四个以上部门的由市级直接受理并牵头（参照提级办理的规定概括）。",
         "approval", 30, categories=("government-service.cross-level",), min_departments=4, level="CITY"),
    Rule("legacy-cross-department", "历史遗留且涉及两个以上部门的土地、规划、工程、消防、产权事项：属地自然资源和规划部门主办，所涉部门协办；属地解决不了的按程序提级。",
         "planning", 30, categories=("land", "planning", "construction", "fire", "property-rights"), min_departments=2,
         legacy=True),
    Rule("completion-acceptance-task-force", "竣工验收涉及三个以上部门的：住建部门主办，所涉部门在验收前提前介入，可成立助企专班。",
         "housing", 30, categories=("construction.completion-acceptance",), min_departments=3),
    Rule("green-channel", "列入绿色通道的事项：行政审批部门统筹，60分钟联系，7个工作日办结。",
         "approval", 7, categories=("government-service.green-channel",), green=True, response=CONTACT_HOUR),
    Rule("on-site-service", "联合上门服务：行政审批部门组织，市场监管、税务等所涉部门到场。",
         "approval", 7, categories=("government-service.on-site",), response=CONTACT_HOUR),
    Rule("airport-logistics", "航空港区的货运与口岸事项：商务（口岸）部门主办，交通运输部门协办。",
         "commerce", 15, categories=("logistics.freight",), units=("hangkonggang",), co_handlers=("transport",)),
    Rule("bank-tax-loan", "银税互动等以纳税信用增信的贷款：金融部门主办，税务部门协办。",
         "finance", 15, categories=("financing.loan",), functions=("tax",), co_handlers=("tax",)),
    Rule("service-suggestions", "对政务服务的建议：行政审批部门研究答复。",
         "approval", 30, kinds=("SUGGESTION",), categories=("government-service",)),
    Rule("talent-policy", "人才奖补：人社部门主办。", "human-resources", 15, categories=("policy-claims.talent",)),
    Rule("technology-policy", "科技奖补：科技部门主办。", "science", 15, categories=("policy-claims.technology",)),
    Rule("traffic-order", "道路通行涉及交通秩序的：交通运输部门主办，公安交管协办。",
         "transport", 15, categories=("logistics.road",), functions=("public-security",), co_handlers=("public-security",)),
    Rule("land", "土地：自然资源和规划部门主办。", "planning", 30, categories=("land",)),
    Rule("planning", "规划：自然资源和规划部门主办。", "planning", 30, categories=("planning",)),
    Rule("construction", "工程建设：住房城乡建设部门主办。", "housing", 30, categories=("construction",)),
    Rule("fire", "消防：消防救援机构主办。", "fire", 15, categories=("fire",)),
    Rule("property-rights", "不动产权：自然资源和规划（不动产登记）部门主办。", "planning", 30, categories=("property-rights",)),
    Rule("financing", "融资：金融部门主办。", "finance", 15, categories=("financing",)),
    Rule("tax", "税务：税务机关主办。", "tax", 7, categories=("tax",)),
    Rule("labour", "用工：人社部门主办。", "human-resources", 15, categories=("labour",)),
    Rule("policy-claims", "工业奖补及其他政策兑现：工信部门主办。", "industry", 15, categories=("policy-claims",)),
    Rule("utilities", "水电气热和市政设施：城市管理部门主办，督促公用企业落实。", "utilities", 15, categories=("utilities",)),
    Rule("market-access", "市场准入：市场监管部门主办。", "market-supervision", 7, categories=("market-access",)),
    Rule("environment", "生态环境：生态环境部门主办。", "ecology", 15, categories=("environment",)),
    Rule("intellectual-property", "知识产权：市场监管（知识产权）部门主办。", "market-supervision", 15,
         categories=("intellectual-property",)),
    Rule("logistics", "交通物流：交通运输部门主办。", "transport", 15, categories=("logistics",)),
    Rule("innovation", "科技创新：科技部门主办。", "science", 15, categories=("innovation",)),
    Rule("trade", "市场开拓与外贸：商务部门主办。", "commerce", 15, categories=("trade",)),
    Rule("government-service", "政务服务：行政审批部门主办。", "approval", 7, categories=("government-service",)),
)

DEFAULT = Rule("", "", "approval", 7)

Route = namedtuple("Route", "rule_id lead owner handling_days response_policy green")


def _below(category, ancestor):
    return category == ancestor or category.startswith(ancestor + ".")


def _holds(rule, unit_id, issue):
    named = issue.get("department_functions", [])
    return (
        (not rule.kinds or issue["kind"].removeprefix("ISSUE_KIND_") in rule.kinds)
        and (not rule.categories or any(_below(issue["category_id"], c) for c in rule.categories))
        and (not rule.units or unit_id in rule.units)
        and len(named) >= rule.min_departments
        and (not rule.functions or any(f in named for f in rule.functions))
        and (rule.legacy is None or issue.get("legacy", False) == rule.legacy)
    )


def route(unit_id, issue):
    """Where the catalogue sends an issue (in JSON form) raised in a unit."""
    rule = next((rule for rule in RULES if _holds(rule, unit_id, issue)), DEFAULT)
    owner = CITY if rule.level == "CITY" else unit_id
    return Route(rule.id, rule.lead, owner, rule.days, rule.response, rule.green)


def _conditions(rule):
    fields = [("kinds", Symbol("ISSUE_KIND_" + kind)) for kind in rule.kinds]
    fields += [("category_ids", category) for category in rule.categories]
    fields += [("org_unit_ids", unit) for unit in rule.units]
    fields += [("min_departments", rule.min_departments)] if rule.min_departments else []
    fields += [("department_functions", function) for function in rule.functions]
    return fields + ([("legacy", rule.legacy)] if rule.legacy is not None else [])


def _target(rule):
    return [
        ("lead_function", rule.lead),
        *(("co_handler_functions", function) for function in rule.co_handlers),
        ("named_departments_co_handle", True),
        ("level", Symbol("HANDLING_LEVEL_" + rule.level)),
        ("response_policy_id", rule.response),
        ("handling_policy_id", f"handling-{rule.days}d"),
        *([("green_channel", True)] if rule.green else []),
        ("ladder_id", LADDER),
    ]


def _rule(rule):
    return ("rules", [("rule_id", rule.id), ("description", rule.description), ("conditions", _conditions(rule)),
                      ("target", _target(rule))])


def _policy(policy_id, description, limit, amount):
    unit = {"working_days": "count", "working_hours": "minutes"}[limit]
    return ("clock_policies", [("policy_id", policy_id), ("description", description), (limit, [(unit, amount)])])


def _step(step_id, description, offset, action):
    fields = [("step_id", step_id), ("description", description)]
    if offset is not None:
        measure, amount, before = offset
        fields += [(measure, [("count", amount)])] + ([("before_deadline", True)] if before else [])
    return fields + [action]


def _ladder():
    return ("ladders", [
        ("ladder_id", LADDER),
        ("description", "时限预警与逐级督办：到期前提醒，逾期督办，仍未办结的提级并通报（参照各地督办规定概括）。"),
        *(("response_steps", _step(*step)) for step in RESPONSE_STEPS),
        *(("handling_steps", _step(*step)) for step in HANDLING_STEPS),
    ])


def text():
    return HEADER + "\n" + render([
        ("catalogue_id", "zhengzhou-default"),
        ("description", "郑州市政务服务进企业责任清单（示例）：按诉求类别确定主办部门，涉及多个部门的由所涉部门协办。"),
        *(_rule(rule) for rule in RULES),
        ("default_target", _target(DEFAULT)),
        *(_policy(*policy) for policy in POLICIES),
        _ladder(),
    ])
