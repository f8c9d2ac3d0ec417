"""Calls to the services, with the bearer token."""
import uuid

import grpc
from zhuqi.directory.v1 import directory_service_pb2_grpc
from zhuqi.feed.v1 import feed_service_pb2_grpc
from zhuqi.intake.v1 import record_service_pb2_grpc, summary_service_pb2_grpc
from zhuqi.reporting.v1 import report_service_pb2_grpc
from zhuqi.routing.v1 import case_service_pb2_grpc, catalogue_service_pb2_grpc, knowledge_service_pb2_grpc

# One call; long enough for a machine that is busy with other tests.
TIMEOUT = 30

_OPTIONS = (
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    # What is tried again is the test's decision.
    ("grpc.enable_retries", 0),
)


def new_id():
    return str(uuid.uuid4())


class Connection:
    """A channel to one process."""

    def __init__(self, address, token):
        self.channel = grpc.insecure_channel(address, options=_OPTIONS)
        self.metadata = (("authorization", f"Bearer {token}"),)

    def is_serving(self):
        """Whether the health service says SERVING."""
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        try:
            # HealthCheckResponse{status: SERVING}
            return check(b"", timeout=5) == b"\x08\x01"
        except grpc.RpcError:
            return False

    def raw(self, method, message, timeout=TIMEOUT):
        """A unary call with bytes as they are. Returns the bytes of the answer."""
        return self.channel.unary_unary(method)(message, timeout=timeout, metadata=self.metadata)

    def close(self):
        self.channel.close()


class Calls:
    """The methods of a stub; each call carries token and timeout."""

    def __init__(self, stub, connection):
        self._stub = stub(connection.channel)
        self._metadata = connection.metadata

    def __getattr__(self, method):
        call = getattr(self._stub, method)

        def invoke(request, timeout=TIMEOUT):
            return call(request, timeout=timeout, metadata=self._metadata)

        return invoke


class IntakeApi:
    def __init__(self, connection):
        self.directory = Calls(directory_service_pb2_grpc.DirectoryServiceStub, connection)
        self.records = Calls(record_service_pb2_grpc.RecordServiceStub, connection)
        self.summaries = Calls(summary_service_pb2_grpc.SummaryServiceStub, connection)
        self.feed = Calls(feed_service_pb2_grpc.FeedServiceStub, connection)


class RoutingApi:
    def __init__(self, connection):
        self.cases = Calls(case_service_pb2_grpc.CaseServiceStub, connection)
        self.catalogue = Calls(catalogue_service_pb2_grpc.CatalogueServiceStub, connection)
        self.knowledge = Calls(knowledge_service_pb2_grpc.KnowledgeServiceStub, connection)
        self.feed = Calls(feed_service_pb2_grpc.FeedServiceStub, connection)


class ReportingApi:
    def __init__(self, connection):
        self.reports = Calls(report_service_pb2_grpc.ReportServiceStub, connection)
