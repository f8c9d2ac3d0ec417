// A catalogue with what is worked out from it once and asked for every issue.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_COMPILED_CATALOGUE_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_COMPILED_CATALOGUE_H_

#include <utility>

#include "services/routing/catalogue/catalogue_keywords.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

class CompiledCatalogue {
 public:
  // Implicit: whoever has a catalogue has all that this is made of.
  CompiledCatalogue(v1::Catalogue catalogue)
      : message_(std::move(catalogue)), keywords_(KeywordsOf(message_)) {}

  const v1::Catalogue& message() const { return message_; }
  const KeywordSet& keywords() const { return keywords_; }

 private:
  const v1::Catalogue message_;
  const KeywordSet keywords_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_COMPILED_CATALOGUE_H_
