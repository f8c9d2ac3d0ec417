"""What must hold for the practice, whatever changes in its making. Each check yields what is wrong."""

import datetime as dt

import credit_codes
import expected
import workdays
from data_units import CATEGORIES, INDICATORS, UNITS
from directory import department_ids
from records import FIRST_DAY, LAST_DAY, NIL_MONTH, NIL_UNIT
from special_cases import KNOWN

CITY_TOTALS = {"visits": 172, "issues_received": 494, "cases_resolved": 484}
BY_UNIT_ADDS_UP = ("visits", "issues_received", "policies_delivered", "cases_closed", "cases_resolved", "open_at_end",
                   "escalations", "consultations")


def _enterprises(record):
    for kind in ("issue", "policy_delivery"):
        if kind in record:
            yield record[kind]["enterprise"]
    yield from record.get("visit", {}).get("enterprises", [])


def check_enterprises(practice):
    names = {}
    for record in practice.records:
        for firm in _enterprises(record):
            if not credit_codes.is_valid(firm["uscc"]):
                yield f"{firm['uscc']} fails its check"
            if firm["uscc"][8:10] != credit_codes.SAMPLE_MARK or "（示例）" not in firm["name"]:
                yield f"{firm['uscc']} {firm['name']} is not marked as a sample"
            if names.setdefault(firm["uscc"], firm["name"]) != firm["name"]:
                yield f"{firm['uscc']} has two names"
    if len(set(names.values())) != len(names):
        yield "two enterprises have one name"


def _date(record):
    if "issue" in record:
        return workdays.local(record["issue"]["raised_at"]).date()
    held = record.get("visit", {}).get("visited_on") or record["policy_delivery"]["delivered_on"]
    return workdays.from_json(held)


def check_records(practice):
    keys = [record["key"]["external_id"] for record in practice.records]
    if len(set(keys)) != len(keys):
        yield "an external id is used twice"
    dates = [_date(record) for record in practice.records]
    if dates != sorted(dates) or dates[0] != FIRST_DAY or dates[-1] != LAST_DAY:
        yield "records are not in order, or do not span the practice"
    if any(not workdays.is_working(date) for date in dates):
        yield "a record falls on a day off"
    if {record["org_unit_id"] for record in practice.records if "visit" in record} != {unit.id for unit in UNITS}:
        yield "a unit has no visit"


def check_issues(practice):
    visits = {r["key"]["external_id"]: {e["uscc"] for e in r["visit"]["enterprises"]} for r in practice.records if "visit" in r}
    issues = {r["key"]["external_id"]: r["issue"] for r in practice.records if "issue" in r}
    known = {identity for identity, _ in CATEGORIES}
    for identity, issue in issues.items():
        if "visit" in issue and issue["enterprise"]["uscc"] not in visits[issue["visit"]["external_id"]]:
            yield f"{identity}: its enterprise is not of its visit"
        if issue["category_id"] not in known or not 1 <= len(issue["title"]) <= 60 or "{" in issue["title"] + issue["text"]:
            yield f"{identity}: category or words are wrong"
    if len({(i["title"], i["text"]) for i in issues.values()}) != len(issues):
        yield "two issues have the same words"
    if {case.external_id for case in KNOWN} - set(issues):
        yield "a known case is missing"


def _departments_of(action):
    (name, body), = action.items()
    return body["department_ids"] if name == "convene" else [body["department_id"]] if name == "assign" else []


def check_actions(practice):
    try:
        expected.replay(practice.records, practice.actions)
    except expected.IllegalAction as illegal:
        yield str(illegal)
        return
    moments = [workdays.local(line["occurred_at"]) for line in practice.actions]
    if moments != sorted(moments) or moments[-1].date() > LAST_DAY:
        yield "actions are not in order, or end after the practice"
    if not all(workdays.in_working_hours(moment) for moment in moments):
        yield "an action lies outside working hours"
    departments = department_ids()
    for line in practice.actions:
        if set(_departments_of(line["action"])) - departments:
            yield f"{line['issue_key']['external_id']}: a department is not in the directory"


def check_task_forces(practice):
    names = [line["set_up"]["name"] for line in practice.task_forces if "set_up" in line]
    if len(set(names)) != len(names):
        yield "two task forces have one name"
    named = {line["action"].get("designate", {}).get("task_force") for line in practice.actions} - {None, ""}
    if named != set(names):
        yield f"task forces that are set up and that cases are given to differ: {named ^ set(names)}"
    departments = department_ids()
    for line in practice.task_forces:
        if "set_up" in line:
            set_up = line["set_up"]
            if {set_up["lead_department_id"], *(d["department_id"] for d in set_up["departments"])} - departments:
                yield f"{set_up['name']}: a department is not in the directory"
        done = line.get("act", {}).get("action", {}).get("complete_item")
        if done and not workdays.is_working(workdays.from_json(done["done_on"])):
            yield f"{line['act']['name']}: item {done['number']} is done on a day off"


def check_summaries(practice):
    moments = [workdays.local(next(iter(line.values()))["occurred_at"]) for line in practice.summaries]
    if moments != sorted(moments) or moments[-1].date() > dt.date(2024, 12, 31):
        yield "summaries are not in order"
    owed = expected.replay_summaries(practice.summaries)
    states = [obligation.state for obligation in owed.values()]
    if states.count("OWED") != 1 or states.count("ACCEPTED") != len(states) - 1:
        yield "not exactly one summary is missing and all others accepted"
    nil = [key for key, o in owed.items() if o.cells and all(c["status"] == "CELL_STATUS_NIL" for c in o.cells)]
    if nil != [(NIL_UNIT, NIL_MONTH)]:
        yield f"nil summaries: {nil}"
    for key, obligation in owed.items():
        if obligation.cells and len(obligation.cells) != len(INDICATORS):
            yield f"{key}: an indicator has no cell"


def check_totals(practice):
    city, units = practice.expected["city"], practice.expected["units"]
    for measure, total in CITY_TOTALS.items():
        if city[measure] != total:
            yield f"{measure} is {city[measure]}, not {total}"
    for measure in BY_UNIT_ADDS_UP:
        if sum(figures[measure] for figures in units.values()) != city[measure]:
            yield f"{measure} of the units does not add up to the city's"


ALL = (check_enterprises, check_records, check_issues, check_actions, check_task_forces, check_summaries, check_totals)


def problems(practice):
    return [problem for check in ALL for problem in check(practice)]
