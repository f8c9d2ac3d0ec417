"""What test classes with a stack of their own share."""
import sys
import unittest

import grpc
from harness import recount, samples
from harness.failure import Failure
from harness.stack import Stack


class StackTest(unittest.TestCase):
    """Starts a stack for the class, with the sample city in it. A test that fails shows the ends of the logs.

    With `shared`, classes of one module take one stack: starting it takes longer than what they do with it."""

    replicas = 1
    shared = False
    _shared_stacks = {}

    @classmethod
    def setUpClass(cls):
        if cls.shared and cls.__module__ in StackTest._shared_stacks:
            cls.stack, cls.directory_token, cls.catalogue_token = StackTest._shared_stacks[cls.__module__]
            return
        cls.stack = Stack(cls.replicas).start()
        if cls.shared:
            unittest.addModuleCleanup(StackTest._shared_stacks.pop, cls.__module__)
            unittest.addModuleCleanup(cls.stack.stop)
        else:
            cls.addClassCleanup(cls.stack.stop)
        cls.directory_token, cls.catalogue_token = samples.set_up(cls.stack)
        if cls.shared:
            StackTest._shared_stacks[cls.__module__] = cls.stack, cls.directory_token, cls.catalogue_token

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result is not None else 0
        super().run(result)
        if result is not None and len(result.failures) + len(result.errors) > before:
            print(self.stack.logs(), file=sys.stderr)

    def refused(self, call, request, **options):
        """Makes a call that must fail, and returns its Failure."""
        try:
            answer = call(request, **options)
        except grpc.RpcError as error:
            return Failure(error)
        raise self.failureException(f"accepted: {answer}")

    def submit(self, *records, api=None):
        """Submits records that must all be taken."""
        answer = (api or self.stack.intake).records.SubmitRecords(samples.submit_request(*records))
        for result in answer.results:
            self.assertIn(result.disposition, (1, 2, 3), result)
        return answer

    def assert_figures_are_a_recount(self, token="", reporting=None, tokens=()):
        """Figures equal to a recount from the lists, and VerifyFigures finds no difference."""
        reporting = reporting or self.stack.reporting
        for each in tokens:
            recount.served_figures(reporting, each)
        records, _ = recount.all_records(self.stack.intake, token)
        cases, _ = recount.all_cases(self.stack.routing, token)
        expected = recount.Recount(records, cases).figures()
        served = recount.served_figures(reporting, token)
        self.assertEqual(recount.differences(expected, served), [])
        verified = recount.verify(reporting, token)
        self.assertEqual(list(verified.differences), [])
        self.assertGreater(verified.events, 0)
        return records, cases
