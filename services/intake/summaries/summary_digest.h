#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_DIGEST_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_DIGEST_H_

#include <string>

#include "zhuqi/intake/v1/summary.pb.h"

namespace zhuqi::intake {

// SHA-256, in hexadecimal, over a summary's content: whose it is, by which form, its cells, its words and
// what it was made from. Nothing that happens to it later is content. The same content has the same digest on
// every machine and in every version of this program: reviews name it.
std::string SummaryDigest(const v1::MonthlySummary& summary);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_DIGEST_H_
