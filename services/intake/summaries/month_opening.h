// Makes the obligations of a form's month.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_MONTH_OPENING_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_MONTH_OPENING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"

namespace zhuqi::intake {

// The obligations of one month, made in batches of `limit`, each in a transaction of its own. What is missing
// is read once for all of them.
class MonthOpening {
 public:
  // `directory` and `form` outlive this.
  MonthOpening(const Directory& directory, const directory::v1::SummaryForm& form, absl::CivilMonth month,
               int32_t partitions, int limit, absl::Time now)
      : directory_(directory),
        form_(form),
        month_(month),
        partitions_(partitions),
        limit_(limit),
        now_(now) {}

  // Makes the next batch, and the period when there is none; gives how many it made. Aborted when another
  // replica was first: run again before Committed, it reads again what is missing.
  absl::StatusOr<int> MakeBatch(db::Transaction& transaction);
  // The transaction of the last batch was committed.
  void Committed();
  // Nothing is missing any more. To be asked after Committed.
  bool done() const { return missing_.empty(); }

 private:
  absl::Status ReadMissing(db::Transaction& transaction);

  const Directory& directory_;
  const directory::v1::SummaryForm& form_;
  const absl::CivilMonth month_;
  const int32_t partitions_;
  const int limit_;
  const absl::Time now_;
  // Units that have no obligation yet; the last ones first. Known until a transaction fails.
  std::vector<const directory::v1::OrgUnit*> missing_;
  bool missing_is_known_ = false;
  std::size_t batch_ = 0;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_MONTH_OPENING_H_
