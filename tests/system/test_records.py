"""Records as a clerk handles them, with zhuqictl alone: a district's own CSV, rejected rows, withdrawals, links, exports."""
import csv
import json
import os
import secrets
import subprocess

from harness import samples
from harness.case_test import StackTest
from harness.stack import binary
from zhuqi.common.v1 import source_key_pb2
from zhuqi.config.v1 import intake_pb2
from zhuqi.intake.v1 import record_service_pb2
from google.protobuf import text_format

PARTLY_REJECTED = 4
PHONE = "13800138765"
MAP = {
    "columns": {"编号": "external_id", "反映时间": "raised_at", "类型": "issue_kind", "信用代码": "enterprise_uscc",
                "标题": "title", "联系电话": "contact_phone", "联系人": "contact_name"},
    "constants": {"kind": "issue", "source_system": "east-oa", "org_unit_id": "east", "category_id": "land"},
    "values": {"issue_kind": {"疑难": "problem"}},
    "ignore": ["序号"],
}
HEADER = ["序号", "编号", "反映时间", "类型", "信用代码", "标题", "联系人", "联系电话"]


class RecordsByCommand(StackTest):

    def ctl(self, *arguments, code=0):
        done = self.stack.run_ctl(*arguments)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def path(self, name):
        return os.path.join(self.stack.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def import_rows(self, name, rows, code=0):
        """A CSV file with the district's headers; gives the paths of the map and of the rejected rows."""
        mapping = self.write("map.json", json.dumps(MAP, ensure_ascii=False))
        with open(self.path(name), "w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
        rejected = self.path("rejected-" + name)
        self.ctl("import", self.path(name), "--map", mapping, "--rejected", rejected, code=code)
        return mapping, rejected

    def record(self, external_id, **fields):
        return self.stack.intake.records.GetRecord(record_service_pb2.GetRecordRequest(
            key=source_key_pb2.SourceKey(source_system="east-oa", external_id=external_id), **fields)).record

    @staticmethod
    def row(number, **changes):
        row = {"序号": number, "编号": f"I-{number}", "反映时间": "2024-05-09 09:30", "类型": "疑难",
               "信用代码": samples.credit_code(number), "标题": f"诉求 {number}", "联系人": "", "联系电话": ""}
        row.update(changes)
        return [row[name] for name in HEADER]

    def test_a_districts_own_file_is_imported_mended_and_sent_again(self):
        wrong = samples.wrong_check_character(2)
        rows = [self.row(1), self.row(2, 信用代码=wrong), self.row(3, 反映时间="gestern"), self.row(4)]
        mapping, rejected = self.import_rows("own.csv", rows, code=PARTLY_REJECTED)
        with open(rejected, encoding="utf-8", newline="") as file:
            bad = list(csv.DictReader(file))
        # Each reason stands beside its own row.
        self.assertEqual([row["编号"] for row in bad], ["I-2", "I-3"])
        self.assertIn("USCC_WRONG_CHECK_CHARACTER", bad[0]["__violations"])
        self.assertIn("CSV_VALUE_INVALID", bad[1]["__violations"])
        bad[0]["信用代码"], bad[1]["反映时间"] = samples.credit_code(2), "2024-05-09 10:00"
        with open(rejected, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, bad[0].keys())
            writer.writeheader()
            writer.writerows(bad)
        self.ctl("import", rejected, "--map", mapping)
        self.assertEqual(self.record("I-3").revision, 1)
        listed = json.loads(self.ctl("--output", "json", "records", "list", "--source-system", "east-oa", "--text", "诉求",
                                     "--total"))
        self.assertGreaterEqual(int(listed["total"]), 4)

    def test_withdrawing_linking_and_showing(self):
        self.import_rows("two.csv", [self.row(11, 联系人="陈联系", 联系电话=PHONE), self.row(12)])
        self.assertNotIn(PHONE, self.ctl("records", "show", "east-oa/I-11"))
        self.assertIn(PHONE, self.ctl("records", "show", "east-oa/I-11", "--with-contact"))
        self.ctl("records", "link", "east-oa/I-12", "duplicate_of", "east-oa/I-11", "--reason", "同一事项")
        self.ctl("records", "link", "east-oa/I-11", "duplicate_of", "east-oa/I-12", code=1)
        self.assertIn("duplicate_of", self.ctl("records", "links", "east-oa/I-11"))
        self.ctl("records", "withdraw", "east-oa/I-12", "--reason", "重复登记")
        self.assertIn("重复登记", self.ctl("records", "revisions", "east-oa/I-12"))
        self.assertIn("I-12", self.ctl("records", "list", "--state", "withdrawn"))
        self.assertNotIn("I-12", self.ctl("records", "list", "--all"))
        self.ctl("records", "withdraw", "east-oa/I-12", "--reason", "再次", code=1)
        self.import_rows("again.csv", [self.row(12)])
        self.assertEqual(self.record("I-12").revision, 3)

    def test_an_export_is_taken_back_and_changes_nothing(self):
        self.import_rows("export.csv", [self.row(number, 联系电话=PHONE if number == 21 else "") for number in range(21, 30)])
        for name in ("out.csv", "out.jsonl"):
            self.ctl("records", "export", "--source-system", "east-oa", "--file", self.path(name))
            with open(self.path(name), "rb") as file:
                content = file.read()
            self.assertEqual(content.startswith(b"\xef\xbb\xbf"), name == "out.csv")
            self.assertNotIn(PHONE.encode(), content)
        with open(self.path("out.jsonl"), encoding="utf-8") as file:
            lines = list(file)
        # Without its contact record 21 would be another one.
        with_contact = sum('"__has_contact":true' in line for line in lines)
        self.assertGreaterEqual(with_contact, 1)
        for name in ("out.csv", "out.jsonl"):
            again = json.loads(self.ctl("--output", "json", "import", self.path(name), code=PARTLY_REJECTED))
            self.assertEqual((again["unchanged"], again["updated"], again["rejected"]),
                             (len(lines) - with_contact, 0, with_contact))
        self.assertTrue(self.record("I-21").has_contact)

    def test_keys_are_exchanged_by_the_command(self):
        self.import_rows("keys.csv", [self.row(31, 联系电话=PHONE)])
        with open(self.stack.key_file("k2"), "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(secrets.token_hex(32))
        with open(self.path("intake-0.textproto"), encoding="utf-8") as file:
            config = text_format.Parse(file.read(), intake_pb2.IntakeConfig())
        del config.contact_keys[:]
        for key_id in ("k2", "k1"):
            config.contact_keys.add(id=key_id, file=self.stack.key_file(key_id))
        path = self.write("rotate.textproto", text_format.MessageToString(config))
        for _ in range(2):  # again, and there is nothing left to do
            done = subprocess.run([binary("zhuqi-intake"), "rotate-keys", "--config", path], capture_output=True,
                                  text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn(PHONE, done.stdout + done.stderr)
        # The running service has the old key alone, and says so.
        shown = self.stack.run_ctl("records", "show", "east-oa/I-31", "--with-contact")
        self.assertEqual(shown.returncode, 1)
        self.assertIn("CONTACT_KEY_MISSING", shown.stderr)
        os.chmod(self.stack.key_file("k2"), 0o640)
        done = subprocess.run([binary("zhuqi-intake"), "rotate-keys", "--config", path], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("chmod 600", done.stdout + done.stderr)

    def test_logs_hold_no_contact(self):
        self.import_rows("log.csv", [self.row(41, 联系电话=PHONE), self.row(42, 联系电话="0371-bad")], code=PARTLY_REJECTED)
        logs = self.stack.logs(characters=10_000_000)
        self.assertNotIn(PHONE, logs)
        self.assertNotIn("0371-bad", logs)
