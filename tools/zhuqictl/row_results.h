// What became of rows, counted and paired with the rows as they were.
#ifndef ZHUQI_TOOLS_ZHUQICTL_ROW_RESULTS_H_
#define ZHUQI_TOOLS_ZHUQICTL_ROW_RESULTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/zhuqictl/import_stream.h"
#include "tools/zhuqictl/record_columns.h"
#include "tools/zhuqictl/record_source.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::ctl {

struct RowCounts {
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t rejected = 0;
  int64_t all() const { return created + updated + unchanged + rejected; }
};

// "created 120, updated 0, unchanged 3, rejected 1", with a line end.
std::string DescribeCounts(const RowCounts& counts);
// As members of a JSON object, without braces.
std::string CountsJson(const RowCounts& counts);

struct RejectedRow {
  OriginalRow original;
  RowViolations violations;
};

// The rejected rows of a chunk in the order of the file: those the service refused, and those that could not
// be read. `acknowledgement` is null for a chunk of which only the latter are known.
std::vector<RejectedRow> RejectedOf(const Chunk& chunk,
                                    const intake::v1::ImportAcknowledgement* acknowledgement);

void CountChunk(const Chunk& chunk, const intake::v1::ImportAcknowledgement* acknowledgement,
                RowCounts* counts);

// `violation` with a path that begins at the row: "records[3].issue.title" becomes "issue.title".
common::v1::FieldViolation OfRow(common::v1::FieldViolation violation);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_ROW_RESULTS_H_
