"""Records handed in at POST /_cairn/records."""

import gzip
import json
import uuid

import pytest
from cairn import Cairn, eventually
from records import ACCOUNT, record


def test_accepts_json_gzip_and_lines(cairn):
    one, two, three = record("One"), record("Two"), record("Three")
    assert json.loads(cairn.put_records([one])[1]) == {"accepted": 1, "duplicates": 0}
    assert json.loads(cairn.put_records([two], compress=True)[1]) == {"accepted": 1, "duplicates": 0}
    lines = "\n".join(json.dumps(r) for r in (three, record("Four"))).encode()
    assert json.loads(cairn.signed_post("/_cairn/records", lines, {"Content-Type": "application/x-ndjson"})[1]) == {"accepted": 2, "duplicates": 0}
    found = eventually(lambda: len([e for e in cairn.lookup_all() if e["Username"] == "mira"]) == 4)
    assert found
    kept = cairn.lookup_all(LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": one["eventID"]}])
    assert json.loads(kept[0]["CloudTrailEvent"]) == one


def test_an_event_id_seen_before_is_dropped(binary, tmp_path):
    with Cairn(binary, tmp_path, "") as cairn:
        one, two = record("One"), record("Two")
        cairn.put_records([one])
        assert json.loads(cairn.put_records([one, two, two])[1]) == {"accepted": 1, "duplicates": 2}
        cairn.kill()
        cairn.start()
        assert json.loads(cairn.put_records([one, two])[1]) == {"accepted": 0, "duplicates": 2}
        assert len([e for e in cairn.lookup_all() if e["Username"] == "mira"]) == 2


@pytest.mark.parametrize("change, word", [
    ({"eventID": None}, "eventID"),
    ({"eventTime": "yesterday"}, "eventTime"),
    ({"eventName": None}, "eventName"),
    ({"recipientAccountId": "999999999999"}, "account"),
])
def test_all_or_nothing_with_the_index_of_the_first_bad_one(cairn, change, word):
    good, bad = record("Good"), record("Bad")
    for member, value in change.items():
        if value is None:
            del bad[member]
        else:
            bad[member] = value
    status, body = cairn.put_records([good, bad])
    assert status == 400
    answer = json.loads(body)
    assert answer["index"] == 1 and word in answer["reason"], answer
    assert json.loads(cairn.put_records([good])[1]) == {"accepted": 1, "duplicates": 0}


@pytest.mark.parametrize("body, headers", [
    (b"", {}),
    (b"not json", {}),
    (b'{"Records":', {}),
    (b'{"Records":[{"eventID":"\xff"}]}', {}),
    (b"[" * 10000, {}),
    (gzip.compress(b"{}", mtime=0)[:-4], {"Content-Encoding": "gzip"}),
    (b"plain", {"Content-Encoding": "gzip"}),
    (b"{}", {"Content-Encoding": "br"}),
])
def test_garbage_is_refused(cairn, body, headers):
    status, answer = cairn.signed_post("/_cairn/records", body, headers)
    assert status == 400 and json.loads(answer)["reason"], answer


def test_a_zip_bomb_is_refused(cairn):
    bomb = gzip.compress(b"[" + b" " * (512 << 20) + b"]", 9)
    status, _ = cairn.signed_post("/_cairn/records", bomb, {"Content-Encoding": "gzip"})
    assert status in (400, 413)
    assert cairn.get("/_cairn/livez")[0] == 200


def test_only_who_may(binary, tmp_path):
    config = """
accounts:
  - id: "111122223333"
    name: main
    users:
      - {name: root-admin, administrator: true, keys: [{id: AKIAEXAMPLE00000001, secret: one-secret}]}
      - name: sender
        keys: [{id: AKIAEXAMPLE00000002, secret: two-secret}]
        policies:
          - name: send
            document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "cairn:PutRecords", Resource: "*"}]}
      - {name: nobody, keys: [{id: AKIAEXAMPLE00000003, secret: three-secret}]}
  - id: "444455556666"
    name: other
    users:
      - {name: other-admin, administrator: true, keys: [{id: AKIAEXAMPLE00000004, secret: four-secret}]}
"""
    with Cairn(binary, tmp_path, config) as cairn:
        assert cairn.put_records([record()], profile="111122223333.sender")[0] == 200
        assert cairn.put_records([record()], profile="111122223333.nobody")[0] == 403
        # Another account's needs an administrator of the first.
        assert cairn.put_records([record(account="444455556666")], profile="111122223333.sender")[0] == 400
        assert cairn.put_records([record(account="444455556666")], profile="default")[0] == 200
        assert cairn.put_records([record(account=ACCOUNT)], profile="444455556666")[0] == 400
        assert cairn.put_records([record(account="444455556666")], profile="444455556666")[0] == 200
        # No account sees another's events.
        mine = {json.loads(e["CloudTrailEvent"])["recipientAccountId"] for e in cairn.lookup_all()}
        assert mine == {ACCOUNT}


def test_unsigned_is_refused(cairn):
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(cairn.endpoint + "/_cairn/records", data=json.dumps({"Records": [record(event_id=str(uuid.uuid4()))]}).encode())
    assert caught.value.code == 403
