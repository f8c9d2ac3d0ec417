"""The city, its sixteen units, and the departments that each of them has."""

from collections import namedtuple

CITY = "zhengzhou"

# `visits`, `issues` and `enterprises` say how much of the practice falls to the unit; `style` how its departments are
# named; `registered` the division code that its enterprises mostly bear.
Unit = namedtuple("Unit", "id name short style system code registered visits issues enterprises places")

UNITS = (
    Unit("zhongyuan", "中原区", "中原", "district", "GB_T_2260", "410102", "410102", 14, 41, 19,
         ("须水街道", "棉纺路街道", "航海西路街道", "中原智谷", "郑煤机工业园", "西流湖街道")),
    Unit("erqi", "二七区", "二七", "district", "GB_T_2260", "410103", "410103", 13, 37, 17,
         ("马寨产业园", "德化街街道", "嵩山路街道", "侯寨街道", "二七新区", "人和路街道")),
    Unit("guancheng", "管城回族区", "管城", "district", "GB_T_2260", "410104", "410104", 14, 39, 19,
         ("金岱街道", "金岱产业集聚区", "十八里河街道", "南曹街道", "紫荆山南路街道", "商都街区")),
    Unit("jinshui", "金水区", "金水", "district", "GB_T_2260", "410105", "410105", 22, 66, 29,
         ("花园路街道", "国基路街道", "杨金路街道", "金水科教园区", "文化路街道", "经八路街道", "丰庆路街道")),
    Unit("shangjie", "上街区", "上街", "district", "GB_T_2260", "410106", "410106", 5, 13, 7,
         ("工业路街道", "峡窝镇", "通航产业园", "装备产业园")),
    Unit("huiji", "惠济区", "惠济", "district", "GB_T_2260", "410108", "410108", 8, 22, 11,
         ("江山路街道", "大河路街道", "惠济经济开发区", "花园口镇", "古荥镇")),
    Unit("zhongmu", "中牟县", "中牟", "county", "GB_T_2260", "410122", "410122", 9, 25, 12,
         ("官渡镇", "绿博组团", "汽车产业园", "雁鸣湖镇", "韩寺镇")),
    Unit("gongyi", "巩义市", "巩义", "county", "GB_T_2260", "410181", "410181", 6, 17, 8,
         ("回郭镇", "站街镇", "豫联产业园", "竹林镇", "小关镇")),
    Unit("xingyang", "荥阳市", "荥阳", "county", "GB_T_2260", "410182", "410182", 7, 19, 10,
         ("豫龙镇", "五龙产业园", "广武镇", "乔楼镇", "王村镇")),
    Unit("xinmi", "新密市", "新密", "county", "GB_T_2260", "410183", "410183", 5, 13, 7,
         ("曲梁镇", "曲梁产业园", "大隗镇", "岳村镇")),
    Unit("xinzheng", "新郑市", "新郑", "county", "GB_T_2260", "410184", "410184", 8, 22, 11,
         ("龙湖镇", "薛店镇", "新港产业园", "辛店镇", "新村镇")),
    Unit("dengfeng", "登封市", "登封", "county", "GB_T_2260", "410185", "410185", 4, 10, 6,
         ("卢店街道", "大冶镇", "产业新城", "告成镇")),
    Unit("jingkai", "郑州经济技术开发区", "郑州经开区", "zone", "NBS", "410171", "410171", 14, 42, 19,
         ("国际物流园区", "滨河国际新城", "潮河街道", "前程街道", "综合保税区", "智能网联产业园")),
    Unit("gaoxin", "郑州高新技术产业开发区", "郑州高新区", "zone", "NBS", "410172", "410172", 15, 46, 20,
         ("枫杨街道", "梧桐街道", "石佛街道", "双桥街道", "软件园", "创新大道沿线")),
    Unit("hangkonggang", "郑州航空港经济综合实验区", "郑州航空港区", "zone", "NBS", "410173", "410173", 15, 44, 20,
         ("新港街道", "银河街道", "智能终端产业园", "生物医药产业园", "北港片区", "双鹤湖片区")),
    Unit("zhengdong", "郑东新区", "郑东新区", "zone", "LOCAL", "410100-ZD", "410100", 13, 38, 18,
         ("如意湖街道", "龙子湖街道", "白沙园区", "智慧岛", "商都路街道", "金光路街道")),
)

UNIT_BY_ID = {unit.id: unit for unit in UNITS}

# Function, the name at the city, the name at a unit. {full} is the unit's name, {short} the short one.
# A name with " | " has one form for districts and zones, which have branches, and one for counties, which have bureaus.
FUNCTIONS = (
    ("approval", "郑州市行政审批和政务信息管理局", "{full}行政审批和政务信息管理局"),
    ("planning", "郑州市自然资源和规划局", "郑州市自然资源和规划局{short}分局 | {full}自然资源和规划局"),
    ("housing", "郑州市城乡建设局", "{full}住房和城乡建设局"),
    ("market-supervision", "郑州市市场监督管理局", "{full}市场监督管理局"),
    ("tax", "国家税务总局郑州市税务局", "国家税务总局{tax}税务局"),
    ("fire", "郑州市消防救援支队", "{full}消防救援大队"),
    ("industry", "郑州市工业和信息化局", "{full}工业和信息化局"),
    ("finance", "郑州市金融工作局", "{full}金融工作局"),
    ("human-resources", "郑州市人力资源和社会保障局", "{full}人力资源和社会保障局"),
    ("science", "郑州市科学技术局", "{full}科学技术局"),
    ("ecology", "郑州市生态环境局", "郑州市生态环境局{short}分局"),
    ("transport", "郑州市交通运输局", "{full}交通运输局"),
    ("utilities", "郑州市城市管理局", "{full}城市管理局"),
    ("commerce", "郑州市商务局", "{full}商务局"),
    ("public-security", "郑州市公安局", "郑州市公安局{short}分局 | {full}公安局"),
    ("development-reform", "郑州市发展和改革委员会", "{full}发展和改革委员会"),
    ("justice", "郑州市司法局", "{full}司法局"),
)

FUNCTION_WORDS = {
    "approval": "行政审批", "planning": "自然资源和规划", "housing": "住房城乡建设", "market-supervision": "市场监管",
    "tax": "税务", "fire": "消防", "industry": "工信", "finance": "金融", "human-resources": "人社", "science": "科技",
    "ecology": "生态环境", "transport": "交通运输", "utilities": "城市管理", "commerce": "商务",
    "public-security": "公安", "development-reform": "发改", "justice": "司法行政",
}

CATEGORIES = (
    ("land", "土地"), ("land.change-of-use", "土地用途变更"), ("land.supply", "用地供应"), ("land.lease", "厂房场地租赁"),
    ("planning", "规划"), ("planning.permit", "规划许可"), ("planning.road", "道路与配套规划"),
    ("construction", "工程建设"), ("construction.permit", "施工许可"),
    ("construction.completion-acceptance", "竣工验收"), ("construction.payment", "工程款与劳务"),
    ("fire", "消防"), ("fire.acceptance", "消防验收备案"), ("fire.safety", "消防安全整改"),
    ("property-rights", "不动产权"), ("property-rights.first-registration", "首次登记"),
    ("property-rights.transfer", "转移与分割登记"),
    ("financing", "融资"), ("financing.loan", "贷款"), ("financing.guarantee", "担保与应急转贷"),
    ("financing.listing", "上市与股权融资"),
    ("tax", "税务"), ("tax.refund", "退税"), ("tax.invoice", "发票"), ("tax.preference", "税收优惠"),
    ("labour", "用工"), ("labour.recruitment", "招聘用工"), ("labour.social-insurance", "社会保险"),
    ("labour.talent", "人才服务"),
    ("policy-claims", "政策兑现"), ("policy-claims.industry", "工业奖补"), ("policy-claims.technology", "科技奖补"),
    ("policy-claims.talent", "人才奖补"),
    ("utilities", "水电气热"), ("utilities.electricity", "用电"), ("utilities.water", "供排水"),
    ("utilities.gas", "燃气供热"), ("utilities.municipal", "市政设施"),
    ("market-access", "市场准入"), ("market-access.registration", "登记注册"), ("market-access.licence", "行业许可"),
    ("environment", "生态环境"), ("environment.assessment", "环评审批"), ("environment.emission", "排污与管控"),
    ("intellectual-property", "知识产权"), ("intellectual-property.patent", "专利"),
    ("intellectual-property.trademark", "商标与维权"),
    ("logistics", "交通物流"), ("logistics.road", "道路通行"), ("logistics.freight", "货运与口岸"),
    ("innovation", "科技创新"), ("innovation.platform", "创新平台"), ("innovation.cooperation", "产学研合作"),
    ("trade", "市场开拓与外贸"), ("trade.export", "外贸出口"), ("trade.market", "产销对接"),
    ("government-service", "政务服务"), ("government-service.online", "网上办事"),
    ("government-service.on-site", "联合上门服务"), ("government-service.green-channel", "绿色通道"),
    ("government-service.cross-level", "跨层级事项"), ("government-service.seal-and-licence", "证照办理"),
)

# Indicator and measure have the same word.
INDICATORS = (
    ("visits", "走访企业次数"), ("enterprises_reached", "走访企业家数"), ("issues_received", "收集问题需求建议件数"),
    ("cases_resolved", "已解决件数"), ("policies_delivered", "送政策次数"),
)
