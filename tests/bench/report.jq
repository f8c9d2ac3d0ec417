# The table for people, from what tools/bench writes for scripts.
def pad(width): tostring | . + (" " * ([width - length, 0] | max));
def left(width): tostring | (" " * ([width - length, 0] | max)) + .;
def whole: round | tostring | left(8);
def tenth: . * 10 | round / 10 | tostring | if contains(".") then . else . + ".0" end | left(8);
def hundredth: . * 100 | round | tostring | left(3) | gsub(" "; "0") | .[:-2] + "." + .[-2:] | left(6);

("\(.machine.processors) processors, \(.machine.model); \(.machine.system); \(.date); load average before: \(.load_average)"),
("\(.rounds) × \(.seconds) s each after \(.warm_up) s; \(.in_flight) calls in flight"),
"",
([("what" | pad(30)), ("per second" | left(10)), ("p50 ms" | left(8)), ("p99 ms" | left(8)), "  ", ("beside" | pad(38)),
  ("per second" | left(10)), ("ratio" | left(6)), ("bar" | left(6))] | join(" ")),
(.rows[] | [(.name | pad(30)), (.product.per_second | whole | left(10)), (.product.p50_ms | tenth), (.product.p99_ms | tenth), "  ",
  (.ceiling.name | pad(38)), (.ceiling.per_second | whole | left(10)), (.ratio | hundredth), (.bar | hundredth),
  (if .passed then "" else "below" end)] | join(" "))
