#!/usr/bin/env python3
"""Writes the Zhengzhou pack: directory, catalogue, enterprises, visit plans, and the practice that the demo plays. The same bytes every time.

  generate.py            write deploy/packs/zhengzhou
  generate.py --check    make it again, compare with what is committed, and check what must hold; write nothing
"""

import argparse
import json
import pathlib
import sys
from collections import namedtuple

sys.dont_write_bytecode = True

import catalogue
import checks
import directory
import expected
import lives
import records
import summaries
import task_forces
import visits

PACK = pathlib.Path(__file__).resolve().parents[2] / "deploy/packs/zhengzhou"

Practice = namedtuple("Practice", "records actions task_forces summaries expected")


def make_practice():
    record_lines, issues = records.make()
    action_lines = lives.make(issues)
    summary_lines = summaries.make(record_lines, action_lines)
    force_lines = task_forces.make(record_lines, action_lines)
    return Practice(record_lines, action_lines, force_lines, summary_lines, expected.count(record_lines, action_lines, summary_lines))


def _json_lines(messages):
    return "".join(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n" for message in messages)


def files(practice):
    """Path within the pack -> content."""
    return {
        "directory.textproto": directory.text(),
        "catalogue.textproto": catalogue.text(),
        "enterprises.csv": visits.enterprises_csv(),
        "visit-plans.textproto": visits.plans_text(),
        "practice/records.jsonl": _json_lines(practice.records),
        "practice/actions.jsonl": _json_lines(practice.actions),
        "practice/task-forces.jsonl": _json_lines(practice.task_forces),
        "practice/summaries.jsonl": _json_lines(practice.summaries),
        "practice/expected.json": json.dumps(practice.expected, ensure_ascii=False, indent=2) + "\n",
    }


def write(contents):
    for name, content in contents.items():
        path = PACK / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")


def differences(contents):
    """Names of files that are not committed as they are made."""
    return [name for name, content in contents.items()
            if not (PACK / name).is_file() or (PACK / name).read_bytes() != content.encode()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what is committed; write nothing")
    only_check = parser.parse_args().check
    try:
        practice = make_practice()
    except expected.IllegalAction as illegal:
        print(f"illegal action: {illegal}", file=sys.stderr)
        return 1
    wrong = checks.problems(practice)
    contents = files(practice)
    if only_check:
        wrong += [f"{name} differs from what generate.py makes" for name in differences(contents)]
    elif not wrong:
        write(contents)
    for problem in wrong:
        print(problem, file=sys.stderr)
    city = practice.expected["city"]
    print(f"{city['visits']} visits, {city['issues_received']} issues, {city['cases_resolved']} resolved, "
          f"{len(practice.actions)} actions, {len(practice.summaries)} summary steps: {'wrong' if wrong else 'good'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
