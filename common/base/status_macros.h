// Early return for absl::Status and absl::StatusOr, the only two ways a failure travels in this code base.
//
//   ZHUQI_RETURN_IF_ERROR(store.Insert(row));
//   ZHUQI_ASSIGN_OR_RETURN(const Unit unit, store.Find(id));
//
// In a coroutine (Task<StatusOr<T>>) use ZHUQI_CO_RETURN_IF_ERROR and ZHUQI_CO_ASSIGN_OR_RETURN.
#ifndef ZHUQI_COMMON_BASE_STATUS_MACROS_H_
#define ZHUQI_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define ZHUQI_MACRO_JOIN_INNER(a, b) a##b
#define ZHUQI_MACRO_JOIN(a, b) ZHUQI_MACRO_JOIN_INNER(a, b)

// The names are numbered, so that a macro may stand in a lambda inside the argument of another one.
#define ZHUQI_RETURN_IF_ERROR_INNER(name, expression, return_keyword) \
  do {                                                                \
    absl::Status name = (expression);                                 \
    if (!name.ok()) return_keyword name;                              \
  } while (false)

#define ZHUQI_RETURN_IF_ERROR(...) \
  ZHUQI_RETURN_IF_ERROR_INNER(ZHUQI_MACRO_JOIN(zhuqi_status_, __COUNTER__), (__VA_ARGS__), return )

#define ZHUQI_CO_RETURN_IF_ERROR(...) \
  ZHUQI_RETURN_IF_ERROR_INNER(ZHUQI_MACRO_JOIN(zhuqi_status_, __COUNTER__), (__VA_ARGS__), co_return )

#define ZHUQI_ASSIGN_OR_RETURN_INNER(result, declaration, expression, return_keyword) \
  auto result = (expression);                                                         \
  if (!result.ok()) return_keyword std::move(result).status();                        \
  declaration = std::move(result).value()

#define ZHUQI_ASSIGN_OR_RETURN(declaration, ...)                                                         \
  ZHUQI_ASSIGN_OR_RETURN_INNER(ZHUQI_MACRO_JOIN(zhuqi_result_, __COUNTER__), declaration, (__VA_ARGS__), \
                               return )

#define ZHUQI_CO_ASSIGN_OR_RETURN(declaration, ...)                                                      \
  ZHUQI_ASSIGN_OR_RETURN_INNER(ZHUQI_MACRO_JOIN(zhuqi_result_, __COUNTER__), declaration, (__VA_ARGS__), \
                               co_return )

#endif  // ZHUQI_COMMON_BASE_STATUS_MACROS_H_
