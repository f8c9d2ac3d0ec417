"""The task forces that cases of the practice were given to: one with a checklist that departments stepped in by, the others
set up around a project as it came.

A line is {"set_up": SetUpTaskForceRequest}, {"act": ActOnTaskForceRequest} or {"link_visit": …}, as
`zhuqictl task-forces play` reads them. No figure depends on them.
"""

import datetime as dt

import workdays

PARK = "issue-digital-printing-park"
CHECKLIST = "completion-acceptance"

# Number of the item, the day on which it was done, what came of it. The days are those of the case's own story.
_DONE = (
    (1, "05-22", "现场核对一致，提出放线资料补正两条。"),
    (3, "05-22", "现场预检完成，列出整改六条。"),
    (6, "05-22", "环保设施与主体同步建成，废气收集口补封一处。"),
    (8, "05-22", "接驳点位核对完成，雨水口标高偏差两处列入整改。"),
    (10, "05-23", "竣工资料缺项七条，一次性书面告知。"),
    (2, "05-27", "测绘成果与竣工图已补正，预审通过。"),
    (5, "05-28", "申报资料预审通过。"),
    (11, "05-29", "监督意见全部落实。"),
    (4, "05-31", "防火封堵整改到位，复核通过。"),
    (9, "05-31", "标高调整完成，复核通过。"),
    (12, "06-03", "联合验收一次性申报，次日验收通过。"),
)
_WAIVED = (7, "园区统一办理，入园企业投产前各自登记，本次不涉及。")


def _date(day):
    return {"year": day.year, "month": day.month, "day": day.day}


def _on(text):
    return _date(dt.date.fromisoformat("2024-" + text))


def _set_up(name, unit, project, functions, day, **more):
    members = [f"{unit}.{function}" for function in functions if function != "approval"]
    return {"set_up": {
        "name": name, "org_unit_id": unit, "project": project, "reason": "涉及部门多，成立助企专班统筹推进。",
        "lead_department_id": f"{unit}.approval",
        "departments": [{"department_id": member, "role": "TASK_FORCE_ROLE_MEMBER"} for member in members],
        "begins_on": _date(day), "ends_on": _date(day + dt.timedelta(days=92)), **more}}


def _act(name, action):
    return {"act": {"name": name, "action": action}}


def _park(name, issue, day):
    """The printing park: five departments step in before the completion acceptance."""
    milestone = {"milestone_id": CHECKLIST, "name": "竣工联合验收", "on": _on("06-04")}
    yield _set_up(name, issue["org_unit_id"], issue["issue"]["project"], issue["issue"]["department_functions"], day,
                  reason="五部门在竣工验收前提前介入，集中预检、一次告知、销号管理。", milestones=[milestone],
                  template_id=CHECKLIST)
    yield _act(name, {"begin": {"on": _date(day)}})
    yield {"link_visit": {"name": name, "visit": issue["issue"]["visit"]}}
    yield _act(name, {"waive_item": {"number": _WAIVED[0], "reason": _WAIVED[1]}})
    for number, on, outcome in _DONE:
        yield _act(name, {"complete_item": {"number": number, "outcome": outcome, "done_on": _on(on)}})


def make(records, actions):
    """Lines for every task force that an action names, in the order in which they were named."""
    issues = {record["key"]["external_id"]: record for record in records if "issue" in record}
    lines = []
    for action in actions:
        name = action["action"].get("designate", {}).get("task_force")
        if not name:
            continue
        external_id = action["issue_key"]["external_id"]
        issue, day = issues[external_id], workdays.local(action["occurred_at"]).date()
        if external_id == PARK:
            lines += _park(name, issue, day)
        else:
            lines += [_set_up(name, issue["org_unit_id"], issue["issue"]["project"],
                              issue["issue"]["department_functions"], day),
                      _act(name, {"begin": {"on": _date(day)}})]
    return lines
