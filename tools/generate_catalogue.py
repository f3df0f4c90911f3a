#!/usr/bin/env python3
"""Writes src/aws/models/everything.bin and docs/reference/services.md from botocore's service models.

    tools/generate_catalogue.py [--data BOTOCORE_DATA_FOLDER]

The archive has every service of botocore but those that src/aws/models/ has whole (tools/generate_models.py): each model packed by gzip,
without documentation, constraints and enums, which only a service that answers needs. In front of them stands an index of one line a
service, `NAME PACKED_BYTES BYTES {"metadata":{...}}`, and an empty line behind it. The same models give the same bytes.
"""

import argparse
import glob
import gzip
import json
import os

import generate_models as models

ARCHIVE = os.path.join(models.MODELS, "everything.bin")
REFERENCE = os.path.join(models.ROOT, "docs", "reference", "services.md")
HEAD = "cairn models 1\n"

METADATA = [key for key in models.METADATA if key not in ("globalEndpoint", "uid")]
OPERATION = ["http", "input", "output", "authtype", "deprecated"]
SHAPE = [key for key in models.SHAPE if key not in ("min", "max", "pattern", "re2", "enum")]


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def shape_of(source):
    out = models.pick(source, SHAPE)
    if "members" in out:
        out["members"] = {key: models.pick(member, models.MEMBER) for key, member in out["members"].items()}
    for key in ("member", "key", "value"):
        if key in out:
            out[key] = models.pick(out[key], models.MEMBER)
    return out


def model_of(source):
    operations = {name: models.pick(operation, OPERATION) for name, operation in sorted(source["operations"].items())}
    shapes = {name: shape_of(shape) for name, shape in sorted(source["shapes"].items())}
    return {"metadata": models.pick(source["metadata"], METADATA), "operations": operations, "shapes": shapes}


def services_of(folder):
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(folder, "*"))
                  if glob.glob(os.path.join(path, "*", "service-2.json*")))


def row(name, metadata, operations, whole):
    return "| %s | %s | %s | %s | %d | %s |" % (
        name, metadata.get("signingName", metadata["endpointPrefix"]), ", ".join(metadata.get("protocols") or [metadata["protocol"]]),
        metadata["apiVersion"], operations, "answered" if whole else "")


def write_reference(version, rows, operations):
    lines = [
        "# Services that are recognised", "",
        "Written by `tools/generate_catalogue.py`; do not edit. Calls of these services are recognised, by operation, whichever of the "
        "protocols they come in, and recorded when they are relayed. The program has them from the service models of botocore (Apache "
        "License 2.0, Copyright Amazon.com, Inc. or its affiliates), of each service the newest API version.", "",
        "botocore %s: %d services, %d operations. \"answered\": Cairn has the whole model and answers calls itself "
        "([models.md](models.md))." % (version, len(rows), operations), "",
        "| service | signing name | protocols | API version | operations | |", "|---|---|---|---|---|---|"]
    with open(REFERENCE, "w", encoding="utf-8", newline="\n") as out:
        out.write("\n".join(lines + rows) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", help="botocore's data folder")
    folder, version = models.botocore_folder(parser.parse_args().data)
    ours = {os.path.basename(path)[:-5] for path in glob.glob(os.path.join(models.MODELS, "*.json"))}
    index, bodies, rows, operations = [], [], [], 0
    for name in services_of(folder):
        source = models.read_service(folder, name)
        model = model_of(source)
        operations += len(model["operations"])
        metadata = models.Model(name, source, []).metadata() if name in ours else model["metadata"]
        rows.append(row(name, metadata, len(model["operations"]), name in ours))
        if name in ours:
            continue
        text = compact(model).encode("ascii")
        bodies.append(gzip.compress(text, 9, mtime=0))
        index.append("%s %d %d %s\n" % (name, len(bodies[-1]), len(text), compact({"metadata": model["metadata"]})))
    with open(ARCHIVE, "wb") as out:
        out.write((HEAD + "".join(index) + "\n").encode("ascii"))
        out.write(b"".join(bodies))
    write_reference(version, rows, operations)


if __name__ == "__main__":
    main()
