"""Senders that go on over breaks, as a district's system should, and that remember what was acknowledged."""
import queue
import threading

import grpc
from harness import samples
from harness.client import new_id
from harness.failure import Failure, is_transient
from harness.waiting import wait_until
from zhuqi.intake.v1 import record_service_pb2
from zhuqi.routing.v1 import case_pb2, case_service_pb2

# After this long without success a sender gives up.
PATIENCE = 120


class Sender(threading.Thread):
    """A thread whose fault is the test's fault."""

    def __init__(self, name):
        super().__init__(name=name, daemon=True)
        self.fault = None
        self.breaks = 0
        # The newest token of each unit that was written to: a token stands for one write, and says nothing of others.
        self.tokens = {}
        self._pause = threading.Event()

    def run(self):
        try:
            self.work()
        except grpc.RpcError as error:
            self.fault = AssertionError(f"{self.name}: {Failure(error)}")
        except BaseException as error:  # pylint: disable=broad-except
            self.fault = error

    def work(self):
        raise NotImplementedError

    def until_done(self, attempt):
        """Runs `attempt` until it does not break. Returns what it returns."""

        def once():
            try:
                return (attempt(),)
            except grpc.RpcError as error:
                if not is_transient(error):
                    raise
                self.breaks += 1
                # A server that is down refuses at once; asking it in a circle would take the time that it needs.
                self._pause.wait(0.05)
                return None

        return wait_until(once, PATIENCE, f"{self.name} gets through")[0]


class Importer(Sender):
    """Imports records in chunks with ImportRecords; after a break it opens the import again and goes on from there.
    All records are of one unit."""

    def __init__(self, api, name, records, chunk_size=20, window=4):
        super().__init__(name)
        self._api = api
        self._import_id = new_id()
        self._unit = records[0].org_unit_id
        self._chunks = [records[first:first + chunk_size] for first in range(0, len(records), chunk_size)]
        self._window = window
        # Chunks acknowledged from 0 on, and how many records and issues are in them.
        self.acknowledged = 0
        self.acknowledged_records = 0
        self.acknowledged_issues = 0

    def work(self):
        while self.acknowledged < len(self._chunks):
            self.until_done(self._stream)

    def _stream(self):
        outbox = queue.SimpleQueue()
        outbox.put(record_service_pb2.ImportRecordsRequest(
            open=record_service_pb2.ImportOpen(import_id=self._import_id)))
        answers = self._api.records.ImportRecords(iter(outbox.get, None), timeout=PATIENCE)
        try:
            opened = next(answers).opened
            assert opened.next_chunk >= self.acknowledged, (
                f"{self.name}: chunk {opened.next_chunk} is wanted again, {self.acknowledged} were acknowledged")
            # What is on disk and was not acknowledged, because the answer was lost. The token covers it.
            if opened.consistency_token:
                self.tokens[self._unit] = opened.consistency_token
            self._note(opened.next_chunk)
            next_number = opened.next_chunk
            while self.acknowledged < len(self._chunks):
                while next_number < min(len(self._chunks), self.acknowledged + self._window):
                    outbox.put(self._chunk(next_number))
                    next_number += 1
                self._check(next(answers).acknowledgement)
        except StopIteration:
            raise AssertionError(f"{self.name}: the stream ended before its acknowledgements") from None
        finally:
            outbox.put(None)
            answers.cancel()

    def _chunk(self, number):
        return record_service_pb2.ImportRecordsRequest(
            chunk=record_service_pb2.ImportChunk(number=number, records=self._chunks[number]))

    def _check(self, acknowledgement):
        sent = len(self._chunks[self.acknowledged])
        assert acknowledgement.chunk == self.acknowledged, acknowledgement
        assert (acknowledgement.created, acknowledgement.rejected) == (sent, 0), (self.name, acknowledgement)
        self.tokens[self._unit] = acknowledgement.consistency_token
        self._note(self.acknowledged + 1)

    def _note(self, acknowledged):
        for chunk in self._chunks[self.acknowledged:acknowledged]:
            self.acknowledged_issues += sum(record.HasField("issue") for record in chunk)
            self.acknowledged_records += len(chunk)
        self.acknowledged = acknowledged


class Submitter(Sender):
    """Sends single issues with SubmitRecords, to the given replicas in turn. A call that broke is made again with the
    same request id; each call is made a second time at the next replica and must give the first answer."""

    def __init__(self, apis, name, records):
        super().__init__(name)
        self._apis = apis
        self._records = records
        self.acknowledged_records = 0
        # (natural key, token) of what an Actor may act on.
        self.received = queue.SimpleQueue()

    def work(self):
        for number, record in enumerate(self._records):
            request = samples.submit_request(record)
            first = self._send(number, request)
            assert first.results[0].disposition == record_service_pb2.RecordResult.DISPOSITION_CREATED, first
            again = self._send(number + 1, request)
            assert again == first, f"{self.name}: {first} became {again}"
            self.tokens[record.org_unit_id] = first.consistency_token
            self.acknowledged_records += 1
            self.received.put((record, first.consistency_token))
        self.received.put(None)

    def _send(self, number, request):
        api = self._apis[number % len(self._apis)]
        return self.until_done(lambda: api.records.SubmitRecords(request, timeout=10))


def _hours_later(record, hours):
    moment = samples.timestamp(samples.noon(samples.day_of(0)))
    moment.CopyFrom(record.issue.raised_at)
    moment.seconds += hours * 3600
    return moment


ACTIONS = (
    case_pb2.CaseAction(accept=case_pb2.Accept()),
    case_pb2.CaseAction(report_progress=case_pb2.ReportProgress(text="已联系企业", contacted=True)),
    case_pb2.CaseAction(resolve=case_pb2.Resolve(text="已办理")),
    case_pb2.CaseAction(call_back=case_pb2.CallBack(contacted=True, resolved=True, satisfied=True)),
    case_pb2.CaseAction(close=case_pb2.Close()),
)


class Actor(Sender):
    """Takes each case of a Submitter from acceptance to closing, at the given replicas of routing in turn, each action
    dated an hour after the one before. Each action is done once, however often it had to be asked for."""

    def __init__(self, apis, name, received):
        super().__init__(name)
        self._apis = apis
        self._received = received
        self.closed = 0

    def work(self):
        for record, token in iter(self._received.get, None):
            for number, action in enumerate(ACTIONS):
                request = case_service_pb2.ActOnCaseRequest(
                    request_id=new_id(), issue_key=record.key, action=action, at_least_token=token,
                    occurred_at=_hours_later(record, number + 1))
                answer = self._act(number, request)
                # 1 is the receipt.
                assert answer.event.sequence == number + 2, answer
                again = self._act(number + 1, request)
                assert again.event == answer.event, f"{answer.event} became {again.event}"
                self.tokens[record.org_unit_id] = answer.consistency_token
            self.closed += 1

    def _act(self, number, request):
        api = self._apis[number % len(self._apis)]
        return self.until_done(lambda: api.cases.ActOnCase(request, timeout=10))


def wait_for(senders, seconds=PATIENCE):
    """Waits until all are done, and raises the first fault."""
    def done():
        raise_faults(senders)
        return not any(sender.is_alive() for sender in senders)

    wait_until(done, seconds, "all senders are done: " + ", ".join(sender.name for sender in senders))
    raise_faults(senders)


def raise_faults(senders):
    for sender in senders:
        if sender.fault is not None:
            raise sender.fault
