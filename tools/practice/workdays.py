"""Working days and working hours of the city, in local time (Asia/Shanghai, which has no summer time)."""

import csv
import datetime as dt
import pathlib

CSV = pathlib.Path(__file__).resolve().parents[2] / "deploy/packs/calendar/working-days-2018-2026.csv"
SPANS = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
_UTC_OFFSET = dt.timedelta(hours=8)


def _overrides():
    with CSV.open(encoding="utf-8", newline="") as rows:
        return {dt.date.fromisoformat(row["date"]): row["kind"] == "WORK" for row in csv.DictReader(rows)}


_OVERRIDES = _overrides()


def is_working(day):
    """An override wins; else Monday to Friday."""
    return _OVERRIDES.get(day, day.weekday() < 5)


def next_working(day):
    """The first working day after `day`."""
    day += dt.timedelta(days=1)
    while not is_working(day):
        day += dt.timedelta(days=1)
    return day


def add_working_days(day, count):
    for _ in range(count):
        day = next_working(day)
    return day


def working_days(first, last):
    """All working days from first to last, both included."""
    days = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
    return [day for day in days if is_working(day)]


def nth_working_day(year, month, count):
    return add_working_days(dt.date(year, month, 1) - dt.timedelta(days=1), count)


def at(day, minute):
    return dt.datetime.combine(day, dt.time(minute // 60, minute % 60))


def add_working_minutes(moment, minutes):
    """`minutes` of working time after `moment`; the answer lies inside working hours."""
    day, minute = moment.date(), moment.hour * 60 + moment.minute
    while True:
        for start, end in SPANS if is_working(day) else ():
            begin = max(start, minute)
            if begin < end and begin + minutes < end:
                return at(day, begin + minutes)
            minutes -= max(0, end - begin)
        day, minute = next_working(day), 0


def working_minutes(first, last):
    """Working time between two moments."""
    total = 0
    for day in working_days(first.date(), last.date()):
        for start, end in SPANS:
            begin, stop = max(first, at(day, start)), min(last, at(day, end))
            total += max(0, int((stop - begin).total_seconds()) // 60)
    return total


def in_working_hours(moment):
    minute = moment.hour * 60 + moment.minute
    return is_working(moment.date()) and any(start <= minute <= end for start, end in SPANS)


def utc(moment):
    """A local moment as protobuf JSON writes a Timestamp."""
    return (moment - _UTC_OFFSET).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(text):
    """Back from `utc`."""
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") + _UTC_OFFSET


def date_json(day):
    return {"year": day.year, "month": day.month, "day": day.day}


def from_json(date):
    return dt.date(date["year"], date["month"], date["day"])
