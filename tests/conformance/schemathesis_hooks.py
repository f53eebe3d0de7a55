"""Random values of our scalars, mostly well formed, and the check of every answer to a random
document: data, or a refusal with its code."""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes, scalar


@schemathesis.check
def data_or_a_refusal_with_its_code(ctx, response, case):
    assert response.status_code < 500, response.text
    answer = response.json()
    for error in answer.get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code and code != "INTERNAL_SERVER_ERROR", error
    assert "data" in answer or answer["errors"], answer


def texts(pattern):
    well_formed, any_text = st.from_regex(pattern, fullmatch=True), st.text(max_size=40)
    chosen = st.integers(0, 19).flatmap(lambda one: any_text if one == 19 else well_formed)
    return chosen.map(nodes.String)


CODE = r"[A-Z0-9][A-Z0-9-]{0,15}"
YEAR = r"20[0-9][0-9]-[0-9][0-9]|2017-18|2018-19"
scalar("MoneyGBP", texts(r"-?[0-9]{1,13}(\.[0-9]{1,2})?"))
scalar("FinancialYear", texts(YEAR))
scalar("Month", texts(r"M([1-9]|1[0-3])"))
scalar("Position", texts(r"[0-9]{1,3}"))
scalar("LineKey", texts(rf"(CYBER|WIFI|{CODE})/XDH/2018-19/(capital|revenue|unsplit)"))
for name in ("ProgrammeCode", "BodyCode", "FundCode", "RingFenceCode"):
    scalar(name, texts(rf"CYBER|XDH|P2020|{CODE}"))
scalar("Reference", texts(r"[A-Za-z0-9 -]{1,64}"))
scalar("BaselineName", texts(r"[a-z0-9-]{1,40}"))
scalar("Percentage", texts(r"[0-9]{1,3}\.[0-9]"))
scalar("Decimal", texts(r"[0-9]\.[0-9]{1,4}"))
scalar("DateTime", texts(r"20[0-2][0-9]-0[1-9]-[01][1-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z"))
scalar("Date", texts(r"20[0-2][0-9]-0[1-9]-[01][1-9]"))
