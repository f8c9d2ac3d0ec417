// The index on disk: what is found, what survives, and what is thrown away.
#include "services/routing/knowledge/search_index.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/rpc/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Uuid CaseId(int number) {
  std::string bytes(16, '\0');
  bytes[15] = static_cast<char>(number);
  return *Uuid::FromBytes(bytes);
}

SearchEntry Entry(int number, const std::string& title, const std::string& text = "") {
  SearchEntry entry;
  entry.case_id = CaseId(number);
  entry.org_unit_id = "js";
  entry.category_id = "fire";
  entry.received_at = absl::FromUnixSeconds(1700000000 + number);
  entry.title = title;
  entry.text = text;
  return entry;
}

SearchIndex::Cursors At(int64_t sequence) {
  common::v1::FeedPosition position;
  position.set_source("routing");
  position.set_partition(1);
  position.set_sequence(sequence);
  position.set_commit_id(7);
  return {position};
}

class SearchIndexTest : public ::testing::Test {
 protected:
  SearchIndexTest() {
    std::string pattern = ::testing::TempDir() + "zhuqi-search-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~SearchIndexTest() override { std::filesystem::remove_all(directory_); }

  // An index of these cases, whole up to sequence 5.
  std::unique_ptr<SearchIndex> Built(const std::vector<SearchEntry>& entries) {
    auto index = std::make_unique<SearchIndex>(directory_);
    EXPECT_EQ(index->BeginAnew(), absl::OkStatus());
    EXPECT_EQ(index->Put(entries), absl::OkStatus());
    EXPECT_EQ(index->Commit(At(5)), absl::OkStatus());
    return index;
  }

  std::vector<Uuid> Found(const SearchIndex& index, const SearchQuery& query) {
    const auto hits = index.Search(query);
    EXPECT_TRUE(hits.ok()) << hits.status();
    std::vector<Uuid> ids;
    for (const SearchHit& hit : *hits) ids.push_back(hit.case_id);
    return ids;
  }
  std::vector<Uuid> Found(const SearchIndex& index, const std::string& title) {
    SearchQuery query;
    query.title = title;
    return Found(index, query);
  }

  std::string directory_;
};

TEST_F(SearchIndexTest, TheMostAlikeComesFirst) {
  const auto index = Built({Entry(1, "消防验收不合格", "疏散通道宽度不足"), Entry(2, "消防验收预约排队"),
                            Entry(3, "招用工困难", "普工短缺")});
  EXPECT_THAT(Found(*index, "消防验收因疏散通道宽度不合格"), ElementsAre(CaseId(1), CaseId(2)));
}

TEST_F(SearchIndexTest, TheScoreIsAShareOfWhatWasAsked) {
  const auto index = Built({Entry(1, "消防验收"), Entry(2, "用工短缺")});
  SearchQuery query;
  query.title = "消防验收";
  const auto hits = index->Search(query);
  ASSERT_TRUE(hits.ok());
  ASSERT_EQ(hits->size(), 1u);
  EXPECT_GT((*hits)[0].score, 0.5);
  EXPECT_LE((*hits)[0].score, 1.0);
}

TEST_F(SearchIndexTest, OfEqualsTheNewerComesFirst) {
  const auto index = Built({Entry(1, "消防验收"), Entry(2, "消防验收")});
  EXPECT_THAT(Found(*index, "消防验收"), ElementsAre(CaseId(2), CaseId(1)));
}

TEST_F(SearchIndexTest, WhatSolvedACaseIsSearched) {
  SearchEntry solved = Entry(1, "手续办不下来");
  solved.solution = "容缺受理";
  const auto index = Built({solved, Entry(2, "道路限行")});
  EXPECT_THAT(Found(*index, "能否容缺受理"), ElementsAre(CaseId(1)));
}

TEST_F(SearchIndexTest, Filters) {
  SearchEntry other = Entry(2, "消防验收");
  other.org_unit_id = "zm";
  other.category_id = "fire.acceptance";
  other.outcome = v1::OUTCOME_RESOLVED;
  SearchEntry withdrawn = Entry(3, "消防验收");
  withdrawn.outcome = v1::OUTCOME_WITHDRAWN;
  const auto index = Built({Entry(1, "消防验收"), other, withdrawn});
  SearchQuery query;
  query.title = "消防验收";
  EXPECT_THAT(Found(*index, query), UnorderedElementsAre(CaseId(1), CaseId(2)));
  SearchQuery by_unit = query;
  by_unit.org_unit_ids = {"js", "js-t"};
  EXPECT_THAT(Found(*index, by_unit), ElementsAre(CaseId(1)));
  SearchQuery by_category = query;
  by_category.within_category_id = "fire";
  EXPECT_THAT(Found(*index, by_category), UnorderedElementsAre(CaseId(1), CaseId(2)));
  by_category.within_category_id = "fire.acceptance";
  EXPECT_THAT(Found(*index, by_category), ElementsAre(CaseId(2)));
  SearchQuery by_outcome = query;
  by_outcome.outcome = v1::OUTCOME_WITHDRAWN;
  EXPECT_THAT(Found(*index, by_outcome), ElementsAre(CaseId(3)));
  SearchQuery by_span = query;
  by_span.received_from = absl::FromUnixSeconds(1700000002);
  EXPECT_THAT(Found(*index, by_span), ElementsAre(CaseId(2)));
  by_span.received_from.reset();
  by_span.received_before = absl::FromUnixSeconds(1700000002);
  EXPECT_THAT(Found(*index, by_span), ElementsAre(CaseId(1)));
  SearchQuery without = query;
  without.except = CaseId(2);
  EXPECT_THAT(Found(*index, without), ElementsAre(CaseId(1)));
  SearchQuery one = query;
  one.limit = 1;
  EXPECT_THAT(Found(*index, one), ::testing::SizeIs(1));
}

TEST_F(SearchIndexTest, NothingAskedFindsNothing) {
  const auto index = Built({Entry(1, "消防验收")});
  EXPECT_THAT(Found(*index, "。"), IsEmpty());
  EXPECT_THAT(Found(*index, "道路"), IsEmpty());
}

TEST_F(SearchIndexTest, ACaseThatChangedIsFoundByItsNewWordsAlone) {
  const auto index = Built({Entry(1, "消防验收")});
  ASSERT_EQ(index->Put({Entry(1, "道路限行")}), absl::OkStatus());
  ASSERT_EQ(index->Commit(At(6)), absl::OkStatus());
  EXPECT_THAT(Found(*index, "消防验收"), IsEmpty());
  EXPECT_THAT(Found(*index, "道路限行"), ElementsAre(CaseId(1)));
}

TEST_F(SearchIndexTest, WhatWasCommittedIsThereAfterARestart) {
  Built({Entry(1, "消防验收")});
  SearchIndex index(directory_);
  EXPECT_FALSE(index.ready());
  const auto cursors = index.Open();
  ASSERT_TRUE(cursors.ok()) << cursors.status();
  ASSERT_EQ(cursors->size(), 1u);
  EXPECT_EQ((*cursors)[0].sequence(), 5);
  EXPECT_EQ((*cursors)[0].commit_id(), 7);
  EXPECT_THAT(Found(index, "消防验收"), ElementsAre(CaseId(1)));
}

TEST_F(SearchIndexTest, MissingIsToBeBuilt) {
  SearchIndex index(directory_);
  EXPECT_TRUE(absl::IsNotFound(index.Open().status()));
  EXPECT_EQ(rpc::ReasonOf(index.Search({}).status()), "SEARCH_INDEX_BUILDING");
}

TEST_F(SearchIndexTest, OneWhoseBuildWasCutShortIsToBeBuilt) {
  {
    SearchIndex index(directory_);
    ASSERT_EQ(index.BeginAnew(), absl::OkStatus());
    ASSERT_EQ(index.Put({Entry(1, "消防验收")}), absl::OkStatus());
    ASSERT_EQ(index.CommitPart(), absl::OkStatus());
    EXPECT_FALSE(index.ready());
  }
  SearchIndex index(directory_);
  EXPECT_TRUE(absl::IsNotFound(index.Open().status()));
}

TEST_F(SearchIndexTest, DamagedIsToBeBuilt) {
  Built({Entry(1, "消防验收")});
  for (const auto& file : std::filesystem::directory_iterator(directory_ + "/cases")) {
    std::ofstream(file.path(), std::ios::trunc) << "damaged";
  }
  SearchIndex index(directory_);
  EXPECT_TRUE(absl::IsNotFound(index.Open().status()));
  EXPECT_EQ(index.BeginAnew(), absl::OkStatus());
  EXPECT_EQ(index.Put({Entry(1, "消防验收")}), absl::OkStatus());
  EXPECT_EQ(index.Commit(At(1)), absl::OkStatus());
  EXPECT_THAT(Found(index, "消防验收"), ElementsAre(CaseId(1)));
}

TEST_F(SearchIndexTest, DeletedWhileItIsReadIsToBeBuilt) {
  const auto index = Built({Entry(1, "消防验收")});
  std::filesystem::remove_all(directory_ + "/cases");
  EXPECT_EQ(rpc::ReasonOf(index->Search({}).status()), "SEARCH_INDEX_BUILDING");
  EXPECT_FALSE(index->ready());
  EXPECT_TRUE(absl::IsNotFound(index->Open().status()));
}

TEST_F(SearchIndexTest, TwoProcessesDoNotWriteToOne) {
  const auto index = Built({Entry(1, "消防验收")});
  SearchIndex other(directory_);
  EXPECT_TRUE(absl::IsUnavailable(other.Open().status()));
  EXPECT_THAT(Found(*index, "消防验收"), ElementsAre(CaseId(1)));
}

TEST_F(SearchIndexTest, FolderIsOneProcessesAloneAndItsFilesAreNotDeletedByAnother) {
  const auto index = Built({Entry(1, "消防验收")});
  SearchIndex other(directory_);
  EXPECT_TRUE(absl::IsUnavailable(other.TakeFolder()));
  EXPECT_TRUE(absl::IsUnavailable(other.BeginAnew()));
  EXPECT_THAT(Found(*index, "消防验收"), ElementsAre(CaseId(1)));
}

TEST_F(SearchIndexTest, FolderIsTakenWhenItsProcessIsGone) {
  Built({Entry(1, "消防验收")});
  SearchIndex next(directory_);
  EXPECT_EQ(next.TakeFolder(), absl::OkStatus());
  EXPECT_TRUE(next.Open().ok());
}

TEST_F(SearchIndexTest, FolderIsClosedToOtherUsers) {
  std::filesystem::permissions(directory_, std::filesystem::perms::all);
  Built({});
  EXPECT_EQ(std::filesystem::status(directory_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(SearchIndexTest, FolderWithForeignFilesIsRefusedAndTheyStay) {
  const auto refused_with = [this](const std::string& name) {
    const std::string path = directory_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << "somebody's";
    SearchIndex index(directory_);
    const bool refused = absl::IsFailedPrecondition(index.TakeFolder()) &&
                         absl::IsFailedPrecondition(index.Open().status()) &&
                         absl::IsFailedPrecondition(index.BeginAnew());
    EXPECT_TRUE(std::filesystem::exists(path));
    std::filesystem::remove(path);
    return refused;
  };
  EXPECT_TRUE(refused_with("report.docx"));
  EXPECT_TRUE(refused_with("cases/report.docx"));
  EXPECT_TRUE(refused_with("cases/more/report.docx"));
  std::filesystem::remove_all(directory_ + "/cases/more");
  SearchIndex index(directory_);
  EXPECT_EQ(index.BeginAnew(), absl::OkStatus());
}

TEST_F(SearchIndexTest, ReadersGoOnWhileAWriterCommits) {
  const auto index = Built({Entry(1, "消防验收")});
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      do {
        EXPECT_THAT(Found(*index, "消防验收"), ::testing::Contains(CaseId(1)));
      } while (!done);
    });
  }
  for (int i = 2; i < 30; ++i) {
    ASSERT_EQ(index->Put({Entry(i, "道路限行")}), absl::OkStatus());
    ASSERT_EQ(index->Commit(At(5 + i)), absl::OkStatus());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace zhuqi::routing
