// Different things by day, exact over any span, also when some are taken out again.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_DISTINCT_SERIES_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_DISTINCT_SERIES_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "roaring/roaring.hh"
#include "services/reporting/cube/day_number.h"

// Where newer releases keep the class; older ones have it in the global namespace, and then this stays empty.
namespace roaring {}

namespace zhuqi::reporting {

namespace testing {
struct SeriesDamage;
}  // namespace testing

namespace bitmap_internal {
using namespace ::roaring;
using Bitmap = Roaring;
}  // namespace bitmap_internal
using bitmap_internal::Bitmap;

// Keys are small numbers given out by whoever owns the series. Bitmaps say which keys a day, a month and a
// year have; a key that is there several times has its surplus counted beside, so that taking one out leaves
// the others.
class DistinctSeries {
 private:
  // By day, month or year.
  struct Level {
    absl::flat_hash_map<int32_t, Bitmap> present;
    absl::flat_hash_map<uint64_t, int32_t> surplus;  // (bucket, key) -> times beyond the first
    void Add(int32_t bucket, uint32_t key, int32_t times);
    int32_t Times(int32_t bucket, uint32_t key) const;
  };

 public:
  using Times = std::vector<std::pair<uint32_t, int32_t>>;  // (key, how often it is there), by key

  // What the days, the months or the years have, as it is kept. Must not outlive the series.
  class View {
   public:
    // Numbers of the days, months or years that have anything, in order.
    std::vector<int32_t> Buckets() const;
    // Of a key that is not there although times beyond the first are counted for it: those, negative.
    Times At(int32_t bucket) const;

   private:
    friend class DistinctSeries;
    explicit View(const Level& level);
    const Level& level_;
    std::map<int32_t, Times> without_key_;
  };
  View Of(Grain grain) const { return View(LevelOf(grain)); }

  // `times` more, or fewer when negative, of `key` on `day`. Never below none.
  void Add(DayNumber day, uint32_t key, int32_t times);
  // How many different keys the span has.
  int64_t Count(DaySpan span) const;
  // Days with any key, in order, and how many different ones each has.
  void ForEachDay(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const;
  // Every day's keys and how often each is there; days in order, keys in order.
  void ForEachKey(absl::FunctionRef<void(DayNumber, uint32_t, int32_t)> each) const;

 private:
  friend struct testing::SeriesDamage;
  const Level& LevelOf(Grain grain) const {
    return grain == Grain::kDay ? days_ : grain == Grain::kMonth ? months_ : years_;
  }
  std::vector<DayNumber> DaysIn(DaySpan span) const;

  Level days_;
  Level months_;
  Level years_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_DISTINCT_SERIES_H_
