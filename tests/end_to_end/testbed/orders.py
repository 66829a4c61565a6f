"""Orders as they come in, and the results that examples/orders.sql owes for them.

Nothing of EventFlux is used here: what is expected is worked out by hand.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

AMOUNTS: Sequence[float | int | None] = (None, -3, 0, 49.99, 50, 50.01, 100, 100.01, 1000, 1000.5)
"""At and beside the limits of the program's conditions."""
PRODUCTS: Sequence[str | None] = (
    "desk",
    "café table",
    'ruler 12"',
    "line\nbreak",
    "椅子",
    "",
    None,
)

Result = dict[str, Any]


def make_orders(count: int, seed: int, *, text_size: int = 0, prefix: str = "o") -> list[bytes]:
    """``count`` orders as JSON, each with an id of its own.

    Args:
        count: how many.
        seed: of the random values.
        text_size: characters that are added to each product, to make the messages larger.
        prefix: what the ids begin with.
    """
    draw = random.Random(seed)
    return [_order(draw, f"{prefix}-{number}", text_size) for number in range(count)]


def _order(draw: random.Random, order_id: str, text_size: int) -> bytes:
    amount = draw.choice(AMOUNTS) if draw.random() < 0.2 else round(draw.uniform(0, 2000), 2)
    product = draw.choice(PRODUCTS)
    if text_size:
        product = f"{product} {draw.randbytes(text_size // 2).hex()}"
    order: dict[str, Any] = {
        "order_id": order_id,
        "customer_id": f"c-{draw.randrange(500)}",
        "amount": amount,
        "product": product,
    }
    chance = draw.random()
    if chance < 0.02:
        del order["product"]
    elif chance < 0.04:
        order["unknown"] = {"field": [1, 2, None]}
    elif chance < 0.1:
        order = dict(reversed(order.items()))
    return json.dumps(order, ensure_ascii=draw.random() < 0.5).encode()


def expected_result(order: bytes) -> Result | None:
    """What is owed for one order; ``None`` if nothing is."""
    values = json.loads(order)
    amount = values.get("amount")
    if amount is None or not amount > 50:
        return None
    return {
        "order_id": values["order_id"],
        "customer_id": values["customer_id"],
        "amount": amount,
        "product": values.get("product"),
        "priority": "HIGH" if amount > 1000 else "MEDIUM" if amount > 100 else "LOW",
    }


def expected_results(orders: Iterable[bytes]) -> list[Result]:
    """What is owed for these orders, in their order."""
    return [result for order in orders if (result := expected_result(order)) is not None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What arrived against what is owed; ids of orders."""

    expected: int
    arrived: int
    lost: list[str] = field(default_factory=list)
    """Owed and not there."""
    wrong: list[Result] = field(default_factory=list)
    """There and not owed, or with another content."""
    duplicates: int = 0
    """Arrivals beyond the first of each."""
    in_order: bool = True
    """Whether the first arrivals came in the order of the orders."""

    def __str__(self) -> str:
        return (
            f"{self.arrived} of {self.expected} results, {self.duplicates} duplicates, "
            f"{len(self.lost)} lost {self.lost[:5]}, {len(self.wrong)} wrong {self.wrong[:3]}"
        )


def compare(orders: Sequence[bytes], bodies: Sequence[bytes]) -> Comparison:
    """Compare the bodies of the output queue with what is owed for ``orders``."""
    owed = {result["order_id"]: result for result in expected_results(orders)}
    arrived = Counter[str]()
    wrong = []
    for body in bodies:
        result = json.loads(body)
        order_id = result.get("order_id")
        if owed.get(order_id) == result and list(result) == list(owed[order_id]):
            arrived[order_id] += 1
        else:
            wrong.append(result)
    return Comparison(
        expected=len(owed),
        arrived=len(arrived),
        lost=[order_id for order_id in owed if order_id not in arrived],
        wrong=wrong,
        duplicates=arrived.total() - len(arrived),
        in_order=list(arrived) == [order_id for order_id in owed if order_id in arrived],
    )
