"""The main job, over the network: records in, cases owned, figures out, and each caller reads what it wrote."""
from harness import recount, samples
from harness.case_test import StackTest
from harness.client import new_id
from harness.traffic import ACTIONS
from zhuqi.common.v1 import date_pb2
from zhuqi.directory.v1 import directory_service_pb2
from zhuqi.intake.v1 import record_pb2, record_service_pb2, summary_pb2, summary_service_pb2
from zhuqi.reporting.v1 import figure_pb2, report_service_pb2
from zhuqi.routing.v1 import case_pb2, case_service_pb2, catalogue_pb2, catalogue_service_pb2

JANUARY = date_pb2.YearMonth(year=2024, month=1)
YEAR = figure_pb2.Period(year=2024)
CREATED = record_service_pb2.RecordResult.DISPOSITION_CREATED
UPDATED = record_service_pb2.RecordResult.DISPOSITION_UPDATED
UNCHANGED = record_service_pb2.RecordResult.DISPOSITION_UNCHANGED


class MainJob(StackTest):

    def figure(self, measure, unit, token, period=YEAR):
        """One figure's number; None when there is no data."""
        answer = self.stack.reporting.reports.QueryFigures(report_service_pb2.QueryFiguresRequest(
            measures=[measure], org_unit_id=unit, periods=[period], at_least_token=token))
        self.assertEqual(len(answer.figures), 1)
        figure = answer.figures[0]
        return figure.value if figure.HasField("value") else None

    def case_of(self, external_id, token):
        return self.stack.routing.cases.GetCase(case_service_pb2.GetCaseRequest(
            issue_key=samples.key(external_id), at_least_token=token)).case

    def act(self, external_id, action, **fields):
        return self.stack.routing.cases.ActOnCase(case_service_pb2.ActOnCaseRequest(
            request_id=new_id(), issue_key=samples.key(external_id), action=action, **fields))

    def test_applying_the_same_directory_and_catalogue_again_changes_nothing(self):
        again = self.stack.intake.directory.ApplyDirectory(samples.directory_request())
        self.assertEqual(list(again.changes), [])
        self.assertEqual(again.unchanged, 4 + 12 + 4 + 1 + 1)
        catalogue = self.stack.routing.catalogue.ApplyCatalogue(
            catalogue_service_pb2.ApplyCatalogueRequest(request_id=new_id(), catalogue=samples.catalogue()))
        self.assertFalse(catalogue.changed)

    def test_a_unit_is_found_by_its_code(self):
        request = directory_service_pb2.GetOrgUnitRequest()
        request.code.system = 3
        request.code.code = "SAMPLE-EAST"
        answer = self.stack.intake.directory.GetOrgUnit(request)
        self.assertEqual(answer.org_unit.org_unit_id, "east")
        self.assertEqual([unit.org_unit_id for unit in answer.ancestors], ["city"])

    def test_the_token_of_a_submission_shows_it_in_the_figures_at_once(self):
        for number in range(20):
            before = self.figure("issues_received", "north", "") or 0
            answer = self.submit(samples.issue(f"fresh-{number}", "north", number))
            after = self.figure("issues_received", "north", answer.consistency_token)
            self.assertEqual(after, before + 1)
            # The case too, which routing makes of it in between.
            self.assertGreaterEqual(self.figure("open_at_end", "north", answer.consistency_token), number + 1)

    def test_a_withdrawn_issue_counts_nowhere_until_its_key_is_sent_again(self):
        issue = samples.issue("withdrawn", "west", 3)
        issue.issue.contact.name, issue.issue.contact.phone = "陈联系", "13800138000"
        sent = self.submit(issue)
        figures = ("issues_received", "open_at_end")
        before = [self.figure(measure, "west", sent.consistency_token) for measure in figures]
        record_id = sent.results[0].record_id
        withdrawn = self.stack.intake.records.WithdrawRecord(record_service_pb2.WithdrawRecordRequest(
            request_id=new_id(), record_id=record_id, reason="重复登记"))
        after = [self.figure(measure, "west", withdrawn.consistency_token) for measure in figures]
        self.assertEqual([a or 0 for a in after], [b - 1 for b in before])
        case = self.case_of("withdrawn", withdrawn.consistency_token)
        self.assertEqual(case.outcome, case_pb2.OUTCOME_WITHDRAWN)
        back = self.submit(issue)
        self.assertEqual(back.results[0].disposition, UPDATED)
        self.assertEqual([self.figure(measure, "west", back.consistency_token) for measure in figures], before)
        case = self.case_of("withdrawn", back.consistency_token)
        self.assertEqual(case.state, case_pb2.PROCESS_STATE_AWAITING_ACCEPTANCE)
        # The contact came back with it, to who asks for it and to nobody else.
        shown = self.stack.intake.records.GetRecord(record_service_pb2.GetRecordRequest(
            record_id=record_id, with_contact=True)).record
        self.assertEqual(shown.submission.issue.contact.phone, "13800138000")
        for record in self.stack.intake.records.ListRecords(record_service_pb2.ListRecordsRequest()).records:
            self.assertFalse(record.submission.issue.HasField("contact"))

    def test_an_issue_becomes_a_case_of_the_department_that_the_catalogue_names(self):
        answer = self.submit(samples.issue("routed", "west", 1))
        case = self.case_of("routed", answer.consistency_token)
        self.assertEqual(case.issue_record_id, answer.results[0].record_id)
        self.assertEqual(case.lead_department_id, "west.planning")
        self.assertEqual(case.owner_org_unit_id, "west")
        self.assertEqual(case.state, case_pb2.PROCESS_STATE_AWAITING_ACCEPTANCE)
        self.assertEqual(case.decisions[0].rule_id, "land")
        self.assertEqual([clock.kind for clock in case.clocks], [1, 2])
        explained = self.stack.routing.catalogue.ExplainRoute(catalogue_service_pb2.ExplainRouteRequest(
            inputs=catalogue_pb2.RouteInputs(kind=1, category_id="licence", org_unit_id="east")))
        self.assertEqual(explained.decision.lead_department_id, "east.approval")

    def test_a_case_taken_to_its_end_counts_as_resolved_with_the_token_of_the_last_action(self):
        record = samples.issue("to-the-end", "east", 4)
        token = self.submit(record).consistency_token
        resolved_before = self.figure("cases_resolved", "city", token) or 0
        open_before = self.figure("open_at_end", "city", token)
        answer = None
        for action in ACTIONS:
            answer = self.act("to-the-end", action, at_least_token=token)
        self.assertEqual(answer.case.state, case_pb2.PROCESS_STATE_CLOSED)
        self.assertEqual(answer.case.outcome, case_pb2.OUTCOME_RESOLVED)
        history = self.case_of("to-the-end", answer.consistency_token).history
        self.assertEqual([event.sequence for event in history], [1, 2, 3, 4, 5, 6])
        # Closed today, which is not in 2024.
        closed_on = recount.day_of(answer.case.closed_at)
        today = figure_pb2.Period(days=date_pb2.DateSpan(first=samples.date(samples.day_of(0)),
                                                         last=samples.date(closed_on)))
        self.assertEqual(self.figure("cases_resolved", "city", answer.consistency_token, today), resolved_before + 1)
        self.assertEqual(self.figure("open_at_end", "city", answer.consistency_token, today), open_before - 1)

    def test_an_escalated_case_belongs_to_the_city_and_counts_where_it_was_raised(self):
        record = samples.issue("escalated", "west", 1)
        token = self.submit(record).consistency_token
        raised = record.issue.raised_at
        raised.seconds += 3600
        escalate = case_pb2.CaseAction(escalate=case_pb2.Escalate(reason="跨部门、历史遗留"))
        before = self.figure("escalations", "west", token) or 0
        answer = self.act("escalated", escalate, at_least_token=token, occurred_at=raised)
        self.assertEqual(answer.case.owner_org_unit_id, "city")
        self.assertEqual(answer.case.lead_department_id, "city.planning")
        self.assertEqual(self.figure("escalations", "west", answer.consistency_token), before + 1)

    def test_the_same_record_is_unchanged_and_a_corrected_one_is_a_new_revision(self):
        first = self.submit(samples.issue("twice", "east", 5)).results[0]
        same = self.submit(samples.issue("twice", "east", 5)).results[0]
        corrected = self.submit(samples.issue("twice", "east", 5, title="更正后的标题")).results[0]
        self.assertEqual([first.disposition, same.disposition, corrected.disposition], [CREATED, UNCHANGED, UPDATED])
        self.assertEqual([first.revision, same.revision, corrected.revision], [1, 1, 2])
        self.assertEqual({first.record_id}, {same.record_id, corrected.record_id})

    def test_a_correction_moves_the_figure_to_the_right_unit(self):
        before = self.submit(samples.visit("misplaced", "east", 3)).consistency_token
        east, west = (self.figure("visits", unit, before) or 0 for unit in ("east", "west"))
        after = self.submit(samples.visit("misplaced", "west", 3)).consistency_token
        self.assertEqual(self.figure("visits", "east", after) or 0, east - 1)
        self.assertEqual(self.figure("visits", "west", after), west + 1)

    def test_a_figure_names_the_records_behind_it(self):
        answer = self.submit(*(samples.policy_delivery(f"policy-{number}", "north", number) for number in range(5)))
        explained = self.stack.reporting.reports.ExplainFigure(report_service_pb2.ExplainFigureRequest(
            measure="policies_delivered", org_unit_id="north", period=YEAR, at_least_token=answer.consistency_token))
        self.assertEqual(explained.figure.value, 5)
        self.assertEqual(explained.records_total, 5)
        self.assertEqual({reference.id for reference in explained.records},
                         {result.record_id for result in answer.results})
        self.assertEqual({reference.owner for reference in explained.records}, {"intake"})
        self.assertEqual(sum(day.value for day in explained.by_day), 5)
        self.assertIn("day of delivery", explained.definition.definition)

    def test_an_explained_figure_adds_up_from_its_children(self):
        token = self.submit(samples.issue("a-child", "east", 7)).consistency_token
        explained = self.stack.reporting.reports.ExplainFigure(report_service_pb2.ExplainFigureRequest(
            measure="issues_received", org_unit_id="city", period=YEAR, at_least_token=token))
        self.assertEqual(sum(figure.value for figure in explained.by_child), explained.figure.value)
        self.assertEqual(explained.records_total, explained.figure.value)

    def test_a_monthly_summary_goes_out_is_returned_and_is_accepted(self):
        submitted = self._submit_summary("east", 40)
        self.assertEqual(submitted.summary.state, summary_pb2.SUMMARY_STATE_SUBMITTED)
        # January's is due on the fifth working day of February 2024: the 7th.
        self.assertEqual(recount.day_of(submitted.summary.due_at).isoformat()[:7], "2024-02")
        returned = self._review(submitted.summary, summary_pb2.REVIEW_DECISION_RETURN, "请核对走访次数")
        self.assertEqual(returned.summary.state, summary_pb2.SUMMARY_STATE_RETURNED)
        again = self._submit_summary("east", 42, etag=returned.summary.etag)
        self.assertEqual(again.summary.revision, 2)
        accepted = self._review(again.summary, summary_pb2.REVIEW_DECISION_ACCEPT, "")
        self.assertEqual(accepted.summary.state, summary_pb2.SUMMARY_STATE_ACCEPTED)
        answer = self.stack.reporting.reports.QueryFigures(report_service_pb2.QueryFiguresRequest(
            measures=["visits"], org_unit_id="east", periods=[figure_pb2.Period(month=JANUARY)],
            at_least_token=accepted.consistency_token))
        reported = answer.figures[0].reported
        self.assertEqual((reported.value, reported.cells, reported.cells_due, reported.cells_accepted), (42, 1, 1, 1))

    def test_completeness_counts_what_is_owed_and_names_what_is_missing(self):
        submitted = self._submit_summary("west", 7, month=2)
        answer = self.stack.reporting.reports.GetCompleteness(report_service_pb2.GetCompletenessRequest(
            org_unit_id="west", at_least_token=submitted.consistency_token))
        self.assertEqual((answer.due, answer.met, answer.met_on_time), (3, 1, 0))
        self.assertAlmostEqual(answer.completeness, 1 / 3)
        self.assertEqual([(status.month.month, status.missing, status.late) for status in answer.obligations],
                         [(1, True, False), (2, False, True), (3, True, False)])

    def test_figures_are_a_recount(self):
        records = [samples.mixed("recount", unit, number) for unit in samples.DISTRICTS for number in range(60)]
        token = self.submit(*records).consistency_token
        self.assert_figures_are_a_recount(token)

    def test_zhuqictl_reads_what_was_submitted(self):
        token = self.submit(samples.issue("by-ctl", "east", 2)).consistency_token
        done = self.stack.run_ctl("--output", "json", "--at-least-token", token, "figures", "--unit", "east", "--year",
                                  "2024")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("issues_received", done.stdout)

    def _submit_summary(self, unit, visits, month=1, etag=""):
        cells = [
            summary_pb2.SummaryCell(indicator_id="visits", value=visits, status=summary_pb2.CELL_STATUS_REPORTED),
            summary_pb2.SummaryCell(indicator_id="issues", status=summary_pb2.CELL_STATUS_NIL),
        ]
        return self.stack.intake.summaries.SubmitSummary(summary_service_pb2.SubmitSummaryRequest(
            request_id=new_id(), org_unit_id=unit, month=date_pb2.YearMonth(year=2024, month=month), cells=cells,
            narrative="本月情况", etag=etag))

    def _review(self, summary, decision, comment):
        return self.stack.intake.summaries.ReviewSummary(summary_service_pb2.ReviewSummaryRequest(
            request_id=new_id(), org_unit_id=summary.org_unit_id, month=summary.month, revision=summary.revision,
            digest=summary.digest, decision=decision, comment=comment))
