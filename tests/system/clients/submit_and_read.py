#!/usr/bin/python3
"""Submits an issue to zhuqi and reads the figure that it is part of: the smallest client.

Needs Debian's python3-grpcio and python3-protobuf, and the stubs that the build makes:

    PYTHONPATH=build/release/python tests/system/clients/submit_and_read.py --dir .zhuqi

or those that you make yourself from proto/ with protoc and grpc_python_plugin (--python_out, --grpc_out).
"""
import argparse
import datetime
import json
import os
import uuid

import grpc
from zhuqi.common.v1 import date_pb2, source_key_pb2
from zhuqi.intake.v1 import record_pb2, record_service_pb2, record_service_pb2_grpc
from zhuqi.reporting.v1 import figure_pb2, report_service_pb2, report_service_pb2_grpc


def submit(channel, metadata, options):
    """Sends one issue. Returns its result, and the token that stands for this write."""
    raised_at = datetime.datetime(2024, 5, 20, 3, 0)  # UTC: 11 o'clock in the city
    record = record_pb2.RecordSubmission(
        # Your system's own name and number: sending the same again never makes a second record.
        key=source_key_pb2.SourceKey(source_system="example-client", external_id=options.external_id),
        org_unit_id=options.unit,
        issue=record_pb2.Issue(
            kind=record_pb2.ISSUE_KIND_NEED, category_id=options.category, title="示例：咨询办理流程",
            enterprise=record_pb2.EnterpriseReference(uscc="9144030071526726XG", name="示例企业")))
    record.issue.raised_at.FromDatetime(raised_at)
    records = record_service_pb2_grpc.RecordServiceStub(channel)
    # After a time-out call again with the same request_id: the record is taken once.
    request = record_service_pb2.SubmitRecordsRequest(request_id=str(uuid.uuid4()), records=[record])
    answer = records.SubmitRecords(request, timeout=10, metadata=metadata)
    return answer.results[0], answer.consistency_token


def read(channel, metadata, options, token):
    """The issues that the unit received in May 2024, with that write in the figure for certain."""
    reports = report_service_pb2_grpc.ReportServiceStub(channel)
    request = report_service_pb2.QueryFiguresRequest(
        measures=["issues_received"], org_unit_id=options.unit,
        periods=[figure_pb2.Period(month=date_pb2.YearMonth(year=2024, month=5))], at_least_token=token)
    return reports.QueryFigures(request, timeout=10, metadata=metadata).figures[0]


def parse_options():
    parser = argparse.ArgumentParser(description="Submits an issue and reads a figure.")
    parser.add_argument("--dir", default=".zhuqi", help="the stack's directory, as tools/dev makes it")
    parser.add_argument("--intake", help="HOST:PORT; wins over --dir")
    parser.add_argument("--reporting", help="HOST:PORT; wins over --dir")
    parser.add_argument("--token-file", help="a file with the bearer token; wins over --dir")
    parser.add_argument("--unit", default="jinshui")
    parser.add_argument("--category", default="government-service")
    parser.add_argument("--external-id", default=f"example-{uuid.uuid4()}")
    options = parser.parse_args()
    if not (options.intake and options.reporting and options.token_file):
        with open(os.path.join(options.dir, "endpoints.json"), encoding="utf-8") as file:
            endpoints = json.load(file)
        options.intake = options.intake or endpoints["intake"]
        options.reporting = options.reporting or endpoints["reporting"]
        options.token_file = options.token_file or endpoints["token_file"]
    return options


def main():
    options = parse_options()
    with open(options.token_file, encoding="utf-8") as file:
        metadata = [("authorization", "Bearer " + file.read().strip())]
    with grpc.insecure_channel(options.intake) as intake, grpc.insecure_channel(options.reporting) as reporting:
        result, token = submit(intake, metadata, options)
        for violation in result.violations:
            print(f"rejected: {violation.field}: {violation.message} {violation.message_zh}")
        if result.violations:
            return 1
        print(f"record {result.record_id}, revision {result.revision}")
        figure = read(reporting, metadata, options, token)
        print(f"issues_received of {figure.org_unit_id} in 2024-05: {figure.value:.0f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
