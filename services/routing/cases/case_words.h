// What happened to a case, in words of both languages. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_WORDS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_WORDS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

struct BothLanguages {
  std::string chinese;
  std::string english;
};

// What was done and the text that goes with it, if any.
BothLanguages Said(const char* chinese, const char* english, const std::string& text);

const char* ClockName(v1::ClockKind kind, bool chinese);
const char* PriorityName(v1::CasePriority priority, bool chinese);

// Names of the directory; the identity where there is none.
class DirectoryNames {
 public:
  explicit DirectoryNames(const Directory& directory) : directory_(directory) {}

  std::string Department(const std::string& id) const;
  std::string Unit(const std::string& id) const;
  // The team, or the department when it is no team's doing.
  std::string Assistant(const std::string& department_id, const std::string& team_id) const;
  template <class Ids>
  std::string Departments(const Ids& ids, const char* between) const {
    return absl::StrJoin(ids, between, [this](std::string* out, const std::string& id) {
      absl::StrAppend(out, Department(id));
    });
  }

 private:
  const Directory& directory_;
};

// An entry of the history, with what it moved and what was decided with it.
BothLanguages WordsOf(const v1::CaseEvent& event, const DirectoryNames& names);
// Of case_action_words.cc: what somebody did.
BothLanguages WordsOf(const v1::CaseAction& action, const DirectoryNames& names);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_WORDS_H_
