"""The labels of a table, in every spelling that was seen."""

from __future__ import annotations

import re

_NAMES = {
    "security": ("security", "security type"),
    "auth": ("auth",),
    "weight": ("weight", "request weight", "ip weight"),
    "weight on success": ("weight on success",),
    "order count": ("unfilled order count",),
    "data source": ("data source",),
    "changes state": ("changes state",),
    "client order id": ("client order id",),
    "settled by": ("settled by",),
    "deprecated": ("deprecated",),
    "errors": ("error",),
    "error data": ("error data",),
    "source": ("source",),
    "since": ("since",),
    "scope": ("scope",),
    "operation": ("operation",),
    "parameters": ("parameter", "request parameter", "path parameter", "query parameter"),
    "conditions": ("condition", "conditional parameter"),
    "helpers": ("helper",),
    "variants": ("variant",),
    "response": ("response", "response example", "example response"),
    "fields": ("field", "response field", "response parameter"),
    "payload": ("payload", "payload example", "event payload", "event example"),
    "stream": ("stream name", "stream"),
    "update speed": ("update speed",),
    "event": ("event", "event name"),
    "event type": ("event type",),
    "stream class": ("stream class",),
    "subscription": ("subscription",),
    "route": ("route", "url path", "url"),
    "sequence": ("sequence",),
    "type": ("type",),
    "codes": ("code",),
    "method": ("method", "method name"),
    "request": ("request", "request example", "example request", "http request", "example"),
    "description": ("description", "api description", "stream description", "event description", "method description"),
    "notes": ("note", "important note"),
    "authorization": ("authorization",),
    "returns": ("return type",),
}
# The same pages in Chinese, which the exchange publishes too.
_CHINESE = {
    "weight": ("权重", "请求权重", "ip权重"),
    "order count": ("未成交的订单计数", "未成交订单数量", "未成交订单计数"),
    "data source": ("数据源", "数据来源"),
    "parameters": ("参数", "请求参数"),
    "response": ("响应", "响应示例", "返回", "返回示例"),
    "stream": ("stream 名称", "stream名称", "数据流名称"),
    "update speed": ("更新速度",),
    "notes": ("注意", "备注", "注意事项"),
    "payload": ("推送内容", "数据内容"),
    "security": ("安全类型",),
    "event": ("事件名称",),
    "method": ("方法",),
    "request": ("请求", "请求示例"),
    "description": ("接口描述", "数据流描述", "事件描述"),
}
_BY_SPELLING = {
    spelling: name for names in (_NAMES, _CHINESE) for name, spellings in names.items() for spelling in spellings
}


def label_name(words: str) -> str:
    """The one name of a label; empty for words that are no label."""
    text = " ".join(words.replace("`", "").replace("\N{REPLACEMENT CHARACTER}", "").lower().split()).strip(" :：")
    text = re.sub(r"\s*\(.*\)$", "", text)
    singular = text[:-1] if text.endswith("s") and not text.endswith("ss") else text
    return _BY_SPELLING.get(singular) or _BY_SPELLING.get(text, "")
