"""CloudTrail records made for tests: shaped like real ones, each with an event id of its own."""

from __future__ import annotations

import datetime
import uuid

ACCOUNT = "111122223333"


def record(name: str = "CreateQueue", *, account: str = ACCOUNT, region: str = "us-east-1", user: str = "mira",
           when: datetime.datetime | None = None, event_id: str | None = None, source: str = "sqs.amazonaws.com",
           read_only: bool = False, category: str = "Management", **more: object) -> dict:
    when = when or datetime.datetime.now(datetime.timezone.utc)
    made = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAKESTREL00EXAMPLE",
            "arn": f"arn:aws:iam::{account}:user/{user}",
            "accountId": account,
            "accessKeyId": "AKIAKESTREL0EXAMPLE1",
            "userName": user,
        },
        "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "198.51.100.24",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": {"queueName": "nest"},
        "responseElements": None,
        "requestID": str(uuid.uuid4()),
        "eventID": event_id or str(uuid.uuid4()),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": category == "Management",
        "recipientAccountId": account,
        "eventCategory": category,
    }
    made.update(more)
    return made
