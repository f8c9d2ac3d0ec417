// Which operation of a reorganization wrote what, so that what is wrong with the outcome is told of the
// operation. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_OPERATION_PATHS_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_OPERATION_PATHS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

class OperationPaths {
 public:
  // The operation at `path` ("operations[2].merge.org_unit_ids[0]") changed the thing with this identity of a
  // kind
  // ("org_units", "departments", "teams").
  void Changed(const std::string& kind, const std::string& id, const std::string& path) {
    touches_[{kind, id}].push_back({Touch::kChange, "", path});
  }
  // The operation's own field at `path` was written to the thing's field: "name".
  void Wrote(const std::string& kind, const std::string& id, const std::string& field,
             const std::string& path) {
    touches_[{kind, id}].push_back({Touch::kField, field, path});
  }
  // The operation holds all of the thing at `path`.
  void Made(const std::string& kind, const std::string& id, const std::string& path) {
    touches_[{kind, id}].push_back({Touch::kWhole, "", path});
  }

  // "org_units[2].name" of `desired` becomes "operations[5].rename.name". Of several operations the last one
  // is named.
  rpc::Violations Translate(const rpc::Violations& wrong,
                            const directory::v1::ApplyDirectoryRequest& desired) const;

 private:
  struct Touch {
    enum What { kChange, kField, kWhole } what;
    std::string field;
    std::string path;
  };
  std::string Translate(const std::string& path, const directory::v1::ApplyDirectoryRequest& desired) const;

  std::map<std::pair<std::string, std::string>, std::vector<Touch>> touches_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_OPERATION_PATHS_H_
