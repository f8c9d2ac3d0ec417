#include "common/rpc/service_runner.h"
#include "services/intake/intake_app.h"
#include "services/intake/rotate_keys.h"
#include "zhuqi/config/v1/intake.pb.h"

int main(int argc, char** argv) {
  if (zhuqi::intake::AsksToRotateKeys(argc, argv)) return zhuqi::intake::RotateKeysMain(argc, argv);
  return zhuqi::rpc::RunServiceMain<zhuqi::config::v1::IntakeConfig>(argc, argv, "intake",
                                                                     &zhuqi::intake::BuildIntake);
}
