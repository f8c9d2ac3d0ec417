"""Cases written by hand: four that the practice is known for, and the ten that were not resolved.

Each has its own enterprise and its own visit. A step is (local time in 2024, action, comment); see `lives.py` for what
the actions mean.
"""

from collections import namedtuple

Special = namedtuple(
    "Special", "external_id unit enterprise sector visited_on raised kind category title text departments legacy project steps")


def accept():
    return {"accept": {}}


def assign(department, role):
    return {"assign": {"department_id": department, "role": "ASSIGNMENT_ROLE_" + role}}


def report(text, contacted=False):
    return {"report_progress": {"text": text, "contacted": True} if contacted else {"text": text}}


def escalate(reason):
    return {"escalate": {"reason": reason}}


def convene(departments, decision):
    return {"convene": {"department_ids": departments.split(), "decision": decision}}


def designate(**treatment):
    return {"designate": treatment}


def follow(department, every, reason):
    return {"designate": {"special": {"follower_department_id": department, "report_every_working_days": every,
                                      "reason": reason}}}


def follow_report(text, final=False):
    return {"report_special": {"text": text, "final": True} if final else {"text": text}}


def resolve(text):
    return {"resolve": {"text": text}}


def explain(text):
    return {"explain": {"text": text}}


def call_back(contacted=True, resolved=False, satisfied=False):
    answers = {"contacted": contacted, "resolved": resolved, "satisfied": satisfied}
    return {"call_back": {name: True for name, said in answers.items() if said}}


def reopen(reason):
    return {"reopen": {"reason": reason}}


def close():
    return {"close": {}}


KNOWN = (
    Special(
        "issue-lanbaowan", "jinshui", "郑州蓝宝湾置业有限公司（示例）", "build", "03-12", "10:20", "PROBLEM",
        "land.change-of-use", "蓝宝湾三期部分地下空间变更用途，土地、规划、消防、竣工验收手续接不上",
        "蓝宝湾三期多年前开工，地下一层部分空间原批为设备用房和车位，现拟改作配套商业使用。建设期间土地、规划和消防的规定都已调整："
        "办理土地用途变更要先有规划意见，规划要先有消防审查意见，消防又要竣工验收资料，几个部门都认为应由对方先办，至今没有头绪。",
        ("planning", "fire", "housing"), True, "蓝宝湾三期",
        (
            ("03-12 11:05", accept(), "按历史遗留问题登记，自然资源和规划部门主办，消防、住建协办。"),
            ("03-12 14:30", report("已与企业联系并调取原用地批复、规划许可和施工图，确认属于建设期间规定调整造成的衔接问题。", True), ""),
            ("03-14 10:00", assign("jinshui.approval", "ASSISTANT"), "指派帮办代办专员，全程陪同企业办理。"),
            ("03-18 15:30", escalate("属历史遗留问题，跨自然资源和规划、消防、住建三个部门，地下空间用途变更的适用规定已调整，区级无权认定，提级至市级办理。"), ""),
            ("03-19 09:40", assign("zhengzhou.approval", "SUPERVISOR"), "市行政审批和政务信息管理局跟踪督办。"),
            ("03-19 09:50", follow("zhengzhou.approval", 10, "历史遗留问题，三部门互为前置，盯到办结为止。"), ""),
            ("03-22 09:30", convene("zhengzhou.planning zhengzhou.fire zhengzhou.housing zhengzhou.approval jinshui.planning",
                                    "第一次联席会议：按“尊重历史、保障安全、分步办理”处理。自然资源和规划部门认定用途变更的规划条件，消防部门按现行标准提出加强措施，住建部门同步核对竣工资料。"), "蓝宝湾三期专题会商。"),
            ("03-29 16:00", report("规划条件已初步认定，消防技术专家现场勘查，提出防火分区和疏散口整改意见六条，企业已开始整改。"), ""),
            ("04-01 10:00", follow_report("规划条件初步认定，消防整改六条企业已动工，下次联席会议定在4月上旬。"), ""),
            ("04-09 14:30", convene("zhengzhou.planning zhengzhou.fire zhengzhou.housing zhengzhou.approval jinshui.planning jinshui.fire jinshui.housing",
                                    "第二次联席会议：整改六条复核通过。土地用途变更、规划许可变更、消防验收、竣工联合验收并联受理，一份会议纪要作为各部门办理依据。"), "蓝宝湾三期专题会商。"),
            ("04-17 16:20", resolve("地下空间用途变更批复、规划许可变更、消防验收意见和竣工验收备案全部办结，办理路径已整理成册供其他区县参照。"), ""),
            ("04-18 10:30", call_back(True, True, True), "企业确认手续已全部取得。"),
            ("04-18 16:30", follow_report("批复、许可变更、消防验收和竣工备案全部取得，企业已确认，办理路径成册，建议销号。", final=True), ""),
            ("04-19 09:30", close(), ""),
        )),
    Special(
        "issue-digital-printing-park", "zhongmu", "河南中原数字印刷产业园开发有限公司（示例）", "build", "05-14", "10:00", "NEED",
        "construction.completion-acceptance", "中原数字印刷产业园竣工验收前，希望各部门提前介入指导",
        "中原数字印刷产业园一期主体完工，入园印刷企业已订好设备，计划夏季投产。担心竣工验收时规划核实、消防、环保、市政接驳分头提出意见、反复整改，希望相关部门在验收前到现场集中指导。",
        ("housing", "planning", "fire", "ecology", "utilities"), False, "中原数字印刷产业园",
        (
            ("05-14 10:40", accept(), ""),
            ("05-14 14:00", report("与企业对接，梳理竣工验收前待办事项十二项。", True), ""),
            ("05-15 09:30", designate(task_force="中原数字印刷产业园助企专班"), "成立助企专班，行政审批部门统筹。"),
            ("05-15 10:00", convene("zhongmu.housing zhongmu.planning zhongmu.fire zhongmu.ecology zhongmu.utilities",
                                    "五部门在竣工验收前提前介入：规划核实、消防、环保、雨污管网和竣工资料同步预检，一次性告知全部问题，由专班销号管理。"), "现场会商。"),
            ("05-22 15:20", report("五部门完成现场预检，形成整改清单十七条，施工单位已开始整改。"), ""),
            ("05-29 16:10", report("整改清单完成十五条，剩余雨水口标高和防火封堵两条本周完成。"), ""),
            ("06-04 11:20", resolve("整改全部销号，竣工联合验收一次通过，首批入园企业进场安装设备。"), ""),
            ("06-05 10:15", call_back(True, True, True), "企业表示提前介入至少节省两个月。"),
            ("06-06 09:20", close(), ""),
        )),
    Special(
        "issue-jindai-park", "guancheng", "郑州金岱智慧园区运营管理有限公司（示例）", "build", "07-09", "10:10", "NEED",
        "government-service.on-site", "金岱智慧园区新入驻企业集中办照办税，希望联合上门服务",
        "金岱智慧园区近期集中入驻一批小微企业，登记注册、税种核定、发票额度和许可事项都要办，企业人手少、跑窗口耽误开业，希望市场监管和税务部门到园区现场办公。",
        ("market-supervision", "tax"), False, "金岱智慧园区",
        (
            ("07-09 10:25", accept(), ""),
            ("07-09 10:45", report("已与园区联系，收集待办事项清单，确定次日下午现场办公。", True), ""),
            ("07-09 10:50", designate(green_channel=True), "开通绿色通道，现场受理、现场审批。"),
            ("07-10 14:00", convene("guancheng.market-supervision guancheng.tax guancheng.approval",
                                    "市场监管、税务联合上门：设立临时窗口，登记注册与税务信息确认同步办理，许可事项由行政审批部门带回并联审批。"), "园区现场会商。"),
            ("07-12 16:00", resolve("现场办理登记注册、税种核定和发票核定共四十六件，许可事项全部出证，园区设立常态化服务点。"), ""),
            ("07-15 09:50", call_back(True, True, True), ""),
            ("07-15 15:30", close(), ""),
        )),
    Special(
        "issue-new-materials-policy", "xingyang", "荥阳先进新材料研究院有限公司（示例）", "tech", "08-20", "15:00", "PROBLEM",
        "policy-claims.technology", "新型研发机构应享受的科研补助政策一直没有兑现",
        "研究院通过新型研发机构备案后，按规定应享受研发投入后补助，材料交齐已超过半年，因主管科室调整和台账口径不一致，应得的补助没有兑现，影响中试设备采购。",
        ("science", "industry"), False, "新材料研究院中试平台",
        (
            ("08-20 15:40", accept(), ""),
            ("08-21 09:50", report("上门核对备案文件和研发投入台账，确认符合兑现条件。", True), ""),
            ("08-23 10:30", assign("zhengzhou.science", "SUPERVISOR"), "请市科学技术局指导口径认定。"),
            ("08-28 16:20", report("研发投入口径已按统计年报统一，进入资金审核。"), ""),
            ("09-05 11:10", resolve("政策补助已全额拨付到账，并将同类机构纳入主动核查名单，逐家上门兑现。"), ""),
            ("09-06 10:00", call_back(True, True, True), "研究院确认资金到账。"),
            ("09-06 15:40", close(), ""),
        )),
)

EXPLAINED = (
    Special(
        "", "jinshui", "河南恒瑜信息技术有限公司（示例）", "tech", "04-23", "10:00", "SUGGESTION", "financing.loan",
        "建议财政对小微企业流动资金贷款全额贴息", "企业认为贷款成本仍然偏高，建议由区财政对小微企业流动资金贷款给予全额贴息。",
        (), False, "",
        (
            ("04-23 11:10", accept(), ""),
            ("04-23 15:00", report("电话了解企业贷款结构和实际利率。", True), ""),
            ("04-26 10:30", explain("现行贴息政策限于创业担保贷款和知识产权质押贷款，全额贴息没有依据。已向企业说明可适用的两项贴息并协助申请，建议转政策制定部门研究。"), ""),
        )),
    Special(
        "", "gaoxin", "郑州博致检测技术有限公司（示例）", "tech", "06-18", "10:00", "PROBLEM", "policy-claims.technology",
        "错过申报期的科技补助希望补报", "企业更换财务人员，错过上一年度研发补助申报期，希望能够补报。",
        ("science",), False, "",
        (
            ("06-18 10:50", accept(), ""),
            ("06-18 14:40", report("核对申报通知、公示名单和资金安排。", True), ""),
            ("06-21 16:00", explain("上一年度资金已按公示名单拨付完毕，超期补报没有依据。已将企业列入本年度提醒名单，并提前辅导研发辅助账。"), ""),
        )),
    Special(
        "", "shangjie", "郑州盛峰铝业有限公司（示例）", "factory", "05-21", "14:10", "PROBLEM", "utilities.electricity",
        "要求下调工商业用电价格", "企业为连续生产，电费占成本三成，要求下调工商业用电价格。",
        ("development-reform",), False, "",
        (
            ("05-21 15:00", accept(), ""),
            ("05-22 09:40", report("与企业核对用电曲线和电费构成。", True), ""),
            ("05-24 16:10", explain("工商业电价由省级统一核定、随市场交易形成，区级不能下调。已协助企业参加电力市场交易并调整错峰班次，预计可降低支出。"), ""),
        )),
    Special(
        "", "gongyi", "巩义嵩锐耐火材料有限公司（示例）", "factory", "09-10", "14:30", "PROBLEM", "environment.emission",
        "希望重污染天气期间豁免停产", "企业有出口订单，希望重污染天气预警期间不执行停产。",
        ("ecology",), False, "",
        (
            ("09-10 15:20", accept(), ""),
            ("09-11 10:00", report("到厂核对绩效等级和治理设施。", True), ""),
            ("09-14 11:00", explain("企业现为C级，应急响应期间不能豁免。已给出提级改造清单，达到B级后可自主减排，企业表示理解。"), ""),
        )),
    Special(
        "", "xinzheng", "新郑众达物流有限公司（示例）", "logistics", "10-15", "10:30", "PROBLEM", "logistics.road",
        "要求取消学校路段早晚货车限行", "配送车辆早晚高峰不能通过学校路段，要求取消该路段货车限行。",
        ("public-security",), False, "",
        (
            ("10-15 11:20", accept(), ""),
            ("10-15 15:30", report("会同交警查看路段和事故记录。", True), ""),
            ("10-21 16:30", explain("该路段有两所学校，早晚限行为保障学生安全，不能取消。已为企业规划绕行线路并办理平峰时段通行码。"), ""),
        )),
)

OTHERWISE_ENDED_OR_OPEN = (
    Special(
        "", "erqi", "郑州瑞朗餐饮管理有限公司（示例）", "service", "07-16", "14:20", "NEED", "market-access.licence",
        "门店搬迁后食品经营许可变更", "门店搬迁，需要变更食品经营许可地址。",
        ("market-supervision",), False, "",
        (
            ("07-16 15:10", accept(), ""),
            ("07-16 16:30", report("告知变更材料和网上办理路径。", True), ""),
            ("07-19 11:00", resolve("许可变更已核准，电子证照已下发。"), ""),
            ("07-22 10:10", call_back(False), "电话无人接听。"),
            ("07-24 15:20", call_back(False), "再次致电仍未接通，现场核实门店已停业。"),
            ("07-25 09:40", close(), "两次回访未能联系，按未确认办结。"),
        )),
    Special(
        "", "hangkonggang", "郑州宏博国际货运代理有限公司（示例）", "logistics", "09-24", "10:40", "PROBLEM", "land.supply",
        "航空物流仓预留地块规划道路未定，用地手续不能启动",
        "航空物流仓拟用地块中间有一条规划道路，线位调整方案还在编制，供地、方案审查都无法启动。",
        ("planning", "transport"), False, "航空物流仓",
        (
            ("09-24 11:30", accept(), ""),
            ("09-24 15:20", report("与企业核对用地红线和规划道路线位。", True), ""),
            ("10-10 10:20", escalate("规划道路线位涉及两个片区路网，需市级规划部门统一调整控规。"), ""),
            ("10-24 14:40", convene("zhengzhou.planning zhengzhou.transport hangkonggang.planning",
                                    "原则同意道路线位西移，由市级规划部门组织控规局部调整，公示期满后报批。"), "路网会商。"),
            ("11-08 16:00", report("控规局部调整方案已公示，公示期三十日，期满后上报审批，供地手续同步准备。"), "公示期内，继续办理。"),
        )),
    Special(
        "", "zhongyuan", "郑州德和商业管理有限公司（示例）", "service", "10-15", "14:00", "PROBLEM", "property-rights.first-registration",
        "购置的商业用房面积认定有争议，不动产权证办不下来",
        "企业购置商业用房，测绘面积与合同面积相差较大，开发单位与企业各执一词，登记申请被退回。",
        ("planning", "justice"), False, "",
        (
            ("10-15 14:50", accept(), ""),
            ("10-15 16:20", report("调取合同和测绘报告。", True), ""),
            ("10-25 11:00", resolve("组织重新测绘，按重测面积受理登记。"), ""),
            ("10-28 15:00", call_back(True, False, False), "企业不认可重测的公摊部分，登记尚未完成。"),
            ("11-06 10:30", report("已委托第三方机构复核公摊系数，复核结论出具后继续调解。"), "等待第三方复核。"),
        )),
    Special(
        "", "jingkai", "郑州凯航汽车零部件有限公司（示例）", "factory", "10-22", "10:20", "NEED", "labour.recruitment",
        "年底赶工需要焊装技工，希望协调职业院校实习生", "新车型年底量产，焊装车间技工缺口较大，希望与职业院校对接。",
        ("human-resources",), False, "",
        (
            ("10-22 11:00", accept(), ""),
            ("10-22 15:10", report("了解岗位要求和食宿条件。", True), ""),
            ("11-07 16:00", resolve("与两所院校签订实习协议，首批实习生已到厂。"), ""),
            ("11-11 10:30", call_back(False), "联系人出差，约定另行回访。"),
        )),
    Special(
        "", "zhengdong", "河南辰润文化传媒有限公司（示例）", "service", "10-30", "15:00", "NEED", "government-service.seal-and-licence",
        "会展活动许可与场地临时用电想一次办理", "承办年末会展，希望活动许可、临时用电和广告设置一次办理。",
        ("approval", "public-security", "utilities"), False, "",
        (
            ("10-30 15:40", accept(), ""),
            ("10-31 09:30", report("梳理事项清单，约定联合踏勘时间。", True), ""),
            ("11-12 16:20", resolve("活动许可、临时用电和广告设置已一并批复。"), "待回访。"),
        )),
)

UNRESOLVED = EXPLAINED + OTHERWISE_ENDED_OR_OPEN
ALL = KNOWN + UNRESOLVED
