"""Counts the figures from the written data alone: records, actions and summaries, nothing of how they were made.

It walks the state machine of a case strictly, so an action that would be refused ends the run here.
"""

import datetime as dt
from collections import Counter, defaultdict

import workdays
from catalogue import route
from data_units import CITY, INDICATORS, UNITS
from directory import DUE_MINUTE, DUE_WORKING_DAY, FIRST_MONTH, LAST_MONTH

YEAR = 2024

AWAITING_ACCEPTANCE, IN_PROGRESS, AWAITING_CALL_BACK, CLOSED = "AWAITING_ACCEPTANCE", "IN_PROGRESS", "AWAITING_CALL_BACK", "CLOSED"
_ALLOWED_IN = {
    "accept": {AWAITING_ACCEPTANCE}, "assign": {AWAITING_ACCEPTANCE, IN_PROGRESS}, "report_progress": {IN_PROGRESS},
    "escalate": {IN_PROGRESS}, "convene": {IN_PROGRESS}, "designate": {IN_PROGRESS}, "resolve": {IN_PROGRESS},
    "report_special": {IN_PROGRESS, AWAITING_CALL_BACK},
    "explain": {IN_PROGRESS}, "call_back": {AWAITING_CALL_BACK}, "reopen": {CLOSED}, "close": {AWAITING_CALL_BACK},
}


class IllegalAction(Exception):
    """An action that the state machine refuses."""


class Case:
    """The facts of one case, as far as figures depend on them."""

    def __init__(self, unit_id, issue):
        where = route(unit_id, issue)
        self.unit, self.kind, self.category = unit_id, issue["kind"].removeprefix("ISSUE_KIND_"), issue["category_id"]
        self.raised = self.last = workdays.local(issue["raised_at"])
        self.owner, self.lead = where.owner, f"{where.owner}.{where.lead}"
        self.due = workdays.at(workdays.add_working_days(self.raised.date(), where.handling_days), 17 * 60)
        self.state, self.outcome = AWAITING_ACCEPTANCE, ""
        self.closed = self.resolved = self.contacted = self.call_back = None
        self.escalations, self.consultations = [], []
        self.unreached = 0
        self.followed = False

    def act(self, line):
        (name, body), = line["action"].items()
        moment = workdays.local(line["occurred_at"])
        if self.state not in _ALLOWED_IN[name] or moment <= self.last:
            raise IllegalAction(f"{line['issue_key']['external_id']}: {name} in {self.state} at {line['occurred_at']}")
        self.last = moment
        getattr(self, "_" + name)(body, moment)

    def _accept(self, _body, _moment):
        self.state = IN_PROGRESS

    def _assign(self, body, _moment):
        if body["role"] == "ASSIGNMENT_ROLE_LEAD" and body["department_id"] != self.lead:
            self.lead, self.state = body["department_id"], AWAITING_ACCEPTANCE

    def _report_progress(self, body, moment):
        if body.get("contacted") and self.contacted is None:
            self.contacted = moment

    def _escalate(self, _body, moment):
        if self.owner == CITY:
            raise IllegalAction("already at the city")
        self.owner, self.lead = CITY, CITY + "." + self.lead.split(".", 1)[1]
        self.escalations.append(moment)

    def _convene(self, _body, moment):
        self.consultations.append(moment)

    def _designate(self, body, _moment):
        self.followed = self.followed or "special" in body

    def _report_special(self, body, _moment):
        if not self.followed:
            raise IllegalAction("nobody follows it to the end")
        self.followed = not body.get("final", False)

    def _resolve(self, _body, _moment):
        self.state, self.unreached, self.outcome = AWAITING_CALL_BACK, 0, ""

    def _explain(self, _body, moment):
        self.state, self.outcome, self.closed = CLOSED, "EXPLAINED", moment

    def _call_back(self, body, moment):
        self.call_back = (moment, body)
        if not body.get("contacted"):
            self.unreached += 1
        elif body.get("resolved"):
            self.outcome, self.resolved = "RESOLVED", moment
        else:
            self.outcome, self.state = "NOT_RESOLVED", IN_PROGRESS

    def _reopen(self, _body, _moment):
        self.state, self.outcome, self.closed, self.resolved = IN_PROGRESS, "", None, None

    def _close(self, _body, moment):
        if self.followed:
            raise IllegalAction("close without the final report")
        if self.outcome != "RESOLVED":
            if self.unreached < 2:
                raise IllegalAction("close without a call-back that allows it")
            self.outcome = "UNCONFIRMED"
        self.state, self.closed = CLOSED, moment


def replay(records, actions):
    """external id of the issue -> Case."""
    cases = {r["key"]["external_id"]: Case(r["org_unit_id"], r["issue"]) for r in records if "issue" in r}
    for line in actions:
        cases[line["issue_key"]["external_id"]].act(line)
    return cases


def visited(record):
    return workdays.from_json(record["visit"]["visited_on"])


def enterprises_of(visits):
    return {e["uscc"] for v in visits for e in v["visit"]["enterprises"]}


def month_counts(records, cases, unit_id, month):
    """What the records show for one unit and month, by indicator."""
    mine = [r for r in records if r["org_unit_id"] == unit_id]
    visits = [r for r in mine if "visit" in r and visited(r).month == month]
    issues = [r for r in mine if "issue" in r and workdays.local(r["issue"]["raised_at"]).month == month]
    policies = [r for r in mine if "policy_delivery" in r and r["policy_delivery"]["delivered_on"]["month"] == month]
    resolved = [c for c in cases.values() if c.unit == unit_id and c.resolved and c.resolved.month == month]
    return {"visits": len(visits), "enterprises_reached": len(enterprises_of(visits)), "issues_received": len(issues),
            "cases_resolved": len(resolved), "policies_delivered": len(policies)}


def _sorted(counter):
    return {key: counter[key] for key in sorted(counter)}


def _rate(numerator, denominator, **more):
    return {"numerator": numerator, "denominator": denominator, **more}


def _record_figures(records):
    visits = [r for r in records if "visit" in r]
    issues = [r["issue"] for r in records if "issue" in r]
    return {
        "visits": len(visits),
        "enterprises_reached": len(enterprises_of(visits)),
        "policies_delivered": sum("policy_delivery" in r for r in records),
        "issues_received": len(issues),
        "issues_received_by_kind": _sorted(Counter(i["kind"].removeprefix("ISSUE_KIND_") for i in issues)),
        "issues_received_by_category": _sorted(Counter(i["category_id"] for i in issues)),
        "issues_received_by_top_category": _sorted(Counter(i["category_id"].split(".")[0] for i in issues)),
    }


def _case_figures(cases):
    asked = [c.call_back[1] for c in cases if c.call_back]
    answered = [a for a in asked if a.get("contacted")]
    silent = len(asked) - len(answered)
    return {
        "cases_closed": sum(c.closed is not None for c in cases),
        "cases_resolved": sum(c.resolved is not None for c in cases),
        "open_at_end": sum(c.closed is None for c in cases),
        "outcomes": _sorted(Counter(c.outcome or "OPEN" for c in cases)),
        "escalations": sum(len(c.escalations) for c in cases),
        "consultations": sum(len(c.consultations) for c in cases),
        "resolution_rate": _rate(sum(a.get("resolved", False) for a in answered), len(answered), not_answered=silent),
        "satisfaction_rate": _rate(sum(a.get("satisfied", False) for a in answered), len(answered), not_answered=silent),
    }


def due_moment(month):
    """When the summary of a month of the year is due, local time."""
    return workdays.at(workdays.nth_working_day(YEAR, month + 1, DUE_WORKING_DAY), DUE_MINUTE)


class Obligation:
    """One summary that is owed."""

    def __init__(self, month):
        self.due, self.first_sent, self.state, self.cells = due_moment(month), None, "OWED", []

    def submit(self, body):
        self.first_sent = self.first_sent or workdays.local(body["occurred_at"])
        self.state, self.cells = "SUBMITTED", body["cells"]

    def review(self, body):
        if self.state != "SUBMITTED":
            raise IllegalAction("review of a summary that is not waiting for one")
        self.state = {"REVIEW_DECISION_ACCEPT": "ACCEPTED", "REVIEW_DECISION_RETURN": "RETURNED"}[body["decision"]]

    def met(self):
        return self.state in ("SUBMITTED", "ACCEPTED")


def replay_summaries(lines):
    """(unit, month) -> Obligation."""
    months = range(FIRST_MONTH[1], LAST_MONTH[1] + 1)
    owed = {(unit.id, month): Obligation(month) for unit in UNITS for month in months}
    for line in lines:
        (step, body), = line.items()
        obligation = owed[body["org_unit_id"], body["month"]["month"]]
        obligation.submit(body) if step == "submit" else obligation.review(body)
    return owed


def _reported(obligations):
    figures = {}
    for word, _ in INDICATORS:
        counted = [(o, c) for o in obligations if o.met() for c in o.cells
                   if c["indicator_id"] == word and c["status"] in ("CELL_STATUS_REPORTED", "CELL_STATUS_NIL")]
        figures[word] = {
            "value": sum(c.get("value", 0) for _, c in counted), "cells": len(counted), "cells_due": len(obligations),
            "cells_accepted": sum(o.state == "ACCEPTED" for o, _ in counted)}
    return figures


def _summary_figures(obligations):
    met = [o for o in obligations if o.met()]
    return {
        "completeness": {"due": len(obligations), "met": len(met),
                         "met_on_time": sum(o.first_sent <= o.due for o in met)},
        "reported": _reported(obligations),
    }


def _figures(records, cases, obligations):
    return {**_record_figures(records), **_case_figures(cases), **_summary_figures(obligations)}


def count(records, actions, summaries):
    """All figures of the year, of the city and of each unit."""
    cases, owed = replay(records, actions), replay_summaries(summaries)
    by_unit = defaultdict(list)
    for record in records:
        by_unit[record["org_unit_id"]].append(record)
    units = {
        unit.id: _figures(by_unit[unit.id], [c for c in cases.values() if c.unit == unit.id],
                          [o for (who, _), o in owed.items() if who == unit.id])
        for unit in UNITS}
    return {
        "span": {"year": YEAR, "as_of": dt.date(YEAR, 12, 31).isoformat()},
        "city": {"org_unit_id": CITY, **_figures(records, list(cases.values()), list(owed.values()))},
        "units": {identity: units[identity] for identity in sorted(units)},
    }
