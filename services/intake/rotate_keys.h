// zhuqi-intake rotate-keys --config intake.textproto: encrypts every contact again with the first of
// contact_keys, while services run or not.
#ifndef ZHUQI_SERVICES_INTAKE_ROTATE_KEYS_H_
#define ZHUQI_SERVICES_INTAKE_ROTATE_KEYS_H_

namespace zhuqi::intake {

// True when the command line asks for it.
bool AsksToRotateKeys(int argc, const char* const* argv);

// The exit code: 0 when no contact is left under another key, 1 when some are (run it again: it goes on), 2
// for a wrong command line or configuration.
int RotateKeysMain(int argc, const char* const* argv);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ROTATE_KEYS_H_
