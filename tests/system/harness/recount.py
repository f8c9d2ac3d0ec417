"""Counts figures again, from what intake and routing list, and holds them against what reporting serves."""
import collections
import datetime

from harness.samples import CITY, CITY_ZONE, UNITS
from zhuqi.common.v1 import date_pb2
from zhuqi.intake.v1 import record_pb2, record_service_pb2
from zhuqi.reporting.v1 import figure_pb2, report_service_pb2
from zhuqi.routing.v1 import case_pb2, case_service_pb2

MEASURES = ("visits", "enterprises_reached", "policies_delivered", "issues_received", "cases_closed",
            "cases_resolved", "open_at_end")
PERIODS = [figure_pb2.Period(month=date_pb2.YearMonth(year=2024, month=month)) for month in range(1, 7)]
PERIODS += [figure_pb2.Period(quarter=figure_pb2.Quarter(year=2024, quarter=1)), figure_pb2.Period(year=2024)]

_KINDS = {record_pb2.ISSUE_KIND_PROBLEM: "PROBLEM", record_pb2.ISSUE_KIND_NEED: "NEED",
          record_pb2.ISSUE_KIND_SUGGESTION: "SUGGESTION"}


def all_records(api, token=""):
    """Every record, page by page, and the total that intake itself counts."""
    return _all_pages(api.records.ListRecords, record_service_pb2.ListRecordsRequest, "records", token)


def all_cases(api, token=""):
    return _all_pages(api.cases.ListCases, case_service_pb2.ListCasesRequest, "cases", token)


def _all_pages(call, request_type, field, token):
    rows, page_token, total = [], "", None
    while True:
        page = call(request_type(page_size=500, page_token=page_token, at_least_token=token, include_total=True))
        rows += getattr(page, field)
        assert total in (None, page.total), f"{field} arrived while they were listed"
        total, page_token = page.total, page.next_page_token
        if not page_token:
            return rows, total


def day_of(message):
    """The city's day of a Date or Timestamp."""
    if isinstance(message, date_pb2.Date):
        return datetime.date(message.year, message.month, message.day)
    moment = datetime.datetime.fromtimestamp(message.seconds, CITY_ZONE)
    return moment.date()


def bounds(period):
    """First and last day."""
    kind = period.WhichOneof("period")
    if kind == "month":
        first, months = datetime.date(period.month.year, period.month.month, 1), 1
    elif kind == "quarter":
        first, months = datetime.date(period.quarter.year, period.quarter.quarter * 3 - 2, 1), 3
    else:
        first, months = datetime.date(period.year, 1, 1), 12
    after = first.year * 12 + first.month - 1 + months
    return first, datetime.date(after // 12, after % 12 + 1, 1) - datetime.timedelta(days=1)


class Recount:
    """Figures as they follow from the lists. Cases must be called back and closed on the same day."""

    def __init__(self, records, cases):
        # (unit, measure, group) -> days; a stock has (day, +1 or -1).
        self._days = collections.defaultdict(list)
        self._reached = collections.defaultdict(set)
        for record in records:
            self._add_record(record.submission)
        for case in cases:
            self._add_case(case)

    def figures(self, period_list=tuple(PERIODS)):
        """{(unit, period index, measure, group): number} for all that is not zero."""
        result = {}
        for index, period in enumerate(period_list):
            first, last = bounds(period)
            for (unit, measure, group), days in self._days.items():
                if measure == "open_at_end":
                    value = sum(change for day, change in days if day <= last)
                else:
                    value = sum(first <= day <= last for day in days)
                self._put(result, unit, index, measure, group, value)
            for unit, visits in self._reached.items():
                codes = {code for day, code in visits if first <= day <= last}
                self._put(result, unit, index, "enterprises_reached", "", len(codes))
        return result

    @staticmethod
    def _put(result, unit, index, measure, group, value):
        if value:
            result[(unit, index, measure, group)] = value

    def _count(self, unit, measure, entry, groups=()):
        for level in (unit, CITY) if unit != CITY else (CITY,):
            for group in ("", *groups):
                self._days[(level, measure, group)].append(entry)

    def _add_record(self, submission):
        unit = submission.org_unit_id
        if submission.HasField("visit"):
            day = day_of(submission.visit.visited_on)
            self._count(unit, "visits", day)
            for enterprise in submission.visit.enterprises:
                for level in {unit, CITY}:
                    self._reached[level].add((day, enterprise.uscc))
        elif submission.HasField("issue"):
            self._count(unit, "issues_received", day_of(submission.issue.raised_at), [_KINDS[submission.issue.kind]])
        else:
            self._count(unit, "policies_delivered", day_of(submission.policy_delivery.delivered_on))

    def _add_case(self, case):
        groups = [_KINDS[case.issue.kind]]
        self._count(case.org_unit_id, "open_at_end", (day_of(case.received_at), 1), groups)
        if not case.HasField("closed_at"):
            return
        closed = day_of(case.closed_at)
        self._count(case.org_unit_id, "open_at_end", (closed, -1), groups)
        self._count(case.org_unit_id, "cases_closed", closed, groups)
        if case.outcome == case_pb2.OUTCOME_RESOLVED:
            self._count(case.org_unit_id, "cases_resolved", closed, groups)


def served_figures(reporting, token="", periods=tuple(PERIODS)):
    """What reporting says, in the form of Recount.figures: not grouped, and by kind where that is possible."""
    result = {}
    by_kind = [measure for measure in MEASURES if measure.startswith(("issues", "cases", "open"))]
    for measures, group_by in ((MEASURES, figure_pb2.GROUP_BY_UNSPECIFIED),
                               (by_kind, figure_pb2.GROUP_BY_ISSUE_KIND)):
        answer = reporting.reports.QueryFigures(report_service_pb2.QueryFiguresRequest(
            measures=measures, include_children=True, periods=periods, group_by=group_by, at_least_token=token))
        assert [unit.org_unit_id for unit in answer.units] == list(UNITS), answer.units
        for figure in answer.figures:
            if figure.value:
                result[(figure.org_unit_id, figure.period_index, figure.measure, figure.group)] = figure.value
    return result


def verify(reporting, token=""):
    """VerifyFigures."""
    return reporting.reports.VerifyFigures(report_service_pb2.VerifyFiguresRequest(at_least_token=token), timeout=60)


def differences(expected, served):
    """What differs, for a message that can be read."""
    return [f"{name}: recounted {expected.get(name, 0)}, served {served.get(name, 0)}"
            for name in sorted(expected.keys() | served.keys()) if expected.get(name, 0) != served.get(name, 0)][:20]
