"""What a situation template is, and the list of all of them.

In title, text and solution these stand for what the enterprise and its unit fill in: {place} {project} {product} {unit}
{short}, and numbers {n} 2-9, {m} 12-90, {k} 100-900, {area} square metres, {money} 万元, {year} 2013-2018.
"""

from collections import namedtuple

Situation = namedtuple("Situation", "category kind title text solution departments fits legacy")

PROBLEM, NEED, SUGGESTION = "PROBLEM", "NEED", "SUGGESTION"


def situations(category, *rows):
    """Rows of (kind, title, text, solution[, departments[, fits[, legacy]]])."""
    made = []
    for kind, title, text, solution, *rest in rows:
        departments, fits, legacy = (rest + ["", "", False][len(rest):])
        made.append(Situation(category, kind, title, text, solution, tuple(departments.split()),
                              tuple(fits.split()), legacy))
    return made
