"""A clerk's work with enterprises, policies and visits, through zhuqictl and the real processes."""
import csv
import json
import os
import subprocess
import threading

from harness import samples
from harness.case_test import StackTest
from harness.client import new_id
from harness.stack import SERVICES, binary, write_file
from harness.waiting import wait_until
from zhuqi.common.v1 import date_pb2
from zhuqi.directory.v1 import directory_pb2, directory_service_pb2
from zhuqi.intake.v1 import record_pb2
from zhuqi.reporting.v1 import figure_pb2, report_service_pb2

HEADER = ["统一社会信用代码", "企业名称", "属地", "行业门类", "企业规模", "标签"]
PLANS = """
plans { plan_id: "east-monthly" name: "示例每月走访" org_unit_id: "east" monthly_visits: 2
        first_month { year: 2024 month: 1 } last_month { year: 2024 month: 2 } }
plans { plan_id: "key" name: "示例定期走访" org_unit_id: "city" enterprise_tag: "key" every_months: 3
        first_month { year: 2024 month: 1 } }
"""


class Enterprises(StackTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        request = directory_service_pb2.ApplyDirectoryRequest(request_id=new_id())
        request.teams.add(team_id="east.mobile", org_unit_id="east", name="示例流动服务队")
        request.policies.add(
            policy_id="small", title="示例小微政策", org_unit_id="city", eligibility=directory_pb2.PolicyEligibility(
                sizes=[directory_pb2.ENTERPRISE_SIZE_SMALL, directory_pb2.ENTERPRISE_SIZE_MICRO]))
        cls.stack.intake.directory.ApplyDirectory(request)

    def ctl(self, *arguments, code=0):
        """What zhuqictl answers, out of JSON."""
        done = self.stack.run_ctl("--output", "json", "--quiet", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def file(self, name, rows, header=HEADER):
        path = os.path.join(self.stack.directory, name)
        with open(path, "w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([header, *rows])
        return path

    @staticmethod
    def rows(numbers, name="示例企业{}", unit="east", size="small", tags=""):
        return [[samples.credit_code(number), name.format(number), unit, "C", size, tags] for number in numbers]

    def test_a_file_is_loaded_searched_and_its_rejected_rows_mended(self):
        rows = self.rows(range(1000, 3500), "东区精密机械{}厂")
        rows[7][0] = samples.wrong_check_character(1007)
        rows[9][4] = "巨型"
        rows[2400][2] = "nowhere"
        rejected = os.path.join(self.stack.directory, "rejected.csv")
        done = self.ctl("enterprises", "import", self.file("machines.csv", rows), "--rejected", rejected, code=4)
        self.assertEqual((done["created"], done["rejected"]), (2497, 3))
        with open(rejected, encoding="utf-8", newline="") as lines:
            bad = list(csv.DictReader(lines))
        self.assertEqual([row["__row"] for row in bad], ["8", "10", "2401"])
        self.assertIn("USCC_WRONG_CHECK_CHARACTER", bad[0]["__violations"])
        self.assertIn("ORG_UNIT_UNKNOWN", bad[2]["__violations"])
        for row, number in zip(bad, (1007, 1009, 3400)):
            row.update({HEADER[0]: samples.credit_code(number), HEADER[2]: "east", HEADER[4]: "小型"})
        mended = self.file("mended.csv", [list(row.values()) for row in bad], list(bad[0]))
        self.assertEqual(self.ctl("enterprises", "import", mended)["created"], 3)
        again = self.ctl("enterprises", "import", self.file("again.csv", self.rows(range(1000, 3500), "东区精密机械{}厂")))
        self.assertEqual((again["created"], again["updated"], again["unchanged"]), (0, 0, 2500))
        found = self.ctl("enterprises", "list", "--text", "密机械1234", "--unit", "city", "--total")
        self.assertEqual([one["uscc"] for one in found["enterprises"]], [samples.credit_code(1234)])
        self.assertEqual(found["total"], "1")
        by_code = self.ctl("enterprises", "list", "--text", samples.credit_code(1234)[:16], "--total")
        self.assertIn(samples.credit_code(1234), [one["uscc"] for one in by_code["enterprises"]])

    def test_an_import_goes_on_after_intake_was_killed_and_started_again(self):
        path = self.file("cut.csv", self.rows(range(10000, 14000), "续传企业{}"))
        endpoints = [word for service in SERVICES for word in (f"--endpoint-{service}", self.stack.address(service))]
        with subprocess.Popen(
            [binary("zhuqictl"), *endpoints, "--token-file", self.stack.token_file, "--output", "json", "--quiet",
             "enterprises", "import", path, "--batch-rows", "20"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True) as importing:
            output = []
            reader = threading.Thread(target=lambda: output.append(importing.communicate()[0]))
            reader.start()
            wait_until(lambda: self.count("续传") > 0, 60, "the import has begun")
            intake = self.stack.replicas["intake"][0]
            intake.kill()
            self.assertIsNone(importing.poll(), "the import ended before the service was killed")
            intake.restart()
            reader.join(120)
            self.assertEqual(importing.returncode, 0, output)
        done = json.loads(output[0])
        self.assertEqual(done["created"] + done["unchanged"], 4000)
        self.assertEqual(self.count("续传"), 4000)

    def count(self, text):
        return int(self.ctl("enterprises", "list", "--text", text, "--total", "--limit", "1").get("total", 0))

    def test_events_of_enterprises_hold_up_no_follower(self):
        loaded = self.ctl("enterprises", "import", self.file("feed.csv", self.rows(range(20000, 20050))))
        token = self.submit(samples.issue("after-enterprises", "east", 3)).consistency_token
        for unit_token in (loaded["consistency_token"], token):
            answer = self.stack.reporting.reports.QueryFigures(report_service_pb2.QueryFiguresRequest(
                measures=["issues_received", "open_at_end"], org_unit_id="east", periods=[figure_pb2.Period(year=2024)],
                at_least_token=unit_token))
            self.assertEqual(len(answer.figures), 2)
        done = self.stack.run_ctl("feed", "tail", "--last", "1000", "--once")
        self.assertIn(f"enterprise {samples.credit_code(20000)} of east, new", done.stdout, done.stderr)

    def test_plans_quotas_waivers_proposals_and_the_sheet_of_a_visit(self):
        self.ctl("enterprises", "import", self.file("key.csv", self.rows(range(30000, 30003), "重点企业{}", tags="key")))
        plans = write_file(os.path.join(self.stack.directory, "plans.textproto"), PLANS)
        self.assertEqual(len(self.ctl("visits", "apply", plans, "--validate-only")["plans"]), 2)
        self.assertEqual([plan["etag"] for plan in self.ctl("visits", "apply", plans)["plans"]], ["p1", "p1"])
        visit = samples.visit("planned", "east", 5)
        visit.visit.visited_on.CopyFrom(date_pb2.Date(year=2024, month=1, day=15))
        del visit.visit.enterprises[:]
        visit.visit.enterprises.add(uscc=samples.credit_code(30000), name="重点企业30000")
        delivery = record_pb2.RecordSubmission(key=samples.key("brought"), org_unit_id="east")
        delivery.policy_delivery.delivered_on.CopyFrom(date_pb2.Date(year=2024, month=1, day=15))
        delivery.policy_delivery.enterprise.uscc = samples.credit_code(30001)
        delivery.policy_delivery.policy = "示例小微政策"
        delivery.policy_delivery.policy_id = "small"
        delivery.policy_delivery.outcome = record_pb2.POLICY_OUTCOME_APPLIED
        token = self.submit(visit, delivery).consistency_token
        quotas = self.ctl("visits", "quotas", "--plan", "east-monthly", "--at-least-token", token)["quotas"]
        self.assertEqual([(q["month"]["month"], q["owed"], q["done"], q["state"]) for q in quotas],
                         [(2, 2, 0, "VISIT_QUOTA_STATE_MISSED"), (1, 2, 1, "VISIT_QUOTA_STATE_MISSED")])
        waived = self.ctl("visits", "waive", "east-monthly", "2024-02", "--reason", "防汛")["quota"]
        self.assertEqual((waived["state"], waived["waiver_reason"]), ("VISIT_QUOTA_STATE_WAIVED", "防汛"))
        overdue = self.ctl("visits", "overdue", "key", "--on", "2024-04-10")["enterprises"]
        self.assertEqual([one["uscc"] for one in overdue], [samples.credit_code(30001), samples.credit_code(30002)])
        proposed = self.ctl("visits", "propose", "east.mobile", "--count", "100", "--from", "2024-04-10")
        self.assertEqual(proposed, self.ctl("visits", "propose", "east.mobile", "--count", "100", "--from", "2024-04-10"))
        self.assertEqual(proposed["proposals"][0]["uscc"], samples.credit_code(30002))  # the other one claimed its policy
        sheet = self.ctl("visits", "prepare", samples.credit_code(30000), "--on", "2024-04-10")
        self.assertEqual(sheet["visits"][0]["submission"]["key"]["external_id"], "planned")
        self.assertEqual([policy["policy_id"] for policy in sheet["policies"]], ["small"])
        matches = self.ctl("policies", "matches", "small", "--unit", "east", "--not-brought", "--all")["matches"]
        codes = [match["uscc"] for match in matches]
        self.assertIn(samples.credit_code(30000), codes)
        self.assertNotIn(samples.credit_code(30001), codes)

    def test_tables_and_refusals_teach(self):
        self.ctl("enterprises", "import", self.file("table.csv", self.rows([40000], "表格企业{}", size="")))
        shown = self.stack.run_ctl("enterprises", "show", samples.credit_code(40000))
        self.assertIn("表格企业40000", shown.stdout)
        unknown = self.stack.run_ctl("enterprises", "show", samples.credit_code(99999))
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("ENTERPRISE_UNKNOWN", unknown.stderr)
        header = self.stack.run_ctl("enterprises", "import", self.file("bad.csv", [], ["颜色"]))
        self.assertEqual(header.returncode, 2)
        self.assertIn("颜色", header.stderr)
        matches = self.stack.run_ctl("policies", "matches", "small", "--verdict", "unknown")
        self.assertIn("sizes: small, micro = ?", matches.stdout)
        self.assertEqual(self.stack.run_ctl("visits", "waive", "east-monthly", "2024-02").returncode, 2)
        self.assertIn("统一社会信用代码", self.stack.run_ctl("enterprises", "import", "--help").stdout)
