"""Holds exchanges with CloudFront against AWS's own model of it, as Debian's python3-botocore carries it.

Standard input: a JSON list of {method, path, request, status, response}. Standard output: a JSON list of what is wrong, a line each.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

MODEL = ServiceModel(Loader().load_service_model("cloudfront", "service-2"), "cloudfront")


def operation_of(method, path):
    path, _, query = path.partition("?")
    for name in MODEL.operation_names:
        operation = MODEL.operation_model(name)
        uri, _, wanted = operation.http["requestUri"].partition("?")
        # Some of them end in a slash there, and in none where the SDK's model is newer.
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(uri.rstrip("/")))
        if operation.http["method"] != method or not re.fullmatch(pattern, path):
            continue
        if wanted in query.split("&") if wanted else "WithTags" not in query:
            return operation
    return None


def plain(tag):
    return tag.rpartition("}")[2]


def read(node, shape, where, problems):
    """The value of an element by its shape; what does not fit is told."""
    if shape.type_name == "structure":
        names = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        value = {}
        for child in node:
            if plain(child.tag) not in names:
                problems.append(f"{where}: unknown element {plain(child.tag)}")
                continue
            name, member = names[plain(child.tag)]
            if name in value:
                problems.append(f"{where}: {name} twice")
            value[name] = read(child, member, f"{where}.{name}", problems)
        return value
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        for child in node:
            if plain(child.tag) != item:
                problems.append(f"{where}: {plain(child.tag)} instead of {item}")
        return [read(child, shape.member, f"{where}[]", problems) for child in node]
    text = node.text or ""
    if len(node):
        problems.append(f"{where}: elements in a {shape.type_name}")
    if shape.type_name == "boolean":
        if text not in ("true", "false"):
            problems.append(f"{where}: {text} is no boolean")
        return text == "true"
    if shape.type_name in ("integer", "long"):
        if not re.fullmatch(r"-?\d+", text):
            problems.append(f"{where}: {text} is no number")
            return 0
        return int(text)
    if shape.type_name == "string" and shape.enum and text not in shape.enum:
        problems.append(f"{where}: {text} is none of {shape.enum}")
    return text


def quantities(value, where, problems):
    if isinstance(value, list):
        for each in value:
            quantities(each, where, problems)
    if not isinstance(value, dict):
        return
    if "Quantity" in value and value["Quantity"] != len(value.get("Items", [])):
        problems.append(f"{where}: Quantity {value['Quantity']} of {len(value.get('Items', []))} items")
    for name, each in value.items():
        quantities(each, f"{where}.{name}", problems)


def judge_body(text, shape, where, problems):
    payload = shape.serialization.get("payload")
    if payload:
        member = shape.members[payload]
        root = member.serialization.get("name", payload)
    else:
        member = shape
        root = None
    if not text:
        if payload or any("location" not in each.serialization for each in shape.members.values()):
            problems.append(f"{where}: no body")
        return
    node = ET.fromstring(text)
    if root and plain(node.tag) != root:
        # Answers name their root by the shape.
        if plain(node.tag) != member.name:
            problems.append(f"{where}: root {plain(node.tag)} instead of {root}")
    value = read(node, member, f"{where} {plain(node.tag)}", problems)
    report = ParamValidator().validate(value, member)
    if report.has_errors():
        problems.append(f"{where}: {report.generate_report()}")
    quantities(value, f"{where} {plain(node.tag)}", problems)


def judge(exchange, problems):
    operation = operation_of(exchange["method"], exchange["path"])
    if operation is None:
        problems.append(f"{exchange['method']} {exchange['path']}: no such operation")
        return
    if operation.input_shape is not None and (exchange["request"] or operation.http["method"] in ("POST", "PUT")):
        judge_body(exchange["request"], operation.input_shape, f"{operation.name} request", problems)
    if exchange["status"] < 300:
        if exchange["status"] != operation.http.get("responseCode", 200):
            problems.append(f"{operation.name}: status {exchange['status']}")
        if operation.output_shape is not None:
            judge_body(exchange["response"], operation.output_shape, f"{operation.name} answer", problems)


found = []
for each in json.load(sys.stdin):
    judge(each, found)
json.dump(sorted(set(found)), sys.stdout)
