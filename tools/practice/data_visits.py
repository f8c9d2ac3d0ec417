"""What teams found and what they brought along."""

# {unit} {place} {names} {product} stand for what the visit fills in.
NOTES = (
    "在{place}走访，企业生产经营总体平稳，{product}订单较去年同期有所增长，现场记录诉求并答复政策咨询。",
    "实地查看{product}生产现场，企业反映原材料价格波动较大，诉求已逐条登记。",
    "与企业负责部门座谈，送去惠企政策汇编，现场解答税收和用工问题。",
    "到{place}开展“政务服务进企业”活动，企业对办事效率总体满意，另有意见带回研究。",
    "企业正在推进扩建，重点了解用地、规划和报建手续进展。",
    "了解企业融资和回款情况，现场联系金融服务专员。",
    "走访中查看{product}车间和仓库，对消防和用电隐患提出提醒。",
    "企业提出的问题涉及多个部门，带回后由区级统一交办。",
    "介绍免申即享政策清单，核对企业已享受和应享未享的政策。",
    "回访上一轮诉求办理情况，企业新提出的事项已登记。",
    "开展帮办代办上门服务，指导企业网上提交材料。",
    "企业近期有搬迁和扩产计划，已向其推荐{place}可用厂房。",
)

# Policies that teams bring, and what usually comes of them.
POLICIES = (
    "研发费用税前加计扣除政策", "先进制造业企业增值税加计抵减政策", "小微企业所得税优惠政策", "个体工商户减半征税政策",
    "失业保险稳岗返还（免申即享）", "一次性扩岗补助", "吸纳重点群体就业税收优惠", "职业技能提升补贴", "知识产权质押融资贴息",
    "创业担保贷款贴息", "小微企业首贷贴息", "政府性融资担保降费", "应急转贷资金办法", "高新技术企业认定奖励",
    "科技型中小企业评价服务", "技术合同登记后补助", "企业技术改造奖补", "专精特新中小企业培育政策", "首台（套）装备支持政策",
    "工业用地弹性出让政策", "工程建设项目联合验收办法", "施工许可分阶段办理指引", "企业迁移一件事办事指南",
    "外贸企业出口信用保险扶持", "境外展会展位补贴", "跨境电商退货便利措施", "大规模设备更新政策", "人才公寓与引才补贴",
    "水电气网联合报装指南", "包容审慎监管与轻微免罚清单",
)
OUTCOMES = {"EXPLAINED": 46, "APPLIED": 24, "GRANTED": 20, "NOT_ELIGIBLE": 7, "UNSPECIFIED": 3}

# How an issue begins and ends when it is written down, by kind. {short} and {place} stand for what the issue fills in.
OPENINGS = ("", "", "{short}反映：", "走访{place}时企业提出：", "座谈中企业提出：", "企业来电反映：", "现场了解到，")
ENDINGS = {
    "PROBLEM": ("", "希望尽快协调解决。", "已影响正常经营。", "希望明确由哪个部门负责。", "企业多次反映，盼有答复。", "请求上门查看。"),
    "NEED": ("", "希望给予支持。", "希望有专人对接。", "盼能尽早落实。", "希望本季度内有结果。", "请给予指导。"),
    "SUGGESTION": ("", "希望研究采纳。", "其他企业也有同样想法。", "愿意参与试点。", "供有关部门参考。"),
}

# How often each top category comes up.
CATEGORY_WEIGHTS = {
    "land": 38, "planning": 26, "construction": 36, "fire": 26, "property-rights": 30, "financing": 44, "tax": 34,
    "labour": 42, "policy-claims": 42, "utilities": 38, "market-access": 30, "environment": 22,
    "intellectual-property": 20, "logistics": 28, "innovation": 22, "trade": 20, "government-service": 34,
}

# How many visits fall to each month, from January on: few around the Spring Festival, most in spring and autumn.
MONTH_WEIGHTS = {1: 6, 2: 9, 3: 21, 4: 20, 5: 19, 6: 17, 7: 16, 8: 15, 9: 18, 10: 14, 11: 4}
