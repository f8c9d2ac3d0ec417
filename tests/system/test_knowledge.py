"""What was solved before, over the network: found at intake, kept whole over kills, written up for others."""
import os
import shutil

from harness import samples
from harness.case_test import StackTest
from harness.client import new_id
from harness.waiting import wait_until
from zhuqi.routing.v1 import case_pb2, case_service_pb2, knowledge_service_pb2, practice_pb2


class Knowledge(StackTest):

    def like(self, title, token="", **fields):
        """Natural keys of the cases that read like a title."""
        return [found.issue_key.external_id for found in self.similar(title, token, **fields).cases]

    def similar(self, title, token="", **fields):
        request = knowledge_service_pb2.FindSimilarCasesRequest(at_least_token=token, **fields)
        request.text.title = title
        return self.stack.routing.knowledge.FindSimilarCases(request)

    def report(self, external_id, title, unit="east", **fields):
        return self.submit(samples.issue(external_id, unit, title=title, **fields)).consistency_token

    def act(self, external_id, action):
        return self.stack.routing.cases.ActOnCase(case_service_pb2.ActOnCaseRequest(
            request_id=new_id(), issue_key=samples.key(external_id), action=action)).consistency_token

    def solve(self, external_id, text):
        self.act(external_id, case_pb2.CaseAction(accept=case_pb2.Accept()))
        self.act(external_id, case_pb2.CaseAction(resolve=case_pb2.Resolve(text=text)))
        return self.act(external_id, case_pb2.CaseAction(call_back=case_pb2.CallBack(contacted=True, resolved=True)))

    def wait_for_index(self):
        def ready():
            try:
                self.similar("任何")
            except Exception:  # noqa: it is being built
                return False
            return True
        wait_until(ready, 60, "similar cases can be searched")

    def test_the_token_of_a_submission_finds_it_at_once(self):
        self.wait_for_index()
        for number in range(5):
            token = self.report(f"token-{number}", "压缩空气站噪声扰民")
            self.assertIn(f"token-{number}", self.like("压缩空气站噪声", token))

    def test_what_solved_a_case_is_shown_to_the_next_one(self):
        self.wait_for_index()
        self.report("solved", "屋顶光伏并网手续办不下来", text="联系电话13800138000，供电窗口不受理。")
        self.stack.routing.cases.GetCase(case_service_pb2.GetCaseRequest(
            issue_key=samples.key("solved"), at_least_token=self.report("other", "门前道路积水")))
        token = self.solve("solved", "发改、供电联合受理，备案后十个工作日并网。")
        answer = self.similar("光伏项目并网手续", token, outcome=case_pb2.OUTCOME_RESOLVED)
        self.assertEqual([found.issue_key.external_id for found in answer.cases], ["solved"])
        self.assertEqual(answer.cases[0].solution, "发改、供电联合受理，备案后十个工作日并网。")
        self.assertIn("并网手续", answer.cases[0].matched[0].words)
        written = self.stack.routing.knowledge.WritePractice(knowledge_service_pb2.WritePracticeRequest(
            request_id=new_id(), case_id=answer.cases[0].case_id))
        published = self.stack.routing.knowledge.ActOnPractice(knowledge_service_pb2.ActOnPracticeRequest(
            request_id=new_id(), practice_id=written.practice.practice_id, etag=written.practice.etag,
            action=practice_pb2.PracticeAction(publish=practice_pb2.PublishPractice())))
        self.assertEqual(list(published.practice.solved_in_district_ids), ["east"])
        again = self.similar("光伏项目并网手续", outcome=case_pb2.OUTCOME_RESOLVED)
        self.assertEqual(again.cases[0].practice_id, written.practice.practice_id)

    def test_after_sigkill_and_without_its_folder_the_index_is_whole_again(self):
        self.wait_for_index()
        token = self.report("kept", "危险废物贮存间不合规")
        self.assertEqual(self.like("危险废物贮存间", token)[0], "kept")
        replica = self.stack.replicas["routing"][0]
        replica.kill()
        later = self.report("later", "危险废物贮存间不合规")
        replica.restart()
        self.wait_for_index()
        self.assertCountEqual(self.like("危险废物贮存间", later)[:2], ["kept", "later"])
        replica.kill()
        shutil.rmtree(os.path.join(self.stack.directory, "search-0"))
        replica.restart()
        self.wait_for_index()
        self.assertCountEqual(self.like("危险废物贮存间", later)[:2], ["kept", "later"])
