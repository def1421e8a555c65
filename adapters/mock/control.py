"""Control end-points below `/_control`: faults, rights, clock, orders, and whose a link is.

JSON in and out, this machine only. A wrong body is 400 with one sentence.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.mock.buyer import walk
from adapters.mock.clock import span
from adapters.mock.faults import FaultRule
from adapters.mock.local import local_only
from adapters.mock.orders import STEPS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from adapters.mock.clock import MovableClock
    from adapters.mock.contract import MockPlatform
    from adapters.mock.values import MockOrder
    from adapters.mock.world import World

__all__ = ["control_app"]

_Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _FaultBody(_Body):
    platform: _Name
    method: _Name = "*"
    kind: _Name
    count: int | None = 1
    args: dict[str, str] = Field(default_factory=dict)


class _RightBody(_Body):
    platform: _Name
    right: _Name
    granted: bool | None


class _ProfileBody(_Body):
    platform: _Name
    profile: Literal["lenient", "strict"]


class _ClockBody(_Body):
    advance: int | str


class _BuyBody(_Body):
    url: Annotated[str, Field(max_length=4096)]
    quantity: int = 1
    pay: bool = True


class _StepBody(_Body):
    amount: int | None = None
    reason: str | None = None


BodyT = TypeVar("BodyT", bound=_Body)


async def _read(request: web.Request, model: type[BodyT]) -> BodyT:
    """The body as `model`; an empty body is an empty object. ValueError with a sentence."""
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{name}: {first['msg']}" if name else first["msg"]) from error


@web.middleware
async def _errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What the caller got wrong is 400, what there is not 404, both as JSON."""
    try:
        return await handler(request)
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)
    except LookupError as error:
        return web.json_response({"error": str(error.args[0])}, status=404)
    except web.HTTPException as error:
        return web.json_response({"error": error.reason}, status=error.status)


def _order_json(order: MockOrder) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(order).items()
    }


class _Control:
    def __init__(self, world: World, clock: MovableClock, mocks: Sequence[MockPlatform]) -> None:
        self.world = world
        self.clock = clock
        self.mocks = mocks

    def known(self, platform: str, *, any_too: bool = False) -> str:
        """`platform` if there is such a mock."""
        ids = [mock.id for mock in self.mocks] + (["*"] if any_too else [])
        if platform not in ids:
            raise ValueError(f"platform is one of {', '.join(ids)}")
        return platform

    async def whose(self, request: web.Request) -> web.Response:
        url = request.query.get("url", "")
        for mock in self.mocks:
            if (whose := mock.whose(url)) is not None:
                return web.json_response({"platform": mock.id, **asdict(whose)})
        raise LookupError("this is no promotion link of these platforms")

    async def list_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"faults": [asdict(rule) for rule in self.world.faults.rules]})

    async def add_fault(self, request: web.Request) -> web.Response:
        body = await _read(request, _FaultBody)
        self.known(body.platform, any_too=True)
        self.world.faults.add(FaultRule(**body.model_dump()))
        return await self.list_faults(request)

    async def clear_faults(self, request: web.Request) -> web.Response:
        self.world.faults.clear()
        return await self.list_faults(request)

    async def set_right(self, request: web.Request) -> web.Response:
        body = await _read(request, _RightBody)
        self.world.set_right(self.known(body.platform), body.right, body.granted)
        return web.json_response(body.model_dump())

    async def set_profile(self, request: web.Request) -> web.Response:
        body = await _read(request, _ProfileBody)
        self.world.set_profile(self.known(body.platform), body.profile)
        return web.json_response(body.model_dump())

    async def show_clock(self, _request: web.Request) -> web.Response:
        offset = int(self.clock.offset().total_seconds())
        return web.json_response({"now": self.clock.now().isoformat(), "offset_seconds": offset})

    async def move_clock(self, request: web.Request) -> web.Response:
        body = await _read(request, _ClockBody)
        self.clock.advance(span(str(body.advance)))
        return await self.show_clock(request)

    async def list_orders(self, request: web.Request) -> web.Response:
        platform = request.query.get("platform")
        orders = self.world.all_orders(self.known(platform) if platform else None)
        return web.json_response({"orders": [_order_json(order) for order in orders]})

    async def step(self, request: web.Request) -> web.Response:
        name, number = request.match_info["step"], request.match_info["order_id"]
        if (order := self.world.order(number)) is None:
            raise LookupError("there is no such order")
        if (step := STEPS.get(name)) is None:
            raise ValueError(f"a step is one of {', '.join(STEPS)}")
        args = (await _read(request, _StepBody)).model_dump(exclude_none=True)
        item = self.world.item(order.platform, order.item_id)
        changed = step(order, self.world.now().replace(microsecond=0), args, item)
        self.world.change_order(changed)
        return web.json_response(_order_json(changed))

    async def buy(self, request: web.Request) -> web.Response:
        body = await _read(request, _BuyBody)
        visit = await walk(self.world, body.url)
        order = self.world.buy(
            self.known(visit.platform),
            visit.item_id,
            visit.link,
            body.quantity,
            clicked_at=visit.clicked_at,
            pay=body.pay,
        )
        return web.json_response(_order_json(order))

    async def reset(self, _request: web.Request) -> web.Response:
        self.world.reset()
        return web.json_response({"reset": True})


def control_app(
    world: World, clock: MovableClock, mocks: Sequence[MockPlatform]
) -> web.Application:
    """The application below `/_control`."""
    control = _Control(world, clock, mocks)
    app = web.Application(middlewares=[local_only, _errors])
    app.add_routes(
        [
            web.get("/whose", control.whose),
            web.get("/faults", control.list_faults),
            web.post("/faults", control.add_fault),
            web.delete("/faults", control.clear_faults),
            web.post("/rights", control.set_right),
            web.post("/profile", control.set_profile),
            web.get("/clock", control.show_clock),
            web.post("/clock", control.move_clock),
            web.get("/orders", control.list_orders),
            web.post("/orders/{order_id}/{step}", control.step),
            web.post("/buy", control.buy),
            web.post("/reset", control.reset),
        ]
    )
    return app
