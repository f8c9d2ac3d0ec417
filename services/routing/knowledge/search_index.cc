#include "services/routing/knowledge/search_index.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <xapian.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {
namespace {

// Counts up with whatever changes what the index holds: one of another layout is built anew.
constexpr char kLayout[] = "cases-1";
constexpr char kLayoutKey[] = "layout";
constexpr char kCursorsKey[] = "cursors";
constexpr Xapian::valueno kReceivedAt = 0;
// A title says in few words what a text goes on about.
constexpr Xapian::termcount kTitleWeight = 2;
// Words looked for at most, the rarest: each costs a list to walk through.
constexpr size_t kMostWords = 96;
// A writer that commits meanwhile makes a reader begin again.
constexpr int kReadAttempts = 5;

std::string IdTerm(const Uuid& case_id) { return absl::StrCat("Q", case_id.ToString()); }
std::string UnitTerm(absl::string_view unit) { return absl::StrCat("XU:", unit); }
std::string CategoryTerm(absl::string_view category) { return absl::StrCat("XC:", category); }
std::string OutcomeTerm(int outcome) { return absl::StrCat("XO:", outcome); }
std::string ReceivedValue(absl::Time at) {
  return Xapian::sortable_serialise(static_cast<double>(absl::ToUnixSeconds(at)));
}

// The category and those above it: "a.b", "a".
std::vector<std::string> CategoryLine(const std::string& category_id) {
  std::vector<std::string> line;
  for (size_t end = category_id.size(); end > 0 && end != std::string::npos;
       end = category_id.rfind('.', end - 1)) {
    line.push_back(category_id.substr(0, end));
  }
  return line;
}

// Without positions: the text can not be put together again from the index.
void AddWords(const SearchEntry& entry, Xapian::Document& document) {
  Xapian::TermGenerator generator;
  generator.set_flags(Xapian::TermGenerator::FLAG_CJK_NGRAM);
  generator.set_document(document);
  generator.index_text_without_positions(entry.title, kTitleWeight);
  generator.index_text_without_positions(entry.text);
  generator.index_text_without_positions(entry.solution);
}

Xapian::Document DocumentOf(const SearchEntry& entry) {
  Xapian::Document document;
  AddWords(entry, document);
  for (const std::string& category : CategoryLine(entry.category_id)) {
    document.add_term(CategoryTerm(category));
  }
  document.add_boolean_term(IdTerm(entry.case_id));
  document.add_boolean_term(UnitTerm(entry.org_unit_id));
  document.add_boolean_term(OutcomeTerm(entry.outcome));
  document.add_value(kReceivedAt, ReceivedValue(entry.received_at));
  document.set_data(entry.case_id.ToBytes());
  return document;
}

std::string CursorsText(const SearchIndex::Cursors& cursors) {
  common::v1::ConsistencyToken message;
  for (const common::v1::FeedPosition& cursor : cursors) *message.add_positions() = cursor;
  return message.SerializeAsString();
}

// Any word's weight grows as it gets rarer; those that are in no case find nothing.
std::vector<std::pair<std::string, Xapian::termcount>> WordsToFind(const Xapian::Database& database,
                                                                   const SearchQuery& query) {
  struct Word {
    std::string term;
    Xapian::termcount count;
    double weight;
  };
  SearchEntry asked;
  asked.title = query.title;
  asked.text = query.text;
  Xapian::Document document;
  AddWords(asked, document);
  std::vector<Word> words;
  for (Xapian::TermIterator term = document.termlist_begin(); term != document.termlist_end(); ++term) {
    const Xapian::doccount cases = database.get_termfreq(*term);
    if (cases == 0) continue;
    words.push_back({*term, term.get_wdf(), static_cast<double>(term.get_wdf()) / cases});
  }
  const size_t kept = std::min(words.size(), kMostWords);
  std::partial_sort(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(kept), words.end(),
                    [](const Word& left, const Word& right) {
                      return std::make_pair(-left.weight, left.term) <
                             std::make_pair(-right.weight, right.term);
                    });
  std::vector<std::pair<std::string, Xapian::termcount>> chosen;
  for (size_t i = 0; i < kept; ++i) chosen.emplace_back(words[i].term, words[i].count);
  return chosen;
}

Xapian::Query WeightedPart(const Xapian::Database& database, const SearchQuery& query) {
  std::vector<Xapian::Query> parts;
  for (const auto& [term, count] : WordsToFind(database, query)) parts.emplace_back(term, count);
  for (const std::string& category : CategoryLine(query.category_id)) {
    parts.emplace_back(CategoryTerm(category));
  }
  return Xapian::Query(Xapian::Query::OP_OR, parts.begin(), parts.end());
}

Xapian::Query WithFilters(Xapian::Query weighted, const SearchQuery& query) {
  const auto only = [&](const Xapian::Query& filter) {
    weighted = Xapian::Query(Xapian::Query::OP_FILTER, weighted, filter);
  };
  const auto without = [&](const std::string& term) {
    weighted = Xapian::Query(Xapian::Query::OP_AND_NOT, weighted, Xapian::Query(term));
  };
  if (!query.org_unit_ids.empty()) {
    std::vector<Xapian::Query> units;
    for (const std::string& unit : query.org_unit_ids) units.emplace_back(UnitTerm(unit));
    only(Xapian::Query(Xapian::Query::OP_OR, units.begin(), units.end()));
  }
  if (!query.within_category_id.empty()) only(Xapian::Query(CategoryTerm(query.within_category_id)));
  if (query.outcome != 0) only(Xapian::Query(OutcomeTerm(query.outcome)));
  if (query.outcome == 0) without(OutcomeTerm(v1::OUTCOME_WITHDRAWN));
  if (query.except.has_value()) without(IdTerm(*query.except));
  if (query.received_from.has_value()) {
    only(Xapian::Query(Xapian::Query::OP_VALUE_GE, kReceivedAt, ReceivedValue(*query.received_from)));
  }
  if (query.received_before.has_value()) {
    only(Xapian::Query(Xapian::Query::OP_VALUE_LE, kReceivedAt,
                       ReceivedValue(*query.received_before - absl::Seconds(1))));
  }
  return weighted;
}

std::vector<SearchHit> Find(const Xapian::Database& database, const SearchQuery& query) {
  const Xapian::Query weighted = WeightedPart(database, query);
  if (weighted.empty()) return {};
  Xapian::Enquire enquire(database);
  enquire.set_query(WithFilters(weighted, query));
  enquire.set_sort_by_relevance_then_value(kReceivedAt, /*reverse=*/true);
  const Xapian::MSet found = enquire.get_mset(0, static_cast<Xapian::doccount>(query.limit));
  std::vector<SearchHit> hits;
  for (Xapian::MSetIterator match = found.begin(); match != found.end(); ++match) {
    const std::optional<Uuid> case_id = Uuid::FromBytes(match.get_document().get_data());
    if (case_id.has_value()) hits.push_back({*case_id, match.get_weight() / found.get_max_possible()});
  }
  return hits;
}

}  // namespace

namespace {

constexpr char kIndexName[] = "cases";
constexpr char kLockName[] = "lock";

bool IsFileOfXapian(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name == "iamglass" || name == "flintlock" || path.extension() == ".glass" ||
         path.extension() == ".tmp";
}

// What stands in texts of enterprises is nobody's to read who has not been given it.
void CloseToOthers(const std::string& folder, std::error_code& error) {
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
}

// The index is deleted as a whole when it is built anew: nothing that is no part of it may lie there.
absl::Status CheckFolder(const std::string& folder) {
  const auto refuse = [&](const std::filesystem::path& path) {
    return absl::FailedPreconditionError(
        absl::StrCat("search_index_directory must be a folder of its own: ", path.string(),
                     " is no part of an index / 搜索索引目录须为专用目录，其中有其他文件"));
  };
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name == kLockName && entry.is_regular_file(error)) continue;
    if (name != kIndexName || !entry.is_directory(error)) return refuse(entry.path());
    for (const auto& part : std::filesystem::directory_iterator(entry.path(), error)) {
      if (!part.is_regular_file(error) || !IsFileOfXapian(part.path())) return refuse(part.path());
    }
  }
  if (error) return absl::UnavailableError(absl::StrCat("the folder of the search index: ", error.message()));
  return absl::OkStatus();
}

}  // namespace

class SearchIndex::Writer {
 public:
  Writer(const std::string& path, int flags) : database(path, flags) {}
  Xapian::WritableDatabase database;
};

class SearchIndex::Reader {
 public:
  explicit Reader(const std::string& path) : database(path) {}
  Xapian::Database database;
};

absl::Status IndexIsBeingBuilt() {
  return rpc::WithRetryAfter(
      rpc::Error(absl::StatusCode::kUnavailable, "SEARCH_INDEX_BUILDING",
                 "the index of similar cases is being built", "相似工单索引正在建立，请稍后再试"),
      absl::Seconds(2));
}

SearchIndex::SearchIndex(std::string directory)
    : folder_(std::move(directory)), directory_(absl::StrCat(folder_, "/", kIndexName)) {}

SearchIndex::~SearchIndex() {
  writer_.reset();
  if (lock_ >= 0) close(lock_);  // which gives the lock back
}

absl::Status SearchIndex::TakeFolder() {
  if (lock_ >= 0) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (!error) ZHUQI_RETURN_IF_ERROR(CheckFolder(folder_));
  if (!error) CloseToOthers(folder_, error);
  if (error) return absl::UnavailableError(absl::StrCat("the folder of the search index: ", error.message()));
  const int lock = open(absl::StrCat(folder_, "/", kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return absl::UnavailableError(absl::StrCat("the lock of the search index: ", std::strerror(errno)));
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return absl::UnavailableError("another process has the folder of the search index");
  }
  lock_ = lock;
  return absl::OkStatus();
}

absl::StatusOr<SearchIndex::Cursors> SearchIndex::Open() {
  if (writer_ != nullptr && ready()) return cursors();
  writer_.reset();
  ZHUQI_RETURN_IF_ERROR(TakeFolder());
  if (damaged_) return absl::NotFoundError("the index is damaged");
  common::v1::ConsistencyToken stored;
  try {
    auto writer = std::make_unique<Writer>(directory_, Xapian::DB_OPEN);
    if (writer->database.get_metadata(kLayoutKey) != kLayout ||
        !stored.ParseFromString(writer->database.get_metadata(kCursorsKey))) {
      return absl::NotFoundError("no whole index of this version");
    }
    writer_ = std::move(writer);
  } catch (const Xapian::DatabaseLockError&) {
    return absl::UnavailableError("another process writes to the folder of the search index");
  } catch (const Xapian::Error& error) {
    return absl::NotFoundError(error.get_msg());
  }
  const Cursors cursors(stored.positions().begin(), stored.positions().end());
  SetCursors(cursors);
  whole_ = true;
  return cursors;
}

absl::Status SearchIndex::BeginAnew() {
  ZHUQI_RETURN_IF_ERROR(TakeFolder());
  whole_ = false;
  writer_.reset();
  {
    absl::MutexLock lock(&mutex_);
    readers_.clear();
  }
  // Removed first: whoever still reads the old one keeps its files.
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
  if (!error) std::filesystem::create_directories(directory_, error);
  if (!error) CloseToOthers(folder_, error);
  if (error) return absl::UnavailableError(absl::StrCat("the folder of the search index: ", error.message()));
  try {
    writer_ = std::make_unique<Writer>(directory_, Xapian::DB_CREATE_OR_OVERWRITE);
  } catch (const Xapian::Error& failure) {
    return absl::UnavailableError(absl::StrCat("the search index: ", failure.get_msg()));
  }
  damaged_ = false;
  return absl::OkStatus();
}

// A writer that failed is opened again before the next attempt: a full disk passes, and damage is built anew.
absl::Status SearchIndex::Write(absl::FunctionRef<void(Writer&)> work) {
  if (writer_ == nullptr) return absl::FailedPreconditionError("the search index is not open");
  try {
    work(*writer_);
    return absl::OkStatus();
  } catch (const Xapian::DatabaseCorruptError&) {
    damaged_ = true;
    return absl::DataLossError("the search index is damaged");
  } catch (const Xapian::Error& error) {
    writer_.reset();
    return absl::UnavailableError(absl::StrCat("the search index: ", error.get_msg()));
  }
}

absl::Status SearchIndex::Put(const std::vector<SearchEntry>& entries) {
  return Write([&](Writer& writer) {
    for (const SearchEntry& entry : entries) {
      writer.database.replace_document(IdTerm(entry.case_id), DocumentOf(entry));
    }
  });
}

absl::Status SearchIndex::CommitPart() {
  return Write([](Writer& writer) { writer.database.commit(); });
}

absl::Status SearchIndex::Commit(const Cursors& cursors) {
  ZHUQI_RETURN_IF_ERROR(Write([&](Writer& writer) {
    writer.database.set_metadata(kLayoutKey, kLayout);
    writer.database.set_metadata(kCursorsKey, CursorsText(cursors));
    writer.database.commit();
  }));
  SetCursors(cursors);
  whole_ = true;
  return absl::OkStatus();
}

void SearchIndex::SetCursors(const Cursors& cursors) {
  absl::MutexLock lock(&mutex_);
  cursors_ = cursors;
}

SearchIndex::Cursors SearchIndex::cursors() const {
  absl::MutexLock lock(&mutex_);
  return cursors_;
}

std::unique_ptr<SearchIndex::Reader> SearchIndex::TakeReader() const {
  {
    absl::MutexLock lock(&mutex_);
    if (!readers_.empty()) {
      std::unique_ptr<Reader> reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  return std::make_unique<Reader>(directory_);
}

void SearchIndex::GiveBack(std::unique_ptr<Reader> reader) const {
  absl::MutexLock lock(&mutex_);
  readers_.push_back(std::move(reader));
}

absl::StatusOr<std::vector<SearchHit>> SearchIndex::Search(const SearchQuery& query) const {
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    if (!ready()) return IndexIsBeingBuilt();
    try {
      std::unique_ptr<Reader> reader = TakeReader();
      reader->database.reopen();
      std::vector<SearchHit> hits = Find(reader->database, query);
      GiveBack(std::move(reader));
      return hits;
    } catch (const Xapian::DatabaseModifiedError&) {
      continue;
    } catch (const Xapian::DatabaseOpeningError&) {
      // Such as too many open files: nothing is wrong with what is on disk, if it is there.
      std::error_code error;
      if (std::filesystem::exists(directory_, error) || error) {
        return absl::UnavailableError("the index of similar cases can not be opened now");
      }
      damaged_ = true;
    } catch (const Xapian::Error&) {
      // The writer's thread builds it anew.
      damaged_ = true;
    }
  }
  return IndexIsBeingBuilt();
}

}  // namespace zhuqi::routing
