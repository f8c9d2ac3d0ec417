// The no-op server that services are measured beside. Prints the address it listens on, and serves until
// SIGTERM.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "CLI/CLI.hpp"
#include "common/rpc/server.h"
#include "common/rpc/signals.h"
#include "tests/bench/noop_service.h"

int main(int argc, char** argv) {
  using namespace zhuqi;
  rpc::BlockStopSignals();
  CLI::App app("Answers RecordService and ReportService without doing anything", "zhuqi-bench-noop");
  rpc::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.introspection = false;
  std::string figures_file;
  app.add_option("--listen", options.listen_address, "Address and port; port 0 takes a free one");
  app.add_option("--figures", figures_file, "File with the QueryFiguresResponse to give");
  CLI11_PARSE(app, argc, argv);

  std::string figures;
  if (!figures_file.empty()) {
    std::ifstream file(figures_file, std::ios::binary);
    figures.assign(std::istreambuf_iterator<char>(file), {});
    if (!reporting::v1::QueryFiguresResponse().ParseFromString(figures) || figures.empty()) {
      std::cerr << "zhuqi-bench-noop: " << figures_file << " holds no QueryFiguresResponse\n";
      return 2;
    }
  }
  bench::NoopRecordService records;
  bench::NoopReportService reports(figures);
  auto server = rpc::Server::Start(options, {&records, &reports});
  if (!server.ok()) {
    std::cerr << "zhuqi-bench-noop: " << server.status().message() << "\n";
    return 1;
  }
  (*server)->SetServing(true);
  std::cout << "127.0.0.1:" << (*server)->port() << std::endl;
  rpc::WaitForStopSignal();
}
