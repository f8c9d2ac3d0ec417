"""One month of three levels: 208 townships, 16 districts and the city report, late, nil, returned, corrected or not at
all; every cell of the matrix and of the summaries is what it must be."""
import datetime
import os
import unittest

from google.protobuf import text_format
from harness import samples
from harness.client import new_id
from harness.stack import Stack
from zhuqi.common.v1 import date_pb2
from zhuqi.directory.v1 import directory_pb2, directory_service_pb2
from zhuqi.intake.v1 import record_pb2, summary_pb2, summary_service_pb2
from zhuqi.reporting.v1 import report_service_pb2
from zhuqi.routing.v1 import catalogue_pb2, catalogue_service_pb2

PACKS = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "packs")
MONTH = date_pb2.YearMonth(year=2024, month=1)
MONTH_TEXT = "2024-01"
CITY = "zhengzhou"
TOWNSHIPS = 13  # of each district
CATEGORY = "land"
TOWNSHIP, DISTRICT, CITY_FORM = "zhengzhou-township", "zhengzhou-district", "zhengzhou-city"
# Made from records and the level below, in the form's order; then what clerks fill in.
VISITS, REACHED, POLICIES, ISSUES, RESOLVED = range(5)
OWED, SUBMITTED, RETURNED, ACCEPTED, WAIVED = range(1, 6)
UNIT_ACTS, REVIEWER_ACTS, NOBODY_ACTS = 1, 2, 0

# What becomes of the townships of each district, by their number.
LATE, NIL, RETURN, RETURN_AND_AGAIN, CORRECT, MISS, WAIVE, UNREVIEWED = range(8)
# And of the districts.
LATE_DISTRICT, MISSING_DISTRICT, RETURNED_DISTRICT = 5, 6, 7
CORRECTED_DISTRICTS = range(4)  # one township of each is corrected after the lock
REDRAFTED_DISTRICT = 0


def local(month, day, hour, minute=0):
    return datetime.datetime(2024, month, day, hour, minute, tzinfo=samples.CITY_ZONE)


def read_pack(*names, message=directory_service_pb2.ApplyDirectoryRequest):
    with open(os.path.join(PACKS, *names), encoding="utf-8") as file:
        return text_format.Parse(file.read(), message())


def directory():
    """The city and its 16 units as in the pack, with 13 made-up townships each, and the three forms for the month."""
    pack = read_pack("zhengzhou", "directory.textproto")
    request = directory_service_pb2.ApplyDirectoryRequest(request_id=new_id(), org_units=pack.org_units,
                                                          departments=pack.departments, categories=pack.categories,
                                                          calendar=samples.calendar())
    for unit in pack.org_units:
        for number in range(TOWNSHIPS if unit.org_unit_id != CITY else 0):
            request.org_units.add(
                org_unit_id=township(unit.org_unit_id, number), name=f"{unit.name}示例{number + 1}街道",
                level=directory_pb2.ORG_UNIT_LEVEL_TOWNSHIP, parent_id=unit.org_unit_id,
                codes=[directory_pb2.OrgUnitCode(system=directory_pb2.CODE_SYSTEM_LOCAL,
                                                 code=f"{unit.org_unit_id.upper()}-{number + 1:02}")])
    for name in (TOWNSHIP, DISTRICT, CITY_FORM):
        form = read_pack("forms", f"{name}.textproto").forms[0]
        form.first_month.CopyFrom(MONTH)
        form.last_month.CopyFrom(MONTH)
        form.lock_working_day = 0  # locked by hand, when the test says so
        request.forms.append(form)
    return request


def township(district, number):
    return f"{district}-{number + 1:02}"


def visits_of(number):
    """How often a township goes out; the one with the nil report never."""
    return 0 if number == NIL else 1 + number % 4


def issues_of(number):
    return 0 if number == NIL else number % 3


class Forms(unittest.TestCase):

    def test_what_was_open_the_month_before_only_warns(self):
        # Cases are reopened, transferred, escalated and merged: a true report breaks every such rule one day.
        held_against = directory_pb2.LinearTerm.SOURCE_MONTH_BEFORE
        for name in (TOWNSHIP, DISTRICT, CITY_FORM):
            rules = [rule for rule in read_pack("forms", f"{name}.textproto").forms[0].rules
                     if held_against in [term.source for term in (*rule.left.terms, *rule.right.terms)]]
            self.assertIn("open-was-known", [rule.rule_id for rule in rules])
            for rule in rules:
                with self.subTest(form=name, rule=rule.rule_id):
                    self.assertEqual(rule.severity, directory_pb2.ValidationRule.SEVERITY_WARNING)


class Month(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().start()
        cls.addClassCleanup(cls.stack.stop)
        cls.summaries = cls.stack.intake.summaries
        cls.token = cls.stack.intake.directory.ApplyDirectory(directory()).consistency_token
        # Without one routing waits, and with it whoever reads figures with a token.
        cls.stack.routing.catalogue.ApplyCatalogue(catalogue_service_pb2.ApplyCatalogueRequest(
            request_id=new_id(), at_least_token=cls.token,
            catalogue=read_pack("zhengzhou", "catalogue.textproto", message=catalogue_pb2.Catalogue)))
        cls.districts = [unit.org_unit_id for unit in read_pack("zhengzhou", "directory.textproto").org_units
                         if unit.org_unit_id != CITY]
        cls.enterprises = 0
        cls._records()
        cls._play()

    # The month is played once; the tests look at what it came to.

    @classmethod
    def _records(cls):
        records = []
        for district in cls.districts:
            for number in range(TOWNSHIPS):
                records += cls._visits(township(district, number), visits_of(number))
                records += [samples.issue(f"issue-{district}-{number}-{one}", township(district, number), one,
                                          category_id=CATEGORY, raised_at=samples.timestamp(local(1, 10, 12)))
                            for one in range(issues_of(number))]
            records += cls._visits(district, 1)
        records += cls._visits(CITY, 2)
        for first in range(0, len(records), 500):
            answer = cls.stack.intake.records.SubmitRecords(samples.submit_request(*records[first:first + 500]))
            rejected = [result for result in answer.results if result.disposition not in (1, 2, 3)]
            assert not rejected, rejected[:3]

    @classmethod
    def _visits(cls, unit, count):
        visits = []
        for number in range(count):
            cls.enterprises += 1
            visits.append(record_pb2.RecordSubmission(
                key=samples.key(f"visit-{unit}-{number}"), org_unit_id=unit,
                visit=record_pb2.Visit(visited_on=samples.date(datetime.date(2024, 1, 31 - number)), team="助企服务组",
                                       team_members=2, place="园区", enterprises=[samples.enterprise(cls.enterprises)])))
        return visits

    @classmethod
    def _play(cls):
        for district in cls.districts:
            for number in range(TOWNSHIPS):
                cls._play_township(township(district, number), number)
        cls.city_first = None
        for index, district in enumerate(cls.districts):
            cls._play_district(district, index)
        cls.city_first = cls._accept(cls._send(CITY, CITY_FORM, local(2, 9, 10)), local(2, 9, 15))
        for form in (TOWNSHIP, DISTRICT, CITY_FORM):
            cls.summaries.LockPeriod(summary_service_pb2.LockPeriodRequest(
                request_id=new_id(), form_id=form, month=MONTH, reason="年度统计"))
        cls._correct()

    @classmethod
    def _play_township(cls, unit, number):
        if number == MISS:
            return
        if number == WAIVE:
            cls.summaries.DecideObligation(summary_service_pb2.DecideObligationRequest(
                request_id=new_id(), org_unit_id=unit, month=MONTH, decision=summary_pb2.ObligationDecision(
                    kind=summary_pb2.ObligationDecision.KIND_WAIVE, reason="机构筹建")))
            return
        # Due on the third working day of February, the 4th: a Sunday that was worked.
        at = local(2, 6, 9) if number == LATE else local(2, 4, 17, 30)
        sent = cls._send(unit, TOWNSHIP, at, nil=number == NIL)
        if number in (RETURN, RETURN_AND_AGAIN):
            sent = cls._review(sent, summary_pb2.REVIEW_DECISION_RETURN, local(2, 5, 9))
        if number == RETURN_AND_AGAIN:
            sent = cls._send(unit, TOWNSHIP, local(2, 5, 15), narrative="已核对")
        if number not in (RETURN, UNREVIEWED):
            cls._accept(sent, local(2, 6, 12))

    @classmethod
    def _play_district(cls, district, index):
        if index == MISSING_DISTRICT:
            return
        # Due on the fifth working day, the 6th.
        sent = cls._send(district, DISTRICT, local(2, 9, 9) if index == LATE_DISTRICT else local(2, 6, 17))
        if index == RETURNED_DISTRICT:
            cls._review(sent, summary_pb2.REVIEW_DECISION_RETURN, local(2, 7, 9))
        else:
            cls._accept(sent, local(2, 9, 9, 30))

    @classmethod
    def _correct(cls):
        for index in CORRECTED_DISTRICTS:
            unit = township(cls.districts[index], CORRECT)
            cls._accept(cls._send(unit, TOWNSHIP, None, more_visits=1, correction_reason="漏计一次走访"), None)
        again = cls._send(cls.districts[REDRAFTED_DISTRICT], DISTRICT, None, correction_reason="下级更正")
        cls._accept(again, None)
        cls.city_last = cls._send(CITY, CITY_FORM, None, correction_reason="下级更正")

    @classmethod
    def _send(cls, unit, form, at, nil=False, more_visits=0, **fields):
        """Sends the draft as a clerk does: what nothing could count is filled in."""
        draft = cls.summaries.DraftSummary(summary_service_pb2.DraftSummaryRequest(org_unit_id=unit, month=MONTH))
        request = summary_service_pb2.SubmitSummaryRequest(
            request_id=new_id(), org_unit_id=unit, month=MONTH, form_id=form, cells=draft.cells, basis=draft.basis,
            etag=draft.etag, sections=[summary_pb2.SectionText(section_id="progress", text="按计划走访。")], **fields)
        for cell in request.cells:
            if nil:
                assert cell.value == 0, cell
                cell.CopyFrom(summary_pb2.SummaryCell(indicator_id=cell.indicator_id, status=summary_pb2.CELL_STATUS_NIL))
            elif cell.indicator_id == "cases_resolved" and cell.status == summary_pb2.CELL_STATUS_MISSING:
                cell.status = summary_pb2.CELL_STATUS_NIL
        if more_visits:
            cell = request.cells[VISITS]
            cell.value += more_visits
            cell.derivation = summary_pb2.CELL_DERIVATION_ADJUSTED
            cell.note = "台账补记"
        if at is not None:
            request.occurred_at.CopyFrom(samples.timestamp(at))
        answer = cls.summaries.SubmitSummary(request)
        cls.token = answer.consistency_token
        return answer.summary

    @classmethod
    def _review(cls, summary, decision, at):
        request = summary_service_pb2.ReviewSummaryRequest(
            request_id=new_id(), org_unit_id=summary.org_unit_id, month=MONTH, revision=summary.revision,
            digest=summary.digest, decision=decision)
        if decision == summary_pb2.REVIEW_DECISION_RETURN:
            request.comment = "请核对走访次数"
            request.remarks.add(indicator_id="visits", reason="DOES_NOT_MATCH_RECORDS")
        if at is not None:
            request.occurred_at.CopyFrom(samples.timestamp(at))
        answer = cls.summaries.ReviewSummary(request)
        cls.token = answer.consistency_token
        return answer.summary

    @classmethod
    def _accept(cls, summary, at):
        return cls._review(summary, summary_pb2.REVIEW_DECISION_ACCEPT, at)

    # What is expected.

    def expected_township(self, index, number):
        """state, days late, revision, nil, returned, vintage, superseded, actor"""
        return {
            LATE: (ACCEPTED, 2, 1, False, 0, 0, False, NOBODY_ACTS),
            NIL: (ACCEPTED, 0, 1, True, 0, 0, False, NOBODY_ACTS),
            RETURN: (RETURNED, 0, 1, False, 1, 0, False, UNIT_ACTS),
            RETURN_AND_AGAIN: (ACCEPTED, 0, 2, False, 1, 0, False, NOBODY_ACTS),
            CORRECT: ((ACCEPTED, 0, 2, False, 0, 1, False, NOBODY_ACTS) if index in CORRECTED_DISTRICTS else
                      (ACCEPTED, 0, 1, False, 0, 0, False, NOBODY_ACTS)),
            MISS: (OWED, None, 0, False, 0, 0, False, UNIT_ACTS),
            WAIVE: (WAIVED, 0, 0, False, 0, 0, False, NOBODY_ACTS),
            UNREVIEWED: (SUBMITTED, 0, 1, False, 0, 0, False, REVIEWER_ACTS),
        }.get(number, (ACCEPTED, 0, 1, False, 0, 0, False, NOBODY_ACTS))

    def expected_district(self, index):
        if index == REDRAFTED_DISTRICT:
            return (ACCEPTED, 0, 2, False, 0, 1, False, NOBODY_ACTS)
        if index in CORRECTED_DISTRICTS:
            return (SUBMITTED, 0, 1, False, 0, 0, True, UNIT_ACTS)
        return {
            LATE_DISTRICT: (ACCEPTED, 3, 1, False, 0, 0, False, NOBODY_ACTS),
            MISSING_DISTRICT: (OWED, None, 0, False, 0, 0, False, UNIT_ACTS),
            RETURNED_DISTRICT: (RETURNED, 0, 1, False, 1, 0, False, UNIT_ACTS),
        }.get(index, (ACCEPTED, 0, 1, False, 0, 0, False, NOBODY_ACTS))

    def expected_matrix(self):
        expected = {CITY: (SUBMITTED, 0, 2, False, 0, 1, False, REVIEWER_ACTS)}
        for index, district in enumerate(self.districts):
            expected[district] = self.expected_district(index)
            for number in range(TOWNSHIPS):
                expected[township(district, number)] = self.expected_township(index, number)
        return expected

    def expected_cells(self):
        """Visits, enterprises, policies, issues, resolved of each summary that was sent."""
        accepted = [n for n in range(TOWNSHIPS) if n not in (RETURN, MISS, WAIVE, UNREVIEWED)]
        cells = {}
        for index, district in enumerate(self.districts):
            for number in range(TOWNSHIPS):
                corrected = 1 if number == CORRECT and index in CORRECTED_DISTRICTS else 0
                if number not in (MISS, WAIVE):
                    cells[township(district, number)] = (visits_of(number) + corrected, visits_of(number), 0,
                                                         issues_of(number), 0)
            if index == MISSING_DISTRICT:
                continue
            # The accepted townships, the one that is waived, and the district's own visit; different enterprises of all.
            visits = sum(visits_of(n) for n in accepted) + visits_of(WAIVE) + 1 + (index == REDRAFTED_DISTRICT)
            reached = sum(visits_of(n) for n in range(TOWNSHIPS)) + 1
            cells[district] = (visits, reached, 0, sum(issues_of(n) for n in accepted) + issues_of(WAIVE), 0)
        standing = [district for index, district in enumerate(self.districts)
                    if self.expected_district(index)[0] == ACCEPTED]
        cells[CITY] = (sum(cells[district][VISITS] for district in standing) + 2, self.enterprises, 0,
                       sum(cells[district][ISSUES] for district in standing), 0)
        return cells

    # What is looked at.

    def matrix(self):
        rows, token = [], ""
        while True:
            page = self.summaries.ListObligations(summary_service_pb2.ListObligationsRequest(
                page_size=100, page_token=token))
            rows += page.obligations
            token = page.next_page_token
            if not token:
                return {row.org_unit_id: row for row in rows}

    def test_every_cell_of_the_matrix(self):
        rows = self.matrix()
        self.assertEqual(len(rows), 1 + 16 + 208)
        for unit, expected in self.expected_matrix().items():
            with self.subTest(unit=unit):
                row = rows[unit]
                late = row.working_days_late
                if expected[1] is None:
                    self.assertGreater(late, 400)
                    late = None
                self.assertEqual((row.state, late, row.revision, row.nil_report, row.returned_count, row.vintage,
                                  row.basis_superseded, row.actor), expected)
                self.assertTrue(row.locked)
                self.assertEqual(row.overdue, expected[0] in (OWED, RETURNED))
                self.assertEqual(row.waiver_reason, "机构筹建" if expected[0] == WAIVED else "")

    def test_every_cell_of_every_summary(self):
        expected = self.expected_cells()
        seen, token = 0, ""
        while True:
            page = self.summaries.ListSummaries(summary_service_pb2.ListSummariesRequest(page_size=200,
                                                                                          page_token=token))
            for summary in page.summaries:
                if summary.revision == 0:
                    self.assertEqual(len(summary.cells), 0)
                    continue
                with self.subTest(unit=summary.org_unit_id):
                    self.assertEqual(tuple(cell.value for cell in summary.cells[:5]), expected[summary.org_unit_id])
                    seen += 1
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(seen, len(expected))

    def test_due_dates_are_the_working_days_of_the_forms(self):
        rows = self.matrix()
        for unit, due in ((township("jinshui", 8), local(2, 4, 17, 30)), ("jinshui", local(2, 6, 17, 30)),
                          (CITY, local(2, 9, 17, 30))):
            self.assertEqual(rows[unit].due_at, samples.timestamp(due), unit)

    def test_a_correction_below_is_seen_at_the_top(self):
        summary = self.get(self.districts[1])
        self.assertTrue(summary.reviews[0].voided)
        self.assertEqual(summary.reviews[0].voided_by, f"basis {township(self.districts[1], CORRECT)} revision 2")
        city = self.get(CITY)
        self.assertEqual(city.vintage, 1)
        self.assertTrue(city.reviews[0].voided)
        compared = self.summaries.CompareRevisions(summary_service_pb2.CompareRevisionsRequest(
            org_unit_id=CITY, month=MONTH))
        changes = {cell.indicator_id: cell.change for cell in compared.cells}
        # Three districts are not accepted any more, and one reports a visit more.
        gone = self.expected_cells()[self.districts[1]][VISITS] * 3
        self.assertEqual(changes["visits"], 1 - gone)

    def test_what_was_known_before_the_correction_is_kept(self):
        unit = township(self.districts[2], CORRECT)
        now = self.get(unit)
        before = self.summaries.GetSummary(summary_service_pb2.GetSummaryRequest(
            org_unit_id=unit, month=MONTH, as_of=self.city_first.recorded_at)).summary
        self.assertEqual((before.revision, before.vintage, before.state), (1, 0, ACCEPTED))
        self.assertEqual(now.cells[VISITS].value, before.cells[VISITS].value + 1)
        self.assertEqual(now.correction_reason, "漏计一次走访")
        self.assertIn("visits-as-recorded", [finding.rule_id for finding in now.findings if not finding.error])

    def test_completeness_counts_the_same(self):
        answer = self.stack.reporting.reports.GetCompleteness(report_service_pb2.GetCompletenessRequest(
            org_unit_id=CITY, at_least_token=self.token))
        expected = self.expected_matrix().values()
        met = [row for row in expected if row[0] in (SUBMITTED, ACCEPTED)]
        self.assertEqual((answer.due, answer.met, answer.met_on_time, answer.waived),
                         (225 - 16, len(met), sum(row[1] == 0 for row in met), 16))
        self.assertLessEqual(answer.completeness, 1)

    def test_nothing_is_reviewed_unread_on_the_command_line(self):
        unit = township(self.districts[3], UNREVIEWED)
        before = self.get(unit)
        accept = ("summary", "review", unit, MONTH_TEXT, "accept")
        for options, exit_code, words in (
                ((), 2, "--revision or --digest"), (("--revision", "0"), 2, "--revision"),
                (("--digest", "0" * 64), 1, "DIGEST_MISMATCH"), (("--revision", "2"), 1, "REVISION_UNKNOWN")):
            with self.subTest(options=options):
                refused = self.stack.run_ctl(*accept, *options)
                self.assertEqual(refused.returncode, exit_code, refused.stderr)
                self.assertIn(words, refused.stderr)
        returned = self.stack.run_ctl("summary", "review", unit, MONTH_TEXT, "return", "--comment", "请核对")
        self.assertEqual(returned.returncode, 2, returned.stderr)
        self.assertEqual(self.get(unit), before)

    def test_the_matrix_on_the_command_line(self):
        shown = self.stack.run_ctl("obligations", "--unit", self.districts[0])
        self.assertEqual(shown.returncode, 0, shown.stderr)
        lines = shown.stdout.splitlines()
        self.assertEqual(lines[0].split(), ["2024-01"])
        self.assertEqual(lines[1].split()[1:], ["通过", "改1"])
        self.assertEqual([line.split()[1:] for line in lines[2:10]],
                         [["通过", "迟2"], ["通过", "零"], ["退回逾期"], ["通过"], ["通过", "改1"], lines[7].split()[1:], ["豁免"],
                          ["待审"]])
        self.assertEqual(lines[7].split()[1], "逾期")
        self.assertNotIn("\x1b", shown.stdout)

    def test_a_clerk_drafts_edits_and_checks_on_the_command_line(self):
        unit = township(self.districts[15], MISS)
        path = os.path.join(self.stack.directory, "draft.textproto")
        drafted = self.stack.run_ctl("summary", "draft", unit, "2024-01", "--to", path)
        self.assertEqual(drafted.returncode, 0, drafted.stderr)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(f"# 走访企业次数 (次): own records {visits_of(MISS)}; required", text)
        refused = self.stack.run_ctl("summary", "check", path)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("CORRECTION_REASON_REQUIRED", refused.stderr)
        found = self.stack.run_ctl("summary", "check", path, "--reason", "补报")
        self.assertEqual(found.returncode, 1)
        self.assertIn("“已解决件数”为必填项", found.stdout)
        self.assertIn("“工作进展”须填写", found.stdout)
        resolved = text.index('indicator_id: "cases_resolved"')
        text = text[:resolved] + text[resolved:].replace("CELL_STATUS_MISSING", "CELL_STATUS_NIL", 1)
        text = text.replace('section_id: "progress"\n  text: ""', 'section_id: "progress"\n  text: "按计划走访。"')
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        good = self.stack.run_ctl("summary", "check", path, "--reason", "补报")
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
        self.assertEqual(self.get(unit).revision, 0)

    def test_comparing_and_periods_on_the_command_line(self):
        compared = self.stack.run_ctl("summary", "compare", CITY, "2024-01")
        self.assertEqual(compared.returncode, 0, compared.stderr)
        self.assertIn("走访企业次数", compared.stdout)
        shown = self.stack.run_ctl("summary", "show", self.districts[1], "2024-01")
        self.assertIn(f"(voided by basis {township(self.districts[1], CORRECT)} revision 2)", shown.stdout)
        periods = self.stack.run_ctl("period", "list", "--form", TOWNSHIP)
        self.assertEqual(periods.returncode, 0, periods.stderr)
        self.assertEqual(periods.stdout.splitlines()[2].split()[:4], ["2024-01", TOWNSHIP, "1", "208"])
        self.assertIn("locked", periods.stdout)

    def get(self, unit):
        return self.summaries.GetSummary(summary_service_pb2.GetSummaryRequest(org_unit_id=unit, month=MONTH)).summary
