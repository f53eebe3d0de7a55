"""A query, a posting and a subscription by the Python client `gql`."""

import asyncio
import os
import uuid

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.websockets import WebsocketsTransport

# The demo key that posts.
KEY = "Bearer demo-preparer"

URL = os.environ.get("LEDGER_URL", "http://127.0.0.1:8080/graphql")

FIGURES = gql("""
  query ($year: FinancialYear!) {
    financialYear(year: $year) {
      plannedVersusActual(filter: { programme: "CYBER" }) {
        rows(first: 1) { edges { node { figures { original revised actual } } } }
      }
    }
  }
""")

REGISTER = gql("""
  mutation ($input: RegisterBodyInput!) {
    registerBody(input: $input) { position userErrors { code message } }
  }
""")

ENTRIES = gql("""
  subscription ($after: Position!) {
    entries(after: { position: $after }) { position idempotencyKey }
  }
""")


def registration():
    code = "P" + uuid.uuid4().hex[:10].upper()
    return {
        "input": {
            "code": code,
            "name": "A trust",
            "kind": "TRUST",
            "reason": "A test",
            "idempotencyKey": code,
        }
    }


def run(document, variables):
    """The document and its variables, in the form this client version takes."""
    if hasattr(document, "variable_values"):
        document.variable_values = variables
        return (document,), {}
    return (document,), {"variable_values": variables}


async def main():
    http = Client(transport=AIOHTTPTransport(url=URL, headers={"authorization": KEY}), fetch_schema_from_transport=True)
    async with http as session:
        args, named = run(FIGURES, {"year": "2017-18"})
        answer = await session.execute(*args, **named)
        rows = answer["financialYear"]["plannedVersusActual"]["rows"]["edges"]
        assert rows[0]["node"]["figures"]["revised"] == "72400000.00", rows

        first = registration()
        args, named = run(REGISTER, first)
        posted = (await session.execute(*args, **named))["registerBody"]
        assert posted["userErrors"] == [], posted
        after = posted["position"]

        second = registration()
        args, named = run(REGISTER, second)
        await session.execute(*args, **named)

    transport = WebsocketsTransport(
        url=URL.replace("http", "ws", 1), subprotocols=["graphql-transport-ws"]
    )
    async with Client(transport=transport) as session:
        args, named = run(ENTRIES, {"after": after})
        async for answer in session.subscribe(*args, **named):
            assert answer["entries"]["idempotencyKey"] == second["input"]["idempotencyKey"]
            break
    print("python gql: queried, posted and subscribed")


asyncio.run(main())
