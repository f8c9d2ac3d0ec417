// The tree of units, as it is and as it was on a day. Immutable.
#ifndef ZHUQI_COMMON_DIRECTORY_UNIT_TREE_H_
#define ZHUQI_COMMON_DIRECTORY_UNIT_TREE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/identity_map.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi {

inline const std::string& IdOf(const directory::v1::OrgUnit& unit) { return unit.org_unit_id(); }
using UnitMap = IdentityMap<directory::v1::OrgUnit, &IdOf>;

// Units that have or had one code, in the order of their identities.
using CodeHolders = absl::InlinedVector<const directory::v1::OrgUnit*, 1>;

class UnitTree {
 public:
  UnitTree() = default;
  explicit UnitTree(UnitMap units);
  // What is derived points into what the units are.
  UnitTree(const UnitTree&) = delete;
  UnitTree& operator=(const UnitTree&) = delete;

  const UnitMap& units() const { return units_; }
  const directory::v1::OrgUnit* Find(absl::string_view org_unit_id) const;
  const CodeHolders& HoldersOf(directory::v1::CodeSystem system, absl::string_view code) const;
  const directory::v1::OrgUnit* root() const { return root_; }

  const std::vector<std::string>& ChildrenOf(absl::string_view org_unit_id) const;
  std::vector<std::string> ChildrenOf(absl::string_view org_unit_id, absl::CivilDay day) const;
  // Units that once stood directly below and do so no more, in the order of their identities.
  const std::vector<std::string>& FormerChildrenOf(absl::string_view org_unit_id) const;

 private:
  using Children = absl::flat_hash_map<absl::string_view, std::vector<std::string>>;

  void Index(const directory::v1::OrgUnit& unit);

  UnitMap units_;
  absl::flat_hash_map<absl::string_view, const directory::v1::OrgUnit*> by_id_;
  absl::flat_hash_map<std::pair<int, absl::string_view>, CodeHolders> by_code_;
  Children children_;
  Children former_children_;
  const directory::v1::OrgUnit* root_ = nullptr;
};

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_UNIT_TREE_H_
