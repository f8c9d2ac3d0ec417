"""A small made-up city, and records that it could have sent. All dates are fixed."""
import csv
import datetime
import os

from google.protobuf import timestamp_pb2
from harness.client import new_id
from zhuqi.common.v1 import date_pb2, source_key_pb2
from zhuqi.directory.v1 import directory_pb2, directory_service_pb2
from zhuqi.intake.v1 import record_pb2, record_service_pb2
from zhuqi.routing.v1 import catalogue_pb2, catalogue_service_pb2

CITY = "city"
DISTRICTS = ("east", "north", "west")
UNITS = (CITY, *DISTRICTS)
CATEGORIES = ("land", "land.change-of-use", "licence", "tax")
FUNCTIONS = ("approval", "planning", "tax")
FORM = "monthly"
SOURCE = "sample"
CITY_ZONE = datetime.timezone(datetime.timedelta(hours=8))

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CALENDAR = os.path.join(os.path.dirname(__file__), "..", "..", "..", "deploy", "packs", "calendar",
                         "working-days-2018-2026.csv")


def credit_code(number):
    """The sample enterprise with this number: a code whose two check characters hold (GB 32100-2015)."""
    organisation = f"{number:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(int(digit) * weight for digit, weight in zip(organisation, weights)) % 11
    body = "91410100" + organisation + {10: "X", 11: "0"}.get(check, str(check))
    total = sum(_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return body + _ALPHABET[(31 - total % 31) % 31]


def wrong_check_character(number):
    """The same code with another last character."""
    code = credit_code(number)
    return code[:-1] + _ALPHABET[(_ALPHABET.index(code[-1]) + 1) % 31]


def date(day):
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def timestamp(moment):
    message = timestamp_pb2.Timestamp()
    message.FromDatetime(moment.astimezone(datetime.timezone.utc).replace(tzinfo=None))
    return message


def day_of(number):
    """Spreads records over 8 January to 30 June 2024."""
    return datetime.date(2024, 1, 8) + datetime.timedelta(days=number * 7 % 175)


def noon(day):
    return datetime.datetime(day.year, day.month, day.day, 12, 0, tzinfo=CITY_ZONE)


def key(external_id):
    return source_key_pb2.SourceKey(source_system=SOURCE, external_id=external_id)


def enterprise(number):
    return record_pb2.EnterpriseReference(uscc=credit_code(number), name=f"示例企业{number}")


def issue(external_id, unit="east", number=0, **fields):
    """An issue; its day, kind, category and enterprise follow from `number`."""
    content = {
        "kind": (record_pb2.ISSUE_KIND_PROBLEM, record_pb2.ISSUE_KIND_NEED,
                 record_pb2.ISSUE_KIND_SUGGESTION)[number % 3],
        "category_id": CATEGORIES[number % len(CATEGORIES)],
        "title": f"示例诉求 {external_id}",
        "text": "企业反映的情况，示例文本。",
        "raised_at": timestamp(noon(day_of(number))),
        "enterprise": enterprise(number % 97),
    }
    content.update(fields)
    return record_pb2.RecordSubmission(key=key(external_id), org_unit_id=unit, issue=record_pb2.Issue(**content))


def visit(external_id, unit="east", number=0):
    return record_pb2.RecordSubmission(
        key=key(external_id), org_unit_id=unit,
        visit=record_pb2.Visit(visited_on=date(day_of(number)), team="助企服务组", team_members=2, place="园区",
                               enterprises=[enterprise(number % 89), enterprise(number % 89 + 1)]))


def policy_delivery(external_id, unit="east", number=0):
    return record_pb2.RecordSubmission(
        key=key(external_id), org_unit_id=unit,
        policy_delivery=record_pb2.PolicyDelivery(delivered_on=date(day_of(number)), enterprise=enterprise(number % 97),
                                                  policy="示例政策〔2024〕1号",
                                                  outcome=record_pb2.POLICY_OUTCOME_APPLIED))


def mixed(prefix, unit, number):
    """Of ten records seven are issues, two visits and one a policy delivery."""
    make = policy_delivery if number % 10 == 9 else visit if number % 10 >= 7 else issue
    return make(f"{prefix}-{unit}-{number}", unit, number)


def submit_request(*records, **fields):
    return record_service_pb2.SubmitRecordsRequest(request_id=new_id(), records=records, **fields)


def calendar():
    """The announced holidays and make-up workdays of 2024 to 2026."""
    message = directory_pb2.WorkingCalendar(calendar_id="city", version=1, notice_years=[2024, 2025, 2026])
    with open(_CALENDAR, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["notice_year"]) in message.notice_years:
                message.overrides.add(date=date(datetime.date.fromisoformat(row["date"])),
                                      working=row["kind"] == "WORK", holiday=row["holiday"],
                                      notice_year=int(row["notice_year"]))
    return message


def form():
    """Owed by districts for January to March 2024."""
    message = directory_pb2.SummaryForm(form_id=FORM, name="月报", level=directory_pb2.ORG_UNIT_LEVEL_DISTRICT,
                                        first_month=date_pb2.YearMonth(year=2024, month=1),
                                        last_month=date_pb2.YearMonth(year=2024, month=3), due_working_day=5)
    message.indicators.add(indicator_id="visits", name="走访次数", measure="visits")
    message.indicators.add(indicator_id="issues", name="受理问题数", measure="issues_received")
    return message


def directory_request():
    request = directory_service_pb2.ApplyDirectoryRequest(request_id=new_id(), calendar=calendar(), forms=[form()])
    for unit in UNITS:
        city = unit == CITY
        request.org_units.add(
            org_unit_id=unit, name=f"示例{unit}", parent_id="" if city else CITY,
            level=directory_pb2.ORG_UNIT_LEVEL_CITY if city else directory_pb2.ORG_UNIT_LEVEL_DISTRICT,
            codes=[directory_pb2.OrgUnitCode(system=directory_pb2.CODE_SYSTEM_LOCAL, code=f"SAMPLE-{unit.upper()}")])
        for function in FUNCTIONS:
            request.departments.add(department_id=f"{unit}.{function}", org_unit_id=unit, function=function,
                                    name=f"示例{unit}{function}")
    for category in CATEGORIES:
        request.categories.add(category_id=category, name=f"示例{category}")
    return request


def catalogue():
    """Land goes to planning, tax to tax, the rest to approval."""
    message = catalogue_pb2.Catalogue(catalogue_id="sample", description="示例责任清单")
    message.clock_policies.add(policy_id="contact", description="示例",
                               working_hours=date_pb2.WorkingHours(minutes=60))
    message.clock_policies.add(policy_id="handling", description="示例", working_days=date_pb2.WorkingDays(count=7))
    for category, function in (("land", "planning"), ("tax", "tax")):
        message.rules.add(rule_id=category, conditions=catalogue_pb2.RouteConditions(category_ids=[category]),
                          target=_target(function))
    message.default_target.CopyFrom(_target("approval"))
    return message


def _target(function):
    return catalogue_pb2.RouteTarget(lead_function=function, named_departments_co_handle=True,
                                     level=catalogue_pb2.HANDLING_LEVEL_UNIT, response_policy_id="contact",
                                     handling_policy_id="handling")


def set_up(stack):
    """Puts directory, calendar, form and catalogue in force. Returns the token after which all services know them."""
    applied = stack.intake.directory.ApplyDirectory(directory_request())
    in_force = stack.routing.catalogue.ApplyCatalogue(catalogue_service_pb2.ApplyCatalogueRequest(
        request_id=new_id(), catalogue=catalogue(), at_least_token=applied.consistency_token))
    return applied.consistency_token, in_force.consistency_token
