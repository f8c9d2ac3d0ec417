"""SIGKILL while records stream in, several times, at moments drawn by a fixed seed (ZHUQI_SEED shifts it).

Afterwards every acknowledged record is there exactly once, every issue is one case, every action was done once, and
the figures are a recount.
"""
import os
import random

from harness import samples
from harness.case_test import StackTest
from harness.traffic import Actor, Importer, Sender, Submitter, raise_faults, wait_for
from harness.waiting import wait_until
from zhuqi.reporting.v1 import figure_pb2, report_service_pb2

RECORDS_OF_A_DISTRICT = 1000
SINGLE_ISSUES = 120
KILLS = 5


class Reader(Sender):
    """Asks for a district's figure with the newest token of its importer: it is never less than what the token stands
    for, also just after a restart."""

    def __init__(self, api, name, unit, importer):
        super().__init__(name)
        self._api = api
        self._unit = unit
        self._importer = importer
        self.answers = 0

    def work(self):
        while self._importer.is_alive():
            at_least, token = self._importer.acknowledged_issues, self._importer.tokens.get(self._unit, "")
            figure = self.until_done(lambda token=token: self._ask(token))
            assert figure.value >= at_least, f"{self.name}: {figure.value} where {at_least} were acknowledged"
            self.answers += 1

    def _ask(self, token):
        return self._api.reports.QueryFigures(report_service_pb2.QueryFiguresRequest(
            measures=["issues_received"], org_unit_id=self._unit, periods=[figure_pb2.Period(year=2024)],
            at_least_token=token), timeout=10).figures[0]


class KillTest(StackTest):
    """What happens while `kill_and_restart` is called again and again."""

    def kill_and_restart(self):
        raise NotImplementedError

    def stream_under_fire(self, seed):
        batches = {unit: [samples.mixed("import", unit, number) for number in range(RECORDS_OF_A_DISTRICT)]
                   for unit in samples.DISTRICTS}
        singles = [samples.issue(f"single-{number}", samples.DISTRICTS[number % 3], number)
                   for number in range(SINGLE_ISSUES)]
        importers = [Importer(self.stack.intake, f"import of {unit}", records) for unit, records in batches.items()]
        submitter = Submitter([self.stack.intake], "single issues", singles)
        actor = Actor([self.stack.routing], "actions", submitter.received)
        reader = Reader(self.stack.reporting, "reader", samples.DISTRICTS[0], importers[0])
        senders = [*importers, submitter, actor, reader]
        for sender in senders:
            sender.start()

        total = len(samples.DISTRICTS) * RECORDS_OF_A_DISTRICT
        dice = random.Random(seed + int(os.environ.get("ZHUQI_SEED", "0")))
        moments = sorted(dice.sample(range(total // 20, total * 9 // 10), KILLS))
        for moment in moments:
            def reached(moment=moment):
                raise_faults(senders)
                return sum(importer.acknowledged_records for importer in importers) >= moment
            wait_until(reached, 120, f"{moment} records are acknowledged")
            self.kill_and_restart()
        wait_for(senders, 180)
        self.breaks = sum(sender.breaks for sender in senders)
        self.assertEqual(actor.closed, SINGLE_ISSUES)
        self.assertGreater(reader.answers, 0)
        return [record for batch in batches.values() for record in batch] + singles, senders

    def assert_everything_once(self, sent, senders):
        tokens = [token for sender in senders for token in sender.tokens.values()]
        records, cases = self.assert_figures_are_a_recount(tokens=tokens)
        self.assertEqual(len(records), len(sent))
        self.assertEqual({record.submission.key.external_id for record in records},
                         {record.key.external_id for record in sent})
        self.assertEqual(len({record.record_id for record in records}), len(sent))
        self.assertEqual({record.revision for record in records}, {1})
        issues = {record.key.external_id for record in sent if record.HasField("issue")}
        self.assertEqual(len(cases), len(issues))
        self.assertEqual({case.issue_key.external_id for case in cases}, issues)
        # Receipt and five actions, or the receipt alone.
        self.assertEqual(sorted(case.sequence for case in cases),
                         [1] * (len(issues) - SINGLE_ISSUES) + [6] * SINGLE_ISSUES)

    def run_all(self, seed):
        sent, senders = self.stream_under_fire(seed)
        self.assert_everything_once(sent, senders)
        return senders


class KillIntake(KillTest):

    def kill_and_restart(self):
        replica = self.stack.replicas["intake"][0]
        replica.kill()
        replica.restart()

    def test_intake_dies_while_records_stream_in(self):
        self.run_all(seed=20240124)
        self.assertGreater(self.breaks, 0, "nobody noticed the kills")


class KillRouting(KillTest):

    def kill_and_restart(self):
        replica = self.stack.replicas["routing"][0]
        replica.kill()
        replica.restart()

    def test_routing_dies_while_issues_become_cases(self):
        self.run_all(seed=20240412)


class KillReporting(KillTest):

    def kill_and_restart(self):
        replica = self.stack.replicas["reporting"][0]
        replica.kill()
        replica.restart()

    def test_reporting_dies_while_it_counts(self):
        self.run_all(seed=20240930)


class KillDatabase(KillTest):

    def kill_and_restart(self):
        self.stack.database.kill()
        self.stack.database.start()

    def test_the_database_dies_under_all_services(self):
        self.run_all(seed=20241112)
        for replicas in self.stack.replicas.values():
            self.assertTrue(replicas[0].process.alive, "a service did not survive its database")
