// A desired state of the directory as people keep it in files. Pure but for reading.
#ifndef ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_FILE_H_
#define ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_FILE_H_

#include <istream>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::ctl {

struct DirectoryFileOptions {
  // "textproto" or "csv"; empty: the file's name decides (.csv is CSV).
  std::string format;
  // Names of the file's columns and the names that they stand for: {"parent", "parent_code"}.
  std::map<std::string, std::string> columns;
  // Values of columns that the file does not have, or leaves empty: {"code_edition", "2023"}.
  std::map<std::string, std::string> defaults;
  // Before the code, where a unit has no identity of its own in the file: "cn-" makes "cn-410105".
  std::string id_prefix;
};

// The columns with their meaning, as text for --help.
std::string DirectoryColumnsHelp();

// Rows are units, or departments when there is a column department_id, or categories when there is
// category_id. One unit may have several rows, one for each of its codes. INVALID_ARGUMENT names the line and
// the column.
absl::StatusOr<directory::v1::ApplyDirectoryRequest> DirectoryFromCsv(std::istream& input,
                                                                      const DirectoryFileOptions& options);

// The file's whole state; "-" is standard input. NOT_FOUND when it can not be read.
absl::StatusOr<directory::v1::ApplyDirectoryRequest> LoadDirectoryFile(const std::string& path,
                                                                       const DirectoryFileOptions& options);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_FILE_H_
