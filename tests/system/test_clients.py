"""Clients that are not ours: buf curl, which knows nothing but what reflection tells, and a small Python program."""
import json
import os
import re
import shutil
import subprocess
import sys

from harness import samples
from harness.case_test import StackTest
from harness.client import new_id

_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
_CLIENT = os.path.join(_ROOT, "tests", "system", "clients", "submit_and_read.py")
_BUF = os.path.join(_ROOT, "tools", "proto-lint", "node_modules", "@bufbuild", "buf-linux-x64", "bin", "buf")


def find_buf():
    """The buf that tools/check pins; where that one does not run, the machine's own or what ZHUQI_BUF names."""
    found = os.environ.get("ZHUQI_BUF") or (_BUF if os.access(_BUF, os.X_OK) else shutil.which("buf"))
    assert found, f"no buf: {os.path.normpath(_BUF)} is not there. tools/check installs it (npm ci in tools/proto-lint)"
    return found


class Clients(StackTest):

    def buf_curl(self, service, method, message):
        """Calls a method through the server's reflection; returns the answer."""
        done = subprocess.run([
            find_buf(), "curl", "--protocol", "grpc", "--http2-prior-knowledge", "--header",
            f"Authorization: Bearer {self.stack.token}", "--data", json.dumps(message),
            f"http://{self.stack.address(service)}/{method}"
        ], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_buf_curl_submits_a_record_and_reads_the_figure(self):
        submitted = self.buf_curl("intake", "zhuqi.intake.v1.RecordService/SubmitRecords", {
            "requestId": new_id(),
            "records": [{
                "key": {"sourceSystem": "curl", "externalId": "1"},
                "orgUnitId": "east",
                "visit": {
                    "visitedOn": {"year": 2024, "month": 3, "day": 5},
                    "enterprises": [{"uscc": samples.credit_code(1)}],
                },
            }],
        })
        self.assertEqual(submitted["results"][0]["disposition"], "DISPOSITION_CREATED")
        answer = self.buf_curl("reporting", "zhuqi.reporting.v1.ReportService/QueryFigures", {
            "measures": ["visits"],
            "orgUnitId": "east",
            "periods": [{"month": {"year": 2024, "month": 3}}],
            "atLeastToken": submitted["consistencyToken"],
        })
        self.assertEqual([(figure["measure"], figure["value"]) for figure in answer["figures"]], [("visits", 1)])

    def test_a_python_client_submits_an_issue_and_reads_the_figure(self):
        for expected in (1, 2):
            done = self.run_client("--external-id", f"number-{expected}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"^record [0-9a-f-]{36}, revision 1\n")
            self.assertEqual(re.findall(r"in 2024-05: (\d+)", done.stdout), [str(expected)])

    def test_a_python_client_is_told_what_is_wrong_with_its_record(self):
        done = self.run_client("--unit", "nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("records[0].org_unit_id", done.stdout)

    def run_client(self, *arguments):
        options = ["--intake", self.stack.address("intake"), "--reporting", self.stack.address("reporting"),
                   "--token-file", self.stack.token_file, "--unit", "west", "--category", "licence"]
        return subprocess.run([sys.executable, _CLIENT, *options, *arguments], capture_output=True, text=True,
                              timeout=60, check=False)
