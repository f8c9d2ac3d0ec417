#ifndef ZHUQI_TOOLS_ZHUQICTL_RECORDS_EXPORT_H_
#define ZHUQI_TOOLS_ZHUQICTL_RECORDS_EXPORT_H_

#include <CLI/CLI.hpp>

#include "tools/zhuqictl/client.h"

namespace zhuqi::ctl {

// Adds `export` to the group of commands on records.
void AddRecordsExport(CLI::App& records, Client& client);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_RECORDS_EXPORT_H_
