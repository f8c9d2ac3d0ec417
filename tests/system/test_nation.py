"""The whole nation: the published list of 44,701 units is applied within a minute and read page by page, and every
service knows it."""
import gzip
import os
import time
import unittest

import grpc
from harness.failure import Failure
from harness.stack import Stack
from zhuqi.directory.v1 import directory_pb2, directory_service_pb2
from zhuqi.reporting.v1 import figure_pb2, report_service_pb2
from zhuqi.routing.v1 import case_service_pb2

PACK = os.path.join(os.path.dirname(__file__), "../../deploy/packs/nation/divisions-2023.csv.gz")
UNITS = 44_701
# As deploy/packs/README.md says.
COLUMNS = ("--map", "parent=parent_code", "--set", "code_system=nbs", "--set", "code_edition=2023", "--id-prefix", "cn-")
SECONDS = 60


class Nation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().start()
        cls.addClassCleanup(cls.stack.stop)
        cls.file = os.path.join(cls.stack.directory, "divisions.csv")
        with gzip.open(PACK) as packed, open(cls.file, "wb") as file:
            file.write(packed.read())
        begin = time.monotonic()
        cls.applied = cls.stack.run_ctl("directory", "apply", cls.file, *COLUMNS, "--limit", "0", "--quiet")
        cls.seconds = time.monotonic() - begin
        cls.token = cls.applied.stdout.rpartition("token: ")[2].strip()

    def pages(self, **filters):
        """All units that the filters let through, and how many pages they came in."""
        request = directory_service_pb2.ListOrgUnitsRequest(page_size=1000, **filters)
        units, pages = [], 0
        while True:
            page = self.stack.intake.directory.ListOrgUnits(request)
            units += page.org_units
            pages += 1
            if not page.next_page_token:
                return units, pages
            request.page_token = page.next_page_token

    def test_is_applied_within_a_minute(self):
        self.assertEqual(self.applied.returncode, 0, self.applied.stderr)
        self.assertIn(f"changed {UNITS}, unchanged 0", self.applied.stdout)
        print(f"{UNITS} units applied in {self.seconds:.1f} s", flush=True)
        self.assertLess(self.seconds, SECONDS)

    def test_is_listed_page_by_page_in_order_and_nothing_twice(self):
        begin = time.monotonic()
        units, pages = self.pages()
        print(f"{len(units)} units listed in {time.monotonic() - begin:.1f} s", flush=True)
        ids = [unit.org_unit_id for unit in units]
        self.assertEqual(len(ids), UNITS)
        self.assertEqual(pages, 45)
        self.assertEqual(ids, sorted(set(ids)))

    def test_is_found_by_name_code_and_place(self):
        begin = time.monotonic()
        named, _ = self.pages(text="金水区")
        print(f"found by name in {time.monotonic() - begin:.2f} s", flush=True)
        self.assertIn("cn-410105", [unit.org_unit_id for unit in named])
        below, _ = self.pages(below="cn-410100", level=directory_pb2.ORG_UNIT_LEVEL_DISTRICT)
        self.assertEqual(len(below), 15)
        found = self.stack.intake.directory.GetOrgUnit(directory_service_pb2.GetOrgUnitRequest(
            code=directory_pb2.OrgUnitCode(system=directory_pb2.CODE_SYSTEM_NBS, code="410105")))
        self.assertEqual([unit.name for unit in found.ancestors], ["全国", "河南省", "郑州市"])

    def test_again_changes_nothing(self):
        again = self.stack.run_ctl("directory", "diff", self.file, *COLUMNS, "--quiet")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout, f"would change 0, unchanged {UNITS}\n")

    def test_every_service_knows_it(self):
        begin = time.monotonic()
        figures = self.stack.reporting.reports.QueryFigures(report_service_pb2.QueryFiguresRequest(
            measures=["visits"], org_unit_id="cn-000000", include_children=True,
            periods=[figure_pb2.Period(year=2024)], at_least_token=self.token))
        self.assertEqual(len(figures.units), 32)
        self.stack.routing.cases.ListCases(case_service_pb2.ListCasesRequest(at_least_token=self.token))
        print(f"known to all after {time.monotonic() - begin:.1f} s more", flush=True)

    def test_one_small_change_is_quick(self):
        begin = time.monotonic()
        answer = self.stack.intake.directory.ReorganizeOrgUnits(directory_service_pb2.ReorganizeOrgUnitsRequest(
            request_id="0198a000-0000-7000-8000-000000000001", reason="示例", effective_on=dict(year=2024, month=1, day=1),
            operations=[dict(move=dict(org_unit_id="cn-410105002", parent_id="cn-410103"))]))
        seconds = time.monotonic() - begin
        print(f"one unit moved in {seconds:.2f} s", flush=True)
        self.assertEqual([change.id for change in answer.changes], ["cn-410105002"])
        self.assertLess(seconds, 5)
        self.stack.reporting.reports.QueryFigures(report_service_pb2.QueryFiguresRequest(
            measures=["visits"], org_unit_id="cn-410103", periods=[figure_pb2.Period(year=2024)],
            at_least_token=answer.consistency_token))

    def test_one_call_takes_no_more_than_its_limit(self):
        request = directory_service_pb2.ApplyDirectoryRequest(validate_only=True)
        for number in range(2001):
            request.categories.add(category_id=f"c{number}", name="类")
        with self.assertRaises(grpc.RpcError) as refused:
            self.stack.intake.directory.ApplyDirectory(request)
        self.assertEqual(Failure(refused.exception).reason, "TOO_MANY_ENTRIES")


if __name__ == "__main__":
    unittest.main()
