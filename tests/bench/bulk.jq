# The table of tools/bench --bulk for people.
def pad(width): tostring | . + (" " * ([width - length, 0] | max));
def left(width): tostring | (" " * ([width - length, 0] | max)) + .;
def mebibytes: . / 1024 | round | left(10);

("\(.machine.processors) processors, \(.machine.model); \(.machine.system); \(.date); load average before: \(.load_average)"),
"",
([("what" | pad(26)), ("items" | left(9)), ("seconds" | left(9)), ("a second" | left(9)), ("client MiB" | left(10)),
  ("intake MiB" | left(10)), "  ", "must hold"] | join(" ")),
(.rows[] | [(.name | pad(26)), (.count | left(9)), (.seconds * 10 | round / 10 | left(9)), (.per_second | round | left(9)),
  (.client_kib | mebibytes), (.service_kib | mebibytes), "  ", (.bar | pad(20)), (if .passed then "" else "does not" end)] | join(" "))
