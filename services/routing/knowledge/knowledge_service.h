// The RPCs on what is learned from cases.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_KNOWLEDGE_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_KNOWLEDGE_SERVICE_H_

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "common/feed/token_service.h"
#include "services/routing/knowledge/practices.h"
#include "services/routing/knowledge/search_index.h"
#include "zhuqi/routing/v1/knowledge_service.grpc.pb.h"

namespace zhuqi::routing {

// All are required and must outlive the service.
struct KnowledgeServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  const DirectoryHolder* directory = nullptr;
  feed::Positions* positions = nullptr;
  const Clock* clock = nullptr;
  const SearchIndex* index = nullptr;
  // How far the index is.
  feed::Positions* index_positions = nullptr;
};

class KnowledgeServer final : public feed::TokenService<v1::KnowledgeService> {
 public:
  explicit KnowledgeServer(KnowledgeServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &KnowledgeServer::FindSimilar, &KnowledgeServer::Write, &KnowledgeServer::Act,
         &KnowledgeServer::Get, &KnowledgeServer::List);
  }

 private:
  Task<absl::StatusOr<v1::FindSimilarCasesResponse>> FindSimilar(rpc::CallContext& call,
                                                                 const v1::FindSimilarCasesRequest& request);
  Task<absl::StatusOr<v1::WritePracticeResponse>> Write(rpc::CallContext& call,
                                                        const v1::WritePracticeRequest& request);
  Task<absl::StatusOr<v1::ActOnPracticeResponse>> Act(rpc::CallContext& call,
                                                      const v1::ActOnPracticeRequest& request);
  Task<absl::StatusOr<v1::GetPracticeResponse>> Get(rpc::CallContext& call,
                                                    const v1::GetPracticeRequest& request);
  Task<absl::StatusOr<v1::ListPracticesResponse>> List(rpc::CallContext& call,
                                                       const v1::ListPracticesRequest& request);
  KnowledgeCall CallOf(const rpc::CallContext& call) const;

  const KnowledgeServiceParts parts_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_KNOWLEDGE_SERVICE_H_
