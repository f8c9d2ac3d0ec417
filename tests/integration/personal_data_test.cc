// Where personal data can stand: every message of the contract is walked, as it is written in proto/, so that
// nobody adds a way for a name or a telephone number to get into a feed or a list without being seen here.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "zhuqi/common/v1/personal_data.pb.h"

namespace zhuqi {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Contract {
 public:
  Contract() {
    google::protobuf::FileDescriptorSet set;
    std::ifstream input(ZHUQI_CONTRACT_SET, std::ios::binary);
    EXPECT_TRUE(set.ParseFromIstream(&input)) << ZHUQI_CONTRACT_SET;
    for (const auto& file : set.file()) {
      const auto* built = pool_.BuildFile(file);
      EXPECT_NE(built, nullptr) << file.name();
      if (built != nullptr) files_.push_back(built);
    }
  }

  const std::vector<const google::protobuf::FileDescriptor*>& files() const { return files_; }
  const Descriptor* Find(const std::string& name) const { return pool_.FindMessageTypeByName(name); }

 private:
  google::protobuf::DescriptorPool pool_;
  std::vector<const google::protobuf::FileDescriptor*> files_;
};

bool IsPersonal(const FieldDescriptor& field) {
  return field.options().GetExtension(common::v1::personal_data);
}

// Fields with personal data that can be reached from a message, each with its full name.
void Collect(const Descriptor& type, std::set<const Descriptor*>& seen, std::set<std::string>& found) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsPersonal(field)) found.insert(field.full_name());
    if (field.message_type() != nullptr) Collect(*field.message_type(), seen, found);
  }
}

std::set<std::string> PersonalFieldsIn(const Descriptor& type) {
  std::set<const Descriptor*> seen;
  std::set<std::string> found;
  Collect(type, seen, found);
  return found;
}

// Answers that could carry personal data, by method.
std::vector<std::string> MethodsThatCould(const Contract& contract) {
  std::vector<std::string> methods;
  for (const auto* file : contract.files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const google::protobuf::MethodDescriptor& method = *file->service(s)->method(m);
        if (!PersonalFieldsIn(*method.output_type()).empty()) {
          methods.push_back(file->service(s)->name() + "." + method.name());
        }
      }
    }
  }
  std::sort(methods.begin(), methods.end());
  return methods;
}

TEST(PersonalDataTest, TheContractMarksTheContact) {
  Contract contract;
  ASSERT_NE(contract.Find("zhuqi.intake.v1.Contact"), nullptr);
  EXPECT_THAT(PersonalFieldsIn(*contract.Find("zhuqi.intake.v1.Contact")),
              ElementsAre("zhuqi.intake.v1.Contact.name", "zhuqi.intake.v1.Contact.phone"));
}

TEST(PersonalDataTest, NoFeedCanCarryIt) {
  Contract contract;
  for (const auto* file : contract.files()) {
    if (file->package() != "zhuqi.feed.v1") continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      EXPECT_THAT(PersonalFieldsIn(*file->message_type(i)), IsEmpty()) << file->message_type(i)->full_name();
    }
  }
}

TEST(PersonalDataTest, NoErrorNoConfigurationAndNothingOfRoutingAndReportingCanCarryIt) {
  Contract contract;
  for (const auto* file : contract.files()) {
    const std::string& package = file->package();
    if (package != "zhuqi.common.v1" && package != "zhuqi.config.v1" && package != "zhuqi.routing.v1" &&
        package != "zhuqi.reporting.v1" && package != "zhuqi.directory.v1") {
      continue;
    }
    for (int i = 0; i < file->message_type_count(); ++i) {
      EXPECT_THAT(PersonalFieldsIn(*file->message_type(i)), IsEmpty()) << file->message_type(i)->full_name();
    }
  }
}

// These answers hold records as they were sent. GetRecord gives a contact when it is asked for; in all others
// none is ever set, because intake keeps contacts apart from records (record_lifecycle_test.cc,
// ContactIsInNoListNoExportNoRevisionNoAnswerAndNoEvent; enterprise_service_test.cc for PrepareVisit).
// Whoever adds a method here shows the same of it there.
TEST(PersonalDataTest, OnlyTheseAnswersCouldCarryItAndATestShowsThatTheyDoNot) {
  Contract contract;
  EXPECT_THAT(MethodsThatCould(contract),
              ElementsAre("EnterpriseService.PrepareVisit", "RecordService.ExportRecords",
                          "RecordService.GetRecord", "RecordService.ListRecordRevisions",
                          "RecordService.ListRecords", "RecordService.WithdrawRecord"));
}

}  // namespace
}  // namespace zhuqi
