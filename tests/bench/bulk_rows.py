#!/usr/bin/python3
"""Rows for the bulk loads of tools/bench, any number of them, on standard output: as fast as they are read, and none kept.

    bulk_rows.py issues FIRST COUNT UNIT…        RecordSubmissions, one a line
    bulk_rows.py enterprises FIRST COUNT UNIT…   CSV of enterprises
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/practice"))
from credit_codes import ALPHABET, check_character, organisation_check_character  # noqa: E402

TEXT = "企业反映：厂房扩建须调整规划条件，窗口答复须多部门会签，已往返三次，希望明确牵头单位和办理时限，并告知还缺哪些材料。"


def credit_code(number):
    """The sample enterprise with this number, up to 31^5: marked YB (样本), both check characters right."""
    serial = ""
    for _ in range(5):
        number, digit = divmod(number, len(ALPHABET))
        serial = ALPHABET[digit] + serial
    organisation = "YB0" + serial
    body = "91410100" + organisation + organisation_check_character(organisation)
    return body + check_character(body)


def issues(first, count, units):
    codes = [credit_code(number) for number in range(1000)]
    for number in range(first, first + count):
        yield (f'{{"key":{{"source_system":"bulk","external_id":"b{number:08d}"}},"org_unit_id":"{units[number % len(units)]}",'
               f'"issue":{{"kind":"ISSUE_KIND_PROBLEM","category_id":"bulk","title":"扩建审批第 {number} 件","text":"{TEXT}",'
               f'"enterprise":{{"uscc":"{codes[number % 1000]}","name":"示例企业{number % 1000}"}},'
               f'"raised_at":"2024-{1 + number % 9:02d}-{1 + number % 28:02d}T02:00:00Z"}}}}\n')


def enterprises(first, count, units):
    yield "uscc,name,org_unit_id,industry_section,size,tags\n"
    for number in range(first, first + count):
        yield f"{credit_code(number)},示例精密机械{number}厂,{units[number % len(units)]},C,small,key\n"


def main(kind, first, count, *units):
    rows = {"issues": issues, "enterprises": enterprises}[kind]
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.writelines(rows(int(first), int(count), units))


if __name__ == "__main__":
    main(*sys.argv[1:])
