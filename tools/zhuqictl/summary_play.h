// Plays a file of summaries and reviews.
#ifndef ZHUQI_TOOLS_ZHUQICTL_SUMMARY_PLAY_H_
#define ZHUQI_TOOLS_ZHUQICTL_SUMMARY_PLAY_H_

#include <string>

#include "tools/zhuqictl/client.h"
#include "zhuqi/intake/v1/summary.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::ctl {

// Whether `summary` holds what the request would bring: it, or something later, was sent before. False for a
// request without a time of its own.
bool AlreadySubmitted(const intake::v1::SubmitSummaryRequest& request,
                      const intake::v1::MonthlySummary& summary);
bool AlreadyReviewed(const intake::v1::ReviewSummaryRequest& request,
                     const intake::v1::MonthlySummary& summary);

// Gives the exit code.
int PlaySummaries(Client& client, const std::string& file);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_SUMMARY_PLAY_H_
