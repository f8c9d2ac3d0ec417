"""Makes the records: 172 visits, 494 issues and the policies brought along."""

import datetime as dt
from collections import Counter

import enterprises
import visits as visit_plans
import workdays
from data_units import UNITS, UNIT_BY_ID
from data_visits import CATEGORY_WEIGHTS, ENDINGS, MONTH_WEIGHTS, NOTES, OPENINGS, OUTCOMES, POLICIES
from dice import Dice
from special_cases import ALL as SPECIALS
import templates_business
import templates_services
import templates_site

SOURCE_SYSTEM = "zhengzhou-practice-2024"
FIRST_DAY, LAST_DAY = dt.date(2024, 1, 24), dt.date(2024, 11, 12)
LAST_ORDINARY_DAY = dt.date(2024, 11, 6)
LINKED_PERCENT = 86
POLICY_DELIVERIES = 362
# The unit that reports nil, and the month: nothing of any kind happened there.
NIL_UNIT, NIL_MONTH = "dengfeng", 2
SITUATIONS = templates_site.ALL + templates_business.ALL + templates_services.ALL

# The visits that open and close the practice.
_OPENING = ("jinshui", FIRST_DAY)
_CLOSING = ("gaoxin", LAST_DAY)


class Visit:
    """A visit while it is being planned."""

    def __init__(self, unit, day, firms, takes_issues=True):
        self.unit, self.day, self.firms, self.takes_issues = unit, day, firms, takes_issues
        self.external_id = ""


class Issue:
    """An issue while it is being planned."""

    def __init__(self, unit, moment, firm, visit):
        self.unit, self.moment, self.firm, self.visit = unit, moment, firm, visit
        self.external_id = ""
        self.special = None
        self.solution = ""
        self.body = {}


def source_key(external_id):
    return {"source_system": SOURCE_SYSTEM, "external_id": external_id}


def _day(month_day):
    return dt.date.fromisoformat("2024-" + month_day)


# ---- visits ----

def _draw_day(unit, dice):
    """A working day for an ordinary visit."""
    while True:
        month = dice.weighted(MONTH_WEIGHTS)
        first = max(dt.date(2024, month, 1), FIRST_DAY)
        last = min(dt.date(2024, month + 1, 1) - dt.timedelta(days=1), LAST_ORDINARY_DAY)
        if (unit.id, month) != (NIL_UNIT, NIL_MONTH):
            return dice.choice(workdays.working_days(first, last))


def _ordinary_days(unit, count, dice):
    fixed = [day for who, day in (_OPENING, _CLOSING) if who == unit.id]
    return sorted(fixed + [_draw_day(unit, dice) for _ in range(count - len(fixed))])


def _share_firms(firms, visits, dice):
    """Every firm is visited at least once; some are visited again."""
    queue = dice.shuffled(firms)
    for visit in visits:
        visit.firms = [queue.pop()]
    for firm in queue:
        dice.choice(visits).firms.append(firm)
    for visit in visits:
        again = dice.choice(firms)
        if dice.percent(22) and again not in visit.firms:
            visit.firms.append(again)


def _visits_of_unit(unit, ordinary, special, dice):
    by_hand = [s for s in SPECIALS if s.unit == unit.id]
    visits = [Visit(unit, day, []) for day in _ordinary_days(unit, unit.visits - len(by_hand), dice)]
    _share_firms(ordinary[unit.id], visits, dice)
    for visit in visits:
        visit.takes_issues = visit.day <= LAST_ORDINARY_DAY
    return visits + [Visit(unit, _day(s.visited_on), [special[s.enterprise]], False) for s in by_hand]


def _visit_guests(visits, ordinary, dice):
    """A few enterprises work in two units and are visited in both: distinct counts of the units do not add up."""
    hosts = [visit for visit in visits if visit.takes_issues and visit.unit.style != "county"]
    for visit in dice.sample(hosts, 7):
        other = dice.choice([u for u in UNITS if u.id != visit.unit.id and u.style != "county"])
        visit.firms.append(dice.choice(ordinary[other.id]))


def _make_visits(ordinary, special):
    dice = Dice("visits")
    visits = [visit for unit in UNITS for visit in _visits_of_unit(unit, ordinary, special, dice)]
    _visit_guests(visits, ordinary, dice)
    order = {unit.id: place for place, unit in enumerate(UNITS)}
    visits.sort(key=lambda v: (v.day, order[v.unit.id], v.firms[0].code))
    for number, visit in enumerate(visits, 1):
        visit.external_id = f"visit-{number:03d}"
    return visits


# ---- issues ----

def _moment(day, dice):
    """A moment of a visit, inside working hours and with some of the day left."""
    return workdays.at(day, dice.choice((dice.between(9 * 60 + 20, 11 * 60 + 40), dice.between(13 * 60 + 20, 16 * 60 + 10))))


def _linked_issue(visits, dice):
    visit = dice.choice(visits)
    return Issue(visit.unit, _moment(visit.day, dice), dice.choice(visit.firms), visit)


def _unlinked_issue(unit, visits, dice):
    """Brought up at a window or by telephone after a visit, by an enterprise of that visit."""
    visit = dice.choice(visits)
    while True:
        day = workdays.add_working_days(visit.day, dice.between(3, 25))
        if day <= LAST_ORDINARY_DAY and (unit.id, day.month) != (NIL_UNIT, NIL_MONTH):
            return Issue(unit, _moment(day, dice), dice.choice(visit.firms), None)
        visit = dice.choice(visits)


def _ordinary_issues(unit, count, visits, dice):
    """One for each visit, then more of them wherever chance has it."""
    visits = [v for v in visits if v.takes_issues and v.unit.id == unit.id]
    issues = [Issue(unit, _moment(v.day, dice), dice.choice(v.firms), v) for v in visits][:count]
    while len(issues) < count:
        linked = dice.percent(LINKED_PERCENT)
        issues.append(_linked_issue(visits, dice) if linked else _unlinked_issue(unit, visits, dice))
    return issues


class Writer:
    """Finds the words of an issue; no two are alike, and no situation is told much more often than another."""

    def __init__(self, dice):
        self._dice, self._told, self._words, self._titles = dice, Counter(), set(), Counter()

    def write(self, issue):
        situation = self._situation(issue.firm)
        self._told[situation] += 1
        draws = (self._fill(situation, issue) for _ in range(40))
        title, text, solution = min(draws, key=lambda words: (words[:2] in self._words, self._titles[words[0]]))
        self._titles[title] += 1
        self._words.add((title, text))
        issue.solution = solution
        issue.body = _body(situation, title, text, issue)

    def _situation(self, firm):
        while True:
            top = self._dice.weighted(CATEGORY_WEIGHTS)
            fitting = [s for s in SITUATIONS if s.category.split(".")[0] == top and (not s.fits or firm.sector in s.fits)]
            if fitting:
                fewest = min(self._told[s] for s in fitting)
                return self._dice.choice([s for s in fitting if self._told[s] <= fewest + 1])

    def _fill(self, situation, issue):
        dice, firm = self._dice, issue.firm
        words = {
            "place": dice.choice(issue.unit.places), "unit": issue.unit.short, "short": firm.short,
            "project": firm.project, "product": firm.product, "n": dice.between(2, 9), "m": dice.between(12, 90),
            "k": dice.between(10, 90) * 10, "area": dice.between(8, 260) * 100, "money": dice.between(3, 280) * 10,
            "year": dice.between(2013, 2018)}
        text = dice.choice(OPENINGS) + situation.text + dice.choice(ENDINGS[situation.kind])
        return tuple(part.format(**words) for part in (situation.title, text, situation.solution))


def _body(situation, title, text, issue):
    body = {"kind": "ISSUE_KIND_" + situation.kind, "category_id": situation.category, "title": title, "text": text,
            "department_functions": list(situation.departments), "legacy": situation.legacy,
            "project": issue.firm.project if "{project}" in situation.title + situation.text else ""}
    return {field: value for field, value in body.items() if value}


def _special_issue(special, visits, firms):
    unit, firm = UNIT_BY_ID[special.unit], firms[special.enterprise]
    hour, minute = map(int, special.raised.split(":"))
    visit = next(v for v in visits if v.firms == [firm])
    issue = Issue(unit, workdays.at(_day(special.visited_on), hour * 60 + minute), firm, visit)
    issue.external_id, issue.special = special.external_id, special
    body = {"kind": "ISSUE_KIND_" + special.kind, "category_id": special.category, "title": special.title,
            "text": special.text, "department_functions": list(special.departments), "legacy": special.legacy,
            "project": special.project}
    issue.body = {field: value for field, value in body.items() if value}
    return issue


def _make_issues(visits, special):
    dice = Dice("issues")
    issues = [_special_issue(s, visits, special) for s in SPECIALS]
    for unit in UNITS:
        by_hand = sum(issue.unit.id == unit.id for issue in issues if issue.special)
        issues += _ordinary_issues(unit, unit.issues - by_hand, visits, dice)
    order = {unit.id: place for place, unit in enumerate(UNITS)}
    issues.sort(key=lambda i: (i.moment, order[i.unit.id], i.firm.code))
    writer, number = Writer(Dice("words")), 0
    for issue in issues:
        if not issue.external_id:
            number += 1
            issue.external_id = f"issue-{number:03d}"
        if issue.special is None:
            writer.write(issue)
    return issues


# ---- policies ----

def _months():
    return [(2024, month) for month in range(FIRST_DAY.month, LAST_DAY.month + 1)]


def _month_days(month):
    first = max(dt.date(2024, month, 1), FIRST_DAY)
    last = min(dt.date(2024, month + 1, 1) - dt.timedelta(days=1), LAST_DAY)
    return workdays.working_days(first, last)


def _new_delivery(visit, unit, day, firm, dice, given):
    """(day, unit, firm, policy, outcome, visit), with a policy that the firm did not get before."""
    policy = dice.choice([p for p in POLICIES if (firm.code, p) not in given])
    given.add((firm.code, policy))
    return day, unit, firm, policy, dice.weighted(OUTCOMES), visit


def _monthly_deliveries(visits, ordinary, dice, given):
    """At least one for each unit and month, so that only one summary of the year is nil."""
    for unit in UNITS:
        for _, month in _months():
            if (unit.id, month) == (NIL_UNIT, NIL_MONTH):
                continue
            there = [v for v in visits if v.unit.id == unit.id and v.day.month == month]
            if there:
                visit = dice.choice(there)
                yield _new_delivery(visit, unit, visit.day, dice.choice(visit.firms), dice, given)
            else:
                firm = dice.choice(ordinary[unit.id])
                yield _new_delivery(None, unit, dice.choice(_month_days(month)), firm, dice, given)


def _known_delivery(visits, special, given):
    """The policy that the institute was owed, on the day on which it was told that it is."""
    firm = next(firm for name, firm in special.items() if "新材料研究院" in name)
    visit = next(v for v in visits if v.firms == [firm])
    given.add((firm.code, "新型研发机构研发投入后补助"))
    return visit.day, visit.unit, firm, "新型研发机构研发投入后补助", "GRANTED", visit


def _make_deliveries(visits, ordinary, special):
    dice, given = Dice("policies"), set()
    deliveries = [_known_delivery(visits, special, given), *_monthly_deliveries(visits, ordinary, dice, given)]
    while len(deliveries) < POLICY_DELIVERIES:
        visit = dice.choice(visits)
        deliveries.append(_new_delivery(visit, visit.unit, visit.day, dice.choice(visit.firms), dice, given))
    order = {unit.id: place for place, unit in enumerate(UNITS)}
    return sorted(deliveries, key=lambda d: (d[0], order[d[1].id], d[2].code, d[3]))


# ---- messages ----

def _reference(firm):
    return {"uscc": firm.code, "name": firm.name}


def _visit_message(visit, dice):
    firm = visit.firms[0]
    notes = dice.choice([n for n in NOTES if firm.product or "{product}" not in n])
    place = dice.choice(visit.unit.places)
    return {"key": source_key(visit.external_id), "org_unit_id": visit.unit.id, "visit": {
        "visited_on": workdays.date_json(visit.day), "team": f"{visit.unit.short}助企服务第{dice.between(1, 6)}组",
        "team_id": visit_plans.team_id(visit.unit.id), "team_members": dice.between(2, 6), "enterprises": [_reference(f) for f in visit.firms],
        "place": visit.unit.name + place, "notes": notes.format(place=place, product=firm.product)}}


def _issue_message(issue):
    visit = {"visit": source_key(issue.visit.external_id)} if issue.visit else {}
    return {"key": source_key(issue.external_id), "org_unit_id": issue.unit.id, "issue": {
        **issue.body, "raised_at": workdays.utc(issue.moment), "enterprise": _reference(issue.firm), **visit}}


def _delivery_message(number, delivery):
    day, unit, firm, policy, outcome, visit = delivery
    return {"key": source_key(f"policy-{number:03d}"), "org_unit_id": unit.id, "policy_delivery": {
        "delivered_on": workdays.date_json(day), "enterprise": _reference(firm), "policy": policy,
        **({"policy_id": visit_plans.POLICY_IDS[policy]} if policy in visit_plans.POLICY_IDS else {}),
        **({"outcome": "POLICY_OUTCOME_" + outcome} if outcome != "UNSPECIFIED" else {}),
        **({"visit": source_key(visit.external_id)} if visit else {})}}


def make():
    """(messages in the order of their days, planned issues in the order in which they were raised)."""
    ordinary, special = enterprises.make_all()
    visits = _make_visits(ordinary, special)
    issues = _make_issues(visits, special)
    dice = Dice("visit notes")
    dated = [(v.day, 0, _visit_message(v, dice)) for v in visits]
    dated += [(i.moment.date(), 1, _issue_message(i)) for i in issues]
    deliveries = _make_deliveries(visits, ordinary, special)
    dated += [(d[0], 2, _delivery_message(number, d)) for number, d in enumerate(deliveries, 1)]
    dated.sort(key=lambda entry: entry[:2])
    return [message for _, _, message in dated], issues
