"""Two replicas of each service on one database: what goes to one is as if it had gone to the other."""
from harness import recount, samples
from harness.case_test import StackTest
from harness.client import new_id
from harness.traffic import Actor, Importer, Submitter, raise_faults, wait_for
from harness.waiting import wait_until
from zhuqi.directory.v1 import directory_pb2, directory_service_pb2
from zhuqi.intake.v1 import record_service_pb2
from zhuqi.routing.v1 import case_pb2, case_service_pb2

SINGLE_ISSUES = 150
RECORDS_OF_A_DISTRICT = 500


class TwoReplicas(StackTest):

    replicas = 2

    def apis(self, service):
        return [replica.api for replica in self.stack.replicas[service]]

    def test_a_request_repeated_at_the_other_replica_gives_the_first_answer(self):
        first, second = self.apis("intake")
        for number in range(20):
            request = samples.submit_request(samples.issue(f"repeated-{number}", "east", number))
            answer = first.records.SubmitRecords(request)
            self.assertEqual(answer.results[0].disposition, record_service_pb2.RecordResult.DISPOSITION_CREATED)
            self.assertEqual(second.records.SubmitRecords(request), answer)

    def test_the_same_request_at_both_replicas_at_once_is_done_once(self):
        futures = []
        for number in range(50):
            request = samples.submit_request(samples.issue(f"at-once-{number}", "west", number))
            futures.append([self._future(replica, request) for replica in self.stack.replicas["intake"]])
        for one, other in futures:
            self.assertEqual(one.result(), other.result())
            self.assertEqual(one.result().results[0].disposition,
                             record_service_pb2.RecordResult.DISPOSITION_CREATED)

    def test_a_unit_made_at_one_replica_is_known_at_the_other_with_the_token(self):
        first, second = self.apis("intake")
        applied = first.directory.ApplyDirectory(directory_service_pb2.ApplyDirectoryRequest(
            request_id=new_id(), org_units=[directory_pb2.OrgUnit(
                org_unit_id="east-street", name="示例街道", level=directory_pb2.ORG_UNIT_LEVEL_TOWNSHIP,
                parent_id="east")]))
        page = second.records.ListRecords(record_service_pb2.ListRecordsRequest(
            org_unit_id="east-street", at_least_token=applied.consistency_token))
        self.assertEqual(list(page.records), [])

    def test_two_departments_that_accept_at_once_at_two_replicas_accept_once(self):
        token = self.submit(*(samples.issue(f"contested-{number}", "north", number)
                              for number in range(20))).consistency_token
        for number in range(20):
            futures = []
            for replica in self.stack.replicas["routing"]:
                request = case_service_pb2.ActOnCaseRequest(
                    request_id=new_id(), issue_key=samples.key(f"contested-{number}"), at_least_token=token,
                    action=case_pb2.CaseAction(accept=case_pb2.Accept()), etag="")
                futures.append(replica.connection.channel.unary_unary(
                    "/zhuqi.routing.v1.CaseService/ActOnCase",
                    request_serializer=case_service_pb2.ActOnCaseRequest.SerializeToString,
                    response_deserializer=case_service_pb2.ActOnCaseResponse.FromString).future(
                        request, timeout=30, metadata=replica.connection.metadata))
            errors = [future.exception() for future in futures]
            self.assertEqual(sum(error is None for error in errors), 1, errors)
            case = self.apis("routing")[number % 2].cases.GetCase(
                case_service_pb2.GetCaseRequest(issue_key=samples.key(f"contested-{number}"))).case
            self.assertEqual([event.sequence for event in case.history], [1, 2])

    def test_traffic_over_all_replicas_while_one_of_each_dies(self):
        singles = [samples.issue(f"single-{number}", samples.DISTRICTS[number % 3], number)
                   for number in range(SINGLE_ISSUES)]
        batches = {unit: [samples.mixed("import", unit, number) for number in range(RECORDS_OF_A_DISTRICT)]
                   for unit in samples.DISTRICTS}
        intake = self.apis("intake")
        importers = [Importer(intake[index % 2], f"import of {unit}", records)
                     for index, (unit, records) in enumerate(batches.items())]
        submitter = Submitter(intake, "single issues", singles)
        actor = Actor(self.apis("routing"), "actions", submitter.received)
        senders = [*importers, submitter, actor]
        for sender in senders:
            sender.start()
        for number, service in enumerate(("intake", "routing", "reporting")):
            def reached(wanted=RECORDS_OF_A_DISTRICT * (number + 1) // 2):
                raise_faults(senders)
                return sum(importer.acknowledged_records for importer in importers) >= wanted
            wait_until(reached, 120, "enough records are acknowledged")
            replica = self.stack.replicas[service][0]
            replica.kill()
            replica.restart()
        wait_for(senders)
        self.assertEqual(actor.closed, SINGLE_ISSUES)
        self._assert_everything_once(singles + [record for batch in batches.values() for record in batch], senders)

    def _assert_everything_once(self, sent, senders):
        tokens = [token for sender in senders for token in sender.tokens.values()]
        for reporting in self.apis("reporting"):
            records, cases = self.assert_figures_are_a_recount(reporting=reporting, tokens=tokens)
        self.assertEqual(recount.served_figures(self.apis("reporting")[0]),
                         recount.served_figures(self.apis("reporting")[1]))
        keys = [record.submission.key.external_id for record in records]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertLessEqual({record.key.external_id for record in sent}, set(keys))
        issues = [record.submission.key.external_id for record in records if record.submission.HasField("issue")]
        self.assertEqual(sorted(case.issue_key.external_id for case in cases), sorted(issues))

    @staticmethod
    def _future(replica, request):
        return replica.connection.channel.unary_unary(
            "/zhuqi.intake.v1.RecordService/SubmitRecords",
            request_serializer=record_service_pb2.SubmitRecordsRequest.SerializeToString,
            response_deserializer=record_service_pb2.SubmitRecordsResponse.FromString).future(
                request, timeout=30, metadata=replica.connection.metadata)
