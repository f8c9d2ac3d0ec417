"""Gives every issue's case its life: who did what, when, inside working hours."""

import datetime as dt
from collections import namedtuple

import catalogue
import special_cases as act
import workdays
from data_lives import (ASSIGN_REASONS, CONTACTS, CONVENE_DECISIONS, DISSATISFIED_COMMENTS, ESCALATE_REASONS,
                        JOINT_PROGRESS, LEAD_CHANGE_REASONS, NOT_RESOLVED_COMMENTS, PROGRESS, REOPEN_REASONS,
                        SATISFIED_COMMENTS, SECOND_ROUND, UNREACHED_COMMENTS)
from data_units import CITY, FUNCTION_WORDS
from dice import Dice
from directory import department_id
from records import LAST_DAY, source_key

END = workdays.at(LAST_DAY, 16 * 60 + 45)

# How many cases (beyond those written by hand) have what in their lives.
COUNTS = {
    "escalated": 23, "convened": 15, "late": 24, "not_resolved_first": 11, "dissatisfied": 15, "unreached_first": 19,
    "reopened": 4, "co_handler": 16, "lead_changed": 8, "supervised": 7, "assisted": 14, "slow_contact": 22,
    "task_force": 3, "green": 6,
}
# Cases received after this day have no time left for a second life or a long one.
_LAST_FOR_LONG_LIVES = dt.date(2024, 9, 20)
_LAST_FOR_REOPENING = dt.date(2024, 8, 15)

# `gap` is working minutes since the step before; a stretchy one takes its part of the time that the case is given.
Step = namedtuple("Step", "gap stretchy action comment")


class Life:
    """Collects the steps of one case and knows who leads it meanwhile."""

    def __init__(self, issue, traits, dice):
        self.issue, self.traits, self.dice = issue, traits, dice
        self.route = catalogue.route(issue.unit.id, issue.body)
        self.owner, self.lead = self.route.owner, self.route.lead
        self.steps = []

    def add(self, low, high, action, comment="", stretchy=False):
        self.steps.append(Step(self.dice.between(low, high), stretchy, action, comment))

    def others(self):
        """Functions beside the lead that have a part in it."""
        named = self.issue.body.get("department_functions", [])
        return [f for f in named if f != self.lead] or [f for f in ("approval", "industry") if f != self.lead][:1]

    def words(self, text, **more):
        others = "、".join(FUNCTION_WORDS[f] for f in self.others()) + "部门"
        return text.format(lead=FUNCTION_WORDS[self.lead], others=others, **more)

    def has(self, trait):
        return trait in self.traits

    # -- parts of a life --

    def begin(self):
        slow = self.has("slow_contact")
        quick = self.route.response_policy == catalogue.CONTACT_HOUR
        self.add(*((300, 700) if slow else (8, 25) if quick else (15, 240)), act.accept())
        if self.has("lead_changed"):
            self.change_lead()
        self.add(*((200, 600) if slow else (8, 30) if quick else (15, 150)),
                 act.report(self.dice.choice(CONTACTS), True))

    def change_lead(self):
        self.lead = self.others()[0]
        reason = self.dice.choice(LEAD_CHANGE_REASONS).format(to=FUNCTION_WORDS[self.lead])
        self.add(15, 60, act.assign(department_id(self.owner, self.lead), "LEAD"), reason)
        self.add(15, 60, act.accept())

    def arrange(self):
        """Who else takes part, and special treatment."""
        if self.has("co_handler"):
            department = department_id(self.owner, "approval")
            self.add(20, 120, act.assign(department, "CO_HANDLER"), self.dice.choice(ASSIGN_REASONS))
        if self.has("assisted"):
            self.add(20, 90, act.assign(department_id(self.owner, "approval"), "ASSISTANT"), "指派帮办代办专员。")
        if self.has("green"):
            self.add(10, 60, act.designate(green_channel=True), "开通绿色通道。")
        if self.has("task_force"):
            self.add(20, 90, act.designate(task_force=self.issue.firm.project + "助企专班"), "成立助企专班。")

    def work(self):
        self.progress()
        if self.has("escalated"):
            self.add(600, 1500, act.escalate(self.dice.choice(ESCALATE_REASONS)), stretchy=True)
            self.owner = CITY
        if self.has("supervised"):
            self.add(30, 200, act.assign(department_id(CITY, "approval"), "SUPERVISOR"), "纳入市级督办。")
        if self.has("convened"):
            departments = [department_id(self.owner, f) for f in (self.lead, *self.others())]
            decision = self.words(self.dice.choice(CONVENE_DECISIONS))
            self.add(120, 500, act.convene(" ".join(departments), decision), "集中会商。", stretchy=True)
        for _ in range(self.dice.weighted({0: 3, 1: 5, 2: 3})):
            self.progress()

    def progress(self):
        named = set(self.issue.body.get("department_functions", [])) - {self.lead}
        joint = named and self.dice.percent(25)
        text = self.dice.choice(JOINT_PROGRESS if joint else PROGRESS)
        self.add(60, 400, act.report(self.words(text)), stretchy=True)

    def finish(self):
        self.add(100, 500, act.resolve(self.issue.solution), stretchy=True)
        if self.has("unreached_first"):
            self.add(60, 400, act.call_back(False), self.dice.choice(UNREACHED_COMMENTS))
        if self.has("not_resolved_first"):
            self.add(100, 500, act.call_back(True), self.dice.choice(NOT_RESOLVED_COMMENTS))
            self.progress()
            self.resolve_again()
        self.confirm()

    def resolve_again(self):
        self.add(100, 500, act.resolve(self.dice.choice(SECOND_ROUND) + self.issue.solution), stretchy=True)

    def confirm(self):
        satisfied = not self.has("dissatisfied")
        comments = SATISFIED_COMMENTS if satisfied else DISSATISFIED_COMMENTS
        self.add(60, 500, act.call_back(True, True, satisfied), self.dice.choice(comments))
        self.add(15, 200, act.close())

    def come_back(self):
        self.add(900, 5000, act.reopen(self.dice.choice(REOPEN_REASONS)))
        self.progress()
        self.resolve_again()
        self.confirm()


def _given_minutes(life, dice):
    """Working time from receipt to closing: most finish well before the deadline, the late ones after it."""
    usual = (55, 88) if life.has("escalated") or life.has("convened") else (20, 82)
    share = dice.between(*((112, 150) if life.has("late") else usual))
    return life.route.handling_days * 7 * 60 * share // 100


def _stretched(life, dice):
    """Gaps of all steps: the stretchy ones share what the case is given beyond the fixed ones."""
    fixed = sum(step.gap for step in life.steps if not step.stretchy)
    elastic = sum(step.gap for step in life.steps if step.stretchy)
    rest = max(_given_minutes(life, dice) - fixed, elastic // 4)
    return [step.gap * rest // elastic if step.stretchy else step.gap for step in life.steps]


def _fitted(gaps, start):
    """The same gaps, pressed together when the practice ends before they do."""
    available, wanted = workdays.working_minutes(start, END), sum(gaps)
    return gaps if wanted <= available else [max(2, gap * (available - 2 * len(gaps)) // wanted) for gap in gaps]


def _line(issue, moment, action, comment):
    line = {"issue_key": source_key(issue.external_id), "occurred_at": workdays.utc(moment), "action": action}
    return (moment, issue.external_id, {**line, **({"comment": comment} if comment else {})})


def _ordinary_life(issue, traits):
    dice = Dice("life " + issue.external_id)
    life = Life(issue, traits, dice)
    for part in (life.begin, life.arrange, life.work, life.finish):
        part()
    first_life = _stretched(life, dice)
    if life.has("reopened"):
        before = len(life.steps)
        life.come_back()
        first_life += [step.gap for step in life.steps[before:]]
    moment, lines = issue.moment, []
    for gap, step in zip(_fitted(first_life, issue.moment), life.steps):
        moment = workdays.add_working_minutes(moment, gap) + dt.timedelta(seconds=dice.below(60))
        lines.append(_line(issue, moment, step.action, step.comment))
        moment = moment.replace(second=0) + dt.timedelta(minutes=1)
    return lines


def _special_life(issue):
    moments = ((dt.datetime.strptime("2024-" + when, "%Y-%m-%d %H:%M"), action, comment)
               for when, action, comment in issue.special.steps)
    return [_line(issue, moment, action, comment) for moment, action, comment in moments]


def _can_have(trait, issue):
    """Whether the trait is believable for the issue, and there is time for it."""
    route = catalogue.route(issue.unit.id, issue.body)
    several = len(issue.body.get("department_functions", [])) > 1
    day = issue.moment.date()
    if trait == "reopened":
        return day <= _LAST_FOR_REOPENING
    if trait == "late":
        return day <= _LAST_FOR_LONG_LIVES and route.response_policy == catalogue.CONTACT_DAY
    if trait == "slow_contact":
        return day <= _LAST_FOR_LONG_LIVES
    if trait == "escalated":
        return day <= _LAST_FOR_LONG_LIVES and route.owner != CITY and route.handling_days > 7
    if trait in ("convened", "lead_changed"):
        return several and day <= _LAST_FOR_LONG_LIVES
    if trait in ("co_handler", "assisted", "supervised"):
        return route.lead != "approval" and "approval" not in issue.body.get("department_functions", [])
    if trait == "task_force":
        return bool(issue.body.get("project")) and several
    if trait == "green":
        return not route.green and bool(issue.body.get("project"))
    return True


def _traits(issues):
    """Deals the traits out: external id -> set of traits. The approval department takes one part in a case, not two."""
    dice = Dice("traits")
    traits = {issue.external_id: set() for issue in issues}
    for trait, count in COUNTS.items():
        able = [issue for issue in issues if _can_have(trait, issue)]
        for issue in dice.sample(able, count):
            traits[issue.external_id].add(trait)
    for mine in traits.values():
        if "co_handler" in mine:
            mine -= {"lead_changed", "assisted"}
    return traits


def make(issues):
    """The lines of all cases, in the order in which they happened."""
    ordinary = [issue for issue in issues if issue.special is None]
    traits = _traits(ordinary)
    lines = [line for issue in ordinary for line in _ordinary_life(issue, traits[issue.external_id])]
    lines += [line for issue in issues if issue.special for line in _special_life(issue)]
    return [line for _, _, line in sorted(lines, key=lambda entry: entry[:2])]
