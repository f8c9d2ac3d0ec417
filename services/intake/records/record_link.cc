#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/intake/records/link_store.h"
#include "services/intake/records/record_change.h"

namespace zhuqi::intake {
namespace {

constexpr char kMethod[] = "RecordService.LinkRecords";
constexpr int kMaxLinks = 1000;
using Outcome = db::ChangeOutcome<v1::LinkRecordsResponse>;

absl::Status Refuse(absl::string_view reason, absl::string_view english, absl::string_view chinese) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, english, chinese);
}

absl::Status TooManyLinks() {
  return Refuse("TOO_MANY_LINKS",
                absl::StrCat("a record has at most ", kMaxLinks, " links, and as many in a row"),
                absl::StrCat("单条记录或连续关联最多 ", kMaxLinks, " 条"));
}

// The link that is asked for, if it stands already. That two have one cause is the same from either side.
std::optional<StoredLink> FindLink(const std::vector<StoredLink>& links,
                                   const v1::LinkRecordsRequest& wanted) {
  const auto found = std::find_if(links.begin(), links.end(), [&](const StoredLink& stored) {
    const v1::RecordLink& link = stored.link;
    if (link.kind() != wanted.kind()) return false;
    if (link.from_record_id() == wanted.from_record_id()) return link.to_record_id() == wanted.to_record_id();
    return wanted.kind() == v1::RECORD_LINK_KIND_SAME_CAUSE_AS &&
           link.from_record_id() == wanted.to_record_id() && link.to_record_id() == wanted.from_record_id();
  });
  if (found == links.end()) return std::nullopt;
  return *found;
}

// OK unless links of the kind lead from `start` to `forbidden`. Each record on the way is locked before it is
// left, and whoever makes a link holds its first record: nobody closes a circle meanwhile.
absl::Status CheckNoCircle(db::Transaction& transaction, v1::RecordLinkKind kind, const Uuid& start,
                           const Uuid& forbidden) {
  std::set<Uuid> seen{start};
  std::vector<Uuid> here{start};
  while (!here.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<Uuid> targets, ReadTargets(transaction, kind, here));
    here.clear();
    for (const Uuid& target : targets) {
      if (target == forbidden) {
        return Refuse("LINK_CIRCLE", "the records would be linked in a circle", "关联将形成循环");
      }
      if (seen.insert(target).second) here.push_back(target);
    }
    if (seen.size() > kMaxLinks) return TooManyLinks();
    ZHUQI_RETURN_IF_ERROR(LockRecords(transaction, here).status());
  }
  return absl::OkStatus();
}

// Why the link can not be made. `links`: those of the record that it is from.
absl::Status CheckNew(db::Transaction& transaction, const v1::LinkRecordsRequest& wanted, const Uuid& from,
                      const Uuid& to, const std::vector<StoredLink>& links) {
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<StoredLink> others,
                         ReadLinks(transaction.connection(), to, kMaxLinks));
  if (links.size() >= kMaxLinks || others.size() >= kMaxLinks) return TooManyLinks();
  if (wanted.kind() == v1::RECORD_LINK_KIND_SAME_CAUSE_AS) return absl::OkStatus();
  for (const StoredLink& stored : links) {
    if (wanted.kind() == v1::RECORD_LINK_KIND_DUPLICATE_OF && stored.link.kind() == wanted.kind() &&
        stored.link.from_record_id() == wanted.from_record_id()) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition, "DUPLICATE_ALREADY_LINKED",
                        "the record is a duplicate of another one already", "该记录已标记为另一记录的重复件",
                        {{"to_record_id", stored.link.to_record_id()}});
    }
  }
  return CheckNoCircle(transaction, wanted.kind(), to, from);
}

StoredLink NewLink(const v1::LinkRecordsRequest& wanted, const ChangeInput& input) {
  StoredLink stored;
  stored.link_id = Uuid::NewV7(input.now);
  stored.link.set_from_record_id(wanted.from_record_id());
  stored.link.set_kind(wanted.kind());
  stored.link.set_to_record_id(wanted.to_record_id());
  stored.link.set_reason(wanted.reason());
  stored.link.set_actor(input.actor);
  *stored.link.mutable_linked_at() = TimestampMessage(input.now);
  return stored;
}

feed::OutgoingEvent EventOf(v1::RecordLink link, bool removed, int32_t partition,
                            int64_t directory_sequence) {
  feed::OutgoingEvent outgoing;
  outgoing.partition = partition;
  outgoing.event.set_directory_sequence(directory_sequence);
  link.clear_reason();
  *outgoing.event.mutable_record_link()->mutable_link() = std::move(link);
  outgoing.event.mutable_record_link()->set_removed(removed);
  return outgoing;
}

absl::Status CheckKnown(const std::map<Uuid, int32_t>& known, const Uuid& from, const Uuid& to) {
  rpc::Violations violations;
  for (const auto& [id, field] : {std::pair(from, "from_record_id"), std::pair(to, "to_record_id")}) {
    if (!known.contains(id)) violations.Add(field, "RECORD_UNKNOWN", "there is no such record", "没有该记录");
  }
  return violations.ToStatus();
}

// Makes or removes the link, or says in the outcome why not. What is there already is given as it is.
absl::StatusOr<Outcome> Change(db::Transaction& transaction, const v1::LinkRecordsRequest& wanted,
                               const ChangeInput& input) {
  Outcome outcome;
  const Uuid from = Uuid::Parse(wanted.from_record_id()).value_or(Uuid());
  const Uuid to = Uuid::Parse(wanted.to_record_id()).value_or(Uuid());
  ZHUQI_ASSIGN_OR_RETURN(const auto partitions, LockRecords(transaction, {from, to}));
  outcome.refusal = CheckKnown(partitions, from, to);
  if (!outcome.refusal.ok()) return outcome;
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<StoredLink> links,
                         ReadLinks(transaction.connection(), from, kMaxLinks));
  std::optional<StoredLink> link = FindLink(links, wanted);
  if (link.has_value() != wanted.remove()) {
    if (wanted.remove()) {
      outcome.refusal =
          rpc::Error(absl::StatusCode::kNotFound, "LINK_UNKNOWN", "there is no such link", "没有该关联");
    }
    if (link.has_value()) *outcome.response.mutable_link() = link->link;
    return outcome;
  }
  if (wanted.remove()) {
    ZHUQI_RETURN_IF_ERROR(RemoveLink(transaction, *link, input.now, input.actor, wanted.reason()));
  } else {
    const absl::Status refusal = CheckNew(transaction, wanted, from, to, links);
    // What the database says is no refusal.
    if (!refusal.ok() && rpc::ReasonOf(refusal).empty()) return refusal;
    outcome.refusal = refusal;
    if (!refusal.ok()) return outcome;
    link = NewLink(wanted, input);
    ZHUQI_RETURN_IF_ERROR(InsertLink(transaction, *link));
  }
  const Uuid home = Uuid::Parse(link->link.from_record_id()).value_or(Uuid());
  std::vector<feed::OutgoingEvent> events{
      EventOf(link->link, wanted.remove(), partitions.at(home), input.directory_sequence)};
  ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, input.now, events));
  *outcome.response.mutable_link() = link->link;
  outcome.response.set_consistency_token(
      feed::MakeToken({feed::Position("intake", events.front().partition, events.front().event.sequence())}));
  return outcome;
}

}  // namespace

absl::StatusOr<Outcome> WriteLink(db::Transaction& transaction, const v1::LinkRecordsRequest& checked,
                                  const ChangeInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {input.request_id}));
  if (answers.IsNew(input.request_id)) {
    ZHUQI_ASSIGN_OR_RETURN(Outcome outcome, Change(transaction, checked, input));
    if (!outcome.refusal.ok()) return outcome;
    answers.Remember(input.request_id, kMethod, input.digest, outcome.response.SerializeAsString(),
                     input.now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return Outcome::Of(answers.Answer<v1::LinkRecordsResponse>(input.request_id, input.digest));
}

}  // namespace zhuqi::intake
