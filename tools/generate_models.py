#!/usr/bin/env python3
"""Writes src/aws/models/ and docs/reference/models.md from botocore's service models.

    tools/generate_models.py [--data BOTOCORE_DATA_FOLDER] [SERVICE ...]

Without --data the installed botocore is asked for its folder. Without services, those that are there now are written again (or the
first five). The output is botocore's own layout without its documentation, one line for each operation and shape, so that a difference
can be read. What the models leave out and the wire needs (S3's root elements) is added here.
"""

import argparse
import glob
import gzip
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODELS = os.path.join(ROOT, "src", "aws", "models")
FIRST = ["cloudtrail", "cloudtrail-data", "iam", "sts", "s3"]

METADATA = ["apiVersion", "awsQueryCompatible", "endpointPrefix", "globalEndpoint", "jsonVersion", "protocol", "protocols",
            "serviceId", "signingName", "targetPrefix", "uid", "xmlNamespace"]
OPERATION = ["http", "input", "output", "errors", "httpChecksum", "authtype", "deprecated", "idempotent"]
SHAPE = ["type", "required", "members", "member", "key", "value", "payload", "min", "max", "pattern", "re2", "enum", "sensitive",
         "flattened", "timestampFormat", "locationName", "xmlNamespace", "exception", "fault", "error", "union", "document",
         "eventstream", "event"]
MEMBER = ["shape", "location", "locationName", "queryName", "flattened", "streaming", "idempotencyToken", "xmlAttribute",
          "xmlNamespace", "timestampFormat", "jsonvalue", "sensitive", "hostLabel"]

# CloudTrail has two target prefixes in use: botocore's and, for clients made from the Smithy model, its last part.
TARGET_ALIASES = {"cloudtrail": ["CloudTrail_20131101"]}
# How a live service names an exception's message where its model does not say: "message" but for these.
MESSAGE_MEMBERS = {"cloudtrail": "Message"}
# What records do not show, though the model does not say that it is sensitive.
SENSITIVE_SHAPES = {"sns": ["MessageAttributeMap", "message", "subject", "token"]}
# Services whose validation errors do not repeat the value that is wrong.
HIDES_VALUES = ["iam"]
# What SQS was called in the query protocol, which its model no longer has and clients still speak: the names of lists' elements and of
# maps' keys and values, of members, and of errors. Its JSON has none of these names.
SQS_LISTS = {"AWSAccountIdList": "AWSAccountId", "ActionNameList": "ActionName", "AttributeNameList": "AttributeName",
             "BinaryList": "BinaryListValue", "MessageAttributeNameList": "MessageAttributeName", "MessageList": "Message",
             "MessageSystemAttributeList": "MessageSystemAttributeName", "QueueUrlList": "QueueUrl", "StringList": "StringListValue",
             "TagKeyList": "TagKey"}
SQS_MAPS = {"MessageBodyAttributeMap": ("Name", ""), "MessageBodySystemAttributeMap": ("Name", ""),
            "MessageSystemAttributeMap": ("Name", "Attribute"), "QueueAttributeMap": ("Name", "Attribute"), "TagMap": ("Key", "Tag")}
SQS_MEMBERS = {"MessageAttributes": "MessageAttribute", "MessageSystemAttributes": "MessageSystemAttribute",
               "StringListValues": "StringListValue", "BinaryListValues": "BinaryListValue"}
SQS_ERRORS = {"OverLimit": ("OverLimit", 403), "PurgeQueueInProgress": ("AWS.SimpleQueueService.PurgeQueueInProgress", 403),
              "QueueDoesNotExist": ("AWS.SimpleQueueService.NonExistentQueue", 400), "QueueNameExists": ("QueueAlreadyExists", 400)}
SQS_ERRORS |= {name: ("AWS.SimpleQueueService." + name, 400)
               for name in ("BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "InvalidBatchEntryId", "MessageNotInflight",
                            "QueueDeletedRecently", "TooManyEntriesInBatchRequest", "UnsupportedOperation")}
# Members that hold what callers keep in SQS: records do not show them.
SQS_SENSITIVE = {"MessageBody", "MessageAttributes", "MessageSystemAttributes"}

S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# The root elements of S3's answers, by operation. botocore takes any root, so its model has none; other clients check.
S3_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsOutput",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}


def pick(source, keys):
    return {key: source[key] for key in keys if key in source}


def to_re2(pattern):
    """A Java pattern in RE2's syntax, or why there is none."""
    if re.search(r"\(\?(=|!|<=|<!|>)", pattern):
        return None, "look-around"
    if re.search(r"\\p\{(Print|Graph|Punct|Alpha|Alnum|Digit|Upper|Lower|Blank|Cntrl|Space|XDigit|ASCII)\}", pattern):
        return None, "a class that RE2 does not have"
    # Escapes and character classes are put out of the way first.
    if re.search(r"[*+?}]\+", re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "x", pattern)):
        return None, "possessive quantifier"
    for bounds in re.findall(r"\{(\d+)(?:,(\d*))?\}", pattern):
        if any(bound and int(bound) > 1000 for bound in bounds):
            return None, "repeat above 1,000"

    def pair(match):
        high, low = int(match.group(1), 16), int(match.group(2), 16)
        return "\\x{%X}" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))

    out = re.sub(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})", pair, pattern)
    out = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: "\\x{%s}" % m.group(1), out)
    out = out.replace("\\_", "_")
    if re.search(r"\\x\{[dD][89a-fA-F][0-9a-fA-F]{2}\}", out):
        return None, "lone surrogate"
    return out, None


def sqs_element(name):
    return SQS_LISTS.get(name, name.removesuffix("List"))


def name_for_query(name, shape, shapes):
    """Gives a shape of SQS the names that it has in the query protocol: a list's elements stand under their own."""
    if shape["type"] == "list":
        shape["member"]["locationName"] = sqs_element(name)
    if shape["type"] == "map":
        key, own = SQS_MAPS[name]
        shape["key"]["locationName"], shape["value"]["locationName"] = key, "Value"
        if own:
            shape["locationName"] = own
    for member, use in shape.get("members", {}).items():
        if member in SQS_MEMBERS:
            use["locationName"] = SQS_MEMBERS[member]
        elif shapes[use["shape"]]["type"] == "list":
            use["locationName"] = sqs_element(use["shape"])
        if member in SQS_SENSITIVE:
            use["sensitive"] = True
    if name in SQS_ERRORS:
        code, status = SQS_ERRORS[name]
        shape["error"] = {"code": code, "httpStatusCode": status, "senderFault": True}


class Model:
    def __init__(self, name, source, dropped):
        self.name = name
        self.source = source
        self.dropped = dropped

    def metadata(self):
        out = pick(self.source["metadata"], METADATA)
        if self.name in TARGET_ALIASES:
            out["targetPrefixAliases"] = TARGET_ALIASES[self.name]
        if self.name in MESSAGE_MEMBERS:
            out["messageMember"] = MESSAGE_MEMBERS[self.name]
        if self.name in HIDES_VALUES:
            out["hidesValues"] = True
        if self.name == "s3":
            out["xmlNamespace"] = S3_NAMESPACE
        if self.name == "sqs":
            out |= {"protocols": ["json", "query"], "xmlNamespace": "http://queue.amazonaws.com/doc/2012-11-05/", "jsonHasOwnNames": True}
        return out

    def operation(self, name, source):
        out = pick(source, OPERATION)
        out["errors"] = sorted(error["shape"] for error in source.get("errors", []))
        if not out["errors"]:
            del out["errors"]
        if self.name == "s3" and name in S3_ROOTS:
            out["output"] = dict(out["output"], locationName=S3_ROOTS[name])
            if name == "GetBucketLocation":
                out["output"]["unwrapped"] = True
        return out

    def shape(self, name, source):
        out = pick(source, SHAPE)
        if "members" in out:
            out["members"] = {key: pick(member, MEMBER) for key, member in out["members"].items()}
        for key in ("member", "key", "value"):
            if key in out:
                out[key] = pick(out[key], MEMBER)
        if "pattern" in out:
            self.translate(name, out)
        if name in SENSITIVE_SHAPES.get(self.name, []):
            out["sensitive"] = True
        if self.name == "sqs":
            name_for_query(name, out, self.source["shapes"])
        return out

    def translate(self, name, out):
        translated, why_not = to_re2(out["pattern"])
        if why_not:
            out["re2"] = ""
            self.dropped.append((self.name, name, out["pattern"], why_not))
        elif translated != out["pattern"]:
            out["re2"] = translated

    def write(self, path):
        line = lambda value: json.dumps(value, separators=(",", ":"), sort_keys=False, ensure_ascii=True)
        section = lambda entries: ",\n".join("%s:%s" % (json.dumps(key), line(entries[key])) for key in sorted(entries))
        operations = {key: self.operation(key, value) for key, value in self.source["operations"].items()}
        shapes = {key: self.shape(key, value) for key, value in self.source["shapes"].items()}
        with open(path, "w", encoding="ascii", newline="\n") as out:
            out.write('{"metadata":%s,\n"operations":{\n%s\n},\n"shapes":{\n%s\n}}\n'
                      % (line(self.metadata()), section(operations), section(shapes)))
        return len(operations), len(shapes)


def read_service(folder, name):
    found = sorted(glob.glob(os.path.join(folder, name, "*", "service-2.json*")))
    found = [path for path in found if path.endswith(("service-2.json", "service-2.json.gz"))]
    if not found:
        sys.exit("no model of %s under %s" % (name, folder))
    opened = gzip.open(found[-1], "rt", encoding="utf-8") if found[-1].endswith(".gz") else open(found[-1], encoding="utf-8")
    with opened as file:
        return json.load(file)


def botocore_folder(given):
    try:
        import botocore
    except ImportError:
        if not given:
            sys.exit("botocore is not installed: give its data folder by --data")
        return given, "given folder"
    return given or os.path.join(os.path.dirname(botocore.__file__), "data"), botocore.__version__


def write_list(names):
    lines = ["// Written by tools/generate_models.py. MODEL(symbol, file): the service models in this folder."]
    lines += ['MODEL(%s, "%s")' % (name.replace("-", "_"), name + ".json") for name in names]
    with open(os.path.join(MODELS, "models.inc"), "w", newline="\n") as out:
        out.write("\n".join(lines) + "\n")


def write_reference(version, rows, dropped):
    lines = [
        "# Service models", "",
        "Written by `tools/generate_models.py`; do not edit. The files in `src/aws/models/` are made from the service models of botocore "
        "(Apache License 2.0, Copyright Amazon.com, Inc. or its affiliates), documentation removed. Every wire matter of Cairn "
        "(recognising a call, reading it, checking it, answering it) is driven by them.", "",
        "botocore %s" % version, "",
        "| service | protocol | API version | operations | shapes |", "|---|---|---|---|---|"]
    lines += ["| %s | %s | %s | %d | %d |" % row for row in rows]
    lines += [
        "", "## Added to the models", "",
        "- cloudtrail: the second target prefix, `CloudTrail_20131101`, and the name of an exception's message, `Message`, which live CloudTrail uses.",
        "- iam: that validation errors do not repeat the value that is wrong.",
        "- sns: that texts, subjects, attributes and tokens of messages are sensitive.",
        "- sqs: the query protocol, which clients still speak: its names of members and errors; which members hold messages.",
        "- s3: the XML namespace and the root elements of answers; GetBucketLocation's root holds the value itself.",
        "", "## Patterns", "",
        "The models' patterns are Java's. They are translated to RE2's syntax (`re2` beside `pattern` where the two differ) and must match the whole "
        "value. Java's `.` stops at every line terminator, RE2's at line feed alone. These cannot be written for RE2 and are not checked:", ""]
    lines += ["| service | shape | pattern | why |", "|---|---|---|---|"]
    lines += ["| %s | %s | `%s` | %s |" % (service, shape, pattern.replace("|", "\\|"), why) for service, shape, pattern, why in sorted(dropped)]
    if not dropped:
        lines[-2:] = ["None."]
    with open(os.path.join(ROOT, "docs", "reference", "models.md"), "w", encoding="utf-8", newline="\n") as out:
        out.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", help="botocore's data folder")
    parser.add_argument("services", nargs="*")
    arguments = parser.parse_args()
    folder, version = botocore_folder(arguments.data)
    there = sorted(os.path.basename(path)[:-5] for path in glob.glob(os.path.join(MODELS, "*.json")))
    names = sorted(set(arguments.services)) or there or FIRST
    os.makedirs(MODELS, exist_ok=True)
    os.makedirs(os.path.join(ROOT, "docs", "reference"), exist_ok=True)
    rows, dropped = [], []
    for name in names:
        source = read_service(folder, name)
        counts = Model(name, source, dropped).write(os.path.join(MODELS, name + ".json"))
        metadata = source["metadata"]
        rows.append((name, ", ".join(metadata.get("protocols", [metadata["protocol"]])), metadata["apiVersion"]) + counts)
    for name in set(there) - set(names):
        os.remove(os.path.join(MODELS, name + ".json"))
    write_list(names)
    write_reference(version, rows, dropped)


if __name__ == "__main__":
    main()
