"""Real CloudTrail files handed in: each distinct management event once in the history and once in the files, content equal."""

import gzip
import json

import pytest
from cairn import Cairn, eventually

BATCH = 500


def config_for(accounts):
    lines = ["history: {retention: 3650d}", "delivery: {interval: 1s}", "accounts:"]
    for number, account in enumerate(accounts):
        lines += [f'  - id: "{account}"', f"    name: account-{number}", "    users:",
                  f"      - {{name: admin, administrator: true, keys: [{{id: AKIATEST{number:012d}, secret: secret-{number}}}]}}"]
    return "\n".join(lines) + "\n"


def sans504(data):
    return [r for file in sorted((data / "cloudtrail/sans504-s3-ransomware").rglob("*.json.gz")) for r in json.loads(gzip.decompress(file.read_bytes()))["Records"]]


def stratus(data):
    records = []
    for file in sorted((data / "cloudtrail/stratus-red-team").rglob("*.json")):
        content = json.loads(file.read_text())
        records += content if isinstance(content, list) else content.get("Records", [content])
    return records


def account_of(record):
    return record.get("recipientAccountId") or record["userIdentity"]["accountId"]


def is_management(record):
    return record.get("eventCategory", "Management") == "Management" and record.get("managementEvent", True)


@pytest.mark.parametrize("load", [sans504, stratus])
def test_each_event_once(binary, tmp_path, data, load):
    records = load(data)
    accounts = sorted({account_of(r) for r in records})
    with Cairn(binary, tmp_path, config_for(accounts)) as cairn:
        regions = sorted({r["awsRegion"] for r in records})
        for account in accounts:
            cairn.make_trail(profile=account, bucket=f"logs-{account}", IsMultiRegionTrail=True)
        accepted = duplicates = 0
        for start in range(0, len(records), BATCH):
            status, body = cairn.put_records(records[start : start + BATCH], compress=start % 1000 == 0)
            assert status == 200, body
            accepted += json.loads(body)["accepted"]
            duplicates += json.loads(body)["duplicates"]
        distinct = {r["eventID"]: r for r in records}
        assert (accepted, duplicates) == (len(distinct), len(records) - len(distinct))
        expected = {i: r for i, r in distinct.items() if is_management(r)}
        print(f"{len(records)} records, {len(distinct)} distinct, {len(expected)} management, {len(accounts)} accounts, {len(regions)} regions")

        places = sorted({(account_of(r), r["awsRegion"]) for r in records})

        def history():
            found = [json.loads(e["CloudTrailEvent"]) for account, region in places for e in cairn.lookup_all(profile=account, region=region)]
            ours = [r for r in found if r["eventID"] in distinct]
            return ours if len(ours) >= len(expected) else None

        found = eventually(history)
        assert found and sorted(r["eventID"] for r in found) == sorted(expected)
        assert all(r == expected[r["eventID"]] for r in found)

        def files():
            delivered = [r for account in accounts for r in cairn.delivered(profile=account, bucket=f"logs-{account}")]
            ours = [r for r in delivered if r["eventID"] in distinct]
            return ours if len(ours) >= len(expected) else None

        delivered = eventually(files, pause=0.5)
        assert delivered and sorted(r["eventID"] for r in delivered) == sorted(expected)
        assert all(r == expected[r["eventID"]] for r in delivered)
