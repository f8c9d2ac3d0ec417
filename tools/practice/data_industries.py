"""What the practice's enterprises are made of. All of them are invented; their names say so."""

from collections import namedtuple

# `sector` decides which situations fit; `legal` ends the name; `products` and `projects` fill the texts.
Industry = namedtuple("Industry", "sector legal products projects")

INDUSTRIES = (
    Industry("factory", "超硬材料", ("金刚石微粉", "立方氮化硼刀具"), ("超硬材料扩产项目", "培育钻石生产线")),
    Industry("factory", "智能装备", ("矿山智能装备", "自动化输送线"), ("智能装备生产基地", "数字化车间改造项目")),
    Industry("factory", "铝业", ("铝合金板带", "电池铝箔"), ("高精铝板带项目", "再生铝利用项目")),
    Industry("factory", "耐火材料", ("定型耐火砖", "不定形浇注料"), ("绿色耐材技改项目", "隧道窑改造项目")),
    Industry("factory", "食品", ("速冻水饺", "方便米饭"), ("中央厨房项目", "冷链食品生产基地")),
    Industry("factory", "汽车零部件", ("汽车座椅骨架", "新能源汽车线束"), ("汽车零部件配套园", "底盘件焊装车间")),
    Industry("factory", "包装印刷", ("数码印刷包装", "环保纸箱"), ("绿色包装印刷项目", "数字印刷车间")),
    Industry("factory", "生物医药", ("体外诊断试剂", "医用敷料"), ("医疗器械产业化项目", "GMP车间项目")),
    Industry("factory", "电气", ("智能电表", "高低压成套设备"), ("智能电网设备项目", "箱式变电站项目")),
    Industry("factory", "服饰", ("女裤", "职业装"), ("服装智能裁剪项目", "服装产业园二期")),
    Industry("factory", "环保科技", ("污水处理设备", "工业除尘设备"), ("环保装备制造项目", "膜材料生产项目")),
    Industry("factory", "电子科技", ("智能传感器", "手机结构件"), ("传感器中试基地", "精密结构件项目")),
    Industry("tech", "软件", ("工业软件", "政企协同平台"), ("工业互联网平台", "研发总部项目")),
    Industry("tech", "信息技术", ("信创整机服务", "数据标注服务"), ("信创适配中心", "算力服务平台")),
    Industry("tech", "新材料", ("高性能陶瓷粉体", "石墨烯导热膜"), ("新材料中试线", "先进陶瓷项目")),
    Industry("tech", "检测技术", ("材料检测服务", "食品检测服务"), ("检验检测中心", "实验室扩建项目")),
    Industry("tech", "数字科技", ("智慧园区系统", "直播电商平台"), ("数字经济产业园", "直播基地项目")),
    Industry("logistics", "供应链管理", ("冷链配送", "跨境电商仓配"), ("供应链仓配中心", "冷链物流园")),
    Industry("logistics", "物流", ("零担专线", "中欧班列集货"), ("智慧物流园", "分拨中心项目")),
    Industry("logistics", "国际货运代理", ("航空货代", "保税仓储"), ("保税仓扩建项目", "航空物流仓")),
    Industry("service", "商业管理", ("商业综合体运营", "特色街区运营"), ("商业综合体改造项目", "夜经济街区")),
    Industry("service", "餐饮管理", ("连锁餐饮", "团餐配送"), ("连锁门店扩张项目", "团餐配送中心")),
    Industry("service", "文化传媒", ("文创产品", "会展服务"), ("文创园项目", "会展中心配套项目")),
    Industry("service", "健康管理", ("体检服务", "康养服务"), ("康养中心项目", "体检中心项目")),
    Industry("service", "人力资源服务", ("劳务外包", "技能培训"), ("人力资源产业园", "实训基地项目")),
    Industry("build", "置业", ("产业园开发", "商业楼宇开发"), ("产业园三期", "科创楼宇项目")),
    Industry("build", "建设工程", ("市政工程施工", "钢结构工程"), ("装配式建筑基地", "钢结构加工项目")),
    Industry("build", "园区运营管理", ("标准厂房", "孵化器运营"), ("标准厂房二期", "小微企业园")),
)

# Sectors that a unit has many of.
SECTORS_OF_UNIT = {
    "jinshui": {"tech": 5, "service": 6, "build": 3, "factory": 2, "logistics": 1},
    "zhengdong": {"tech": 6, "service": 5, "build": 3, "logistics": 1},
    "gaoxin": {"tech": 7, "factory": 5, "build": 2, "service": 1},
    "jingkai": {"factory": 6, "logistics": 5, "tech": 2, "build": 1},
    "hangkonggang": {"factory": 5, "logistics": 6, "tech": 3, "build": 1},
    "erqi": {"factory": 5, "service": 4, "logistics": 2, "build": 2},
    "zhongyuan": {"factory": 4, "tech": 3, "service": 3, "build": 2},
    "guancheng": {"factory": 4, "service": 3, "logistics": 3, "build": 2},
    "huiji": {"service": 4, "factory": 3, "logistics": 2, "build": 1},
}
SECTORS_ELSEWHERE = {"factory": 8, "logistics": 2, "build": 1, "service": 1, "tech": 1}

# Two characters, one from each, make a trade name.
NAME_FIRST = "豫中恒嵩天鼎金瑞宏盛华泰德辰启昊博远明科众锦晟凯卓汇安祥"
NAME_SECOND = "禾川源达信和兴锐峰航泽润通创晖腾海硕诚瑜致原丰朗柏"

# Where enterprises that work here are registered when it is elsewhere.
REGISTERED_ELSEWHERE = ("110108", "310115", "440300", "320100", "410200", "410700", "330100", "610100")
