// Forms with all their versions. Immutable.
#ifndef ZHUQI_COMMON_DIRECTORY_FORM_VERSIONS_H_
#define ZHUQI_COMMON_DIRECTORY_FORM_VERSIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi {

// The version that a form's number stands for: 0 stands for 1.
inline int32_t VersionOf(const directory::v1::SummaryForm& form) {
  return form.version() == 0 ? 1 : form.version();
}

class FormVersions {
 public:
  // By identity, then version.
  using Versions = std::map<std::pair<std::string, int32_t>, directory::v1::SummaryForm>;
  using Newest = std::map<std::string, directory::v1::SummaryForm, std::less<>>;

  FormVersions() = default;
  // `before` with each of `changed` added, or in the place of the one with its identity and version.
  FormVersions(const FormVersions& before, const std::vector<const directory::v1::SummaryForm*>& changed);

  const Versions& all() const { return all_; }
  const Newest& newest() const { return newest_; }
  // Null when there is none.
  const directory::v1::SummaryForm* Find(absl::string_view form_id, int32_t version) const;
  // The version in force for `month`: the last one that begins in it or before, unless its last month has
  // passed.
  const directory::v1::SummaryForm* For(absl::string_view form_id, absl::CivilMonth month) const;

 private:
  Versions all_;
  Newest newest_;
};

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_FORM_VERSIONS_H_
