"""A small exchange as a model written by hand: every kind of thing that a renderer meets."""

from __future__ import annotations

from wirewright.model.api import (
    Api,
    Auth,
    Choice,
    Command,
    ErrorCode,
    Event,
    EventShape,
    Example,
    Helper,
    Method,
    Parameter,
    Ping,
    QueryParameter,
    Rate,
    ReplyShape,
    RequestShape,
    Rule,
    RuleKind,
    SecurityScheme,
    Sequence,
    Server,
    Settle,
    Signing,
    Socket,
    Stream,
    StreamShape,
    UserData,
    Variant,
    Weight,
    WeightCase,
)
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    Branch,
    EnumType,
    EnumValue,
    Field,
    Kind,
    Levels,
    Literal,
    Map,
    NamedType,
    Nullable,
    Origin,
    Ref,
    Scalar,
    StructType,
    Tag,
    Tuple,
    Type,
    UnionType,
)

MARKET = Origin("specs/mini/market.md", 12)
TRADING = Origin("specs/mini/trading.md", 3)
STREAMS = Origin("specs/mini/streams.md", 3)
USER = Origin("specs/mini/user_data.md", 3)
DOCUMENT = Origin("specs/mini/asyncapi.yaml", 1)

STRING, INTEGER, DECIMAL, TIME = (Scalar(kind) for kind in (Kind.STRING, Kind.INTEGER, Kind.DECIMAL, Kind.TIME))


def enum(name: str, doc: str, **values: str) -> EnumType:
    return EnumType(name, tuple(EnumValue(wire, member) for member, wire in values.items()), DOCUMENT, doc)


def struct(name: str, doc: str, *fields: Field, origin: Origin = MARKET, **more: object) -> StructType:
    return StructType(name, fields, origin, doc, **more)  # type: ignore[arg-type]


def has(wire: str, name: str, type_: Type, doc: str = "", *, required: bool = True, when: str = "") -> Field:
    return Field(wire, name, type_, MARKET, required, doc, when)


def event(name: str, tag: str, doc: str, *fields: Field, origin: Origin = STREAMS) -> StructType:
    return struct(name, doc, *fields, origin=origin, module="events", tag=Tag("e", (tag,)))


def takes(wire: str, name: str, type_: Type, doc: str = "", **more: object) -> Parameter:
    return Parameter(wire, name, type_, TRADING, doc=doc, **more)  # type: ignore[arg-type]


SYMBOL = takes("symbol", "symbol", STRING, "Trading pair, such as `BTCUSDT`.", required=True)
EVENT_TIME = has("E", "event_time", TIME, "When the exchange sent the event, in milliseconds.")
SYMBOL_FIELD = has("s", "symbol", STRING, "Trading pair.")

TYPES: tuple[NamedType, ...] = (
    enum("Side", "Side of an order.", BUY="BUY", SELL="SELL"),
    enum("OrderType", "Type of an order.", LIMIT="LIMIT", MARKET="MARKET"),
    enum("Status", "How far an order is.", NEW="NEW", FILLED="FILLED"),
    enum("OrderResponseType", "How much an answer tells.", ACK="ACK", FULL="FULL"),
    enum("KlineInterval", "Length of a kline.", MINUTE_1="1m", MONTH_1="1M"),
    enum("TimeUnit", "Unit of a time.", MILLISECOND="MILLISECOND", MICROSECOND="MICROSECOND"),
    struct(
        "AveragePrice",
        "Average price of a symbol.",
        has("price", "price", DECIMAL, "Average price."),
        has("closeTime", "close_time", TIME, "Time of the last trade, in milliseconds."),
    ),
    struct(
        "PriceLevel",
        "One level of an order book.",
        has("0", "price", DECIMAL, "Price."),
        has("1", "quantity", DECIMAL, "Quantity at that price."),
        array_like=True,
    ),
    struct(
        "OrderBook",
        "Order book of a symbol.",
        has("lastUpdateId", "last_update_id", INTEGER, "Number of the last change that it holds."),
        has("bids", "bids", Levels(Ref("PriceLevel")), "Bids, best first."),
        has("asks", "asks", Levels(Ref("PriceLevel")), "Asks, best first."),
    ),
    struct("PriceTicker", "Last price of a symbol.", has("symbol", "symbol", STRING), has("price", "price", DECIMAL)),
    struct(
        "PriceFilter",
        "Which prices an order may have.",
        has("minPrice", "min_price", DECIMAL, "Lowest price."),
        tag=Tag("filterType", ("PRICE_FILTER",)),
    ),
    struct(
        "LotSize",
        "Which quantities an order may have.",
        has("stepSize", "step_size", DECIMAL, "Smallest step of a quantity."),
        tag=Tag("filterType", ("LOT_SIZE",)),
    ),
    UnionType(
        "Filter",
        (Branch(Ref("PriceFilter"), ("PRICE_FILTER",)), Branch(Ref("LotSize"), ("LOT_SIZE",))),
        MARKET,
        "A rule for orders of a symbol.",
        tag="filterType",
        unknown="UnknownFilter",
    ),
    struct(
        "SymbolRules",
        "What orders of a symbol may look like.",
        has("symbol", "symbol", STRING),
        has("filters", "filters", Array(Ref("Filter")), "The rules."),
        has("permissions", "permissions", Nullable(Array(STRING)), required=False),
        has("limits", "limits", Map(DECIMAL), required=False),
        has("range", "range", Tuple((DECIMAL, DECIMAL)), required=False),
        has("mode", "mode", Literal(("on", "off"))),
        has("note", "note", AnyOf((STRING, INTEGER)), required=False),
        has("raw", "raw", Scalar(Kind.JSON), required=False),
    ),
    struct(
        "PlacedOrder",
        "An order as it stands after it was placed.",
        has("symbol", "symbol", STRING, "Trading pair."),
        has("orderId", "order_id", INTEGER, "Order ID."),
        has("price", "price", DECIMAL, "Price."),
        has("status", "status", Ref("Status"), "Status."),
        has("icebergQty", "iceberg_quantity", DECIMAL, "Visible part.", required=False, when="`icebergQty` was sent"),
        origin=TRADING,
    ),
    struct("OrderAck", "That an order arrived.", has("orderId", "order_id", INTEGER, "Order ID."), origin=TRADING),
    event(
        "AggTrade",
        "aggTrade",
        "Trades of a single taker order, added up into one.",
        has("e", "event_type", STRING),
        EVENT_TIME,
        SYMBOL_FIELD,
        has("a", "agg_trade_id", INTEGER, "Aggregate trade ID."),
        has("p", "price", DECIMAL, "Price."),
    ),
    event("Kline", "kline", "Candle of a symbol.", EVENT_TIME, SYMBOL_FIELD),
    event("MiniTicker", "24hrMiniTicker", "Short statistics of a day.", EVENT_TIME, SYMBOL_FIELD),
    AliasType("AllMiniTicker", Array(Ref("MiniTicker")), STREAMS, "Mini tickers of all that changed.", "events"),
    event(
        "DiffBookDepth",
        "depthUpdate",
        "Changes of an order book.",
        has("U", "first_update_id", INTEGER),
        has("u", "last_update_id", INTEGER),
        has("b", "bids", Levels(Ref("PriceLevel")), "Changed bids."),
    ),
    struct(
        "BookTicker",
        "Best bid and ask. Has no event type on the wire.",
        has("u", "update_id", INTEGER, "Order book update ID."),
        origin=STREAMS,
        module="events",
    ),
    event("ExecutionReport", "executionReport", "What became of an order.", EVENT_TIME, SYMBOL_FIELD, origin=USER),
    event("BalanceUpdate", "balanceUpdate", "A deposit or a transfer.", EVENT_TIME, origin=USER),
)

REQUEST = RequestShape(id="/id", method="/method", params="/params")

METHODS = (
    Method(
        "avgPrice",
        "avg_price",
        (Variant("AvgPrice", Ref("AveragePrice")),),
        "api",
        MARKET,
        section="market",
        title="Current average price",
        doc="Current average price of a symbol.",
        parameters=(SYMBOL,),
        weight=Weight(2),
        data_source="Memory",
        request_example='{"symbol": "BTCUSDT"}',
        examples=(Example("", '{"price": "0.00000000", "closeTime": 1}', Ref("AveragePrice"), MARKET),),
    ),
    Method(
        "depth",
        "depth",
        (Variant("Depth", Ref("OrderBook")),),
        "api",
        MARKET,
        section="market",
        title="Order book",
        doc="Order book of a symbol.\n\nPolls the book once; for a live book use the stream.",
        parameters=(SYMBOL, takes("limit", "limit", INTEGER, "Levels per side.", default="100", maximum="5000")),
        weight=Weight(5, (WeightCase(5, "", "limit", 1, 100), WeightCase(25, "", "limit", 101, 500))),
    ),
    Method(
        "exchangeInfo",
        "exchange_info",
        (Variant("ExchangeInfo", Array(Ref("SymbolRules"))),),
        "api",
        MARKET,
        section="general",
        title="Exchange information",
    ),
    Method(
        "order.place",
        "order_place",
        (
            Variant("OrderPlace", Ref("PlacedOrder"), (Choice("new_order_resp_type", "FULL"),)),
            Variant("OrderPlaceAck", Ref("OrderAck"), (Choice("new_order_resp_type", "ACK"),)),
        ),
        "api",
        TRADING,
        section="trading",
        title="Place new order (TRADE)",
        doc="Place an order.",
        parameters=(
            SYMBOL,
            takes("side", "side", Ref("Side"), "Side of the order.", required=True),
            takes("type", "type", Ref("OrderType"), "Order type.", required=True),
            takes("quantity", "quantity", DECIMAL, "Quantity in base asset."),
            takes("price", "price", DECIMAL, "Price."),
            takes("newClientOrderId", "new_client_order_id", STRING, "Your own id."),
            takes("newOrderRespType", "new_order_resp_type", Ref("OrderResponseType"), "How much the answer tells."),
        ),
        rules=(Rule(RuleKind.MANDATORY, ("price", "quantity"), TRADING, "type", ("LIMIT",)),),
        security="TRADE",
        auth=Auth.SIGNED,
        weight=Weight(1),
        order_count=1,
        changes_state=True,
        client_order_id="new_client_order_id",
        settle=Settle("order.status", (("symbol", "symbol"), ("origClientOrderId", "new_client_order_id"))),
        helpers=(
            Helper(
                "limit",
                TRADING,
                (("type", "LIMIT"),),
                ("quantity", "price"),
                (("new_client_order_id", None),),
                "Buy or sell at `price` or better.",
            ),
        ),
    ),
    Method(
        "order.status",
        "order_status",
        (Variant("OrderStatus", Ref("PlacedOrder")),),
        "api",
        TRADING,
        section="trading",
        title="Query order",
        parameters=(SYMBOL, takes("origClientOrderId", "orig_client_order_id", STRING, "Your own id.", required=True)),
        security="USER_DATA",
        auth=Auth.SIGNED,
        errors=("-1003",),
        weight=Weight(4),
    ),
    Method(
        "ticker.price",
        "ticker_price",
        (
            Variant("TickerPrice", Ref("PriceTicker"), (Choice("symbol"),)),
            Variant("TickerPriceMany", Array(Ref("PriceTicker")), (Choice("symbol", absent=True),), Weight(4)),
        ),
        "api",
        MARKET,
        section="market",
        title="Symbol price ticker",
        doc="Last price of one symbol, of several, or of all.",
        parameters=(
            takes("symbol", "symbol", STRING, "Trading pair."),
            takes("symbols", "symbols", Array(STRING), "Trading pairs."),
        ),
        rules=(Rule(RuleKind.AT_MOST_ONE, ("symbol", "symbols"), MARKET),),
        weight=Weight(2),
    ),
)

STREAMS_LISTED = (
    Stream(
        "AggTradeStream",
        ("<symbol>@aggTrade",),
        Ref("AggTrade"),
        "streams",
        STREAMS,
        (SYMBOL,),
        section="streams",
        title="Aggregate trades",
        doc="Aggregate trades of one symbol, pushed in real time.",
        sequence=Sequence("a", step=1),
    ),
    Stream(
        "KlineStream",
        ("<symbol>@kline_<interval>",),
        Ref("Kline"),
        "streams",
        STREAMS,
        (SYMBOL, takes("interval", "interval", Ref("KlineInterval"), "Length of a kline.", required=True)),
        section="streams",
        title="Klines",
        interval=2.0,
    ),
    Stream(
        "DiffBookDepthStream",
        ("<symbol>@depth", "<symbol>@depth@100ms"),
        Ref("DiffBookDepth"),
        "streams",
        STREAMS,
        (SYMBOL, takes("updateSpeed", "update_speed", Literal(("100ms",)), "Without it every 1000 ms.")),
        section="streams",
        title="Changes of the book",
        interval=1.0,
        intervals=(("100ms", 0.1),),
        sequence=Sequence("u", "U"),
    ),
    Stream("AllMiniTickerStream", ("!miniTicker@arr",), Ref("AllMiniTicker"), "streams", STREAMS, title="Mini tickers"),
    Stream("BookTickerStream", ("<symbol>@bookTicker",), Ref("BookTicker"), "streams", STREAMS, (SYMBOL,)),
)

MINI = Api(
    "mini",
    "Mini",
    "Mini Exchange",
    DOCUMENT,
    servers=(
        Server(
            "production",
            (("api", "wss://ws-api.example.com:443"), ("streams", "wss://stream.example.com:9443")),
            DOCUMENT,
        ),
        Server("testnet", (("api", "wss://ws-api.testnet.example.com"),), DOCUMENT),
    ),
    sockets=(
        Socket(
            "api",
            "api",
            "/ws-api/v3",
            DOCUMENT,
            query=(QueryParameter("timeUnit", "time_unit", Ref("TimeUnit"), doc="Unit of every time."),),
            request=REQUEST,
            reply=ReplyShape("/id", "/status", (200,), "/result", "/error", "/error/code", "/error/msg"),
            event=EventShape("/event", "/e", "/subscriptionId"),
            dials=Rate(300, 300),
            ping=Ping("server", 20, 60),
            lifetime=86400,
            shutdown="serverShutdown",
        ),
        Socket(
            "streams",
            "streams",
            "/stream",
            DOCUMENT,
            request=REQUEST,
            reply=ReplyShape("/id", result="/result", error="/error", code="/error/code", message="/error/msg"),
            stream=StreamShape(("/stream",), "/data"),
            subscribe=Command("SUBSCRIBE"),
            unsubscribe=Command("UNSUBSCRIBE"),
            list=Command("LIST_SUBSCRIPTIONS"),
            streams=1024,
            messages=Rate(5, 1, ("ping", "pong", "text")),
            ping=Ping("server", 20, 60),
        ),
    ),
    methods=METHODS,
    streams=STREAMS_LISTED,
    events=(
        Event(
            Ref("ExecutionReport"),
            "ExecutionReport",
            ("executionReport",),
            USER,
            "Order Update",
            user_data=True,
            sequence=Sequence(key="I"),
        ),
        Event(Ref("BalanceUpdate"), "BalanceUpdate", ("balanceUpdate",), USER, "Balance Update", user_data=True),
    ),
    types=TYPES,
    errors=(ErrorCode(-1003, "TOO_MANY_REQUESTS", "RateLimited", "Too many.", DOCUMENT),),
    security=(
        SecurityScheme(
            "key",
            "apiKey",
            signing=Signing(
                "sorted-pairs",
                "apiKey",
                "signature",
                "timestamp",
                "recvWindow",
                60000,
                logon="session.logon",
                logon_keys=("ed25519",),
            ),
        ),
    ),
    user_data=(UserData("session", "userDataStream.subscribe", keys=("ed25519",), subscription="subscriptionId"),),
    amount_pattern=r"^([0-9]{1,20})(\.[0-9]{1,20})?$",
    sources=("specs/mini/asyncapi.yaml",),
)
