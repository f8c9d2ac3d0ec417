"""What is wrong is refused with the right code, field path and reason, and nothing of it is stored."""
import datetime
import os
import subprocess

import grpc
from harness import recount, samples
from harness.case_test import StackTest
from harness.client import new_id
from harness.stack import SERVICES, binary, write_file
from zhuqi.common.v1 import date_pb2
from zhuqi.directory.v1 import directory_pb2, directory_service_pb2
from zhuqi.feed.v1 import feed_service_pb2
from zhuqi.intake.v1 import record_pb2, record_service_pb2, summary_pb2, summary_service_pb2
from zhuqi.reporting.v1 import figure_pb2, report_service_pb2
from zhuqi.routing.v1 import case_pb2, case_service_pb2, catalogue_service_pb2

INVALID = grpc.StatusCode.INVALID_ARGUMENT
PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
REJECTED = record_service_pb2.RecordResult.DISPOSITION_REJECTED
JANUARY = date_pb2.YearMonth(year=2024, month=1)


class NothingStored(StackTest):
    """Holds what is stored before and after each test against each other: lists, figures and the feeds' ends."""

    shared = True

    def setUp(self):
        self.before = self.stored()

    def tearDown(self):
        self.assertEqual(self.stored(), self.before)

    def stored(self):
        records, total = recount.all_records(self.stack.intake)
        cases, _ = recount.all_cases(self.stack.routing)
        summaries = self.stack.intake.summaries.ListSummaries(summary_service_pb2.ListSummariesRequest(page_size=500))
        heads = [
            list(api.feed.DescribeFeed(feed_service_pb2.DescribeFeedRequest()).heads)
            for api in (self.stack.intake, self.stack.routing)
        ]
        return {
            "records": total,
            "etags": sorted((record.record_id, record.etag) for record in records),
            "cases": sorted((case.case_id, case.etag) for case in cases),
            "summaries": [summary.etag for summary in summaries.summaries],
            "figures": recount.served_figures(self.stack.reporting),
            "heads": heads,
        }

    def assert_refused(self, failure, code, reason, field=None):
        self.assertEqual((failure.code, failure.reason), (code, reason), failure)
        self.assertEqual(failure.domain, "zhuqi")
        self.assertTrue(failure.localized, "a message in Chinese")
        self.assertLess(len(failure.message.encode()), 1024)
        if field is not None:
            self.assertIn((field, reason), failure.violations)


class BadRecords(NothingStored):

    def rejected(self, record, *violations):
        """The record's result names exactly these (field, reason) pairs; validate_only says the same."""
        for validate_only in (True, False):
            request = samples.submit_request(record, validate_only=validate_only)
            result = self.stack.intake.records.SubmitRecords(request).results[0]
            self.assertEqual(result.disposition, REJECTED, result)
            self.assertEqual((result.record_id, result.revision), ("", 0))
            self.assertEqual([(row.field, row.reason) for row in result.violations], list(violations))
            for row in result.violations:
                self.assertTrue(row.message and row.message_zh)

    def test_a_credit_code_with_a_wrong_check_character(self):
        record = samples.issue("bad")
        record.issue.enterprise.uscc = samples.wrong_check_character(3)
        self.rejected(record, ("records[0].issue.enterprise.uscc", "USCC_WRONG_CHECK_CHARACTER"))

    def test_a_credit_code_with_the_letter_o_is_never_repaired(self):
        record = samples.issue("bad")
        record.issue.enterprise.uscc = samples.credit_code(3).replace("0", "O", 1)
        self.rejected(record, ("records[0].issue.enterprise.uscc", "USCC_INVALID_CHARACTER"))

    def test_an_unknown_unit(self):
        self.rejected(samples.issue("bad", "nowhere"), ("records[0].org_unit_id", "ORG_UNIT_UNKNOWN"))

    def test_an_unknown_category(self):
        self.rejected(samples.issue("bad", category_id="weather"), ("records[0].issue.category_id", "CATEGORY_UNKNOWN"))

    def test_a_visit_in_the_future(self):
        record = samples.visit("bad")
        record.visit.visited_on.CopyFrom(samples.date(datetime.date.today() + datetime.timedelta(days=2)))
        self.rejected(record, ("records[0].visit.visited_on", "DATE_IN_FUTURE"))

    def test_an_issue_in_the_future(self):
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        self.rejected(samples.issue("bad", raised_at=samples.timestamp(tomorrow)),
                      ("records[0].issue.raised_at", "DATE_IN_FUTURE"))

    def test_a_day_that_does_not_exist(self):
        record = samples.visit("bad")
        record.visit.visited_on.CopyFrom(date_pb2.Date(year=2023, month=2, day=29))
        self.rejected(record, ("records[0].visit.visited_on", "DATE_INVALID"))

    def test_a_text_that_is_too_long_is_counted_in_characters(self):
        self.rejected(samples.issue("bad", title="长" * 201), ("records[0].issue.title", "TEXT_TOO_LONG"))
        self.rejected(samples.issue("bad", text="长" * 4001), ("records[0].issue.text", "TEXT_TOO_LONG"))

    def test_a_text_with_control_characters(self):
        self.rejected(samples.issue("bad", title="a\x00b"), ("records[0].issue.title", "TEXT_CONTROL_CHARACTER"))

    def test_everything_that_is_wrong_is_named_at_once(self):
        self.rejected(samples.issue("bad", "nowhere", category_id="weather", title=""),
                      ("records[0].issue.title", "REQUIRED"), ("records[0].issue.category_id", "CATEGORY_UNKNOWN"),
                      ("records[0].org_unit_id", "ORG_UNIT_UNKNOWN"))

    def test_a_bad_record_takes_the_good_one_down_only_when_all_or_nothing_is_asked_for(self):
        request = samples.submit_request(samples.issue("good"), samples.issue("bad", "nowhere"), all_or_nothing=True)
        results = self.stack.intake.records.SubmitRecords(request).results
        self.assertEqual([result.disposition for result in results],
                         [record_service_pb2.RecordResult.DISPOSITION_NOT_ATTEMPTED, REJECTED])

    def test_bytes_that_are_not_utf_8(self):
        # {request_id, records {key, org_unit_id, issue {title: "\xff\xfe"}}}, as a careless sender would put it.
        title = b"\x1a\x02\xff\xfe"
        record = samples.issue("bad")
        record.issue.ClearField("title")
        body = record.issue.SerializeToString() + title
        record.ClearField("issue")
        record_bytes = record.SerializeToString() + _field(5, body)
        message = record_service_pb2.SubmitRecordsRequest(request_id=new_id()).SerializeToString()
        failure = self.refused(
            lambda request: self.stack.replicas["intake"][0].connection.raw(
                "/zhuqi.intake.v1.RecordService/SubmitRecords", request), message + _field(2, record_bytes))
        self.assert_refused(failure, INVALID, "INVALID_UTF8", "records[0].issue.title")

    def test_a_request_of_5_mb(self):
        request = samples.submit_request(samples.issue("bad", text="x" * (5 << 20)))
        failure = self.refused(self.stack.intake.records.SubmitRecords, request)
        self.assertEqual(failure.code, grpc.StatusCode.RESOURCE_EXHAUSTED, failure)

    def test_no_records_and_too_many(self):
        for count in (0, 1001):
            request = samples.submit_request(*(samples.issue(f"bad-{number}") for number in range(count)))
            failure = self.refused(self.stack.intake.records.SubmitRecords, request)
            self.assert_refused(failure, INVALID, "OUT_OF_RANGE", "records")

    def test_no_request_id(self):
        request = samples.submit_request(samples.issue("bad"))
        request.request_id = "not a uuid"
        failure = self.refused(self.stack.intake.records.SubmitRecords, request)
        self.assert_refused(failure, INVALID, "UUID_INVALID", "request_id")

    def test_no_token_and_a_wrong_one(self):
        channel = self.stack.replicas["intake"][0].connection.channel
        call = channel.unary_unary("/zhuqi.intake.v1.RecordService/SubmitRecords",
                                   request_serializer=record_service_pb2.SubmitRecordsRequest.SerializeToString)
        for metadata in ((), (("authorization", "Bearer 0123456789abcdef0123456789abcdef"),)):
            failure = self.refused(lambda request, metadata=metadata: call(request, metadata=metadata, timeout=30),
                                   samples.submit_request(samples.issue("bad")))
            self.assert_refused(failure, grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")

    def test_an_import_without_an_opening(self):
        chunk = record_service_pb2.ImportChunk(number=0, records=[samples.issue("bad")])
        failure = self.refused(lambda request: list(self.stack.intake.records.ImportRecords(iter([request]))),
                               record_service_pb2.ImportRecordsRequest(chunk=chunk))
        self.assertEqual(failure.code, INVALID, failure)
        self.assertEqual([field for field, _ in failure.violations], ["open.import_id"])


class BadActions(NothingStored):
    """Requests that contradict what is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = samples.submit_request(samples.issue("known", "east", 0))
        cls.answer = cls.stack.intake.records.SubmitRecords(cls.request)
        # Until the case is there and in the figures.
        recount.served_figures(cls.stack.reporting, cls.answer.consistency_token)

    def act(self, action, **fields):
        request = case_service_pb2.ActOnCaseRequest(request_id=new_id(), action=action, **fields)
        if request.WhichOneof("target") is None:
            request.issue_key.CopyFrom(samples.key("known"))
        return self.refused(self.stack.routing.cases.ActOnCase, request)

    def test_the_same_request_id_with_another_body(self):
        other = record_service_pb2.SubmitRecordsRequest(request_id=self.request.request_id,
                                                        records=[samples.issue("other")])
        failure = self.refused(self.stack.intake.records.SubmitRecords, other)
        self.assert_refused(failure, INVALID, "REQUEST_ID_REUSED")

    def test_the_same_request_again_gives_the_first_answer(self):
        self.assertEqual(self.stack.intake.records.SubmitRecords(self.request), self.answer)

    def test_an_illegal_transition_says_what_is_allowed(self):
        failure = self.act(case_pb2.CaseAction(close=case_pb2.Close()))
        self.assert_refused(failure, PRECONDITION, "ILLEGAL_TRANSITION")
        self.assertEqual(failure.metadata["allowed"], "accept,assign,hand_over,object,report_progress,remind,"
                         "escalate,convene,hand_over_assistance,designate,decline,withdraw,exclude_from_appraisal")
        self.assertEqual(failure.metadata["state"], "PROCESS_STATE_AWAITING_ACCEPTANCE")

    def test_a_stale_etag(self):
        failure = self.act(case_pb2.CaseAction(accept=case_pb2.Accept()), etag="v0")
        self.assert_refused(failure, grpc.StatusCode.ABORTED, "ETAG_MISMATCH")

    def test_an_unknown_case(self):
        failure = self.act(case_pb2.CaseAction(accept=case_pb2.Accept()), case_id=new_id())
        self.assert_refused(failure, grpc.StatusCode.NOT_FOUND, "CASE_UNKNOWN")

    def test_an_unknown_department(self):
        assign = case_pb2.Assign(department_id="east.weather", role=case_pb2.ASSIGNMENT_ROLE_LEAD)
        self.assert_refused(self.act(case_pb2.CaseAction(assign=assign)), INVALID, "DEPARTMENT_UNKNOWN",
                            "action.assign.department_id")

    def test_a_task_force_that_is_not_there(self):
        failure = self.act(case_pb2.CaseAction(designate=case_pb2.Designate(task_force="nowhere")))
        self.assert_refused(failure, PRECONDITION, "TASK_FORCE_UNKNOWN")

    def test_no_action(self):
        self.assert_refused(self.act(case_pb2.CaseAction()), INVALID, "ACTION_REQUIRED", "action")

    def test_an_action_before_the_receipt_and_one_in_the_future(self):
        accept = case_pb2.CaseAction(accept=case_pb2.Accept())
        early = samples.timestamp(samples.noon(datetime.date(2023, 12, 1)))
        self.assert_refused(self.act(accept, occurred_at=early), INVALID, "OCCURRED_BEFORE_RECEIPT", "occurred_at")
        late = samples.timestamp(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1))
        self.assert_refused(self.act(accept, occurred_at=late), INVALID, "OCCURRED_IN_FUTURE", "occurred_at")

    def test_a_text_that_is_too_long(self):
        progress = case_pb2.ReportProgress(text="长" * 2001)
        self.assert_refused(self.act(case_pb2.CaseAction(report_progress=progress)), INVALID, "TEXT_TOO_LONG",
                            "action.report_progress.text")

    def test_a_catalogue_that_names_an_unknown_function(self):
        catalogue = samples.catalogue()
        catalogue.default_target.lead_function = "weather"
        failure = self.refused(self.stack.routing.catalogue.ApplyCatalogue,
                               catalogue_service_pb2.ApplyCatalogueRequest(request_id=new_id(), catalogue=catalogue))
        self.assert_refused(failure, INVALID, "FUNCTION_UNKNOWN", "catalogue.default_target.lead_function")

    def test_a_catalogue_under_which_something_would_have_no_owner(self):
        # Fire departments exist in one district alone; its default may then lead nowhere else.
        catalogue = samples.catalogue()
        catalogue.default_target.lead_function = "fire"
        applied = self.stack.intake.directory.ApplyDirectory(directory_service_pb2.ApplyDirectoryRequest(
            request_id=new_id(), departments=[directory_pb2.Department(
                department_id="east.fire", org_unit_id="east", function="fire", name="示例消防")]))
        # The directory was changed on purpose.
        self.before["heads"] = self.stored()["heads"]
        failure = self.refused(self.stack.routing.catalogue.ApplyCatalogue,
                               catalogue_service_pb2.ApplyCatalogueRequest(
                                   request_id=new_id(), catalogue=catalogue,
                                   at_least_token=applied.consistency_token))
        self.assert_refused(failure, INVALID, "CATALOGUE_HAS_HOLES", "catalogue")
        in_force = self.stack.routing.catalogue.GetCatalogue(catalogue_service_pb2.GetCatalogueRequest())
        self.assertEqual(in_force.catalogue.default_target.lead_function, "approval")


class BadQueries(NothingStored):

    def queries(self):
        """Each list: its method and an empty request."""
        intake, routing, reporting = self.stack.intake, self.stack.routing, self.stack.reporting
        explain = report_service_pb2.ExplainFigureRequest(measure="visits", period=figure_pb2.Period(year=2024))
        return [
            (intake.records.ListRecords, record_service_pb2.ListRecordsRequest()),
            (intake.summaries.ListSummaries, summary_service_pb2.ListSummariesRequest()),
            (intake.directory.ListOrgUnits, directory_service_pb2.ListOrgUnitsRequest()),
            (intake.directory.ListDepartments, directory_service_pb2.ListDepartmentsRequest()),
            (routing.cases.ListCases, case_service_pb2.ListCasesRequest()),
            (reporting.reports.ExplainFigure, explain),
        ]

    def test_a_negative_page_size(self):
        for call, request in self.queries():
            with self.subTest(type(request).__name__):
                request.page_size = -1
                self.assert_refused(self.refused(call, request), INVALID, "PAGE_SIZE_NEGATIVE", "page_size")

    def test_a_damaged_page_token(self):
        for call, request in self.queries():
            with self.subTest(type(request).__name__):
                request.page_token = "bm90IGEgdG9rZW4"
                self.assert_refused(self.refused(call, request), INVALID, "PAGE_TOKEN_INVALID", "page_token")

    def test_a_page_token_of_another_filter(self):
        page = self.stack.intake.directory.ListOrgUnits(directory_service_pb2.ListOrgUnitsRequest(page_size=1))
        self.assertTrue(page.next_page_token)
        other = directory_service_pb2.ListOrgUnitsRequest(page_token=page.next_page_token, below="east")
        self.assert_refused(self.refused(self.stack.intake.directory.ListOrgUnits, other), INVALID,
                            "PAGE_TOKEN_INVALID", "page_token")

    def test_a_damaged_consistency_token(self):
        for call, request in self.queries():
            with self.subTest(type(request).__name__):
                request.at_least_token = "%%%"
                self.assert_refused(self.refused(call, request), INVALID, "TOKEN_INVALID", "at_least_token")

    def test_an_unknown_measure(self):
        request = report_service_pb2.QueryFiguresRequest(measures=["visits", "weather"],
                                                         periods=[figure_pb2.Period(year=2024)])
        failure = self.refused(self.stack.reporting.reports.QueryFigures, request)
        self.assert_refused(failure, INVALID, "MEASURE_UNKNOWN", "measures[1]")

    def test_a_period_that_does_not_exist(self):
        period = figure_pb2.Period(month=date_pb2.YearMonth(year=2024, month=13))
        request = report_service_pb2.QueryFiguresRequest(periods=[period])
        failure = self.refused(self.stack.reporting.reports.QueryFigures, request)
        self.assertEqual((failure.code, failure.reason), (INVALID, "PERIOD_INVALID"), failure)
        self.assertTrue(failure.violations[0][0].startswith("periods[0]"), failure)

    def test_a_grouping_that_a_measure_does_not_have(self):
        request = report_service_pb2.QueryFiguresRequest(measures=["visits"], periods=[figure_pb2.Period(year=2024)],
                                                         group_by=figure_pb2.GROUP_BY_DEPARTMENT)
        failure = self.refused(self.stack.reporting.reports.QueryFigures, request)
        self.assertEqual((failure.code, failure.reason), (INVALID, "GROUPING_NOT_AVAILABLE"), failure)

    def test_figures_of_an_unknown_unit(self):
        request = report_service_pb2.QueryFiguresRequest(org_unit_id="nowhere",
                                                         periods=[figure_pb2.Period(year=2024)])
        failure = self.refused(self.stack.reporting.reports.QueryFigures, request)
        self.assert_refused(failure, grpc.StatusCode.NOT_FOUND, "ORG_UNIT_UNKNOWN")

    def test_an_unknown_record(self):
        failure = self.refused(self.stack.intake.records.GetRecord,
                               record_service_pb2.GetRecordRequest(key=samples.key("never-sent")))
        self.assert_refused(failure, grpc.StatusCode.NOT_FOUND, "RECORD_UNKNOWN")

    def test_a_feed_position_beyond_its_end(self):
        request = feed_service_pb2.FollowRequest()
        request.after.add(partition=1, sequence=1_000_000)
        failure = self.refused(lambda follow: list(self.stack.intake.feed.Follow(follow)), request)
        self.assert_refused(failure, grpc.StatusCode.OUT_OF_RANGE, "CURSOR_AHEAD")


class BadDirectory(NothingStored):

    def apply(self, *violation, **parts):
        request = directory_service_pb2.ApplyDirectoryRequest(request_id=new_id(), **parts)
        before = self.units()
        failure = self.refused(self.stack.intake.directory.ApplyDirectory, request)
        self.assert_refused(failure, INVALID, violation[1], violation[0])
        self.assertEqual(self.units(), before)

    def units(self):
        return self.stack.intake.directory.ListOrgUnits(directory_service_pb2.ListOrgUnitsRequest()).org_units

    @staticmethod
    def unit(unit_id, parent, **fields):
        return directory_pb2.OrgUnit(org_unit_id=unit_id, name="示例",
                                     level=directory_pb2.ORG_UNIT_LEVEL_TOWNSHIP, parent_id=parent, **fields)

    def test_an_unknown_parent(self):
        self.apply("org_units[1].parent_id", "ORG_UNIT_UNKNOWN",
                   org_units=[self.unit("good", "east"), self.unit("bad", "nowhere")])

    def test_a_code_that_another_unit_has(self):
        code = directory_pb2.OrgUnitCode(system=directory_pb2.CODE_SYSTEM_LOCAL, code="SAMPLE-EAST")
        self.apply("org_units[0].codes[0].code", "CODE_IN_USE", org_units=[self.unit("bad", "west", codes=[code])])

    def test_a_calendar_day_named_twice(self):
        calendar = samples.calendar()
        calendar.version = 2
        calendar.overrides.append(calendar.overrides[0])
        self.apply(f"calendar.overrides[{len(calendar.overrides) - 1}].date", "DUPLICATE", calendar=calendar)

    def test_a_changed_calendar_whose_version_did_not_grow(self):
        calendar = samples.calendar()
        del calendar.overrides[-1]
        self.apply("calendar.version", "VERSION_NOT_GROWN", calendar=calendar)


class BadSummaries(NothingStored):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        answer = cls.stack.intake.summaries.SubmitSummary(cls.summary("east"))
        cls.submitted = answer.summary
        recount.served_figures(cls.stack.reporting, answer.consistency_token)

    @staticmethod
    def summary(unit, **fields):
        content = {"month": JANUARY, "request_id": new_id(), "org_unit_id": unit}
        content.update(fields)
        return summary_service_pb2.SubmitSummaryRequest(**content)

    def submit_summary(self, *arguments, **fields):
        return self.refused(self.stack.intake.summaries.SubmitSummary, self.summary(*arguments, **fields))

    def review(self, **fields):
        request = summary_service_pb2.ReviewSummaryRequest(
            request_id=new_id(), org_unit_id="east", month=JANUARY, revision=1, digest=self.submitted.digest,
            decision=summary_pb2.REVIEW_DECISION_ACCEPT)
        request.MergeFrom(summary_service_pb2.ReviewSummaryRequest(**fields))
        return self.refused(self.stack.intake.summaries.ReviewSummary, request)

    def test_a_month_that_is_not_owed(self):
        failure = self.submit_summary("east", month=date_pb2.YearMonth(year=2023, month=12))
        self.assert_refused(failure, PRECONDITION, "NO_OBLIGATION")

    def test_a_unit_that_owes_none(self):
        self.assert_refused(self.submit_summary("city"), PRECONDITION, "NO_OBLIGATION")

    def test_a_month_that_has_not_begun(self):
        failure = self.submit_summary("east", month=date_pb2.YearMonth(year=2100, month=1))
        self.assert_refused(failure, INVALID, "MONTH_NOT_BEGUN", "month")

    def test_an_unknown_indicator(self):
        cell = summary_pb2.SummaryCell(indicator_id="weather", value=1, status=summary_pb2.CELL_STATUS_REPORTED)
        self.assert_refused(self.submit_summary("west", cells=[cell]), INVALID, "INDICATOR_UNKNOWN",
                            "cells[0].indicator_id")

    def test_a_value_that_nil_says_is_not_there(self):
        cell = summary_pb2.SummaryCell(indicator_id="visits", value=1, status=summary_pb2.CELL_STATUS_NIL)
        self.assert_refused(self.submit_summary("west", cells=[cell]), INVALID, "VALUE_WITHOUT_REPORTED",
                            "cells[0].value")

    def test_a_stale_etag(self):
        self.assert_refused(self.submit_summary("east", etag="stale"), grpc.StatusCode.ABORTED, "ETAG_MISMATCH")

    def test_a_second_revision_without_an_etag(self):
        self.assert_refused(self.submit_summary("east"), INVALID, "ETAG_REQUIRED", "etag")

    def test_a_review_of_another_digest(self):
        self.assert_refused(self.review(digest="0" * 64), PRECONDITION, "DIGEST_MISMATCH")

    def test_a_return_without_a_comment(self):
        self.assert_refused(self.review(decision=summary_pb2.REVIEW_DECISION_RETURN), INVALID, "COMMENT_REQUIRED",
                            "comment")


class BadConfiguration(StackTest):
    """A service with a wrong configuration says what is wrong and where, and does not start."""

    shared = True

    def run_service(self, service, *arguments):
        return subprocess.run([binary(f"zhuqi-{service}"), *arguments], capture_output=True, text=True, timeout=60,
                              check=False)

    def written(self, service, change):
        with open(os.path.join(self.stack.directory, f"{service}-0.textproto"), encoding="utf-8") as file:
            text = change(file.read())
        return write_file(os.path.join(self.stack.directory, f"bad-{service}.textproto"), text), text

    def test_a_good_one_is_called_good(self):
        for service in SERVICES:
            path = os.path.join(self.stack.directory, f"{service}-0.textproto")
            done = self.run_service(service, "--config", path, "--check-config")
            self.assertEqual((done.returncode, done.stdout), (0, f"{path}: good\n"))

    def test_an_unknown_field_is_named_with_its_line(self):
        for service in SERVICES:
            path, text = self.written(service, lambda text: text + "\nweather: \"fine\"\n")
            done = self.run_service(service, "--config", path)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(f"{path}:{len(text.splitlines())}:", done.stderr)
            self.assertIn('no field named "weather"', done.stderr)

    def test_a_number_out_of_range_is_named_with_its_limits(self):
        path, _ = self.written("intake", lambda text: text + "writer_threads: 17\n")
        done = self.run_service("intake", "--config", path)
        self.assertEqual(done.returncode, 2)
        self.assertIn("writer_threads is 17, not 1 to 16", done.stderr)

    def test_a_missing_file(self):
        done = self.run_service("routing", "--config", "/nowhere.textproto")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nowhere.textproto", done.stderr)

    def test_an_address_that_others_could_reach(self):
        address = self.stack.address("intake")
        port = address.split(":")[1]
        path, _ = self.written("intake", lambda text: text.replace(address, f"0.0.0.0:{port}"))
        done = self.run_service("intake", "--config", path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("loopback", done.stdout + done.stderr)

    def test_a_port_that_is_taken(self):
        path, _ = self.written("intake", lambda text: text)
        done = self.run_service("intake", "--config", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.stack.address("intake"), done.stdout + done.stderr)

    def test_a_token_that_others_can_read(self):
        token = write_file(os.path.join(self.stack.directory, "open-token"), self.stack.token)
        path, _ = self.written("intake", lambda text: text.replace(self.stack.token_file, token))
        done = self.run_service("intake", "--config", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("chmod 600", done.stdout + done.stderr)


def _field(number, content):
    """A length-delimited field on the wire."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value):
    encoded = b""
    while value > 0x7F:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])
