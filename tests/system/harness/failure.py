"""What an error says beyond its code."""
import grpc
from google.rpc import error_details_pb2, status_pb2

# What ends by itself when a process or the database is back: the same call is made again.
_TRANSIENT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.DEADLINE_EXCEEDED,
              grpc.StatusCode.RESOURCE_EXHAUSTED)


class Failure:
    """An RpcError with its google.rpc details taken apart."""

    def __init__(self, error):
        self.code = error.code()
        self.message = error.details()
        self.reason = ""
        self.domain = ""
        self.metadata = {}
        self.localized = ""
        self.retry_info = False
        # (field path, reason) of each violation.
        self.violations = []
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self._read(status_pb2.Status.FromString(value))

    def _read(self, status):
        for detail in status.details:
            info = error_details_pb2.ErrorInfo()
            bad_request = error_details_pb2.BadRequest()
            localized = error_details_pb2.LocalizedMessage()
            if detail.Unpack(info):
                self.reason, self.domain, self.metadata = info.reason, info.domain, dict(info.metadata)
            elif detail.Unpack(bad_request):
                self.violations = [(violation.field, violation.description.split(":")[0])
                                   for violation in bad_request.field_violations]
            elif detail.Unpack(localized):
                self.localized = localized.message
            elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
                self.retry_info = True

    def __str__(self):
        return f"{self.code.name} {self.reason} {self.violations} {self.metadata}: {self.message}"


def is_transient(error):
    """Whether to make the same call again."""
    if error.code() in _TRANSIENT:
        return True
    # How the client library names a connection that broke under a running call.
    return error.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL) and not Failure(error).reason and any(
        words in (error.details() or "") for words in ("Stream removed", "RST_STREAM", "Connection reset"))
